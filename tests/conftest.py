import fcntl
import io
import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.cache import caches
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from visits import fetch

from cases.models import Case
from contacts.models import Contact
from experiments.models import Experiment, Participation, Qualification
from programme.models import Action, Goal, Level, Organisation, Region, RegionAlias, Sector, WorkArea
from routes.models import Route, RouteOffering
from techniekpact.content import import_content


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("static")


@pytest.fixture(autouse=True)
def _plain_static_files(settings, empty_folder):
    """Names without a hash, so that tests need no collectstatic; and no files, which each new client would look up."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.STATIC_ROOT = empty_folder


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """A hash that is slow on purpose would be a fifth of the time of all tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _files_of_this_test(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    caches["share"].clear()


def pytest_collection_modifyitems(items):
    """Begin with what takes long, while the other worker does the rest; end with the tests of the real content.

    The content stays in the database once it is there.
    """
    items.sort(key=lambda item: (item.get_closest_marker("long") is None, "content" in item.fixturenames))


@pytest.fixture(scope="session")
def content(django_db_setup, django_db_blocker):
    """The real content, read once for all tests with it, which each undo their own changes."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield import_content()
        transaction.set_rollback(True)


@pytest.fixture
def field(db):
    """The small world that the other rows stand in: levels, sectors, two landsdelen with three provinces."""
    Level.objects.bulk_create(Level(number=n, name=f"Niveau {n}") for n in range(1, 5))
    names = {
        "techniek": "Techniek",
        "groen": "Groen",
        "zorg-en-welzijn": "Zorg en welzijn",
        "economie-en-handel": "Economie en handel",
    }
    Sector.objects.bulk_create(Sector(slug=slug, name=name) for slug, name in names.items())
    for name, provinces in {"Noord": ["Fryslân"], "Oost": ["Overijssel", "Gelderland"]}.items():
        landsdeel = Region.objects.create(slug=name.lower(), name=name, kind="landsdeel")
        for province in provinces:
            slug = province.lower().replace("â", "a")
            Region.objects.create(slug=slug, name=province, kind="provincie", landsdeel=landsdeel)
    RegionAlias.objects.create(region=Region.objects.get(slug="fryslan"), name="Friesland", slug="friesland")
    goal = Goal.objects.create(slug="doel-9", number=9, title="Afstemmen", summary="Waar het om gaat.")
    Action.objects.create(slug="actie", goal=goal, number=1, title="Actie", summary="Wat we doen.")


@pytest.fixture
def make_organisation(field):
    def make(name="ROC Oost", **values):
        slug = name.lower().replace(" ", "-")
        return Organisation.objects.get_or_create(slug=slug, defaults={"name": name, "kind": "mbo"} | values)[0]

    return make


@pytest.fixture
def make_case(make_organisation):
    """Make a case that is complete and published; every value can be set, collections by their slugs."""
    number = 0

    def make(*, provinces=("overijssel",), sectors=("techniek",), levels=(), experiments=(), routes=(), **values):
        nonlocal number
        number += 1
        defaults = {
            "title": f"Case {number}",
            "slug": f"case-{number}",
            "summary": "Samenvatting.",
            "body": "Tekst.",
            "first_year": 2016,
            "published_at": timezone.now(),
        }
        case = Case.objects.create(**defaults | values)
        case.provinces.set(Region.objects.filter(slug__in=provinces))
        case.sectors.set(sectors)
        case.levels.set(levels)
        case.experiments.set(experiments)
        case.routes.set(routes)
        case.lead_organisations.add(make_organisation())
        case.sources.create(title="Bron", publisher="Krant", url="https://krant.example/bericht")
        return case

    return make


@pytest.fixture
def make_image():
    """Make the row of an image of 1600 by 900 pixels; its files only the form can make."""

    def make(case, **values):
        defaults = {"digest": "0" * 32, "width": 1600, "height": 900, "alt": "Een robotarm.", "credit": "ROC Oost"}
        return case.images.create(**defaults | values)

    return make


@pytest.fixture
def make_experiment(field):
    def make(slug="cross-over", **values):
        defaults = {"name": slug.title(), "summary": "Samenvatting.", "published_at": timezone.now()}
        return Experiment.objects.create(slug=slug, **defaults | values)

    return make


@pytest.fixture
def make_qualification(make_experiment):
    def make(slug="zorgtechnicus", **values):
        experiment = Experiment.objects.first() or make_experiment()
        defaults = {"name": slug.title(), "experiment": experiment, "published_at": timezone.now()}
        return Qualification.objects.create(slug=slug, **defaults | values)

    return make


@pytest.fixture
def make_participation(make_experiment, make_organisation):
    """Make a published participation; provinces, sectors and levels as lists, or one of each by itself."""
    number = 0

    def make(
        *, province="overijssel", sector="techniek", level=None, provinces=None, sectors=None, levels=None, **values
    ):
        nonlocal number
        number += 1
        defaults = {
            "slug": f"deelname-{number}",
            "programme": f"Opleiding {number}",
            "experiment": Experiment.objects.first() or make_experiment(),
            "organisation": make_organisation(),
            "first_year": 2016,
            "published_at": timezone.now(),
        }
        made = Participation.objects.create(**defaults | values)
        made.provinces.set(Region.objects.filter(slug__in=[province] if provinces is None else provinces))
        made.sectors.set([each for each in ([sector] if sectors is None else sectors) if each])
        made.levels.set([each for each in ([level] if levels is None else levels) if each])
        made.sources.create(title="Bron")
        return made

    return make


@pytest.fixture
def make_route(field):
    def make(slug="vakmanschaproute", **values):
        levels = {"min_level_id": 2, "max_level_id": 3}
        if slug in {"beroepsroute", "technologieroute"}:
            levels = {"min_level_id": 4, "max_level_id": 4}
        defaults = {
            "name": slug.title(),
            "summary": "Samenvatting.",
            "from_leerwegen": "kader",
            "published_at": timezone.now(),
        }
        return Route.objects.create(slug=slug, **levels | defaults | values)

    return make


@pytest.fixture
def make_offering(make_route, make_organisation):
    number = 0

    def make(*, province="overijssel", sector="techniek", level=None, **values):
        nonlocal number
        number += 1
        defaults = {
            "slug": f"aanbod-{number}",
            "name": f"Route {number}",
            "route": Route.objects.first() or make_route(),
            "first_year": 2016,
            "published_at": timezone.now(),
        }
        region = Region.objects.filter(slug=province).first()
        made = RouteOffering.objects.create(province=region, sector_id=sector, level_id=level, **defaults | values)
        made.organisations.add(make_organisation())
        made.sources.create(title="Bron")
        return made

    return make


@pytest.fixture
def fallback(field):
    return Contact.objects.create(slug="contactpunt", name="Contactpunt", is_fallback=True)


@pytest.fixture
def make_editor(field, django_user_model):
    """Make who works in the admin: make_editor("redacteur", "oost"). A second one of a role takes a `name`."""
    call_command("create_accounts", stdout=io.StringIO())

    def make(role, *landsdelen, name=""):
        name = name or role
        email = f"{name}@portaal.example"
        editor = django_user_model.objects.create_user(name, email, "een lang wachtwoord", is_staff=True)
        editor.groups.set(Group.objects.filter(name=role.capitalize()))
        area = WorkArea.objects.create(user=editor)
        area.regions.set(Region.objects.filter(slug__in=landsdelen))
        return editor

    return make


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium, without the connections it makes of its own accord."""
    from playwright.sync_api import sync_playwright

    quiet = ["--disable-quic", "--disable-sync", "--disable-component-update", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=quiet)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """Open a new browser at a portal; each page notes every complaint and every foreign request, and had better not."""
    contexts, pages = [], []

    def start(address, cookies=(), **options):
        context = chromium.new_context(base_url=address, locale="nl-NL", **options)
        contexts.append(context)
        context.add_cookies(list(cookies))
        page = context.new_page()
        pages.append(page)
        page.set_default_timeout(10_000)
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda r: r.url.startswith(address) or page.complaints.append(r.url))
        return page

    yield start
    for context in contexts:
        context.close()
    assert [page.complaints for page in pages if page.complaints] == []


PASSWORD = "een lang wachtwoord"
PREPARE = f"""
import django
from django.core.management import call_command

django.setup()
for command in ("migrate", "createcachetable", "import_content", "rebuild_search", "create_accounts"):
    call_command(command, verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)

from django.contrib.auth.models import Group, User
from programme.models import Region, WorkArea

for role in ("redacteur", "eindredacteur"):
    editor = User.objects.create_user(role, f"{{role}}@portaal.example", {PASSWORD!r}, is_staff=True)
    editor.groups.add(Group.objects.get(name=role.capitalize()))
WorkArea.objects.create(user=User.objects.get(username="redacteur")).regions.add(Region.objects.get(slug="oost"))
"""


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """(the folder, the environment) of a portal with the real content. Made once, for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "portal"
    folder.mkdir(exist_ok=True)
    lines = [
        "from techniekpact.settings import *",
        f"STATIC_ROOT = {str(folder / 'static')!r}",
        "PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']",
    ]
    (folder / "portal_settings.py").write_text("\n".join(lines))
    env = os.environ | {
        "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
        "DJANGO_SETTINGS_MODULE": "portal_settings",
        "PYTHONPATH": f"{folder}:{settings.BASE_DIR}",
        "MEDIA_DIR": str(folder / "media"),
        "ALLOWED_HOSTS": "127.0.0.1",
        "WORKERS": "1",
        "GUNICORN_LOG_LEVEL": "warning",
    }
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            subprocess.run([sys.executable, "-W", "ignore", "-c", PREPARE], cwd=settings.BASE_DIR, env=env, check=True)
            (folder / "ready").touch()
    return folder, env


@contextmanager
def serving(folder, env):
    # The server inherits a socket that listens already: a request waits there until the server can answer it.
    with socket.create_server(("127.0.0.1", 0)) as listening, (folder / f"log-{os.getpid()}").open("a") as log:
        number = listening.fileno()
        options = ["--config", "deploy/gunicorn.conf.py", "--bind", f"fd://{number}"]
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options],
            cwd=settings.BASE_DIR,
            env=env,
            pass_fds=[number],
            stderr=log,
        )
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with server:
        try:
            assert fetch(address, "/health/live")[0] == 200
            yield address
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def portal(prepared):
    """The address of the portal as it runs in production: the real content, compressed, with hashed static files."""
    with serving(*prepared) as address:
        yield address


def copied(prepared, name):
    """The same, with a database of its own to write in."""
    folder, env = prepared
    own = folder / f"{name}-{os.getpid()}.sqlite3"
    with closing(sqlite3.connect(folder / "portal.sqlite3")) as read, closing(sqlite3.connect(own)) as written:
        read.backup(written)
    return folder, env | {"DATABASE_URL": f"sqlite:///{own}", "EMAIL_URL": "dummymail://"}


@pytest.fixture(scope="session")
def own_portal(prepared):
    """The address of a portal to write in. Its editors log in with PASSWORD."""
    with serving(*copied(prepared, "own")) as address:
        yield address
