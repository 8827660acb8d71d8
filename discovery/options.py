"""A facet as a page shows it: its choices with their counts and addresses, as objects and as ready HTML."""

from dataclasses import dataclass
from html import escape

from django.utils.functional import cached_property
from django.utils.safestring import mark_safe

from .facets import Choice
from .skeleton import compact

# What differs between requests stands in the HTML of a choice as one of these, and is filled in afterwards. They are
# characters for private use (Unicode 23.5), which no label holds.
URL, COUNT, PART, REL, STEP, NOUN = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004", "\ue005"
SKELETON = str.maketrans(
    {
        "%": "%%",
        URL: "%(url)s",
        COUNT: "%(count)s",
        PART: "%(part)s",
        REL: "%(rel)s",
        STEP: "%(step)s",
        NOUN: "%(noun)s",
    }
)
STEPS = 4


@dataclass(frozen=True)
class Option:
    """A choice as the page shows it: its count, and the address that makes or drops it."""

    choice: Choice
    count: int | str
    chosen: bool
    url: str
    dead: bool  # would give nothing, so it cannot be chosen; what was chosen can always be dropped
    part: int | str = 0  # its count as a percentage of the largest of its facet
    rel: str = ""
    within: bool = False  # the choice that holds this one was made
    step: int | str = 0  # its count in steps, from 0 to STEPS
    noun: str = ""  # what is counted, in the number that fits


def step_of(count, most):
    """How deep the tint of a count is: 0 for none, up to STEPS for the largest."""
    return -(-STEPS * count // most) if most else 0


class Group:
    """A facet of a selection: `counts` are the rows behind each value when it were the facet's only choice."""

    def __init__(self, name, facet, chosen, counts, errors, selection):
        self.name, self.facet, self.chosen, self.counts = name, facet, chosen, counts
        self.errors, self.selection = errors, selection
        self.label, self.hint = facet.facet.label, facet.facet.hint

    @cached_property
    def shown(self):
        """The choices that the page offers."""
        return [
            choice
            for choice in self.facet.choices
            if choice.value in self.chosen or self.facet.facet.listed(choice, self.counts[choice.value])
        ]

    @cached_property
    def options(self):
        return [
            Option(
                choice,
                self.counts[choice.value],
                choice.value in self.chosen,
                self.url(choice.value),
                not self.counts[choice.value] and choice.value not in self.chosen,
            )
            for choice in self.shown
        ]

    @cached_property
    def around(self):
        """The address of this selection up to and after the parameter of this facet, as if nothing of it is chosen."""
        encoded = self.selection.encoded
        names = list(encoded)
        at = names.index(self.name)
        before, after = ([encoded[name] for name in some if encoded[name]] for some in (names[:at], names[at + 1 :]))
        return f"{self.selection.path}?{''.join(f'{part}&' for part in before)}", "".join(f"&{part}" for part in after)

    def url(self, value):
        """The address with `value` switched on or off."""
        return self.address({*self.chosen} ^ {value} if self.chosen else {value})

    def only(self, value):
        """The address with `value` as the only choice of this facet; when it is chosen, the address that drops it."""
        return self.address({*self.chosen} - {value} if value in self.chosen else {value})

    def address(self, values):
        """The address with `values` as the choices of this facet: as selection.url, without writing the rest anew."""
        if not values:
            return self.selection.url(**{self.name: []})
        before, after = self.around
        if len(values) > 1:
            values = [value for value in self.facet.labels if value in values]
        return f"{before}{'&'.join([f'{self.name}={value}' for value in values])}{after}"

    @property
    def rows(self):
        """The choices as HTML, from components/option.html."""
        return rows_of(self, "components/option.html", self.shown, self.url)

    @property
    def tiles(self):
        """The choices that have a tile on the map as HTML, from north to south. Each replaces the others."""
        tiles = sorted((choice for choice in self.shown if choice.tile), key=lambda choice: choice.tile)
        return rows_of(self, "components/map_tile.html", tiles, self.only)

    @property
    def areas(self):
        """The choices that hold tiles of the map, as HTML."""
        return rows_of(self, "components/map_area.html", [each for each in self.shown if each.shape], self.only)


def rows_of(group, template, choices, address):
    """Each of `choices` by `template`, which is rendered once for each choice and version (Index.extra).

    `address` is Group.url or Group.only: what a link does with the other choices of the facet.
    """
    selection, chosen = group.selection, group.chosen
    kept = selection.index.extra.setdefault(template, {})
    most = max((group.counts[choice.value] for choice in choices), default=0) or 1
    after_adding = selection.values + 1 - (len(chosen) if address == group.only else 0)
    besides, nofollow = not selection.facets_only, ' rel="nofollow"'
    html = []
    for choice in choices:
        count, made = group.counts[choice.value], choice.value in chosen
        state = (group.name, choice.value, made, not count and not made, choice.parent in chosen)
        skeleton = kept.get(state)
        if skeleton is None:
            option = Option(choice, COUNT, made, URL, state[3], PART, REL, state[4], STEP, NOUN)
            skeleton = kept[state] = compact(template, {"option": option, "group": group}).translate(SKELETON)
        deep = besides or (selection.values - 1 if made else after_adding) > 1
        html.append(
            skeleton
            % {
                "url": escape(address(choice.value)),
                "count": count,
                "part": 100 * count // most,
                "rel": nofollow if deep else "",
                "step": step_of(count, most),
                "noun": selection.one if count == 1 else selection.many,
            }
        )
    return mark_safe("".join(html))  # noqa: S308  (escaped by the template and above)
