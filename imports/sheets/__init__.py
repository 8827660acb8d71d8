"""Tables in files, CSV and XLSX: read what anyone may send, and write what Excel opens without harm. Knows no model.

Nothing is judged here but the file and its characters: whether a year is a year, a form says.
Limits hold before memory is taken: no file costs more than a few hundred MB or a few seconds, whatever it claims to be.
"""

import codecs

from .reading_csv import read_csv
from .reading_xlsx import read_xlsx
from .table import EMPTY, MOST_BYTES, SAVE_AS, TOO_HEAVY, Sheet, Unreadable

NAMES = f"Kies een bestand waarvan de naam eindigt op .xlsx of .csv. {SAVE_AS}"
NOT_XLSX = (
    f"Dit is geen Excel-bestand, al eindigt de naam op .xlsx. Is het een CSV? Geef het dan een naam op .csv. {SAVE_AS}"
)
IS_XLSX = "Dit is een Excel-bestand, al eindigt de naam op .csv. Geef het een naam op .xlsx."

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
