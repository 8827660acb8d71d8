"""Which cases may be the same as one that is being added: for who types, imports or hands one in."""

from difflib import SequenceMatcher
from functools import lru_cache

from discovery.dutch import words

from .models import Case

ALIKE = 0.85  # of the letters of two titles, or of their words


@lru_cache(20_000)
def read(title):
    """(the words of a title, the same sorted, and the numbers among them)."""
    ours = tuple(words(title))
    return ours, sorted(ours), sorted(filter(str.isdecimal, ours))


def alike(title, other):
    """Whether two titles may be meant as one."""
    (ours, our_words, our_numbers), (theirs, their_words, their_numbers) = read(title), read(other)
    if not ours or not theirs:
        return False
    if our_words == their_words:
        return True
    if our_numbers != their_numbers:
        return False  # ‘Klas 1’ and ‘Klas 2’ differ by one letter only, and are not the same
    both = len({*ours} & {*theirs}) / len({*ours} | {*theirs})
    return both >= ALIKE or SequenceMatcher(None, " ".join(ours), " ".join(theirs)).ratio() >= ALIKE


def probable_duplicates(title, *, organisations=None, year=None, leaving=None, most=5):
    """The Cases with a title like this one; where organisations (keys) or a year are given, those must agree too.

    What a case does not say cannot differ. `leaving` is a case that is not compared, such as the one that is edited.
    """
    itself = {leaving.pk, leaving.replaces_id} if leaving else set()
    titles = Case.objects.filter(replaces=None).values_list("pk", "title")
    found = [pk for pk, other in titles if pk not in itself and alike(title, other)]
    rows = Case.objects.filter(pk__in=found).prefetch_related("lead_organisations", "partner_organisations")
    return [case for case in rows if agrees(case, organisations, year)][:most]


def agrees(case, organisations, year):
    theirs = {each.pk for each in (*case.lead_organisations.all(), *case.partner_organisations.all())}
    if organisations and theirs and not theirs & {*organisations}:
        return False
    return not (year and case.first_year) or year == case.first_year
