"""Puts the chosen rows of a batch in the database, all or nothing, and takes them back row for row."""

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from discovery import texts
from publishing import versions, workflow
from publishing.models import COPY_SLUG, Version

from .columns import taken_slugs
from .judging import key_in, listed
from .models import Batch, Row

CHUNK = 500
GONE = "is al verwijderd, of overgenomen in de gepubliceerde tekst"


class Wrong(Exception):
    """Rows that cannot be stored after the rows above them, [(row, why in Dutch)]; nothing was stored."""

    def __init__(self, rows):
        super().__init__(rows)
        self.rows = rows


class Stale(Exception):
    """What was judged is no longer so; `rows` are to be judged again, and nothing was stored."""

    def __init__(self, rows):
        super().__init__(rows)
        self.rows = rows


def batched(rows, size=CHUNK):
    rows = list(rows)
    return (rows[start : start + size] for start in range(0, len(rows), size))


# ---- store


def store(batch, user, reach, *, visible=False):
    """Store all chosen rows of a batch, once. Returns the batch; raises Stale or Wrong.

    `reach`: the rows that `user` works on. `visible`: changes of published rows show at once; else each gets a working
    copy.
    """
    with transaction.atomic(), texts.postponed():
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        if batch.state != Batch.State.JUDGED:
            return batch  # a second click, or another node: the first did it
        rows = list(batch.rows.chosen().defer("cells"))
        kind = batch.record_kind
        check(kind, rows, reach)
        for some in batched(rows):
            try:
                with transaction.atomic():
                    write(batch, kind, some, visible=visible)
            except IntegrityError:  # one by one, the row that does it is found
                for row in some:
                    row.stored_id = None
                write_each(batch, kind, some, visible=visible)
            record_all(kind.model, [row.stored_id for row in some], Version.Event.IMPORTED, user, batch)
        Row.objects.bulk_update(rows, ["stored_id"])
        copied = sum(row.object_id not in (None, row.stored_id) for row in rows)
        new = sum(row.object_id is None for row in rows)
        batch.counts = {"toegevoegd": new, "gewijzigd": len(rows) - new - copied, "werkversies": copied}
        batch.state, batch.stored_at = Batch.State.STORED, timezone.now()
        batch.save()
    return batch


def check(kind, rows, reach):
    """Raise Stale with the rows that would not do any more what the editor saw, or are out of reach by now."""
    model = kind.model
    keys = sorted(row.object_id for row in rows if row.object_id is not None)
    lock(model, keys)
    reached = {
        str(pk) for some in batched(keys) for pk in reach.order_by().filter(pk__in=some).values_list("pk", flat=True)
    }
    copies = (
        model._base_manager.filter(replaces__in=keys).values_list("replaces", flat=True) if kind.is_copyable else ()
    )
    copied = set(map(str, copies))
    now: dict[str, list] = {}
    for some in batched(keys):
        now |= {str(pk): snap for pk, snap in versions.snapshots(model, some).items()}
    gone, taken = lost_keys(model, [row.after for row in rows]), taken_keys(kind, rows)
    stale = []
    for row in rows:
        if row.object_id is None:
            same = key_in(kind, row.after[0]).lower() not in taken
        else:
            stored = now.get(row.object_id)
            digest = stored and versions.digest_of(stored)
            same = digest == versions.digest_of(row.before) and row.object_id not in copied and row.object_id in reached
            if same and row.before != stored:  # saved since, without a change: undoing brings that moment back
                row.before = stored
                row.save(update_fields=["before"])
        fields = row.after[0]["fields"]
        if not same or any(lost & set(listed(fields[name])) for name, lost in gone.items()):
            stale.append(row)
    if stale:
        raise Stale(stale)


def lock(model, keys):
    """Let nobody else change these rows until we are done."""
    list(model._base_manager.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))


def taken_keys(kind, rows):
    """Which of the addresses of new rows are there already, or were, in small letters."""
    asked = {key_in(kind, row.after[0]).lower() for row in rows if row.object_id is None}
    return asked & taken_slugs(kind) if asked else set()


def lost_keys(model, snaps):
    """{field: keys that snapshots link to, and that are no longer there}."""
    found = {}
    for field in (*model._meta.fields, *model._meta.many_to_many):
        if field.is_relation:
            keys = {key for snap in snaps for key in listed(snap[0]["fields"][field.name]) if key is not None}
            present = field.related_model._base_manager.filter(pk__in=keys).values_list("pk", flat=True)
            found[field.name] = keys - set(present)
    return found


def write(batch, kind, rows, *, visible):
    """Store some rows, in few queries where their forms know all their rules."""
    model = kind.model
    new = [row for row in rows if row.object_id is None]
    if not kind.is_copyable:
        if kind.is_simple:
            for row, stored in zip(new, insert(model, [as_new(batch, row) for row in new]), strict=True):
                row.stored_id = str(stored.pk)
        write_each(batch, kind, [row for row in rows if row.stored_id is None], visible=visible)
        return
    old = [row for row in rows if row.object_id is not None]
    copied = [row for row in old if becomes_a_copy(kind, row, visible)]
    changed = [row for row in old if not becomes_a_copy(kind, row, visible)]
    made = insert(model, [as_new(batch, row) for row in new] + [as_copy(model, batch, row) for row in copied])
    for row, stored in zip([*new, *copied], made, strict=True):
        row.stored_id = str(stored.pk)
    for row in changed:
        row.stored_id = row.object_id
    pk_of = model._meta.pk.to_python
    remember_all(model, {pk_of(row.object_id): row.before for row in changed})
    overwrite(model, {pk_of(row.object_id): (row.before, dated(row.after)) for row in changed})


def write_each(batch, kind, rows, *, visible):
    """Store some rows one by one: each by all rules there are, and so that what is found by their words is found."""
    wrong = []
    for row in rows:
        try:
            row.stored_id = str(write_one(batch, kind, row, visible).pk)
        except ValidationError as error:
            wrong.append((row, " ".join(error.messages)))
    if wrong:
        raise Wrong(wrong)


def write_one(batch, kind, row, visible):
    model = kind.model
    if becomes_a_copy(kind, row, visible):
        return versions.restore(model, as_copy(model, batch, row))
    if row.object_id is not None:
        versions.remember(model._base_manager.get(pk=row.object_id))
        return versions.restore(model, dated(row.after))
    snap = as_new(batch, row)
    if model._base_manager.filter(pk=snap[0]["pk"]).exists():  # which restore() would overwrite
        raise ValidationError("Dit is er al.")
    return versions.restore(model, snap)


def becomes_a_copy(kind, row, visible):
    """Whether what a row changes is public, so that the change comes in a working copy."""
    public = row.before and row.before[0]["fields"].get("published_at") is not None
    return kind.is_copyable and public and not visible


def as_new(batch, row):
    root, *parts = row.after
    if "author" not in root["fields"]:
        return row.after
    submitted = timezone.now() if batch.submit and not row.lacking else None
    return [root | {"fields": root["fields"] | {"author": batch.uploaded_by_id, "submitted_at": submitted}}, *parts]


def as_copy(model, batch, row):
    """The working copy that says what the row would become (workflow.start_copy)."""
    root, *parts = row.after
    leaving = workflow.left_alone(model)
    lists = {getattr(model, name).rel.related_model._meta.label_lower for name in model.parts if name not in leaving}
    fields = {name: value for name, value in root["fields"].items() if name not in leaving}
    fields |= {"slug": f"{COPY_SLUG}{row.object_id}", "replaces": root["pk"], "author": batch.uploaded_by_id}
    fields["submitted_at"] = timezone.now() if batch.submit else None
    return [root | {"pk": None, "fields": fields}, *(part | {"pk": None} for part in parts if part["model"] in lists)]


def dated(snap):
    root, *parts = snap
    if "updated_at" not in root["fields"]:
        return snap
    return [root | {"fields": root["fields"] | {"updated_at": timezone.now()}}, *parts]


# ---- many rows in few queries


def instance(model, data, **values):
    """A row of `model` with the values of one row of a snapshot."""
    fields = [f for f in model._meta.fields if f.name in data["fields"]]
    return model(pk=data["pk"], **{f.attname: f.to_python(data["fields"][f.name]) for f in fields} | values)


def insert(model, snaps):
    """Store new rows with all that hangs on them. Returns them, in this order."""
    made = [instance(model, snap[0]) for snap in snaps]
    model._base_manager.bulk_create(made)
    stored = {row.pk: snap for row, snap in zip(made, snaps, strict=True)}
    for field in model._meta.many_to_many:
        link(field, stored)
    for name in versions.parts_of(model):
        fill(model, name, stored)
    made_anew(model, stored)
    return made


def overwrite(model, changes):
    """Make stored rows, {primary key: (snapshot of now, what it should be)}, what they should be."""
    for pk, (now, snap) in changes.items():
        old, new = now[0]["fields"], snap[0]["fields"]
        changed = [f for f in model._meta.fields if f.name in new and old[f.name] != new[f.name]]
        model._base_manager.filter(pk=pk).update(**{f.attname: f.to_python(new[f.name]) for f in changed})
    for field in model._meta.many_to_many:
        name = field.name
        others = {pk: snap for pk, (now, snap) in changes.items() if now[0]["fields"][name] != snap[0]["fields"][name]}
        field.remote_field.through.objects.filter(**{f"{field.m2m_field_name()}__in": others}).delete()
        link(field, others)
    for name in versions.parts_of(model):
        relation = getattr(model, name).rel
        label = relation.related_model._meta.label_lower
        others = {pk: snap for pk, (now, snap) in changes.items() if of_kind(now, label) != of_kind(snap, label)}
        relation.related_model.objects.filter(**{f"{relation.field.name}__in": others}).delete()
        fill(model, name, others)
    made_anew(model, changes)


def made_anew(model, keys):
    """Have the texts made by which rows are found: what is stored in bulk tells nobody."""
    document = texts.documents.get(texts.kind_of(model))
    if document:
        texts.changed(document, {*keys})


def of_kind(snap, label):
    return [part for part in snap[1:] if part["model"] == label]


def link(field, snaps):
    """Store the links of one kind of {primary key: snapshot}."""
    through = field.remote_field.through
    ours, theirs = (
        through._meta.get_field(name).attname for name in (field.m2m_field_name(), field.m2m_reverse_field_name())
    )
    through.objects.bulk_create(
        through(**{ours: pk, theirs: key}) for pk, snap in snaps.items() for key in snap[0]["fields"][field.name]
    )


def fill(model, name, snaps):
    """Store the parts of one kind of {primary key: snapshot}."""
    relation = getattr(model, name).rel
    kind, parent = relation.related_model, relation.field.attname
    kind.objects.bulk_create(
        instance(kind, part, **{parent: pk})
        for pk, snap in snaps.items()
        for part in of_kind(snap, kind._meta.label_lower)
    )


def remember_all(model, snaps):
    """versions.remember() of {primary key: snapshot}."""
    kept = dict(
        Version.objects.filter(content_type=ContentType.objects.get_for_model(model), object_id__in=map(str, snaps))
        .order_by("pk")
        .values_list("object_id", "digest")
    )  # the last of each wins
    lacking = {pk: snap for pk, snap in snaps.items() if kept.get(str(pk)) != versions.digest_of(snap)}
    rows = model._base_manager.in_bulk([*lacking])
    Version.objects.bulk_create(
        versions.version_of(rows[pk], snap, Version.Event.BASELINE) for pk, snap in lacking.items()
    )


def record_all(model, keys, event, user, batch):
    """versions.record() of many rows, of which the primary keys may be texts."""
    keys = list(map(model._meta.pk.to_python, keys))
    rows, snaps = model._base_manager.in_bulk(keys), versions.snapshots(model, keys)
    Version.objects.bulk_create(
        versions.version_of(rows[pk], snaps[pk], event, user, batch=batch.label) for pk in keys if pk in rows
    )


# ---- take back


def fates(batch, may, named=str):
    """[(row, what undoing does to it, why it stays)] of all rows that this import stored.

    `may(row of the model, is it new)` says whether this person may; `named(row)` what this person may know of a row.
    """
    model, pk_of = batch.record_kind.model, batch.record_kind.model._meta.pk.to_python
    made = Version.objects.filter(
        content_type=ContentType.objects.get_for_model(model), batch=batch.label, event=Version.Event.IMPORTED
    )
    digests = dict(made.values_list("object_id", "digest"))
    rows = batch.rows.filter(stored_id__isnull=False, undone=False).defer("cells", "before", "after")
    for some in batched(rows):
        keys = [pk_of(row.stored_id) for row in some]
        now = versions.snapshots(model, keys)
        stored = model._base_manager.in_bulk(keys)
        users = users_of(model, {pk_of(row.stored_id) for row in some if row.stored_id != row.object_id})
        for row in some:
            key, fate, why = pk_of(row.stored_id), fate_of(row), ""
            if key not in now:
                why = GONE
            elif versions.digest_of(now[key]) != digests.get(row.stored_id):
                why = "is sindsdien gewijzigd"
            elif not may(stored[key], row.stored_id != row.object_id):
                why = "mag u niet wijzigen"
            elif key in users:
                why = f"wordt gebruikt door {named(users[key])}"
            yield row, "blijft staan" if why else fate, why


def fate_of(row):
    if row.stored_id == row.object_id:
        return "terug naar hoe het was"
    return "werkversie wordt verwijderd" if row.object_id is not None else "wordt verwijderd"


def users_of(model, keys):
    """{primary key: a row that points to it, and would go with it or lose it}, in a fixed number of queries."""
    found: dict = {}
    ours = {getattr(model, name).rel.related_model for name in versions.parts_of(model)}
    for relation in model._meta.get_fields(include_hidden=True):
        theirs = relation.related_model
        if relation.concrete or not relation.auto_created or theirs in ours or theirs._meta.auto_created:
            continue
        name = relation.field.name
        links = theirs._base_manager.filter(**{f"{name}__in": keys}).values_list(name, "pk").order_by()
        held = {key: pk for key, pk in links if key in keys and key not in found}
        rows = theirs._base_manager.in_bulk({*held.values()})
        found |= {key: rows[pk] for key, pk in held.items() if pk in rows}
    return found


def undo(batch, user, may, named=str):
    """Take back what nobody touched since. Returns (the batch, [(row, why it stays)])."""
    with transaction.atomic(), texts.postponed():
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        if batch.state != Batch.State.STORED:
            return batch, []
        kind = batch.record_kind
        lock(kind.model, list(batch.rows.filter(stored_id__isnull=False).values_list("stored_id", flat=True)))
        kept: list[tuple[Row, str]] = []
        mended: list[int] = []
        gone: list[int] = []
        for row, _, why in fates(batch, may, named):
            if why:
                kept.append((row, why))
            else:
                (gone if row.stored_id != row.object_id else mended).append(row.pk)
        for some in batched(mended):
            rows = batch.rows.filter(pk__in=some).defer("cells", "after")
            refused = put_all_back(kind, rows)
            kept += refused
            back = [row.stored_id for row in rows if row not in {each for each, _ in refused}]
            record_all(kind.model, back, Version.Event.UNDONE, user, batch)
        for some in batched(gone):
            keys = list(batch.rows.filter(pk__in=some).values_list("stored_id", flat=True))
            record_going(kind.model, keys, user, batch)
            kind.model._base_manager.filter(pk__in=keys).delete()
        left = {row.pk for row, _ in kept}
        for some in batched({*mended, *gone} - left):
            batch.rows.filter(pk__in=some).update(undone=True)
        taken_back = batch.rows.filter(undone=True).count()
        batch.counts = {"teruggedraaid": taken_back, "bleef staan": len(kept)}
        if all(why == GONE for _, why in kept):  # else it can be tried again, when what is in the way is not any more
            batch.state = Batch.State.UNDONE
        batch.save()
    return batch, kept


def record_going(model, keys, user, batch):
    """record_all() of new rows that go. They are as the import wrote them (fates()): what it kept is not read anew."""
    rows = {str(pk): row for pk, row in model._base_manager.in_bulk(keys).items()}
    made = Version.objects.filter(
        content_type=ContentType.objects.get_for_model(model),
        object_id__in=rows,
        batch=batch.label,
        event=Version.Event.IMPORTED,
    )
    Version.objects.bulk_create(
        versions.version_of(rows[each.object_id], each.rows, Version.Event.UNDONE, user, batch=batch.label)
        for each in made
    )


def put_all_back(kind, rows):
    """Make rows what they were before the import. Returns [(row, why it stays)]."""
    model, pk_of = kind.model, kind.model._meta.pk.to_python
    now = versions.snapshots(model, [row.stored_id for row in rows])
    try:
        if not kind.is_copyable or any(lost_keys(model, [row.before for row in rows]).values()):
            raise IntegrityError  # restore() knows more rules, and leaves out the links to what is gone
        with transaction.atomic():
            overwrite(model, {pk_of(row.stored_id): (now[pk_of(row.stored_id)], row.before) for row in rows})
        return []
    except IntegrityError:
        return restored(model, rows)


def restored(model, rows):
    kept = []
    for row in rows:
        try:
            versions.restore(model, row.before)
        except ValidationError as error:
            kept.append((row, " ".join(error.messages)))
    return kept
