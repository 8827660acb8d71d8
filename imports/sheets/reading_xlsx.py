"""Tables in XLSX files. A reader of our own: it must know of rows, formulas, hidden things and limits as it goes."""

import posixpath
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import chain
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from .table import (
    EDGES,
    EMPTY,
    MOST_EMPTY_ROWS,
    MOST_ROWS,
    NOTES,
    SAVE_AS,
    TOO_MANY_EMPTY,
    Cell,
    Raw,
    Sheet,
    Unreadable,
    as_sheet,
    moment_text,
    shown,
)

MOST_UNPACKED = 40_000_000
MOST_ENTRIES = 200
MOST_ROWS_OF_EXCEL, MOST_COLUMNS_OF_EXCEL = 1_048_576, 16_384
MOST_STYLES = 65_490  # as Excel has it
# The begin and end of each XML element in a package. When no two texts are the same, a cell has four elements: <c>, <v>
# and, in the shared strings, <si>, <t>. This is room for 5,000 rows of 40 columns.
MOST_EVENTS = 1_700_000
# Of one XML part. Excel needs some thirty names and a depth of ten.
MOST_NAMES = 1_000
DEEPEST = 50
CHUNK = 64 * 1024
MOST_QUIET_CHUNKS = 4  # without anything the parser can tell: one endless tag, which it would read over and over
TOO_MUCH_INSIDE = f"Dit bestand is uitgepakt te groot. Kopieer de tabel naar een nieuw bestand. {SAVE_AS}"
LOCKED = f"Dit bestand is versleuteld. Haal het wachtwoord eraf. {SAVE_AS}"
UNSAFE = f"In dit bestand staan verwijzingen (DTD) die in een Excel-bestand niet horen. {SAVE_AS}"
BROKEN = f"Dit Excel-bestand is beschadigd of onvolledig. {SAVE_AS}"
ODD = f"Dit Excel-bestand is anders gebouwd dan Excel dat doet. {SAVE_AS}"

FORMULA = "Hier staat een formule. Plak de waarde in de cel."
ERROR = "Hier staat een foutmelding van Excel. Zet de waarde in de cel."
NO_NUMBER = "Dit getal is niet te lezen, of heeft meer dan 15 cijfers. Typ het als tekst."
NO_DATE = "Deze datum of tijd is niet te lezen. Typ een datum als 2024-05-31."

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([Ee][+-]?\d+)?", re.ASCII)
REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how XLSX writes what XML cannot hold
DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # that have a number of their own
NOT_OF_A_DATE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')  # in the code of a format: literals, colours, widths


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
    met, number, column = 0, 0, -1
    cells: dict[int, Cell] = {}
    kind = style = value = formula = ""
    phonetic = is_hidden = False
    for tag, attributes, data in elements(archive, part):
        if attributes is not None:
            if tag == "row":
                above, number = number, int(attributes.get("r", number + 1))
                if not above < number <= MOST_ROWS_OF_EXCEL:
                    raise Unreadable(BROKEN)
                met += 1
                if met > MOST_ROWS + MOST_EMPTY_ROWS:
                    raise Unreadable(TOO_MANY_EMPTY)
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


def unescaped(text: str) -> str:
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
