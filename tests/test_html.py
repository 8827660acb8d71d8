"""The bytes of every page, in every state, against the rules of HTML (.htmlvalidate.cjs says which)."""

import json
import subprocess

import pytest
from django.conf import settings
from django.urls import resolve
from test_pages import PATTERNS
from visits import KINDS, MISSING, VISITS, body


def test_every_kind_of_page_is_visited():
    """A new kind of page needs an address of the real content in visits.py; then all tests of the browser see it."""
    visited = {resolve(address.partition("?")[0]).route for address in KINDS.values()}
    assert visited == {pattern for pattern, known in PATTERNS.items() if known}


@pytest.mark.browser
def test_html_of_every_page_is_valid(portal, tmp_path):
    for name in VISITS:
        status, found = body(portal, name)
        assert status == (404 if name in MISSING else 500 if name == "500" else 200), name
        (tmp_path / f"{name.replace(' ', '-')}.html").write_bytes(found)
    report = tmp_path / "report.json"  # in a file: through a pipe it stops after 64 kB
    command = ["node_modules/.bin/html-validate", "--config", ".htmlvalidate.cjs", "--formatter", f"json={report}"]
    subprocess.run([*command, str(tmp_path)], cwd=settings.BASE_DIR, check=False)
    faults = [
        f"{page['filePath'].rpartition('/')[2]}:{each['line']} {each['ruleId']}: {each['message']}"
        for page in json.loads(report.read_text())
        for each in page["messages"]
    ]
    assert faults == []
