"""Indicators as small charts of bars from zero, laid out for components/chart.html and key_figure.html.

Bars and never a line: between two figures a line would claim years that nobody counted, and most of our series have
such years. Columns stand at their year, so that a year without a figure stays empty.
"""

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import capfirst

from .models import Indicator, IndicatorValue
from .timeline import percent

ROW_HEIGHT = 2.625  # rem: the period, and its bar below
ROW_ROOM = 70.0  # how far a row may go, in percents: its value stands behind it
COLUMN = 0.7  # the width of a column, in years
WIDEST = 11.0  # the same, in percents
CHARACTER = 2.9  # the width of a character, in percents of the narrowest chart (about 250 px)
GAP = 2.0  # between two texts, likewise
YEARS_NEW = 2  # how long a figure is new


@dataclass(frozen=True)
class Source:
    title: str
    url: str
    mark: str  # a letter; '' when all figures have one source
    look: int  # 1, 2 or 3: how its bars are drawn
    broken_on: datetime.datetime | None  # when its address failed, once readers are told that


@dataclass(frozen=True)
class Figure:
    """A value in words, with its source."""

    period: str
    year: int
    value: Decimal
    amount: str  # with its unit
    number: str  # without a unit in words, which the chart says once
    source: Source

    @property
    def label(self):
        return f"{self.number} {self.source.mark}".rstrip()

    @property
    def when(self):
        return f"in {self.period}" if self.period[:1].isdigit() else self.period

    @property
    def short_period(self):
        """In at most seven characters: 2013-2014 is 2013-14."""
        short = re.sub(r"^(\d\d)(\d\d)-\1(\d\d)$", r"\1\2-\3", self.period)
        return short if len(short) <= 7 else str(self.year)


@dataclass(frozen=True)
class Bar:
    """Where a figure is drawn, in percents of the chart."""

    figure: Figure
    left: float
    top: float
    width: float
    height: float
    text_x: float  # of what is written beside it
    anchor: str = "start"
    is_labelled: bool = True  # whether there is room for that
    breaks_at: float | None = None  # a line that divides it from what was counted otherwise

    @property
    def x(self):
        return percent(self.left)

    @property
    def y(self):
        return percent(self.top)

    @property
    def w(self):
        return percent(self.width)

    @property
    def h(self):
        return percent(self.height)

    @property
    def middle(self):
        return percent(self.top + self.height / 2)

    @property
    def end(self):
        return percent(self.top + self.height)

    @property
    def label_x(self):
        return percent(self.text_x)

    @property
    def break_at(self):
        return "" if self.breaks_at is None else percent(self.breaks_at)


@dataclass(frozen=True)
class Tick:
    y: str
    label: str


@dataclass(frozen=True)
class Chart:
    indicator: Indicator
    bars: tuple[Bar, ...]  # in order of year
    is_columns: bool  # else rows
    zero: str  # y below columns, x before rows
    left: str  # where columns begin
    ticks: tuple[Tick, ...]
    sources: tuple[Source, ...]
    summary: str  # all of it in words
    latest: str  # the newest figure; more when sources disagree
    when: str  # that was
    is_old: bool

    @property
    def height(self):
        return "" if self.is_columns else f"{len(self.bars) * ROW_HEIGHT:g}rem"

    @property
    def has_break(self):
        return any(bar.break_at for bar in self.bars)


@dataclass(frozen=True)
class Scale:
    """From `low` to `high`, zero included."""

    low: Decimal
    high: Decimal

    @classmethod
    def over(cls, values: Iterable[Decimal]) -> "Scale":
        numbers = [Decimal(0), *values]
        return cls(min(numbers), max(numbers) if any(numbers) else Decimal(1))

    def at(self, value: Decimal | int) -> float:
        """How far `value` is from `low`, in percents."""
        return float(100 * (value - self.low) / (self.high - self.low))

    def round_values(self) -> list[Decimal]:
        """At most four round values, zero among them."""
        span = self.high - self.low
        power = Decimal(10) ** span.adjusted()
        step = next(n * power for n in map(Decimal, ("0.5", "1", "2", "5")) if span / (n * power) <= 3)
        return [n * step for n in range(int(self.low / step), int(self.high / step) + 1)]


def charts(indicators: Iterable[Indicator], today: datetime.date | None = None) -> list[Chart]:
    """A chart of every indicator that has values. Asks the database nothing more when these are prefetched.

    Percentages of one theme share a scale, so that the same length is the same share; numbers each have their own.
    """
    rows = [(indicator, list(indicator.values.all())) for indicator in indicators]
    shares: dict[str, list[Decimal]] = {}
    for indicator, values in rows:
        if indicator.unit == "%":
            shares.setdefault(indicator.theme, []).extend(value.value for value in values)
    drawn = []
    for indicator, values in rows:
        on_scale = shares[indicator.theme] if indicator.unit == "%" else [value.value for value in values]
        if values:
            drawn.append(_chart(indicator, values, Scale.over(on_scale), today or timezone.localdate()))
    return drawn


def _chart(indicator: Indicator, values: list[IndicatorValue], scale: Scale, today: datetime.date) -> Chart:
    figures = _figures(indicator, values)
    years = {figure.year for figure in figures}
    # Two figures of one year need a row each, or they could not be told apart.
    is_columns = len(years) >= 3 and len(years) == len(figures)
    breaks_at = next((n for n, each in enumerate(figures) if each.year >= (indicator.breaks_from or 9999)), 0)
    ticks = {tick: written(tick, _sign(indicator)) for tick in scale.round_values()} if is_columns else {}
    left = max([0.0, *(CHARACTER * len(label) + GAP for label in ticks.values())])
    newest = [figure for figure in figures if figure.period == figures[-1].period]
    return Chart(
        indicator=indicator,
        bars=tuple(_columns(figures, scale, left, breaks_at) if is_columns else _rows(figures, scale, breaks_at)),
        is_columns=is_columns,
        zero=percent(100 - scale.at(0) if is_columns else scale.at(0) * ROW_ROOM / 100),
        left=percent(left),
        ticks=tuple(Tick(percent(100 - scale.at(tick)), label) for tick, label in ticks.items()),
        sources=tuple(dict.fromkeys(figure.source for figure in figures)),
        summary=_summary(figures, breaks_at),
        latest=" of ".join(dict.fromkeys(figure.number for figure in newest)),
        when=figures[-1].when,
        is_old=today.year - figures[-1].year > YEARS_NEW,
    )


def _figures(indicator: Indicator, values: Sequence[IndicatorValue]) -> list[Figure]:
    broken = {(v.source_title, v.source_url): getattr(v, "source_url_broken_on", None) for v in values}
    sources = {
        key: Source(*key, mark=_letter(n) if len(broken) > 1 else "", look=n % 3 + 1, broken_on=broken[key])
        for n, key in enumerate(broken)
    }
    return [
        Figure(
            period=value.period,
            year=value.year,
            value=value.value,
            amount=written(value.value, indicator.unit),
            number=written(value.value, _sign(indicator)),
            source=sources[value.source_title, value.source_url],
        )
        for value in values
    ]


def _letter(n: int) -> str:
    return chr(ord("a") + n) if n < 26 else str(n + 1)


def _sign(indicator: Indicator) -> str:
    return "%" if indicator.unit == "%" else ""


def written(value: Decimal, unit: str = "") -> str:
    """The way Dutch writes it: 40.154 studenten, 28,5%."""
    plain = value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
    return number_format(plain, force_grouping=True) + (unit if unit == "%" else f" {unit}" if unit else "")


def _columns(figures: Sequence[Figure], scale: Scale, left: float, breaks_at: int) -> list[Bar]:
    first, last = figures[0].year, figures[-1].year
    year = (100 - left) / (last - first + 1)
    width = min(WIDEST, year * COLUMN)
    middles = [left + year * (figure.year - first + 0.5) for figure in figures]
    room = CHARACTER * max(len(text) for each in figures for text in (each.label, each.short_period)) + GAP
    labelled = _with_room(figures, middles, room)
    bars = []
    for n, (figure, middle) in enumerate(zip(figures, middles, strict=True)):
        low, high = sorted([100 - scale.at(figure.value), 100 - scale.at(0)])
        at_edge = middle + room / 2 > 100
        bars.append(
            Bar(
                figure,
                left=middle - width / 2,
                top=low,
                width=width,
                height=high - low,
                text_x=middle + width / 2 if at_edge else middle,
                anchor="end" if at_edge else "middle",
                is_labelled=n in labelled,
                breaks_at=(middles[n - 1] + middle) / 2 if n and n == breaks_at else None,
            )
        )
    return bars


def _with_room(figures: Sequence[Figure], middles: Sequence[float], room: float) -> set[int]:
    """Whose labels can stand side by side: first those of the first, the last and the highest."""
    places = [min(middle, 100 - room / 2) for middle in middles]
    order = range(len(figures))
    chosen: list[int] = []
    for n in [0, order[-1], max(order, key=lambda n: figures[n].value), *order]:
        if all(abs(places[n] - places[other]) >= room for other in chosen):
            chosen.append(n)
    return set(chosen)


def _rows(figures: Sequence[Figure], scale: Scale, breaks_at: int) -> list[Bar]:
    row = 100 / len(figures)
    bars = []
    for n, figure in enumerate(figures):
        low, high = sorted(scale.at(value) * ROW_ROOM / 100 for value in (figure.value, 0))
        bars.append(
            Bar(
                figure,
                left=low,
                top=row * (n + 0.52),
                width=high - low,
                height=row * 0.36,
                text_x=high,
                breaks_at=row * n if n and n == breaks_at else None,
            )
        )
    return bars


def _summary(figures: Sequence[Figure], breaks_at: int) -> str:
    """'Van … naar' is said only where all was counted alike and no sources disagree; else each figure is named."""
    said = [f"{figure.amount} {figure.when}" for figure in figures]
    if breaks_at or len({figure.period for figure in figures}) < len(figures):
        for n, figure in enumerate(figures):
            said[n] += f" (bron {figure.source.mark})" if figure.source.mark else ""
        if breaks_at:
            said[breaks_at] = f"niet zomaar te vergelijken met wat ervoor staat: {said[breaks_at]}"
        return f"{capfirst('; '.join(said))}."
    first, last = figures[0], figures[-1]
    words = said[0]
    if len(figures) > 1:
        words = f"{said[0]} en {said[-1]}" if first.value == last.value else f"van {said[0]} naar {said[-1]}"
    for word, extreme in {"hoogste": max, "laagste": min}.items():
        far = extreme(figures, key=lambda figure: figure.value)
        if far.value not in {first.value, last.value}:
            words += f"; {word}: {said[figures.index(far)]}"
    return f"{capfirst(words)}."
