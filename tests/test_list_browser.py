"""A list in a real browser: after each choice the visitor goes on where the choice was made, also by keyboard."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_list(chromium, live_server, make_case):
    """Open the list of cases in a new browser; it notes every complaint."""
    for year in range(2014, 2020):
        make_case(sectors=["techniek" if year % 2 else "groen"], first_year=year, last_year=year)
    contexts = []

    def start(address="/cases/", *, width=1280, height=800, **options):
        options |= {"viewport": {"width": width, "height": height}, "reduced_motion": "reduce"}
        context = chromium.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(address)
        return page

    yield start
    for context in contexts:
        context.close()


def press(page, locator):
    """Follow a link, or send a form, by keyboard."""
    locator.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def says(page, words):
    expect(page.get_by_role("heading", level=1)).to_have_text(words)
    expect(page).to_have_title(re.compile(f"^{words} – "))


def at_rest(page):
    """Whether nothing has the focus, as on a page that was just opened."""
    return page.evaluate("document.activeElement === document.body")


def test_choice_by_keyboard_keeps_the_focus_and_says_the_new_count(open_list):
    page = open_list()
    option = page.locator("#sector-techniek")
    page.locator("[name=sector][value=techniek]").focus()
    page.keyboard.press("Tab")
    expect(option).to_be_focused()
    press(page, option)
    says(page, "3 cases over techniek")
    expect(option).to_be_focused()
    press(page, option)
    says(page, "6 cases")
    expect(option).to_be_focused()
    assert page.complaints == []


def test_choice_far_down_stays_in_view_and_its_fold_stays_open(open_list):
    page = open_list()
    page.locator("summary", has_text="Actief in jaar").click()
    option = page.locator("#jaar-2018")
    for words in ("1 case, actief in 2018", "6 cases"):
        press(page, option)
        says(page, words)
        expect(option).to_be_focused()
        expect(option).to_be_in_viewport()


def test_choice_on_the_map_keeps_the_focus(open_list):
    page = open_list()
    tile = page.locator(".tile a", has_text="Overijssel")
    press(page, tile)
    says(page, "6 cases in Overijssel")
    expect(tile).to_be_focused()


def test_focus_goes_to_what_was_found_when_a_chip_goes_or_the_form_is_sent(open_list):
    page = open_list("/cases/?sector=groen")
    results = page.locator("#resultaten")
    press(page, page.get_by_role("link", name="Verwijder filter Sector: Groen"))
    says(page, "6 cases")
    expect(results).to_be_focused()
    page.locator("#filter-sorteer").select_option("titel")
    press(page, page.get_by_role("button", name="Filters toepassen"))
    expect(page).to_have_url(re.compile("sorteer=titel"))
    expect(results).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()


@pytest.mark.parametrize("height", [740, 256])  # a telephone, and a screen at 400%
def test_on_a_narrow_screen_the_focus_goes_to_what_was_found_with_the_count_in_view(open_list, height):
    page = open_list(width=320, height=height)
    summary = page.locator("summary", has_text="Filters")
    assert summary.bounding_box()["height"] >= 44
    summary.click()
    press(page, page.locator("#sector-techniek"))
    says(page, "3 cases over techniek")
    expect(summary).to_have_text("Filters (1)")
    expect(page.locator("#resultaten")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()


def test_focus_stays_on_the_view_that_was_chosen(open_list):
    page = open_list("/cases/?sector=groen")
    for name in ("Tabel", "Lijst"):
        press(page, page.get_by_role("list", name="Weergave").get_by_role("link", name=name))
        expect(page.get_by_role("link", name=name, exact=True)).to_be_focused()
        expect(page.get_by_role("table", name="3 cases over groen")).to_have_count(int(name == "Tabel"))
    assert page.complaints == []


def test_back_reload_and_another_way_in_take_no_focus(open_list):
    page = open_list()
    press(page, page.locator("#sector-techniek"))
    press(page, page.locator("#sector-groen"))
    page.reload()
    assert at_rest(page)
    page.go_back()
    says(page, "3 cases over techniek")
    assert at_rest(page)
    page.locator("#sector-groen").click(modifiers=["ControlOrMeta"])  # in another tab
    page.goto("/cases/?sector=groen")
    says(page, "3 cases over groen")
    assert at_rest(page)


@pytest.mark.parametrize("width", [320, 700, 1000, 1280])
def test_table_fits_and_stays_a_table(open_list, width):
    page = open_list("/cases/?weergave=tabel", width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".stacking").evaluate("each => each.scrollWidth - each.clientWidth") == 0
    row = page.get_by_role("row", name=re.compile("Case 6"))
    expect(row.get_by_role("rowheader")).to_have_text("Case 6")
    expect(row.get_by_role("cell")).to_have_count(4)
    # The label of a cell is heard once: as the head of its column, or in the cell where the heads are gone.
    heads = page.get_by_role("columnheader").count()
    labels = row.get_by_text("Sector:").filter(visible=True).count()
    assert (heads, labels) == ((5, 0) if width == 1280 else (0, 1))


def test_what_was_typed_before_the_scripts_came_stays(open_list):
    page = open_list()
    page.context.route("**/filters.js", lambda route: (typed(page), route.continue_()))
    page.goto("/cases/?jaar=2018", wait_until="load")
    assert page.locator("#filter-q").input_value() == "robot"


def typed(page):
    page.locator("#filter-q").evaluate("field => { field.value = 'robot' }")


def test_all_of_it_works_without_scripts(open_list):
    page = open_list(java_script_enabled=False)
    page.locator("#sector-techniek").click()
    says(page, "3 cases over techniek")
    page.get_by_role("link", name="Tabel").click()
    page.locator("#filter-sorteer").select_option("titel")
    page.get_by_role("button", name="Filters toepassen").click()
    expect(page.get_by_role("row")).to_have_count(4)
    page.get_by_role("link", name="Verwijder filter Sector: Techniek").click()
    says(page, "6 cases")
    expect(page.get_by_role("row")).to_have_count(7)
