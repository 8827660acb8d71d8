"""Which addresses are asked for, from what generate.py says of the data."""

import itertools
import random
from urllib.parse import urlencode

LIST = "/cases/"
PER_PAGE = 20
PAGES = ["list", "two filters", "three filters", "deep page", "word", "word, two filters"]
EACH = 10  # addresses of each kind
MIXED = 200
ORDER = ["q", "regio", "sector", "jaar", "instrument", "niveau", "pagina"]


def address(**chosen):
    pairs = [(name, chosen[name]) for name in ORDER if name in chosen]
    return f"{LIST}?{urlencode(pairs)}" if pairs else LIST


def words(made):
    """(words to search again and again, {kind: addresses of words to search once}), none of them near another."""
    seen, found = set(), []
    for word, share in made["words"]:
        if len(word) > 4 and word[:5] not in seen:
            seen.add(word[:5])
            found.append((word, share))
    common = [word for word, share in found if 0.02 <= share <= 0.5]
    rare = [word for word, share in found if share < 0.02]
    again = common[::3][:30]
    first = [word for word in common if word not in again]
    once = {"common words": first[:60], "rare words": rare[:: max(1, len(rare) // 60)][:60]}
    return again, {kind: [address(q=word) for word in each] for kind, each in once.items()}


def addresses(made):
    """{kind: [address]}"""
    values = made["values"]
    regions, sectors, years = (values[name][:5] for name in ("regio", "sector", "jaar"))
    pairs = [{"regio": r, "sector": s} for r, s in itertools.product(regions, sectors[:2])][:EACH]
    last = -(-made["published"] // PER_PAGE)
    again, _ = words(made)
    return {
        "list": [address(), *(address(pagina=number) for number in range(2, min(EACH, last) + 1))],
        "two filters": [address(**pair) for pair in pairs],
        "three filters": [address(**pair, jaar=years[n % len(years)]) for n, pair in enumerate(pairs)],
        "deep page": [address(pagina=max(1, last // 2 - n)) for n in range(EACH)],
        "word": [address(q=word) for word in again[:EACH]],
        "word, two filters": [address(q=word, **pair) for word, pair in zip(again, pairs, strict=False)],
        "mixed": mixed(made, again),
    }


def unseen(made):
    """Pages of the whole list that addresses() does not have, spread over it."""
    seen = {where for kind in addresses(made).values() for where in kind}
    last = -(-made["published"] // PER_PAGE)
    found = [address(pagina=number) for number in range(2, last) if address(pagina=number) not in seen]
    return found[:: max(1, len(found) // 60)][:60]


def mixed(made, again):
    """What visitors might ask: up to three filters, a word in a third of the cases, and some page further on."""
    rng = random.Random(1)  # noqa: S311
    found: dict[str, None] = {}
    while len(found) < MIXED:
        names = rng.sample([*made["values"]], rng.choice([0, 1, 1, 2, 2, 3]))
        chosen = {name: rng.choice(made["values"][name][:6]) for name in names}
        if rng.random() < 0.35:
            chosen["q"] = rng.choice(again)
        elif len(chosen) < 2 and rng.random() < 0.5:
            chosen["pagina"] = "2" if chosen else str(rng.randint(2, 5))
        found[address(**chosen)] = None
    return list(found)
