"""Which organisations may be the same as one that is being added."""

from difflib import SequenceMatcher

from discovery.dutch import compounds

from .models import Organisation

ALIKE = 0.85  # of the letters of two names
SMALL = {"de", "den", "der", "en", "het", "in", "te", "van", "voor"}  # words that are left out as easily as not


def letters(name):
    return "".join(part for each in compounds(name) for part in each[0] if part not in SMALL)


def like_organisations(name, *, leaving=None, most=5):
    """The organisations that are, or were, called almost the same. `leaving` is one that is not compared: its key."""
    ours = letters(name)
    if len(ours) < 3:
        return []
    matcher = SequenceMatcher(b=ours)

    def alike(other):
        matcher.set_seq1(letters(other))
        return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE

    rows = Organisation.objects.exclude(pk=leaving)
    return [row for row in rows if any(map(alike, [row.name, *row.former_names.split(",")]))][:most]
