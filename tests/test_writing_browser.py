"""An editor writes a case in a real browser: what appears while typing, and what is not lost."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(open_page, live_server, client, make_editor, make_case, make_organisation):
    """The form for a new case, opened by a redacteur."""
    make_case(title="Zorgrobots in Zwolle", place="Zwolle")
    client.force_login(make_editor("redacteur", "oost"))
    name = settings.SESSION_COOKIE_NAME
    page = open_page(live_server.url, [{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page.goto("/beheer/cases/case/add/")
    return page


def test_editor_is_helped_while_writing_and_sends_a_case_to_review(page):
    steps = page.locator(".steps")
    expect(steps.get_by_role("status")).to_have_text("Nog 9 stappen tot publiceren:")
    page.locator("#id_title").fill("Zorgrobots te Zwolle")
    expect(page.locator("#id_title_hint").get_by_role("link")).to_have_text("Zorgrobots in Zwolle")
    page.locator("#id_slug").fill("zorgrobots-te-zwolle")
    page.locator("#id_summary").fill("Dat is tevens een proef.")
    expect(page.locator("#id_summary_hint")).to_contain_text("‘ook’ voor ‘tevens’")
    page.locator("#id_body").fill("Met **drie** bedrijven.")
    page.get_by_role("button", name="Voorbeeld").click()
    expect(page.get_by_role("region", name="Voorbeeld van ‘Tekst’").locator("strong")).to_have_text("drie")
    page.locator("#id_place").fill("zwolle")
    page.get_by_role("button", name="Overijssel kiezen").press("Enter")
    expect(page.locator(".field-provinces .select2-selection__choice")).to_contain_text("Overijssel")
    expect(page.locator("#id_place")).to_be_focused()
    page.locator("#id_sectors input[value=techniek]").check()
    page.locator("#id_first_year").fill("2024")
    with page.expect_popup() as opened:
        page.locator("#add_id_lead_organisations").click()
    popup = opened.value
    popup.locator("#id_name").press_sequentially("De ROC Oost")
    expect(popup.locator("#id_name_hint")).to_contain_text("Bestaat al: ROC Oost.")
    popup.locator("#id_kind").select_option("mbo")
    with popup.expect_event("close"):
        popup.get_by_role("button", name="Opslaan", exact=True).click()
    expect(page.locator(".field-lead_organisations .select2-selection__choice").first).to_contain_text("De ROC Oost")
    page.get_by_label("Plak een webadres").fill("https://www.krant.example/robots")
    page.get_by_label("Plak een webadres").press("Enter")
    expect(page.locator("#id_sources-0-title")).to_be_focused()
    page.keyboard.type("Robots in de les")
    page.keyboard.press("Tab")
    expect(steps.get_by_role("status")).to_contain_text("Alles hieronder is ingevuld.")
    page.locator("#id_body").fill("")
    page.locator("#id_sectors input[value=techniek]").uncheck()
    expect(steps.get_by_role("status")).to_have_text("Nog 2 stappen tot publiceren:")
    page.locator("#id_body").fill("Met drie bedrijven.")
    page.get_by_role("button", name="Naar beoordeling sturen").click()
    refused = page.locator(".error-links")
    expect(refused.get_by_role("link")).to_contain_text("Publiceren kan pas met een sector")
    page.locator("#id_sectors_unknown").check()
    expect(refused.get_by_text("✓ ingevuld")).to_be_visible()
    page.get_by_role("button", name="Naar beoordeling sturen").click()
    expect(page.get_by_text("Naar beoordeling gestuurd: Zorgrobots te Zwolle")).to_be_visible()


def test_address_becomes_a_source_once_and_leaving_without_saving_asks_first(page):
    paste = page.get_by_label("Plak een webadres")
    for address in ("https://www.krant.example/een", "krant.example/twee"):
        paste.fill(address)
        page.get_by_role("button", name="Bron toevoegen", exact=True).click()
    assert page.locator("#id_sources-0-publisher").input_value() == "krant.example"
    assert page.locator("#id_sources-1-url").input_value() == "https://krant.example/twee"
    paste.fill("https://www.krant.example/een/#top")
    paste.press("Enter")
    expect(page.locator("#source-paste-said")).to_have_text("Dit adres staat er al, bij bron 1.")
    paste.fill("javascript:alert(1)")
    paste.press("Enter")
    expect(page.locator("#source-paste-said")).to_contain_text("Dit is geen webadres.")
    page.locator(".field-provinces .select2-search__field").click()
    expect(page.get_by_role("option").first).to_be_visible()
    page.locator("#sources-group .add-row a").click()  # with a list open far above
    expect(page.locator("#id_sources-2-title")).to_be_visible()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/beheer/")
    assert asked == ["beforeunload"]
