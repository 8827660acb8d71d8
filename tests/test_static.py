"""The static files as production serves them: one style sheet, made of the parts."""

import re

import pytest
from django.conf import settings
from django.core.management import call_command

CSS = settings.BASE_DIR / "static" / "css"
PARTS = sorted(str(path.relative_to(CSS)) for path in CSS.rglob("*.css") if path.name not in {"site.css", "admin.css"})


@pytest.fixture
def collected(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "techniekpact.storage.SiteStaticFilesStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_every_part_of_the_style_is_imported_once_and_in_order():
    imported = re.findall(r'@import url\("(.+?)"\)', (CSS / "site.css").read_text())
    assert sorted(imported) == PARTS
    for folder in ("components/", "pages/"):
        within = [name for name in imported if name.startswith(folder)]
        assert within == sorted(within)


def test_browser_gets_one_style_sheet_with_all_parts_in_their_layers(collected):
    css = (collected / "css" / "site.css").read_text()
    assert "@import" not in css
    assert re.search(r"@layer components \{[^@]*\.chip \{", css)
    assert re.search(r"@media print \{\s*@layer print \{", css)
    assert css.count("{") == css.count("}")


def test_a_changed_part_gives_the_style_sheet_another_name(collected, tmp_path_factory, settings):
    """Also when the file of site.css itself is as it was, and collected before."""
    before = {path.name for path in (collected / "css").glob("site.*.css")}
    parts = tmp_path_factory.mktemp("static")
    (parts / "css").mkdir()
    (parts / "css" / "print.css").write_text(".new { color: red; }")
    settings.STATICFILES_DIRS = [parts, *settings.STATICFILES_DIRS]
    call_command("collectstatic", interactive=False, verbosity=0)
    after = {path.name for path in (collected / "css").glob("site.*.css")} - before
    assert len(after) == 1
    assert ".new {" in (collected / "css" / after.pop()).read_text()
