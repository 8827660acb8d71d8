"""Search over the real content: what visitors type, and words that must find each other among all others.

queries.tsv was written from the content, before anyone looked at what the search gives. A third column says why a
query is a known miss.
"""

from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.utils import timezone

from cases.filters import CaseFilter
from cases.models import Case
from experiments.filters import ParticipationFilter
from routes.filters import OfferingFilter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]


def lines(name):
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


def search(query, filterset=CaseFilter, **choices):
    return filterset(QueryDict(urlencode({"q": query, **choices})))


def first(selection, number):
    """The primary keys of the first rows of a search."""
    return [selection.index.keys[position] for position in selection.positions(0, number)]


@pytest.mark.parametrize(("query", "slug"), lines("queries.tsv"))
def test_case_is_among_the_first_three(query, slug):
    assert slug in Case.objects.filter(pk__in=first(search(query), 3)).values_list("slug", flat=True)


def test_there_are_enough_queries_and_each_is_short():
    queries = [query for query, *_ in lines("queries.tsv")]
    assert len(set(queries)) == len(queries) > 70
    assert all(len(query.split()) <= 5 for query in queries)
    assert {slug for _, slug, *_ in lines("queries.tsv")} == set(
        Case.objects.published().values_list("slug", flat=True)
    )


@pytest.mark.parametrize(("one", "other", "rule"), [pair for pair in lines("search_pairs.tsv") if pair[2] != "nee"])
def test_pair_finds_each_other_among_the_real_cases(one, other, rule):
    """However many cases have the word itself: a synonym, an inflection or a part of a compound is no weak match."""
    defaults = {"summary": "Kort.", "first_year": 2016, "published_at": timezone.now()}
    with_one, with_other = (
        Case.objects.create(title=f"Case {n}", slug=f"case-{n}", body=f"Over {word}.", **defaults).pk
        for n, word in enumerate([one, other])
    )
    assert with_other in set(search(one).pks())
    if rule == "ja":
        assert with_one in set(search(other).pks())


@pytest.mark.parametrize("filterset", [CaseFilter, ParticipationFilter, OfferingFilter])
@pytest.mark.parametrize("query", ["zorg", "techniek in de zorg", "zorgtehcnicus", "robots", '"mbo"', "xyz"])
def test_count_beside_a_choice_equals_the_rows_behind_it(filterset, query):
    selection = search(query, filterset)
    rows = set(selection.pks())
    for name, group in selection.groups.items():
        for option in group.options:
            chosen = search(query, filterset, **{name: option.choice.value})
            assert option.count == chosen.total == len(chosen.pks())
            assert set(chosen.pks()) <= rows
