"""The images of cases: what an upload may be, and what is kept of it.

Only renditions are kept, drawn anew: no position of a telephone, no original, nothing hidden behind the picture.
"""

import hashlib
from dataclasses import dataclass
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageCms, ImageOps

FOLDER = "beelden"
FORMATS = ("JPEG", "PNG", "WEBP")  # Pillow reads many more, some of them with programs in them
MOST_BYTES = 8 * 1024**2
MOST_PIXELS = {"JPEG": 24_000_000, "MPO": 24_000_000}  # of these a part can be read, so that they take less memory
MOST_PIXELS_OF_OTHERS = 12_000_000
MOST_SCANS = 40  # of a JPEG that comes in sharper and sharper; a camera makes ten, and each costs the server time
LEAST_WIDTH = 480
MOST_OBLONG = 3
WIDTHS = (480, 960, 1600)
# The last is what a browser without the others gets.
TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
OPTIONS = {
    "avif": {"format": "AVIF", "quality": 60, "speed": 8},
    "webp": {"format": "WEBP", "quality": 78, "method": 4},
    "jpg": {"format": "JPEG", "quality": 80, "optimize": True, "progressive": True},
}
SRGB = ImageCms.createProfile("sRGB")

TOO_HEAVY = "Deze afbeelding is groter dan 8 MB. Maak die kleiner: 1600 pixels breed is genoeg."
TOO_MANY_PIXELS = "Deze afbeelding heeft te veel pixels. Maak die kleiner: 1600 pixels breed is genoeg."
TOO_NARROW = f"Deze afbeelding is minder dan {LEAST_WIDTH} pixels breed. Kies een grotere."
TOO_OBLONG = f"Deze afbeelding is te lang en te smal: hoogstens {MOST_OBLONG} keer zo lang als smal."
NOT_STORED = "De site kan de afbeelding nu niet bewaren. Probeer het later weer, of vraag het de beheerder."
UNREADABLE = "Dit bestand kunnen wij niet lezen als afbeelding. Kies een JPEG, PNG of WebP die u zelf kunt openen."


def name_of(digest, width, kind):
    return f"{digest}-{width}.{kind}"


def widths_of(width):
    """The widths of the renditions of a picture: none is wider than the picture itself."""
    return [each for each in WIDTHS if each <= width]


@dataclass(frozen=True)
class Renditions:
    """What is kept of an upload; width and height are those of the widest rendition."""

    digest: str
    width: int
    height: int
    files: dict[str, bytes]

    def store(self):
        for name, content in self.files.items():
            default_storage.save(f"{FOLDER}/{name}", ContentFile(content))


def prepare(upload):
    """Draw the renditions of an upload now: in the transaction of the form all who save would wait for it."""
    try:
        upload.renditions = renditions(upload)
    except ValidationError as error:
        upload.renditions = error


def renditions(upload):
    """The Renditions of an uploaded file. Raises ValidationError, in Dutch, for what is no good picture."""
    if upload.size > MOST_BYTES:
        raise ValidationError(TOO_HEAVY)
    content = upload.read()
    if content.startswith(b"\xff\xd8") and content.count(b"\xff\xda") > MOST_SCANS:
        raise ValidationError(UNREADABLE)
    try:
        picture = upright(Image.open(BytesIO(content), formats=FORMATS))
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValidationError(TOO_MANY_PIXELS) from None
    except Exception:  # whatever a decoder stumbles over, it is the file that is wrong
        raise ValidationError(UNREADABLE) from None
    return drawn(hashlib.sha256(content).hexdigest()[:32], picture)


def upright(picture):
    """A picture in RGB as people see it, no wider than the widest rendition. Its pixels are counted before read."""
    if picture.width * picture.height > MOST_PIXELS.get(picture.format, MOST_PIXELS_OF_OTHERS):
        raise ValidationError(TOO_MANY_PIXELS)
    if max(picture.size) > MOST_OBLONG * min(picture.size):
        raise ValidationError(TOO_OBLONG)
    picture.draft(None, (WIDTHS[-1], WIDTHS[-1]))  # a JPEG is read at half its size or less where that is enough
    ImageOps.exif_transpose(picture, in_place=True)
    if picture.width < LEAST_WIDTH:
        raise ValidationError(TOO_NARROW)
    profile = picture.info.get("icc_profile")
    picture = flat(scaled(simple(picture), widths_of(picture.width)[-1]))
    return in_srgb(picture, profile) if profile else picture.convert("RGB")


def simple(picture):
    """The picture in a mode that can be scaled and has a profile of its own kind: no palette, eight bits a colour."""
    if picture.has_transparency_data:
        return picture if picture.mode == "RGBA" else picture.convert("RGBA")
    if picture.mode.startswith("I"):  # greys of sixteen bits, which convert() alone would make white
        return picture.point(lambda grey: grey / 256).convert("L")
    return picture if picture.mode in {"RGB", "L", "CMYK"} else picture.convert("RGB")


def scaled(picture, width):
    return picture.resize((width, round(width * picture.height / picture.width)), reducing_gap=3)


def flat(picture):
    """The picture on white where it is transparent."""
    if picture.mode != "RGBA":
        return picture
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def in_srgb(picture, profile):
    """Its colours as its own profile means them; as they are when that profile makes no sense."""
    try:
        return ImageCms.profileToProfile(picture, BytesIO(profile), SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return picture.convert("RGB")


def drawn(digest, picture):
    files = {}
    for width in widths_of(picture.width):
        smaller = scaled(picture, width)
        smaller.info = {}  # where Pillow keeps what was beside the pixels
        for kind, options in OPTIONS.items():
            file = BytesIO()
            smaller.save(file, **options)
            files[name_of(digest, width, kind)] = file.getvalue()
    return Renditions(digest, picture.width, picture.height, files)
