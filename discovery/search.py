"""Search in Dutch: from what a visitor types to the rows that match, each with a score.

A word matches a row exactly, by its stem, as a known part of a compound word, or as the beginning of a word. What
counts is decided over the whole list, before any facet: beginnings of words only where a word is found in few rows
otherwise, and a corrected spelling only when nothing is found.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise, product

from . import dutch
from .bitsets import from_ids
from .statement import Part, ask, of_kind

MOST_UNITS = 8  # words and phrases of one query that are looked at
# Words that typing errors of one query may stand for. Some stand in concepts or in rows of another kind only, and find
# nothing. With more, the statement could have more parts than SQLite takes (500): 17 of each unit and each guess.
MOST_GUESSES = 9
FEW = 10  # with fewer rows than this, beginnings of a word count too
MOST_REMEMBERED = 100  # queries, each of about 0.2 MB at 100,000 rows

FIELDS = "abcd"  # title, summary, names, body (texts.py), the first weighs most
KINDS = "xspw"  # exact word, stem, part of a compound, beginning of a word, the first weighs most
# Every field of one kind outweighs every later field, whatever the kind.
SCORES = {(f, k): 4 * (4 - FIELDS.index(f)) + 3 - KINDS.index(k) for f in FIELDS for k in KINDS}

QUOTED = re.compile(r'["“”„]([^"“”„]+)["“”„]')
# Words that are said often and found everywhere.
STOP_WORDS = frozenset(
    """
    aan als bij dat de den der deze die dit door een en er haar het hij hoe hun ik in is je met mijn na naar niet nog of
    om onder onze ook op over per te tegen ten ter tot uit uw van voor waar wat we wie wij ze zich zij zijn
    """.split()  # noqa: SIM905
)


@dataclass
class Unit:
    """One thing that must be found: a word, or a phrase.

    `ways` are the ways to write it and `others` its synonyms, each a tuple of words that must all be there. `phrase`
    is set for a quoted text, which must stand there literally. `guesses` are words that a typing error may stand for.
    """

    text: str
    ways: list[tuple[str, ...]]
    others: list[tuple[str, ...]] = field(default_factory=list)
    phrase: str = ""
    guesses: list[str] = field(default_factory=list)
    hits: dict[tuple[str, str], int] = field(default_factory=dict)  # {(field, kind): rows}

    def scores(self):
        """[(score, rows)], the highest first; no row twice. Beginnings of words count when little else was found."""
        found, strong, weak = [], 0, {}
        for (where, how), rows in sorted(self.hits.items(), key=lambda hit: -SCORES[hit[0]]):
            if how == "w":
                weak[where, how] = rows
            elif rows & ~strong:
                found.append((SCORES[where, how], rows & ~strong))
                strong |= rows
        if strong.bit_count() < FEW:
            for place, rows in weak.items():
                if rows & ~strong:
                    found.append((SCORES[place], rows & ~strong))
                    strong |= rows
        return found


@dataclass(frozen=True)
class Match:
    """The rows that a query finds, by score, and with which words: `corrected` is set when it was read otherwise."""

    scores: dict[int, int]
    bits: int
    units: tuple[Unit, ...] = ()
    corrected: str = ""
    marked: dict[str, dict[int, str]] = field(default_factory=dict)  # {template: {position: the row, words marked}}

    def ranked(self, bits):
        """The rows of `bits` in groups, the best first."""
        return [self.scores[score] & bits for score in sorted(self.scores, reverse=True)]

    def without(self, unit):
        """(the query without one of its units, the rows that the others find together)."""
        others = [each for each in self.units if each is not unit]
        text = " ".join(f'"{each.phrase}"' if each.phrase else each.text for each in others)
        bits = 0
        for rows in combined(others).values():
            bits |= rows
        return text, bits

    def finds(self, word):
        """Whether this query found a row by `word`, written as in a text: to mark it."""
        return any(
            word_matches(word, wanted)
            for unit in self.units
            for way in [*unit.ways, *unit.others, tuple(unit.phrase.split())]
            for wanted in way
        )


def word_matches(word, wanted):
    return any(
        each == wanted
        or dutch.stems(each) & dutch.stems(wanted)
        or dutch.stems(wanted) & dutch.parts(each)
        or (len(wanted) >= 4 and each.startswith(wanted))
        for each in dutch.words(word)
    )


class Matcher:
    """Finds the rows of one index by words.

    `flag_of` tells the row by the id of its SearchText (bitsets.from_ids), and `hidden` how many texts of this kind are
    of rows that are not public. `names` are (text, rows) of what the facets know by name, `synonyms` lists of words or
    phrases that mean the same, `vocabulary` the known words.
    """

    def __init__(self, *, kind, size, flag_of, hidden, names, synonyms, vocabulary):
        self.kind, self.size, self.flag_of = kind, size, flag_of
        self.vocabulary = "\n".join(["", *vocabulary, ""])  # one on each line
        self.of_many = size * 2 < len(flag_of)  # most ids are of texts of other kinds, or of none any more
        self.hidden = hidden
        self.names = [(terms(text), rows) for text, rows in names]
        self.synonyms = [
            [
                tuple(word for written in reading for word in written)
                for member in group
                for reading in readings(member)
                if reading  # '!' reads as nothing, and nothing is in every text
            ]
            for group in synonyms
        ]
        self.remembered: dict[str, Match] = {}

    def match(self, text):
        """The Match of a query, remembered for as long as this version holds."""
        key = " ".join(text.casefold().split())
        found = self.remembered.get(key)
        if found is None:
            if len(self.remembered) >= MOST_REMEMBERED:
                self.remembered.clear()
            found = self.remembered[key] = self.look_up(key)
        return found

    def look_up(self, text):
        units = self.units(text)
        if not units:  # nothing in it can be found: '!!!'
            return Match({}, 0)
        guesses = [self.guessed(unit, word) for unit in units for word in unit.guesses]
        self.find(units, guesses)
        scores, corrected = combined(units), ""
        if not scores:
            units, corrected = self.corrected(text, units, guesses)
            scores = combined(units)
            corrected = corrected if scores else ""
        if scores and len(units) == 1:
            units[0].hits = {}  # of several words a list may ask what each finds (Match.without); of one, none does
        bits = 0
        for rows in scores.values():
            bits |= rows
        return Match(scores, bits, tuple(units), corrected)

    # ---- reading a query

    def units(self, text):
        """What a query asks for, in its order, without the words that say nothing."""
        units = [Unit(quoted, [], phrase=" ".join(plain(quoted))) for quoted in QUOTED.findall(text) if plain(quoted)]
        written = dutch.compounds(QUOTED.sub(" ", text))
        at = 0
        while at < len(written) and len(units) < MOST_UNITS * 2:
            length, others = self.synonyms_at(written, at)
            ways = [tuple(way) for way in written[at]]
            if length > 1:
                ways = [tuple(word for part in written[at : at + length] for word in part[0])]
            unit = Unit(" ".join(ways[0]), ways, [other for other in others if other not in ways])
            if len(ways) == len(ways[0]) == 1 and not others and not known(ways[0][0], self.vocabulary):
                word = ways[0][0]
                unit.guesses = [*halves(word, self.vocabulary), *dutch.nearest(word, self.vocabulary, MOST_GUESSES)]
            units.append(unit)
            at += max(length, 1)
        telling = [unit for unit in units if unit.phrase or unit.text not in STOP_WORDS]
        units = (telling or units)[:MOST_UNITS]
        for one, other in pairwise(units):  # of a compound that is written as two words: zorg boulevard
            joined = f"{one.text}{other.text}"
            if not one.phrase and not other.phrase and begins_a_word(joined, self.vocabulary):
                one.others.append((joined,))
                other.others.append((joined,))
        unsure = sum(bool(unit.guesses) for unit in units)
        for unit in units:
            unit.guesses = unit.guesses[: MOST_GUESSES // (unsure or 1)]
        return units

    def synonyms_at(self, written, at):
        """(how many written words from `at` are a member of a group of synonyms, the group's other members)."""
        best: tuple[int, list] = (0, [])
        for group in self.synonyms:
            for member in group:
                for length in range(1, len(member) + 1):
                    here = written[at : at + length]
                    said = [tuple(word for part in here for word in part[0])]
                    if length == 1 and here:
                        said = [tuple(way) for way in here[0]]
                    if len(here) == length and length >= best[0] and any(same(way, member) for way in said):
                        best = (length, [*(best[1] if length == best[0] else []), *group])
        return best

    def guessed(self, unit, words):
        return Unit(unit.text, [tuple(words.split())])

    def corrected(self, text, units, guesses):
        """The units with each that found nothing replaced by its nearest word that does, and the query so written."""
        better, corrected = [], text
        for unit in units:
            mine = [guess for guess in guesses if guess.text == unit.text and guess.hits]
            if unit.hits or not mine:
                better.append(unit)
                continue
            better.append(mine[0])
            corrected = re.sub(rf"\b{re.escape(unit.text)}\b", " ".join(mine[0].ways[0]), corrected)
        if corrected == text:  # it was written with accents
            corrected = " ".join(f'"{unit.phrase}"' if unit.phrase else " ".join(unit.ways[0]) for unit in better)
        return better, corrected

    # ---- finding

    def find(self, units, guesses):
        """Fill in the hits of all units with one statement."""
        asked = [(unit, *part) for unit in [*units, *guesses] for part in parts(unit, self.kind, FEW + self.hidden)]
        for number, ids in ask([part for *_, part in asked], self.kind if self.of_many else None).items():
            unit, where, how, _ = asked[number]
            if max(ids) >= len(self.flag_of):  # made since this version was read
                ids = [each for each in ids if each < len(self.flag_of)]
            rows = from_ids(ids, self.flag_of, self.size)
            unit.hits[where, how] = unit.hits.get((where, how), 0) | rows
        for unit in [*units, *guesses]:
            for known_terms, rows in self.names:
                how = named(unit, known_terms)
                if how:
                    unit.hits["c", how] = unit.hits.get(("c", how), 0) | rows
            unit.hits = {where: rows for where, rows in unit.hits.items() if rows}


def known(word, vocabulary):
    """Whether a word stands on a line of its own in `vocabulary`; numbers and short words are not looked up."""
    return len(word) < 4 or not word.isalpha() or f"\n{word}\n" in vocabulary


def begins_a_word(word, vocabulary):
    """Whether some line of `vocabulary` may be a form of this word."""
    return f"\n{min(dutch.stems(word), key=len)}" in vocabulary


def halves(word, vocabulary):
    """The two known words that a compound is made of, as a text may have them: 'top techniek' of 'toptechniek'."""
    cuts = [(word[:at], word[at:]) for at in range(3, len(word) - 2)]
    return [f"{one} {other}" for one, other in cuts if known(one, vocabulary) and known(other, vocabulary)]


def readings(member):
    """The ways to read a member of a group of synonyms: 'cross-over' as 'cross over' and as 'crossover'."""
    return product(*dutch.compounds(member))


def plain(text):
    """The words of a text as SearchText.plain has them."""
    return [word for written in dutch.compounds(text) for word in written[0]]


def terms(text):
    """(text, words, stems, parts) of a name, as a document has them."""
    words = set(dutch.words(text))
    stems, parts = ({each for word in words for each in of(word)} for of in (dutch.stems, dutch.parts))
    return f" {' '.join(plain(text))} ", words, stems, parts


def named(unit, known_terms):
    """How a unit matches a name: 'x', 's', 'p' or 'w' as in KINDS, or None."""
    text, words, stems, parts = known_terms
    if unit.phrase:
        return "x" if f" {unit.phrase} " in text else None
    for way in unit.ways:
        if set(way) <= words:
            return "x"
    for way in [*unit.ways, *unit.others]:
        if all(dutch.stems(word) & stems for word in way):
            return "s"
    single = [way[0] for way in unit.ways if len(way) == 1]
    if any(dutch.stems(word) & parts for word in single):
        return "p"
    if any(len(word) >= 4 and each.startswith(word) for word in single for each in words):
        return "w"
    return None


def same(written, member):
    return len(written) == len(member) and all(
        one == other or dutch.stems(one) & dutch.stems(other) for one, other in zip(written, member, strict=True)
    )


def combined(units):
    """{score: rows} of the rows that every unit finds; the score of a row is the sum of those of the units."""
    scores = {0: -1}
    for unit in units:
        found = unit.scores()
        sums: dict[int, int] = {}
        for score, rows in scores.items():
            for more, hits in found:
                both = rows & hits
                if both:
                    sums[score + more] = sums.get(score + more, 0) | both
        scores = sums
    return scores


# ---- what a unit asks of the search texts


def parts(unit, kind, few):
    """(field, kind, Part) for each way in which a text can have this unit, the best first; of a text only the best.

    Beginnings of words are not looked up when `few` texts or more have the unit otherwise.
    """
    if unit.phrase:
        for last, f in enumerate(FIELDS, start=1):  # a word that stands in several fields has the token of the first
            words = [["or", *(f"{each}x_{word}" for each in FIELDS[:last])] for word in unit.phrase.split()]
            yield f, "x", Part(["and", *words], unit.phrase)
        return
    both = [*unit.ways, *unit.others]
    singles, several = [way[0] for way in unit.ways if len(way) == 1], [way for way in both if len(way) > 1]
    stems = sorted({stem for way in both if len(way) == 1 for stem in dutch.stems(way[0])})
    strong: list = []
    for f in FIELDS:
        exact = [f"{f}x_{word}" for word in singles]
        close = [token for stem in stems for token in stem_tokens(f, stem) if token not in exact]
        together = [["and", *(either_form(f, word) for word in way)] for way in several]
        tokens = {"x": exact, "s": [*close, *together], "p": [f"{f}p_{stem}" for stem in stems]}
        for how, some in tokens.items():
            if some:
                yield f, how, Part(["or", *some], but=["or", *strong])
                strong += some
    for way in several:  # each word somewhere, not all in one field
        somewhere = ["and", *(["or", *(either_form(f, word) for f in FIELDS)] for word in way)]
        yield "d", "s", Part(somewhere, but=["or", *strong])
        strong.append(somewhere)
    for f in FIELDS:
        begins = [f"{f}x_{word}*" for word in singles if len(word) >= 4]
        if begins:
            yield f, "w", Part(["or", *begins], unless=(of_kind(["or", *strong], kind), few))


def stem_tokens(where, stem):
    """The tokens of a text's words with this stem: a word that is its own stem has no other token for it."""
    return [f"{where}s_{stem}", *([f"{where}x_{stem}"] if stem in dutch.stems(stem) else [])]


def either_form(where, word):
    """The word itself or a form of it."""
    forms = {token for stem in dutch.stems(word) for token in stem_tokens(where, stem)}
    return ["or", *sorted({f"{where}x_{word}", *forms})]
