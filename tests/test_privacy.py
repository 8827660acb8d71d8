"""/privacy/ promises nothing that is not tested, with the days of the settings."""

import re

import pytest

from cases.models import Remark, Submission
from techniekpact.privacy import PROMISES

PROMISED = {sentence: test for part in PROMISES.values() for sentence, test in part.items()}


@pytest.mark.parametrize("test", PROMISED.values())
def test_what_the_page_promises_is_tested(test, settings):
    file, _, name = test.partition("::")
    assert re.search(rf"^def {name}\(", (settings.BASE_DIR / "tests" / file).read_text(), re.MULTILINE), test


def test_page_says_it_with_the_days_of_the_settings(client, settings):
    settings.MESSAGE_DAYS = 77
    text = client.get("/privacy/").text
    assert [each for each in PROMISED if each.format(days=77) not in text] == []
    assert "Autoriteit Persoonsgegevens" in text


@pytest.mark.parametrize("address", ["/bestaat-niet/", "/contact/contactpunt/", "/case-aanmelden/"])
def test_who_is_asked_for_a_name_is_led_to_it(client, fallback, address):
    assert 'href="/privacy/"' in client.get(address).text


def test_readers_never_see_who_sent_something(client, make_case):
    case = make_case()
    Submission.objects.create(case=case, name="Piet Puk", email="piet@school.example", organisation="Vista")
    Remark.objects.create(case=case, text="Fout", name="Piet Puk", email="piet@school.example")
    for address in (case.get_absolute_url(), f"/case-verbeteren/{case.slug}/", "/cases/?q=piet"):
        assert not re.search("piet (puk)|piet@", client.get(address).text, re.IGNORECASE)
