"""Tables in files: what is read, what is refused, and that what we write does no harm."""

import codecs
import csv
import re
import tracemalloc
import zipfile
from datetime import date
from io import BytesIO, StringIO

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imports.sheets import read, reading_xlsx, table
from imports.sheets.table import Unreadable
from imports.sheets.writing import write_csv, write_xlsx

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

TABLE = 'titel;plaats;jaar\r\nCoördinatie;’s-Hertogenbosch;2024\r\n"Zorg; en\nwelzijn";Zwolle;2023\r\n'
HEADINGS = ["titel", "plaats", "jaar"]
CELLS = [["Coördinatie", "’s-Hertogenbosch", "2024"], ["Zorg; en\nwelzijn", "Zwolle", "2023"]]
VALUES = [
    *("=1+1", "'=1+1", "''x", "'x", "-5", " =x", "gewoon", "a;b", "regel 1\nregel 2", '"x"', '"=1"', "' =1", "'"),
    *("@SUM(1)", "\t=1", "＝1", "- punt", "+31 38", "a_x0041_b", "#N/A", "2024", "0612", "e\u0301 👩‍👩‍👧", "<b>&amp;"),
]


def text(reference, value):
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


def row(number, *cells, more=""):
    """Of texts, or of cells that are XML already."""
    made = (cell if cell.startswith("<c") else text(f"{'ABCDEF'[at]}{number}", cell) for at, cell in enumerate(cells))
    return f'<row r="{number}"{more}>{"".join(made)}</row>'


HEAD = row(1, "titel", "jaar")
GOOD = HEAD + row(2, "Zorg", "2024")


def sheet(rows, after="", before=""):
    return f'{before}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'


def relations(*found):
    tags = (
        f'<Relationship Id="{more[0] if more else kind}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for kind, target, *more in found
    )
    return f'<Relationships xmlns="{PACKAGE}">{"".join(tags)}</Relationships>'


def workbook(rows=GOOD, books=(("Blad1", ""),), parts=None, lacking=(), compression=zipfile.ZIP_DEFLATED, **more):
    """A workbook as XML: `rows` of its first sheet, `parts` to add or to replace."""
    tags = [f'<sheet name="{name}" {state} r:id="r{at}"/>' for at, (name, state) in enumerate(books, 1)]
    entries = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations(("officeDocument", "/xl/book.xml")),
        "xl/_rels/book.xml.rels": relations(
            *(("worksheet", f"s{at}.xml", f"r{at}") for at in (1, 2, 3)),
            ("styles", "styles.xml"),
            ("sharedStrings", "strings.xml"),
        ),
        "xl/book.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{"".join(tags)}</sheets></workbook>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">'
        '<numFmts><numFmt numFmtId="200" formatCode="[Red]d\\ mmm"/></numFmts>'
        '<cellXfs><xf/><xf numFmtId="14"/><xf numFmtId="200"/><xf numFmtId="3"/></cellXfs></styleSheet>',
        "xl/strings.xml": f'<sst xmlns="{MAIN}"><si><r><t>Een </t></r><r><t>vet</t></r><rPh><t>x</t></rPh></si></sst>',
        "xl/s1.xml": sheet(rows, **more),
    } | (parts or {})
    file = BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in entries.items():
            if name not in lacking:
                archive.writestr(name, content)
    return file.getvalue()


def read_bytes(content, name="tabel.csv"):
    return read(name, BytesIO(content))


def read_rows(rows, **more):
    return read_bytes(workbook(rows, **more), "tabel.xlsx")


def read_cell(cell):
    """The text of one raw cell, or what is wrong with it."""
    line = read_rows(HEAD + row(2, "Zorg", cell)).rows[0]
    return line.problems[0][1:] if line.problems else line.cells[1]


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("cp1252"),
        TABLE.encode("utf-16"),
        codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"),
        b"sep=;\r\n" + TABLE.encode(),
        TABLE.replace("; en", ", en").replace(";", ",").replace(", en", "; en").encode(),
        TABLE.replace("; en", "| en").replace(";", "\t").replace("| en", "; en").encode(),
        TABLE.replace("\r\n", "\n").encode(),
        TABLE.replace("\r\n", "\r").encode(),
        TABLE.removesuffix("\r\n").encode(),
        TABLE.replace("titel;plaats", "\u200b titel\xa0;\ufeffplaats").replace("Zwolle", "\xa0 Zwolle\u200b").encode(),
        TABLE.replace("\r\nCo", "\r\n;;\r\n\r\n \r\nCo").encode(),
        TABLE.replace("2024", "2024;;").encode(),
    ],
)
def test_csv_is_read_in_each_way_that_a_spreadsheet_writes_it(content):
    found = read_bytes(content, "TABEL.CSV")
    assert (found.name, found.headings, found.remarks) == ("", HEADINGS, [])
    assert [line.cells for line in found.rows] == CELLS
    assert not any(line.problems for line in found.rows)


def test_rows_have_the_numbers_that_an_editor_sees():
    content = b'sep=;\ntitel;jaar\n\n"a\nb";1\n;\nc;2\n'
    assert [line.number for line in read_bytes(content).rows] == [3, 5]
    rows = row(2, "titel", "jaar") + row(5, "", "") + row(1_048_576, "Zorg", "2024")
    assert [line.number for line in read_rows(rows).rows] == [1_048_576]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "leeg"),
        (codecs.BOM_UTF8, "leeg"),
        (codecs.BOM_UTF16_LE, "leeg"),
        (b"\r\n" * 20, "leeg"),
        (b"titel;jaar\r\n;\r\n", "alleen een kop"),
        (b"titel|jaar\nZorg|2024\n", "puntkomma"),
        (b"sep=|\ntitel|jaar\nZorg|2024\n", "puntkomma"),
        (b"Overzicht;\ntitel;jaar\nZorg;2024\n", "namen van de kolommen"),
        (b"titel;Titel \nZorg;2024\n", "‘Titel’ staat twee keer"),
        (b"tit\x01el;jaar\nZorg;2024\n", "‘tit�el’"),
        (b'titel;jaar\n"Zorg;2024\n' + b"Groen;2023\n" * 50, "regel 2 begint, is een aanhalingsteken"),
        (b'titel;jaar\nZorg;2024\n"Groen"x;2023\n', "regel 3"),
        (TABLE.encode("utf-16-be"), "letters"),
        (TABLE.encode("utf-16") + b"x", "letters"),
        (TABLE.encode("utf-32"), "letters"),
        (TABLE.encode() + b"\xff;x;y\r\n", "letters"),
        (b"titel;jaar\nzorg \xed\xa0\xbd los;2024\n", "letters"),
        (b"titel;jaar\nzorg \xe9\x01;2024\n", "letters"),
        (b"k;" * 101 + b"\n", "kolommen"),
        (b"a;b\n" + b"1;2\n" * 5_001, "5.000 rijen"),
        (b"a;b\n" + b"\n" * 100_001, "lege rijen"),
        (b"a;b\n" + b"x;" * 3_000, "kolommen"),
        (b"a" * 5_000_001, "5 MB"),
        (b"\xd0\xcf\x11\xe0" + bytes(99), ".xls"),
        (b"%PDF-1.7", "pdf"),
        (b"\x89PNG\r\n", "afbeelding"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"\x7fELF", "programma"),
        (b'[{"titel": "x", "jaar": 1}]', "JSON"),
        (codecs.BOM_UTF8 + b"<!doctype html><title>x</title>", "webpagina"),
        (workbook(), "naam op .xlsx"),
    ],
)
def test_csv_that_cannot_be_read_is_refused_with_the_reason(content, said):
    with pytest.raises(Unreadable, match=re.escape(said)):
        read_bytes(content)


@pytest.mark.parametrize("name", ["", " ", "csv", "tabel.csv.php", "tabel.csv\0.php", "tabel.xls", "tabel.ods"])
def test_a_file_of_another_name_is_refused(name):
    with pytest.raises(Unreadable, match=r"eindigt op \.xlsx of \.csv"):
        read_bytes(TABLE.encode(), name)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Zorg", ("", "", "Deze rij heeft 1 veld; de kop heeft er 3.")),
        ("Zorg;Ede;2024;extra;", ("", "extra", "Deze rij heeft 4 velden; de kop heeft er 3.")),
        ("zorg\0werk;Ede;2024", ("titel", "zorg�werk", table.CONTROL)),
        ("Zorg;\x1b[31m;2024", ("plaats", "�[31m", table.CONTROL)),
        ("Zorg;Ede;\u202e4202", ("jaar", "�4202", table.CONTROL)),
        ("a" * 32_768 + ";Ede;2024", ("titel", "a" * 59 + "…", table.TOO_LONG)),
    ],
)
def test_a_problem_names_row_column_and_value_and_its_cell_is_left_empty(line, problem):
    found = read_bytes(f"titel;plaats;jaar\nGroen;Ede;2023\n{line}\n".encode()).rows
    assert not found[0].problems
    assert (found[1].number, found[1].problems) == (3, [problem])
    assert not problem[0] or found[1].cells[HEADINGS.index(problem[0])] == ""


def test_a_column_without_heading_is_reported_when_it_holds_something():
    found = read_bytes(b"titel;;jaar;;\nZorg;;2024\nGroen;x;2023\n")
    assert found.headings == ["titel", "", "jaar"]
    assert found.rows[1].cells == ["Groen", "", "2023"]
    assert found.remarks == ["De 2e kolom heeft geen kop; wat daarin staat, is niet gelezen."]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<c r="B2"><v>2024.0</v></c>', "2024"),
        ('<c r="B2" s="3"><v>2024.7</v></c>', "2024.7"),
        ("<c><v>0.30000000000000004</v></c>", "0.3"),
        ("<c><v>1E-7</v></c>", "0.0000001"),
        ("<c><v>-3</v></c>", "-3"),
        ("<c/>", ""),
        ('<c t="s"><v>0</v></c>', "Een vet"),
        ('<c t="b"><v>1</v></c>', "ja"),
        ('<c t="b"><v>0</v></c>', "nee"),
        ('<c s="1"><v>45413</v></c>', "2024-05-01"),
        ('<c s="2"><v>45413.5</v></c>', "2024-05-01 12:00"),
        ('<c t="d"><v>2024-05-01</v></c>', "2024-05-01"),
        (text("B2", "a_x005F_x0041_ _x0041_"), "a_x0041_ A"),
        ('<c t="d"><v>2024-13-45</v></c>', ("2024-13-45", reading_xlsx.NO_DATE)),
        ('<c s="1"><v>-1</v></c>', ("-1", reading_xlsx.NO_DATE)),
        ('<c s="1"><v>99999999</v></c>', ("99999999", reading_xlsx.NO_DATE)),
        ("<c><v>1E+400</v></c>", ("1E+400", reading_xlsx.NO_NUMBER)),
        ("<c><v>1E+308</v></c>", ("1E+308", reading_xlsx.NO_NUMBER)),
        ("<c><v>NaN</v></c>", ("NaN", reading_xlsx.NO_NUMBER)),
        ("<c><v>2_024</v></c>", ("2_024", reading_xlsx.NO_NUMBER)),
        ("<c><v>٢٠٢٤</v></c>", ("٢٠٢٤", reading_xlsx.NO_NUMBER)),
        ('<c t="e"><v>#REF!</v></c>', ("#REF!", reading_xlsx.ERROR)),
        ('<c t="str"><f>2000+24</f><v>2024</v></c>', ("=2000+24", reading_xlsx.FORMULA)),
        ('<c><f t="shared" si="0"/><v>2024</v></c>', ("=", reading_xlsx.FORMULA)),
        (text("B2", "a_x0000_b"), ("a�b", table.CONTROL)),
    ],
)
def test_a_cell_of_excel_is_read_as_it_is_shown_or_is_a_problem(cell, expected):
    assert read_cell(cell) == expected


def test_dates_may_be_counted_from_1904():
    book = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><workbookPr date1904="1"/><sheets><sheet name="A" r:id="r1"/>'
    )
    found = read_rows(
        HEAD + row(2, "Zorg", '<c s="1"><v>43951</v></c>'), parts={"xl/book.xml": f"{book}</sheets></workbook>"}
    )
    assert found.rows[0].cells[1] == "2024-05-01"


DOCTYPE = '<!DOCTYPE x [<!ENTITY a "ha">]>'
NONSENSE = HEAD + row(2, "Zorg", "{}")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TABLE.encode(), "geen Excel-bestand"),
        (b"PK\x05\x06" + bytes(18), "beschadigd"),
        (workbook()[:-1], "beschadigd"),
        (workbook()[: len(workbook()) // 2], "beschadigd"),
        (workbook(lacking=["[Content_Types].xml"]), "beschadigd"),
        (workbook(lacking=["_rels/.rels"]), "beschadigd"),
        (workbook(lacking=["xl/s1.xml"]), "beschadigd"),
        (workbook("<row>"), "beschadigd"),
        (workbook(books=()), "leeg"),
        (workbook(HEAD), "alleen een kop"),
        (workbook(row(1, "Overzicht") + row(4, "titel", "jaar")), "namen van de kolommen"),
        (workbook(row(1, "titel", '<c r="CW1"><v>1</v></c>') + row(2, "x")), "kolommen"),
        (workbook(HEAD + row(2, "x", '<c t="s"><v>9</v></c>')), "beschadigd"),
        (workbook(HEAD + row(2, "x", '<c t="s"><v>-1</v></c>')), "beschadigd"),
        (workbook(HEAD + row(2, '<c r="0A"><v>1</v></c>')), "beschadigd"),
        (workbook(HEAD + row(2, '<c r="A3"><v>1</v></c>')), "beschadigd"),
        (workbook(HEAD + row(2, '<c r="A2"><v>1</v></c>', '<c r="A2"><v>2</v></c>')), "beschadigd"),
        (workbook(HEAD + row(0, "x")), "beschadigd"),
        (workbook(HEAD + row(3, "x") + row(2, "y")), "beschadigd"),
        (workbook(after='<mergeCells><mergeCell ref="A3:XFD1048576"/></mergeCells>'), "A3:XFD1048576"),
        (workbook(compression=zipfile.ZIP_LZMA), "anders gebouwd"),
        (workbook(parts={f"x{at}": "" for at in range(200)}), "uitgepakt te groot"),
        (workbook("<x>" * 60 + "</x>" * 60), "anders gebouwd"),
        (workbook("".join(f"<t{at}/>" for at in range(1_500))), "anders gebouwd"),
        (workbook(f'<row x="{"a" * 500_000}"/>'), "anders gebouwd"),
        (workbook(before=DOCTYPE), "DTD"),
        (workbook(before='<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'), "DTD"),
        (workbook(parts={"docProps/app.xml": f"{DOCTYPE}<x/>"}), "DTD"),
        (workbook(parts={"x.xml": f'<?xml version="1.0" encoding="UTF-16"?>{DOCTYPE}<x/>'.encode("utf-16")}), "DTD"),
        (workbook(parts={"[Content_Types].xml": '<Types x="application/ms-excel.sheet.macroEnabled"/>'}), "macro"),
        (workbook(parts={"xl/vbaProject.bin": "x"}), "macro"),
        (workbook(parts={"word/document.xml": "<x/>"}), "Word"),
        (workbook(parts={"mimetype": "x"}), ".ods"),
        (workbook(books=[("Geheim", 'state="veryHidden"')]), "verborgen"),
    ],
)
def test_a_workbook_that_cannot_be_read_is_refused_with_the_reason(content, said):
    with pytest.raises(Unreadable, match=re.escape(said)):
        read_bytes(content, "tabel.xlsx")


def test_a_locked_or_doubled_or_damaged_entry_is_refused():
    content = workbook()
    locked = bytearray(content)
    for match in re.finditer(b"PK\x03\x04|PK\x01\x02", content):
        locked[match.start() + (6 if match.group()[2] == 3 else 8)] |= 1
    damaged = bytearray(content)
    damaged[content.index(b"xl/s1.xml") + 20] ^= 255
    doubled = BytesIO(content)
    with zipfile.ZipFile(doubled, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/s1.xml", sheet(HEAD + row(2, "TWEEDE")))
    for file, said in [(locked, "versleuteld"), (damaged, "beschadigd"), (doubled.getvalue(), "anders gebouwd")]:
        with pytest.raises(Unreadable, match=said):
            read_bytes(bytes(file), "tabel.xlsx")


STRINGS = f'<sst xmlns="{MAIN}"><si><t>{"a" * 30_000}</t></si></sst>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (workbook(parts={"xl/media/x.png": bytes(41_000_000)}), "uitgepakt te groot"),
        (
            workbook(
                HEAD + "".join(row(at, '<c t="s"><v>0</v></c>') for at in range(2, 400)),
                parts={"xl/strings.xml": STRINGS},
            ),
            "te veel tekst",
        ),
    ],
    ids=["zip", "shared strings"],
)
def test_a_bomb_is_refused_before_it_goes_off(content, said):
    assert len(content) < 100_000
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable, match=said):
            read_bytes(content, "tabel.xlsx")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_the_number_of_elements_in_a_workbook_has_a_limit(monkeypatch):
    monkeypatch.setattr(reading_xlsx, "MOST_EVENTS", 100)
    with pytest.raises(Unreadable, match="te groot"):
        read_rows(HEAD + "<row/>" * 100)


def test_the_number_of_rows_in_a_workbook_has_a_limit_also_when_they_hold_nothing(monkeypatch):
    monkeypatch.setattr(reading_xlsx, "MOST_ROWS", 20)
    monkeypatch.setattr(reading_xlsx, "MOST_EMPTY_ROWS", 80)
    assert read_rows(GOOD + "<row/>" * 98).rows
    with pytest.raises(Unreadable, match="lege rijen"):
        read_rows(GOOD + "<row/>" * 99)


@pytest.mark.parametrize("text", ["\u3164", "\u2800 \u115f", "\u2063\u200b", "\U000e0041"])
def test_text_that_shows_as_nothing_is_refused(text):
    [line] = read_bytes(f"titel;plaats\n{text};Zwolle\n".encode()).rows
    assert line.problems[0][2] == table.CONTROL


def test_what_was_read_of_a_workbook_is_told():
    second = {"xl/s2.xml": sheet(GOOD), "xl/s3.xml": sheet(GOOD)}
    found = read_rows("", books=[("Leeg", ""), ("Data", ""), ("Oud", "")], parts=second)
    assert (found.name, found.remarks) == (
        "Data",
        ["Gelezen: blad ‘Data’.", "Het blad ‘Leeg’ is leeg.", "Het blad ‘Oud’ is niet gelezen."],
    )
    found = read_rows(HEAD + row(2, "GEHEIM"), books=[("X", 'state="veryHidden"'), ("Data", "")], parts=second)
    assert [line.cells for line in found.rows] == [["Zorg", "2024"]]
    assert found.remarks == ["Het verborgen blad ‘X’ is niet gelezen."]
    found = read_rows(HEAD + row(3, "Zorg", "2024", more=' hidden="1"'))
    assert found.remarks == ["Rij 3 is verborgen in het bestand, maar doet wel mee."]


def test_a_value_far_to_the_right_is_a_problem_of_its_row_alone():
    line = read_rows(HEAD + row(2, "Zorg", "2024", '<c r="XFD2"><v>7</v></c>')).rows[0]
    assert line.problems == [("", "7", "Deze rij heeft 16384 velden; de kop heeft er 2.")]


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_what_we_write_is_read_back_exactly(write):
    name = write.__name__.replace("write_", "tabel.")
    found = read_bytes(write(["titel", "jaar"], [[value, "x"] for value in VALUES]), name)
    assert [line.cells[0] for line in found.rows] == VALUES
    assert not any(line.problems for line in found.rows)
    assert found.remarks == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("'\"=-+@＝;, \t\n_x00dDa", max_size=8), min_size=1, max_size=9))
def test_whatever_we_write_as_csv_is_read_back_but_for_white_space(values):
    found = read_bytes(write_csv(["waarde", "x"], [[value, "x"] for value in values]))
    edges = [(line.cells[0].strip(), value.strip()) for line, value in zip(found.rows, values, strict=True)]
    assert [one for one, _ in edges] == [other for _, other in edges]


def test_values_that_are_no_text_are_written_as_a_reader_writes_them():
    row = [2024, True, date(2024, 5, 1), None, 2.5, "a\0b\ud800\r\nc", "a" * 40_000]
    for write, name in [(write_csv, "x.csv"), (write_xlsx, "x.xlsx")]:
        line = read_bytes(write([f"k{at}" for at in range(7)], [row]), name).rows[0]
        assert line.cells == ["2024", "ja", "2024-05-01", "", "2.5", "ab\nc", ""]
        assert line.problems == [("k6", table.LEFT_OUT, table.LEFT_OUT)]


def test_what_we_write_starts_no_formula():
    risky = [value for value in VALUES if value.lstrip("'\" \t")[:1] in {*"=+-@＝"}]
    assert len(risky) > 10
    content = write_csv(["titel", "jaar"], [[value, "x"] for value in risky])
    assert content.startswith(codecs.BOM_UTF8 + b"titel;jaar\r\n")
    assert all(each[0][0] == "'" for each in list(csv.reader(StringIO(content.decode("utf-8-sig")), delimiter=";"))[1:])
    book = openpyxl.load_workbook(BytesIO(write_xlsx(["titel", "jaar"], [[value, 7] for value in risky])))
    cells = [each[0] for each in book.active.iter_rows(min_row=2)]
    assert {(cell.data_type, cell.quotePrefix) for cell in cells} == {("s", True)}


def test_a_workbook_of_ours_is_made_to_be_filled_in():
    notes = [(("provincies",), ["Drenthe", "=Fryslân"]), (("landelijk",), ["ja", "nee", ""])]
    content = write_xlsx(["titel", "provincies"], [["Zorg", "Drenthe"]], notes)
    book = openpyxl.load_workbook(BytesIO(content))
    first, second = book.worksheets
    assert first["A1"].font.bold
    assert not first["A2"].font.bold
    assert first.freeze_panes == "A2"
    assert second.title == "Toegestane waarden"
    assert [cell.value for cell in second["B"]] == ["landelijk", "ja", "nee", None]
    found = read_bytes(content, "tabel.xlsx")
    assert ([line.cells for line in found.rows], found.remarks) == ([["Zorg", "Drenthe"]], [])
