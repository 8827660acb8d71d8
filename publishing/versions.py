"""A row with its links and parts as plain data: kept as history, compared, restored, copied, taken back.

One form of data serves all of that, so nothing that history shows can be lost by restoring it. It is what Django's
serializer makes: the row itself first, and then the rows of its parts (`parts` of the model), with many-to-many values
as lists of keys.
"""

import hashlib
import json
from itertools import chain

from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction

from .models import Version


def snapshot(row):
    """The stored row as a list of plain data: itself first, then its parts."""
    stored = type(row)._base_manager.get(pk=row.pk)
    lists = [getattr(stored, name).order_by("pk") for name in parts_of(stored)]
    rows = serializers.serialize("python", [stored, *chain.from_iterable(lists)])
    for each in rows:
        for name, value in each["fields"].items():
            if isinstance(value, list):
                each["fields"][name] = sorted(value, key=str)
    return json.loads(json.dumps(rows, default=str))


def parts_of(model):
    return getattr(model, "parts", ())


def digest_of(rows):
    """A short digest of a snapshot. When a row was saved says nothing of what is in it."""
    kept = [each | {"fields": {k: v for k, v in each["fields"].items() if k != "updated_at"}} for each in rows]
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:32]


def latest(row):
    """The last Version of a row, or None."""
    return Version.objects.of(row).first()


def remember(row):
    """Keep a row as it is now, before a change, when the last version is not what is stored. Returns its snapshot."""
    rows = snapshot(row)
    last = latest(row)
    if last is None or last.digest != digest_of(rows):
        keep(row, rows, Version.Event.BASELINE)
    return rows


def record(row, event, user=None, comment="", batch=""):
    """Keep a row as it is now, after a change. Returns the Version; the last one when nothing changed."""
    rows, last = snapshot(row), latest(row)
    if event == Version.Event.CHANGED and last and last.digest == digest_of(rows):
        return last
    return keep(row, rows, event, user, comment, batch)


def keep(row, rows, event, user=None, comment="", batch=""):
    return Version.objects.create(
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        title=str(row)[:300],
        event=event,
        comment=comment,
        rows=rows,
        digest=digest_of(rows),
        made_by=user,
        batch=batch,
    )


def restore(model, rows, *, keeping=()):
    """Make a row of `model` what a snapshot says: itself, its links, and exactly these parts. Returns it.

    `keeping` names fields that stay as they are now. Links to what is gone are left out. Raises a ValidationError, in
    Dutch, when the rules of today refuse the row; then nothing was stored. A row that was deleted comes back.
    """
    try:
        with transaction.atomic():
            return put_back(model, rows, keeping)
    except IntegrityError:
        raise ValidationError("Dit botst met iets dat er intussen is bijgekomen.") from None


def put_back(model, rows, keeping):
    root, *parts = rows
    stored = model._base_manager.filter(pk=root["pk"]).first()
    links, row = filled(model, root, stored, keeping if stored else ())
    saved_at = getattr(row, "updated_at", None)
    refuse_what_is_wrong(row)
    row.save()
    if saved_at and not keeping:  # to the letter as it was
        model._base_manager.filter(pk=row.pk).update(updated_at=saved_at)
    for name, keys in links.items():
        getattr(row, name).set(keys)
    for name in parts_of(model):
        if name in keeping:
            continue
        kind = getattr(model, name).rel.related_model
        ours = [part for part in parts if part["model"] == kind._meta.label_lower]
        getattr(row, name).exclude(pk__in=[part["pk"] for part in ours]).delete()
        for part in ours:
            _, each = filled(kind, part, kind._base_manager.filter(pk=part["pk"]).first())
            setattr(each, getattr(model, name).rel.field.name, row)
            each.save()
    row.refresh_from_db()
    return row


def filled(model, data, stored=None, keeping=()):
    """({many-to-many field: keys that exist}, an instance) of `model` with the values of one row of a snapshot.

    Values of fields that the model had not yet, or has no more, are left alone.
    """
    row = stored or model(pk=data["pk"])
    links = {}
    for name, value in data["fields"].items():
        field = next((f for f in (*model._meta.fields, *model._meta.many_to_many) if f.name == name), None)
        if field is None or name in keeping:
            continue
        if field.many_to_many:
            links[name] = list(field.related_model._base_manager.filter(pk__in=value).values_list("pk", flat=True))
        elif field.is_relation:
            exists = value is not None and field.related_model._base_manager.filter(pk=value).exists()
            setattr(row, field.attname, value if exists else None)
        else:
            setattr(row, name, field.to_python(value))
    return links, row


def refuse_what_is_wrong(row):
    """Raise a ValidationError when a required link is gone, or the row breaks a rule or takes another's address."""
    lacking = [f.verbose_name for f in row._meta.fields if not f.null and getattr(row, f.attname) is None]
    lacking = [name for name in lacking if name != row._meta.pk.verbose_name]
    if lacking:
        raise ValidationError(f"Wat hierbij hoorde, is er niet meer: {', '.join(map(str, lacking))}.")
    try:
        row.validate_unique()
        row.validate_constraints()
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            label = "" if name == NON_FIELD_ERRORS else f"{row._meta.get_field(name).verbose_name}: "
            raise ValidationError([f"{label}{message}" for message in messages]) from None


def copy_into(source, target_pk, *, leaving=()):
    """A snapshot of `source` that restore() can put onto the row `target_pk`: its parts come as new rows."""
    root, *parts = snapshot(source)
    fields = {name: value for name, value in root["fields"].items() if name not in leaving}
    lists = {getattr(type(source), name).rel.related_model._meta.label_lower: name for name in parts_of(source)}
    kept = [part | {"pk": None} for part in parts if lists[part["model"]] not in leaving]
    return [root | {"pk": target_pk, "fields": fields}, *kept]
