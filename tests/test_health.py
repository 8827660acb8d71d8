import json
import subprocess
import sys
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import path
from django.utils import timezone

from routes.models import Route
from techniekpact import urls
from techniekpact.urls import handler400, handler500  # noqa: F401  (this module is the urlconf of its tests)


def raising(error):
    def view(request):
        raise error

    return view


urlpatterns = [
    path("stuk/", raising(RuntimeError("stuk"))),
    path("verboden/", raising(PermissionDenied())),
    path("geen-database/", raising(OperationalError("weg"))),
    path("dode-verbinding/", raising(InterfaceError("weg"))),
    *urls.urlpatterns,
]


def in_our_look(response):
    page = response.content.decode()
    return all(part in page for part in ('class="skip-link"', "Techniekpact", '<html lang="nl">', "noindex"))


# ---- For the operator


def test_live_answers_without_the_database(client):
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response.headers["Cache-Control"]


def test_ready_when_the_database_is(client, db):
    response = client.get("/health/ready")
    assert (response.status_code, response.json()["status"]) == (200, "ok")
    assert "no-store" in response.headers["Cache-Control"]


def test_not_ready_with_an_unapplied_migration(client, db):
    MigrationRecorder.Migration.objects.filter(app="cases").delete()
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json() == {"status": "error", "database": "ok", "migrations": "not applied"}


WITHOUT_DATABASE = """
import json, django
django.setup()
from django.conf import settings
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
from django.test import Client
client = Client(raise_request_exception=False)
for path in ("/health/live", "/health/ready", "/cases/", "/bestaat/niet/"):
    response = client.get(path)
    print(json.dumps([path, response.status_code, response.content.decode(), response.headers.get("Retry-After")]))
"""


def test_database_that_does_not_answer_is_503_and_spares_the_rest(tmp_path):
    env = {"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "testserver", "HTTPS": "off", "DEBUG": "off"}
    env |= {"DJANGO_SETTINGS_MODULE": "techniekpact.settings", "DATABASE_URL": f"sqlite:///{tmp_path}/geen/map"}
    process = subprocess.run(
        [sys.executable, "-c", WITHOUT_DATABASE], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True
    )
    live, ready, cases, missing = (json.loads(line) for line in process.stdout.splitlines())
    assert live[1] == 200
    assert ready[1] == 503
    assert json.loads(ready[2]) == {"status": "error", "database": "no answer", "migrations": "unknown"}
    assert (cases[1], cases[3]) == (503, "60")
    assert "De site is even niet bereikbaar" in cases[2]
    assert missing[1] == 404


# ---- Error pages. These tests have no database: a query would fail them.


@pytest.mark.parametrize("address", ["/bestaat/niet/", "/cases/Met Spatie/", "/%00", "/%ED%A0%80/"])
def test_404_in_our_look_without_the_database(client, address):
    response = client.get(address)
    assert response.status_code == 404
    assert in_our_look(response)


@pytest.mark.parametrize("host", ["kwaad.example", "a b", "testserver:x"])
def test_400_in_our_look_without_the_database(client, host):
    response = client.get("/", headers={"host": host})
    assert response.status_code == 400
    assert in_our_look(response)
    assert "kwaad.example" not in response.content.decode()


@pytest.mark.urls(__name__)
def test_403_in_our_look_without_the_database(client):
    response = client.get("/verboden/")
    assert response.status_code == 403
    assert in_our_look(response)


def test_403_after_a_missing_csrf_token_in_our_look_without_the_database():
    response = Client(enforce_csrf_checks=True).post("/beheer/login/", {"username": "a", "password": "b"})
    assert response.status_code == 403
    assert in_our_look(response)
    assert "Het formulier is niet verstuurd" in response.content.decode()


@pytest.mark.urls(__name__)
def test_500_in_our_look_without_the_database():
    response = Client(raise_request_exception=False).get("/stuk/")
    assert response.status_code == 500
    assert in_our_look(response)


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", ["/geen-database/", "/dode-verbinding/"])
def test_503_when_the_database_fails_halfway(address):
    response = Client(raise_request_exception=False).get(address)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "60")
    assert in_our_look(response)


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", ["/bestaat/niet/", "/verboden/", "/stuk/", "/geen-database/", "/health/live"])
def test_errors_carry_the_security_headers_too(address):
    response = Client(raise_request_exception=False).get(address)
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"


# ---- For machines


def test_robots_keep_out_of_the_admin_and_find_the_sitemap(client):
    response = client.get("/robots.txt")
    assert response.headers["Content-Type"].startswith("text/plain")
    assert "Disallow: /beheer/\n" in response.content.decode()
    assert "Sitemap: http://testserver/sitemap.xml\n" in response.content.decode()


def test_favicon_leads_to_a_file_that_exists(client):
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert (settings.BASE_DIR / response.url.lstrip("/")).is_file()


@pytest.mark.parametrize("address", ["/doelen/doel-9", "/doelen/doel-9/"])
def test_old_address_of_the_goal_redirects_for_good(client, address):
    response = client.get(address)
    assert (response.status_code, response.url) == (301, "/doel-9/")


def addresses(client):
    tree = ElementTree.fromstring(client.get("/sitemap.xml").content)  # noqa: S314  (our own)
    return [each.text.removeprefix("http://testserver") for each in tree.findall(".//{*}loc")]


@pytest.fixture
def hidden():
    """What no visitor may see yet, or any more."""
    now = timezone.now()
    return [
        {"published_at": None},
        {"published_at": now + timedelta(days=1)},
        {"published_at": now - timedelta(days=2), "unpublish_at": now - timedelta(days=1)},
    ]


def test_sitemap_holds_what_is_published_and_no_more(client, hidden, fallback, make_case, make_experiment, make_route):
    make_case(slug="zichtbaar")
    make_experiment("zichtbaar-experiment")
    make_route("zichtbare-route")
    for number, moments in enumerate(hidden):
        make_case(slug=f"geheim-{number}", **moments)
        make_experiment(f"geheim-{number}", **moments)
        Route.objects.filter(pk=make_route(f"geheim-{number}").pk).update(**moments)
    found = addresses(client)
    assert {
        "/",
        "/doel-9/",
        "/cases/",
        "/cases/zichtbaar/",
        "/experimenten/zichtbaar-experiment/",
        "/leerroutes/zichtbare-route/",
        "/organisaties/roc-oost/",
        "/contact/contactpunt/",
    } <= set(found)
    assert len(found) == len(set(found))
    assert "geheim" not in " ".join(found)


def test_sitemap_leaves_out_what_hangs_under_a_concept(
    client, make_case, make_experiment, make_qualification, make_participation, make_organisation
):
    concept = make_experiment("geheim", published_at=None)
    make_qualification("onder-geheim", experiment=concept)
    make_participation(experiment=concept, organisation=make_organisation("Alleen in geheim"))
    make_case(published_at=None).lead_organisations.set([make_organisation("Alleen in concept")])
    found = addresses(client)
    assert "/cases/" in found
    assert [each for each in found if "geheim" in each or "concept" in each] == []


def test_every_address_of_the_sitemap_opens(client, content):
    found = addresses(client)
    assert len(found) > 100
    assert {address: code for address in found if (code := client.get(address).status_code) != 200} == {}
