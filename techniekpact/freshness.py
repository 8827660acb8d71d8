"""Is this still true? Who is asked by mail and when, and what becomes of the answer."""

import datetime
from itertools import takewhile

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import CharField, Q
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from cases.models import Case
from contacts.models import SENDING, Contact, Message
from publishing import versions, workflow
from publishing.models import Reminder, Version

Answer = Reminder.Answer
SALT = "freshness"
LINK_WORKS = datetime.timedelta(days=60)
BETWEEN = datetime.timedelta(days=30)  # two mails about one row to one address
MOST = 3  # mails in a row without an answer
TRIES = 5  # in a row that fail, with 1, 2, 4 and 8 days between them; then it is work for editors
EXPIRES_SOON = datetime.timedelta(days=30)
VALID_FOR = datetime.timedelta(days=365)  # a contact that was confirmed
LETTERS = 200  # in one run, so that it ends within the hour even when the mail server is slow


# ---- what is due


def due_cases(rows):
    """Those of `rows` that readers see, and that nobody confirmed for long; the longest first."""
    long_ago = timezone.localdate() - datetime.timedelta(days=settings.CHECK_AFTER_DAYS)
    old = Q(checked_on__lt=long_ago) | Q(checked_on=None, published_at__date__lt=long_ago)
    due = Case.objects.published().filter(old)
    return rows.filter(pk__in=due.values("pk")).order_by(Coalesce("checked_on", TruncDate("published_at")), "pk")


def due_contacts(rows):
    """Those of `rows` that readers see, and that nobody confirmed for long or ever, or that expire soon."""
    today = timezone.localdate()
    long_ago = today - datetime.timedelta(days=settings.CHECK_AFTER_DAYS)
    old = Q(checked_on=None) | Q(checked_on__lt=long_ago) | Q(valid_until__lte=today + EXPIRES_SOON)
    due = Contact.objects.current().filter(old)
    return rows.filter(pk__in=due.values("pk")).order_by("pk")


def contacts_expiring(rows):
    """Those of `rows` that readers see no more, or not for long; the first to go first."""
    return rows.filter(valid_until__lte=timezone.localdate() + EXPIRES_SOON).order_by("valid_until", "pk")


def unanswered(rows):
    """[(row, why in Dutch)] of what is due among `rows` and that no further mail helps: work for editors."""
    due = list(due_of(rows))
    asked = asked_of(due)
    return [(row, why) for row in due if (why := stuck(row, this_round(row, asked[str(row.pk)])))]


def due_of(rows):
    if rows.model is Contact:
        return due_contacts(rows)
    return due_cases(rows).prefetch_related("lead_organisations")


def stuck(row, reminders):
    """Why no further mail helps, or ''."""
    answer = next((each for each in reminders if each.answer), None)
    if answer:
        return f"antwoord: {answer.get_answer_display()}"
    if not addresses_of(row):
        return "geen adres bekend"
    arrived = [address for address in addresses_of(row) if not given_up(reminders, address)]
    if not arrived:
        return "mail kwam niet aan"
    sent = [sent_to(reminders, address) for address in arrived]
    if all(len(each) >= MOST and timezone.now() - each[0].sent_at >= BETWEEN for each in sent):
        return "geen antwoord"
    return ""


def addresses_of(row):
    """{address: names} of those who can say whether a row is true."""
    found: dict[str, list[str]] = {}
    for each in [row] if isinstance(row, Contact) else row.lead_organisations.all():
        if each.email:
            found.setdefault(each.email, []).append(str(each))
    return found


def asked_of(rows):
    """{key: its Reminders, newest first} of rows of one model."""
    found: dict[str, list[Reminder]] = {str(row.pk): [] for row in rows}
    if rows:
        kind = ContentType.objects.get_for_model(rows[0])
        for each in Reminder.objects.filter(content_type=kind, object_id__in=found):
            found[each.object_id].append(each)
    return found


def this_round(row, reminders):
    """Those since somebody last said that the row is true."""
    day = row.checked_on
    return [each for each in reminders if day is None or timezone.localdate(each.sent_at) > day]


def failed(reminder):
    """A mail of which nobody knows whether it went counts as sent, so that nobody is mailed twice."""
    return reminder.error not in ("", SENDING)


def sent_to(reminders, address):
    return [each for each in reminders if each.address == address and not failed(each)]


def last_failures(reminders, address):
    """Those of an address since a mail went, newest first."""
    return list(takewhile(failed, (each for each in reminders if each.address == address)))


def given_up(reminders, address):
    return len(last_failures(reminders, address)) >= TRIES


# ---- asking


def ask():
    """Mail everyone who can say whether something is still true, if it is time to. Returns in Dutch what was done."""
    letters: dict[tuple[type, str], tuple[dict, dict]] = {}
    for rows in (due_of(Case.objects.all()), due_of(Contact.objects.all())):
        for row in rows:
            for address, names in addresses_of(row).items():
                to, about = letters.setdefault((rows.model, address), ({}, {}))
                to |= dict.fromkeys(names)
                about[row.pk] = row
    done = []
    for (model, address), (names, about) in letters.items():
        reminders = book(model, address, about)
        if reminders:
            done.append(send(model, address, " en ".join(names), reminders))
        if len(done) == LETTERS:
            break
    return f"Controlemails verstuurd: {done.count(True)}, mislukt: {done.count(False)}."


def book(model, address, keys):
    """[(row, its new Reminder)] for a mail that may go now. They are stored first: of two who ask at once, one gets it.

    Each try has a Reminder of its own, so the log says how often it failed, and why.
    """
    with transaction.atomic():
        rows = list(due_of(model.objects.select_for_update().filter(pk__in=keys)))
        asked, found = asked_of(rows), []
        for row in rows:
            if may_ask(row, asked[str(row.pk)], address):
                reminder = Reminder.objects.create(
                    content_type=ContentType.objects.get_for_model(model),
                    object_id=str(row.pk),
                    title=str(row)[:300],
                    address=address,
                    sent_at=timezone.now(),
                    error=SENDING,
                )
                found.append((row, reminder))
    return found


def may_ask(row, reminders, address):
    ours = this_round(row, reminders)
    if any(each.answer for each in ours):  # with the editors now
        return False
    failures = last_failures(ours, address)
    if failures:
        days = (timezone.localdate() - timezone.localdate(failures[0].sent_at)).days
        if len(failures) >= TRIES or days < 2 ** (len(failures) - 1):
            return False
    recent = any(timezone.now() - each.sent_at < BETWEEN for each in sent_to(reminders, address))
    return not recent and len(sent_to(ours, address)) < MOST


CASES_LETTER = """Beste medewerker van {names},

Uw organisatie is trekker van {count} op de site van Techniekpact doel 9. Klopt wat daar staat nog?
Open de link onder de titel, lees de tekst en geef uw antwoord. Inloggen is niet nodig.

{rows}

"""
CONTACT_LETTER = """Beste {names},

U staat als contact op de site van Techniekpact doel 9. Kloppen uw gegevens daar nog?
Open de link, kijk het na en geef uw antwoord. Inloggen is niet nodig.

{rows}

"""
LAST_LINES = """Een link werkt {days} dagen. Wie de link heeft, kan antwoorden: geef hem alleen door aan wie dat mag.
Zonder antwoord vragen wij het na een maand nog eens. U krijgt hierover hoogstens {most} mails.

Weet u hier niets van? Dan hoort de redactie dat graag: {contact}
"""


def send(model, address, names, reminders):
    """One mail with a link for each Reminder; what goes wrong is kept with them. Returns whether it went."""
    if model is Contact:
        subject, text, count = "Kloppen uw contactgegevens bij Techniekpact doel 9 nog?", CONTACT_LETTER, ""
    else:
        count = "1 case" if len(reminders) == 1 else f"{len(reminders)} cases"
        subject, text = f"Klopt dit nog? {count} bij Techniekpact doel 9", CASES_LETTER
    rows = "\n\n".join(f"{row}{last_check(row)}\n{link(reminder)}" for row, reminder in reminders)
    end = {"days": LINK_WORKS.days, "most": MOST, "contact": settings.SITE_URL + reverse("contacts:lookup")}
    mail = EmailMessage(
        subject=subject,
        body=text.format(names=names, count=count, rows=rows) + LAST_LINES.format(**end),
        to=[address],
        reply_to=[settings.CONTACT_EMAIL] if settings.CONTACT_EMAIL else None,
        headers={"Auto-Submitted": "auto-generated"},  # so that no 'out of office' comes back
    )
    try:
        mail.send()
    except (OSError, ValueError) as error:  # smtplib's and socket's errors are OSErrors
        said = f"{type(error).__name__}: {error}"[:300]
    else:
        said = ""
    Reminder.objects.filter(pk__in=[reminder.pk for _, reminder in reminders]).update(error=said)
    return not said


def last_check(row):
    return f" (laatst gecontroleerd op {date_format(row.checked_on)})" if row.checked_on else ""


def link(reminder):
    """The address under which whoever got the mail answers."""
    kind = ContentType.objects.get_for_id(reminder.content_type_id)
    token = signing.dumps([f"{kind.app_label}.{kind.model}", reminder.object_id, reminder.pk], salt=SALT)
    return settings.SITE_URL + reverse("freshness", args=[token])


def forget(before):
    """Delete what was asked before a moment of rows that need no question any more. Returns how many.

    Of a row that still waits for an answer it stays, for else it would be asked all over again. So it does as long as
    its link works.
    """
    gone = 0
    for due in (due_cases(Case.objects.all()), due_contacts(Contact.objects.all())):
        asked = Reminder.objects.filter(content_type=ContentType.objects.get_for_model(due.model))
        waiting = due.order_by().annotate(key=Cast("pk", CharField())).values("key")
        old = asked.filter(sent_at__lt=min(before, timezone.now() - LINK_WORKS))
        gone += old.exclude(object_id__in=waiting).delete()[0]
    return gone


# ---- answering


def opened(token):
    """(Reminder, the row it asks about), or None when a link is forged or old, or readers see the row no more."""
    try:
        label, key, number = signing.loads(token, salt=SALT, max_age=LINK_WORKS)
    except signing.BadSignature:
        return None
    rows = Contact.objects.all() if label == Contact._meta.label_lower else Case.objects.published()
    kind = ContentType.objects.get_for_model(rows.model)
    reminder = Reminder.objects.filter(pk=number, content_type=kind, object_id=key).first()
    row = rows.filter(pk=key).first()
    return (reminder, row) if reminder and row else None


def answers(reminder, row):
    """The answers still open. Each is given once: after 'klopt nog' may come a later one, but not the reverse."""
    every = list(Answer)
    left = every[every.index(reminder.answer) + 1 :] if reminder.answer else every
    ended = isinstance(row, Contact) or row.last_year
    return [each for each in left if not (each == Answer.STOPPED and ended)]


def take(reminder, row, answer, values=None, remark=""):
    """Store an answer and do what follows from it. Returns False when that answer was given before."""
    message = None
    with transaction.atomic():
        reminder = Reminder.objects.select_for_update().get(pk=reminder.pk)
        row = type(row).objects.select_for_update().filter(pk=row.pk).first()
        if row is None or answer not in answers(reminder, row):
            return False
        reminder.answer, reminder.answered_at = answer, timezone.now()
        reminder.save(update_fields=["answer", "answered_at"])
        who = addresses_of(row).get(reminder.address)
        who = " en ".join(who) if who else "iemand met de link"  # no address: history keeps this for good
        if answer == Answer.TRUE:
            confirm(row, who)
        elif isinstance(row, Contact):
            message = message_about(row, reminder, remark)
        else:
            propose(row, answer, values or {}, who, remark)
    if message:
        message.deliver()
    return True


def confirm(row, who):
    """Somebody who knows says that it is true. A working copy hears it too: it replaces this row one day."""
    today = timezone.localdate()
    copy = Case.objects.filter(replaces=row).first() if isinstance(row, Case) else None
    for each in filter(None, [row, copy]):
        values = {"checked_on": today}
        if getattr(each, "valid_until", None):
            values["valid_until"] = max(each.valid_until, today + VALID_FOR)
        versions.remember(each)
        type(each).objects.filter(pk=each.pk).update(**values)  # no save(): nothing changed, so updated_at stays
        versions.record(each, Version.Event.CONFIRMED, comment=f"Bevestigd door {who} via de controlemail.")


def propose(case, answer, values, who, remark):
    """Put what an organisation says is different into the working copy of a case, for the editors to judge.

    What an editor changed there already stays; then the note says what the organisation wrote.
    """
    begun = Case.objects.filter(replaces=case).exists()
    copy = Case.objects.select_for_update().get(pk=workflow.start_copy(case, None).pk)  # an editor may be saving it
    versions.remember(copy)
    ours = {name: value for name, value in values.items() if getattr(copy, name) == getattr(case, name)}
    for name, value in ours.items():
        setattr(copy, name, value)
    try:
        copy.validate_constraints()
    except ValidationError:  # what both changed does not go together
        copy.refresh_from_db()
        ours = {}
    today = date_format(timezone.localdate())
    lines = [f"Op {today} antwoordde {who} via de controlemail: {answer.label}.", remark]
    for name, value in values.items():
        if name not in ours:
            label = next(field.verbose_name for field in Case._meta.fields if field.name == name)
            lines.append(f"Niet overgenomen bij ‘{label}’, want dat was hier al anders: {value or 'leeg'}")
    copy.editor_note = "\n\n".join(filter(None, [copy.editor_note, *lines]))
    copy.checked_on = timezone.localdate()
    copy.save()
    versions.record(copy, Version.Event.CHANGED, comment=f"Antwoord van {who} op de controlemail.")
    if not begun:
        try:
            workflow.submit(copy, None)
        except workflow.Incomplete:  # it stays a concept; its note tells the rest
            return


def message_about(contact, reminder, text):
    """To the desk that always answers, which is also where an editor looks."""
    desk = Contact.objects.filter(is_fallback=True).first() or contact
    page = contact.get_absolute_url()
    return Message.objects.create(contact=desk, name=contact.name[:100], email=reminder.address, text=text, page=page)
