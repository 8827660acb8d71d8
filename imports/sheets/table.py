"""A table as it comes out of a file: headings and rows of text, and what is wrong with its characters."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

MOST_BYTES = 5_000_000
MOST_ROWS = 5_000
MOST_EMPTY_ROWS = 100_000
MOST_COLUMNS = 100
MOST_IN_CELL = 32_767  # what Excel can hold in one
MOST_IN_TABLE = 10_000_000  # characters: a few shared strings may fill a great many cells

NOTES = "Toegestane waarden"  # the sheet of our own workbooks that is there to be read by people

SAVE_AS = "Bewaar de tabel in Excel als .xlsx of .csv, en kies dat bestand."
TOO_HEAVY = "Dit bestand is groter dan 5 MB. Verdeel de rijen over meer bestanden."
TOO_MANY_ROWS = "Dit bestand heeft meer dan 5.000 rijen. Verdeel ze over meer bestanden."
TOO_MANY_EMPTY = "Dit bestand heeft meer dan 100.000 lege rijen. Kopieer de tabel naar een nieuw bestand."
TOO_MANY_COLUMNS = f"Dit bestand heeft meer dan {MOST_COLUMNS} kolommen. Haal de kolommen weg die niet nodig zijn."
TOO_MUCH_TEXT = "In dit bestand staat te veel tekst om in één keer te lezen. Verdeel de rijen over meer bestanden."
EMPTY = "Dit bestand is leeg: er staat geen tabel in."
ONLY_HEADINGS = "Dit bestand heeft alleen een kop. Zet eronder wat u wilt importeren."
TOO_LONG = "Hier staan meer dan 32.767 tekens. Maak de tekst korter."
CONTROL = "Hier staat een onzichtbaar of onleesbaar teken (getoond als �). Typ de tekst opnieuw."
LEFT_OUT = "Deze tekst is te lang voor een cel, en is daarom weggelaten."  # written, and never taken for the text

LINE_END = re.compile(r"\r\n?")
# Controls but tab and line ends, signs that turn the direction of reading, halves of letters, what stands for damage.
BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffd-\uffff]")
# White space and the invisible, which strip() takes off the ends.
EDGES = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
# A text of nothing but these shows as nothing.
INVISIBLE = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]+"
)
# What a spreadsheet may run. With ' before it, it is text; what had one already gets one more, so that all come back.
DANGEROUS = re.compile(r"""['"\s]*[=+\-@＝＋－＠]|'*[\t\n]""")


class Unreadable(Exception):
    """A file that cannot be read as a table; str() says why and what to do, in Dutch."""


@dataclass(frozen=True)
class Line:
    number: int  # of the row, as Excel shows it
    cells: list[str]  # one for each heading; empty where there is a problem, so that nothing odd gets any further
    problems: list[tuple[str, str, str]]  # heading ('' for the whole row), the value as it can be shown, the reason


@dataclass(frozen=True)
class Sheet:
    name: str  # '' for a CSV
    headings: list[str]
    rows: list[Line]
    remarks: list[str]


# A row as the readers of CSV and XLSX find it: its number, how many fields it has, and by column, from 0, the text with
# the reason why that is no good ('': none known yet).
Cell = tuple[str, str]
Raw = tuple[int, int, dict[int, Cell]]


def as_sheet(name: str, lines: Iterable[Raw], remarks: list[str]) -> Sheet:
    """The first row that holds something has the headings; rows that hold nothing are left out."""
    headings: list[str] = []
    rows: list[Line] = []
    nameless: set[int] = set()
    empty = characters = 0
    for number, fields, cells in lines:
        cells = {column: cell for column, cell in cells.items() if cell[1] or cell[0].strip(EDGES)}
        characters += sum(len(text) for text, _ in cells.values())
        if characters > MOST_IN_TABLE:
            raise Unreadable(TOO_MUCH_TEXT)
        if not cells:
            empty += 1
            if empty > MOST_EMPTY_ROWS:
                raise Unreadable(TOO_MANY_EMPTY)
        elif not headings:
            headings = headings_of(number, cells)
        elif len(rows) == MOST_ROWS:
            raise Unreadable(TOO_MANY_ROWS)
        else:
            rows.append(as_line(number, fields, cells, headings))
            nameless |= {column for column in cells if column < len(headings) and not headings[column]}
    if not headings:
        raise Unreadable(EMPTY)
    if not rows:
        raise Unreadable(ONLY_HEADINGS)
    for column in sorted(nameless):
        remarks.append(f"De {column + 1}e kolom heeft geen kop; wat daarin staat, is niet gelezen.")
    return Sheet(name, headings, rows, remarks)


def headings_of(number: int, cells: dict[int, Cell]) -> list[str]:
    if len(cells) == 1:
        raise Unreadable(
            f"In rij {number} staat maar één ingevulde cel. Zet in de eerste rij van de tabel de namen van de kolommen."
        )
    if max(cells) >= MOST_COLUMNS:
        raise Unreadable(TOO_MANY_COLUMNS)
    headings = [""] * (max(cells) + 1)
    seen = set()
    for column, cell in cells.items():
        text, reason = cleaned(*cell)
        headings[column] = heading = " ".join(text.split())
        if reason:
            raise Unreadable(f"De kop in rij {number} is niet te lezen: ‘{shown(cell[0])}’. {reason}")
        if heading.casefold() in seen:
            raise Unreadable(f"De kolom ‘{shown(heading)}’ staat twee keer in de kop. Haal er één weg.")
        seen.add(heading.casefold())
    return headings


def as_line(number: int, fields: int, cells: dict[int, Cell], headings: list[str]) -> Line:
    values = [""] * len(headings)
    problems = []
    beyond = [column for column in cells if column >= len(headings)]
    if beyond or fields < len(headings):
        count = max(beyond) + 1 if beyond else fields
        value = shown(cells[beyond[0]][0]) if beyond else ""
        unit = "veld" if count == 1 else "velden"
        problems.append(("", value, f"Deze rij heeft {count} {unit}; de kop heeft er {len(headings)}."))
    for column, cell in cells.items():
        if column < len(headings) and headings[column]:
            text, reason = cleaned(*cell)
            if reason:
                problems.append((headings[column], shown(cell[0]), reason))
            else:
                values[column] = text
    return Line(number, values, problems)


def cleaned(text: str, reason: str) -> Cell:
    text = LINE_END.sub("\n", text)
    if not reason and len(text) > MOST_IN_CELL:
        reason = TOO_LONG
    elif not reason and BAD.search(text):
        reason = CONTROL
    text = text.strip(EDGES)
    if not reason and INVISIBLE.fullmatch(text):
        reason = CONTROL
    if text == LEFT_OUT:
        reason = LEFT_OUT
    return (text[1:] if text[:1] == "'" and DANGEROUS.match(text, 1) else text), reason


def shown(text: str) -> str:
    """A value from a file, short enough and harmless to show in a message."""
    text = " ".join(BAD.sub("�", text[:1000]).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def moment_text(moment: datetime) -> str:
    """yyyy-mm-dd, with hours and minutes only where there are any."""
    return moment.isoformat(" ", "minutes").removesuffix(" 00:00")
