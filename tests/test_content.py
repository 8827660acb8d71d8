"""The pages over the real content: what is in content/ is what a visitor finds."""

from itertools import product
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.utils import timezone

from cases.filters import CaseFilter
from cases.models import Case
from experiments.filters import ParticipationFilter
from experiments.models import Participation
from programme.models import Region, Sector
from routes.filters import OfferingFilter
from routes.models import RouteOffering

LISTS = ["/cases/", "/experimenten/", "/leerroutes/"]
BAD_QUERIES = Path(__file__).with_name("bad_querystrings.txt").read_text().splitlines()

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]


def records(name):
    """The published records of a file of content/."""
    found = yaml.safe_load((settings.BASE_DIR / "content" / f"{name}.yaml").read_text())
    return [record for record in found if record["published"]]


def selected(filterset, rows, rf, **query):
    return filterset(rf.get("/", query).GET, rows()).qs


def test_case_list_holds_exactly_the_published_cases(client):
    cases = records("cases")
    first = client.get("/cases/")
    pages = [client.get(f"/cases/?pagina={n}") for n in first.context["paginator"].page_range]
    shown = [case.slug for page in pages for case in page.context["page_obj"]]
    assert sorted(shown) == sorted(case["slug"] for case in cases)
    assert first.context["title"] == f"{len(cases)} cases"


@pytest.mark.parametrize(
    ("name", "filterset", "rows"),
    [
        ("cases", CaseFilter, Case.objects.published),
        ("participations", ParticipationFilter, Participation.objects.published),
        ("offerings", OfferingFilter, RouteOffering.objects.published),
    ],
)
def test_list_equals_a_plain_loop_over_content(rf, name, filterset, rows):
    """Every combination of one region, sector and year, none and unknown included (other lists: every 4th year)."""
    landsdeel = dict(Region.objects.filter(kind="provincie").values_list("slug", "landsdeel__slug"))
    regions = [None, *landsdeel, *set(landsdeel.values()), *([] if name == "cases" else ["onbekend"])]
    sectors = [None, "onbekend", *Sector.objects.values_list("slug", flat=True)]
    years = [None, "onbekend", *range(2005, timezone.localdate().year + 2, 1 if name == "cases" else 4)]
    checked = 0
    for region, sector, year in product(regions, sectors, years):
        expected = {
            record["slug"]
            for record in records_once[name]
            if fits_region(record, region, landsdeel) and fits_sector(record, sector) and fits_year(record, year)
        }
        query = {"regio": region, "sector": sector, "jaar": year}
        found = selected(filterset, rows, rf, **{key: value for key, value in query.items() if value is not None})
        assert set(found.values_list("slug", flat=True)) == expected, query
        checked += bool(expected)
    assert checked > 100


records_once = {name: records(name) for name in ("cases", "participations", "offerings")}


def fits_region(record, region, landsdeel):
    provinces = record.get("provinces") or [p for p in [record.get("province")] if p]
    if region is None or record.get("nationwide"):
        return True
    if region == "onbekend":
        return not provinces
    return any(region in (province, landsdeel[province]) for province in provinces)


def fits_sector(record, sector):
    sectors = record.get("sectors") or [s for s in [record.get("sector")] if s]
    return sector is None or (not sectors if sector == "onbekend" else sector in sectors)


def fits_year(record, year):
    first, last = record.get("first_year"), record.get("last_year")
    if year is None or year == "onbekend":
        return year is None or first is None
    return first is not None and first <= year and (last is None or last >= year)


@pytest.mark.parametrize(
    ("filterset", "rows"),
    [
        (CaseFilter, Case.objects.published),
        (ParticipationFilter, Participation.objects.published),
        (OfferingFilter, RouteOffering.objects.published),
    ],
)
@pytest.mark.parametrize("query", [{}, {"regio": ["oost"]}, {"sector": ["techniek"], "jaar": ["2018"]}])
def test_count_beside_a_choice_equals_the_rows_behind_it(rf, filterset, rows, query):
    request = rf.get("/", query)
    groups = filterset(request.GET, rows()).groups
    assert sum(len(group.options) for group in groups) > 20
    for group in groups:
        for option in group.options:
            alone = {**query, group.name: [option.choice.value]}
            assert option.count == filterset(rf.get("/", alone).GET, rows()).qs.count(), (group.name, option)


@pytest.mark.parametrize("address", [*LISTS, "/contact/", "/"])
def test_bad_querystrings(client, address):
    """No address gives an error of ours, whatever a visitor, a robot or an attacker puts behind it."""
    assert len(BAD_QUERIES) > 200
    for query in BAD_QUERIES:
        response = client.get(address, QUERY_STRING=query)
        assert response.status_code in {200, 400, 404}, query
        assert "<script>alert" not in response.text, query


@pytest.mark.parametrize("address", LISTS)
def test_main_links_only_to_the_rows_of_the_page(client, address):
    """design.md: newest, related or suggested rows do not stand in <main> of a list."""
    response = client.get(address)
    main = response.text.split("<main", 1)[1].split("</main>", 1)[0]
    rows = {row.get_absolute_url().split("#")[0] for row in response.context["page_obj"]}
    linked = {part.split('"')[0].split("#")[0] for part in main.split(f'href="{address}')[1:]}
    details = {f"{address}{link}" for link in linked if link and not link.startswith(("?", "kwalificaties/"))}
    headed = response.context.get("experiments") or response.context.get("routes") or []
    assert details
    assert details <= rows | {row.get_absolute_url() for row in headed}
