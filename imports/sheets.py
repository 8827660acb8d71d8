"""Tables in files, CSV and XLSX: read what anyone may send, and write what Excel opens without harm. Knows no model.

Nothing is judged here but the file and its characters: whether a year is a year, a form says.
Limits hold before memory is taken: no file costs more than a few hundred MB or a few seconds, whatever it claims to be.
"""

import codecs
import csv
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import chain, count, zip_longest
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

MOST_BYTES = 5_000_000
MOST_ROWS = 5_000
MOST_EMPTY_ROWS = 100_000
MOST_COLUMNS = 100
MOST_IN_CELL = 32_767  # what Excel can hold in one
MOST_IN_TABLE = 10_000_000  # characters: a few shared strings may fill a great many cells
MOST_UNPACKED = 40_000_000
MOST_ENTRIES = 200
MOST_ROWS_OF_EXCEL, MOST_COLUMNS_OF_EXCEL = 1_048_576, 16_384
MOST_STYLES = 65_490  # as Excel has it
MOST_EVENTS = 4_000_000  # the begin and end of each XML element in a package; a cell takes up to three elements
# Of one XML part. Excel needs some thirty names and a depth of ten.
MOST_NAMES = 1_000
DEEPEST = 50
CHUNK = 64 * 1024
MOST_QUIET_CHUNKS = 4  # without anything the parser can tell: one endless tag, which it would read over and over

csv.field_size_limit(MOST_BYTES)  # of the process; `read` has its own, which a row can be told

NOTES = "Toegestane waarden"  # the sheet of our own workbooks that is there to be read by people

SAVE_AS = "Bewaar de tabel in Excel als .xlsx of .csv, en kies dat bestand."
NAMES = f"Kies een bestand waarvan de naam eindigt op .xlsx of .csv. {SAVE_AS}"
TOO_HEAVY = "Dit bestand is groter dan 5 MB. Verdeel de rijen over meer bestanden."
TOO_MANY_ROWS = "Dit bestand heeft meer dan 5.000 rijen. Verdeel ze over meer bestanden."
TOO_MANY_EMPTY = "Dit bestand heeft meer dan 100.000 lege rijen. Kopieer de tabel naar een nieuw bestand."
TOO_MANY_COLUMNS = f"Dit bestand heeft meer dan {MOST_COLUMNS} kolommen. Haal de kolommen weg die niet nodig zijn."
TOO_MUCH_TEXT = "In dit bestand staat te veel tekst om in één keer te lezen. Verdeel de rijen over meer bestanden."
TOO_MUCH_INSIDE = f"Dit bestand is uitgepakt te groot. Kopieer de tabel naar een nieuw bestand. {SAVE_AS}"
EMPTY = "Dit bestand is leeg: er staat geen tabel in."
ONLY_HEADINGS = "Dit bestand heeft alleen een kop. Zet eronder wat u wilt importeren."
ENCODING = "De letters in dit bestand zijn niet te lezen. Bewaar het in Excel als ‘CSV UTF-8’ of als .xlsx."
NO_DELIMITER = (
    "In de eerste regel van dit bestand staat geen puntkomma, komma of tab tussen de kolommen. "
    "Bewaar de tabel in Excel als ‘CSV UTF-8’ of als .xlsx."
)
NOT_XLSX = (
    f"Dit is geen Excel-bestand, al eindigt de naam op .xlsx. Is het een CSV? Geef het dan een naam op .csv. {SAVE_AS}"
)
IS_XLSX = "Dit is een Excel-bestand, al eindigt de naam op .csv. Geef het een naam op .xlsx."
LOCKED = f"Dit bestand is versleuteld. Haal het wachtwoord eraf. {SAVE_AS}"
UNSAFE = f"In dit bestand staan verwijzingen (DTD) die in een Excel-bestand niet horen. {SAVE_AS}"
BROKEN = f"Dit Excel-bestand is beschadigd of onvolledig. {SAVE_AS}"
ODD = f"Dit Excel-bestand is anders gebouwd dan Excel dat doet. {SAVE_AS}"

FORMULA = "Hier staat een formule. Plak de waarde in de cel."
ERROR = "Hier staat een foutmelding van Excel. Zet de waarde in de cel."
NO_NUMBER = "Dit getal is niet te lezen, of heeft meer dan 15 cijfers. Typ het als tekst."
NO_DATE = "Deze datum of tijd is niet te lezen. Typ een datum als 2024-05-31."
TOO_LONG = "Hier staan meer dan 32.767 tekens. Maak de tekst korter."
CONTROL = "Hier staat een onzichtbaar of onleesbaar teken (getoond als �). Typ de tekst opnieuw."
LEFT_OUT = "Deze tekst is te lang voor een cel, en is daarom weggelaten."  # written, and never taken for the text

KINDS = (
    (b"\xd0\xcf\x11\xe0", "een oud Excel-bestand (.xls) of een bestand met een wachtwoord"),
    (b"%PDF", "een pdf"),
    (b"\x89PNG", "een afbeelding"),
    (b"\xff\xd8\xff", "een afbeelding"),
    (b"GIF8", "een afbeelding"),
    (b"\x1f\x8b", "een ingepakt bestand (gzip)"),
    (b"7z\xbc\xaf", "een ingepakt bestand (7z)"),
    (b"Rar!", "een ingepakt bestand (rar)"),
    (b"\x7fELF", "een programma"),
    (b"MZ\x90", "een programma"),
    (b"{\\rtf", "een tekst (rtf)"),
    (b"{", "een bestand met JSON"),
    (b"[", "een bestand met JSON"),
    (b"<", "een webpagina of een bestand met XML"),
)
ZIP = (b"PK\x03\x04", b"PK\x05\x06")

LINE_END = re.compile(r"\r\n?")
# Controls but tab and line ends, signs that turn the direction of reading, halves of letters, what stands for damage.
BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffd-\uffff]")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# White space and the invisible, which strip() takes off the ends.
EDGES = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
# Two bytes or more that are one letter in UTF-8: with these, a file is no Windows-1252, but damaged UTF-8.
UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# What a spreadsheet may run. With ' before it, it is text; what had one already gets one more, so that all come back.
DANGEROUS = re.compile(r"""['"\s]*[=+\-@＝＋－＠]|'*[\t\n]""")

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([Ee][+-]?\d+)?", re.ASCII)
REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how XLSX writes what XML cannot hold
DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # that have a number of their own
NOT_OF_A_DATE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')  # in the code of a format: literals, colours, widths


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


def read(name: str, file) -> Sheet:
    """The table in an uploaded file; raises Unreadable. Line ends in cells become \\n."""
    ending = next((each for each in (".csv", ".xlsx") if name.lower().endswith(each)), None)
    if not ending:
        raise Unreadable(NAMES)
    file.seek(0)
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Unreadable(TOO_HEAVY)
    start = content[:1000].removeprefix(codecs.BOM_UTF8).lstrip()
    if not start and len(content) < 1000:
        raise Unreadable(EMPTY)
    for signature, kind in KINDS:
        if start.startswith(signature):
            raise Unreadable(f"Dit is {kind}. {SAVE_AS}")
    if start.startswith(ZIP) != (ending == ".xlsx"):
        raise Unreadable(NOT_XLSX if ending == ".xlsx" else IS_XLSX)
    return read_csv(content) if ending == ".csv" else read_xlsx(content)


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
    if text == LEFT_OUT:
        reason = LEFT_OUT
    return (text[1:] if text[:1] == "'" and DANGEROUS.match(text, 1) else text), reason


def shown(text: str) -> str:
    """A value from a file, short enough and harmless to show in a message."""
    text = " ".join(BAD.sub("�", text[:1000]).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


# ---- CSV


def read_csv(content: bytes) -> Sheet:
    file = StringIO(decoded(content), newline="")
    before = 0  # lines that the table does not begin with
    first = file.readline()
    if first.lower().startswith("sep="):  # a hint that Excel knows
        delimiter, before = first[4:].strip("\r\n"), 1
    else:
        file.seek(0)
        while first and not first.strip(EDGES):
            first = file.readline()
        file.seek(0)
        if not first:
            raise Unreadable(EMPTY)
        unquoted = re.sub('"[^"]*"', "", first)
        delimiter = max(";,\t", key=unquoted.count)
        if delimiter not in unquoted:
            delimiter = ""
    if "\0" in first:  # UTF-16 that does not say so, or UTF-32
        raise Unreadable(ENCODING)
    if delimiter not in {";", ",", "\t"}:
        raise Unreadable(NO_DELIMITER)
    return as_sheet("", csv_lines(file, delimiter, before), [])


def csv_lines(file: StringIO, delimiter: str, before: int) -> Iterator[Raw]:
    """The rows, numbered as Excel does: a text of more lines is one row, and a hint in the first line is none."""
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    line = 1
    try:
        for number in count(1):
            line = before + reader.line_num + 1
            row = next(reader)
            if any(row[MOST_COLUMNS:]):
                raise Unreadable(TOO_MANY_COLUMNS)
            yield number, len(row), {column: (text, "") for column, text in enumerate(row) if text}
    except StopIteration:
        return
    except csv.Error:
        raise Unreadable(
            f'In de rij die op regel {line} begint, is een aanhalingsteken (") niet goed gesloten. '
            "Bewaar de tabel in Excel opnieuw als ‘CSV UTF-8’ of als .xlsx."
        ) from None


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 that says so, or Windows-1252 where it cannot be anything else."""
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        if utf16 or content.startswith(codecs.BOM_UTF8) or UTF8_LETTER.search(content):
            raise Unreadable(ENCODING) from None
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        raise Unreadable(ENCODING) from None
    if BAD.search(text):
        raise Unreadable(ENCODING)
    return text


# ---- XLSX: a reader of our own, because it must know of rows, formulas, hidden things and limits as it goes


def read_xlsx(content: bytes) -> Sheet:
    try:
        with Package(BytesIO(content)) as archive:
            inspect(archive)
            return read_workbook(archive)
    except Unreadable:
        raise
    except DefusedXmlException:
        raise Unreadable(UNSAFE) from None
    except Exception:  # whatever zlib, expat or we stumble over, it is the file that is wrong
        raise Unreadable(BROKEN) from None


class Package(ZipFile):
    events = 0  # of XML, so far


def inspect(archive: Package) -> None:
    """Look at what the package says of itself, before anything is unpacked. No more is ever unpacked than it says."""
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if "mimetype" in names:
        raise Unreadable(f"Dit is een bestand van LibreOffice of OpenOffice (.ods). {SAVE_AS}")
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise Unreadable(f"Dit is een bestand van Word of PowerPoint. {SAVE_AS}")
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Unreadable(TOO_MUCH_INSIDE)
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable(LOCKED)
    if any(entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED} for entry in entries) or len(names) < len(entries):
        raise Unreadable(ODD)
    if "[Content_Types].xml" not in names:
        raise Unreadable(BROKEN)
    kinds = archive.open("[Content_Types].xml").read(CHUNK)
    if b"macroEnabled" in kinds or any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unreadable(f"Dit is een Excel-bestand met macro’s. {SAVE_AS}")
    if b"sheet.binary" in kinds:
        raise Unreadable(f"Dit is een binair Excel-bestand (.xlsb). {SAVE_AS}")
    for name in names:
        if name.lower().endswith((".xml", ".rels")):
            next(elements(archive, name))  # the parser refuses a DTD, which can only be before the first element


class Target:
    """What the parser of one XML part meets, kept until `elements` takes it. No tree is built."""

    def __init__(self) -> None:
        self.met: list[tuple[str, dict[str, str] | None, str]] = []
        self.names: set[str] = set()
        self.pieces: list[str] = []
        self.depth = self.quiet = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.quiet = 0
        self.names.add(tag)
        self.names.update(attributes)
        if self.depth > DEEPEST or len(self.names) > MOST_NAMES:
            raise Unreadable(ODD)
        self.pieces.clear()
        self.met.append((tag.rpartition("}")[2], attributes, ""))

    def data(self, text: str) -> None:
        self.quiet = 0
        self.pieces.append(text)

    def end(self, tag: str) -> None:
        self.depth -= 1
        self.quiet = 0
        self.met.append((tag.rpartition("}")[2], None, "".join(self.pieces)))
        self.pieces.clear()


def elements(archive: Package, part: str) -> Iterator[tuple[str, dict[str, str] | None, str]]:
    """Each element of an XML part, by its name without name space: (name, attributes, ''), later (name, None, text)."""
    target = Target()
    parser = XMLParser(target=target, forbid_dtd=True)
    with archive.open(part) as file:
        while chunk := file.read(CHUNK):
            target.quiet += 1
            parser.feed(chunk)
            if target.quiet > MOST_QUIET_CHUNKS:
                raise Unreadable(ODD)
            archive.events += len(target.met)
            if archive.events > MOST_EVENTS:
                raise Unreadable(TOO_MUCH_INSIDE)
            yield from target.met
            target.met.clear()
    parser.close()
    yield from target.met


def related(archive: Package, part: str) -> dict[str, tuple[str, str]]:
    """What a part of the package points to, by id: (kind, name of the part). Nothing outside of it."""
    folder, name = posixpath.split(part)
    found = {}
    for tag, attributes, _ in elements(archive, posixpath.join(folder, "_rels", f"{name}.rels")):
        if tag == "Relationship" and attributes and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"]))
            found[attributes["Id"]] = (attributes["Type"].rpartition("/")[2], target[1:])
    return found


def read_workbook(archive: Package) -> Sheet:
    book = dict(related(archive, "").values())["officeDocument"]
    parts = related(archive, book)
    by_kind = dict(parts.values())
    epoch = datetime(1899, 12, 30)
    sheets: dict[str, str] = {}  # the visible ones: part and name
    hidden: list[str] = []
    for tag, attributes, _ in elements(archive, book):
        if tag == "workbookPr" and attributes and attributes.get("date1904") in {"1", "true"}:
            epoch = datetime(1904, 1, 1)
        if tag == "sheet" and attributes:
            kind, part = parts[next(attributes[name] for name in attributes if name.endswith("}id"))]
            if part in sheets or len(sheets) + len(hidden) > MOST_ENTRIES:
                raise Unreadable(ODD)
            if attributes.get("state", "visible") != "visible":
                hidden.append(shown(attributes["name"]))
            elif kind == "worksheet" and attributes["name"] != NOTES:
                sheets[part] = shown(attributes["name"])
    strings = shared_strings(archive, by_kind["sharedStrings"]) if "sharedStrings" in by_kind else []
    dates = date_styles(archive, by_kind["styles"]) if "styles" in by_kind else set()
    remarks: list[str] = []
    for part, name in sheets.items():
        hidden_rows: list[int] = []
        lines = xlsx_lines(archive, part, strings, dates, epoch, hidden_rows)
        first = next(lines, None)
        if first is None:
            remarks.append(f"Het blad ‘{name}’ is leeg.")
            continue
        if len(sheets) > 1:
            remarks.insert(0, f"Gelezen: blad ‘{name}’.")
            others = list(sheets.values())[len(remarks) :]
            remarks += [f"Het blad ‘{other}’ is niet gelezen." for other in others]
        remarks += [f"Het verborgen blad ‘{each}’ is niet gelezen." for each in hidden]
        sheet = as_sheet(name, chain([first], lines), remarks)
        if len(hidden_rows) == 1:
            remarks.append(f"Rij {hidden_rows[0]} is verborgen in het bestand, maar doet wel mee.")
        elif hidden_rows:
            which = ", ".join(map(str, hidden_rows[:10])) + (" …" if len(hidden_rows) > 10 else "")
            remarks.append(f"Er zijn {len(hidden_rows)} rijen verborgen in het bestand, maar ze doen wel mee: {which}")
        return sheet
    if hidden and not sheets:
        raise Unreadable("Alle bladen in dit bestand zijn verborgen. Maak het blad met de tabel zichtbaar.")
    raise Unreadable(EMPTY)


def shared_strings(archive: Package, part: str) -> list[str]:
    strings: list[str] = []
    text, phonetic = "", False
    for tag, attributes, data in elements(archive, part):
        if tag == "rPh":  # how to pronounce it
            phonetic = attributes is not None
        elif tag == "si" and attributes is not None:
            text = ""
        elif tag == "si":
            strings.append(unescaped(text).strip(EDGES))  # once: a great many cells may show it
        elif tag == "t" and not phonetic:
            text += data
    return strings


def date_styles(archive: Package, part: str) -> set[str]:
    """The numbers of the styles that show a number as a date."""
    codes: dict[str, str] = {}
    styles: list[str] = []
    of_cells = False
    for tag, attributes, _ in elements(archive, part):
        if tag == "cellXfs":
            of_cells = attributes is not None
        elif attributes is not None and tag == "numFmt":
            codes[attributes["numFmtId"]] = attributes["formatCode"][:255]
        elif attributes is not None and tag == "xf" and of_cells:
            styles.append(attributes.get("numFmtId", "0"))
            if len(styles) > MOST_STYLES:
                raise Unreadable(ODD)
    shows_date = {
        number: re.search("[dmyhs]", NOT_OF_A_DATE.sub("", codes[number]), re.IGNORECASE)
        if number in codes
        else int(number) in DATE_FORMATS
        for number in set(styles)
    }
    return {str(style) for style, number in enumerate(styles) if shows_date[number]}


def xlsx_lines(
    archive: Package, part: str, strings: list[str], dates: set[str], epoch: datetime, hidden: list[int]
) -> Iterator[Raw]:
    """The rows of a worksheet that hold something; the numbers of the hidden among them are added to `hidden`."""
    number, column = 0, -1
    cells: dict[int, Cell] = {}
    kind = style = value = formula = ""
    phonetic = is_hidden = False
    for tag, attributes, data in elements(archive, part):
        if attributes is not None:
            if tag == "row":
                above, number = number, int(attributes.get("r", number + 1))
                if not above < number <= MOST_ROWS_OF_EXCEL:
                    raise Unreadable(BROKEN)
                column, cells = -1, {}
                is_hidden = attributes.get("hidden") in {"1", "true"}
            elif tag == "c":
                left, column = column, column_of(attributes["r"], number) if "r" in attributes else column + 1
                if not left < column < MOST_COLUMNS_OF_EXCEL:
                    raise Unreadable(BROKEN)
                kind, style, value, formula = attributes.get("t", "n"), attributes.get("s", ""), "", ""
            elif tag == "rPh":
                phonetic = True
            elif tag == "mergeCell":
                raise Unreadable(
                    f"In dit blad zijn cellen samengevoegd ({shown(attributes.get('ref', ''))}), en alleen de eerste "
                    "heeft een waarde. Hef het samenvoegen op, en vul elke cel."
                )
        elif tag == "v":
            value = data
        elif tag == "t" and not phonetic:
            value += data
        elif tag == "rPh":
            phonetic = False
        elif tag == "f":
            formula = f"={data}"
        elif tag == "c":
            cell = (formula, FORMULA) if formula else cell_of(kind, value, strings, epoch if style in dates else None)
            if cell[0] or cell[1]:
                cells[column] = cell
        elif tag == "row" and any(reason or text.strip(EDGES) for text, reason in cells.values()):
            if is_hidden:
                hidden.append(number)
            yield number, MOST_COLUMNS_OF_EXCEL, cells


def column_of(reference: str, row: int) -> int:
    """The column of a cell, from 0; its reference must be on the row it is in."""
    match = REFERENCE.fullmatch(reference)
    if not match or int(match[2]) != row:
        raise Unreadable(BROKEN)
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def cell_of(kind: str, value: str, strings: list[str], epoch: datetime | None) -> Cell:
    """The text of a cell, or what stands there with the reason why that is no text. `epoch`: it is shown as a date."""
    if kind in {"inlineStr", "str"}:
        return unescaped(value), ""
    value = value.strip()
    if not value:
        return "", ""
    if kind == "s":
        if not value.isdecimal():  # int() would take -1, and a list too
            raise Unreadable(BROKEN)
        return strings[int(value)], ""
    if kind == "b":
        return {"0": "nee", "1": "ja"}[value], ""
    if kind == "e":
        return value, ERROR
    if kind == "d":
        try:
            return moment_text(datetime.fromisoformat(value)), ""
        except ValueError:
            return value, NO_DATE
    if kind != "n":
        raise Unreadable(BROKEN)
    if len(value) > 50 or not NUMBER.fullmatch(value) or abs(float(value)) >= 1e15:
        return value, NO_NUMBER
    if epoch is None:
        return f"{Decimal(f'{float(value):.15g}'):f}", ""  # as Excel shows it: 0.1 + 0.2 is 0.3
    if not 61 <= float(value) < 2_958_466:  # after a day that only Excel knows, 29 February 1900, up to the year 9999
        return value, NO_DATE
    return moment_text(epoch + timedelta(seconds=round(float(value) * 86_400))), ""


def moment_text(moment: datetime) -> str:
    """yyyy-mm-dd, with hours and minutes only where there are any."""
    return moment.isoformat(" ", "minutes").removesuffix(" 00:00")


def unescaped(text: str) -> str:
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


# ---- writing


def write_csv(headings: Iterable[str], rows: Iterable[Iterable]) -> bytes:
    """What Dutch Excel opens with a double click, and what runs nothing there."""
    file = StringIO(newline="")
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    for row in chain([headings], rows):
        texts = map(plain, row)
        writer.writerow([f"'{text}" if DANGEROUS.match(text) else text for text in texts])
    return file.getvalue().encode("utf-8-sig")


def write_xlsx(headings: Iterable[str], rows: Iterable[Iterable], notes: Iterable[tuple[str, list]] = ()) -> bytes:
    """A workbook of texts and whole numbers. `notes`: a second sheet, of which each column lists what is allowed."""
    book = Workbook(write_only=True)
    book.properties.creator = None
    add_sheet(book, "Gegevens", list(headings), list(rows))
    if notes := list(notes):
        columns = [values for _, values in notes]
        add_sheet(book, NOTES, [heading for heading, _ in notes], list(zip_longest(*columns, fillvalue="")))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def add_sheet(book: Workbook, title: str, headings: list[str], rows: list) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, column in enumerate(zip_longest(headings, *rows[:100], fillvalue=""), start=1):
        longest = max(len(line) for value in column for line in plain(value).split("\n"))
        sheet.column_dimensions[get_column_letter(number)].width = min(max(longest + 2, 10), 60)
    for number, row in enumerate(chain([headings], rows)):
        cells = [xlsx_cell(sheet, value) for value in row]
        if number == 0:
            for cell in cells:
                cell.font = Font(bold=True)
        sheet.append(cells)


def xlsx_cell(sheet, value) -> WriteOnlyCell:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15:
        return WriteOnlyCell(sheet, value)
    text = plain(value)
    risky = DANGEROUS.match(text)
    if risky and (text[0] == "'" or text[0].isspace()):  # reading takes one ' away, and white space
        text = f"'{text}"
    text = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    cell = WriteOnlyCell(sheet, text if len(text) <= MOST_IN_CELL else LEFT_OUT)
    cell.data_type = "s"  # also '=1+1' and '#N/A', which openpyxl would take for more than text
    cell.quotePrefix = bool(risky)
    return cell


def plain(value) -> str:
    """A value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, datetime):
        return moment_text(value.replace(tzinfo=None))
    if isinstance(value, date):
        return value.isoformat()
    text = NOT_IN_XML.sub("", LINE_END.sub("\n", str(value))).rstrip(EDGES)
    return text if len(text) < MOST_IN_CELL else LEFT_OUT
