"""Reads a file with records, such as those of content/, into what is judged row by row."""

import json
from typing import Any

import yaml

from . import records
from .sheets.table import (
    BAD,
    INVISIBLE,
    MOST_BYTES,
    MOST_ROWS,
    TOO_HEAVY,
    TOO_MANY_ROWS,
    TOO_MUCH_TEXT,
    Line,
    Sheet,
    Unreadable,
    shown,
)

MEANT = "Hierin lijken {} te staan. Kies dat hierboven, en kies het bestand opnieuw."
ENDINGS = (".yaml", ".yml")
MOST_EVENTS = 600_000  # values, and begins and ends of records and lists
MOST_NUMBER = 10**15  # no field holds more, and a database cannot


def read_records(file, kind, others=()):
    """A Sheet of records of a kind, of which the cells are a record. Raises Unreadable, also when one of the `others`
    knows all the fields and `kind` does not."""
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Unreadable(TOO_HEAVY)
    try:
        text = content.decode("utf-8-sig")
        for count, event in enumerate(yaml.parse(text, yaml.CSafeLoader)):
            if isinstance(event, yaml.AliasEvent):
                raise Unreadable("In dit bestand staan verwijzingen (&, *). Schrijf elke waarde voluit.")
            if getattr(event, "tag", None):
                raise Unreadable("In dit bestand staat een soort voor een waarde (!). Schrijf alleen de waarde.")
            if count > MOST_EVENTS:
                raise Unreadable(TOO_MUCH_TEXT)
        found = yaml.load(text, records.Loader)  # noqa: S506  (a safe loader)
    except UnicodeDecodeError:
        raise Unreadable("Dit bestand is geen UTF-8.") from None
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:  # a ValueError for a day that is none
        mark = getattr(error, "problem_mark", None)
        where = f"Kijk bij regel {mark.line + 1}." if mark else "Er staat een dag of getal in dat niet kan."
        raise Unreadable(f"Dit is geen geldige YAML. {where}") from None
    if not isinstance(found, list) or not found:
        raise Unreadable(f"In dit bestand hoort een lijst van records te staan, zoals in {kind.file}.yaml.")
    if len(found) > MOST_ROWS:
        raise Unreadable(TOO_MANY_ROWS)
    names = {name for record in found if isinstance(record, dict) for name in record}
    if names - records.names_in(kind):
        for other in others:
            if names <= records.names_in(other):
                raise Unreadable(MEANT.format(other.plural))
    return Sheet("", [], [line(kind, number, record) for number, record in enumerate(found, start=1)], [])


def line(kind, number, record):
    """One record as a Line, with what no form could judge."""
    whole: dict = record if isinstance(record, dict) else {}
    cells: Any = {}
    if any(isinstance(value, int) and abs(value) > MOST_NUMBER for value in values_in(record)):
        return Line(number, cells, [("", "", "Hier staat een getal dat te groot is.")])
    children = {name: records.child_rows(kind, name, whole) for name in kind.children if name in whole}
    own = {name: value for name, value in whole.items() if name not in kind.children}
    found_wrong = records.record_errors(kind, own if whole else record, children)
    problems = [("", "", BAD.sub("\N{REPLACEMENT CHARACTER}", error[:300])) for error in found_wrong]
    texts = [str(value) for value in values_in([own, children])]
    if any(BAD.search(text) or INVISIBLE.fullmatch(text) for text in texts):
        problems.append(("", "", "Hier staat een onzichtbaar of onleesbaar teken. Typ de tekst opnieuw."))
    if any(text in {"nan", "inf", "-inf"} for text in texts):
        problems.append(("", "", "Hier staat iets dat geen getal is (.nan of .inf)."))
    cells = {kind.title: shown(str(whole.get(kind.title, "")))}
    return Line(number, cells if problems else json.loads(json.dumps(own | children, default=str)), problems)


def values_in(value):
    """All that stands in a record, names of fields too."""
    if isinstance(value, dict | list):
        for each in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from values_in(each)
    else:
        yield value
