"""Tables in CSV files, in each of the ways that spreadsheets write them."""

import codecs
import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import count

from .table import BAD, EDGES, EMPTY, MOST_BYTES, MOST_COLUMNS, TOO_MANY_COLUMNS, Raw, Sheet, Unreadable, as_sheet

csv.field_size_limit(MOST_BYTES)  # of the process; `read` has its own, which a row can be told
ENCODING = "De letters in dit bestand zijn niet te lezen. Bewaar het in Excel als ‘CSV UTF-8’ of als .xlsx."
NO_DELIMITER = (
    "In de eerste regel van dit bestand staat geen puntkomma, komma of tab tussen de kolommen. "
    "Bewaar de tabel in Excel als ‘CSV UTF-8’ of als .xlsx."
)
# Two bytes or more that are one letter in UTF-8: with these, a file is no Windows-1252, but damaged UTF-8.
UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


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
