"""What differs between two snapshots of a row (versions.py), field by field, in Dutch."""

import difflib
import re
from dataclasses import dataclass
from functools import cached_property

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst

from .versions import parts_of

EMPTY = "leeg"
LONG = 80  # letters: from there on the words that changed are marked, and not all of the text twice


@dataclass(frozen=True)
class Difference:
    """A field that is not the same: its Dutch name, and what it says before and after, in words."""

    field: str  # its name in code; of a part 'sources'
    label: str
    before: str
    after: str

    @cached_property
    def words(self):
        """[(kind, text)] of a long text, with kind '=', '-' or '+'; empty when both are short enough to set out."""
        if max(len(self.before), len(self.after)) < LONG:
            return []
        old, new = (re.findall(r"\s+|[^\s]+", text) for text in (self.before, self.after))
        found: list[tuple[str, str]] = []
        for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag == "equal":
                found.append(("=", shortened("".join(old[a:b]), first=not found, last=b == len(old))))
            else:
                found += [("-", "".join(old[a:b]))] if b > a else []
                found += [("+", "".join(new[c:d]))] if d > c else []
        return found


def shortened(text, *, first, last, around=120):
    """A stretch that stayed the same, with its middle left out when it is long."""
    if len(text) <= 2 * around + 20:
        return text
    begin, end = ("" if first else text[:around]), ("" if last else text[-around:])
    return f"{begin} […] {end}"


def differences(model, before, after, *, leaving=("updated_at",)):
    """[Difference] between two snapshots of a row of `model`; either may be [] for 'was not there'."""
    names = Names()
    old, new = (snap[0]["fields"] if snap else {} for snap in (before, after))
    found = []
    for field in (*model._meta.fields, *model._meta.many_to_many):
        if (field.primary_key and field.auto_created) or field.name in leaving:
            continue
        if field.name not in old and field.name not in new:
            continue
        was, now = old.get(field.name, missing(field)), new.get(field.name, missing(field))
        if was != now:
            found.append(
                Difference(field.name, capfirst(field.verbose_name), names.said(field, was), names.said(field, now))
            )
    for name in parts_of(model):
        if name not in leaving:
            found += part_differences(model, name, before, after, names)
    return found


def missing(field):
    return [] if field.many_to_many else "" if isinstance(field, models.CharField | models.TextField) else None


def part_differences(model, name, before, after, names):
    """The rows of a part that were added, changed or taken away, each as one Difference."""
    relation = getattr(model, name).rel
    kind, parent = relation.related_model, relation.field.name
    was, now = (
        {row["pk"]: row["fields"] for row in snap if row["model"] == kind._meta.label_lower} for snap in (before, after)
    )

    def said(fields):
        shown = [f for f in kind._meta.fields if not f.primary_key and f.name != parent]
        values = [(f, fields.get(f.name)) for f in shown]
        return "; ".join(
            f"{f.verbose_name}: {names.said(f, value)}" for f, value in values if value not in (None, "", False)
        )

    old, new = ([said(fields) for fields in each.values()] for each in (was, now))
    if old == new:  # the same rows, though perhaps stored anew
        return []
    label = capfirst(kind._meta.verbose_name)
    found = []
    for pk in dict.fromkeys([*was, *now]):
        one, other = (said(each[pk]) if pk in each else "" for each in (was, now))
        if one != other:
            found.append(Difference(name, label, one or EMPTY, other or EMPTY))
    return found


class Names:
    """Values of a snapshot in words; rows that a value points to are looked up once."""

    def __init__(self):
        self.found: dict = {}

    def said(self, field, value):
        """What a value of `field` is to a reader: 'ja', '26 november 2026', 'Techniek, Groen' or 'leeg'."""
        if value in (None, "", []):
            return EMPTY
        if field.many_to_many:
            return ", ".join(sorted(self.name(field.related_model, key) for key in value))
        if field.is_relation:
            return self.name(field.related_model, value)
        if isinstance(value, bool):
            return "ja" if value else "nee"
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(field, models.DateTimeField):
            moment = field.to_python(value)
            return date_format(timezone.localtime(moment), "j F Y H:i") if moment else str(value)
        if isinstance(field, models.DateField):
            return date_format(field.to_python(value), "j F Y")
        return str(value)

    def name(self, model, key):
        if (model, str(key)) not in self.found:
            row = model._base_manager.filter(pk=key).first()
            self.found[model, str(key)] = str(row) if row else "(verwijderd)"
        return self.found[model, str(key)]


def summary(found, most=3):
    """Differences in one line: 'titel, samenvatting en nog 2'."""
    labels = list(dict.fromkeys(each.label[:1].lower() + each.label[1:] for each in found))
    if len(labels) <= most:
        return ", ".join(labels)
    return f"{', '.join(labels[:most])} en nog {len(labels) - most}"


def model_of(version):
    return apps.get_model(version.content_type.app_label, version.content_type.model)


def begin_of(text):
    return Truncator(text).chars(LONG)
