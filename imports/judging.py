"""What each row of a file would do: judged by the forms of the admin, without storing anything but the verdict."""

import json
import time
from collections import defaultdict
from itertools import chain
from typing import Any

import yaml
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models, transaction
from django.db.models import Q

from cases.duplicates import alike
from discovery.dutch import words
from programme.rights import landsdelen_of
from publishing import versions
from publishing.models import COPY_SLUG
from publishing.models.publishable import field_of
from publishing.workflow import may_publish

from . import columns as table
from . import records
from .models import Batch, Row
from .sheets.table import (
    BAD,
    INVISIBLE,
    LEFT_OUT,
    MOST_BYTES,
    MOST_ROWS,
    TOO_HEAVY,
    TOO_MANY_ROWS,
    Line,
    Sheet,
    Unreadable,
    shown,
)

SECONDS = 4  # of one request
CHUNK = 50
ELSEWHERE = "Deze case valt buiten uw werkgebied."
IS_COPY = "Dit webadres is van een werkversie. Wijzig die in het beheer."


def kind_of(batch):
    return next(kind for kind in records.KINDS if kind.file == batch.kind)


def columns_of(batch):
    """The columns that a file with these headings may have."""
    return table.columns_for(kind_of(batch), table.sources_in(batch.headings))


def unknown(batch):
    """The headings of which nobody said yet what they are."""
    return [heading for heading in batch.headings if heading and heading not in batch.mapping]


def missing(batch):
    """The headings of columns without which no row can be stored. Who changes cases only needs their address."""
    present = {column.name for column in columns_of(batch) if column.heading in batch.mapping.values()}
    if not batch.headings or "slug" in present:
        return []
    fields = kind_of(batch).fields
    return [
        column.heading
        for column in columns_of(batch)
        if isinstance(column.name, str) and column.name in fields and is_required(fields[column.name])
        if column.name not in present
    ]


def is_required(field):
    return field.name != "slug" and not field.blank and not field.has_default()


# ---- A file with records


def read_records(file, kind):
    """A Sheet of records, as in content/, of which the cells are a record. Raises Unreadable."""
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Unreadable(TOO_HEAVY)
    try:
        text = content.decode("utf-8-sig")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.CSafeLoader)):
            raise Unreadable("In dit bestand staan verwijzingen (&, *). Schrijf elke waarde voluit.")
        found = yaml.load(text, records.Loader)  # noqa: S506  (a safe loader)
    except UnicodeDecodeError:
        raise Unreadable("Dit bestand is geen UTF-8.") from None
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:  # a ValueError for a day that is none
        mark = getattr(error, "problem_mark", None)
        where = f"Kijk bij regel {mark.line + 1}." if mark else "Er staat een dag of getal in dat niet kan."
        raise Unreadable(f"Dit is geen geldige YAML. {where}") from None
    if not isinstance(found, list) or not found:
        raise Unreadable("In dit bestand hoort een lijst van records te staan, zoals in cases.yaml.")
    if len(found) > MOST_ROWS:
        raise Unreadable(TOO_MANY_ROWS)
    lines = []
    for number, record in enumerate(found, start=1):
        whole = record if isinstance(record, dict) else {}
        children = {name: records.child_rows(kind, name, whole) for name in kind.children}
        own = {name: value for name, value in whole.items() if name not in kind.children}
        found_wrong = records.record_errors(kind, own if whole else record, children)
        problems = [("", "", BAD.sub("�", error[:300])) for error in found_wrong]
        if any(BAD.search(text) or INVISIBLE.fullmatch(text) for text in texts_in(whole)):
            problems.append(("", "", "Hier staat een onzichtbaar of onleesbaar teken. Typ de tekst opnieuw."))
        if any(text in {"nan", "inf", "-inf"} for text in texts_in(whole)):
            problems.append(("", "", "Hier staat iets dat geen getal is (.nan of .inf)."))
        plain = json.loads(json.dumps(whole, default=str)) if not problems else {}
        cells: Any = plain or {"title": shown(str(whole.get("title", "")))}
        lines.append(Line(number, cells, problems))
    return Sheet("", [], lines, [])


def texts_in(value):
    """All that stands in a record, as text."""
    if isinstance(value, dict | list):
        for each in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from texts_in(each)
    else:
        yield str(value)


# ---- The verdict


def judge_some(batch, user, reach):
    """Judge rows until the time is up. Returns how many wait still. `reach`: the rows that `user` works on."""
    end, judge = time.monotonic() + SECONDS, None
    while rows := list(batch.rows.waiting()[:CHUNK]):
        judge = judge or Judge(batch, user, reach)
        judge.judge(rows)
        with transaction.atomic():
            if not Batch.objects.select_for_update().get(pk=batch.pk).is_open:
                return 0
            Row.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=JUDGED)
        if time.monotonic() >= end:
            break
    waiting = batch.rows.waiting().count()
    if not waiting:
        batch.counts = {verdict: batch.rows.filter(verdict=verdict).count() for verdict in Row.Verdict.values}
        batch.state = Batch.State.JUDGED
        Batch.objects.filter(pk=batch.pk, state=Batch.State.UPLOADED).update(counts=batch.counts, state=batch.state)
    return waiting


ORGANISATIONS = ["lead_organisations", "partner_organisations"]
JUDGED = ["title", "verdict", "problems", "lacking", "choice", "twin", "object_id", "before", "after"]


class Judge:
    """Judges rows of one batch. What they all ask of the database is read once."""

    def __init__(self, batch, user, reach):
        self.batch, self.kind = batch, kind_of(batch)
        self.model = self.kind.model
        self.columns = columns_of(batch)
        by_heading = {column.heading: column for column in self.columns}
        self.mapped = [by_heading.get(batch.mapping.get(heading)) for heading in batch.headings]
        self.heading_of = {each.heading: h for h, each in zip(batch.headings, self.mapped, strict=True) if each}
        self.lookups = table.lookups_for(self.kind)
        self.landsdelen = None if may_publish(user, self.model) else list(landsdelen_of(user))
        self.reach = set(reach.order_by().values_list("pk", flat=True))
        public = set(self.model.objects.published().order_by().values_list("pk", flat=True))
        self.known: dict[str, forms.Field] = {}
        self.constraints: dict[type, list] = {}
        self.taken = table.taken_slugs(self.kind)
        self.stored: dict[str, int] = {}  # {address: primary key}, of all
        self.copied, self.twins = set(), Twins()
        named = defaultdict(set)
        for links in ORGANISATIONS:
            for pk, key in getattr(self.model, links).through.objects.values_list("case_id", "organisation_id"):
                named[pk].add(key)
        for pk, slug, title, year, replaces in self.model._base_manager.values_list(
            "pk", "slug", "title", "first_year", "replaces"
        ):
            self.stored |= {slug.lower(): self.stored.get(slug.lower(), pk), slug: pk}  # to the letter goes first
            if replaces:
                self.copied.add(replaces)
            else:
                theirs = {"slug": slug, "title": title} if pk in public else {"elsewhere": True}
                self.twins.add(title, named[pk], year, {"pk": pk, "title": title} if pk in self.reach else theirs)
        self.seen: dict[int | str, int] = {}  # {what a row writes to: the number of that row}
        judged = batch.rows.filter(Q(verdict__in=Row.STORABLE) | Q(verdict=Row.Verdict.SAME, object_id__isnull=False))
        asked = [f"after__0__fields__{name}" for name in ("slug", "first_year", *ORGANISATIONS)]
        for number, title, pk, slug, year, *keys in judged.values_list("number", "title", "object_id", *asked):
            self.seen.setdefault(pk or slug.lower(), number)
            if pk is None:
                self.taken.add(slug.lower())
                self.twins.add(title, {*chain.from_iterable(keys)}, year, {"row": number, "title": title})

    def judge(self, rows):
        """Fill in what we think of these rows, in this order."""
        cells = {row: self.cells(row) for row in rows}
        targets = {row: self.target(row, cells[row]) for row in rows}
        # What is out of reach is not even read: nothing of it may end up in what we say or keep.
        reached = self.reach & {*targets.values()}
        cases = records.for_records(self.kind, self.model._base_manager.filter(pk__in=reached))
        found = cases.prefetch_related(*set(self.model.parts) - {"sources"}).in_bulk()
        for row in rows:
            case = found.get(targets[row])
            is_copy = slug_in(cells[row]).lower().startswith(COPY_SLUG) and row.choice != Row.Choice.UPDATE
            row.object_id, row.before, row.after, row.lacking = case and case.pk, [], [], []
            if case is None and (is_copy or targets[row]):
                self.refuse(row, cells[row], IS_COPY if is_copy else ELSEWHERE)
            else:
                self.judge_row(row, cells[row], case)

    def refuse(self, row, cells, why):
        row.title = titled(next((text for column, text in cells.items() if name_of(column) == "title"), ""))
        row.verdict, row.choice, row.twin = Row.Verdict.REFUSED, "", None
        row.problems = [*row.unread, ("", "", why)]

    def cells(self, row):
        """{column: text}, or the record itself."""
        if isinstance(row.cells, dict):
            return row.cells
        left_out = {heading for heading, _, why in row.unread if why == LEFT_OUT}
        texts = [LEFT_OUT if h in left_out else text for h, text in zip(self.batch.headings, row.cells, strict=True)]
        return {column: text for column, text in zip(self.mapped, texts, strict=True) if column}

    def target(self, row, cells):
        """The primary key of the row that this one changes, or None."""
        if row.choice == Row.Choice.UPDATE:
            return row.twin["pk"] if row.twin["pk"] in self.stored.values() else None
        slug = slug_in(cells)
        return self.stored.get(slug, self.stored.get(slug.lower()))

    def judge_row(self, row, cells, case):
        changes = self.changes(row, cells, case)
        record, problems = self.record_of(row, changes, case)
        row.title = titled(record.get("title") or (case and case.title))
        changed = {self.heading_of.get(getattr(column, "heading", "")) for column in changes}
        unread = [each for each in row.unread if each[2] != LEFT_OUT or each[0] in changed]
        if case and not changes and not unread:  # before any rule: what stands there already is not judged anew
            self.seen.setdefault(case.pk, row.number)
            row.verdict, row.problems = Row.Verdict.SAME, []
            if row.choice != Row.Choice.UPDATE:
                row.choice, row.twin = "", None
            return
        if case is None and row.choice == Row.Choice.UPDATE:  # it went meanwhile
            row.choice = ""
        if case is None and not record.get("slug"):
            record["slug"] = table.free_slug(self.kind, record, self.taken)
        target = case.pk if case else str(record["slug"]).lower()
        if not unread and self.is_repeated(row, target):
            row.verdict, row.choice, row.twin = Row.Verdict.SAME, "", None
            row.problems = [("", "", f"Precies zo staat het ook in rij {self.seen[target]}.")]
            return
        problems += [("", "", why) for why in self.objections(row, case, target)]
        problems += self.line_breaks(record)
        if case:
            row.before = versions.as_data(case)
        if not unread:
            problems += self.try_form(row, record, case, faulty={heading for heading, _, _ in problems})
        row.problems = [*unread, *problems]
        if row.choice != Row.Choice.UPDATE:
            row.twin = None
        if row.problems:
            row.verdict, row.after = Row.Verdict.REFUSED, []
            return
        fields = row.after[0]["fields"]
        self.seen[target] = row.number
        self.taken.add(fields["slug"].lower())
        if case:
            same = versions.digest_of(row.before) == versions.digest_of(row.after)
            row.verdict = Row.Verdict.SAME if same else Row.Verdict.CHANGED
            row.choice = row.choice or ("" if same else Row.Choice.IMPORT)
            return
        organisations = {*chain.from_iterable(fields[name] for name in ORGANISATIONS)}
        asked = (fields["title"], organisations, fields["first_year"])
        row.twin = self.twins.find(*asked, before=row.number)
        self.twins.add(*asked, {"row": row.number, "title": row.title})
        row.verdict = Row.Verdict.TWIN if row.twin else Row.Verdict.NEW
        row.choice = row.choice or (Row.Choice.SKIP if row.twin else Row.Choice.IMPORT)

    def changes(self, row, cells, case):
        """Those of the cells that say something else than the case that the row is about; all, when it is new."""
        if case is None:
            return cells
        if isinstance(row.cells, dict):
            stored = json.loads(json.dumps(records.stored_record(self.kind, case), default=str))
            kept = {"slug", "published"}
            return {name: value for name, value in cells.items() if name not in kept and value != stored.get(name)}
        found = table.changed_cells(cells, case, self.lookups)
        return {each: text for each, text in found.items() if each.name != "slug" and not each.exported_only}

    def record_of(self, row, changes, case):
        """(the record that the row should become, what no value could be made of)."""
        stored = records.stored_record(self.kind, case) if case else None
        if isinstance(row.cells, dict):
            given, problems = dict(changes), []
        else:
            given, found = table.record_of(changes, self.lookups, stored)
            problems = [(self.heading_of[heading], value, why) for heading, value, why in found]
        if case:
            given = {**(stored or {}), **given, "slug": case.slug}
        given["published"] = bool(case and case.published_at)  # a file publishes nothing
        return given, problems

    def is_repeated(self, row, target):
        number = self.seen.get(target, row.number)
        return number != row.number and self.batch.rows.filter(number=number, cells=row.cells).exists()

    def line_breaks(self, record):
        """What a form of a browser cannot send, in fields that are one line."""
        parts = [(("sources", n), part) for n, part in enumerate(record.get("sources") or [])]
        for start, values in [((), record), *parts]:
            model = self.kind.children["sources"] if start else self.model
            for name, value in values.items():
                field = model._meta.get_field(name) if name not in {"sources", "published"} else None
                if isinstance(field, models.CharField) and isinstance(value, str) and "\n" in value:
                    heading = table.heading_of(self.columns, (*start, name) if start else name)
                    label = self.heading_of.get(heading, "")
                    why = "Dit moet op één regel staan." if label else f"{field.verbose_name}: moet op één regel staan."
                    yield label, shown(value), why

    def objections(self, row, case, target):
        if case and case.pk in self.copied:
            yield "Van deze case is een werkversie. Laat die eerst goedkeuren of verwijderen."
        if case and case.replaces_id:
            yield IS_COPY
        if self.seen.get(target, row.number) != row.number:
            yield f"Deze case staat ook in rij {self.seen[target]}."

    def try_form(self, row, record, case, faulty):
        """Judge the record; fill in what the row becomes. Returns its problems."""
        problems = []
        for submitted in (True, False) if self.batch.submit and not case else (False,):
            form, children = self.forms(record, case, submitted)
            errors = records.form_errors(form, children)
            if not errors:
                row.after = self.after(row, record, case, form, children)
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
        """What is wrong, with the name of the field when there is no column to say it."""
        said = " ".join(error.messages)
        name = path if isinstance(path, str) else path[2]
        if heading or name == NON_FIELD_ERRORS:
            return said
        model = self.kind.model if isinstance(path, str) else self.kind.children[path[0]]
        if isinstance(path, str) and path in self.kind.children:
            return said
        return f"{model._meta.get_field(name).verbose_name}: {said}"

    def forms(self, record, case, submitted):
        children = {name: records.child_rows(self.kind, name, record) for name in self.kind.children}
        own = {name: value for name, value in record.items() if name not in children}
        form, child_forms = records.forms_for(self.kind, own, children, case)
        if not self.known:
            self.known = {name: known(field) for name, field in form.fields.items() if hasattr(field, "queryset")}
        form.fields |= self.known
        form.landsdelen = self.landsdelen
        for each in (form, *(child for some in child_forms.values() for child in some)):
            each.instance.get_constraints = self.constraints_of(type(each.instance))
        if submitted:
            form.data["_submit"] = "1"
        return form, child_forms

    def constraints_of(self, model):
        """What stands in for Model.get_constraints()."""
        if model not in self.constraints:
            self.constraints[model] = [(model, [Remembered(each) for each in model._meta.constraints])]
        return lambda: self.constraints[model]

    def after(self, row, record, case, form, children):
        """The snapshot that the row would have once it is stored."""
        fields = {f.name: f.value_from_object(form.instance) for f in self.model._meta.fields if not f.primary_key}
        fields["published_at"] = case and case.published_at
        fields |= {
            f.name: sorted((each.pk for each in form.cleaned_data[f.name]), key=str)
            for f in self.model._meta.many_to_many
        }
        if case:
            before = row.before[0]["fields"]
            fields["slug"] = case.slug
            for name, value in fields.items():  # only line ends differ: a browser sends them its own way
                if isinstance(value, str) and str(before[name]).replace("\r\n", "\n") == value:
                    fields[name] = before[name]
        root = {"model": self.model._meta.label_lower, "pk": case and case.pk, "fields": fields}
        label = self.kind.children["sources"]._meta.label_lower
        old = [part for part in row.before[1:] if part["model"] == label]
        others = [part for part in row.before[1:] if part["model"] != label]
        parts = merged(old, [part_of(form.instance, each.instance) for each in children["sources"]], label, case)
        return json.loads(json.dumps([root, *parts, *others], default=str))


def name_of(column):
    """The key in a record that a column, or a key in a record, stands for."""
    return getattr(column, "name", column)


def slug_in(cells):
    return str(next((text for column, text in cells.items() if name_of(column) == "slug"), ""))


def titled(text):
    return " ".join(str(text or "").split())[:200]


def part_of(row, part):
    parent = type(row).sources.rel.field.name
    return {f.name: f.value_from_object(part) for f in part._meta.fields if not f.primary_key and f.name != parent}


def merged(old, new, label, case):
    """Parts for a snapshot. What is there already, or has the same address, keeps its key."""
    parent = next((part["fields"]["case"] for part in old), case and case.pk)
    left = {part["pk"]: {k: v for k, v in part["fields"].items() if k != "case"} for part in old}
    keys: list[int | None] = []
    for same in (lambda a, b: a == b, lambda a, b: bool(b["url"]) and a["url"] == b["url"]):
        for position, fields in enumerate(new):
            if len(keys) <= position:
                keys.append(None)
            if keys[position] is None:
                keys[position] = next((pk for pk, each in left.items() if same(each, fields)), None)
                left.pop(keys[position], None)
    parts = [
        {"model": label, "pk": pk, "fields": fields | {"case": parent}} for pk, fields in zip(keys, new, strict=True)
    ]
    return sorted(parts, key=lambda part: (part["pk"] is None, part["pk"] or 0))


# ---- Fields and constraints that remember: 5,000 rows name the same few hundred organisations and years


class KnownMany(forms.ModelMultipleChoiceField):
    rows: dict[str, models.Model]

    def _check_values(self, value):
        return [self.found(each) for each in dict.fromkeys(map(str, value))]

    def found(self, key):
        if key not in self.rows:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": shown(key)}
            )
        return self.rows[key]


class KnownOne(forms.ModelChoiceField):
    rows: dict[str, models.Model]

    def to_python(self, value):
        if value in self.empty_values:
            return None
        if str(value) not in self.rows:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return self.rows[str(value)]


def known(field):
    """The same field of a form, with the rows that may be chosen in memory."""
    usual: Any = KnownMany if isinstance(field, forms.ModelMultipleChoiceField) else KnownOne
    made = usual(field.queryset, required=field.required, to_field_name=field.to_field_name)
    made.rows = {str(getattr(row, field.to_field_name or "pk")): row for row in field.queryset}
    return made


class Remembered:
    """A constraint that is asked of the database once for the same values, and of only the fields it is about."""

    def __init__(self, constraint):
        self.constraint, self.found = constraint, {}
        self.names = sorted(getattr(getattr(constraint, "condition", None), "referenced_base_fields", ()))

    def validate(self, model, instance, exclude=None, using="default"):
        if not self.names or set(self.names) & set(exclude or ()):
            self.constraint.validate(model, instance, exclude, using)
            return
        values = tuple(getattr(instance, name) for name in self.names)
        if values not in self.found:
            others = {field.name for field in model._meta.fields} - {*self.names}
            try:
                self.constraint.validate(model, instance, others, using)
                self.found[values] = None
            except forms.ValidationError as error:
                name = field_of(self.constraint, instance) or NON_FIELD_ERRORS
                self.found[values] = forms.ValidationError({name: error})  # so that the column can be named
        if self.found[values]:
            raise self.found[values]


# ---- Probably the same


class Twins:
    """Titles that are in the database or stand earlier in the file, to find what is probably the same case.

    By the rule of cases/duplicates.py, but without reading all cases for each of 5,000 rows.
    """

    def __init__(self):
        self.of_organisation = defaultdict(list)

    def add(self, title, organisations, year, who):
        for each in organisations or [None]:
            self.of_organisation[each].append((title, {*words(title)}, year, who))

    def find(self, title, organisations, year, before):
        """Who has a title like this one, with an organisation of this one, and no other first year; or None."""
        ours = {*words(title)}
        for each in [*organisations, None]:
            for other, theirs, when, who in self.of_organisation.get(each, ()):
                if who.get("row", 0) >= before or (year and when and year != when):
                    continue
                # A look that costs little goes first: of two titles that are alike, half of the words are the same.
                shortest = min(len(ours), len(theirs))
                if (shortest < 2 or 2 * len(ours & theirs) >= shortest) and alike(title, other):
                    return who
        return None
