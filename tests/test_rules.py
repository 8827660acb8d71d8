"""The rules of the field: what the database refuses, and that all stored rows obey."""

import datetime

import pytest
import time_machine
import yaml
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.models import Case, CaseSource
from contacts.models import Area, Contact
from experiments.models import Experiment, Participation, Qualification
from programme.models import Action, Goal, Indicator, IndicatorValue, Level, Region, Sector
from publishing.models import Publishable
from routes.models import Route, RouteOffering

NOW = datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.UTC)
PUBLISHABLE = [model for model in apps.get_models() if issubclass(model, Publishable)]


def refuses(constraint, write, *args, **values):
    """The database itself refuses this write, and by this constraint. SQLite names only checks, not indexes."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        write(*args, **values)
    assert constraint in str(refusal.value) or "UNIQUE constraint failed" in str(refusal.value)


# ---- Cases, participations and offerings


PERIODS = [("case", Case), ("participation", Participation), ("routeoffering", RouteOffering)]
WRONG_PERIODS = [
    ("ends_after_start", {"first_year": 2018, "last_year": 2017}),
    ("years_are_plausible", {"first_year": 1989}),
    ("years_are_plausible", {"first_year": 2018, "last_year": 2101}),
    ("running_has_a_source", {"running_seen_on": datetime.date(2026, 1, 1)}),
    ("running_has_a_source", {"running_source": "https://krant.example/"}),
    ("unpublished_after_published", {"published_at": NOW, "unpublish_at": NOW}),
    ("unpublished_after_published", {"published_at": NOW, "unpublish_at": NOW - datetime.timedelta(days=1)}),
]


@pytest.mark.parametrize(("name", "values"), WRONG_PERIODS)
@pytest.mark.parametrize(("prefix", "model"), PERIODS)
def test_period_is_possible(make_case, make_participation, make_offering, prefix, model, name, values):
    make_case(), make_participation(), make_offering()
    refuses(f"{prefix}_{name}", model.objects.update, **values)


@pytest.mark.parametrize(("prefix", "model"), PERIODS)
@pytest.mark.parametrize(
    "values", [{"first_year": 2018, "last_year": 2018}, {"last_year": None}, {"first_year": 1990, "last_year": 2100}]
)
def test_possible_period_is_stored(make_case, make_participation, make_offering, prefix, model, values):
    make_case(), make_participation(), make_offering()
    assert model.objects.update(**values) == 1


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("case_published_has_text", {"body": ""}),
        ("case_published_has_summary", {"summary": ""}),
        ("case_published_has_first_year", {"first_year": None}),
        ("case_first_year_known_or_unknown", {"first_year_unknown": True}),
    ],
)
def test_published_case_has_its_text_and_year(make_case, name, values):
    make_case()
    refuses(name, Case.objects.update, **values)


@pytest.mark.parametrize("values", [{"body": "", "summary": ""}, {"first_year": None}])
def test_concept_may_be_unfinished(make_case, values):
    make_case(published_at=None)
    assert Case.objects.update(**values) == 1


def test_year_may_be_unknown_on_purpose(make_case):
    make_case()
    assert Case.objects.update(first_year=None, first_year_unknown=True) == 1


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("casesource_date_has_no_gap", {"year": None, "month": 3}),
        ("casesource_date_has_no_gap", {"year": 2020, "month": None, "day": 3}),
        ("casesource_date_is_in_the_calendar", {"year": 2020, "month": 13}),
        ("casesource_date_is_in_the_calendar", {"year": 2020, "month": 0}),
        ("casesource_date_is_in_the_calendar", {"year": 2020, "month": 3, "day": 32}),
        ("casesource_date_is_in_the_calendar", {"year": 1989}),
    ],
)
def test_date_of_a_source_is_possible(make_case, name, values):
    make_case()
    refuses(name, CaseSource.objects.update, **values)


# ---- Routes


@pytest.mark.parametrize("sector", [None, "zorg-en-welzijn", "economie-en-handel"])
def test_name_technologieroute(make_route, make_offering, sector):
    route = make_route("technologieroute")
    good = [make_offering(route=route, sector=sector) for sector in ("techniek", "groen")]
    other = make_offering(route=make_route("vakmanschaproute"), sector=sector)
    name = "offering_technologieroute_only_techniek_or_groen"
    refuses(name, RouteOffering.objects.filter(pk=other.pk).update, route=route)
    refuses(name, RouteOffering.objects.filter(pk=good[0].pk).update, sector=sector)
    row = RouteOffering(slug="nieuw", name="Nieuw", route=route, sector_id=sector)
    refuses(name, RouteOffering.objects.bulk_create, [row])


@pytest.mark.parametrize(
    ("slug", "level", "rule"),
    [
        ("vakmanschaproute", 1, "offering_vakmanschaproute_ends_at_2_or_3"),
        ("vakmanschaproute", 4, "offering_vakmanschaproute_ends_at_2_or_3"),
        ("beroepsroute", 3, "offering_beroepsroute_ends_at_4"),
        ("technologieroute", 2, "offering_beroepsroute_ends_at_4"),
    ],
)
def test_offering_ends_at_the_level_of_its_route(make_route, make_offering, slug, level, rule):
    make_offering(route=make_route(slug))
    refuses(rule, RouteOffering.objects.update, level=level)


@pytest.mark.parametrize(
    ("name", "slug", "low", "high"),
    [
        ("route_levels_go_up", "andere-route", 3, 2),
        ("route_ends_at_its_level", "vakmanschaproute", 1, 3),
        ("route_ends_at_its_level", "vakmanschaproute", 2, 4),
        ("route_ends_at_its_level", "beroepsroute", 3, 4),
        ("route_ends_at_its_level", "technologieroute", 3, 3),
    ],
)
def test_route_ends_at_its_level(make_route, name, slug, low, high):
    make_route(slug)
    refuses(name, Route.objects.update, min_level=low, max_level=high)


# ---- Experiments, routes and qualifications


@pytest.mark.parametrize(("name", "model"), [("experiment", Experiment), ("route", Route)])
def test_instrument_does_not_end_before_it_begins(make_experiment, make_route, name, model):
    make_experiment(), make_route()
    first = datetime.date(2014, 8, 1)
    refuses(f"{name}_ends_after_first_day", model.objects.update, starts_on=first, ends_on=datetime.date(2014, 7, 31))
    refuses(f"{name}_unpublished_after_published", model.objects.update, published_at=NOW, unpublish_at=NOW)
    assert model.objects.update(starts_on=first, ends_on=first) == 1


@pytest.mark.parametrize("crebo", ["", "1234", "1a345", "ABCDE"])
def test_crebo_has_five_digits(make_qualification, crebo):
    make_qualification()
    refuses("qualification_crebo_is_null_or_five_digits", Qualification.objects.update, crebo=crebo)


def test_crebo_is_unique_but_may_be_unknown_more_than_once(make_qualification):
    make_qualification("een", crebo="26001"), make_qualification("twee"), make_qualification("drie")
    refuses("crebo", Qualification.objects.filter(slug="twee").update, crebo="26001")
    refuses(
        "qualification_unpublished_after_published", Qualification.objects.update, published_at=NOW, unpublish_at=NOW
    )


# ---- Places and figures


def test_only_a_province_is_in_a_landsdeel(field):
    name, oost = "region_only_a_province_is_in_a_landsdeel", Region.objects.get(slug="oost")
    refuses(name, Region.objects.filter(slug="overijssel").update, landsdeel=None)
    refuses(name, Region.objects.filter(slug="noord").update, landsdeel=oost)
    refuses(name, Region.objects.filter(slug="overijssel").update, kind="gemeente")


@pytest.mark.parametrize("number", [0, 5])
def test_level_is_1_to_4(db, number):
    refuses("level_is_1_to_4", Level.objects.bulk_create, [Level(number=number, name="Niveau")])


def test_action_number_stands_once_per_goal(field):
    again = Action(slug="nog-een", goal=Goal.objects.get(), number=1, title="Nog een", summary="Dubbel.")
    refuses("action_number_once_per_goal", Action.objects.bulk_create, [again])


def test_source_gives_one_figure_per_period(db):
    indicator = Indicator.objects.create(slug="aandeel", name="Aandeel", unit="%")
    figures = [IndicatorValue(indicator=indicator, period="2018", year=2018, value=n, source_title="B") for n in (1, 2)]
    refuses("indicator_value_once_per_source", IndicatorValue.objects.bulk_create, figures)


# ---- Contacts


def test_there_is_one_fallback_and_it_never_lapses(fallback):
    other = Contact(slug="ander", name="Ander", is_fallback=True)
    refuses("contact_has_one_fallback", Contact.objects.bulk_create, [other])
    refuses("contact_fallback_never_lapses", Contact.objects.update, valid_until=datetime.date(2030, 1, 1))


def test_consent_is_explained(fallback):
    refuses("contact_consent_is_explained", Contact.objects.update, consent_on=datetime.date(2026, 1, 1))


@pytest.mark.parametrize(
    ("name", "region", "sector"),
    [
        ("area_region_and_sector_once", "oost", "techniek"),
        ("area_region_once", "oost", None),
        ("area_sector_once", None, "techniek"),
    ],
)
def test_area_has_one_contact(fallback, name, region, sector):
    other = Contact.objects.create(slug="ander", name="Ander")
    area = {"region": Region.objects.filter(slug=region).first(), "sector": Sector.objects.filter(slug=sector).first()}
    Area.objects.create(contact=fallback, **area)
    refuses(name, Area.objects.bulk_create, [Area(contact=other, **area)])


def test_area_says_where_or_what(fallback):
    refuses("area_says_where_or_what", Area.objects.bulk_create, [Area(contact=fallback)])


# ---- In time


def visible(row):
    return type(row).objects.published().contains(row)


def test_row_appears_and_goes_at_its_moment(make_case, make_participation, make_offering):
    moments = {"published_at": NOW, "unpublish_at": NOW + datetime.timedelta(hours=1)}
    rows = [make_case(**moments), make_participation(**moments), make_offering(**moments)]
    for parents in (Experiment, Route):
        parents.objects.update(published_at=NOW - datetime.timedelta(days=1))
    with time_machine.travel(NOW - datetime.timedelta(seconds=1), tick=False) as clock:
        assert [visible(row) for row in rows] == [False] * 3
        clock.shift(1)
        assert [visible(row) for row in rows] == [True] * 3
        clock.shift(3599)
        assert [visible(row) for row in rows] == [True] * 3
        clock.shift(1)
        assert [visible(row) for row in rows] == [False] * 3


def test_scheduled_case_appears_on_the_site_without_anyone_doing_a_thing(client, make_case):
    make_case(slug="straks", published_at=NOW, unpublish_at=NOW + datetime.timedelta(hours=1))
    with time_machine.travel(NOW - datetime.timedelta(seconds=1), tick=False) as clock:
        seen = []
        for wait in (0, 1, 3600):
            clock.shift(wait)
            listed = 'href="/cases/straks/"' in client.get("/cases/").content.decode()
            seen.append((client.get("/cases/straks/").status_code, listed))
    assert seen == [(404, False), (200, True), (404, False)]


def test_row_goes_with_the_experiment_or_route_it_belongs_to(make_participation, make_qualification, make_offering):
    rows = [make_participation(), make_qualification(), make_offering()]
    assert [visible(row) for row in rows] == [True] * 3
    Experiment.objects.update(published_at=None)
    Route.objects.update(published_at=None)
    assert [visible(row) for row in rows] == [False] * 3


def test_qualification_of_another_experiment_is_refused(make_participation, make_experiment, make_qualification):
    participation = make_participation(qualification=make_qualification())
    assert participation.obstacles() == {}
    participation.experiment = make_experiment("rif")
    assert "qualification" in participation.obstacles()


def test_nobody_saw_something_run_in_the_future(make_case):
    case = make_case()
    case.running_seen_on = timezone.localdate() + datetime.timedelta(days=1)
    case.running_source = "https://krant.example/"
    with pytest.raises(ValidationError, match="in de toekomst"):
        case.full_clean()


def test_source_of_a_day_that_does_not_exist_is_refused(make_case):
    source = make_case().sources.get()
    source.year, source.month, source.day = 2021, 2, 31
    with pytest.raises(ValidationError, match="Deze datum bestaat niet"):
        source.full_clean()


# ---- What is stored. Keep these last: from here on the database holds the real content.


@pytest.mark.parametrize("model", PUBLISHABLE)
def test_published_rows_keep_the_rules(content, db, model):
    rows = model.objects.published()
    assert rows
    assert {row.slug: problems for row in rows if (problems := row.obstacles())} == {}
    for row in rows:
        row.full_clean()


@pytest.mark.parametrize("model", [Participation, RouteOffering])
def test_no_published_row_rests_only_on_sources_of_concept_cases(content, db, model):
    records = yaml.safe_load((settings.BASE_DIR / "content" / "cases.yaml").read_text(encoding="utf-8"))
    sources = {True: set(), False: set()}
    for record in records:
        sources[record["published"]] |= {(s["title"], s.get("url", "")) for s in record["sources"]}
    doubtful = sources[False] - sources[True]
    assert doubtful
    rows = model.objects.published().prefetch_related("sources")
    assert [row.slug for row in rows if {(s.title, s.url) for s in row.sources.all()} <= doubtful] == []


def test_exactly_one_contact_is_the_fallback(content, db):
    fallback = Contact.objects.current().get(is_fallback=True)
    assert (fallback.name, fallback.named_person) == ("Contactpunt doel 9", "Maartje Vedder")
