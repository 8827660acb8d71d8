"""The map of provinces: each tile says how many rows its list has, links to that list, and follows the selection."""

import re
from html import unescape

import pytest

from discovery.options import STEPS, step_of
from programme.models import Region
from programme.tiles import PLACES, ROWS

LISTS = {"/cases/": "case", "/experimenten/": "deelname", "/leerroutes/": "aanbod"}
LINK = r'<a class="map-link" href="([^"]*)"([^>]*)><span>([^<]*)<i>,</i></span> <b>(\d+)<span[^>]*>\s*(\w+)'


def links_of(response):
    """{name of a region: (address, count, other attributes)} of the regions on the map that are links."""
    nav = re.search(r'<nav class="map".*?</nav>', response.text, re.S)
    assert nav
    return {name: (unescape(url), int(n), other) for url, other, name, n, _ in re.findall(LINK, nav[0])}


@pytest.fixture
def cases(make_case):
    make_case(provinces=["overijssel"], first_year=2016, last_year=2018)
    make_case(provinces=["overijssel", "gelderland"], sectors=["groen"], first_year=2020)
    make_case(provinces=[], nationwide=True, sectors=["groen"], first_year=2018)


@pytest.mark.parametrize("query", ["", "?sector=groen", "?regio=overijssel", "?regio=oost&jaar=2018", "?q=tekst"])
def test_count_on_a_tile_is_that_of_the_list_behind_it(client, cases, query):
    """A link chooses one region and keeps the other choices; of what was chosen it drops the choice."""
    links = links_of(client.get(f"/cases/{query}"))
    assert {"Overijssel", "Gelderland", "Oost"} <= links.keys()
    for name, (url, count, attributes) in links.items():
        response = client.get(url)
        chosen = response.selection.chosen
        assert chosen.get("sector") == (["groen"] if "groen" in query else None)
        if "aria-current" in attributes:
            assert "regio" not in chosen
        else:
            assert response.selection.total == count, name
            assert len(chosen["regio"]) == 1


@pytest.mark.parametrize("address", LISTS)
def test_every_list_has_the_map_and_home_has_that_of_cases(client, request, address, field):
    request.getfixturevalue(
        {"/cases/": "make_case", "/experimenten/": "make_participation", "/leerroutes/": "make_offering"}[address]
    )()
    assert links_of(client.get(address)).keys() == {"Overijssel", "Oost"}
    assert client.get("/").text.count('<nav class="map"') == 1


def test_region_without_rows_is_no_link_but_a_chosen_one_is(client, make_case):
    make_case(provinces=["overijssel"])
    assert "Gelderland" not in links_of(client.get("/cases/"))
    url, count, attributes = links_of(client.get("/cases/?regio=gelderland"))["Gelderland"]
    assert (url, count, "aria-current" in attributes) == ("/cases/", 0, True)


def test_tile_says_what_it_counts(client, cases):
    text = re.sub(r"<[^>]+>", "", client.get("/cases/").text)
    assert "Overijssel, 3 cases" in text
    assert "Fryslân, 1 case " in f"{text} "


def test_landsdeel_that_was_chosen_marks_its_provinces(client, cases):
    assert client.get("/cases/?regio=oost").text.count("tile-within") == 2
    assert client.get("/cases/?regio=gelderland").text.count("tile-within") == 0


def test_link_to_a_second_choice_is_not_followed_by_search_engines(client, cases):
    assert all("nofollow" not in other for _, _, other in links_of(client.get("/cases/?regio=overijssel")).values())
    deeper = links_of(client.get("/cases/?sector=groen"))
    assert all("nofollow" in other for _, _, other in deeper.values())


def test_every_province_has_a_place_of_its_own(content):
    assert set(PLACES) == set(Region.objects.filter(landsdeel__isnull=False).values_list("slug", flat=True))
    assert len(PLACES) == len(set(PLACES.values())) == sum(bool(slug) for row in ROWS for slug in row)


def test_wall_stands_where_another_landsdeel_begins(client, content, db):
    """The division is the editors': a province that moves to another landsdeel moves its walls."""
    assert "tile-row-2 tile-column-2 wall-n wall-w" in client.get("/cases/").text  # Noord-Holland, beside Flevoland
    Region.objects.filter(slug="flevoland").update(landsdeel=Region.objects.get(slug="oost"))
    assert "tile-row-2 tile-column-2 wall-n wall-e wall-w" in client.get("/cases/").text


def test_steps_of_the_tint_begin_at_one_row():
    assert [step_of(count, 40) for count in (0, 1, 10, 11, 40)] == [0, 1, 1, 2, STEPS]
    assert step_of(0, 0) == 0
