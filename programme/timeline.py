"""Experiments or routes on one axis of years, laid out for components/timeline.html."""

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.text import Truncator, capfirst

from publishing.markdown import render_markdown

from .models.instruments import Instrument

MOST_LABELS = 8  # years that fit side by side on a telephone
YEARS_BACK = 5  # how far the axis goes when no day at all is known


@dataclass(frozen=True)
class Tick:
    x: str
    label: str  # '' where a band already says the year


@dataclass(frozen=True)
class Span:
    """A stretch of the axis, in percents of its width."""

    start: float
    end: float

    @property
    def x(self):
        return percent(self.start)

    @property
    def x2(self):
        return percent(self.end)

    @property
    def width(self):
        return percent(self.end - self.start)


@dataclass(frozen=True)
class Band(Span):
    """Chosen years that follow each other."""

    label: str

    @property
    def middle(self):
        return percent((self.start + self.end) / 2)


@dataclass(frozen=True)
class Bar:
    name: str
    url: str
    since: str
    until: str
    days: str  # both in one line
    verdict: str  # whether it was in force in the chosen years; '' without a choice
    law: str
    law_url: str
    after: str
    after_url: str
    known: Span | None  # from the first to the last day on which it was in force
    dot: str  # x, instead of `known`, when only one such day is known
    unknown: tuple[Span, ...]  # before and after these: perhaps in force


@dataclass(frozen=True)
class Timeline:
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    bands: tuple[Band, ...]
    first_year: str  # years are text: no locale puts a point in them
    last_year: str
    today: datetime.date
    today_x: str
    years: str  # those chosen, in words

    @property
    def has_unknown(self):
        return any(bar.unknown for bar in self.bars)

    @property
    def has_dot(self):
        return any(bar.dot for bar in self.bars)


def timeline(
    instruments: Iterable[Instrument], year: int | Iterable[int] | None = None, today: datetime.date | None = None
) -> Timeline | None:
    """The timeline of published instruments, in their order; None for none.

    Asks the database nothing: a successor gets a link when it is among `instruments`, and so is public itself.
    """
    rows = list(instruments)
    if not rows:
        return None
    today = today or timezone.localdate()
    years = sorted({year} if isinstance(year, int) else set(year or ()))
    axis = Axis.around(rows, years, today)
    by_pk = {row.pk: row for row in rows}
    return Timeline(
        bars=tuple(_bar(row, by_pk.get(getattr(row, "successor_id", None)), years, axis, today) for row in rows),
        ticks=axis.ticks(years),
        bands=axis.bands(years),
        first_year=str(axis.first),
        last_year=str(axis.end - 1),
        today=today,
        today_x=percent(axis.x(today)),
        years=listed(years),
    )


def in_force(instrument: Instrument, year: int) -> bool | None:
    """Whether it was in force on some day of `year`; None when that is unknown."""
    starts, ends = instrument.starts_on, instrument.ends_on
    if (starts and starts.year > year) or (ends and ends.year < year):
        return False
    days = _days(instrument)
    return True if days and days[0].year <= year <= days[-1].year else None


@dataclass(frozen=True)
class Axis:
    """From 1 January of `first` up to, not including, 1 January of `end`."""

    first: int
    end: int

    @classmethod
    def around(cls, rows: Sequence[Instrument], years: Sequence[int], today: datetime.date) -> "Axis":
        shown = [day.year for row in rows for day in _days(row)] + list(years)
        first = min([*shown, today.year]) if shown else today.year - YEARS_BACK
        last = max([*shown, today.year])
        # Room to fade in, and out, for what has no known begin or end.
        begins_unseen = any(not row.starts_on for row in rows)
        ends_unseen = any(not row.ends_on and row.starts_on and row.starts_on > today for row in rows)
        return cls(first - begins_unseen, last + 1 + ends_unseen)

    def x(self, day: datetime.date) -> float:
        """Where a day begins."""
        return self.at(day.year + (day.timetuple().tm_yday - 1) / 366)

    def x2(self, day: datetime.date) -> float:
        """Where a day ends; no day is added to it, for 31 December 9999 has none after it."""
        return self.at(day.year + day.timetuple().tm_yday / 366)

    def at(self, year: float) -> float:
        return 100 * (year - self.first) / (self.end - self.first)

    def ticks(self, chosen: Sequence[int]) -> tuple[Tick, ...]:
        step = 1
        while (self.end - self.first) / step > MOST_LABELS:
            step *= 2
        # A label stands to the right of its line: the last one must have the room.
        years = range(-(-self.first // step) * step, self.end - step + 1, step)
        return tuple(Tick(percent(self.at(year)), "" if year in chosen else str(year)) for year in years)

    def bands(self, years: Sequence[int]) -> tuple[Band, ...]:
        runs: list[list[int]] = []
        for year in years:
            if runs and runs[-1][-1] == year - 1:
                runs[-1].append(year)
            else:
                runs.append([year])
        return tuple(
            Band(self.at(run[0]), self.at(run[-1] + 1), f"{run[0]}–{run[-1]}" if run[1:] else str(run[0]))
            for run in runs
        )


def _days(instrument: Instrument) -> list[datetime.date]:
    """The days on which it is known to have been in force, in order."""
    starts, ends, seen = instrument.starts_on, instrument.ends_on, instrument.running_seen_on
    days = {day for day in (starts, ends) if day}
    if seen and not (starts and seen < starts) and not (ends and seen > ends):
        days.add(seen)
    return sorted(days)


def _bar(row: Instrument, successor: Instrument | None, years: Sequence[int], axis: Axis, today: datetime.date) -> Bar:
    since, until, days = _words(row)
    unknown, known, dot = [], None, ""
    if evidence := _days(row):
        first, last = evidence[0], evidence[-1]
        if first < last:
            known = Span(axis.x(first), axis.x2(last))
        else:
            dot = percent(axis.x(first))
        if not row.starts_on:
            unknown.append(Span(0, axis.x(first)))
        if not row.ends_on:
            unknown.append(Span(axis.x(last), axis.x(today) if last <= today else 100))
    else:
        unknown.append(Span(0, axis.x(today)))
    after = successor.name if successor else capfirst(row.what_now) or _first_sentence(row.aftermath) or "onbekend"
    return Bar(
        name=row.name,
        url=_url(row),
        since=since,
        until=until,
        days=days,
        verdict=_verdict(row, years, today),
        law=_law(row),
        law_url="" if getattr(row, "legal_url_broken_on", None) else row.legal_url,  # its own page knows that
        after=after,
        after_url=_url(successor) if successor else "",
        known=known,
        dot=dot,
        unknown=tuple(unknown),
    )


def _url(row: Any) -> str:
    """Every experiment and route has one; what they share, Instrument, has not."""
    return row.get_absolute_url()


def _words(row: Instrument) -> tuple[str, str, str]:
    """First day, last day, and both in one line."""
    since = date_format(row.starts_on) if row.starts_on else "onbekend"
    if row.ends_on:
        until = date_format(row.ends_on)
        end = f"tot en met {_unbroken(until)}"
    elif row.running_seen_on:
        seen = date_format(row.running_seen_on)
        until, end = f"onbekend, liep nog op {seen}", f"liep nog op {_unbroken(seen)}"
    else:
        until, end = "onbekend", "einde onbekend"
    if row.starts_on:
        begin = _unbroken(since)
        return since, until, f"{begin} {end}" if row.ends_on else f"vanaf {begin}, {end}"
    return since, until, "begin en einde onbekend" if until == "onbekend" else f"begin onbekend, {end}"


def _unbroken(date: str) -> str:
    return date.replace(" ", "\u00a0")


def _verdict(row: Instrument, years: Sequence[int], today: datetime.date) -> str:
    said = []
    for answer, sentence in {True: "{}", False: "{} niet", None: "onbekend of dit {}"}.items():
        for verb in ("gold", "geldt"):
            those = [year for year in years if in_force(row, year) is answer and _verb(row, year, today) == verb]
            if those:
                said.append(f"{sentence.format(verb)} in {listed(those)}")
    return "; ".join(said)


def _verb(row: Instrument, year: int, today: datetime.date) -> str:
    return "gold" if year < today.year or (row.ends_on and row.ends_on < today) else "geldt"


def _law(row: Instrument) -> str:
    """The law in short: its name when there is a link to the rest, else the first sentence."""
    text = _first_sentence(row.legal_basis)
    if row.legal_url:
        return text.split(" (")[0].rstrip(".") or "wettekst"
    return text or "onbekend"


def _first_sentence(markdown: str) -> str:
    block = re.split(r"</(?:p|li|h\d|t[dh])>", render_markdown(markdown))[0]
    text = " ".join(unescape(strip_tags(block)).split())
    return Truncator(re.split(r"(?<=[.!?:]) (?=[A-Z])", text)[0]).chars(160)


def listed(years: Sequence[int]) -> str:
    *most, last = [str(year) for year in years] or [""]
    return f"{', '.join(most)} en {last}" if most else last


def percent(value: float) -> str:
    return f"{value:.2f}%"
