"""The index of a list: which public rows have which choice of each facet, in memory, for one content version.

All requests of a process share it. It is built again when the version has moved (docs/adr/0011).
"""

import threading
import unicodedata
from array import array
from collections import defaultdict
from functools import cached_property
from typing import Any

from django.db.models import AutoField, F, IntegerField, Value

from .bitsets import from_positions, positions, ranked
from .facets import Label
from .models import SearchText, Synonym, Word
from .search import Matcher
from .skeleton import compact
from .texts import kind_of
from .texts import register as register_document
from .versions import current_token, current_version

MOST_BUILDS = 3  # for one request, when content changes faster than it can be read
MOST_CARDS = 2_000  # of one template, about 2 kB each


class IndexedFacet:
    """A facet with its choices and the rows of each, as they are in this version."""

    def __init__(self, facet, own, everything):
        self.facet, self.own = facet, own
        self.choices = list({choice.value: choice for choice in facet.choices()}.values())
        self.labels = {choice.value: choice.label for choice in self.choices}
        self.aliases = facet.aliases()
        sets = facet.sets(own, everything)
        self.sets = {value: sets.get(value, 0) for value in self.labels}

    def knows(self, value):
        return value in self.labels or value in self.aliases

    def holding(self, values):
        """The rows that have at least one of `values`."""
        found = 0
        for value in values:
            found |= self.sets[value]
        return found


class Index:
    """All public rows of `source` (a SelectionFilterSet class), each at a position: newest first."""

    def __init__(self, source, version):
        self.source, self.version = source, version
        rows = source.public().order_by()
        year = F(source.year_field) if source.year_field else Value(None, IntegerField())
        read = [(pk, year, sorting(title)) for pk, year, title in rows.values_list("pk", year, source.title_field)]
        read.sort(key=lambda row: (row[2], row[0]))
        by_title = [row[0] for row in read]
        read.sort(key=lambda row: (row[1] is None, -(row[1] or 0)))  # stable: the title still decides
        keys = [row[0] for row in read]
        self.keys = array("q", keys) if isinstance(rows.model._meta.pk, AutoField) else keys
        self.size = len(read)
        self.everything = (1 << self.size) - 1
        at = {key: position for position, key in enumerate(self.keys)}
        oldest = sorted(range(self.size), key=lambda position: (read[position][1] is None, read[position][1] or 0))
        self.orders = {"oudste": array("i", oldest), "titel": array("i", [at[key] for key in by_title])}
        self.facets = {name: self.indexed(facet, rows, at) for name, facet in source.facets().items()}
        self.searched = {name: self.indexed(facet, rows, at) for name, facet in source.searched.items()}
        flag_of, hidden = self.flags(rows.model, at)
        self.matcher = Matcher(
            kind=kind_of(rows.model),
            size=self.size,
            flag_of=flag_of,
            hidden=hidden,
            names=[
                pair for each in (*self.facets.values(), *self.searched.values()) for pair in each.facet.names(each.own)
            ],
            synonyms=[group.members for group in Synonym.objects.all()],
            vocabulary=Word.objects.order_by("pk").values_list("pk", flat=True),
        )
        self.rendered: dict[str, dict[int, str]] = {}  # {template: {position: HTML}}
        self.extra: dict = source.prepared()  # what pages of this list keep for as long as the version holds

    def indexed(self, facet, rows, at):
        read = defaultdict(list)
        position_of = at.get
        for pk, raw in facet.read(rows):
            position = position_of(pk)
            if position is not None:
                read[raw].append(position)
        keys = facet.keys()
        own: dict = {}
        for raw, found in read.items():
            key = raw if keys is None else keys.get(raw)
            if key is not None:
                own[key] = own.get(key, 0) | from_positions(found, self.size)
        return IndexedFacet(facet, own, self.everything)

    def flags(self, model, at):
        """{id of a search text: size minus the position of its row, 0 when that is not public} (bitsets.from_ids).

        And how many texts are of rows that are not public.
        """
        texts = dict(SearchText.objects.filter(kind=kind_of(model)).values_list("pk", "key"))
        to_key = model._meta.pk.to_python
        flags = array("i", [0]) * (max(texts, default=0) + 1)
        for pk, key in texts.items():
            flags[pk] = self.size - at.get(to_key(key), self.size)
        return flags, max(len(texts) - self.size, 0)

    @cached_property
    def at(self):
        """{primary key: position}, for pages that show a few rows of this list."""
        return {key: position for position, key in enumerate(self.keys)}

    def page(self, bits, order, start, stop):
        """The positions of the rows in `bits` that stand from `start` to `stop` in this order."""
        if order in self.orders:
            return ranked(bits, self.orders[order], start, stop)
        return positions(bits, start, stop)

    def labels_of(self, position):
        """{facet: labels of what this row itself has}, in the order of the choices."""
        return {
            name: [Label(each.labels[key], key) for key in each.labels if each.own.get(key, 0) >> position & 1]
            for name, each in self.facets.items()
        }

    def cards(self, at, template=None):
        """The rows at these positions as HTML; one that is gone since this version was read is left out."""
        return list(self.cards_at(at, template).values())

    def cards_at(self, at, template=None):
        """{position: HTML} of the same, each rendered once in a version. At most one query.

        As cards, or by another template.
        """
        template = template or self.source.card
        kept = self.rendered.setdefault(template, {})
        found = {position: kept[position] for position in at if position in kept}
        made = self.render([position for position in at if position not in found], template)
        if len(kept) + len(made) > MOST_CARDS:
            kept = self.rendered[template] = {}
        kept.update(made)
        found |= made
        return {position: found[position] for position in at if position in found}

    def render(self, at, template):
        """{position: HTML} of rows. One that is gone since this version was read is left out."""
        if not at:
            return {}
        rows: dict = {}
        for row in self.source.for_cards().filter(pk__in=[self.keys[position] for position in at]):
            first = rows.setdefault(row.pk, row)
            first.named = [*getattr(first, "named", []), *filter(None, [getattr(row, "name_beside", None)])]
        columns = self.source.columns
        return {
            position: compact(template, {"row": row, "labels": self.labels_of(position), "columns": columns})
            for position in at
            if (row := rows.get(self.keys[position]))
        }

    def cards_of(self, keys):
        """The cards of the rows with these primary keys that are public, in that order."""
        return self.cards([self.at[key] for key in keys if key in self.at])


def sorting(title):
    """A title as it sorts: without regard to capitals and accents, alike in every database."""
    letters = unicodedata.normalize("NFKD", title.casefold())
    return letters if letters.isascii() else "".join(each for each in letters if not unicodedata.combining(each))


sources: dict[type, Any] = {}  # {model: the SelectionFilterSet of its list}


def register(source):
    """Let the rows of a SelectionFilterSet be found by words, and shown as cards. Once, when the portal starts."""
    sources[source._meta.model] = source
    _locks[source] = threading.Lock()
    register_document(source.document)


def cards(rows):
    """The public rows of a QuerySet as the cards of their list, in the order of the QuerySet."""
    return current_index(sources[rows.model]).cards_of(rows.values_list("pk", flat=True))


_built: dict[type, Index] = {}
_locks: dict[type, threading.Lock] = {}


def current_index(source, token=None):
    """The index of `source` as it is now, built when the content has changed. One query when it has not.

    None with `token`: that of the version of another index, when a page is made of several.
    """
    token = current_token() if token is None else token
    index = _built.get(source)
    if index and index.version.holds(token):
        return index
    with _locks[source]:
        token = current_token()  # the one asked with may be the older by now
        for _ in range(MOST_BUILDS):
            index = _built.get(source)
            if index and index.version.holds(token):
                break
            _built[source] = Index(source, current_version(token))
            token = current_token()  # moved while we read? then what we read may be of two versions
        return _built[source]
