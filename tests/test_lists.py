"""The three lists: what a visitor chooses, what is shown for it, and what an odd address gets."""

import datetime
import re

import pytest
import time_machine
from django.utils import timezone
from django.utils.html import escape, strip_tags

from programme.models import Region, RegionAlias

LISTS = ["/cases/", "/experimenten/", "/leerroutes/"]


@pytest.fixture
def make_row(request, make_case, make_participation, make_offering):
    """A published row of the list at `address`, with one sector and one province."""
    address = request.getfixturevalue("address")

    def make(province="overijssel", sector="techniek", **values):
        if address == "/cases/":
            return make_case(provinces=[province], sectors=[sector], **values)
        return (make_participation if address == "/experimenten/" else make_offering)(
            province=province, sector=sector, **values
        )

    return make


def shown(response):
    """The rows of a list page, by the addresses of its cards."""
    selection, cards = response.selection, response.page.object_list
    by_address = {row.get_absolute_url(): row for row in selection.public()}
    return [by_address[re.search(r'class="card-link" href="([^"]+)"', card)[1]] for card in cards]


@pytest.mark.parametrize("address", LISTS)
def test_list_filters_by_region_sector_and_year(client, address, make_row):
    wanted = make_row("gelderland", "groen", first_year=2017, last_year=2019)
    make_row("fryslan", "groen", first_year=2017, last_year=2019)
    make_row("gelderland", "techniek", first_year=2017, last_year=2019)
    make_row("gelderland", "groen", first_year=2020)
    response = client.get(f"{address}?regio=oost&sector=groen&jaar=2018")
    assert shown(response) == [wanted]
    assert "1 " in response.selection.title
    assert response.selection.title.endswith("in Oost over groen, actief in 2018")


@pytest.mark.parametrize("address", LISTS)
def test_values_of_one_facet_add_up(client, address, make_row):
    north, east = make_row("fryslan"), make_row("gelderland")
    assert set(shown(client.get(f"{address}?regio=fryslan&regio=gelderland"))) == {north, east}


@pytest.mark.parametrize("address", LISTS)
def test_alias_of_a_region_works(client, address, make_row):
    row = make_row("fryslan")
    make_row("gelderland")
    assert shown(client.get(f"{address}?regio=friesland")) == [row]


@pytest.mark.parametrize("address", LISTS)
def test_unknown_years_are_found_as_unknown_only(client, address, make_row):
    unknown = make_row(first_year=None, **({"first_year_unknown": True} if address == "/cases/" else {}))
    known = make_row(first_year=2016)
    assert shown(client.get(f"{address}?jaar=onbekend")) == [unknown]
    assert shown(client.get(f"{address}?jaar=2020")) == [known]  # no last year: not known to have ended


@pytest.mark.parametrize("address", LISTS)
def test_unknown_sector_is_found_as_unknown(client, address, request):
    if address == "/cases/":
        row = request.getfixturevalue("make_case")(sectors=[], sectors_unknown=True)
    else:
        maker = "make_participation" if address == "/experimenten/" else "make_offering"
        row = request.getfixturevalue(maker)(sector=None)
    assert shown(client.get(f"{address}?sector=onbekend")) == [row]


def test_participation_in_two_provinces_and_sectors_is_found_under_each_and_counted_once(client, make_participation):
    row = make_participation(provinces=["overijssel", "gelderland"], sectors=["techniek", "groen"], levels=[3, 4])
    make_participation(province="fryslan", sector="zorg-en-welzijn", level=2)
    for query in ("regio=overijssel", "regio=gelderland", "sector=techniek", "sector=groen", "niveau=3", "niveau=4"):
        response = client.get(f"/experimenten/?{query}")
        assert shown(response) == [row], query
    for query in ("regio=oost", "regio=overijssel&regio=gelderland&sector=techniek&sector=groen&niveau=3&niveau=4"):
        response = client.get(f"/experimenten/?{query}")
        assert shown(response) == [row], query
        assert response.selection.title.startswith("1 deelname "), query
    for words in ("Overijssel, Gelderland", "Groen, Techniek", "Niveau 3, Niveau 4"):
        assert words in " ".join(strip_tags(response.text).split())
    assert client.get("/experimenten/").selection.title == "2 deelnames aan experimenten"


def test_nationwide_case_belongs_to_every_region(client, make_case):
    case = make_case(provinces=[], nationwide=True)
    assert shown(client.get("/cases/?regio=fryslan")) == [case]
    assert "landelijk" in client.get("/cases/?regio=oost").text


def test_beroepsroute_also_finds_technologieroute(client, make_case, make_route):
    broad = make_route("beroepsroute")
    make_route("technologieroute", kind_of=broad)
    broader, narrower = make_case(routes=["beroepsroute"]), make_case(routes=["technologieroute"])
    assert set(shown(client.get("/cases/?instrument=beroepsroute"))) == {broader, narrower}
    assert shown(client.get("/cases/?instrument=technologieroute")) == [narrower]


def test_concept_instrument_counts_nowhere(client, make_case, make_route):
    broad = make_route("beroepsroute")
    make_route("technologieroute", kind_of=broad, published_at=None)
    case = make_case(routes=["technologieroute"])
    assert shown(client.get("/cases/?instrument=beroepsroute")) == []
    assert shown(client.get("/cases/?instrument=onbekend")) == [case]


def test_experiment_and_route_of_one_slug_are_one_choice(client, make_case, make_route, make_experiment):
    make_route("beroepsroute")
    experiment = make_experiment("beroepsroute", name="Experiment beroepsroute")
    cases = {make_case(routes=["beroepsroute"]), make_case(experiments=[experiment.pk])}
    assert set(shown(client.get("/cases/?instrument=beroepsroute"))) == cases
    assert client.get("/").status_code == 200


def test_region_wins_from_another_name_that_is_the_same(client, make_case):
    RegionAlias.objects.create(region=Region.objects.get(slug="noord"), name="Oost", slug="oost")
    east, _north = make_case(provinces=["gelderland"]), make_case(provinces=["fryslan"])
    assert shown(client.get("/cases/?regio=oost")) == [east]


@time_machine.travel("2026-11-25 12:00")
def test_status_says_running_only_with_a_source(client, make_case):
    ended = make_case(last_year=2025)
    running = make_case(running_seen_on="2026-03-01", running_source="https://krant.example/")
    unknown = make_case()
    for status, case in {"afgelopen": ended, "loopt": running, "onbekend": unknown}.items():
        assert shown(client.get(f"/cases/?status={status}")) == [case]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("regio=atlantis", "Bij ‘Regio’ kennen wij ‘atlantis’ niet."),
        ("sector=ruimtevaart", "Bij ‘Sector’ kennen wij ‘ruimtevaart’ niet."),
        ("jaar=vorig", "Bij ‘Actief in jaar’ kennen wij ‘vorig’ niet."),
        ("jaar=1999", "Bij ‘Actief in jaar’ kennen wij ‘1999’ niet."),
        ("niveau=5", "Bij ‘Niveau’ kennen wij ‘5’ niet."),
        ("sorteer=-id", "Deze volgorde kennen wij niet."),
        (f"q={'a' * 201}", "Deze zoekvraag is te lang."),
        ("q=zorg%00", "In deze zoekvraag staat een teken dat niet kan."),
    ],
)
@pytest.mark.parametrize("address", LISTS)
def test_unknown_value_is_named_and_the_other_filters_still_work(client, address, make_row, query, message):
    wanted, _other = make_row("fryslan"), make_row("gelderland")
    response = client.get(f"{address}?{query}&regio=fryslan")
    assert response.status_code == 200
    assert shown(response) == [wanted]
    assert message in response.text
    assert '<meta name="robots" content="noindex' in response.text


@pytest.mark.parametrize("parameter", ["q", "regio"])
def test_no_character_of_a_visitor_stands_for_a_part_of_the_page(client, make_case, parameter):
    """The page is put together at characters for private use (discovery/skeleton.py)."""
    make_case()
    for number in (*range(0xE000, 0xE010), *range(0xE100, 0xE130)):
        text = client.get("/cases/", {parameter: f"x{chr(number)}"}).text
        assert [text.count(part) for part in ("<h1", "filters-submit", 'id="resultaten"')] == [1, 1, 1]


def test_signs_without_a_shape_are_not_shown(client, make_case):
    make_case()
    for query in ("q=case%1b[2J%08", "q=case%00", "niveau=%00%1b"):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", client.get(f"/cases/?{query}").text), query


@pytest.mark.parametrize("address", LISTS)
def test_unknown_parameter_is_ignored_and_left_out_of_every_link(client, address, make_row):
    make_row()
    text = client.get(f"{address}?utm_source=x&fbclid=y&regio=oost").text
    assert "utm_source" not in text
    assert "fbclid" not in text


@pytest.mark.parametrize(
    "page", ["0", "-1", "2", "laatste", "last", "", "²", "1.0", "0x1", "%201", "01", "1e9", "9" * 30, "%00", "१"]
)
@pytest.mark.parametrize("address", LISTS)
def test_page_that_is_not_there_links_to_the_first_and_the_last(client, address, make_row, page):
    for _ in range(3):
        make_row()
    response = client.get(f"{address}?sector=techniek&pagina={page}")
    assert response.status_code == 404
    assert f'href="{address}?sector=techniek"' in response.text


@pytest.mark.parametrize("address", LISTS)
def test_pages_keep_the_filters_and_share_no_row(client, address, make_row):
    rows = {make_row() for _ in range(45)}
    first = client.get(f"{address}?sector=techniek&sorteer=titel")
    assert f'href="{address}?sector=techniek&amp;sorteer=titel&amp;pagina=2"' in first.text
    pages = [shown(client.get(f"{address}?sector=techniek&sorteer=titel&pagina={n}")) for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [20, 20, 5]
    assert set().union(*pages) == rows


@pytest.mark.parametrize(
    ("order", "years"),
    [("nieuwste", [2020, 2016, None]), ("oudste", [2016, 2020, None]), ("titel", [2016, None, 2020])],
)
def test_list_is_sorted(client, make_case, order, years):
    make_case(title="C", first_year=2020)
    make_case(title="A", first_year=2016)
    make_case(title="B", first_year=None, first_year_unknown=True)
    assert [case.first_year for case in shown(client.get(f"/cases/?sorteer={order}"))] == years


def test_words_are_searched_and_a_title_that_has_them_comes_first(client, make_case, make_organisation):
    in_body = make_case(body="Over zorgrobots.", first_year=2020)
    in_title = make_case(title="Zorgrobots in Zwolle")
    by_name = make_case()
    by_name.partner_organisations.add(make_organisation("Stichting Zorgrobots"))
    make_case()
    assert shown(client.get("/cases/?q=zorgrobots"))[0] == in_title
    assert set(shown(client.get("/cases/?q=zorgrobots"))) == {in_title, in_body, by_name}
    assert shown(client.get("/cases/?q=zorgrobots+zwolle")) == [in_title]


@pytest.mark.parametrize("address", LISTS)
def test_empty_list_says_so_and_shows_the_way_on(client, address, make_row):
    make_row()
    response = client.get(f"{address}?jaar=2001")
    assert shown(response) == []
    assert f'href="{address}"' in response.text
    assert 'href="/contact/' in response.text


@pytest.mark.parametrize("address", LISTS)
def test_empty_list_says_which_choice_to_drop_what_is_near_and_whom_to_ask(
    client, fallback, address, make_row, django_assert_max_num_queries
):
    make_row("gelderland", "techniek", first_year=2016, last_year=2017)
    make_row("gelderland", "groen", first_year=2016, last_year=2018)
    make_row("overijssel", "groen", first_year=2019)
    client.get(address)
    with django_assert_max_num_queries(2):
        response = client.get(f"{address}?regio=gelderland&sector=groen&jaar=2020&q=route+case+opleiding")
    selection = response.selection
    assert (selection.total, "niets is" in response.text) == (0, True)
    response = client.get(f"{address}?regio=gelderland&sector=groen&jaar=2020")
    selection = response.selection
    assert {(way.label, way.count) for way in selection.ways_out} == {("Zonder ‘Gelderland’", 1), ("Zonder ‘2020’", 1)}
    near = {title: [(way.label, way.count) for way in ways] for title, ways in selection.nearby}
    assert near == {"Wel in de buurt": [("Overijssel", 1)], "Wel in een ander jaar": [("2017", 1), ("2018", 1)]}
    for way in [*selection.ways_out, *(way for _, ways in selection.nearby for way in ways)]:
        assert f'href="{escape(way.url)}"' in response.text
        assert client.get(way.url).selection.total == way.count
    assert "Schrijf aan Contactpunt" in response.text


def test_words_that_find_nothing_together_say_which_one_to_drop(client, make_case):
    make_case(title="Robots in de kas")
    make_case(title="Robots in de zorg")
    ways = client.get("/cases/?q=robots+kas+bakkers").selection.ways_out
    assert ("Zonder het woord ‘bakkers’", 1) in {(way.label, way.count) for way in ways}
    for way in ways:
        assert client.get(way.url).selection.total == way.count


@pytest.mark.parametrize("address", LISTS)
def test_concept_is_not_in_the_list_nor_in_a_count(client, address, make_row):
    make_row(published_at=None, sector="groen")
    make_row(published_at=timezone.now() + datetime.timedelta(days=1), sector="groen")
    response = client.get(address)
    assert shown(response) == []
    assert {option.count for group in response.selection.groups.values() for option in group.options} == {0}


@pytest.mark.parametrize(("query", "index"), [("", True), ("?regio=oost", True), ("?regio=oost&jaar=2018", False)])
def test_only_lists_with_one_choice_are_for_search_engines(client, make_case, query, index):
    make_case()
    text = client.get(f"/cases/{query}").text
    assert ("noindex" not in text) == index


def test_canonical_address_is_sorted_and_says_nothing_twice(client, make_case):
    make_case()
    text = client.get("/cases/?jaar=2018&regio=friesland&regio=fryslan&x=y&sorteer=nieuwste").text
    assert '<link rel="canonical" href="http://testserver/cases/?regio=fryslan&amp;jaar=2018">' in text


@pytest.mark.parametrize("many", [8, 24])
@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize(
    "query", ["", "?regio=oost&sector=techniek&jaar=2018", "?q=samen+tekst&regio=oost", "?q=tesktt"]
)
def test_list_costs_three_queries_at_most(client, django_assert_max_num_queries, address, many, make_row, query):
    """The version, the words, the cards: once the index is there, for whatever was not asked before."""
    for number in range(many):
        make_row("gelderland", first_year=2000 + number % 20)
    client.get(f"{address}?jaar=onbekend")
    with django_assert_max_num_queries(3):
        assert client.get(f"{address}{query}").status_code == 200
    with django_assert_max_num_queries(1):
        client.get(f"{address}{query}")
