"""What an editor does from beginning to end, in a real browser at the portal with the real content.

With PICTURES=<folder> it leaves the pictures of docs/beheer.md there (make pictures).
"""

import csv
import io
import os
import time
from itertools import count
from pathlib import Path

import pytest
import yaml
from conftest import PASSWORD
from django.conf import settings
from openpyxl import Workbook
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
TITLE = "Meer plaats voor techniek: TechWise Twente schaalt op"
NEWS = "https://www.rocvantwente.nl/over-ons/nieuws/2020/07/subsidie-van-2-3-miljoen-geeft-boost.html"


class Editor:
    """Somebody at a screen, of whom we count what it takes: clicks, and fields that are filled in."""

    def __init__(self, page, name):
        self.page, self.clicks, self.fields = page, 0, 0
        page.goto("/beheer/")
        page.get_by_label("Gebruikersnaam").fill(name)
        page.get_by_label("Wachtwoord").fill(PASSWORD)
        page.keyboard.press("Enter")
        self.sees("Case toevoegen")

    def click(self, role, name, **options):
        self.clicks += 1
        self.page.get_by_role(role, name=name, **options).first.click()

    def fill(self, place, text):
        self.fields += 1
        self.page.locator(place).fill(text)

    def sees(self, text):
        expect(self.page.get_by_text(text).first).to_be_visible()

    def picture(self, name, first, last=""):
        """Keep for docs/beheer.md what the page holds from one place to another."""
        if "PICTURES" not in os.environ:
            return
        self.page.locator(last or first).first.wait_for()
        self.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        beside, top, end = (self.page.locator(each).first.bounding_box() for each in ("#content", first, last or first))
        clip = beside | {"y": top["y"] - 2, "height": end["y"] + end["height"] - top["y"] + 14}
        shot = Image.open(io.BytesIO(self.page.screenshot(full_page=True, clip=clip))).convert("RGB")
        shot.quantize(32).save(Path(os.environ["PICTURES"]) / f"{name}.png", optimize=True)


@pytest.fixture
def log_in(open_page, own_portal):
    return lambda name: Editor(open_page(own_portal, viewport={"width": 1280, "height": 800}), name)


def test_new_editor_adds_a_case_within_minutes_and_a_visitor_finds_it(log_in, open_page, own_portal):
    begun = time.monotonic()
    editor = log_in("redacteur")
    editor.click("link", "Case toevoegen")
    editor.fill("#id_title", TITLE)
    editor.fill("#id_summary", "TechWise Twente kreeg in 2020 geld om te groeien: 1,9 miljoen euro uit het RIF.")
    editor.fill("#id_body", "In juli 2020 is **1,9 miljoen euro** toegekend.\n\n### Begin\n\nDe groei begon in 2020.")
    editor.fill("#id_place", "Hengelo")
    editor.click("button", "Overijssel kiezen")
    editor.click("checkbox", "Techniek", exact=True)
    editor.fill("#id_first_year", "2020")
    editor.fill(".field-lead_organisations .select2-search__field", "roc van tw")
    editor.click("option", "ROC van Twente")
    editor.fill("#source-paste", NEWS)
    editor.click("button", "Bron toevoegen")
    editor.fill("#id_sources-0-title", "Subsidie van 2,3 miljoen geeft boost aan technisch mbo-onderwijs in Twente")
    editor.picture("case-tekst", ".field-title", ".field-body")
    editor.picture("case-waar", ".field-place", ".field-provinces")
    editor.picture("case-bronnen", "#sources-group")
    editor.click("button", "Naar beoordeling sturen")
    editor.sees(f"Naar beoordeling gestuurd: {TITLE}")
    assert (editor.clicks, editor.fields) == (6, 8)

    chief = log_in("eindredacteur")
    chief.picture("start", "#content-main", ".desk-task")
    chief.click("link", TITLE)
    chief.picture("beoordelen", ".workflow")
    chief.picture("knoppen", ".review", ".submit-row")
    with chief.page.expect_popup() as preview:
        chief.click("link", "Voorbeeld bekijken")
    expect(preview.value.get_by_role("heading", level=1)).to_contain_text(TITLE)
    preview.value.close()
    chief.click("button", "Publiceren", exact=True)
    chief.sees(f"Gepubliceerd: {TITLE}")
    assert chief.clicks == 3

    visitor = open_page(own_portal)
    visitor.goto("/cases/?regio=overijssel&sector=techniek&q=groei")
    visitor.get_by_role("link", name=TITLE).click()
    expect(visitor.get_by_text("ROC van Twente").first).to_be_visible()
    seconds = time.monotonic() - begun
    print(
        f"From log-in to found: {seconds:.1f} seconds, {editor.clicks} clicks and {editor.fields} fields to write it."
    )
    assert seconds < 180


WRONG = [  # what is in the row, the column that the editor is told of, and why
    ({"provincies": "Gelderlnd"}, "provincies", "Deze provincie kennen wij niet. Bedoelt u ‘Gelderland’?"),
    ({"eerste jaar": "2.024"}, "eerste jaar", "Een jaar heeft vier cijfers, zoals 2024."),
    ({"website": "htp:/school"}, "website", "Vul een webadres in"),
    ({"titel": ""}, "titel", "Dit veld is verplicht."),
    ({"trekkers": "Atlantis College"}, "trekkers", "Deze organisatie kennen wij niet."),
    ({"eerste jaar": "2020", "laatste jaar": "2018"}, "eerste jaar", "Het laatste jaar ligt vóór het eerste jaar."),
    ({"eerste jaar": "=2020+4"}, "eerste jaar", ""),
    ({"trekkers": "scalda", "partners": "scalda"}, "partners", "Staat al bij de trekkers: Scalda."),
    ({"leerroutes": "technologieroute", "sectoren": "zorg-en-welzijn"}, "leerroutes", "alleen voor techniek en groen."),
    ({"sectoren": "luchtvaart"}, "sectoren", "Deze sector kennen wij niet."),
]


def table_of(exported):
    """(headings, 40 rows): cases as they were exported, changed, and once more as if they were new; and new ones, the
    last of which are wrong."""
    reader = csv.DictReader(io.StringIO(exported.decode("utf-8-sig")), delimiter=";")
    cases = [row for row in reader if row["stand"] == "gepubliceerd" and fits(row)]
    participations = yaml.safe_load((settings.BASE_DIR / "content" / "participations.yaml").read_text())
    new = [row for row in {each["programme"]: as_case(each) for each in participations}.values() if fits(row)]
    rows = [
        *cases[:4],
        *(case | {"notitie voor de redactie": "Nagekeken."} for case in cases[4:9]),
        *(case | {"webadres": "", "titel": case["titel"].upper()} for case in cases[9:12]),
        *new[:18],
        *(row | wrong for row, (wrong, *_) in zip(new[18:], WRONG, strict=False)),
    ]
    headings = list(reader.fieldnames or [])
    return headings, [[row.get(heading, "") for heading in headings] for row in rows]


def fits(row):
    """Whether Windows-1252 has all its letters."""
    text = "".join(row.values())
    return text.encode("cp1252", "ignore").decode("cp1252") == text


def as_case(participation):
    source = participation["sources"][0]
    return {
        "titel": participation["programme"],
        "samenvatting": f"Wat er is gedaan in {participation['programme']}.",
        "provincies": "; ".join(participation.get("provinces", [])),
        "sectoren": "; ".join(participation.get("sectors", [])),
        "eerste jaar": str(participation.get("first_year", "")),
        "trekkers": participation["organisation"],
        "bron 1 titel": source["title"],
        "bron 1 webadres": source.get("url", ""),
    }


def as_csv(headings, rows):
    """As Dutch Excel writes it."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=";").writerows([headings, *rows])
    return file.getvalue().encode("cp1252")


def as_xlsx(headings, rows):
    book, file = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("Cases")
    for row in [headings, *rows]:
        sheet.append(row)
    book.save(file)
    return file.getvalue()


def test_editor_imports_a_spreadsheet_with_faults_and_takes_it_back(log_in):
    editor = log_in("eindredacteur")
    page = editor.page
    editor.click("link", "Alle cases")
    with page.expect_download() as exported:
        editor.click("link", "Deze lijst als CSV")
    headings, rows = table_of(exported.value.path().read_bytes())
    assert len(rows) == 40
    editor.clicks = 0

    def upload(name, content):
        page.goto("/beheer/")
        editor.click("link", "Spreadsheet importeren")
        page.get_by_label("Bestand").set_input_files({"name": name, "mimeType": "", "buffer": content})
        editor.picture("import-kiezen", "#content-main")
        editor.click("button", "Bestand lezen")
        for tab in ("Nieuw (18)", "Gewijzigd (5)", "Ongewijzigd (4)", "Misschien dubbel (3)", "Geweigerd (10)"):
            expect(page.get_by_role("link", name=tab)).to_be_visible()

    upload("cases.csv", as_csv(headings, rows))
    editor.click("link", "Misschien dubbel")
    expect(page.locator(".import-rows").get_by_text("Lijkt op ‘")).to_have_count(3)
    choice = page.get_by_label("Keuze voor rij", exact=False).first
    choice.select_option("toch als nieuw")
    expect(page.get_by_role("button", name="Importeer 24 rijen, laat 10 geweigerde weg").first).to_be_visible()
    choice.select_option("overslaan")
    editor.click("link", "Geweigerd (10)")
    expect(page.locator(".import-rows tbody tr")).to_have_count(10)
    shown = page.locator(".import-rows tbody tr").all_inner_texts()
    for number, text, (cells, column, reason) in zip(count(32), shown, WRONG, strict=False):
        assert text.startswith(f"{number}\t")
        assert f"{column}: ‘{cells[column]}’ – " in text or not cells[column]
        assert reason in text
    editor.picture("import-beslissen", ".import-tabs", ".import-scroll")
    with page.expect_download() as refused:
        editor.click("link", "Geweigerde rijen downloaden")
    returned = list(csv.reader(io.StringIO(refused.value.path().read_text("utf-8-sig")), delimiter=";"))
    assert (returned[0], len(returned)) == ([*headings, "reden"], 11)
    editor.click("button", "Importeer 23 rijen, laat 10 geweigerde weg")
    editor.sees("Geïmporteerd: 18 toegevoegd, 5 werkversies.")
    assert editor.clicks == 6
    batch = page.url
    editor.click("link", "Bekijk wat er is geïmporteerd (23)")
    editor.sees("23 cases")
    page.goto(batch)
    editor.click("link", "Hele import ongedaan maken")
    editor.click("button", "Hele import ongedaan maken")
    editor.sees("De import is ongedaan gemaakt.")
    page.goto("/beheer/cases/case/?stand=mijn")
    editor.sees("0 cases")
    upload("cases.xlsx", as_xlsx(headings, rows))
