"""/toegankelijkheid/ claims nothing that is not tested, and does not grow old."""

import re

import pytest
from django.conf import settings
from django.utils import timezone

from techniekpact.accessibility import CHECKS, DEVIATIONS, RENEW_BY, STATED_ON


@pytest.fixture
def main(client):
    return client.get("/toegankelijkheid/").text.partition("<main")[2].partition("</main>")[0]


def test_statement_is_not_older_than_a_year():
    """When this fails: go through the statement, set it right, and only then change its date."""
    assert timezone.localdate() <= RENEW_BY
    assert (RENEW_BY - STATED_ON).days <= 366


@pytest.mark.parametrize("test", CHECKS.values())
def test_what_the_page_names_is_tested(test):
    file, _, name = test.partition("::")
    assert re.search(rf"^def {name}\(", (settings.BASE_DIR / "tests" / file).read_text(), re.MULTILINE), test


def test_page_has_the_parts_of_the_model_in_its_order(main):
    heads = re.findall(r"<h2>([^<]+)</h2>", main)
    assert heads == [
        "Waarover gaat deze verklaring",
        "Status",
        "Waarop deze verklaring berust",
        "Wat nog niet klopt",
        "Datum",
        "Een probleem melden",
    ]


def test_page_claims_no_status_that_asks_for_people(main):
    assert "nog geen status A of B" in main
    assert "WCAG-EM" in main
    assert "voldoet volledig" not in main


def test_page_names_its_checks_deviations_and_dates(main):
    words = [*CHECKS, *(part for each in DEVIATIONS for part in vars(each).values())]
    assert len(words) > 12
    for each in [*words, f'datetime="{STATED_ON}"', f'datetime="{RENEW_BY}"']:
        assert each in main, each


def test_page_says_where_to_report_and_where_to_complain(main):
    assert 'href="/contact/"' in main
    assert "binnen twee weken" in main
    assert "Nationale ombudsman" in main
    assert "College voor de Rechten van de Mens" in main


@pytest.mark.parametrize("address", ["/", "/zoeken/", "/bestaat-niet/"])
def test_every_page_leads_to_it(client, db, address):
    assert 'href="/toegankelijkheid/"' in client.get(address).text
