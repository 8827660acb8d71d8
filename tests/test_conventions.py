"""What we promise of all code, also of what is not yet written (docs/adr/, house rules)."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.template.loader import get_template
from django.urls import URLPattern, get_resolver, reverse
from django.utils.translation import gettext

ROOT = settings.BASE_DIR
LEVEL = {
    "publishing": 0,
    "discovery": 0,
    "programme": 1,
    "contacts": 2,
    "experiments": 3,
    "routes": 3,
    "cases": 4,
    "imports": 5,
    "techniekpact": 9,
}
TEMPLATES = sorted(str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.*"))
SOURCES = sorted(path for room in LEVEL for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)
MODEL_ADMINS = {model._meta.label: model_admin for model, model_admin in admin.site._registry.items()}
ADRS = sorted(path.name for path in (ROOT / "docs" / "adr").glob("*.md"))


def imported(path):
    """The top-level names that a Python file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.split(".")[0]


def barred_for(room):
    """The rooms that `room` may not know: all that are not below it."""
    return {other for other in LEVEL if other != room and LEVEL[other] >= LEVEL[room]}


def test_every_room_has_a_level():
    rooms = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert rooms == set(LEVEL)
    assert set(re.findall(r"^\| `(\w+)/` \|", (ROOT / "README.md").read_text(), re.M)) == rooms


@pytest.mark.parametrize("room", LEVEL)
def test_imports_point_down(room):
    files = [path for path in SOURCES if path.parts[len(ROOT.parts)] == room]
    assert files
    assert [path.name for path in files if barred_for(room) & set(imported(path))] == []


@pytest.mark.parametrize("room", LEVEL)
def test_foreign_keys_point_down(room):
    """A foreign key to 'cases.Case' as a string is no import, but points just as well."""
    models = apps.get_app_config(room).get_models(include_auto_created=True)
    relations = [
        field for model in models for field in model._meta.get_fields(include_hidden=True) if field.is_relation
    ]
    forward = [field for field in relations if not field.auto_created and field.related_model]
    assert [str(f) for f in forward if f.related_model._meta.app_label in barred_for(room)] == []


def test_no_view_has_a_class_level_queryset():
    """As a class attribute, 'published now' would be the moment at which the server started."""
    files = [path for path in SOURCES if path.name == "views.py"]
    assert files
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [t.id for t in getattr(node, "targets", []) if isinstance(t, ast.Name)]
            assert "queryset" not in names, f"{path}: {node.lineno}"


def test_nothing_of_the_request_is_spread_into_a_query():
    """Dictionaries of a visitor's making reach the ORM through a form only (CVE-2025-64459)."""
    assert SOURCES
    for path in SOURCES:
        assert not re.search(r"\*\*\s*(self\.)?request\.(GET|POST)", path.read_text()), path


@pytest.mark.parametrize("label", MODEL_ADMINS)
def test_admin_list_and_add_page_open(admin_client, label):
    model_admin = MODEL_ADMINS[label]
    name = f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}"
    assert admin_client.get(reverse(f"{name}_changelist")).status_code == 200
    assert admin_client.get(reverse(f"{name}_changelist"), {"q": "x"}).status_code == 200
    request = admin_client.get(reverse("admin:index")).wsgi_request
    expected = 200 if model_admin.has_add_permission(request) else 403
    assert admin_client.get(reverse(f"{name}_add")).status_code == expected


def test_every_model_is_in_the_admin_or_in_an_inline_of_it():
    shown = set(admin.site._registry)
    shown |= {inline.model for model_admin in admin.site._registry.values() for inline in model_admin.inlines}
    ours = {model for room in LEVEL for model in apps.get_app_config(room).get_models()}
    made_by_the_portal = {"discovery.contentversion", "discovery.searchtext", "discovery.word", "publishing.version"}
    made_by_the_portal |= {"imports.row"}  # on the pages of its batch
    assert len(ours) > 20
    assert {model._meta.label_lower for model in ours - shown} == made_by_the_portal


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_compiles(name):
    get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_static_files_of_a_template_exist(name):
    for static in re.findall(r"{% static ['\"]([^'\"]+)", (ROOT / "templates" / name).read_text()):
        assert finders.find(static), static


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_has_nothing_inline_and_nothing_from_elsewhere(name):
    """The policy would block it, and a visitor's address is nobody else's business."""
    text = (ROOT / "templates" / name).read_text()
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|(src|srcset)=[\"']?(https?:)?//", text)


def test_partials_are_included_with_only():
    """`only` keeps what a part needs visible."""
    includes = [
        (name, tag)
        for name in TEMPLATES
        for tag in re.findall(r"{% include [^%]+%}", (ROOT / "templates" / name).read_text())
    ]
    assert includes
    assert [(name, tag) for name, tag in includes if not re.search(r"\bonly\s*%}", tag)] == []


def test_env_names_are_in_readme():
    files = [ROOT / "techniekpact" / "settings.py", ROOT / "deploy" / "gunicorn.conf.py"]
    text = "".join(path.read_text() for path in files)
    names = set(re.findall(r"(?:env\.\w+|environ\.get)\(\s*['\"]([A-Z_]+)", text))
    assert len(names) > 8
    readme = (ROOT / "README.md").read_text()
    assert [name for name in sorted(names) if f"\n| `{name}` |" not in readme] == []


def test_adr_numbers_and_guards():
    """Numbers have no gaps, and each decision names a test that exists and guards it."""
    assert ADRS
    assert [int(name[:4]) for name in ADRS] == list(range(1, len(ADRS) + 1))
    for name in ADRS:
        guard = (ROOT / "docs" / "adr" / name).read_text().split("## Guard", 1)[1]
        tests = re.findall(r"`(tests/\w+\.py)::(\w+)`", guard)
        assert tests, name
        for file, test in tests:
            assert f"def {test}(" in (ROOT / file).read_text(), f"{name}: {file}::{test}"


def test_no_migration_is_missing(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_lock_holds_what_pyproject_asks_and_no_address():
    lock = (ROOT / "requirements" / "runtime.txt").read_text()
    asked = (ROOT / "pyproject.toml").read_text().split("dependencies = [")[1].split("\n]")[0]
    names = re.findall(r'"([\w-]+)', asked)
    assert names
    assert [name for name in names if f"\n{name}==" not in f"\n{lock}" and f"\n{name}[" not in f"\n{lock}"] == []
    assert "--hash=sha256:" in lock
    assert "://" not in lock


def test_our_translations_are_compiled():
    """Django reads the .mo, people read the .po: they must say the same."""
    text = (ROOT / "locale" / "nl" / "LC_MESSAGES" / "django.po").read_text()
    pairs = re.findall(r'msgid "(.+)"\nmsgstr "(.+)"', text)
    assert len(pairs) > 5
    assert [gettext(english) for english, _ in pairs] == [dutch for _, dutch in pairs]


def walk(patterns, prefix=""):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern), pattern
        else:
            yield from walk(pattern.url_patterns, prefix + str(pattern.pattern))


def test_every_public_address_is_tried_as_a_page():
    """A new page must stand in tests/test_pages.py, where headings, queries, headers and cookies are held."""
    from test_pages import PATTERNS

    public = {route for route, _ in walk(get_resolver().url_patterns) if not route.startswith("beheer/")}
    assert public == set(PATTERNS)


def test_pictures_of_the_handbook_are_there_and_say_what_is_on_them():
    """make pictures makes them."""
    shown = re.findall(r"!\[(.*)\]\((.+)\)", (ROOT / "docs" / "beheer.md").read_text())
    files = {f"beheer/{path.name}": path.stat().st_size for path in (ROOT / "docs" / "beheer").iterdir()}
    assert {name for _, name in shown} == set(files)
    assert 0 < len(files) <= 10
    assert all(alt for alt, _ in shown)
    assert max(files.values()) < 60_000


def test_handbook_and_readme_link_to_what_is_there():
    for name in ["README.md", "docs/beheer.md"]:
        text = (ROOT / name).read_text()
        titles = re.findall("^#+ (.+)", text.lower(), re.M)
        anchors = {re.sub(r"[^\w -]", "", title).replace(" ", "-") for title in titles}
        for target in re.findall(r"\]\(([^):]+)\)", text):
            file, _, anchor = target.partition("#")
            assert not file or (ROOT / name).parent.joinpath(file).exists(), target
            assert file or anchor in anchors, target


def test_repository_speaks_of_no_machine():
    """It is a product: no paths of somebody's computer."""
    texts = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *SOURCES, *Path(ROOT / "tests").glob("*.py")]
    assert len(texts) > 30
    pattern = re.compile(r"(?<![\w.])/(?:home|root|work)/\w")
    assert [str(path) for path in texts if pattern.search(path.read_text())] == []
