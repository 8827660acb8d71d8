"""The FilterSet of a list: what a visitor chose, checked, and everything that the page draws from it."""

from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

import django_filters
from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import Truncator

from .facets import UNKNOWN
from .index import Index, current_index
from .marks import marked
from .options import Group
from .search import plain

LONGEST_QUERY = 200
MOST_MARKED = 200  # cards of one query
ORDERS = {
    "relevantie": "Past het best",
    "nieuwste": "Nieuwste eerst",
    "oudste": "Oudste eerst",
    "titel": "Titel van a tot z",
}
TABLE = "tabel"
VIEWS = {"lijst": "Lijst", TABLE: "Tabel"}


class FacetField(forms.Field):
    """The values of a facet as they stand in the address; SelectionForm, which has the index, judges them."""

    widget = forms.SelectMultiple

    def __init__(self, *, facet, **kwargs):
        self.facet = facet
        super().__init__(**kwargs)

    def __deepcopy__(self, memo):
        return self  # a form copies its fields; this one keeps nothing of a request


class FacetFilter(django_filters.Filter):
    field_class = FacetField

    def __init__(self, facet):
        self.facet = facet
        super().__init__(label=facet.label, facet=facet)


class SearchFilter(django_filters.CharFilter):
    def __init__(self):
        super().__init__(
            label="Zoek op woorden",
            max_length=LONGEST_QUERY,
            error_messages={
                "null_characters_not_allowed": "In deze zoekvraag staat een teken dat niet kan. Typ ze opnieuw.",
                "max_length": f"Deze zoekvraag is te lang. Gebruik niet meer dan {LONGEST_QUERY} tekens.",
            },
        )


class SortFilter(django_filters.ChoiceFilter):
    """The order of the list; the orders themselves are part of the index."""

    def __init__(self):
        super().__init__(
            label="Sorteer op",
            empty_label=None,
            error_messages={"invalid_choice": "Deze volgorde kennen wij niet. Kies er een uit de lijst."},
            choices=list(ORDERS.items()),
        )


class ViewFilter(django_filters.ChoiceFilter):
    """How the rows are shown: as cards, or as the lines of a table."""

    def __init__(self):
        super().__init__(
            label="Weergave",
            error_messages={"invalid_choice": "Deze weergave kennen wij niet. Kies lijst of tabel."},
            choices=list(VIEWS.items()),
        )


def printable(text):
    """A visitor's text without signs that have no shape: no page shows those, and no text holds them."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


class SelectionForm(forms.Form):
    """An unknown value is an error at its own field, but it takes no other choice with it."""

    index: Index  # set by the FilterSet
    data: QueryDict

    def clean(self):
        cleaned = dict(self.cleaned_data)
        if cleaned.get("q"):
            cleaned["q"] = printable(cleaned["q"]).strip()
        for name, facet in self.index.facets.items():
            asked = {facet.aliases.get(value, value) if value not in facet.labels else value for value in cleaned[name]}
            cleaned[name] = [value for value in facet.labels if value in asked]
            unknown = [value for value in dict.fromkeys(self.data.getlist(name)) if value and not facet.knows(value)]
            for value in unknown[:5]:
                shown = Truncator(printable(value)).chars(40)
                label = self.fields[name].label
                self.add_error(name, f"Bij ‘{label}’ kennen wij ‘{shown}’ niet. Kies een waarde uit de lijst.")
        return cleaned


@dataclass(frozen=True)
class Chip:
    """A choice that was made, the address of the list without it, and that of the list with it alone."""

    label: str
    value: str
    url: str
    alone: str


@dataclass(frozen=True)
class Way:
    """Another selection that does give something: in words, how many rows, its address, and if that is a deep one."""

    label: str
    count: int
    noun: str
    url: str
    deep: bool


class SelectionFilterSet(django_filters.FilterSet):
    """A visitor's selection for one list, and all that is drawn from it: rows, counts, chips, title, address.

    A subclass declares `q`, its facets, `sorteer` and `weergave`, and says with the names below what the list is of.
    What is unknown gets a message at its own filter while all other choices still filter; unknown parameters are left
    out.
    """

    one = many = ""  # what a row is called
    list_name = ""  # the URL name of the list
    card = ""  # the template of a row: row=, labels= (see Index.labels_of)
    line = ""  # the same in the table; it also gets columns=
    columns: dict[str, str] = {}  # {name: head} of the table, in order
    title_field = "title"  # what the list is sorted by
    year_field: str | None = "first_year"
    searched: dict = {}  # facets that are not offered, but of which the names can be searched

    class Meta:
        fields: list[str] = []  # no field of the model is open to the address but by a filter above

    def __init__(self, data=None, *, index=None):
        """`data` is a QueryDict; `index` may be given by who has the current one already.

        Not BaseFilterSet's own, which copies every filter for each request: ours keep nothing of one.
        """
        self.data = QueryDict() if data is None else data
        self.index = index or current_index(type(self))
        self.filters = self.base_filters

    @classmethod
    def public(cls):
        """The QuerySet of the rows that a visitor may see now."""
        raise NotImplementedError

    @classmethod
    def for_cards(cls):
        """The same rows with all that their cards show, in one query (Index.cards)."""
        return cls.public().for_cards()

    @classmethod
    def prepared(cls):
        """What pages of this list need besides, as {name: value}: read once for each version, into Index.extra."""
        return {}

    @classmethod
    def facets(cls):
        return {name: each.facet for name, each in cls.base_filters.items() if isinstance(each, FacetFilter)}

    # ---- what was chosen

    @classmethod
    @cache
    def form_class(cls):
        fields = {name: each.field for name, each in cls.base_filters.items()}
        return type(f"{cls.__name__}Form", (SelectionForm,), fields)

    @cached_property
    def form(self):
        form = self.form_class()(self.data)
        form.index = self.index
        return form

    @cached_property
    def cleaned(self):
        """{parameter: valid value}, without what is unknown."""
        self.form.is_valid()  # makes cleaned_data
        return self.form.cleaned_data

    @cached_property
    def chosen(self):
        """{parameter: [valid values]} of all that was chosen and is not the default, in a fixed order."""
        found, defaults = {}, {"sorteer": self.default_sort, "weergave": "lijst"}
        for name in self.filters:
            value = self.cleaned.get(name)
            if value and value != defaults.get(name):
                found[name] = value if isinstance(value, list) else [value]
        return found

    @cached_property
    def match(self):
        """What the words find in the whole list (a Match), or None without words."""
        text = self.cleaned.get("q")
        return self.index.matcher.match(text) if text else None

    @property
    def corrected(self):
        """The words as they were read instead, when they find nothing as they are written; '' when they do."""
        return self.match.corrected if self.match else ""

    @property
    def notes(self):
        """Whether the visitor must be told that something was read otherwise than it was written."""
        return bool(self.form.errors or self.corrected)

    @property
    def corrected_url(self):
        return self.url(q=[self.corrected])

    @property
    def default_sort(self):
        return "relevantie" if self.cleaned.get("q") else "nieuwste"

    @cached_property
    def sort(self):
        """The order in force, as its value in the address."""
        return self.cleaned.get("sorteer") or self.default_sort

    @property
    def table(self):
        """Whether the rows are shown as a table."""
        return self.cleaned.get("weergave") == TABLE

    @cached_property
    def values(self):
        """How many values of facets were chosen."""
        return sum(len(self.chosen.get(name, ())) for name in self.index.facets)

    # ---- the rows

    @cached_property
    def held(self):
        """{facet: the rows that have at least one of its chosen values} of each facet with a choice."""
        return {
            name: facet.holding(self.chosen[name]) for name, facet in self.index.facets.items() if name in self.chosen
        }

    def rows(self, without=None):
        """The bitset of the rows that have every choice, but for those of the facet named `without`."""
        found = self.index.everything if self.match is None else self.match.bits
        for name, held in self.held.items():
            if name != without:
                found &= held
        return found

    @cached_property
    def found(self):
        return self.rows()

    @cached_property
    def total(self):
        return self.found.bit_count()

    def pks(self):
        """The primary keys of all rows of this selection, in its order."""
        return [self.index.keys[position] for position in self.positions(0, self.total)]

    def positions(self, start, stop):
        if self.sort != "relevantie" or self.match is None:
            return self.index.page(self.found, self.sort, start, stop)
        at: list[int] = []
        for rows in self.match.ranked(self.found):
            count = rows.bit_count()
            if start < count:
                at += self.index.page(rows, "nieuwste", start, min(stop, count))
            start, stop = max(start - count, 0), stop - count
            if stop <= 0:
                break
        return at

    def cards(self, start, stop):
        """The rows of a page as HTML, the words that were found marked."""
        at, template = self.positions(start, stop), self.line if self.table else self.card
        if not self.match:
            return self.index.cards(at, template)
        kept = self.match.marked.setdefault(template, {})
        found = {position: kept[position] for position in at if position in kept}
        missing = self.index.cards_at([position for position in at if position not in found], template)
        made = {position: marked(card, self.match) for position, card in missing.items()}
        if len(kept) + len(made) > MOST_MARKED:
            kept.clear()
        kept.update(made)
        found |= made
        return [found[position] for position in at if position in found]

    # ---- addresses

    @cached_property
    def path(self):
        kept = self.index.extra
        if "path" not in kept:
            kept["path"] = reverse(self.list_name)
        return kept["path"]

    def query(self, **changes):
        """The query string of this selection with some parameters set to other values: '?regio=oost' or ''."""
        pairs = {**self.chosen, **changes}
        ordered = [(name, value) for name in (*self.filters, "pagina") for value in pairs.get(name, ())]
        return f"?{urlencode(ordered)}" if ordered else ""

    @cached_property
    def encoded(self):
        """{parameter: how it stands in the address} of all that can be chosen."""
        return {name: urlencode([(name, value) for value in self.chosen.get(name, ())]) for name in self.filters}

    def url(self, **changes):
        return f"{self.path}{self.query(**changes)}"

    def alone(self, **choices):
        """The address of the list with these choices and without those that were made, in the same view."""
        return self.url(**dict.fromkeys(self.chosen.keys() - {"weergave"}, ()) | choices)

    def toggled(self, name, value):
        """The address with `value` of one facet switched on or off."""
        wanted = {*self.chosen.get(name, ())} ^ {value}
        return self.url(**{name: [known for known in self.index.facets[name].labels if known in wanted]})

    # ---- what the page shows

    @cached_property
    def groups(self):
        """{facet: Group}: every facet with the count behind each choice, counted without the facet's own choices."""
        return {name: self.group(name) for name in self.index.facets}

    def group(self, name):
        facet, chosen = self.index.facets[name], self.chosen.get(name, [])
        within = self.rows(without=name)
        counts = {value: (within & rows).bit_count() for value, rows in facet.sets.items()}
        return Group(name, facet, chosen, counts, self.form.errors.get(name, []), self)

    @cached_property
    def chips(self):
        """What was chosen, each with the way to drop it."""
        words = [Chip("Woorden", text, self.url(q=[]), self.alone(q=[text])) for text in self.chosen.get("q", [])]
        return words + [
            Chip(facet.facet.label, facet.labels[value], self.toggled(name, value), self.alone(**{name: [value]}))
            for name, facet in self.index.facets.items()
            for value in self.chosen.get(name, [])
        ]

    @cached_property
    def title(self):
        """What was found, as a title: '12 cases in Oost over techniek, actief in 2018'."""
        spaced = [str(self.total or "Geen"), self.one if self.total == 1 else self.many]
        after_comma: list[str] = []
        for name, facet in self.index.facets.items():
            if name in self.chosen:
                known = [facet.labels[value] for value in self.chosen[name] if value != UNKNOWN]
                phrase = facet.facet.phrase(known, unknown=UNKNOWN in self.chosen[name])
                (after_comma if facet.facet.after_comma else spaced).append(phrase)
        spaced += [f"met ‘{self.corrected or text}’" for text in self.chosen.get("q", [])]
        return ", ".join([" ".join(spaced), *after_comma])

    @property
    def indexable(self):
        """Whether search engines may keep this list: at most one facet value, nothing besides, nothing unknown."""
        return self.values <= 1 and self.facets_only and not self.form.errors

    @property
    def facets_only(self):
        """Whether nothing was chosen but values of facets."""
        return self.chosen.keys() <= self.index.facets.keys()

    # ---- when nothing fits

    @cached_property
    def ways_out(self):
        """The selections with a single choice or word less that do give rows, the most first."""
        ways = [self.way(f"Zonder ‘{chip.value}’", self.other(chip.url)) for chip in self.chips]
        return sorted((way for way in [*ways, *self.fewer_words()] if way.count), key=lambda way: -way.count)

    @cached_property
    def ways_back(self):
        """The selections of one choice alone that do give rows, for when dropping a single one is not enough."""
        ways = [self.way(f"Alleen ‘{chip.value}’", self.other(chip.alone)) for chip in self.chips]
        return sorted((way for way in ways if way.count), key=lambda way: -way.count)

    def fewer_words(self):
        """The selections without one of several words, and with a word that names a choice made that choice."""
        units = self.match.units if self.match else ()
        for unit in units if len(units) > 1 else ():
            text, within = self.match.without(unit)
            for held in self.held.values():
                within &= held
            yield self.way_of_words(f"Zonder het woord ‘{unit.text}’", within, q=[text])
            for name, facet in self.index.facets.items():
                for value, label in facet.labels.items():
                    if name not in self.chosen and unit.text == " ".join(plain(label)):
                        phrase = facet.facet.phrase([label], unknown=False)
                        rows = within & facet.sets[value]
                        yield self.way_of_words(f"‘{text}’ {phrase}", rows, q=[text], **{name: [value]})

    def way_of_words(self, label, rows, **changes):
        count = rows.bit_count()
        return Way(label, count, self.noun(count), self.url(**changes), deep=True)

    def noun(self, count):
        return self.one if count == 1 else self.many

    @cached_property
    def nearby(self):
        """[(what they are, Ways)]: choices that lie near what was chosen, and do give rows."""
        found = []
        for name, group in self.groups.items():
            facet = group.facet.facet
            labels, counts = group.facet.labels, {value: count for value, count in group.counts.items() if count}
            near = facet.near(group.chosen, counts, group.facet.choices) if group.chosen else []
            if near:
                ways = [self.way(labels[value], self.other(self.url(**{name: [value]}))) for value in near]
                found.append((facet.near_label, ways))
        return found

    def other(self, url):
        """The selection at another address of this list."""
        return type(self)(QueryDict(url.partition("?")[2]), index=self.index)

    def way(self, label, other):
        return Way(label, other.total, self.noun(other.total), other.url(), not other.indexable)


class HitFilterSet(SelectionFilterSet):
    """A kind of row that can be searched by words but has no list of its own: a hit shows its name and first lines."""

    card = "components/hit.html"
    title_field, year_field = "name", None

    q = SearchFilter()

    @classmethod
    def for_cards(cls):
        return cls.public()
