"""What each row of a file would do: judged by the forms of the admin, without storing anything but the verdict."""

import json
import time
from decimal import Decimal
from itertools import chain

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.db.models.fields.json import KT

from discovery.texts import postponed
from programme.duplicates import former_names
from programme.rights import landsdelen_of
from publishing import versions
from publishing.models import COPY_SLUG, free_slug
from publishing.workflow import hidden_fields, may, may_publish

from . import columns as table
from . import records
from .models import Batch, Row
from .remembering import Remembered, known
from .sheets.table import LEFT_OUT, shown
from .twins import Twins

SECONDS = 4  # of one request
CHUNK = 50
ELSEWHERE = "Dit valt buiten uw werkgebied."
IS_COPY = "Dit webadres is van een werkversie. Wijzig die in het beheer."
HAS_COPY = "Hiervan is een werkversie. Laat die eerst goedkeuren of verwijderen."
IS_PUBLIC = "Dit is gepubliceerd. Alleen wie mag publiceren, kan het wijzigen."


def columns_of(batch):
    """The columns that a file with these headings may have."""
    return table.columns_for(batch.record_kind, table.sources_in(batch.headings))


def unknown(batch):
    """The headings of which nobody said yet what they are."""
    return [heading for heading in batch.headings if heading and heading not in batch.mapping]


def missing(batch):
    """The headings of columns without which no row can be stored. Who only changes rows needs but their address."""
    kind = batch.record_kind
    present = {column.name for column in columns_of(batch) if column.heading in batch.mapping.values()}
    if not batch.headings or kind.key in present:
        return []
    return [
        column.heading
        for column in columns_of(batch)
        if isinstance(column.name, str) and column.name in kind.fields and table.is_required(kind.fields[column.name])
        if column.name not in present
    ]


# ---- The verdict


def judge_some(batch, user, reach):
    """Judge rows until the time is up. Returns how many wait still. `reach`: the rows that `user` works on."""
    end, judge, left = time.monotonic() + SECONDS, None, 0
    while rows := list(batch.rows.waiting()[:CHUNK]):
        waiting = batch.rows.waiting().count()
        if judge is None or waiting != left:  # someone else judges it too, and knows of rows that we do not
            judge = Judge(batch, user, reach)
        judge.judge(rows)
        if not keep(batch, rows):
            break
        left = waiting - len(rows)
        if time.monotonic() >= end:
            break
    with transaction.atomic():
        locked = Batch.objects.select_for_update().get(pk=batch.pk)
        if locked.state == Batch.State.UPLOADED and not batch.rows.waiting().exists():
            locked.close_judging()
    batch.refresh_from_db()
    return batch.rows.waiting().count()


def keep(batch, rows):
    """Store the verdict on these rows; not when they were judged meanwhile, or the columns were chosen anew."""
    with transaction.atomic():
        locked = Batch.objects.select_for_update().get(pk=batch.pk)
        waiting = batch.rows.waiting().filter(pk__in=[row.pk for row in rows]).count()
        if not locked.is_open or locked.mapping != batch.mapping or waiting != len(rows):
            return False
        Row.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=JUDGED)
    return True


JUDGED = ["title", "verdict", "problems", "lacking", "choice", "twin", "object_id", "before", "after"]


class Judge:
    """Judges rows of one batch. What they all ask of the database is read once."""

    def __init__(self, batch, user, reach):
        self.batch, self.kind = batch, batch.record_kind
        self.model = self.kind.model
        self.columns = columns_of(batch)
        by_heading = {column.heading: column for column in self.columns}
        self.mapped = [by_heading.get(batch.mapping.get(heading)) for heading in batch.headings]
        self.heading_of = {each.heading: h for h, each in zip(batch.headings, self.mapped, strict=True) if each}
        self.lookups = table.lookups_for(self.kind)
        self.may_publish = may_publish(user, self.model)
        self.may_change = may(user, "change", self.model)
        self.hidden = hidden_fields(user, self.model)
        self.landsdelen = None if self.may_publish else list(landsdelen_of(user))
        self.reach = set(reach.order_by().values_list("pk", flat=True))
        self.known = {}
        self.constraints = {}
        self.read_stored()
        self.read_judged()

    def read_stored(self):
        """What rows there are: their addresses, and what may be the same as a row of the file."""
        kind = self.kind
        self.taken = table.taken_slugs(kind)
        self.stored: dict[str, int | str] = {}  # {address: primary key}, of all
        self.keys = set()
        self.copied, self.twins = set(), Twins(kind.alike, kind.titles_differ)
        named = self.organisations_of_stored() if kind.alike else {}
        asked = {"pk", kind.key, kind.title, *kind.facts, *kind.other_titles}
        asked |= {"replaces"} if kind.is_copyable else set()
        for row in self.model._base_manager.values(*asked):
            pk, key = row["pk"], str(row[kind.key])
            self.keys.add(pk)
            self.stored |= {key.lower(): self.stored.get(key.lower(), pk), key: pk}  # to the letter goes first
            if row.get("replaces"):
                self.copied.add(row["replaces"])
            elif kind.alike:
                title, facts = row[kind.title], [as_text(row[name]) for name in kind.facts]
                for each in [title, *chain.from_iterable(former_names(row[name]) for name in kind.other_titles)]:
                    self.twins.add({"pk": pk, "title": title}, each, named.get(pk, ()), facts)

    def organisations_of_stored(self):
        """{primary key: keys of the organisations by which a twin is known}."""
        named: dict = {}
        for name in self.kind.organisations:
            for pk, key in self.model._base_manager.exclude(**{name: None}).values_list("pk", name).order_by():
                named.setdefault(pk, set()).add(key)
        return named

    def read_judged(self):
        """The rows of this file that were judged before, as nothing of them may come twice."""
        self.seen: dict[str, int] = {}  # {what a row writes to: the number of that row}
        kind, root = self.kind, "after__0"
        key = f"{root}__pk" if kind.key == self.model._meta.pk.name else f"{root}__fields__{kind.key}"
        texts = {"key": key, "called": f"{root}__fields__{kind.title}"}
        texts |= {f"fact_{name}": f"{root}__fields__{name}" for name in kind.facts}
        lists = [f"{root}__fields__{name}" for name in kind.organisations]
        # As texts, and no more than these: 5,000 whole rows are heavy, and a title ‘112’ is no number.
        judged = self.batch.rows.filter(verdict__in=Row.STORABLE)
        judged = judged.annotate(**{name: KT(path) for name, path in texts.items()})
        for row in judged.values("number", "title", "object_id", *texts, *lists):
            self.seen.setdefault(seen_as(row["object_id"], row["key"]), row["number"])
            if row["object_id"] is None:
                organisations = {each for name in lists for each in listed(row[name])}
                facts = [row[f"fact_{name}"] for name in kind.facts]
                self.remember_new(row["number"], row["title"], row["key"], (row["called"], organisations, facts))

    def remember_new(self, number, title, key, told):
        self.taken.add(str(key).lower())
        if self.kind.alike:
            self.twins.add({"row": number, "title": title}, *told)

    def told(self, root):
        """What a twin is known by: the title, keys of organisations, and facts as texts."""
        fields = root["fields"]
        organisations = {key for name in self.kind.organisations for key in listed(fields[name])}
        return fields[self.kind.title], organisations, [as_text(fields[name]) for name in self.kind.facts]

    def judge(self, rows):
        """Fill in what we think of these rows, in this order."""
        cells = {row: self.cells(row) for row in rows}
        targets = {row: self.target(row, cells[row]) for row in rows}
        # What is out of reach is not even read: nothing of it may end up in what we say or keep.
        reached = self.reach & {*targets.values()}
        stored = records.for_records(self.kind, self.model._base_manager.filter(pk__in=reached))
        found = stored.prefetch_related(*set(versions.parts_of(self.model)) - {*self.kind.children}).in_bulk()
        for row in rows:
            target = found.get(targets[row])
            is_copy = self.key(cells[row]).lower().startswith(COPY_SLUG) and row.choice != Row.Choice.UPDATE
            row.object_id, row.before, row.after, row.lacking = target and str(target.pk), [], [], []
            hidden = [name for name in map(name_of, cells[row]) if name in self.hidden]
            if hidden:
                self.refuse(row, cells[row], f"{', '.join(hidden)}: dit mag u niet invullen.")
            elif target is None and (is_copy or targets[row] is not None):
                self.refuse(row, cells[row], IS_COPY if is_copy else ELSEWHERE)
            else:
                self.judge_row(row, cells[row], target)

    def refuse(self, row, cells, why):
        row.title = titled(next((text for column, text in cells.items() if name_of(column) == self.kind.title), ""))
        row.verdict, row.choice, row.twin = Row.Verdict.REFUSED, "", None
        row.problems = [*row.unread, ("", "", why)]

    def cells(self, row):
        """{column: text}, or the record itself."""
        if isinstance(row.cells, dict):
            return row.cells
        left_out = {heading for heading, _, why in row.unread if why == LEFT_OUT}
        texts = [LEFT_OUT if h in left_out else text for h, text in zip(self.batch.headings, row.cells, strict=True)]
        return {column: text for column, text in zip(self.mapped, texts, strict=True) if column}

    def key(self, cells):
        return str(next((text for column, text in cells.items() if name_of(column) == self.kind.key), ""))

    def target(self, row, cells):
        """The primary key of the row that this one changes, or None."""
        if row.choice == Row.Choice.UPDATE:
            return row.twin["pk"] if row.twin["pk"] in self.keys else None
        key = self.key(cells)
        return self.stored.get(key, self.stored.get(key.lower()))

    def judge_row(self, row, cells, stored):
        changes = self.changes(row, cells, stored)
        record, problems = self.record_of(row, changes, stored)
        row.title = titled(stored or record.get(self.kind.title))
        changed = {self.heading_of.get(getattr(column, "heading", "")) for column in changes}
        unread = [each for each in row.unread if each[2] != LEFT_OUT or each[0] in changed]
        if stored and not changes and not unread:  # before any rule: what stands there already is not judged anew
            row.verdict, row.problems = Row.Verdict.SAME, []
            if row.choice != Row.Choice.UPDATE:
                row.choice, row.twin = "", None
            return
        if stored is None and row.choice == Row.Choice.UPDATE:  # it went meanwhile
            row.choice = ""
        if stored is None and self.kind.key == "slug" and not record.get("slug"):
            record["slug"] = self.free_slug(record)
        target = seen_as(row.object_id, record.get(self.kind.key))
        if not unread and self.is_repeated(row, target):
            row.verdict, row.choice, row.twin = Row.Verdict.SAME, "", None
            row.problems = [("", "", f"Precies zo staat het ook in rij {self.seen[target]}.")]
            return
        problems += [("", "", why) for why in self.objections(row, stored, target)]
        problems += self.line_breaks(record)
        if stored:
            row.before = versions.as_data(stored)
        if not unread:
            problems += self.try_form(row, record, stored, faulty={heading for heading, _, _ in problems})
        row.problems = [*unread, *problems] or self.rehearse(row)
        if not stored and not row.problems:  # as the form made it: without spaces, and a number as a number
            target = seen_as(None, key_in(self.kind, row.after[0]))
            if self.seen.get(target, row.number) != row.number:
                row.problems = [("", "", f"Dit staat ook in rij {self.seen[target]}.")]
        if row.choice != Row.Choice.UPDATE:
            row.twin = None
        if row.problems:
            row.verdict, row.after = Row.Verdict.REFUSED, []
            return
        self.seen[target] = row.number
        if stored:
            same = versions.digest_of(row.before) == versions.digest_of(row.after)
            row.verdict = Row.Verdict.SAME if same else Row.Verdict.CHANGED
            row.choice = row.choice or ("" if same else Row.Choice.IMPORT)
            return
        told = self.told(row.after[0])
        if self.kind.alike:
            row.twin = self.shown(self.twins.find(row.number, *told))
        self.remember_new(row.number, row.title, key_in(self.kind, row.after[0]), told)
        row.verdict = Row.Verdict.TWIN if row.twin else Row.Verdict.NEW
        row.choice = row.choice or (Row.Choice.SKIP if row.twin else Row.Choice.IMPORT)

    def shown(self, twin):
        """What this person may know of a twin."""
        if not twin or "row" in twin or twin["pk"] in self.reach:
            return twin
        found = self.model.objects
        public = found.published() if self.kind.is_publishable else found
        row = public.filter(pk=twin["pk"]).first()
        return {"url": row.get_absolute_url(), "title": twin["title"]} if row else {"elsewhere": True}

    def changes(self, row, cells, stored):
        """Those of the cells that say something else than the stored row does; all, when it is new."""
        if stored is None:
            return cells
        if isinstance(row.cells, dict):
            present = json.loads(json.dumps(records.stored_record(self.kind, stored), default=str))
            kept = {self.kind.key, "published"}
            return {
                name: value
                for name, value in cells.items()
                if name not in kept and without_empty(value) != without_empty(present.get(name))
            }
        found = table.changed_cells(cells, stored, self.lookups)
        return {each: text for each, text in found.items() if each.name != self.kind.key and not each.exported_only}

    def record_of(self, row, changes, stored):
        """(the record that the row should become, what no value could be made of)."""
        present = records.stored_record(self.kind, stored) if stored else {}
        if isinstance(row.cells, dict):
            given, problems = dict(changes), []
        else:
            given, found = table.record_of(changes, self.lookups, present)
            problems = [(self.heading_of[heading], value, why) for heading, value, why in found]
        if stored:
            given = {**present, **given, self.kind.key: present[self.kind.key]}
        if self.kind.is_publishable:
            given["published"] = bool(stored and stored.published_at)  # a file publishes nothing
        return given, problems

    def free_slug(self, record):
        """An address for a new row, made of its title."""
        length, fallback = self.kind.fields["slug"].max_length, self.model._meta.model_name
        return free_slug(str(record.get(self.kind.title) or ""), self.taken, length=length, fallback=fallback)

    def is_repeated(self, row, target):
        number = self.seen.get(target, row.number)
        return number != row.number and self.batch.rows.filter(number=number, cells=row.cells).exists()

    def line_breaks(self, record):
        """What a form of a browser cannot send, in fields that are one line."""
        parts = [
            ((name, n), part)
            for name in self.kind.children
            for n, part in enumerate(records.child_rows(self.kind, name, record))
        ]
        for start, values in [((), record), *parts]:
            model = self.kind.children[start[0]] if start else self.model
            for name, value in values.items():
                field = model._meta.get_field(name) if name not in {*self.kind.children, "published"} else None
                if isinstance(field, models.CharField) and isinstance(value, str) and "\n" in value:
                    heading = table.heading_of(self.columns, (*start, name) if start else name)
                    label = self.heading_of.get(heading, "")
                    why = "Dit moet op één regel staan." if label else f"{field.verbose_name}: moet op één regel staan."
                    yield label, shown(value), why

    def objections(self, row, stored, target):
        if stored and not self.may_change:
            yield "U mag dit niet wijzigen, alleen iets nieuws toevoegen."
        if stored and stored.pk in self.copied:
            yield HAS_COPY
        if getattr(stored, "replaces_id", None):
            yield IS_COPY
        public = self.kind.is_publishable and stored and stored.published_at
        if public and not self.kind.is_copyable and not self.may_publish:
            yield IS_PUBLIC
        if self.seen.get(target, row.number) != row.number:
            yield f"Dit staat ook in rij {self.seen[target]}."

    def try_form(self, row, record, stored, faulty):
        """Judge the record; fill in what the row becomes. Returns its problems."""
        problems = []
        # What goes on to review, or waits for it, is judged as what readers will see; if it is not, that is said.
        submits = self.kind.is_publishable and (bool(stored.submitted_at) if stored else self.batch.submit)
        for submitted in (True, False) if submits else (False,):
            form, children = self.forms(record, stored, submitted)
            errors = records.form_errors(form, children)
            if not errors:
                row.after = self.after(row, stored, form, children)
                row.title = titled(form.instance)
                return []
            problems = [
                (self.heading_of.get(table.heading_of(self.columns, path), ""), path, error) for path, error in errors
            ]
            if submitted:
                row.lacking = [self.sentence(heading, path, error) for heading, path, error in problems]
        row.lacking = []
        cells = {} if isinstance(row.cells, dict) else dict(zip(self.batch.headings, row.cells, strict=True))
        return [
            (heading, shown(cells.get(heading, "")), self.sentence(heading, path, error))
            for heading, path, error in problems
            if not heading or heading not in faulty
        ]

    def sentence(self, heading, path, error):
        """What is wrong, with the name of the field when there is no column to say it; in records it has another."""
        said = " ".join(error.messages)
        name = path if isinstance(path, str) else path[2]
        if heading or name == NON_FIELD_ERRORS:
            return said
        model = self.kind.model if isinstance(path, str) else self.kind.children[path[0]]
        if isinstance(path, str) and path in self.kind.children:
            return said
        label = model._meta.get_field(name).verbose_name
        return f"{label}: {said}" if self.batch.headings else f"{name} ({label}): {said}"

    def rehearse(self, row):
        """What storing a row would run into: of kinds of which a row has more rules than its form knows."""
        if self.kind.is_simple:
            return []
        try:
            with transaction.atomic(), postponed():
                versions.restore(self.model, row.after)
                raise Rehearsed
        except Rehearsed:
            return []
        except ValidationError as error:
            return [("", "", " ".join(error.messages))]

    def forms(self, record, stored, submitted):
        children = {name: records.child_rows(self.kind, name, record) for name in self.kind.children}
        own = {name: value for name, value in record.items() if name not in children}
        form, child_forms = records.forms_for(self.kind, own, children, stored)
        if not self.known:
            self.known = {name: known(field) for name, field in form.fields.items() if hasattr(field, "queryset")}
        form.fields |= self.known
        form.landsdelen = self.landsdelen
        parts = [child for some in child_forms.values() for child in some]
        for each in (form, *parts):
            each.instance.get_constraints = self.constraints_of(type(each.instance))
        for part in parts:
            part.validate_unique = lambda: None  # beside the parts that it replaces: rehearse() sees it
        if submitted:
            form.data["_submit"] = "1"
        return form, child_forms

    def constraints_of(self, model):
        """What stands in for Model.get_constraints()."""
        if model not in self.constraints:
            found = model._meta.constraints
            found = [Remembered(each) if isinstance(each, models.CheckConstraint) else each for each in found]
            self.constraints[model] = [(model, found)]
        return lambda: self.constraints[model]

    def after(self, row, stored, form, children):
        """The snapshot that the row would have once it is stored."""
        instance = form.instance
        fields = {f.name: plain(f, f.value_from_object(instance)) for f in self.model._meta.fields if f.serialize}
        if self.kind.is_publishable:
            fields["published_at"] = stored and stored.published_at
        fields |= {
            f.name: sorted((each.pk for each in form.cleaned_data[f.name]), key=str)
            for f in self.model._meta.many_to_many
        }
        if stored:
            before = row.before[0]["fields"]
            fields |= {self.kind.key: before[self.kind.key]} if self.kind.key in fields else {}
            for name, value in fields.items():  # only line ends differ: a browser sends them its own way
                if isinstance(value, str) and str(before[name]).replace("\r\n", "\n") == value:
                    fields[name] = before[name]
        root = {"model": self.model._meta.label_lower, "pk": instance.pk, "fields": fields}
        parts: list[dict] = []
        for name in versions.parts_of(self.model):
            part_model = getattr(self.model, name).rel.related_model
            old = [part for part in row.before[1:] if part["model"] == part_model._meta.label_lower]
            given = [part_of(getattr(self.model, name).rel, instance, each.instance) for each in children.get(name, ())]
            parts += merged(old, given) if name in children else old
        return json.loads(json.dumps([root, *parts], default=str))


class Rehearsed(Exception):
    """Storing a row went well, and is taken back."""


def seen_as(target, key=""):
    """What a row writes to, as one word: the row with primary key `target`, or a new one with this address."""
    return f"#{target}" if target is not None else str(key).lower()


def name_of(column):
    """The key in a record that a column, or a key in a record, stands for."""
    return getattr(column, "name", column)


def key_in(kind, root):
    """The address of a row, in its snapshot; the number of a level or a domain, as text."""
    return str(root["fields"].get(kind.key, root["pk"]))


def as_text(value):
    return None if value is None else str(value)


def listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def titled(text):
    return " ".join(str(text or "").split())[:200]


def without_empty(value):
    """A value of a record, of which the rows in a list leave out what is empty."""
    if not isinstance(value, list):
        return value
    return [
        {k: v for k, v in each.items() if v not in (None, "")} if isinstance(each, dict) else each for each in value
    ]


def plain(field, value):
    """A value as it comes back from the database: with as many decimals as the field has."""
    if isinstance(value, Decimal):
        return value.quantize(Decimal(1).scaleb(-field.decimal_places))
    return value


def part_of(relation, row, part):
    """A part of a row as plain data without a key yet, such as a source of a case."""
    kept = [f for f in part._meta.fields if f.serialize and f.name != relation.field.name]
    fields = {f.name: plain(f, f.value_from_object(part)) for f in kept}
    fields = json.loads(json.dumps(fields | {relation.field.name: row.pk}, default=str))
    return {"model": part._meta.label_lower, "pk": None, "fields": fields}


def merged(old, new):
    """Parts for a snapshot. What is there already, or has the same address or name, keeps its key."""
    left = list(old)
    for same in (lambda a, b: a["fields"] == b["fields"], lambda a, b: bool(called(a)) and called(a) == called(b)):
        for part in new:
            found = next((each for each in left if same(each, part)), None) if part["pk"] is None else None
            if found:
                part["pk"] = found["pk"]
                left.remove(found)
    return sorted(new, key=lambda part: (part["pk"] is None, part["pk"] or 0))


def called(part):
    """What a part goes by."""
    return next((part["fields"][name] for name in ("url", "period", "slug", "name") if name in part["fields"]), "")
