"""From concept to review to published to archived: the steps, who may take them, and what is kept of each.

The admin's form, the actions in its lists, the import and the public forms all take these steps here.
"""

from django.contrib.auth import get_permission_codename
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from . import versions
from .differences import differences
from .models import COPY_SLUG, Version

STAGE = ["published_at", "unpublish_at", "submitted_at", "review_comment", "updated_at"]


class Incomplete(ValidationError):
    """A row lacks something that is needed for this step; `messages` says what, in Dutch."""


def may(user, step, model):
    """Whether this person may take a step, such as 'view', with rows of `model` in general."""
    return user.has_perm(f"{model._meta.app_label}.{get_permission_codename(step, model._meta)}")


def may_publish(user, model):
    return may(user, "publish", model)


def hidden_fields(user, model):
    """The names of the fields that lead to what this person may not view, such as the contact of a case."""
    fields = [f for f in (*model._meta.fields, *model._meta.many_to_many) if f.related_model]
    return {f.name for f in fields if not may(user, "view", f.related_model)}


def submit(row, user, comment="", batch=""):
    """Send a concept to review. Raises Incomplete when it could not be published as it is."""
    demand_complete(row)
    versions.remember(row)
    row.submitted_at, row.review_comment = timezone.now(), ""
    row.save(update_fields=STAGE)
    return versions.record(row, Version.Event.SUBMITTED, user, comment, batch)


def send_back(row, user, comment, address="", *, not_mailed=lambda: None):
    """Give a concept back to its author, who is mailed why once it is stored; if that fails, `not_mailed` is called."""
    versions.remember(row)
    row.submitted_at, row.review_comment = None, comment
    row.save(update_fields=STAGE)
    transaction.on_commit(lambda: tell_author(row, user, comment, address) or not_mailed())
    return versions.record(row, Version.Event.SENT_BACK, user, comment)


def publish(row, user, at=None, batch=""):
    """Publish a row now, or at a moment to come; a working copy takes the place of the row it replaces.

    Returns the row that readers see. Raises Incomplete.
    """
    demand_complete(row)
    if getattr(row, "replaces_id", None):
        return approve(row, user, batch)
    versions.remember(row)
    now = timezone.now()
    row.published_at = at or (row.published_at if row.published_at and row.published_at <= now else now)
    if row.unpublish_at and row.unpublish_at <= max(now, row.published_at):
        row.unpublish_at = None
    row.submitted_at, row.review_comment = None, ""
    row.save(update_fields=STAGE)
    versions.record(row, Version.Event.PUBLISHED, user, batch=batch)
    return row


def archive(row, user, comment="", batch=""):
    """Take a published row away from readers; what is planned becomes a concept again, as nobody saw it yet."""
    now = timezone.now()
    if row.published_at is None or row.published_at >= now:
        return withdraw(row, user, comment, batch)
    versions.remember(row)
    row.unpublish_at = now
    row.save(update_fields=STAGE)
    return versions.record(row, Version.Event.ARCHIVED, user, comment, batch)


def withdraw(row, user, comment="", batch=""):
    """Make a concept of it again."""
    versions.remember(row)
    row.published_at = row.unpublish_at = row.submitted_at = None
    row.save(update_fields=STAGE)
    return versions.record(row, Version.Event.CONCEPT, user, comment, batch)


def start_copy(row, user):
    """The working copy of a row: the one there is, or a new one."""
    model = type(row)
    with transaction.atomic():
        model._base_manager.select_for_update().get(pk=row.pk)  # two editors who begin at once get the same one
        copy = model._base_manager.filter(replaces=row).first()
        if copy:
            return copy
        versions.remember(row)  # what it begins with: changed_since() looks back to it
        copy = model._base_manager.get(pk=row.pk)
        copy.pk, copy._state.adding = None, True
        copy.slug, copy.replaces, copy.author = f"{COPY_SLUG}{row.pk}", row, user
        copy.published_at = copy.unpublish_at = copy.submitted_at = None
        copy.review_comment = ""
        copy.save()
        leaving = left_alone(model)
        versions.restore(model, versions.copy_into(row, copy.pk, leaving=leaving), keeping=leaving)
        versions.record(copy, Version.Event.ADDED, user, f"Werkversie van: {row}")
        return copy


def approve(copy, user, batch=""):
    """Put what a working copy says in place of the row that it replaces; the copy goes. Returns that row."""
    model, target = type(copy), copy.replaces
    leaving = left_alone(model)
    with transaction.atomic():
        model._base_manager.select_for_update().get(pk=target.pk)
        versions.remember(target)
        versions.record(copy, Version.Event.DELETED, user, "Overgenomen in de gepubliceerde versie.")
        rows = versions.copy_into(copy, target.pk, leaving=leaving)
        copy.delete()
        target = versions.restore(model, rows, keeping=leaving)
        versions.record(target, Version.Event.APPROVED, user, batch=batch)
    return target


def changes_of(copy):
    """What a working copy says otherwise than the row that it replaces, as [Difference]."""
    model = type(copy)
    now, then = versions.snapshot(copy.replaces), versions.snapshot(copy)
    return differences(model, now, then, leaving=left_alone(model))


def changed_since(copy):
    """What was changed in the row that a working copy replaces after the copy was begun, as [Difference].

    Only what the copy would undo: a day of checking that a mail brought to both is no news.
    """
    model = type(copy)
    begun = Version.objects.of(copy).last()
    first = begun and Version.objects.of(copy.replaces).filter(pk__lt=begun.pk).first()
    if not first:
        return []
    undone = {each.field for each in changes_of(copy)}
    found = differences(model, first.rows, versions.snapshot(copy.replaces), leaving=left_alone(model))
    return [each for each in found if each.field in undone]


def left_alone(model):
    """The fields and parts that a working copy does not take from its row, nor give to it."""
    return {*model.not_copied, *model.stage_fields, "replaces", "updated_at"}


def demand_complete(row):
    lacking = row.lacking()
    if lacking:
        raise Incomplete(lacking)


def tell_author(row, user, comment, address):
    """Mail the author why a text came back. True when there is nobody to mail, or it went well."""
    author = row.author
    if author is None or not author.is_active or not author.email or author == user:
        return True
    mail = EmailMessage(
        subject=f"Teruggestuurd: {row}",
        body=f"{user.get_full_name() or user} stuurde dit terug: {row}\n\n{comment}\n\n{address}\n",
        to=[author.email],
        reply_to=[user.email] if user.email else None,
    )
    try:
        mail.send()
    except (OSError, ValueError):
        return False
    return True
