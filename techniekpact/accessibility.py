"""What the accessibility statement rests on: no claim without its test, and no statement older than a year."""

import datetime
from dataclasses import dataclass

STATED_ON = datetime.date(2026, 11, 26)
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
    "Bij tekst van 200% valt er geen tekst weg, behalve wat hieronder bij ‘Wat nog niet klopt’ staat.": (
        "test_accessibility.py::test_text_of_200_percent"
    ),
    "Met meer ruimte tussen letters, woorden en regels valt er geen tekst weg.": (
        "test_accessibility.py::test_text_with_more_space"
    ),
    "Links zijn minstens 24 bij 24 pixels groot. Op een aanraakscherm zijn knoppen, velden en de regels van filters "
    "minstens 44 pixels hoog.": "test_accessibility.py::test_targets_are_large_enough_for_a_finger",
    "Wie minder beweging vraagt, ziet geen beweging.": "test_accessibility.py::test_reduced_motion_is_no_motion",
    "Het programma html-validate vindt geen fouten in de HTML.": "test_html.py::test_html_of_every_page_is_valid",
    "Axe-core zoekt ook in het beheer, op de soorten pagina’s die redacteuren gebruiken, op een scherm van 360 en van "
    "1280 pixels breed.": "test_admin_accessibility_browser.py::test_axe_finds_nothing_where_editors_work",
    "En op de twee pagina’s die u alleen met een eigen link ziet: het voorbeeld van een tekst, en de vraag of een "
    "tekst nog klopt.": "test_admin_accessibility_browser.py::test_axe_finds_nothing_where_editors_work",
}


@dataclass(frozen=True)
class Deviation:
    """Something known that falls short, in the words of the government's model."""

    what: str
    where: str
    criterion: str  # of WCAG 2.2
    effect: str
    measure: str


DEVIATIONS = [
    Deviation(
        what="Bij tekst van 200% op een smal scherm staan er in een grafiek en een tijdlijn minder getallen en jaren.",
        where="De pagina’s voor bezoekers met een grafiek of een tijdlijn.",
        criterion="1.4.4 Herschalen van tekst",
        effect="Bij staven naast elkaar staan alleen de eerste en de laatste waarde, bij een tijdlijn minder jaren.",
        measure="De tabel eronder zegt alles. Voor een grafiek op de voorpagina staat die tabel bij Doel 9.",
    ),
    Deviation(
        what="De kalender en de klok naast een datum en een tijd staan achteraan op de pagina.",
        where="Het beheer, waar alleen redacteuren komen.",
        criterion="2.4.3 Focusvolgorde",
        effect="Een redacteur met alleen een toetsenbord komt daar pas na het hele formulier. Typen kan wel.",
        measure="Dit is het beheer van Django. Wij nemen nieuwe versies ervan over. Een datum hebben wij nog niet.",
    ),
]
