"""The portal in a real browser: what a visitor and an editor do, and what the policy lets through."""

import re

import pytest
from playwright.sync_api import expect
from test_pages import PAGES

from cases.models import Case
from contacts.models import Message

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_browser(chromium, live_server):
    """Open a context at the site; it notes every complaint of the browser and every foreign request."""
    contexts = []

    def start(**options):
        context = chromium.new_context(base_url=live_server.url, locale="nl-NL", **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.complaints, page.foreign = [], []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda r: r.url.startswith(live_server.url) or page.foreign.append(r.url))
        return page

    yield start
    for context in contexts:
        context.close()


@pytest.fixture
def some_of_everything(
    fallback, make_case, make_experiment, make_qualification, make_participation, make_route, make_offering
):
    experiment, route = make_experiment(), make_route()
    make_participation(qualification=make_qualification())
    make_offering()
    for sectors in (["techniek"], ["groen"], ["techniek", "groen"]):
        make_case(sectors=sectors, experiments=[experiment.pk], routes=[route.pk])


def test_visitor_without_javascript_finds_a_case_and_sends_a_message(open_browser, some_of_everything):
    page = open_browser(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page.goto("/")
    page.get_by_role("searchbox").fill("samenvatting")
    page.get_by_role("button", name="Zoek").click()
    page.get_by_role("link", name="Bekijk alle 3 cases").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 cases met ‘samenvatting’")
    page.locator("summary", has_text="Filters").first.click()
    page.get_by_label("Groen, 2").check()
    page.get_by_role("button", name="Filters toepassen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 cases over groen met ‘samenvatting’")
    page.get_by_role("link", name="Verwijder filter Sector").click()
    page.get_by_role("link", name="Case 2", exact=True).click()
    page.get_by_role("link", name="Stuur een bericht").click()
    page.get_by_label("Uw naam").fill("Anna de Vries")
    page.get_by_label("Uw e-mailadres").fill("anna@school.example")
    page.get_by_label("Uw bericht").fill("Mag ik langskomen?")
    page.get_by_role("button", name="Verstuur").click()
    page.wait_for_url("**?verzonden=1")
    assert Message.objects.get().text == "Mag ik langskomen?"
    assert page.context.cookies() == []
    assert page.foreign == []


def test_contact_form_with_faults_says_what_to_do_and_keeps_the_text(open_browser, fallback):
    page = open_browser()
    page.goto(fallback.get_absolute_url())
    page.locator("form").evaluate_all("forms => forms.forEach(form => form.noValidate = true)")
    page.get_by_label("Uw bericht").fill("Een lange vraag.")
    page.get_by_role("button", name="Verstuur").click()
    expect(page).to_have_title(re.compile("^Fout: "))
    assert page.get_by_label("Uw bericht").input_value() == "Een lange vraag."
    page.get_by_role("link", name="Vul uw naam in.").click()
    assert page.evaluate("document.activeElement.name") == "name"


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_fit_and_break_no_rule_of_the_policy(open_browser, some_of_everything, width):
    page = open_browser(viewport={"width": width, "height": 800})
    for address in PAGES:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert (page.complaints, page.foreign) == ([], []), address
    assert page.context.cookies() == []


def test_editor_adds_a_case_and_publishes_it(open_browser, some_of_everything, make_organisation, admin_user):
    page = open_browser()
    page.goto("/beheer/")
    page.get_by_label("Gebruikersnaam").fill("admin")
    page.get_by_label("Wachtwoord").fill("password")
    page.get_by_role("button", name="Aanmelden").click()
    page.goto("/beheer/cases/case/add/")
    page.locator("#id_title").press_sequentially("Zorgrobots in Zwolle")
    assert page.locator("#id_slug").input_value() == "zorgrobots-in-zwolle"
    page.locator("#id_summary").fill("Studenten maken robots voor de zorg.")
    page.locator("#id_body").fill("Met **drie** bedrijven.")
    choose(page, "provinces", "Overijssel")
    page.locator("#id_sectors input[value=techniek]").check()
    page.locator("#id_first_year").fill("2024")
    choose(page, "lead_organisations", "ROC Oost")
    page.locator("#id_published_at_0").fill("01-01-2025")
    page.locator("#id_published_at_1").fill("12:00")
    page.get_by_role("button", name="Opslaan", exact=True).click()
    expect(page.locator("#sources-group").get_by_text("Publiceren kan pas met minstens één bron.")).to_be_visible()
    assert page.locator("#id_title").input_value() == "Zorgrobots in Zwolle"
    page.locator("#id_sources-0-title").fill("Robots in de les")
    page.get_by_role("button", name="Opslaan", exact=True).click()
    expect(page.get_by_text("Toegevoegd (case)")).to_be_visible()
    case = Case.objects.published().get(slug="zorgrobots-in-zwolle")
    page.goto(case.get_absolute_url())
    assert page.get_by_text("drie").evaluate("element => element.tagName") == "STRONG"
    assert (page.complaints, page.foreign) == ([], [])


def choose(page, field, words):
    """Choose from an autocomplete field of the admin, by typing."""
    page.locator(f".field-{field} .select2-selection").click()
    page.locator(".select2-search__field:focus").press_sequentially(words)
    page.locator(".select2-results__option", has_text=words).first.click()


@pytest.mark.parametrize("address", ["/zoeken/", "/cases/"])
def test_visitor_follows_a_suggestion_by_keyboard_alone(open_browser, some_of_everything, address):
    page = open_browser()
    page.goto(address)
    field = page.get_by_role("combobox", name=re.compile("^Zoek op"))
    field.focus()
    page.keyboard.type("ca")
    options = page.get_by_role("listbox", name="Suggesties").get_by_role("option")
    expect(options).to_have_text(["Case 1 case", "Case 2 case", "Case 3 case"])
    expect(page.get_by_role("status")).to_have_text("3 suggesties")
    assert page.locator("main .suggest").count() == (address == "/zoeken/")  # in the <main> of a list are its rows
    expect(field).to_have_attribute("aria-expanded", "true")
    assert field.get_attribute("aria-activedescendant") is None
    for key, active in [("ArrowDown", 0), ("ArrowUp", None), ("ArrowUp", 2), ("ArrowDown", None), ("ArrowDown", 0)]:
        page.keyboard.press(key)
        expected = f"{field.get_attribute('aria-controls')}-{active}" if active is not None else None
        assert field.get_attribute("aria-activedescendant") == expected
    page.keyboard.press("End")
    assert field.get_attribute("aria-activedescendant") is None
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_value("ca")
    page.keyboard.press("ArrowDown")
    expect(options).to_have_count(3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/case-2/")
    assert (page.complaints, page.foreign) == ([], [])


def test_enter_without_a_chosen_suggestion_searches_and_leaving_the_field_closes(open_browser, some_of_everything):
    page = open_browser()
    page.goto("/zoeken/")
    page.get_by_role("combobox").press_sequentially("case")
    expect(page.get_by_role("option")).to_have_count(3)
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.get_by_role("combobox").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("3 resultaten met ‘case’")
    page.get_by_role("combobox").fill("ov")
    page.get_by_role("option", name="Overijssel regio").click()
    page.wait_for_url("**/cases/?regio=overijssel")


@pytest.mark.parametrize("blocked", ["**/*.js", "**/suggesties/**"])
def test_search_works_without_scripts_and_without_suggestions(open_browser, some_of_everything, blocked):
    page = open_browser()
    page.context.route(blocked, lambda route: route.abort())
    page.goto("/zoeken/")
    page.locator("#zoek").press_sequentially("samenvatting", delay=30)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("resultaten met ‘samenvatting’"))
    page.get_by_role("link", name="Bekijk alle 3 cases").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 cases met ‘samenvatting’")


def test_visitor_copies_the_link_of_a_case(open_browser, some_of_everything):
    page = open_browser(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/cases/case-2/?utm_source=nieuwsbrief#feiten")
    page.get_by_role("button", name="Kopieer link").click()
    expect(page.get_by_role("status", name="")).to_have_text("Link gekopieerd")
    assert page.evaluate("navigator.clipboard.readText()") == page.url.split("?")[0]
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Kopieer link")).to_be_hidden()
    assert (page.complaints, page.foreign) == ([], [])


def test_without_scripts_or_a_clipboard_there_is_no_button_to_copy(open_browser, some_of_everything):
    plain = open_browser(java_script_enabled=False)
    without = open_browser()
    without.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    for page in (plain, without):
        page.goto("/cases/case-2/")
        expect(page.get_by_text("Kopieer link")).to_be_hidden()


def test_images_keep_their_place_while_they_load(open_browser, some_of_everything, make_image):
    """Also when none of them comes: nothing below may move then."""
    case = Case.objects.get(slug="case-2")
    make_image(case)
    make_image(case, width=480, height=720)
    page = open_browser(viewport={"width": 360, "height": 740})
    page.context.route("**/beelden/**", lambda route: None)  # for ever on its way
    page.goto(case.get_absolute_url(), wait_until="domcontentloaded")
    for image, ratio in zip(page.locator(".picture-image").all(), (1600 / 900, 480 / 720), strict=True):
        box = image.bounding_box()
        assert box["width"] > 300
        assert abs(box["width"] / box["height"] - ratio) < 0.02
