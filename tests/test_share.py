"""How a link to the portal looks on other sites: the tags, and the picture that they point to."""

import re
from io import BytesIO

import pytest
from PIL import Image, ImageChops
from test_pages import world  # noqa: F401  (a fixture)

from cases import share
from programme.models import Region


def tags(text):
    """{name: content} of the tags that other sites read."""
    return dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)"\s+content="([^"]*)"', text))


def picture_at(client, address):
    response = client.get(address)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert "Cookie" not in response.headers.get("Vary", "")
    made = Image.open(BytesIO(response.content))
    assert (made.format, made.size) == ("PNG", (1200, 630))
    return response.content


@pytest.fixture
def many():
    return 1


@pytest.fixture
def draws(monkeypatch):
    """Notes what is drawn."""
    made, draw = [], share.drawn
    monkeypatch.setattr(share, "drawn", lambda title, lines: made.append(title) or draw(title, lines))
    return made


def test_picture_of_a_case_is_drawn_once_and_again_when_its_words_change(client, make_case, draws):
    case = make_case(title="Robots in de zorg")
    address = f"/deelbeeld/{case.slug}.png"
    first = picture_at(client, address)
    assert picture_at(client, address) == first
    assert draws == ["Robots in de zorg"]
    case.title = "Robots in de bouw"
    case.save()
    assert picture_at(client, address) != first
    case.provinces.set(Region.objects.filter(slug="fryslan"))
    picture_at(client, address)
    assert draws == ["Robots in de zorg", "Robots in de bouw", "Robots in de bouw"]
    assert picture_at(client, "/deelbeeld.png") not in {first}


@pytest.mark.parametrize("slug", ["concept", "niet-hier"])
def test_there_is_no_picture_of_what_visitors_cannot_see(client, make_case, draws, slug):
    make_case(slug="concept", published_at=None)
    assert client.get(f"/deelbeeld/{slug}.png").status_code == 404
    assert draws == []


def test_picture_says_where_about_what_and_when(make_case):
    known = make_case(title="Café", place="’s-Heerenberg", provinces=["gelderland"], sectors=["zorg-en-welzijn"])
    assert share.words_of(known) == (
        "Café",
        ["’s-Heerenberg (Gelderland)", "Zorg en welzijn · vanaf 2016, einde onbekend"],
    )
    unknown = make_case(provinces=[], sectors=[], first_year=None, first_year_unknown=True)
    assert share.words_of(unknown)[1] == ["regio onbekend", "Sector onbekend · jaren onbekend"]


@pytest.mark.parametrize("letter", "éëïöüâÉ’‘–&€·…")
def test_letters_of_dutch_are_in_the_font(letter):
    font = share.letters("Bold", 40)
    lacking = font.getmask("\uffff")
    assert (font.getmask(letter).size, bytes(font.getmask(letter))) != (lacking.size, bytes(lacking))


@pytest.mark.parametrize(
    "title", ["Kort", "Een tamelijk lange titel met nog wat erachter " * 4, "W" * 200, "ijs " * 50]
)
def test_a_title_of_any_length_stays_within_its_place(title):
    title = title[:200]
    empty, made = (Image.open(BytesIO(share.drawn(each, []))) for each in ("", title))
    left, top, right, bottom = ImageChops.difference(made, empty).getbbox()
    assert left >= share.MARGIN - 4
    assert right <= share.SIZE[0] - share.MARGIN // 2
    assert top >= share.TITLE_TOP
    assert bottom <= share.RULE


def test_page_of_a_case_has_its_own_picture(client, make_case):
    case = make_case(title="Zorg & ‘techniek’", summary='Met "drie" bedrijven.')
    assert tags(client.get(case.get_absolute_url()).text) == {
        "og:site_name": "Techniekpact doel 9",
        "og:locale": "nl_NL",
        "og:type": "article",
        "og:title": "Zorg &amp; ‘techniek’",
        "og:description": "Met &quot;drie&quot; bedrijven.",
        "og:url": f"http://testserver{case.get_absolute_url()}",
        "og:image": f"http://testserver/deelbeeld/{case.slug}.png?{int(case.updated_at.timestamp())}",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "Zorg &amp; ‘techniek’",
        "twitter:card": "summary_large_image",
    }


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/doel-9/",
        "/cases/?regio=oost",
        "/experimenten/",
        "/leerroutes/vakmanschaproute/",
        "/dekking/",
        "/zoeken/?q=x",
    ],
)
def test_every_page_says_what_it_is_and_where(client, world, address):  # noqa: F811
    response = client.get(address, headers={"host": "localhost"})
    found = tags(response.text)
    title = " ".join(re.search(r"<title>(.+?) – Techniekpact doel 9</title>", response.text, re.DOTALL)[1].split())
    assert found["og:title"] == title
    assert found["og:url"] == re.search(r'rel="canonical" href="([^"]+)"', response.text)[1]
    assert found["og:image"] == "http://localhost/deelbeeld.png"


def test_a_list_names_the_host_of_each_visitor(client, world):  # noqa: F811
    for host in ("localhost", "127.0.0.1"):
        found = tags(client.get("/cases/?regio=oost", headers={"host": host}).text)
        assert found["og:url"] == f"http://{host}/cases/?regio=oost"
        assert found["og:image"] == f"http://{host}/deelbeeld.png"


def test_error_pages_are_not_for_sharing(client, db):
    assert tags(client.get("/niet-hier/").text) == {}


def test_case_offers_its_link_only_to_who_has_scripts(client, make_case):
    text = client.get(make_case().get_absolute_url()).text
    assert re.search(r"<button[^>]*data-copy>Kopieer link</button>", text)
