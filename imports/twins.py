"""Which row is probably the same as one of a file: for 5,000 of them, without reading all rows for each."""

from collections import defaultdict

from discovery.dutch import words


class Twins:
    """Titles that are in the database or stand earlier in the file, by the rule of a Kind (records.py).

    Two rows are probably one when their titles are alike, one of their organisations is the same, and no fact that
    both tell, such as the first year, differs.
    """

    def __init__(self, alike, titles_differ):
        self.alike, self.titles_differ = alike, titles_differ
        self.titles = defaultdict(list)  # {organisation or None: [(title, its words, facts, who)]}
        self.same = defaultdict(list)  # {words of a title: the same}

    def add(self, who, title, organisations, facts):
        words_of_it = frozenset(words(title))
        for each in organisations or [None]:
            self.titles[each].append((title, words_of_it, facts, who))
        if self.titles_differ:
            self.same[words_of_it].append((title, words_of_it, facts, who))

    def find(self, before, title, organisations, facts):
        """`who` of a row that is probably this one, or None. One of the file itself has a "row", less than `before`."""
        words_of_it = frozenset(words(title))
        for rows in [*(self.titles.get(each, ()) for each in [*organisations, None]), self.same.get(words_of_it, ())]:
            for other, its_words, told, who in rows:
                if who.get("row", 0) >= before:
                    continue
                if any(ours and theirs and ours != theirs for ours, theirs in zip(facts, told, strict=True)):
                    continue
                # A look that costs little goes first: of two titles that are alike, half of the words are the same.
                shortest = min(len(words_of_it), len(its_words))
                if (shortest < 2 or 2 * len(words_of_it & its_words) >= shortest) and self.alike(title, other):
                    return who
        return None
