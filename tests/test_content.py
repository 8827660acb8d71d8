"""The pages over the real content: what is in content/ is what a visitor finds."""

import re
from itertools import product
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone

from cases.filters import CaseFilter
from experiments.filters import ParticipationFilter
from programme.models import Region, Sector
from routes.filters import OfferingFilter

LISTS = ["/cases/", "/experimenten/", "/leerroutes/"]
BAD_QUERIES = Path(__file__).with_name("bad_querystrings.txt").read_text().splitlines()

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]


def records(name):
    """The published records of a file of content/."""
    found = yaml.safe_load((settings.BASE_DIR / "content" / f"{name}.yaml").read_text())
    return [record for record in found if record["published"]]


def test_every_sector_has_a_mark_of_its_own():
    css = (settings.BASE_DIR / "static" / "css" / "components" / "mark.css").read_text()
    assert [sector.pk for sector in Sector.objects.all() if f".mark-{sector.pk} {{" not in css] == []


def test_case_list_holds_exactly_the_published_cases(client):
    cases = records("cases")
    first = client.get("/cases/")
    pages = [client.get(f"/cases/?pagina={n}") for n in first.page.paginator.page_range]
    shown = [slug for page in pages for slug in re.findall(r'class="card-link" href="/cases/([^/]+)/"', page.text)]
    assert sorted(shown) == sorted(case["slug"] for case in cases)
    assert first.selection.title == f"{len(cases)} cases"


@pytest.mark.parametrize(
    ("name", "filterset"),
    [("cases", CaseFilter), ("participations", ParticipationFilter), ("offerings", OfferingFilter)],
)
def test_list_equals_a_plain_loop_over_content(name, filterset):
    """Every combination of one region, sector and year, none and unknown included."""
    landsdeel = dict(Region.objects.filter(kind="provincie").values_list("slug", "landsdeel__slug"))
    regions = [None, *landsdeel, *set(landsdeel.values()), *([] if name == "cases" else ["onbekend"])]
    sectors = [None, "onbekend", *Sector.objects.values_list("slug", flat=True)]
    years = [None, "onbekend", *range(2005, timezone.localdate().year + 2)]
    slugs = dict(filterset.public().values_list("pk", "slug"))
    checked = 0
    for region, sector, year in product(regions, sectors, years):
        expected = {
            record["slug"]
            for record in records_once[name]
            if fits_region(record, region, landsdeel) and fits_sector(record, sector) and fits_year(record, year)
        }
        query = {"regio": region, "sector": sector, "jaar": year}
        chosen = "&".join(f"{key}={value}" for key, value in query.items() if value is not None)
        assert {slugs[key] for key in filterset(QueryDict(chosen)).pks()} == expected, query
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


@pytest.mark.parametrize("filterset", [CaseFilter, ParticipationFilter, OfferingFilter])
@pytest.mark.parametrize("query", ["", "regio=oost", "sector=techniek&jaar=2018", "q=samen"])
def test_count_beside_a_choice_equals_the_rows_behind_it(filterset, query):
    groups = filterset(QueryDict(query)).groups
    assert sum(len(group.options) for group in groups.values()) > 20
    for name, group in groups.items():
        for option in group.options:
            others = "&".join(part for part in query.split("&") if not part.startswith(name))
            assert option.count == filterset(QueryDict(f"{others}&{name}={option.choice.value}")).total, option


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
    details = set(re.findall(rf'href="({address}[^?"]+)"', main))
    heads = response.selection.index.extra.get("instruments", [])
    shown = re.findall(r'href="([^"]+)"', "".join(response.page.object_list))
    assert details
    assert details <= {*shown, *(head.get_absolute_url() for head in heads)}
