import datetime
import logging
from io import StringIO

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cases.models import Case, Remark, Submission
from contacts import limits
from contacts.models import SENDING, Contact, Message
from imports.models import Batch
from publishing.jobs import once, rest
from publishing.models import JobRun, Reminder, Version
from techniekpact import freshness

logger = logging.getLogger(__name__)

DAILY, HOURLY = "%Y-%m-%d", "%Y-%m-%d %H uur"
RETRIED = datetime.timedelta(days=7)  # a message of which the mail fails; then it waits on the start page of the admin
MESSAGES = 100  # in one run, so that it ends within the hour even when the mail server is slow
KEPT = datetime.timedelta(days=90)  # what is known of work that was done


def command(name):
    """A job that runs a command, when the portal has it, and tells what it said."""

    def run():
        if name not in get_commands():
            return "Niets te doen."
        said = StringIO()
        call_command(name, stdout=said)
        return " ".join(said.getvalue().split()) or "Gedaan."

    return run


def deliver_messages():
    """Messages of which the mail failed, once more."""
    failed = Message.objects.waiting().exclude(mail_error="").exclude(mail_error__startswith=SENDING)
    waiting = failed.filter(created_at__gt=timezone.now() - RETRIED).order_by("pk")[:MESSAGES]
    done = [message.deliver() for message in list(waiting)]
    return f"Berichten opnieuw gemaild: {done.count(True)}, mislukt: {done.count(False)}."


def clear():
    """What is kept no longer, MESSAGE_DAYS after it was of use: what visitors say of themselves, who was asked what.

    Work that an editor still has to do stays; then only who sent it goes. /privacy/ promises this.
    """
    before = timezone.now() - datetime.timedelta(days=settings.MESSAGE_DAYS)
    old = Q(handled_at__lt=before) | Q(is_spam=True, created_at__lt=before)
    messages, _ = Message.objects.filter(old | Q(created_at__lt=before) & ~Q(mailed_to="")).delete()
    remarks, _ = Remark.objects.filter(old).delete()
    clear_spam(before)
    done = Q(case__published_at__lt=before) | Q(is_spam=True)
    senders, _ = Submission.objects.filter(done, created_at__lt=before).delete()
    left = Submission.objects.filter(created_at__lt=before, case__updated_at__lt=before, case__published_at=None)
    for rows in (left, Remark.objects.filter(created_at__lt=before)):
        senders += rows.exclude(name="", email="").update(name="", email="")
    asked = freshness.forget(before)
    limits.forget()
    forget_contacts(before)
    kinds = ContentType.objects.get_for_models(Message, Remark, Submission, Contact).values()
    LogEntry.objects.filter(content_type__in=kinds, action_time__lt=before).delete()  # these name who it was
    runs, _ = JobRun.objects.filter(started_at__lt=timezone.now() - KEPT).delete()
    return (
        f"Verwijderd: {messages + remarks} oude berichten, {senders} afzenders, {asked} controlevragen, "
        f"{runs} regels over gepland werk."
    )


def clear_spam(before):
    """Cases that a robot handed in and no editor took up, with their history: nobody has to bring these back."""
    spam = Case.objects.begun().filter(author=None, submission__is_spam=True, submission__created_at__lt=before)
    for pk in list(spam.values_list("pk", flat=True)):
        with transaction.atomic():
            case = spam.select_for_update().filter(pk=pk).first()
            if case:  # no editor took it up just now
                Version.objects.of(case).delete()
                case.delete()


def forget_contacts(before):
    """What is kept of contacts that were deleted: names, addresses and numbers; until then one can be brought back.

    And all imports of contacts, which hold the same.
    """
    kind = ContentType.objects.get_for_model(Contact)
    there = [str(pk) for pk in Contact.objects.values_list("pk", flat=True)]
    Reminder.objects.filter(content_type=kind).exclude(object_id__in=there).delete()
    kept = Version.objects.filter(content_type=kind).exclude(object_id__in=there)
    lately = set(kept.filter(made_at__gte=before).values_list("object_id", flat=True))
    kept.exclude(object_id__in=lately).delete()
    Batch.objects.filter(kind="contacts", uploaded_at__lt=before).delete()


# A concept that becomes public at its moment needs no job: published() compares with the clock.
JOBS = {
    "berichten": (HOURLY, deliver_messages),
    "controlemails": (DAILY, freshness.ask),
    "afbeeldingen": (DAILY, command("clean_images")),
    "opruimen": (DAILY, clear),
    "sessies": (DAILY, command("clearsessions")),
    "imports": (DAILY, command("clean_imports")),
    "links": (DAILY, command("check_links")),  # last, as it takes long
}


class Command(BaseCommand):
    help = "Doet het geplande werk dat nu aan de beurt is. Mag zo vaak en op zoveel servers tegelijk als u wilt."

    def add_arguments(self, parser):
        parser.add_argument("--alleen", choices=JOBS, metavar="naam", help=f"Alleen dit werk: {', '.join(JOBS)}.")

    def handle(self, *args, alleen, **options):
        now, failed = timezone.localtime(), []
        for name in [alleen] if alleen else JOBS:
            period, work = JOBS[name]
            rest()  # a connection that broke in the work before is not one for this work
            try:
                with once(f"{name} {now:{period}}") as run:
                    if run:
                        run.result = work()
                self.stdout.write(f"{name}: {run.result if run else 'is al gedaan, of wordt nu gedaan'}")
            except Exception as error:  # whatever it is, the other work goes on
                logger.exception("Gepland werk mislukte: %s", name)
                self.stdout.write(f"{name}: mislukt, {type(error).__name__}: {error}")
                failed.append(name)
        if failed:
            raise CommandError(f"Mislukt: {', '.join(failed)}. Over een uur wordt het opnieuw geprobeerd.")
