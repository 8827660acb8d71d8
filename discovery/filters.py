"""The FilterSet of a list: what a visitor chose, checked, and everything that the page draws from it."""

from dataclasses import dataclass
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import Case, F, Q, When
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.text import Truncator

from .facets import UNKNOWN, Choice

LONGEST_QUERY = 200
MOST_WORDS = 20


class FacetField(forms.MultipleChoiceField):
    """The chosen values of a facet, each once, in its order. Unknown values are left to the form to report."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, facet, **kwargs):
        self.facet = facet
        super().__init__(choices=lambda: facet.labels.items(), **kwargs)

    def clean(self, values):
        if not values:
            return []
        labels, aliases = self.facet.labels, self.facet.all_aliases
        asked = {value if value in labels else aliases.get(value) for value in values}
        return [value for value in labels if value in asked]

    def unknown(self, values):
        """Those of `values` that are no choice, as they came; an empty one is no choice but no fault either."""
        if not values:
            return []
        known = {"", *self.facet.labels, *self.facet.all_aliases}
        return [value for value in dict.fromkeys(values) if value not in known]


class FacetFilter(django_filters.Filter):
    field_class = FacetField

    def __init__(self, facet):
        self.facet = facet
        super().__init__(label=facet.label, facet=facet)

    def filter(self, queryset, values):
        return self.facet.narrow(queryset, values) if values else queryset


class SearchFilter(django_filters.CharFilter):
    """Every word must stand somewhere in one of `paths`."""

    def __init__(self, *paths):
        self.paths = paths
        super().__init__(
            label="Zoek op woorden",
            max_length=LONGEST_QUERY,
            error_messages={
                "null_characters_not_allowed": "In deze zoekvraag staat een teken dat niet kan. Typ ze opnieuw.",
                "max_length": f"Deze zoekvraag is te lang. Gebruik niet meer dan {LONGEST_QUERY} tekens.",
            },
        )

    def filter(self, queryset, text):
        rows = queryset.model.objects.order_by()
        for word in (text or "").split()[:MOST_WORDS]:
            somewhere = Q()
            for path in self.paths:
                somewhere |= Q(**{f"{path}__icontains": word})
            queryset = queryset.filter(pk__in=rows.filter(somewhere).values("pk"))
        return queryset


class SortFilter(django_filters.ChoiceFilter):
    """The order of the list. Every order ends with `pk`, so that no row stands on two pages."""

    def __init__(self, title):
        self.title = title
        super().__init__(
            label="Sorteer op",
            empty_label=None,
            error_messages={"invalid_choice": "Deze volgorde kennen wij niet. Kies er een uit de lijst."},
            choices=[
                ("relevantie", "Past het best"),
                ("nieuwste", "Nieuwste eerst"),
                ("oudste", "Oudste eerst"),
                ("titel", "Titel van a tot z"),
            ],
        )

    def filter(self, queryset, value):
        text = self.parent.cleaned.get("q")
        newest = F("first_year").desc(nulls_last=True)
        order: dict[str, list] = {
            "relevantie": [Case(When(**{f"{self.title}__icontains": text or ""}, then=0), default=1), newest],
            "nieuwste": [newest],
            "oudste": [F("first_year").asc(nulls_last=True)],
            "titel": [],
        }
        return queryset.order_by(*order[value or self.default], self.title, "pk")

    @property
    def default(self):
        return "relevantie" if self.parent.cleaned.get("q") else "nieuwste"


class SelectionForm(forms.Form):
    """An unknown value is an error at its own field, but it takes no other choice with it."""

    def clean(self):
        cleaned = dict(self.cleaned_data)
        for name, field in self.fields.items():
            if isinstance(field, FacetField):
                for value in field.unknown(self[name].data)[:5]:
                    shown = Truncator(value).chars(40)
                    self.add_error(
                        name, f"Bij ‘{field.label}’ kennen wij ‘{shown}’ niet. Kies een waarde uit de lijst."
                    )
        return cleaned


@dataclass(frozen=True)
class Option:
    """A choice as the page shows it: its count, and the query string that makes or drops it."""

    choice: Choice
    count: int
    chosen: bool
    query: str

    @property
    def dead(self):
        """What would give nothing cannot be chosen; what was chosen can always be dropped."""
        return not self.count and not self.chosen


@dataclass(frozen=True)
class Group:
    """A facet as the page shows it."""

    name: str
    label: str
    hint: str
    options: list[Option]
    errors: list[str]

    @property
    def chosen(self):
        return [option for option in self.options if option.chosen]


@dataclass(frozen=True)
class Chip:
    """A choice that was made, and the query string of the list without it."""

    label: str
    value: str
    query: str


class SelectionFilterSet(django_filters.FilterSet):
    """A visitor's selection for one list, and what the page draws from it.

    A subclass declares `q`, its facets and `sorteer`, and says what one row is called. What is unknown gets a
    message at its own filter while all other choices still filter; unknown parameters are left out.
    """

    one = many = ""

    class Meta:
        form = SelectionForm

    def __init__(self, data=None, queryset=None, *, request=None, prefix=None):
        super().__init__(QueryDict() if data is None else data, queryset, request=request, prefix=prefix)

    @property
    def cleaned(self):
        """{parameter: valid value}, without what is unknown."""
        self.form.is_valid()  # makes cleaned_data
        return self.form.cleaned_data

    def filter_queryset(self, queryset):
        return self.narrowed(queryset)

    def narrowed(self, queryset, without=None):
        """`queryset` with every choice applied, but for the filter named `without`."""
        for name, item in self.filters.items():
            if name != without:
                queryset = item.filter(queryset, self.cleaned.get(name))
        return queryset

    @cached_property
    def facets(self):
        return {name: item.facet for name, item in self.filters.items() if isinstance(item, FacetFilter)}

    @cached_property
    def chosen(self):
        """{parameter: [valid values]} of all that was chosen and is not the default, in a fixed order."""
        found = {}
        for name in self.filters:
            value = self.cleaned.get(name)
            if value and value != getattr(self.filters[name], "default", None):
                found[name] = value if isinstance(value, list) else [value]
        return found

    def query(self, **changes):
        """The query string of this selection with some parameters set to other values: '?regio=oost' or ''."""
        pairs = {**self.chosen, **changes}
        ordered = [(name, value) for name in (*self.filters, "pagina") for value in pairs.get(name, ())]
        return f"?{urlencode(ordered)}" if ordered else ""

    def toggled(self, name, value):
        """The query string with `value` of one facet switched on or off."""
        now = self.chosen.get(name, [])
        wanted = {*now} ^ {value}
        return self.query(**{name: [known for known in self.facets[name].labels if known in wanted]})

    @cached_property
    def groups(self):
        """Every facet with the count behind each choice, counted without the facet's own choices."""
        return [self.group(name, facet) for name, facet in self.facets.items()]

    def group(self, name, facet):
        counts = facet.count(self.narrowed(self.queryset, without=name))
        chosen = self.chosen.get(name, [])
        options = [
            Option(choice, counts[choice.value], choice.value in chosen, self.toggled(name, choice.value))
            for choice in {choice.value: choice for choice in facet.all_choices}.values()
            if choice.value in chosen or facet.listed(choice, counts[choice.value])
        ]
        return Group(name, facet.label, facet.hint, options, self.errors.get(name, []))

    @cached_property
    def chips(self):
        """What was chosen, each with the way to drop it."""
        words = [Chip("Woorden", text, self.query(q=[])) for text in self.chosen.get("q", [])]
        return words + [
            Chip(facet.label, facet.labels[value], self.toggled(name, value))
            for name, facet in self.facets.items()
            for value in self.chosen.get(name, [])
        ]

    def title(self, total):
        """What was found, as a title: '12 cases in Oost over techniek, actief in 2018'."""
        spaced = [str(total or "Geen"), self.one if total == 1 else self.many]
        after_comma: list[str] = []
        for name, facet in self.facets.items():
            if name in self.chosen:
                known = [facet.labels[value] for value in self.chosen[name] if value != UNKNOWN]
                phrase = facet.phrase(known, unknown=UNKNOWN in self.chosen[name])
                (after_comma if facet.after_comma else spaced).append(phrase)
        spaced += [f"met ‘{text}’" for text in self.chosen.get("q", [])]
        return ", ".join([" ".join(spaced), *after_comma])

    @cached_property
    def sort(self):
        """The order in force, as its value in the address."""
        return self.cleaned.get("sorteer") or self.filters["sorteer"].default

    @property
    def indexable(self):
        """Whether search engines may keep this list: at most one facet value, no words, nothing unknown."""
        values = sum(len(self.chosen.get(name, [])) for name in self.facets)
        return values <= 1 and not {"q", "sorteer"} & self.chosen.keys() and not self.errors
