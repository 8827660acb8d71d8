"""Which cases are most like a case, and why. All from the index of the list."""

from discovery.bitsets import positions
from programme.facets import NATIONWIDE

MOST = 3
WEIGHTS = {"instrument": 4, "regio": 3, "sector": 2, "landsdeel": 1, "woord": 1}


def related_cases(index, case):
    """[(card, reason in Dutch)] of the cases that share most with `case`, the most alike first."""
    key = case.replaces_id or case.pk  # of a working copy: the one that readers see
    if key not in index.at:
        return []
    me = index.at[key]
    shared = [*shared_choices(index, me), *shared_words(index, case)]
    scores = {0: index.everything & ~(1 << me)}
    for kind, rows, _ in shared:
        sums: dict[int, int] = {}
        for score, within in scores.items():
            more = score + WEIGHTS[kind]
            sums[more] = sums.get(more, 0) | within & rows
            sums[score] = sums.get(score, 0) | within & ~rows
        scores = sums
    best: list[int] = []
    for score in sorted(scores, reverse=True):
        if score and len(best) < MOST:
            best += positions(scores[score], 0, MOST - len(best))
    return [(card, reason(shared, at)) for at, card in index.cards_at(best).items()]


def shared_choices(index, me):
    """(kind, the rows that share it, how a reason says it) of each choice that is this row's own."""
    words = {"instrument": "ook {}", "regio": "in {}", "sector": "over {}"}
    for name, phrase in words.items():
        facet = index.facets[name]
        for choice in facet.choices:
            if facet.own.get(choice.value, 0) >> me & 1:
                label = choice.label.lower() if name == "sector" else choice.label
                yield name, facet.own[choice.value], phrase.format(label)
                if choice.parent:
                    around = facet.sets[choice.parent] & ~facet.own.get(NATIONWIDE, 0)
                    yield "landsdeel", around, f"in {facet.labels[choice.parent]}"


def shared_words(index, case):
    """The same of each word of its title that few others have in title or summary."""
    units = index.matcher.units(case.title)
    index.matcher.find(units, [])
    for unit in units:
        rows = 0
        for (where, how), hits in unit.hits.items():
            if where in "ab" and how in "xs":
                rows |= hits
        if rows.bit_count() * 4 < max(index.size, 12):  # a word of every fourth case says nothing
            yield "woord", rows, f"over ‘{unit.text}’"


def reason(shared, at):
    """Why the case at this position is like it: 'ook cross-over in Oost'."""
    said: dict[str, str] = {}
    for kind, rows, phrase in shared:
        if rows >> at & 1:
            said.setdefault(kind, phrase)
    if "regio" in said:
        said.pop("landsdeel", None)
    first = [said[kind] for kind in ("instrument", "sector", "regio", "landsdeel") if kind in said][:2]
    return " ".join(first if len(first) > 1 or "woord" not in said else [*first, said["woord"]])
