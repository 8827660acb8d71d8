"""What a facet is: one dimension to choose from. The facets themselves stand in the app that has the data."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.functional import cached_property

UNKNOWN = "onbekend"


@dataclass(frozen=True)
class Choice:
    """A value of a facet. `parent` is the value that holds this one, as a landsdeel holds a province."""

    value: str
    label: str
    parent: str = ""


class Facet:
    """One dimension to choose from.

    `label` is what the visitor reads above it. A subclass says which choices there are and, by `condition`,
    which rows have one: the list filters with that and the counts come from it, so they cannot differ.
    """

    label: str
    hint = ""  # a sentence under it, when a choice means more than it says
    after_comma = False  # where its phrase stands in a title

    def choices(self) -> list[Choice]:
        """All choices, in the order in which a visitor reads them."""
        raise NotImplementedError

    def condition(self, value: str) -> Q:
        """The rows that have this value."""
        raise NotImplementedError

    def phrase(self, labels: list[str], unknown: bool) -> str:
        """What was chosen as a part of a title: 'in Oost of Limburg'. `unknown`: 'onbekend' was chosen too."""
        raise NotImplementedError

    def listed(self, choice: Choice, count: int) -> bool:
        """Whether the page offers this choice at all; a choice that was made is always there."""
        return True

    def aliases(self) -> dict[str, str]:
        """Other spellings that are accepted, as {spelling: value}."""
        return {}

    def rows(self, model):
        """All rows, unsorted. A facet over an annotation adds that here."""
        return model.objects.order_by()

    @cached_property
    def all_aliases(self) -> dict[str, str]:
        return self.aliases()

    @cached_property
    def labels(self) -> dict[str, str]:
        """{value: label} of all choices. A FilterSet has its own copy of the facet: read once per request."""
        return {choice.value: choice.label for choice in self.all_choices}

    @cached_property
    def all_choices(self) -> list[Choice]:
        return self.choices()

    def narrow(self, queryset, values):
        """The rows of `queryset` that have at least one of `values`, each row once."""
        wanted = Q()
        for value in values:
            wanted |= self.condition(value)
        return queryset.filter(pk__in=self.rows(queryset.model).filter(wanted).values("pk"))

    def count(self, queryset):
        """How many rows of `queryset` have each value, as {value: int}. One query."""
        counts = {
            f"n{position}": Count("pk", filter=self.condition(value), distinct=True)
            for position, value in enumerate(self.labels)
        }
        within = self.rows(queryset.model).filter(pk__in=queryset.order_by().values("pk"))
        return dict(zip(self.labels, within.aggregate(**counts).values(), strict=True))


def either(labels):
    """Join labels for a reader: 'techniek', 'techniek of groen', 'techniek, groen of zorg & welzijn'."""
    *most, last = labels
    return f"{', '.join(most)} of {last}" if most else last
