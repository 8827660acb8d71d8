"""Tables as files: what Excel opens without running anything, and what is read back exactly."""

import csv
import re
from collections.abc import Iterable
from datetime import date, datetime
from io import BytesIO, StringIO
from itertools import chain, zip_longest

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from .table import BAD, DANGEROUS, EDGES, LEFT_OUT, LINE_END, MOST_IN_CELL, MOST_ROWS, NOTES, moment_text


def write_csv(headings: Iterable[str], rows: Iterable[Iterable]) -> bytes:
    """What Dutch Excel opens with a double click, and what runs nothing there."""
    file = StringIO(newline="")
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    for row in chain([headings], rows):
        texts = map(plain, row)
        writer.writerow([f"'{text}" if DANGEROUS.match(text) else text for text in texts])
    return file.getvalue().encode("utf-8-sig")


def write_xlsx(headings: Iterable[str], rows: Iterable[Iterable], notes: Iterable[tuple[tuple, list]] = ()) -> bytes:
    """A workbook of texts and whole numbers.

    `notes`: a second sheet, of which each column lists what is allowed below some headings, (headings, texts). Cells
    below those headings offer it as a list to choose from, and take another text too, such as two values with a ;.
    """
    book = Workbook(write_only=True)
    book.properties.creator = None
    headings, notes = list(headings), list(notes)
    sheet = add_sheet(book, "Gegevens", headings, list(rows))
    for number, (names, texts) in enumerate(notes, start=1):
        column = get_column_letter(number)
        allowed = DataValidation("list", f"'{NOTES}'!${column}$2:${column}${len(texts) + 1}", showErrorMessage=False)
        for name in filter(headings.__contains__, names):
            below = get_column_letter(headings.index(name) + 1)
            allowed.add(f"{below}2:{below}{MOST_ROWS + 1}")
        if allowed.sqref:
            sheet.data_validations.append(allowed)
    if notes:
        columns = zip_longest(*(texts for _, texts in notes), fillvalue="")
        add_sheet(book, NOTES, [", ".join(names) for names, _ in notes], list(columns))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def add_sheet(book: Workbook, title: str, headings: list[str], rows: list):
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
    return sheet


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
    text = LINE_END.sub("\n", str(value)).replace("\ufffd", "?")
    text = BAD.sub("", text).rstrip(EDGES)  # what reading refuses would keep a row from coming back as it was
    return text if len(text) < MOST_IN_CELL else LEFT_OUT
