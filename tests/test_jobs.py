"""Scheduled work: once, by however many are told to do it, and what fails stops nothing else."""

import datetime
import sqlite3
import threading
from contextlib import closing
from io import StringIO

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from test_contact import SilentServer

from cases.models import Case, Remark, Submission
from contacts.limits import used_up
from contacts.models import SENDING, Contact, Message
from imports.models import Batch
from programme.models import Organisation
from publishing.jobs import GIVEN_UP, once
from publishing.models import JobRun, Reminder, Version
from publishing.versions import record
from techniekpact import freshness
from techniekpact.management.commands import run_due

NOW = datetime.datetime(2026, 11, 26, 3, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


def run(**options):
    """What the command says."""
    said = StringIO()
    call_command("run_due", stdout=said, **options)
    return said.getvalue()


def at_once(tmp_path, work, times=4):
    """What `work` returns, done by so many threads at the same moment, each with a connection of its own."""
    settings_dict = dict(connection.settings_dict)
    if connection.vendor == "sqlite":  # in memory one thread does not wait for another: a copy in a file
        settings_dict["NAME"] = str(tmp_path / "gedeeld.sqlite3")
        connection.ensure_connection()
        with closing(sqlite3.connect(settings_dict["NAME"])) as copy:
            connection.connection.backup(copy)
    start, got = threading.Barrier(times), []

    def one():
        connection.settings_dict = settings_dict
        try:
            connection.ensure_connection()
            start.wait(10)
            got.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(got) == times
    return got


def taken(key="werk"):
    with once(key) as mine:
        return mine is not None


def test_work_is_done_once(db):
    assert [taken(), taken(), taken("ander werk")] == [True, False, True]
    assert JobRun.objects.get(key="werk").finished_at


def test_work_that_failed_or_died_is_taken_over_by_the_run_of_the_next_hour(db):
    with time_machine.travel(NOW, tick=False) as clock:
        with pytest.raises(ValueError, match="kapot"), once("werk"):
            raise ValueError("kapot")
        assert JobRun.objects.get().result == "Mislukt: ValueError: kapot"
        clock.shift(GIVEN_UP)
        assert not taken()
        clock.shift(datetime.timedelta(seconds=1))
        assert taken()
        clock.shift(2 * HOUR)
        assert not taken()


def test_who_was_taken_over_does_not_say_that_the_work_is_done(db):
    with time_machine.travel(NOW, tick=False) as clock, once("werk"):
        clock.shift(2 * HOUR)
        again = once("werk")
        assert again.__enter__()
    assert JobRun.objects.get().finished_at is None


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_begins_one_takes_over_and_one_mails(make_case, tmp_path):
    make_case(checked_on="2020-01-01")
    Organisation.objects.update(email="roc@oost.example")
    JobRun.objects.create(key="gestorven", started_at=timezone.now() - 2 * HOUR)
    for work in (lambda: taken("nieuw"), lambda: taken("gestorven"), lambda: "verstuurd: 1" in freshness.ask()):
        assert sum(at_once(tmp_path, work)) == 1
    assert len(mail.outbox) == 1


def test_every_job_runs_and_a_second_time_none_does(db):
    first = run()
    assert [line.partition(":")[0] for line in first.splitlines()] == list(run_due.JOBS)
    assert "al gedaan" not in first
    assert "mislukt, " not in first
    assert run().count("is al gedaan") == len(run_due.JOBS)


def test_one_job_can_be_run_alone(db):
    assert run(alleen="opruimen").startswith("opruimen: Verwijderd: 0 ")
    assert [each.key.split()[0] for each in JobRun.objects.all()] == ["opruimen"]
    with pytest.raises(CommandError, match="niets"):
        call_command("run_due", "--alleen", "niets")


def test_job_that_fails_is_told_and_stops_no_other(db, monkeypatch, caplog):
    def broken():
        raise RuntimeError("stuk")

    def after():
        return "Gelukt."

    jobs = {"eerst": (run_due.DAILY, broken), "daarna": (run_due.DAILY, after)}
    monkeypatch.setattr(run_due, "JOBS", jobs)
    said = StringIO()
    with pytest.raises(CommandError, match="Mislukt: eerst") as error:
        call_command("run_due", stdout=said)
    assert error.value.returncode == 1
    assert said.getvalue() == "eerst: mislukt, RuntimeError: stuk\ndaarna: Gelukt.\n"
    assert "stuk" in caplog.text
    assert JobRun.objects.get(key__startswith="daarna").result == "Gelukt."


@pytest.fixture
def make_message(fallback):
    def make(days=0, **values):
        message = Message.objects.create(
            contact=fallback, name="Piet", email="piet@school.example", text="Vraag", **values
        )
        Message.objects.filter(pk=message.pk).update(created_at=timezone.now() - datetime.timedelta(days=days))
        return message

    return make


def test_mail_that_failed_goes_again(make_message, settings):
    settings.CONTACT_EMAIL = "redactie@example.nl"
    failed = make_message(mail_error="SMTPServerDisconnected: opgehangen")
    make_message(mail_error="opgehangen", is_spam=True)
    make_message(mail_error="opgehangen", handled_at=timezone.now())
    settings.EMAIL_BACKEND = f"{SilentServer.__module__}.SilentServer"
    assert "0, mislukt: 1." in run(alleen="berichten")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with time_machine.travel(timezone.now() + HOUR):
        assert "1, mislukt: 0." in run(alleen="berichten")
    failed.refresh_from_db()
    assert (failed.mailed_to, failed.mail_error) == ("redactie@example.nl", "")


def test_mail_that_keeps_failing_is_no_longer_tried_after_a_week(make_message, settings):
    settings.CONTACT_EMAIL = "redactie@example.nl"
    make_message(days=8, mail_error="opgehangen")
    make_message(mail_error=SENDING)  # its process died: it may have gone
    assert "0, mislukt: 0." in run(alleen="berichten")
    assert Message.objects.waiting().count() == 2


def test_of_two_who_mail_a_message_at_once_one_does(make_message, settings):
    settings.CONTACT_EMAIL = "redactie@example.nl"
    ours = make_message(mail_error="opgehangen")
    theirs = Message.objects.get()
    assert (ours.deliver(), theirs.deliver()) == (True, None)
    assert len(mail.outbox) == 1


def test_of_two_who_mail_again_what_may_have_gone_one_does(make_message, settings, monkeypatch):
    settings.CONTACT_EMAIL = "redactie@example.nl"
    ours, theirs = make_message(mail_error=SENDING), Message.objects.get()
    monkeypatch.setattr(EmailMessage, "send", lambda mail: sent.append(theirs.deliver()))
    sent: list = []
    ours.deliver()
    assert sent == [None]


def test_old_messages_go_when_handled_mailed_or_unwanted(make_message, settings):
    settings.MESSAGE_DAYS = 90
    day = datetime.timedelta(days=1)
    make_message(days=200, handled_at=timezone.now() - 91 * day)
    make_message(days=91, is_spam=True)
    kept = [
        make_message(days=200, handled_at=timezone.now() - 89 * day),
        make_message(days=200),
        make_message(days=89, mailed_to="loket@oost.example"),
    ]
    make_message(days=91, mailed_to="loket@oost.example")
    JobRun.objects.create(key="oud", started_at=timezone.now() - 91 * day)
    assert "Verwijderd: 3 oude berichten, 0 afzenders, 0 controlevragen, 1 regels" in run(alleen="opruimen")
    assert set(Message.objects.all()) == set(kept)


def test_reminders_go_with_the_daily_work(make_case):
    make_case(checked_on="2020-01-01")
    Organisation.objects.update(email="roc@oost.example")
    assert "Controlemails verstuurd: 1, mislukt: 0." in run(alleen="controlemails")
    assert Reminder.objects.count() == len(mail.outbox) == Case.objects.count() == 1


def test_what_visitors_say_of_themselves_goes_when_it_is_no_longer_needed(make_case, settings):
    old = timezone.now() - datetime.timedelta(days=settings.MESSAGE_DAYS + 1)
    case = make_case(published_at=old)
    Submission.objects.create(case=case, email="els@school.example")
    worked_on, left = make_case(published_at=None), make_case(published_at=None)
    for each in (worked_on, left):
        Submission.objects.create(case=each, name="Piet", email="piet@school.example", organisation="Vista")
    Remark.objects.create(case=case, text="Fout", handled_at=old)
    fresh, todo = (Remark.objects.create(case=case, text="Fout", name="Jan", email="j@x.example") for _ in range(2))
    Submission.objects.update(created_at=old)
    Remark.objects.exclude(pk=fresh.pk).update(created_at=old)
    Case.objects.filter(pk=left.pk).update(updated_at=old)
    run(alleen="opruimen")
    assert set(Submission.objects.values_list("case", "name", "email", "organisation")) == {
        (worked_on.pk, "Piet", "piet@school.example", "Vista"),
        (left.pk, "", "", "Vista"),
    }
    assert set(Remark.objects.values_list("pk", "text", "email")) == {
        (fresh.pk, "Fout", "j@x.example"),
        (todo.pk, "Fout", ""),
    }
    assert left in Case.objects.begun().filter(submission__is_spam=False, author=None)  # an editor still finds it


def test_case_of_a_robot_goes_with_its_history(make_case, make_editor, settings):
    old = timezone.now() - datetime.timedelta(days=settings.MESSAGE_DAYS + 1)
    for author in (None, make_editor("redacteur")):
        case = make_case(published_at=None, author=author)
        record(case, Version.Event.ADDED)
        Submission.objects.create(case=case, is_spam=True)
    Submission.objects.update(created_at=old)
    run(alleen="opruimen")
    assert (Case.objects.get(), Version.objects.get().object_id) == (case, str(case.pk))


def test_log_of_the_admin_forgets_who_wrote(admin_client, make_message, settings):
    admin_client.post(f"/beheer/contacts/message/{make_message().pk}/delete/", {"post": "yes"})
    assert "Piet" in LogEntry.objects.get().object_repr
    LogEntry.objects.update(action_time=timezone.now() - datetime.timedelta(days=settings.MESSAGE_DAYS + 1))
    run(alleen="opruimen")
    assert not LogEntry.objects.exists()


def test_what_is_kept_of_a_contact_goes_some_time_after_the_contact(admin_client, fallback, settings):
    old = timezone.now() - datetime.timedelta(days=settings.MESSAGE_DAYS + 1)
    stays, gone, just_gone = (Contact.objects.create(slug=slug, name=slug) for slug in ("a", "b", "c"))
    for contact in (stays, gone, just_gone):
        record(contact, Version.Event.ADDED)
    Version.objects.update(made_at=old)
    admin_client.post(f"/beheer/contacts/contact/{gone.pk}/delete/", {"post": "yes"})
    Version.objects.filter(object_id=gone.pk).update(made_at=old)
    admin_client.post(f"/beheer/contacts/contact/{just_gone.pk}/delete/", {"post": "yes"})
    for moment in (old, timezone.now()):
        batch = Batch.objects.create(kind="contacts", file_name="contacts.yaml")
        Batch.objects.filter(pk=batch.pk).update(uploaded_at=moment)
    run(alleen="opruimen")
    assert {*Version.objects.values_list("title", flat=True)} == {"a", "c"}
    assert Batch.objects.get() == batch


def test_code_of_a_network_is_wiped_when_its_limit_has_passed(db):
    def kept():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM cache")
            return cursor.fetchone()[0]

    used_up("message 192.0.2.0/24", 1, seconds=60 * 60)
    run(alleen="opruimen")
    assert kept() == 1
    with time_machine.travel(timezone.now() + 25 * HOUR):
        run(alleen="opruimen")
    assert kept() == 0


def test_imports_go_once_they_are_of_no_more_use(db):
    now, day = timezone.now(), datetime.timedelta(days=1)
    ages = {"beoordeeld": (29, 31), "geimporteerd": (364, 366)}
    batches = {
        (state, age): Batch.objects.create(file_name="x.csv", state=state) for state in ages for age in ages[state]
    }
    for (_, age), batch in batches.items():
        Batch.objects.filter(pk=batch.pk).update(uploaded_at=now - age * day)
    call_command("clean_imports", stdout=StringIO())
    assert set(Batch.objects.all()) == {batches["beoordeeld", 29], batches["geimporteerd", 364]}
