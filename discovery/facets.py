"""What a facet is: one dimension to choose from. The facets themselves stand in the app that has the data."""

from dataclasses import dataclass

UNKNOWN = "onbekend"


@dataclass(frozen=True)
class Choice:
    """A value of a facet. `parent` is the value that holds this one, as a landsdeel holds a province."""

    value: str
    label: str
    parent: str = ""
    tile: str = ""  # the classes of its tile on a map, when it has one
    shape: str = ""  # the path of the tiles that it holds, for its sign


class Label(str):
    """The label of a choice, which also knows its value, as `slug`."""

    slug: str

    def __new__(cls, label, slug):
        made = super().__new__(cls, label)
        made.slug = slug
        return made


class Facet:
    """One dimension to choose from: everything that the portal knows of it stands here, once.

    `label` is what the visitor reads above it. A subclass says which choices there are, how a row's own keys are
    read from the database, and which rows each choice has. The form, the index, the counts and the chips come from
    that (index.py). A facet holds no data itself.
    """

    label: str
    hint = ""  # a sentence under it, when a choice means more than it says
    after_comma = False  # where its phrase stands in a title
    histogram = False  # whether a bar beside each choice shows its count

    def choices(self) -> list[Choice]:
        """All choices, in the order in which a visitor reads them."""
        raise NotImplementedError

    def aliases(self) -> dict[str, str]:
        """Other spellings that are accepted, as {spelling: value}."""
        return {}

    def read(self, rows):
        """(pk, raw key) for each own key of each row of the QuerySet `rows`; a row may have several, or None."""
        raise NotImplementedError

    def keys(self) -> dict | None:
        """{raw key: key}; a raw key that is not in it does not count. None: the keys are as they are read."""
        return None

    def sets(self, own, everything):
        """{value: rows} of every choice, from {key: rows} as read; the rows as bitsets (index.py)."""
        known = 0
        for rows in own.values():
            known |= rows
        return {**own, UNKNOWN: everything & ~known}

    def names(self, own):
        """(text, rows) of what a visitor can find rows by with words; nothing unless a facet says so."""
        return []

    near_label = ""

    def near(self, chosen: list[str], counts: dict[str, int], choices: list[Choice]) -> list[str]:
        """Those of the values in `counts` ({value: rows}) that lie near the `chosen` ones, which gave nothing."""
        return []

    def phrase(self, labels: list[str], unknown: bool) -> str:
        """What was chosen as a part of a title: 'in Oost of Limburg'. `unknown`: 'onbekend' was chosen too."""
        raise NotImplementedError

    def listed(self, choice: Choice, count: int) -> bool:
        """Whether the page offers this choice at all; a choice that was made is always there."""
        return True


def related(rows, path):
    """(pk, key) of each row of `rows` and what it is related to by the field `path`.

    A list is read from its own table, also for rows that are not in `rows`: the index leaves those out, and joining
    both tables costs it five times as much.
    """
    field = rows.model._meta.get_field(path)
    if not field.many_to_many:
        return rows.values_list("pk", path)
    through = field.remote_field.through
    return through._base_manager.order_by().values_list(field.m2m_field_name(), field.m2m_reverse_field_name())


def either(labels):
    """Join labels for a reader: 'techniek', 'techniek of groen', 'techniek, groen of zorg & welzijn'."""
    *most, last = labels
    return f"{', '.join(most)} of {last}" if most else last
