"""Puts the chosen rows of a batch in the database, all or nothing, and takes them back row for row."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from discovery import texts
from publishing import versions, workflow
from publishing.models import Version

from .judging import kind_of
from .models import Batch, Row

CHUNK = 500


class Stale(Exception):
    """What was judged is no longer so; `rows` are to be judged again, and nothing was stored."""

    def __init__(self, rows, why=""):
        super().__init__(why)
        self.rows, self.why = rows, why


def batched(rows, size=CHUNK):
    rows = list(rows)
    return (rows[start : start + size] for start in range(0, len(rows), size))


# ---- store


def store(batch, user, *, visible=False):
    """Store all chosen rows of a batch, once. Returns the batch; raises Stale.

    `visible`: changes of published rows show at once; else each gets a working copy.
    """
    with transaction.atomic(), texts.postponed():
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        if batch.state != Batch.State.JUDGED:
            return batch  # a second click, or another node: the first did it
        rows = list(batch.rows.chosen().defer("cells"))
        model = kind_of(batch).model
        check(model, rows)
        new = [row for row in rows if row.object_id is None]
        changed = [row for row in rows if row.object_id is not None]
        try:
            with transaction.atomic():
                for some in batched(new):
                    add(batch, model, some, user)
                outcomes = [change(batch, model, row, user, visible=visible) for row in changed]
        except IntegrityError:
            raise Stale(rows, "Er is intussen iets bijgekomen of verdwenen.") from None
        Row.objects.bulk_update(rows, ["stored_id", "before"], batch_size=100)
        batch.state, batch.stored_at = Batch.State.STORED, timezone.now()
        batch.counts |= {"toegevoegd": len(new)} | {name: outcomes.count(name) for name in sorted(set(outcomes))}
        batch.save()
    return batch


def check(model, rows):
    """Raise Stale with the rows that would not do any more what the editor saw."""
    keys = sorted(row.object_id for row in rows if row.object_id)
    lock(model, keys)
    copies = set(model._base_manager.filter(replaces__in=keys).values_list("replaces", flat=True))
    now = {}
    for some in batched(keys):
        now |= versions.snapshots(model, some)
    gone, taken = lost_keys(model, rows), taken_slugs(model, rows)
    stale = []
    for row in rows:
        if row.object_id is None:
            same = row.after[0]["fields"]["slug"] not in taken
        else:
            stored = now.get(row.object_id)
            same = stored and versions.digest_of(stored) == versions.digest_of(row.before)
            same = same and row.object_id not in copies
            row.before = stored
        fields = row.after[0]["fields"]
        if not same or any(lost & set(listed(fields[name])) for name, lost in gone.items()):
            stale.append(row)
    if stale:
        raise Stale(stale)


def lock(model, keys):
    """Let nobody else change these rows until we are done."""
    list(model._base_manager.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))


def listed(value):
    return value if isinstance(value, list) else [value]


def taken_slugs(model, rows):
    slugs = [row.after[0]["fields"]["slug"] for row in rows if row.object_id is None]
    taken = set(model._base_manager.filter(slug__in=slugs).values_list("slug", flat=True))
    former = model.former_slugs.rel.related_model
    return taken | set(former.objects.filter(slug__in=slugs).values_list("slug", flat=True))


def lost_keys(model, rows):
    """{field: keys that rows link to, and that are no longer there}."""
    found = {}
    for field in (*model._meta.fields, *model._meta.many_to_many):
        if field.is_relation:
            keys = {key for row in rows for key in listed(row.after[0]["fields"][field.name]) if key is not None}
            present = field.related_model._base_manager.filter(pk__in=keys).values_list("pk", flat=True)
            found[field.name] = keys - set(present)
    return found


def add(batch, model, rows, user):
    """Store new rows with what hangs on them, in a few queries."""
    now = timezone.now()
    made = []
    for row in rows:
        fields = {f.attname: f.to_python(v) for f, v in values_of(model, row.after[0])}
        made.append(model(**fields))
        made[-1].author = batch.uploaded_by
        if batch.submit and not row.lacking:
            made[-1].submitted_at = now
    model.objects.bulk_create(made)
    for field in model._meta.many_to_many:
        ours, theirs = field.m2m_field_name() + "_id", field.m2m_reverse_field_name() + "_id"
        field.remote_field.through.objects.bulk_create(
            field.remote_field.through(**{ours: each.pk, theirs: key})
            for each, row in zip(made, rows, strict=True)
            for key in row.after[0]["fields"][field.name]
        )
    sources = model.sources.rel
    sources.related_model.objects.bulk_create(
        sources.related_model(
            **{f.attname: f.to_python(v) for f, v in values_of(sources.related_model, part)}
            | {sources.field.attname: each.pk}
        )
        for each, row in zip(made, rows, strict=True)
        for part in row.after[1:]
    )
    for each, row in zip(made, rows, strict=True):
        row.stored_id = each.pk
    stored = versions.snapshots(model, [each.pk for each in made])
    Version.objects.bulk_create(
        versions.version_of(each, stored[each.pk], Version.Event.IMPORTED, user, batch=batch.label) for each in made
    )
    texts.changed(texts.documents[texts.kind_of(model)], {each.pk for each in made})  # bulk_create tells nobody


def values_of(model, data):
    """[(field, value)] of one row of a snapshot, without its lists."""
    return [(f, data["fields"][f.name]) for f in model._meta.fields if f.name in data["fields"]]


def change(batch, model, row, user, *, visible):
    """Store a row that changes one that is there. Returns what came of it, in Dutch."""
    case = model._base_manager.get(pk=row.object_id)
    after, outcome = row.after, "gewijzigd"
    keeping = {*model.stage_fields, "replaces", "updated_at", *set(versions.parts_of(model)) - {"sources"}}
    if case.published_at is not None and not visible:
        outcome = "werkversies"
        case = workflow.start_copy(case, user)
        keeping |= workflow.left_alone(model)
        root, *parts = after
        kinds = {model.sources.rel.related_model._meta.label_lower}
        after = [root | {"pk": case.pk}, *(part | {"pk": None} for part in parts if part["model"] in kinds)]
    versions.remember(case)
    try:
        case = versions.restore(model, after, keeping=keeping)
    except ValidationError as error:
        raise Stale([row], " ".join(error.messages)) from None
    if outcome == "werkversies" and batch.submit:
        case.submitted_at = timezone.now()
        case.save(update_fields=workflow.STAGE)
    versions.record(case, Version.Event.IMPORTED, user, batch=batch.label)
    row.stored_id = case.pk
    return outcome


# ---- take back


def fates(batch, may):
    """[(row, what undoing does to it, why it stays)] of all rows that this import stored.

    `may(row of the model, is it new)` says whether this person may.
    """
    model = kind_of(batch).model
    made = Version.objects.filter(batch=batch.label, event=Version.Event.IMPORTED)
    digests = {int(key): digest for key, digest in made.values_list("object_id", "digest")}
    rows = batch.rows.filter(stored_id__isnull=False).defer("cells", "before", "after")
    for some in batched(rows):
        keys = [row.stored_id for row in some]
        now = versions.snapshots(model, keys)
        stored = model._base_manager.in_bulk(keys)
        for row in some:
            fate, why = ("verwijderd", "") if row.stored_id != row.object_id else ("terug naar hoe het was", "")
            if row.stored_id not in now:
                why = "is al verwijderd, of overgenomen in de gepubliceerde tekst"
            elif versions.digest_of(now[row.stored_id]) != digests.get(row.stored_id):
                why = "is sindsdien gewijzigd"
            elif not may(stored[row.stored_id], row.stored_id != row.object_id):
                why = "mag u niet wijzigen"
            yield row, "blijft staan" if why else fate, why


def undo(batch, user, may):
    """Take back what nobody touched since. Returns (the batch, [(row, why it stays)])."""
    with transaction.atomic(), texts.postponed():
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        if batch.state != Batch.State.STORED:
            return batch, []
        model = kind_of(batch).model
        keys = batch.rows.filter(stored_id__isnull=False).values("stored_id")
        lock(model, keys)
        kept, done, gone = [], [], []
        for row, _, why in fates(batch, may):
            if why:
                kept.append((row, why))
                continue
            if row.stored_id != row.object_id:
                gone.append(row.stored_id)
            else:
                try:
                    case = versions.restore(model, batch.rows.values_list("before", flat=True).get(pk=row.pk))
                except ValidationError as error:
                    kept.append((row, " ".join(error.messages)))
                    continue
                versions.record(case, Version.Event.UNDONE, user, batch=batch.label)
            done.append(row.pk)
        for some in batched(gone):
            remove(model, some, user, batch.label)
        for some in batched(done):
            batch.rows.filter(pk__in=some).update(undone=True)
        batch.state = Batch.State.UNDONE
        batch.counts |= {"teruggedraaid": len(done), "bleef staan": len(kept)}
        batch.save()
    return batch, kept


def remove(model, keys, user, label):
    """Delete rows that the import made, and keep what they were."""
    rows, stored = model._base_manager.in_bulk(keys), versions.snapshots(model, keys)
    Version.objects.bulk_create(
        versions.version_of(row, stored[pk], Version.Event.UNDONE, user, batch=label) for pk, row in rows.items()
    )
    model._base_manager.filter(pk__in=keys).delete()
