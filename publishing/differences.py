"""What differs between two snapshots of a row (versions.py), field by field, in Dutch."""

import difflib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst

from .versions import parts_of

EMPTY = "leeg"
LONG = 80  # letters: from there on the words that changed are marked, and not all of the text twice
MOST_PAIRS = 1_000_000  # of equal words, one of each text: with more it takes seconds to compare them


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
        old, new = (re.findall(r"\s+|\S+\s*", f"{text} ") for text in (self.before, self.after))
        counts = Counter(old)
        if sum(counts[word] for word in new) > MOST_PAIRS:
            return [("-", self.before), ("+", self.after)]
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


def differences(model, before, after, *, leaving=("updated_at",), names=None):
    """[Difference] between two snapshots of a row of `model`; either may be [] for 'was not there'.

    For many snapshots at once, `names` saves queries.
    """
    names = names or Names(model, before, after)
    old, new = (snap[0]["fields"] if snap else {} for snap in (before, after))
    found = []
    for field in (*model._meta.fields, *model._meta.many_to_many):
        if (field.primary_key and field.auto_created) or field.name in leaving:
            continue
        if field.name not in old and field.name not in new:
            continue
        was, now = (plain(each.get(field.name, missing(field))) for each in (old, new))
        if was != now:
            shown = [names.said(field, each) for each in (was, now)]
            if isinstance(field, models.DateTimeField) and shown[0] == shown[1]:
                continue  # a form stores a moment without its fractions of a second
            found.append(Difference(field.name, capfirst(field.verbose_name), *shown))
    for name in parts_of(model):
        if name not in leaving:
            found += part_differences(model, name, before, after, names)
    return found


def plain(value):
    """A browser sends line ends its own way, and a form drops spaces around a text; that is no change."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


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
        values = [(f, plain(fields.get(f.name))) for f in shown]
        return "; ".join(
            f"{f.verbose_name}: {names.said(f, value)}" for f, value in values if value not in (None, "", False)
        )

    old, new = ({pk: said(fields) for pk, fields in each.items()} for each in (was, now))
    same = Counter(old.values()) & Counter(new.values())  # perhaps stored anew, with another key
    for rows, left in ((old, same.copy()), (new, same.copy())):
        for pk, text in list(rows.items()):
            if left[text]:
                left[text] -= 1
                del rows[pk]
    label = capfirst(kind._meta.verbose_name)
    return [Difference(name, label, old.get(pk) or EMPTY, new.get(pk) or EMPTY) for pk in dict.fromkeys([*old, *new])]


class Names:
    """Values of snapshots of `model` in words; the rows that they point to are looked up at once, kind by kind."""

    def __init__(self, model, *snapshots):
        self.found: dict = {}
        kinds = [model, *(getattr(model, name).rel.related_model for name in parts_of(model))]
        links = {
            kind._meta.label_lower: [f for f in (*kind._meta.fields, *kind._meta.many_to_many) if f.is_relation]
            for kind in kinds
        }
        asked: dict = defaultdict(set)
        for row in chain.from_iterable(snapshots):
            for field in links.get(row["model"], ()):
                value = row["fields"].get(field.name)
                asked[field.related_model] |= set(value if isinstance(value, list) else [value]) - {None}
        for kind, keys in asked.items():
            for row in kind._base_manager.filter(pk__in=keys):
                self.found[kind, str(row.pk)] = str(row)

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
        return self.found.get((model, str(key)), "(verwijderd)")


def summary(found, most=3):
    """Differences in one line: 'titel, samenvatting en nog 2'."""
    labels = list(dict.fromkeys(each.label[:1].lower() + each.label[1:] for each in found))
    if len(labels) <= most:
        return ", ".join(labels)
    return f"{', '.join(labels[:most])} en nog {len(labels) - most}"
