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
    Line,
    Sheet,
    Unreadable,
    shown,
)

ENDINGS = (".yaml", ".yml")


def read_records(file, kind):
    """A Sheet of records of a kind, of which the cells are a record. Raises Unreadable."""
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Unreadable(TOO_HEAVY)
    try:
        text = content.decode("utf-8-sig")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.CSafeLoader)):
            raise Unreadable("In dit bestand staan verwijzingen (&, *). Schrijf elke waarde voluit.")
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
    return Sheet("", [], [line(kind, number, record) for number, record in enumerate(found, start=1)], [])


def line(kind, number, record):
    """One record as a Line, with what no form could judge."""
    whole = record if isinstance(record, dict) else {}
    children = {name: records.child_rows(kind, name, whole) for name in kind.children if name in whole}
    own = {name: value for name, value in whole.items() if name not in kind.children}
    found_wrong = records.record_errors(kind, own if whole else record, children)
    problems = [("", "", BAD.sub("\N{REPLACEMENT CHARACTER}", error[:300])) for error in found_wrong]
    texts = [*texts_in(own), *texts_in(children)]
    if any(BAD.search(text) or INVISIBLE.fullmatch(text) for text in texts):
        problems.append(("", "", "Hier staat een onzichtbaar of onleesbaar teken. Typ de tekst opnieuw."))
    if any(text in {"nan", "inf", "-inf"} for text in texts):
        problems.append(("", "", "Hier staat iets dat geen getal is (.nan of .inf)."))
    cells: Any = {kind.title: shown(str(whole.get(kind.title, "")))}
    return Line(number, cells if problems else json.loads(json.dumps(own | children, default=str)), problems)


def texts_in(value):
    """All that stands in a record, as text."""
    if isinstance(value, dict | list):
        for each in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from texts_in(each)
    else:
        yield str(value)
