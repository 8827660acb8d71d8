"""The style guide shows every component, from the templates of the site itself."""

import re
from collections import Counter

import pytest
from django.conf import settings

from techniekpact.styleguide import TOKENS

COMPONENTS = sorted(path.name for path in (settings.BASE_DIR / "templates" / "components").glob("*.html"))


@pytest.fixture
def response(client, content, db):
    return client.get("/stijlgids/")


def test_every_component_is_shown_and_named(response):
    """A new file in templates/components/ needs a sample in templates/styleguide/."""
    assert len(COMPONENTS) > 40
    rendered = {template.name for template in response.templates}
    assert [name for name in COMPONENTS if f"components/{name}" not in rendered] == []
    assert [name for name in COMPONENTS if f"<code>components/{name}</code>" not in response.text] == []


def test_every_token_is_shown_as_the_style_sheet_has_it(response):
    declared = re.findall(r"(--portal-[\w-]+):", TOKENS.read_text())
    assert set(re.findall(r"<code>(--portal-[\w-]+)</code>", response.text)) == set(declared)
    light, dark = re.findall(r"--portal-color-accent-1: (#\w+);", TOKENS.read_text())
    assert f"{light}, donker {dark}" in response.text


def test_samples_do_not_act(response):
    """No sample takes the focus, speaks up, or can send anything; each id leads to one place."""
    for acting in ("autofocus", 'role="alert"', 'role="status"', 'method="post"'):
        assert acting not in response.text
    ids = Counter(re.findall(r'\sid="([^"]+)"', response.text))
    assert [name for name, count in ids.items() if count > 1] == []


def test_states_are_real_where_the_portal_has_them(response):
    for words in ("Bij ‘Regio’ kennen wij ‘atlantis’ niet", "Verwijder filter Regio:", "Bedoelde u", "Zonder ‘2000’"):
        assert words in response.text, words


def test_empty_portal_has_examples(client, db):
    response = client.get("/stijlgids/")
    assert response.status_code == 200
    assert "Voorbeeld: afgelopen" in response.text
    assert "Hier staat nog geen case." in response.text


def test_style_guide_is_for_makers_and_not_for_search_engines(client, db):
    assert '<meta name="robots" content="noindex">' in client.get("/stijlgids/").text
    assert "/stijlgids/" not in client.get("/sitemap.xml").text
