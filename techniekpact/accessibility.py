"""What the accessibility statement rests on: no claim without its test, and no statement older than a year."""

import datetime
from dataclasses import dataclass

STATED_ON = datetime.date(2026, 11, 25)
RENEW_BY = STATED_ON + datetime.timedelta(days=365)

# What was tested, as readers see it, and the test of it: a file of tests/ and a function.
CHECKS = {
    "Het programma axe-core zoekt in de browser Chromium naar fouten tegen WCAG 2.2, niveau A en AA, op een scherm van "
    "320 en van 1280 pixels breed.": "test_accessibility.py::test_axe_finds_nothing",
    "Hetzelfde gebeurt met donkere kleuren.": "test_accessibility.py::test_axe_finds_nothing_in_the_dark",
    "En met meer contrast, met vaste kleuren (hoog contrast), met minder beweging en zonder scripts, op een deel van "
    "de pagina’s.": "test_accessibility.py::test_axe_finds_nothing_in_other_circumstances",
    "Met vaste kleuren blijven randen, de plek waar u bent en wat u koos te zien.": (
        "test_accessibility.py::test_forced_colours_leave_borders_and_what_was_chosen"
    ),
    "Met de Tab-toets komt u overal, in de goede volgorde, en u ziet steeds waar u bent.": (
        "test_accessibility.py::test_keyboard_reaches_everything_in_order_and_in_sight"
    ),
    "Met alleen het toetsenbord kunt u een case vinden en een bericht sturen.": (
        "test_accessibility.py::test_keyboard_alone_finds_a_case_and_sends_a_message"
    ),
    "Met alleen het toetsenbord kunt u een fout in een formulier herstellen.": (
        "test_accessibility.py::test_keyboard_alone_mends_a_form"
    ),
    "Zonder JavaScript staan dezelfde koppen, links en velden op de pagina.": (
        "test_accessibility.py::test_without_javascript_same_headings_links_and_controls"
    ),
    "Bij 400% vergroten hoeft u niet opzij te schuiven.": "test_accessibility.py::test_reflow_at_320_pixels",
    "Bij tekst van 200% valt er geen tekst weg.": "test_accessibility.py::test_text_of_200_percent",
    "Met meer ruimte tussen letters, woorden en regels valt er geen tekst weg.": (
        "test_accessibility.py::test_text_with_more_space"
    ),
    "Links zijn minstens 24 bij 24 pixels groot. Knoppen, velden en filters zijn minstens 44 pixels hoog.": (
        "test_accessibility.py::test_targets_are_large_enough_for_a_finger"
    ),
    "Wie minder beweging vraagt, ziet geen beweging.": "test_accessibility.py::test_reduced_motion_is_no_motion",
    "Het programma html-validate vindt geen fouten in de HTML.": "test_html.py::test_html_of_every_page_is_valid",
}


@dataclass(frozen=True)
class Deviation:
    """Something known that falls short, in the words of the government's model."""

    what: str
    criterion: str  # of WCAG 2.2
    effect: str
    measure: str


OF_DJANGO = "Dit is het beheer van Django. Wij nemen nieuwe versies ervan over. Een datum hebben wij nog niet."
DEVIATIONS = [
    Deviation(
        what="Bij een veld waarin u meer dan één waarde kiest, staan de gekozen waarden niet in een lijst.",
        criterion="1.3.1 Info en relaties",
        effect="Een schermlezer zegt niet hoeveel er gekozen is.",
        measure=OF_DJANGO,
    ),
    Deviation(
        what="Links in het kruimelpad verschillen alleen in kleur van de tekst ernaast.",
        criterion="1.4.1 Gebruik van kleur",
        effect="Een redacteur die kleuren slecht ziet, ziet niet wat een link is.",
        measure=OF_DJANGO,
    ),
    Deviation(
        what="In lijsten zijn sommige vinkjes en links kleiner dan 24 bij 24 pixels.",
        criterion="2.5.8 Grootte van het aanwijsgebied (minimum)",
        effect="Een redacteur met een trillende hand kan ernaast klikken.",
        measure=OF_DJANGO,
    ),
    Deviation(
        what="Sommige zoekvelden in formulieren hebben geen naam die hulpsoftware kan lezen.",
        criterion="4.1.2 Naam, rol, waarde",
        effect="Een redacteur met een schermlezer hoort niet welk veld het is.",
        measure=OF_DJANGO,
    ),
]
