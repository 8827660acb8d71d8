"""The index of a list against plain ORM queries, which say here once more what each choice means."""

import datetime
from functools import cache
from itertools import chain, pairwise
from random import Random
from urllib.parse import urlencode

import pytest
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from cases.filters import CaseFilter
from cases.models import Case
from discovery.bitsets import from_ids, from_positions, positions, ranked
from discovery.index import sorting
from discovery.texts import rebuild
from experiments.filters import ParticipationFilter
from experiments.models import Experiment, Participation
from programme.models import Level, Organisation, Region, RegionAlias, Sector
from routes.filters import OfferingFilter
from routes.models import Route, RouteOffering

SOURCES = {Case: CaseFilter, Participation: ParticipationFilter, RouteOffering: OfferingFilter}
WORLDS, SELECTIONS, SEARCHES = 20, 100, 10  # 2,000 selections without words, and 200 with
UNKNOWN, YEAR = "onbekend", timezone.localdate().year
PROVINCES = {"noord": ["fryslan", "drenthe"], "oost": ["overijssel", "gelderland", "flevoland"], "leeg": []}
SECTORS = ["techniek", "groen", "zorg"]
EXPERIMENTS = ["cross-over", "rif", "entree"]
ROUTES = {"entree": None, "breed": None, "smal": "breed", "smaller": "breed", "los": None}  # {route: kind of}
WORDS = ["Robots", "robot", "zorg", "Zorgtechniek", "Éénjarig", "eenjarig", "école", "Zwolle", "zwolle", "BOL-BBL"]
# What may stand in an address: also what no list knows, what is hidden in some world, and another name of a region.
ASKED = {
    "regio": ["fryslan", "friesland", "overijssel", "gelderland", "noord", "oost", "leeg", UNKNOWN, "atlantis"],
    "sector": [*SECTORS, UNKNOWN, "ruimtevaart"],
    "jaar": ["1999", "2000", "2012", "2016", "2018", str(YEAR - 1), str(YEAR), str(YEAR + 1), str(YEAR + 2), UNKNOWN],
    "instrument": [*EXPERIMENTS, *ROUTES, UNKNOWN],
    "niveau": ["1", "2", "3", "4", "5", UNKNOWN],
    "status": ["loopt", "afgelopen", UNKNOWN],
}


# ---- random content


def publication(random):
    """Concept, to come, public, or withdrawn; mostly public."""
    now = timezone.now()
    days = [None, *range(-9, 2)]
    published, end = random.choice(days), random.choice([None, None, None, -1, 1])
    return {
        "published_at": None if published is None else now + datetime.timedelta(days=published),
        "unpublish_at": None if end is None or (published or 0) >= end else now + datetime.timedelta(days=end),
    }


def period(random):
    first = random.choice([None, 1990, 1999, *range(2010, 2020), YEAR, YEAR + 1, YEAR + 5])
    last = random.choice([None, None, *range(first or 1995, YEAR + 7)])
    seen = random.random() < 0.3
    return {
        "first_year": first,
        "last_year": last,
        "running_seen_on": timezone.localdate() if seen else None,
        "running_source": "https://krant.example/" if seen else "",
    }


def link(rows, name, others, random):
    """Give each row none, one or two of `others`."""
    field = rows.model._meta.get_field(name)
    through, of, to = field.remote_field.through, field.m2m_field_name(), field.m2m_reverse_field_name()
    through.objects.bulk_create(
        through(**{f"{of}_id": pk, f"{to}_id": other})
        for pk in rows.values_list("pk", flat=True)
        for other in random.sample(others, random.choice([0, 1, 1, 2]))
    )


def make_world(number):
    random = Random(number)
    Level.objects.bulk_create(Level(number=number, name=f"Niveau {number}") for number in range(1, 5))
    Sector.objects.bulk_create(Sector(slug=slug, name=slug.title()) for slug in SECTORS)
    for landsdeel, provinces in PROVINCES.items():
        parent = Region.objects.create(slug=landsdeel, name=landsdeel.title(), kind="landsdeel")
        Region.objects.bulk_create(
            Region(slug=slug, name=slug.title(), kind="provincie", landsdeel=parent) for slug in provinces
        )
    RegionAlias.objects.create(region=Region.objects.get(slug="fryslan"), name="Friesland", slug="friesland")
    organisation = Organisation.objects.create(slug="roc", name="ROC Zwolle", kind="mbo")
    Experiment.objects.bulk_create(
        Experiment(slug=slug, name=slug.title(), summary="Tekst.", **publication(random)) for slug in EXPERIMENTS
    )
    Route.objects.bulk_create(
        Route(
            slug=slug,
            name=slug.title(),
            summary="Tekst.",
            kind_of_id=kind,
            min_level_id=1,
            max_level_id=4,
            **publication(random),
        )
        for slug, kind in ROUTES.items()
    )
    experiments, routes = (list(model.objects.values_list("pk", flat=True)) for model in (Experiment, Route))
    provinces = list(Region.objects.filter(kind="provincie").values_list("pk", flat=True))
    numbers = range(number * 7)  # the first world is empty

    def common():
        return publication(random) | period(random)

    def title():
        return " ".join(random.choices(WORDS, k=random.choice([1, 1, 2])))

    Case.objects.bulk_create(
        Case(
            slug=f"rij-{number}",
            title=title(),
            summary=title(),
            body="Tekst.",
            nationwide=random.random() < 0.1,
            first_year_unknown=values["first_year"] is None,
            **values,
        )
        for number in numbers
        for values in [common()]
    )
    Participation.objects.bulk_create(
        Participation(
            slug=f"rij-{number}",
            programme=title(),
            note=title(),
            organisation=organisation,
            experiment_id=random.choice(experiments),
            **common(),
        )
        for number in numbers
    )
    RouteOffering.objects.bulk_create(
        RouteOffering(
            slug=f"rij-{number}",
            name=title(),
            note=title(),
            route_id=random.choice(routes),
            level_id=random.choice([None, 1, 2, 3, 4]),
            sector_id=random.choice([None, *SECTORS]),
            province_id=random.choice([None, *provinces]),
            **common(),
        )
        for number in numbers
    )
    for rows in (Case.objects.all(), Participation.objects.all()):
        link(rows, "provinces", provinces, random)
        link(rows, "sectors", SECTORS, random)
        link(rows, "levels", [1, 2, 3, 4], random)
    link(Case.objects.all(), "experiments", experiments, random)
    link(Case.objects.all(), "routes", routes, random)
    rebuild()


# ---- what the ORM says


def now_public():
    now = timezone.now()
    return Q(published_at__lte=now) & (Q(unpublish_at=None) | Q(unpublish_at__gt=now))


def public(model):
    rows = model.objects.filter(now_public())
    if model is Participation:
        return rows.filter(experiment__in=Experiment.objects.filter(now_public()))
    return rows.filter(route__in=Route.objects.filter(now_public())) if model is RouteOffering else rows


def known_values(model):
    """{facet: its values}, all that can be chosen now."""
    experiments = Experiment.objects.filter(now_public()).values_list("slug", flat=True)
    routes = Route.objects.filter(now_public()).values_list("slug", flat=True)
    instruments = {Case: {*experiments, *routes, UNKNOWN}, Participation: {*experiments}, RouteOffering: {*routes}}
    return {
        "regio": {*PROVINCES, *chain(*PROVINCES.values())} | ({UNKNOWN} if model is not Case else set()),
        "sector": {*SECTORS, UNKNOWN},
        "jaar": {*map(str, range(2000, YEAR + 2)), UNKNOWN},
        "instrument": instruments[model],
        "niveau": {"1", "2", "3", "4", UNKNOWN},
        "status": {"loopt", "afgelopen", UNKNOWN},
    }


def has(model, facet, values):
    """Q: the row has at least one of these values of a facet."""
    many = "" if model is RouteOffering else "s"
    unknown = Q(pk__in=[])
    if facet == "regio":
        path = f"province{many}"
        found = Q(**{f"{path}__slug__in": values}) | Q(**{f"{path}__landsdeel__slug__in": values})
        unknown = Q(nationwide=True) if model is Case else Q(**{f"{path}__isnull": True})
        return found | unknown if model is Case or UNKNOWN in values else found
    if facet in {"sector", "niveau"}:
        path = {"sector": "sector", "niveau": "level"}[facet] + many
        found = Q(**{f"{path}__in": [value for value in values if value != UNKNOWN]})
        unknown = Q(**{f"{path}__isnull": True})
    elif facet == "jaar":
        found = unknown
        for year in {*values} - {UNKNOWN}:
            found |= Q(first_year__lte=year) & (Q(last_year=None) | Q(last_year__gte=year))
        unknown = Q(first_year=None)
    elif facet == "status":
        ended = Q(last_year__isnull=False, last_year__lt=YEAR)
        goes_on = Q(last_year=None) | Q(last_year__gte=YEAR)
        found = ended if "afgelopen" in values else Q(pk__in=[])
        found |= goes_on & Q(running_seen_on__isnull=False) if "loopt" in values else Q(pk__in=[])
        unknown = goes_on & Q(running_seen_on=None)
    elif model is Participation:
        return Q(experiment__slug__in=values)
    elif model is RouteOffering:
        return Q(route__in=values) | Q(route__kind_of__in=values)
    else:
        experiments, routes = Experiment.objects.filter(now_public()), Route.objects.filter(now_public())
        found = Q(experiments__in=experiments.filter(slug__in=values))
        found |= Q(routes__in=routes.filter(Q(slug__in=values) | Q(kind_of__in=values)))
        known = Case.objects.filter(Q(experiments__in=experiments) | Q(routes__in=routes))
        unknown = ~Q(pk__in=known.values("pk"))
    return found | unknown if UNKNOWN in values else found


def rows(model, pairs=frozenset()):
    """The primary keys of the public rows that have a chosen value of each facet in these (facet, value)."""
    found = public(model)
    for facet in {facet for facet, _ in pairs}:
        found = found.filter(has(model, facet, [value for name, value in pairs if name == facet]))
    return {*found.order_by().values_list("pk", flat=True)}


def in_order(model, order):
    """The primary keys of all rows as a list has them in this order."""
    read = model.objects.values_list("pk", SOURCES[model].title_field, "first_year")
    read = sorted(read, key=lambda row: (sorting(row[1]), row[0]))
    if order != "titel":
        sign = 1 if order == "oudste" else -1
        read.sort(key=lambda row: (row[2] is None, sign * (row[2] or 0)))
    return [pk for pk, *_ in read]


class World:
    """Random content, and what the ORM says of it."""

    def __init__(self, number):
        make_world(number)
        self.values, self.rows, self.in_order = cache(known_values), cache(rows), cache(in_order)

    def known(self, model, pairs):
        """What an address asks of what the list knows, as (facet, value)."""
        spelled = [(facet, {"friesland": "fryslan"}.get(value, value)) for facet, value in pairs]
        return frozenset((facet, value) for facet, value in spelled if value in self.values(model)[facet])

    def compare(self, model, pairs, order, size, words=""):
        """Hold what the index says for one address against what the ORM says."""
        source, chosen = SOURCES[model], self.known(model, pairs)
        extra = {name: value for name, value in {"sorteer": order, "q": words}.items() if value}
        selection = source(QueryDict(urlencode([*pairs, *extra.items()])))
        found = self.rows(model)
        if words:
            found = {*source(QueryDict(urlencode({"q": words}))).pks()}
            titled = model.objects.filter(**{source.title_field: words}).values_list("pk", flat=True)
            assert {*titled} & self.rows(model) <= found <= self.rows(model)

        expected, keys = self.rows(model, chosen) & found, selection.pks()
        assert {*keys} == expected
        assert len(keys) == selection.total == len(expected)
        if order or not words:
            assert keys == [pk for pk in self.in_order(model, order) if pk in expected]

        assert {facet: {*group.counts} for facet, group in selection.groups.items()} == self.values(model)
        for facet, group in selection.groups.items():
            others = self.rows(model, frozenset(pair for pair in chosen if pair[0] != facet)) & found
            ones = {value: self.rows(model, frozenset([(facet, value)])) for value in group.counts}
            assert group.counts == {value: len(others & rows) for value, rows in ones.items()}, facet

        stops = [*range(0, len(keys), size), len(keys)]
        pages = [selection.positions(start, stop) for start, stop in pairwise(stops)]
        assert [selection.index.keys[position] for page in pages for position in page] == keys


@pytest.fixture(params=range(WORLDS))
def world(request, db):
    return World(request.param)


def tried(number, examples):
    """Try a property on so many examples, the same in each run and others in each world."""
    return lambda test: seed(number)(settings(max_examples=examples, deadline=None, database=None)(test))


models = st.sampled_from([*SOURCES])
choices = st.sampled_from([*ASKED]).flatmap(lambda facet: st.tuples(st.just(facet), st.sampled_from(ASKED[facet])))
pairs = st.lists(choices, max_size=5)
orders = st.sampled_from(["", "nieuwste", "oudste", "titel"])
sizes = st.integers(1, 20)
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" ".join)


def test_index_says_what_the_database_says(world, request):
    @tried(request.node.callspec.params["world"], SELECTIONS)
    @given(st.tuples(models, pairs, orders, sizes))
    def compare(selection):
        world.compare(*selection)

    compare()


def test_words_and_choices_together_give_what_both_give(world, request):
    @tried(request.node.callspec.params["world"], SEARCHES)
    @given(st.tuples(models, pairs, orders, sizes, words))
    def compare(selection):
        world.compare(*selection)

    compare()


def test_titles_sort_without_regard_to_capitals_and_accents():
    titles = ["zorg", "Ezel", "eenjarig", "abc", "École"]
    assert sorted(titles, key=sorting) == ["abc", "École", "eenjarig", "Ezel", "zorg"]


# ---- bitsets


@st.composite
def bitsets(draw):
    """(size, a set of positions, an order of all positions, the start and stop of a page)"""
    size = draw(st.integers(0, 700))
    random = Random(draw(st.integers(0, 1_000_000)))
    rows = set(random.sample(range(size), draw(st.integers(0, size))))
    start, stop = draw(st.integers(0, 720)), draw(st.none() | st.integers(0, 720))
    return size, rows, random.sample(range(size), size), start, stop


@settings(max_examples=200, deadline=None, derandomize=True)
@given(bitsets())
def test_bitset_is_a_set(given_set):
    size, rows, order, start, stop = given_set
    bits = from_positions([*rows, *rows], size)
    assert bits == sum(1 << position for position in rows)
    assert bits == from_ids(rows, [size - position for position in range(size)], size)
    assert bits == from_ids([*rows, size], [*(size - position for position in range(size)), 0], size)
    assert bits.bit_count() == len(rows)
    assert positions(bits) == sorted(rows)
    assert positions(bits, start, stop) == sorted(rows)[start:stop]
    assert ranked(bits, order, start, stop) == [position for position in order if position in rows][start:stop]
