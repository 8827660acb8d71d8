"""A selection as a matrix: how many of its rows have a choice of one facet and a choice of another."""

from dataclasses import dataclass

from discovery.facets import UNKNOWN
from discovery.options import step_of


@dataclass(frozen=True)
class Cell:
    """A box of the matrix, or a total of one row, one column or all."""

    count: int
    label: str  # what was counted, as after the number: 'cases in Oost over techniek'
    url: str  # of the list with these rows
    deep: bool  # whether that is a list that search engines do not keep
    gap: bool  # nothing here yet, which of the unknown cannot be said
    step: int  # of its tint


class Matrix:
    """Every choice of the facet `down` against every choice of the facet `across`, within `selection`.

    All counts come from the bitsets of the index. What is unknown gets a column when it has any rows.
    """

    def __init__(self, selection, down, across):
        self.selection, self.down, self.across = selection, down, across
        self.side, self.head = selection.index.facets[down], selection.index.facets[across]
        self.columns = [
            choice
            for choice in self.head.choices
            if choice.value != UNKNOWN or self.head.sets[UNKNOWN] & selection.found
        ]
        known = [(area, column) for area in self.side.choices if area.parent for column in self.head.labels]
        boxes = [self.rows(area.value, column) for area, column in known if column != UNKNOWN]
        self.boxes, self.gaps = len(boxes), boxes.count(0)
        self.most = max(boxes, default=0)

    def rows(self, area=None, column=None):
        """How many rows of the selection stand in a box, a row, a column, or the whole."""
        found = self.selection.found
        for facet, value in ((self.side, area), (self.head, column)):
            if value is not None:
                found &= facet.sets[value]
        return found.bit_count()

    def cell(self, area=None, column=None):
        chosen = {name: [value] for name, value in ((self.down, area), (self.across, column)) if value is not None}
        phrases = [
            facet.facet.phrase([facet.labels[value]] if value != UNKNOWN else [], unknown=value == UNKNOWN)
            for facet, value in ((self.side, area), (self.head, column))
            if value is not None
        ]
        count = self.rows(area, column)
        return Cell(
            count=count,
            label=" ".join([self.selection.one if count == 1 else self.selection.many, *phrases]),
            url=self.selection.url(**chosen),
            deep=self.selection.values + len(chosen) > 1,
            gap=not count and column != UNKNOWN,
            step=step_of(count, self.most),
        )

    def line(self, choice=None):
        """(the choice, its cells, its total); without a choice the totals of all columns."""
        area = choice.value if choice else None
        return choice, [self.cell(area, column.value) for column in self.columns], self.cell(area)

    @property
    def groups(self):
        """A list of lines for each landsdeel: its own, then those of its provinces."""
        tops = [choice for choice in self.side.choices if not choice.parent]
        return [
            [self.line(top), *(self.line(each) for each in self.side.choices if each.parent == top.value)]
            for top in tops
        ]

    @property
    def total(self):
        return self.line()
