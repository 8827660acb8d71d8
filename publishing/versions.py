"""A row with its links and parts as plain data: kept as history, compared, restored, copied, taken back.

One form of data serves all of that, so nothing that history shows can be lost by restoring it. It is what Django's
serializer makes: the row itself first, and then the rows of its parts (`parts` of the model), with many-to-many values
as lists of keys.
"""

import hashlib
import json
from itertools import chain

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Prefetch
from django.utils.text import capfirst

from .models import Version


def snapshot(row):
    """The stored row as a list of plain data: itself first, then its parts."""
    return as_data(type(row)._base_manager.get(pk=row.pk))


def snapshots(model, keys):
    """{primary key: snapshot} of many rows, in a fixed number of queries."""
    links = [Prefetch(f.name, f.related_model._base_manager.only("pk")) for f in model._meta.many_to_many]
    rows = model._base_manager.filter(pk__in=keys).prefetch_related(*links, *parts_of(model))
    return {row.pk: as_data(row) for row in rows}


def as_data(stored):
    lists = [sorted(getattr(stored, name).all(), key=lambda part: part.pk) for name in parts_of(stored)]
    return json.loads(json.dumps([data_of(row) for row in (stored, *chain.from_iterable(lists))], default=str))


def data_of(row):
    """One row as Django's serializer makes it, which would not use links that are loaded already."""
    fields = {f.name: f.value_from_object(row) for f in row._meta.fields if f.serialize}
    fields |= {f.name: keys_of(getattr(row, f.name)) for f in row._meta.many_to_many}
    return {"model": row._meta.label_lower, "pk": row.pk, "fields": fields}


def keys_of(links):
    return sorted((each.pk for each in links.all()), key=str)


def parts_of(model):
    return getattr(model, "parts", ())


def digest_of(rows):
    """A short digest of a snapshot. When a row was saved says nothing of what is in it, nor do its line ends."""
    kept = [each | {"fields": {k: v for k, v in each["fields"].items() if k != "updated_at"}} for each in rows]
    text = json.dumps(kept, sort_keys=True).replace("\\r\\n", "\\n")  # a browser sends line ends its own way
    return hashlib.sha256(text.encode()).hexdigest()[:32]


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
    version = version_of(row, rows, event, user, comment, batch)
    version.save()
    return version


def version_of(row, rows, event, user=None, comment="", batch=""):
    """A Version that is not stored yet, for who stores many at once."""
    return Version(
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
    keeping, present = (keeping, snapshot(stored)) if stored else ((), [])
    links, row = filled(model, root, stored, keeping)
    saved_at = getattr(row, "updated_at", None)
    refuse_what_is_wrong(row)
    row.save()
    if saved_at and not keeping:  # to the letter as it was
        model._base_manager.filter(pk=row.pk).update(updated_at=saved_at)
    for name, keys in links.items():
        getattr(row, name).set(keys)
    for name in parts_of(model):
        if name not in keeping:
            put_back_list(row, name, parts, present)
    return model._base_manager.get(pk=row.pk)


def put_back_list(row, name, parts, present):
    """Make one list of parts what a snapshot says. What is not right goes first: two rows may have swapped a value
    that is unique."""
    relation = getattr(type(row), name).rel
    kind = relation.related_model
    ours = [part for part in parts if part["model"] == kind._meta.label_lower]
    now = {part["pk"]: part["fields"] for part in present if part["model"] == kind._meta.label_lower}
    ours = [part | {"fields": now.get(part["pk"], {}) | part["fields"]} for part in ours]  # fields it had not yet stay
    right = [part["pk"] for part in ours if part["fields"] == now.get(part["pk"])]
    getattr(row, name).exclude(pk__in=right).delete()
    lacking = [part for part in ours if part["pk"] not in right]
    taken = kind._base_manager.in_bulk([part["pk"] for part in lacking if part["pk"]])  # these went to another row
    for part in lacking:
        _, each = filled(kind, part)
        if part["pk"] in taken:
            each.pk = None
        setattr(each, relation.field.name, row)
        refuse_what_is_wrong(each)
        each.save(force_insert=True)


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
            if field.one_to_one and value is not None and not exists:  # a working copy is nothing without its row
                raise ValidationError(f"Wat hierbij hoorde, is er niet meer: {field.verbose_name}.")
            setattr(row, field.attname, value if exists else None)
        else:
            setattr(row, name, field.to_python(value))
    return links, row


def refuse_what_is_wrong(row):
    """Raise a ValidationError when a required link is gone, or the row breaks a rule or takes another's address."""
    links = [f for f in row._meta.fields if f.is_relation and not f.null]
    lacking = [str(f.verbose_name) for f in links if getattr(row, f.attname) is None]
    if lacking:
        raise ValidationError(f"Wat hierbij hoorde, is er niet meer: {', '.join(lacking)}.")
    for rule in (row.clean, row.validate_unique, row.validate_constraints):
        try:
            rule()
        except ValidationError as error:
            found = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
            for name, messages in found.items():
                label = "" if name == NON_FIELD_ERRORS else f"{capfirst(row._meta.get_field(name).verbose_name)}: "
                raise ValidationError([f"{label}{message}" for message in messages]) from None


def copy_into(source, target_pk, *, leaving=()):
    """A snapshot of `source` that restore() can put onto the row `target_pk`: its parts come as new rows."""
    root, *parts = snapshot(source)
    fields = {name: value for name, value in root["fields"].items() if name not in leaving}
    lists = {getattr(type(source), name).rel.related_model._meta.label_lower: name for name in parts_of(source)}
    kept = [part | {"pk": None} for part in parts if lists[part["model"]] not in leaving]
    return [root | {"pk": target_pk, "fields": fields}, *kept]
