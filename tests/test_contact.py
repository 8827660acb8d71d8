import datetime
import smtplib
import time

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.forms import STAMP
from contacts.models import Area, Contact, Message
from contacts.views import MESSAGES_PER_HOUR
from programme.models import Region

ADDRESS = "/contact/contactpunt/"


class SilentServer(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("opgehangen")


class NoServer(BaseEmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError("niemand thuis")


class WatchingServer(BaseEmailBackend):
    def send_messages(self, messages):
        assert not connection.in_atomic_block
        assert Message.objects.get().text == "Een vraag."


@pytest.fixture
def make_contact(fallback):
    def make(slug, region=None, sector=None, **values):
        contact = Contact.objects.create(slug=slug, name=slug.title(), **values)
        if region or sector:
            region = Region.objects.filter(slug=region).first()
            Area.objects.create(contact=contact, region=region, sector_id=sector)
        return contact

    return make


@pytest.fixture
def desks(make_contact):
    """A desk for every step of the lookup."""
    make_contact("provincie-en-sector", "overijssel", "techniek")
    make_contact("landsdeel-en-sector", "oost", "techniek")
    make_contact("provincie", "overijssel")
    make_contact("landsdeel", "oost")
    make_contact("sector", None, "techniek")


def filled_in(**values):
    """What a person posts: the form was opened a minute ago."""
    stamp = STAMP.sign(str(int(time.time()) - 60))
    return {"name": "Piet", "email": "piet@school.example", "text": "Een vraag.", "stamp": stamp} | values


# ---- Who answers


STEPS = [
    ("provincie-en-sector", "contact voor techniek in Overijssel"),
    ("landsdeel-en-sector", "contact voor techniek in heel Oost"),
    ("provincie", "contact voor Overijssel"),
    ("landsdeel", "contact voor heel Oost"),
    ("sector", "contact voor techniek in heel Nederland"),
    ("contactpunt", "voor deze regio en sector is nog geen eigen contact bekend"),
]


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_lookup_takes_the_most_specific_contact(client, desks, step):
    slug, reason = STEPS[step]
    Contact.objects.filter(slug__in=[gone for gone, _ in STEPS[:step]]).delete()
    response = client.get("/contact/?regio=overijssel&sector=techniek")
    assert (response.context["contact"].slug, response.context["reason"]) == (slug, reason)
    assert reason[1:] in response.content.decode()  # there it begins a sentence


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("", "contactpunt"),
        ("regio=oost", "landsdeel"),
        ("regio=oost&sector=techniek", "landsdeel-en-sector"),
        ("regio=gelderland&sector=techniek", "landsdeel-en-sector"),
        ("regio=gelderland&sector=groen", "landsdeel"),
        ("regio=fryslan&sector=techniek", "sector"),
        ("regio=fryslan&sector=groen", "contactpunt"),
        ("sector=techniek", "sector"),
        ("sector=groen", "contactpunt"),
    ],
)
def test_lookup_for_other_choices(client, desks, query, slug):
    assert client.get(f"/contact/?{query}").context["contact"].slug == slug


def test_message_after_the_lookup_says_what_was_chosen_and_nothing_else(client, desks):
    text = client.get("/contact/?regio=friesland&sector=techniek&utm_source=brief").text
    assert "?vanaf=/contact/%3Fregio%3Dfryslan%26sector%3Dtechniek" in text
    assert "utm_source" not in text


def test_lookup_knows_the_alias_friesland(client, make_contact):
    make_contact("fries-loket", "fryslan")
    assert client.get("/contact/?regio=friesland").context["contact"].slug == "fries-loket"


@pytest.mark.parametrize("region", ["atlantis", "%00", "oost%00", "%ED%A0%80", "1", "x" * 3000])
def test_lookup_with_an_unknown_region_says_so_and_still_uses_the_sector(client, desks, region):
    response = client.get(f"/contact/?regio={region}&sector=techniek")
    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {"regio"}
    assert response.context["form"].errors["regio"][0] in response.content.decode()
    assert response.context["contact"].slug == "sector"


def test_lookup_with_an_unknown_sector_says_so_and_still_uses_the_region(client, desks):
    response = client.get("/contact/?regio=oost&sector=ruimtevaart")
    assert "Deze sector kennen wij niet." in response.content.decode()
    assert response.context["contact"].slug == "landsdeel"


def test_lookup_without_any_contact_still_answers(client, field):
    assert client.get("/contact/?regio=oost").status_code == 200


def test_lookup_costs_the_same_queries_with_more_contacts(client, desks, make_contact):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get("/contact/?regio=overijssel&sector=techniek")
        return len(queries)

    few = cost()
    for sector in ("groen", "zorg-en-welzijn", "economie-en-handel"):
        make_contact(f"{sector}-loket", "oost", sector)
    assert cost() == few <= 7


@time_machine.travel("2026-03-10 12:00+01:00")
def test_contact_past_its_day_is_neither_found_nor_shown(client, make_contact):
    make_contact("vandaag", None, "techniek", valid_until=datetime.date(2026, 3, 10))
    make_contact("gisteren", None, "groen", valid_until=datetime.date(2026, 3, 9))
    assert client.get("/contact/?sector=techniek").context["contact"].slug == "vandaag"
    assert client.get("/contact/?sector=groen").context["contact"].slug == "contactpunt"
    assert client.get("/contact/vandaag/").status_code == 200
    for address in ("/contact/gisteren/", "/contact/gisteren.vcf"):
        assert client.get(address).status_code == 404
    assert client.post("/contact/gisteren/", filled_in()).status_code == 404


# ---- One contact


def test_unknown_contact_is_404(client, field):
    assert client.get("/contact/niemand/").status_code == 404
    assert client.get("/contact/niemand.vcf").status_code == 404


def test_contact_page_costs_a_fixed_number_of_queries(client, make_contact, django_assert_num_queries):
    contact = make_contact("loket")
    for region in Region.objects.all():
        Area.objects.create(contact=contact, region=region, sector_id="techniek")
    with django_assert_num_queries(4):  # contact, areas, their regions, their sectors
        assert client.get("/contact/loket/").status_code == 200


@pytest.mark.parametrize("address", ["/contact/?sector=techniek", "/contact/jan/", "/contact/jan.vcf"])
def test_address_of_a_person_is_hidden_without_consent(client, make_contact, address):
    make_contact("jan", None, "techniek", kind="person", email="jan@loket.example", phone="0612345678")
    page = client.get(address).content.decode()
    assert "Jan" in page
    assert "jan@loket.example" not in page
    assert "0612345678" not in page


def test_address_of_a_person_is_shown_with_consent(client, make_contact):
    consent = {"consent_on": datetime.date(2026, 1, 2), "consent_note": "Per mail gevraagd."}
    make_contact("jan", kind="person", email="jan@loket.example", phone="0612345678", **consent)
    page = client.get("/contact/jan/").content.decode()
    assert "jan@loket.example" in page
    assert "0612345678" in page
    assert "Per mail gevraagd." not in page


def test_vcard_has_name_organisation_and_page_and_no_address(client, make_contact):
    values = {"name": "Loket; Oost,\nZwolle\\", "organisation_name": "ROC, Oost", "email": "a@loket.example"}
    consent = {"consent_on": datetime.date(2026, 1, 2), "consent_note": "Gevraagd."}
    make_contact("loket-oost")
    Contact.objects.filter(slug="loket-oost").update(phone="0612345678", **values, **consent)
    response = client.get("/contact/loket-oost.vcf")
    assert response.headers["Content-Type"] == "text/vcard; charset=utf-8"
    assert 'filename="loket-oost.vcf"' in response.headers["Content-Disposition"]
    assert response.content.decode().split("\r\n") == [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "KIND:org",
        "FN:Loket\\; Oost\\,\\nZwolle\\\\",
        "ORG:ROC\\, Oost",
        "URL:http://testserver/contact/loket-oost/",
        "END:VCARD",
        "",
    ]
    assert b"\n" not in response.content.replace(b"\r\n", b"")


# ---- A message


@pytest.mark.parametrize(
    ("own", "general", "to"),
    [
        ("loket@oost.example", "redactie@portaal.example", "loket@oost.example"),
        ("", "redactie@portaal.example", "redactie@portaal.example"),
        ("", "", None),
    ],
)
def test_message_goes_to_the_contact_or_else_the_editors(client, fallback, settings, own, general, to):
    settings.CONTACT_EMAIL = general
    Contact.objects.update(email=own)
    assert ("gaat alleen naar de redactie" in client.get(ADDRESS).text) == (not own)
    response = client.post(ADDRESS, filled_in(page="/cases/case-1/"))
    assert response.url == f"{ADDRESS}?verzonden=1"
    message = Message.objects.get()
    assert (message.text, message.page, message.is_spam) == ("Een vraag.", "/cases/case-1/", False)
    assert message.mailed_to == (to or "")
    assert [each.to for each in mail.outbox] == ([[to]] if to else [])
    if to:
        assert mail.outbox[0].reply_to == ["piet@school.example"]
        assert "/cases/case-1/" in mail.outbox[0].body


def test_page_after_sending_says_so(client, fallback):
    assert "Uw bericht is ontvangen." in client.post(ADDRESS, filled_in(), follow=True).content.decode()
    assert "Uw bericht is ontvangen." not in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("server", ["SilentServer", "NoServer"])
def test_message_survives_a_failing_mail_server(client, fallback, settings, server):
    settings.EMAIL_BACKEND, settings.CONTACT_EMAIL = f"{__name__}.{server}", "redactie@portaal.example"
    response = client.post(ADDRESS, filled_in())
    assert response.url == f"{ADDRESS}?verzonden=1"
    message = Message.objects.get()
    assert message.text == "Een vraag."
    assert message.mailed_to == ""
    assert message.mail_error


@pytest.mark.django_db(transaction=True)
def test_message_is_committed_before_it_is_mailed(client, fallback, settings):
    settings.EMAIL_BACKEND, settings.CONTACT_EMAIL = f"{__name__}.WatchingServer", "redactie@portaal.example"
    client.post(ADDRESS, filled_in(), REMOTE_ADDR="198.51.100.9")  # its count outlives this test
    assert Message.objects.get().mailed_to == "redactie@portaal.example"


@pytest.mark.parametrize(
    ("values", "wait"),
    [
        ({"homepage": "https://spam.example"}, 10),
        ({}, 1),
        ({}, 25 * 60 * 60),
        ({"stamp": ""}, 10),
        ({"stamp": "1700000000:verzonnen"}, 10),
        ({"stamp": "é\ud7ff:"}, 10),
    ],
    ids=["trap", "too quick", "too late", "no stamp", "forged stamp", "odd stamp"],
)
def test_robots_get_the_same_answer_but_no_mail(client, fallback, settings, values, wait):
    settings.CONTACT_EMAIL = "redactie@portaal.example"
    with time_machine.travel("2026-03-10 12:00+01:00", tick=False) as clock:
        stamp = client.get(ADDRESS).context["form"]["stamp"].value()
        clock.shift(wait)
        response = client.post(ADDRESS, filled_in(stamp=stamp) | values)
    assert (response.status_code, response.url) == (302, f"{ADDRESS}?verzonden=1")
    assert Message.objects.get().is_spam
    assert mail.outbox == []


def test_a_person_who_takes_ten_seconds_is_no_robot(client, fallback, settings):
    settings.CONTACT_EMAIL = "redactie@portaal.example"
    with time_machine.travel("2026-03-10 12:00+01:00", tick=False) as clock:
        stamp = client.get(ADDRESS).context["form"]["stamp"].value()
        clock.shift(10)
        client.post(ADDRESS, filled_in(stamp=stamp))
    assert not Message.objects.get().is_spam
    assert len(mail.outbox) == 1


def test_form_needs_no_cookie(fallback):
    client = Client(enforce_csrf_checks=True)
    assert not client.get(ADDRESS).cookies
    response = client.post(ADDRESS, filled_in())
    assert response.url == f"{ADDRESS}?verzonden=1"
    assert not response.cookies
    assert not client.get(response.url).cookies


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", "Piet\0"),
        ("name", "x" * 101),
        ("email", "piet"),
        ("email", "piet@school.example\nBcc: x@y.example"),
        ("email", "piet@school.example\0"),
        ("email", f"{'a' * 100_000}@school.example"),
        ("text", ""),
        ("text", "Vraag\0"),
        ("text", "x" * 5001),
        ("homepage", "\0"),
    ],
)
def test_malformed_field_gets_an_error_and_nothing_is_stored(client, fallback, name, value):
    response = client.post(ADDRESS, filled_in(**{name: value}))
    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {name}
    assert not Message.objects.exists()


def test_error_keeps_what_was_typed_and_names_the_fault(client, fallback):
    page = client.post(ADDRESS, filled_in(email="piet", text="Lang verhaal")).content.decode()
    assert "Lang verhaal" in page
    assert "Vul een e-mailadres in zoals naam@school.nl." in page


def test_name_cannot_add_a_header_to_the_mail(client, fallback, settings):
    settings.CONTACT_EMAIL = "redactie@portaal.example"
    client.post(ADDRESS, filled_in(name="Piet\r\nBcc: slachtoffer@example.org"))
    assert Message.objects.get().name == "Piet Bcc: slachtoffer@example.org"
    assert mail.outbox[0].recipients() == ["redactie@portaal.example"]
    assert mail.outbox[0].message()["Bcc"] is None


@pytest.mark.parametrize(
    "page", ["https://kwaad.example/", "//kwaad.example/", "javascript:alert(1)", "/\0", "/" * 301]
)
def test_page_of_a_message_is_one_of_ours(client, fallback, page):
    client.post(ADDRESS, filled_in(page=page))
    assert Message.objects.get().page == ""


def test_from_page_is_shown_harmless(client, fallback):
    page = client.get(ADDRESS, {"vanaf": '/"><script>alert(1)</script>\0'}).content.decode()
    assert "<script>alert" not in page


# ---- Not too many messages


def send(client, count, **extra):
    return [client.post(ADDRESS, filled_in(), **extra).status_code for _ in range(count)]


def test_too_many_messages_are_refused_and_the_text_is_kept(client, fallback):
    assert set(send(client, MESSAGES_PER_HOUR)) == {302}
    response = client.post(ADDRESS, filled_in(text="Mijn vraag te veel"))
    assert response.status_code == 429
    assert "Mijn vraag te veel" in response.content.decode()
    assert "Probeer het over een uur weer." in response.content.decode()
    assert Message.objects.count() == MESSAGES_PER_HOUR
    assert send(client, 1, REMOTE_ADDR="198.51.100.7") == [302]


def test_limit_lasts_an_hour(client, fallback):
    with time_machine.travel("2026-03-10 12:00+01:00", tick=False) as clock:
        send(client, MESSAGES_PER_HOUR)
        clock.shift(55 * 60)
        assert send(client, 1) == [429]
        clock.shift(61 * 60)
        assert send(client, 1) == [302]


@pytest.mark.parametrize(
    ("hops", "headers"),
    [
        (0, "192.{n}.2.1"),  # no proxy: whatever the header says is made up
        (1, "192.{n}.2.1, 203.0.113.9"),
        (2, "192.{n}.2.1, 203.0.113.9, 10.0.0.1"),
        (1, "192.{n}.2.1, 203.0.113.{n}"),  # one network
        (1, "192.{n}.2.1, geen adres"),
        (3, "192.{n}.2.1"),  # shorter than the chain of proxies
    ],
)
def test_spoofed_header_does_not_evade_the_limit(client, fallback, settings, hops, headers):
    settings.PROXY_HOPS = hops
    codes = [
        client.post(ADDRESS, filled_in(), headers={"X-Forwarded-For": headers.format(n=n)}).status_code
        for n in range(1, MESSAGES_PER_HOUR + 2)
    ]
    assert codes == [302] * MESSAGES_PER_HOUR + [429]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.1", "198.51.100.1"),
        ("2001:db8:1::1", "2001:db8:2::1"),
        ("::ffff:192.0.2.1", "::ffff:198.51.100.1"),  # IPv4, as a server that listens on [::] sees it
    ],
)
def test_visitors_behind_the_proxy_do_not_share_a_limit(client, fallback, settings, one, other):
    settings.PROXY_HOPS = 1
    send(client, MESSAGES_PER_HOUR, headers={"X-Forwarded-For": one})
    assert send(client, 1, headers={"X-Forwarded-For": one}) == [429]
    assert send(client, 1, headers={"X-Forwarded-For": other}) == [302]


# ---- The contact of a case


def test_case_gets_the_contact_that_covers_all_its_provinces(make_case, make_contact):
    make_contact("groen-oost", region="oost", sector="groen")
    case = make_case(provinces=["overijssel", "gelderland"], sectors=["techniek", "groen"])
    contact, reason = case.answering_contact()
    assert (contact.slug, reason) == ("groen-oost", "contact voor groen in heel Oost")
