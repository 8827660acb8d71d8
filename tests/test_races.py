"""What may happen between two looks at the database: rows that go, triggers that are away, children that move."""

import pytest
from django.http import QueryDict

from cases.filters import CaseFilter
from cases.models import Case
from cases.related import related_cases
from contacts.models import Area, Contact
from discovery import database
from discovery.index import current_index
from discovery.models import ContentVersion, SearchText, Synonym
from programme.models import Organisation, Region
from techniekpact.apps import public_tables, remove

pytestmark = pytest.mark.django_db


def plain(kind, row):
    return SearchText.objects.get(kind=kind, key=str(row.pk)).plain


@pytest.mark.parametrize("query", ["sorteer=titel", "q=robot&sorteer=titel"])
def test_row_that_goes_while_a_page_is_made_shifts_no_other_card(make_case, query):
    gone, *others = [make_case(title=f"{name} robot") for name in ("Alfa", "Beta", "Gamma")]
    selection = CaseFilter(QueryDict(query))
    assert selection.total == 3
    Case.objects.filter(pk=gone.pk).update(published_at=None)
    for _ in range(2):
        assert [case.slug in card for case, card in zip(others, selection.cards(0, 3), strict=True)] == [True, True]


def test_row_that_goes_is_no_related_case(make_case):
    case, gone = make_case(), make_case()
    index = current_index(CaseFilter)
    Case.objects.filter(pk=gone.pk).update(published_at=None)
    assert related_cases(index, case) == []


def test_what_changed_while_triggers_were_away_shows_once_they_are_back(client, make_case):
    make_case(title="Oude titel")
    client.get("/cases/")
    remove(plan=["a migration"])
    assert database.watched_tables() == set()
    assert client.get("/health/ready").status_code == 503
    Case.objects.update(title="Nieuwe titel")
    database.install(public_tables())
    assert "Nieuwe titel" in client.get("/cases/").text
    assert client.get("/health/ready").status_code == 200


def test_without_a_version_every_page_is_read_anew(client, make_case):
    ContentVersion.objects.all().delete()
    for number in (1, 2):
        make_case()
        assert client.get("/cases/").selection.total == number
    assert client.get("/health/ready").status_code == 503


def test_area_that_moves_to_another_contact_is_searched_there_only(field):
    before, after = (Contact.objects.create(slug=slug, name=f"Loket {slug}") for slug in "ab")
    area = Area.objects.create(contact=before, region=Region.objects.get(slug="fryslan"))
    area.contact = after
    area.save()
    assert ["fryslan" in plain("contacts.contact", each) for each in (before, after)] == [False, True]


def test_cases_that_an_organisation_lets_go_are_not_found_by_its_name(make_case, make_organisation):
    case, school = make_case(), make_organisation("Zwevend")
    school.led_cases.add(case)
    assert "zwevend" in plain("cases.case", case)
    school.led_cases.clear()
    assert "zwevend" not in plain("cases.case", case)


@pytest.mark.parametrize("of_many", [True, False])
def test_beginnings_of_words_count_whatever_other_kinds_have(make_case, of_many):
    for title in ("Zilver", "Zilverwitjes"):
        make_case(title=title)
    Organisation.objects.bulk_create(
        Organisation(slug=f"zilver-{number}", name=f"Zilver {number}", kind="mbo") for number in range(12)
    )
    for organisation in Organisation.objects.all():
        organisation.save()
    matcher = current_index(CaseFilter).matcher
    matcher.of_many = of_many
    assert matcher.look_up("zilver").bits.bit_count() == 2


def test_sign_among_synonyms_does_not_find_everything(make_case):
    make_case()
    Synonym.objects.create(slug="a", words="bpv, ★")
    assert CaseFilter(QueryDict("q=bpv")).total == 0
