"""Images of cases: what an editor may upload, what is kept of it, and who can fetch it."""

import os
import struct
import time
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from PIL import Image, ImageCms
from test_admin import ADD, PUBLISH, change, faults, inline, typed  # noqa: F401  (a fixture)

from cases import images
from cases.models import Case, CaseImage

GPS, ORIENTATION = 0x8825, 0x0112


def picture(size=(600, 500), form="JPEG", mode="RGB", colour="teal", **options):
    """A file with a picture, of which the upper left is white."""
    made = Image.new(mode, size, colour)
    made.paste(Image.new("RGB", (size[0] // 2, size[1] // 2), "white").convert(mode))
    file = BytesIO()
    made.save(file, form, **options)
    return file.getvalue()


def photo_of_a_phone():
    """Lying on its side, with the place where it was taken."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # turn right to see it upright
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (6.0, 5.0, 0.0)})
    return picture((1200, 800), exif=exif, comment=b"Zwolle", xmp=b"<x>Zwolle</x>")


def png_that_claims(width, height):
    """A small PNG of which the header claims more pixels than a server can hold."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")
    )


def row(content, **values):
    upload = SimpleUploadedFile("foto.jpg", content, "image/jpeg")
    return {"upload": upload, "alt": "Een robotarm.", "credit": "ROC Oost", "order": 1} | values


def stored():
    folder = Path(images.default_storage.path(images.FOLDER))
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def opened(content):
    return Image.open(BytesIO(content))


def addresses(image):
    return [f"/beelden/{name}" for name in image.names]


def status(client, address):
    response = client.get(address)
    list(response)  # read to the end, the file is closed
    return response.status_code


@pytest.fixture
def add(admin_client, typed):  # noqa: F811
    """Add a published case with these images in the admin."""

    def send(*rows, **values):
        return admin_client.post(ADD, typed | PUBLISH | inline("images", *rows) | values)

    return send


def test_photo_is_kept_upright_in_three_kinds_without_a_trace_of_place_or_original(add):
    original = photo_of_a_phone()
    assert b"Zwolle" in original
    assert opened(original).getexif().get_ifd(GPS)
    assert add(row(original)).status_code == 302
    image = CaseImage.objects.get()
    assert (image.width, image.height) == (480, 720)  # 800 wide when upright, and never made larger
    kept = stored()
    assert sorted(kept) == sorted(image.names) == sorted(f"{image.digest}-480.{kind}" for kind in images.TYPES)
    for name, content in kept.items():
        each = opened(content)
        assert each.size == (480, 720), name
        red, green, blue = each.convert("RGB").getpixel((470, 10))  # the white corner is turned to the right
        assert min(red, green, blue) > 240, name
        assert not each.getexif(), name
        assert {"exif", "xmp", "comment", "icc_profile"} & set(each.info) == set(), name
        assert b"Zwolle" not in content, name


def test_wide_picture_gets_every_width_and_each_has_its_type(add, client):
    add(row(picture((3000, 1500))))
    image = CaseImage.objects.get()
    sizes = {name: opened(content).size for name, content in stored().items()}
    widths = {width: (width, width // 2) for width in images.WIDTHS}
    assert sizes == {f"{image.digest}-{width}.{kind}": size for width, size in widths.items() for kind in images.TYPES}
    for kind, media_type in images.TYPES.items():
        response = client.get(f"/beelden/{image.digest}-960.{kind}", headers={"accept-encoding": "gzip"})
        assert (response.status_code, response.headers["Content-Type"]) == (200, media_type)
        assert opened(response.getvalue()).size == (960, 480)
        assert response.headers["Cache-Control"] == "no-cache"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "Cookie" not in response.headers.get("Vary", "")
        again = client.get(response.request["PATH_INFO"], headers={"if-none-match": response.headers["ETag"]})
        assert again.status_code == 304


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (picture((600, 600), "PNG", "RGBA", (0, 0, 0, 0)), (255, 255, 255)),  # transparent: on white
        (picture((600, 600), "PNG", "L", 0), (0, 0, 0)),
        (picture((600, 600), "PNG", "LA", (0, 0)), (255, 255, 255)),
        (picture((600, 600), "WEBP"), (0, 128, 128)),
        (picture((600, 600), "JPEG", "CMYK", (0, 0, 0, 255)), (0, 0, 0)),
        (picture((600, 600), icc_profile=b"onzin"), (0, 128, 128)),
    ],
)
def test_every_mode_of_an_allowed_format_is_read(file, expected):
    made = images.renditions(SimpleUploadedFile("x", file))
    pixel = opened(made.files[f"{made.digest}-480.jpg"]).getpixel((400, 400))
    assert max(abs(a - b) for a, b in zip(pixel, expected, strict=True)) < 8


def test_greys_of_sixteen_bits_stay_grey():
    file = BytesIO()
    Image.new("I;16", (600, 400), 0x8000).save(file, "PNG")
    made = images.renditions(SimpleUploadedFile("x", file.getvalue()))
    assert abs(opened(made.files[f"{made.digest}-480.jpg"]).getpixel((9, 9))[0] - 128) < 4


def test_colours_are_those_of_the_profile():
    """Of a profile in which red and green have changed places: what is red there, is green on a screen."""
    profile = ImageCms.ImageCmsProfile(images.SRGB).tobytes()
    swapped = profile.replace(b"rXYZ", b"----").replace(b"gXYZ", b"rXYZ").replace(b"----", b"gXYZ")
    made = images.renditions(SimpleUploadedFile("x", picture((600, 600), colour="red", icc_profile=swapped)))
    for name, content in made.files.items():
        red, green, _ = opened(content).convert("RGB").getpixel((400, 400))
        assert (red < 60, green > 200) == (True, True), name


HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("file", "message"),
    [
        pytest.param(png_that_claims(20_000, 20_000), images.TOO_MANY_PIXELS, id="bomb"),
        pytest.param(png_that_claims(13_000, 13_000), images.TOO_MANY_PIXELS, id="bomb that Pillow only warns of"),
        pytest.param(png_that_claims(4_000, 3_001), images.TOO_MANY_PIXELS, id="too many pixels"),
        pytest.param(picture()[:-2] + b"\xff\xda" * 50 + b"\xff\xd9", images.UNREADABLE, id="a scan again and again"),
        pytest.param(png_that_claims(900, 600), images.UNREADABLE, id="header that lies"),
        pytest.param(picture((479, 479)), images.TOO_NARROW, id="too small"),
        pytest.param(picture((6000, 900)), images.TOO_OBLONG, id="too oblong"),
        pytest.param(picture() + b"\0" * images.MOST_BYTES, images.TOO_HEAVY, id="too large"),
        pytest.param(picture()[:-300], images.UNREADABLE, id="truncated"),
        pytest.param(picture(form="GIF"), images.UNREADABLE, id="gif"),
        pytest.param(picture(form="TIFF"), images.UNREADABLE, id="tiff"),
        pytest.param(SVG, images.UNREADABLE, id="svg"),
        pytest.param(HTML, images.UNREADABLE, id="html"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 900 900\n", images.UNREADABLE, id="eps"),
    ],
)
def test_bad_file_is_refused_with_a_message_and_nothing_else_is_lost(add, file, message):
    response = add(row(file, caption="Onderschrift"), uncertainty="Zeker bewaren")
    assert response.status_code == 200
    assert message in faults(response)
    for words in (message, "Zeker bewaren", "Onderschrift", "Een robotarm.", "Techniek in Zwolle"):
        assert words in response.text, words
    assert stored() == {}
    assert not Case.objects.exists()


def test_disk_that_is_full_is_told_and_nothing_is_lost(add, monkeypatch):
    def full(self):
        raise OSError("No space left on device")

    monkeypatch.setattr(images.Renditions, "store", full)
    response = add(row(picture()), uncertainty="Zeker bewaren")
    assert images.NOT_STORED in faults(response)
    assert "Zeker bewaren" in response.text


@pytest.mark.django_db(transaction=True)
def test_others_can_save_while_an_image_is_drawn(add, monkeypatch):
    draw = images.drawn
    moments = []
    monkeypatch.setattr(images, "drawn", lambda *args: moments.append(connection.in_atomic_block) or draw(*args))
    add(row(picture()))
    assert moments == [False]
    assert CaseImage.objects.exists()


@pytest.mark.parametrize("values", [{"alt": ""}, {"decorative": "on"}])
def test_an_image_has_a_text_or_is_decorative(add, values):
    response = add(row(picture(), **values))
    assert "Schrijf een alternatieve tekst, of vink ‘alleen versiering’ aan." in faults(response)
    assert not CaseImage.objects.exists()


def test_database_refuses_an_image_without_a_text(make_case, make_image):
    for values in ({"alt": ""}, {"decorative": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_image(make_case(), **values)


def test_image_needs_a_file_and_a_maker(add):
    assert "Kies een bestand." in faults(add({"alt": "Een robotarm.", "credit": "ROC Oost", "order": 1}))
    assert "Dit veld is verplicht." in faults(add(row(picture(), credit="")))


def test_image_of_a_concept_is_for_editors_only_and_goes_with_its_case(add, admin_client, client):
    add(row(picture()), published_at_0="", published_at_1="")
    case, image = Case.objects.get(), CaseImage.objects.get()
    for address in addresses(image):
        response = client.get(address)
        assert response.status_code == 404, address
        assert "Cookie" not in response.headers.get("Vary", "")
        seen = admin_client.get(address)
        assert (seen.status_code, seen.headers["Cache-Control"]) == (200, "private, no-store")
        assert seen.getvalue()
    case.published_at = case.updated_at
    case.save()
    assert status(client, addresses(image)[0]) == 200
    case.published_at = None
    case.save()
    assert status(client, addresses(image)[0]) == 404


def test_account_without_rights_sees_no_image_of_a_concept(client, django_user_model, make_case, make_image):
    client.force_login(django_user_model.objects.create_user("piet", is_staff=True))
    image = make_image(make_case(published_at=None))
    assert status(client, addresses(image)[0]) == 404


@pytest.mark.parametrize(
    "name", ["a-480.jpg", "{}-961.jpg", "{}-1600.jpg", "{}-480.svg", "{}-480.jpg%00", "../x-1.jpg"]
)
def test_other_names_are_a_404(client, make_case, make_image, name):
    image = make_image(make_case(), width=960, height=540)
    assert status(client, f"/beelden/{name.format(image.digest)}") == 404


def test_row_without_its_file_is_a_404(client, make_case, make_image):
    assert client.get(addresses(make_image(make_case()))[0]).status_code == 404


def test_replaced_or_deleted_image_is_gone_at_once_and_its_files_after_cleaning(add, admin_client, client):
    add(row(picture()))
    case, old = Case.objects.get(), CaseImage.objects.get()
    values = {"images-0-id": old.pk, "images-0-case": case.pk, "images-0-alt": "Nu een lasser."}
    new_file = SimpleUploadedFile("nieuw.png", picture(form="PNG", colour="red"))
    assert change(admin_client, case, values | {"images-0-upload": new_file}).status_code == 302
    new = CaseImage.objects.get()
    assert (new.pk, new.alt) == (old.pk, "Nu een lasser.")
    assert [status(client, each) for each in addresses(old)] == [404] * 3
    assert status(client, addresses(new)[0]) == 200

    call_command("clean_images", verbosity=0)
    assert len(stored()) == 6  # those of the last hour may be of a form that is being saved
    for path in Path(images.default_storage.path(images.FOLDER)).iterdir():
        os.utime(path, (time.time() - 4000,) * 2)
    call_command("clean_images", verbosity=0)
    assert sorted(stored()) == sorted(new.names)
    new.delete()
    assert status(client, addresses(new)[0]) == 404


def test_cleaning_before_the_first_image_does_nothing(db, capsys):
    call_command("clean_images")
    assert "Verwijderd: 0 van 0 bestanden." in capsys.readouterr().out


def test_same_picture_at_two_cases_stays_as_long_as_one_shows_it(client, make_case, make_image):
    images.renditions(SimpleUploadedFile("x", picture())).store()
    digest = next(iter(stored())).split("-")[0]
    shown = make_image(make_case(), digest=digest, width=480, height=400)
    make_image(make_case(published_at=None), digest=digest)
    assert status(client, addresses(shown)[0]) == 200
    shown.delete()
    assert status(client, addresses(shown)[0]) == 404


def test_page_keeps_the_place_of_images_and_loads_only_the_first_at_once(client, make_case, make_image):
    case = make_case(body="De tekst zelf.")
    make_image(case, order=2, digest="2" * 32, width=480, height=720, alt="", decorative=True)
    make_image(case, order=1, digest="1" * 32, caption="In de werkplaats", credit="Foto: Anna")
    text = client.get(case.get_absolute_url()).text
    first, second = (part.split("</figure>")[0] for part in text.split("<figure")[1:])
    assert text.index("1" * 32) < text.index("feiten") < text.index("De tekst zelf.") < text.index("2" * 32)
    for part, size in ((first, ("1600", "900")), (second, ("480", "720"))):
        assert f'width="{size[0]}"' in part
        assert f'height="{size[1]}"' in part
        assert [part.count(media_type) for media_type in images.TYPES.values()] == [1, 1, 0]
    assert f"/beelden/{'1' * 32}-1600.avif 1600w" in first
    assert 'alt="Een robotarm."' in first
    assert 'fetchpriority="high"' in first
    assert "lazy" not in first
    assert "In de werkplaats" in first
    assert "Foto: Anna" in first
    assert 'alt=""' in second
    assert 'loading="lazy"' in second
    assert "960w" not in second
