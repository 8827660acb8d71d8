"""Suggestions while a visitor types: which rows have a title with words that begin as the typed ones do."""

from array import array
from bisect import bisect_left
from collections import defaultdict
from functools import cache
from itertools import islice

from . import dutch
from .bitsets import from_positions, positions
from .search import MOST_UNITS, STOP_WORDS


class Beginnings:
    """Finds positions by the beginnings of the words of their titles: (title, position), each from 0 to `size`."""

    def __init__(self, titles, size):
        self.size = size
        self.first: dict[str, array] = defaultdict(lambda: array("i"))  # where a title begins with this word
        self.any: dict[str, array] = defaultdict(lambda: array("i"))
        words_of = cache(dutch.words)  # of what stands between two spaces: titles share most of it
        for title, position in titles:
            words = dict.fromkeys(word for written in title.split() for word in words_of(written))
            for word in words:
                self.any[word].append(position)
            for word in islice(words, 1):
                self.first[word].append(position)
        self.words = sorted(self.any)

    def rows(self, held, beginning):
        """The positions of all words that begin so, as a bitset."""
        # No word has a character after z.
        start, stop = bisect_left(self.words, beginning), bisect_left(self.words, f"{beginning}~")
        return from_positions(
            (position for word in self.words[start:stop] if word in held for position in held[word]), self.size
        )

    def find(self, text, most):
        """[(position, whether its title begins with the first word)], those that do first; else in order."""
        written = dutch.compounds(text)[:MOST_UNITS]
        telling = [ways for ways in written[:-1] if ways[0][0] not in STOP_WORDS] + written[-1:]
        if not any(len(piece) > 1 for ways in telling for pieces in ways for piece in pieces):
            return []
        found = (1 << self.size) - 1
        for ways in telling:
            found &= self.written_as(ways)
        first = found & self.rows(self.first, telling[0][0][0])
        at = [(position, True) for position in positions(first, 0, most)]
        return (at + [(position, False) for position in positions(found & ~first, 0, most)])[:most]

    def written_as(self, ways):
        found = 0
        for pieces in ways:
            rows = (1 << self.size) - 1
            for piece in pieces:
                rows &= self.rows(self.any, piece)
            found |= rows
        return found


def suggested(index, text, most):
    """[(row, whether its title begins with the first word)] of an index. One query, and another once in a version."""
    if "beginnings" not in index.extra:
        titles = index.source.public().order_by().values_list("pk", *index.source.document.fields["a"])
        index.extra["beginnings"] = Beginnings(
            ((str(title), index.at[pk]) for pk, *names in titles if pk in index.at for title in names if title),
            index.size,
        )
    found = index.extra["beginnings"].find(text, most)
    rows = index.source.public().in_bulk([index.keys[position] for position, _ in found])
    return [(rows[index.keys[at]], begins) for at, begins in found if index.keys[at] in rows]
