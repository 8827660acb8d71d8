"""Which row is probably the same as one of a file: for 5,000 of them, without reading all rows for each."""

from collections import defaultdict

from discovery.dutch import words


class Twins:
    """Titles that are in the database or stand earlier in the file, by the rule of a Kind (records.py).

    Two rows are probably one when their titles are alike, one of their organisations is the same, and no fact that
    both tell, such as the first year, differs.
    """

    def __init__(self, alike):
        self.alike = alike
        self.titles = defaultdict(list)  # {organisation or None: [(title, its words, facts, who)]}

    def add(self, who, title, organisations, facts):
        words_of_it = frozenset(words(title))
        for each in organisations or [None]:
            self.titles[each].append((title, words_of_it, facts, who))

    def find(self, before, title, organisations, facts):
        """`who` of a row that is probably this one, or None. One of the file itself has a "row", less than `before`."""
        words_of_it = frozenset(words(title))
        for each in [*organisations, None]:
            for other, its_words, told, who in self.titles.get(each, ()):
                if who.get("row", 0) >= before:
                    continue
                if any(ours and theirs and ours != theirs for ours, theirs in zip(facts, told, strict=True)):
                    continue
                # A look that costs little goes first: of two titles that are alike, half of the words are the same.
                shortest = min(len(words_of_it), len(its_words))
                if (shortest < 2 or 2 * len(words_of_it & its_words) >= shortest) and self.alike(title, other):
                    return who
        return None
