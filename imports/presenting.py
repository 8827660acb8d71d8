"""What the pages of an import say: counts, choices, reasons and differences in words."""

from itertools import chain

from django.db.models import Count

from programme.models import Organisation
from publishing.differences import EMPTY, Names, differences, summary

from .columns import not_known
from .judging import columns_of
from .models import Row
from .sheets.table import shown

MOST_REASONS = 10  # shown of one row
MOST_LETTERS = 400_000  # of differences on one page; past that, a row has a page of its own
MOST_NAMES = 20  # in one message
MOST_LOOKED_AT = 200  # refused rows


def heading_key(heading):
    return heading.casefold()[:200]


def clean_name(name):
    """What a file was called, without the folders and the odd signs that may be in its name."""
    return shown(name.replace("\\", "/").rpartition("/")[2]) or "bestand"


def in_thousands(count):
    return f"{count:,}".replace(",", ".")


def rows_in_words(count):
    return "1 rij" if count == 1 else f"{in_thousands(count)} rijen"


def in_words(names, total):
    more = total - len(names)
    return "; ".join(names) + (f" en nog {more}" if more > 0 else "")


def quoted(names):
    return ", ".join(f"‘{shown(name)}’" for name in names)


def names_of(rows):
    """The names of the first of these rows, and how many more there are."""
    return in_words([str(row) for row in rows.only("number", "title", "batch")[:MOST_NAMES]], rows.count())


def count_verdicts(batch):
    return batch.rows.order_by().values_list("verdict").annotate(count=Count("pk"))


def reason(problem):
    heading, value, why = problem
    return " ".join(filter(None, [f"{heading}:" if heading else "", f"‘{value}’" if value else "", why]))


def unknown_organisations(batch):
    """Names in refused rows that no organisation has, to add: the first of them, of the first rows."""
    columns = {column.heading: column for column in columns_of(batch)}
    mapped = {heading: columns[column].model_field for heading, column in batch.mapping.items() if column in columns}
    headings = {heading for heading, field in mapped.items() if field and field.related_model is Organisation}
    if not headings:
        return []
    problems = chain.from_iterable(batch.rows.refused().values_list("problems", flat=True)[:MOST_LOOKED_AT])
    said = not_known(Organisation)
    found = (value for heading, value, why in problems if heading in headings and why.startswith(said))
    names = list(dict.fromkeys(found))[:MOST_NAMES]
    added = {*Organisation.objects.filter(name__in=names).values_list("name", flat=True)}
    return [name for name in names if name not in added]


def choices_of(row):
    """[(value, label)] that the editor has for a row."""
    skip, new = (Row.Choice.SKIP, "overslaan"), (Row.Choice.IMPORT, "toch als nieuw")
    if row.twin:
        update = [(Row.Choice.UPDATE, "die bijwerken")] if "pk" in row.twin else []
        return [skip, *update, new]
    if row.verdict in {Row.Verdict.NEW, Row.Verdict.CHANGED}:
        return [(Row.Choice.IMPORT, "importeren"), skip]
    return []


def present(row):
    row.choices = choices_of(row)
    row.reasons, row.more = row.problems[:MOST_REASONS], max(0, len(row.problems) - MOST_REASONS)
    return row


def with_differences(model, rows, limit):
    """The rows of a page, with what they change, or for a new one with all that it says."""
    rows, letters = list(rows), 0
    snaps = {row: (row.before, numbered(row.after)) for row in rows if row.after}
    names = Names(model, *(snap for both in snaps.values() for snap in both))
    for row, (before, after) in snaps.items():
        found = differences(model, before, after, names=names)
        changed = row.verdict == Row.Verdict.CHANGED
        row.summary, size = summary(found) if changed else "", sum(len(each.before) + len(each.after) for each in found)
        letters += size
        if limit and letters > MOST_LETTERS:
            letters -= size
            found = []
        row.differences = found if changed else []
        row.read = [] if changed else [each for each in found if each.after not in (EMPTY, "nee")]
    return rows


def numbered(snap):
    """A snapshot of which the new parts can be told apart."""
    return [each if each["pk"] is not None else each | {"pk": f"nieuw {n}"} for n, each in enumerate(snap)]
