"""Is this still true? Who is asked and when, and what an answer does and does not do."""

import datetime
import re
from urllib.parse import quote

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from test_contact import SilentServer

from cases.models import Case
from contacts.models import Contact, Message
from programme.models import Organisation
from publishing import versions, workflow
from publishing.models import Reminder, Version
from techniekpact import answers, freshness

NOW = datetime.datetime(2026, 11, 26, 9, 0, tzinfo=datetime.UTC)
TODAY, DAY = NOW.date(), datetime.timedelta(days=1)
OLD = datetime.date(2020, 1, 1)
NOT_SENT = "Uw antwoord is nog niet verzonden"


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def school(clock, make_organisation):
    return make_organisation(email="roc@oost.example")


@pytest.fixture
def case(school, make_case):
    return make_case(title="Robots", checked_on=OLD, place="Almelo", running_seen_on=OLD, running_source="https://a.nl")


@pytest.fixture
def link(case):
    """The path of the link in the mail about the case."""
    freshness.ask()
    return path_in(mail.outbox[-1])


def path_in(letter):
    return re.search(r"http://testserver(/controle/\S+/)", letter.body)[1]


def asked():
    """How many mails a run sends."""
    before = len(mail.outbox)
    freshness.ask()
    return len(mail.outbox) - before


def change(client, link, **values):
    """Post the form as a browser does: what stands in it, with the changes."""
    form = client.get(f"{link}?antwoord=veranderd").context["form"]
    filled = {field.name: field.value() or "" for field in form}
    return client.post(link, filled | {"antwoord": "veranderd"} | values)


# ---- who is asked, and when


def test_only_what_readers_see_and_nobody_confirmed_for_a_year_is_due(clock, make_case, settings):
    settings.CHECK_AFTER_DAYS = 365
    long_ago, year_ago = NOW - 366 * DAY, NOW - 365 * DAY
    make_case(title="Pas gecontroleerd", published_at=long_ago, checked_on=year_ago.date())
    make_case(title="Pas gepubliceerd", published_at=year_ago)
    make_case(title="Concept", published_at=None, checked_on=OLD)
    make_case(title="Archief", published_at=long_ago, unpublish_at=NOW, checked_on=OLD)
    make_case(title="Nooit", published_at=long_ago)
    make_case(title="Lang geleden", checked_on=OLD)
    due = freshness.due_cases(Case.objects.all())
    assert [case.title for case in due] == ["Lang geleden", "Nooit"]
    assert [case.title for case in freshness.due_cases(Case.objects.filter(title="Nooit"))] == ["Nooit"]


def test_an_organisation_gets_one_mail_with_a_link_for_each_case(school, make_case, client):
    for title in ("Robots", "Kassen"):
        make_case(title=title, checked_on=OLD)
    assert asked() == 1
    [letter] = mail.outbox
    assert letter.to == ["roc@oost.example"]
    assert "Klopt dit nog? 2 cases" in letter.subject
    links = re.findall(r"http://testserver(/controle/\S+/)", letter.body)
    assert [client.get(each).context["row"].title for each in links] == ["Robots", "Kassen"]
    assert "laatst gecontroleerd op 1 januari 2020" in letter.body


def test_letter_of_many_cases_costs_a_fixed_number_of_queries(school, make_case, django_assert_num_queries):
    for _ in range(8):
        make_case(checked_on=OLD)
    Reminder.objects.create(  # what was asked before is read for all at once
        content_type_id=freshness.ContentType.objects.get_for_model(Case).pk,
        object_id="1",
        address="x@y.example",
        sent_at=NOW,
    )
    with django_assert_num_queries(9 + 8):  # and a row for each
        freshness.ask()
    with django_assert_num_queries(3):
        freshness.unanswered(Case.objects.all())


def test_no_more_than_three_mails_a_month_apart_and_then_it_is_a_task(case, clock):
    for days in (0, 1, 28):
        clock.shift(days * DAY)
        assert asked() == (days == 0)
    clock.shift(DAY)
    assert asked() == 1
    clock.shift(30 * DAY)
    assert asked() == 1
    assert freshness.unanswered(Case.objects.all()) == []
    clock.shift(30 * DAY)
    assert asked() == 0
    assert freshness.unanswered(Case.objects.all()) == [(case, "geen antwoord")]
    assert freshness.unanswered(Case.objects.none()) == []
    Case.objects.update(checked_on=timezone.localdate())
    assert freshness.unanswered(Case.objects.all()) == []
    clock.shift(366 * DAY)
    assert asked() == 1  # a new year, a new question


def test_without_an_address_it_is_a_task_at_once(case):
    Organisation.objects.update(email="")
    assert asked() == 0
    assert freshness.unanswered(Case.objects.all()) == [(case, "geen adres bekend")]


@pytest.fixture
def silent(settings):
    """The mail server is out of order; silent() mends it."""
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{SilentServer.__module__}.SilentServer"
    return lambda: setattr(settings, "EMAIL_BACKEND", working)


def test_mail_that_fails_is_tried_again_and_each_try_is_logged(case, clock, silent):
    freshness.ask()
    assert "SMTPServerDisconnected" in Reminder.objects.get().error
    silent()
    clock.shift(DAY)
    assert asked() == 1
    assert [bool(each.error) for each in Reminder.objects.all()] == [False, True]
    assert freshness.unanswered(Case.objects.all()) == []


def test_mail_that_keeps_failing_is_given_up_and_then_a_task(case, clock, silent):
    days = []
    for day in range(40):
        tried = Reminder.objects.count()
        freshness.ask()
        days += [day] * (Reminder.objects.count() - tried)
        assert bool(freshness.unanswered(Case.objects.all())) == (day >= 15)
        clock.shift(DAY)
    assert days == [0, 1, 3, 7, 15]
    assert freshness.unanswered(Case.objects.all()) == [(case, "mail kwam niet aan")]
    silent()
    assert asked() == 0
    Organisation.objects.update(email="nieuw@oost.example")
    assert freshness.unanswered(Case.objects.all()) == []
    assert asked() == 1


def test_one_address_that_fails_hides_no_silence_of_another(case, clock, make_organisation):
    case.lead_organisations.add(make_organisation("Vista", email="info@vista.example"))
    for _ in range(freshness.MOST):
        freshness.ask()
        clock.shift(30 * DAY)
    Reminder.objects.filter(address="info@vista.example").update(error="SMTPRecipientsRefused")
    kind = Reminder.objects.first().content_type
    for _ in range(2):
        values = {"object_id": str(case.pk), "address": "info@vista.example", "error": "SMTPRecipientsRefused"}
        Reminder.objects.create(content_type=kind, sent_at=timezone.now(), **values)
    assert freshness.unanswered(Case.objects.all()) == [(case, "geen antwoord")]


def test_what_was_asked_is_kept_until_the_answer_is_in_and_the_link_works_no_more(case, clock, settings):
    settings.MESSAGE_DAYS = 1
    freshness.ask()
    clock.shift(400 * DAY)
    assert freshness.forget(timezone.now() - DAY) == 0
    Case.objects.update(checked_on=timezone.localdate())
    clock.move_to(NOW + freshness.LINK_WORKS)
    assert freshness.forget(timezone.now() - DAY) == 0
    clock.shift(DAY)
    assert freshness.forget(timezone.now() - 62 * DAY) == 0
    assert freshness.forget(timezone.now() - DAY) == 1


def test_who_is_no_longer_known_leaves_no_address_in_the_history(client, link, case):
    Organisation.objects.update(email="nieuw@oost.example")
    change(client, link, remark="Wij zijn verhuisd.")
    copy = Case.objects.get(replaces=case)
    assert "Op 26 november 2026 antwoordde iemand met de link" in copy.editor_note
    assert "@" not in copy.editor_note + versions.latest(copy).comment


def test_mail_of_a_process_that_died_does_not_go_twice(case):
    assert freshness.book(Case, "roc@oost.example", [case.pk])
    assert Reminder.objects.get().error == freshness.SENDING
    assert asked() == 0


# ---- the link


def test_opening_the_link_writes_nothing_and_leaves_no_trace(client, link, case):
    before = versions.snapshot(case), Version.objects.count()
    for address in (link, f"{link}?antwoord=veranderd", f"{link}?antwoord=gestopt", f"{link}?antwoord=x%00"):
        response = client.get(address)
        assert response.status_code == 200
        assert not response.cookies
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Robots-Tag"] == "noindex"
        assert response.text.count("<h1") == 1
        assert 'rel="canonical"' not in response.text
    assert client.head(link).status_code == 200
    assert (versions.snapshot(case), Version.objects.count()) == before
    assert Reminder.objects.get().answer == ""


def test_link_that_is_forged_old_or_of_what_is_gone_says_so(client, link, case, clock):
    forged = freshness.signing.dumps(["cases.case", str(case.pk), 1], salt="another")
    for path in ("/controle/x/", f"/controle/{quote('é:1:2')}/", f"{link[:-2]}/", f"/controle/{forged}/"):
        for response in (client.get(path), client.post(path, {"antwoord": "klopt"})):
            assert response.status_code == 404
            assert "Deze link werkt niet meer" in response.text
            assert response["X-Robots-Tag"] == "noindex"
    with time_machine.travel(NOW + 61 * DAY):
        assert client.get(link).status_code == 404
    Case.objects.update(published_at=None)
    assert "Robots" not in client.get(link).text
    assert client.post(link, {"antwoord": "klopt"}).status_code == 404
    case.delete()
    assert client.get(link).status_code == 404


def test_page_costs_a_fixed_number_of_queries(client, link, django_assert_num_queries):
    freshness.ContentType.objects.get_for_model(Case)
    with django_assert_num_queries(5):
        client.get(link)


# ---- klopt nog


def test_confirming_changes_the_day_of_the_check_and_nothing_else(client, link, case):
    before = Case.objects.get()
    response = Client(enforce_csrf_checks=True).post(link, {"antwoord": "klopt"})
    assert response.url == f"{link}?ontvangen=1"
    assert "Dank u." in client.get(response.url).text
    after = Case.objects.get()
    assert (after.checked_on, after.updated_at) == (TODAY, before.updated_at)
    version = versions.latest(case)
    assert (version.event, version.made_by) == (Version.Event.CONFIRMED, None)
    assert version.comment == "Bevestigd door ROC Oost via de controlemail."
    assert "26 november 2026" in client.get(case.get_absolute_url()).text
    assert asked() == 0


def test_answer_is_given_once_and_a_later_one_may_follow(client, link):
    client.post(link, {"antwoord": "klopt"})
    assert "U hebt al geantwoord" in client.get(link).text
    assert client.post(link, {"antwoord": "klopt"}).status_code == 409
    assert client.post(link, {"antwoord": "gestopt", "last_year": "2024"}).status_code == 302
    for answer in ("klopt", "veranderd", "gestopt"):
        response = client.post(link, {"antwoord": answer, "last_year": "2024", "summary": "X", "body": "Y"})
        assert response.status_code == 409
        assert "met deze link is al geantwoord" in response.text
    assert Version.objects.filter(event=Version.Event.CONFIRMED).count() == 1


def test_working_copy_hears_that_the_case_was_confirmed(client, link, case):
    copy = workflow.start_copy(case, None)
    client.post(link, {"antwoord": "klopt"})
    copy = Case.objects.get(pk=copy.pk)
    assert workflow.changed_since(copy) == []
    workflow.approve(copy, None)
    assert Case.objects.get().checked_on == TODAY


@pytest.mark.parametrize("answer", ["", "ja", "klopt\0", "TRUE"])
def test_answer_that_is_none_is_told(client, link, answer):
    response = client.post(link, {"antwoord": answer})
    assert response.status_code == 400
    assert "Kies één van de antwoorden." in response.text


def test_one_link_cannot_be_tried_without_end(client, link, monkeypatch):
    monkeypatch.setattr(answers, "TRIES_PER_HOUR", 0)
    response = change(client, link, remark="Een lang verhaal.")
    assert (response.status_code, response["Retry-After"]) == (429, "3600")
    assert "Een lang verhaal." in response.text


# ---- er is iets veranderd


def test_change_becomes_a_working_copy_for_review_and_readers_see_nothing_of_it(client, link, case):
    text = client.get(case.get_absolute_url()).text
    response = change(client, link, place="Hengelo", body="Nieuw.\r\nMeer.", remark="Wij zijn verhuisd.")
    assert response.status_code == 302
    assert client.get(case.get_absolute_url()).text == text
    copy = Case.objects.get(replaces=case)
    assert (copy.place, copy.body, copy.summary, copy.stage) == (
        "Hengelo", "Nieuw.\nMeer.", case.summary, "ter beoordeling",
    )  # fmt: skip
    assert "Op 26 november 2026 antwoordde ROC Oost" in copy.editor_note
    assert "Wij zijn verhuisd." in copy.editor_note
    assert asked() == 0
    assert freshness.unanswered(Case.objects.all()) == [(case, "antwoord: er is iets veranderd")]
    workflow.approve(copy, None)
    assert Case.objects.get().checked_on == TODAY
    assert freshness.unanswered(Case.objects.all()) == []


def test_change_stands_beside_what_an_editor_already_wrote(client, link, case):
    copy = workflow.start_copy(case, None)
    copy.place, copy.first_year = "Enschede", 2020
    copy.save()
    assert "Enschede" not in client.get(f"{link}?antwoord=veranderd").text
    change(client, link, place="Hengelo", website="https://roc.example/")
    copy.refresh_from_db()
    assert (copy.place, copy.website, copy.stage) == ("Enschede", "https://roc.example/", "concept")
    assert "‘plaats’, want dat was hier al anders: Hengelo" in copy.editor_note


def test_changes_that_do_not_go_together_are_kept_in_the_note(client, link, case):
    copy = workflow.start_copy(case, None)
    Case.objects.filter(pk=copy.pk).update(first_year=2020)
    assert change(client, link, last_year="2018").status_code == 302
    copy.refresh_from_db()
    assert (copy.first_year, copy.last_year) == (2020, None)
    assert "‘laatste jaar’, want dat was hier al anders: 2018" in copy.editor_note


def test_first_year_that_was_unknown_can_be_told(client, school, make_case):
    case = make_case(checked_on=OLD, first_year=None, first_year_unknown=True)
    freshness.ask()
    change(client, path_in(mail.outbox[0]), first_year="2019")
    copy = Case.objects.get(replaces=case)
    assert (copy.first_year, copy.first_year_unknown, copy.stage) == (2019, False, "ter beoordeling")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("summary", "", "Schrijf een samenvatting."),
        ("summary", "x" * 601, "600"),
        ("body", " ", "Schrijf een tekst."),
        ("place", "A\0", "null"),
        ("first_year", "vorig jaar", "in vier cijfers"),
        ("first_year", "２０２０", "in vier cijfers"),
        ("last_year", "2015", "Het laatste jaar ligt vóór het eerste jaar."),
        ("last_year", "1800", "tussen 1990 en 2100"),
        ("website", "javascript:alert(1)", "URL"),
        ("remark", "x" * 3001, "3000"),
        ("remark", "", "U hebt nog niets gewijzigd."),
    ],
)
def test_malformed_change_is_refused_in_dutch_and_nothing_is_lost(client, link, case, name, value, said):
    kept = {} if name == "remark" else {"remark": "Dit blijft staan."}
    response = change(client, link, **kept | {name: value})
    assert response.status_code == 200
    assert NOT_SENT in response.text
    assert said.lower() in response.text.lower()
    assert all(text in response.text for text in kept.values())
    assert not Case.objects.filter(replaces=case).exists()
    assert Reminder.objects.get().answer == ""


# ---- dit is gestopt


def test_what_stopped_gets_a_last_year_in_a_working_copy(client, link, case):
    assert client.post(link, {"antwoord": "gestopt", "last_year": "2024"}).status_code == 302
    copy = Case.objects.get(replaces=case)
    assert (copy.last_year, copy.running_seen_on, copy.running_source) == (2024, None, "")
    assert copy.stage == "ter beoordeling"
    assert "dit is gestopt" in copy.editor_note
    assert Case.objects.get(pk=case.pk).running_seen_on


@pytest.mark.parametrize(
    ("year", "said"),
    [
        ("", "Vul het laatste jaar in."),
        ("2027", "Dit jaar moet nog komen."),
        ("2015", "vóór het eerste jaar, 2016"),
        ("20 24", "in vier cijfers"),
        ("2024.0", "in vier cijfers"),
        ("-024", "in vier cijfers"),
    ],
)
def test_last_year_is_strict(client, link, year, said):
    response = client.post(link, {"antwoord": "gestopt", "last_year": year, "remark": "Blijft staan."})
    assert response.status_code == 200
    assert said in response.text
    assert "Blijft staan." in response.text


def test_what_ended_already_cannot_stop_again(client, link):
    Case.objects.update(last_year=2018)
    assert "Dit is gestopt" not in client.get(link).text
    assert client.post(link, {"antwoord": "gestopt", "last_year": "2018"}).status_code == 409


# ---- contacts


@pytest.fixture
def desk(clock, fallback):
    return Contact.objects.create(
        slug="loket", name="Loket Oost", email="loket@oost.example", checked_on=OLD, valid_until=TODAY + 30 * DAY
    )


@pytest.fixture
def desk_link(desk):
    freshness.ask()
    return path_in(mail.outbox[-1])


def test_contact_that_expires_soon_is_asked_and_editors_are_warned(desk, fallback):
    later = Contact.objects.create(slug="later", name="Later", checked_on=TODAY, valid_until=TODAY + 31 * DAY)
    gone = Contact.objects.create(slug="weg", name="Weg", email="w@x.example", valid_until=TODAY - DAY)
    assert list(freshness.contacts_expiring(Contact.objects.all())) == [gone, desk]
    assert list(freshness.due_contacts(Contact.objects.all())) == [fallback, desk]
    assert asked() == 1
    assert mail.outbox[0].to == ["loket@oost.example"]
    Contact.objects.filter(pk=desk.pk).update(checked_on=TODAY)  # by an editor, who forgot the other date
    assert asked() == 0
    assert freshness.unanswered(Contact.objects.all()) == [(fallback, "geen adres bekend")]
    assert later not in freshness.due_contacts(Contact.objects.all())


def test_contact_confirms_and_stays_for_a_year(client, desk_link, desk):
    assert client.post(desk_link, {"antwoord": "klopt"}).status_code == 302
    desk.refresh_from_db()
    assert (desk.checked_on, desk.valid_until) == (TODAY, TODAY + 365 * DAY)
    assert versions.latest(desk).event == Version.Event.CONFIRMED
    assert "26 november 2026" in client.get(desk.get_absolute_url()).text
    assert asked() == 0


def test_fallback_confirms_and_keeps_no_last_day(client, clock, fallback):
    Contact.objects.update(email="punt@doel9.example")
    freshness.ask()
    client.post(path_in(mail.outbox[0]), {"antwoord": "klopt"})
    fallback.refresh_from_db()
    assert (fallback.checked_on, fallback.valid_until) == (TODAY, None)


def test_contact_tells_the_fallback_what_changed(client, desk_link, desk, fallback):
    assert client.post(desk_link, {"antwoord": "veranderd", "remark": ""}).status_code == 200
    assert client.post(desk_link, {"antwoord": "gestopt", "last_year": "2020"}).status_code == 400
    assert client.post(desk_link, {"antwoord": "veranderd", "remark": "Ik werk hier niet meer."}).status_code == 302
    message = Message.objects.get()
    assert (message.contact, message.name, message.email) == (fallback, "Loket Oost", "loket@oost.example")
    assert message.text == "Ik werk hier niet meer."
    desk.refresh_from_db()
    assert desk.valid_until == TODAY + 30 * DAY
    assert freshness.unanswered(Contact.objects.filter(pk=desk.pk)) == [(desk, "antwoord: er is iets veranderd")]
