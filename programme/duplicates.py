"""Which organisations may be the same as one that is being added."""

import re
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice

from discovery.dutch import compounds

from .models import Organisation

ALIKE = 0.85  # of the letters of two names
SMALL = {"de", "den", "der", "en", "het", "in", "te", "van", "voor"}  # words that are left out as easily as not


@lru_cache(20_000)
def letters(name):
    return "".join(part for each in compounds(name) for part in each[0] if part not in SMALL)


def alike_names(name, other):
    """Whether two names may be of one organisation."""
    ours, theirs = letters(name), letters(other)
    if len(ours) < 3:
        return False
    matcher = SequenceMatcher(None, theirs, ours)
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def former_names(text):
    """The names in the field ‘andere of vroegere namen’."""
    return [name for name in map(str.strip, re.split("[,;]", text)) if name]


def like_organisations(name, *, leaving=None, most=5):
    """The organisations that are, or were, called almost the same. `leaving` is one that is not compared: its key."""
    rows = Organisation.objects.exclude(pk=leaving)
    found = (
        row for row in rows if any(alike_names(name, each) for each in [row.name, *former_names(row.former_names)])
    )
    return list(islice(found, most))
