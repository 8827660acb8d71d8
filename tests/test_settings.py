import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

KEY = "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-9876543210"


def python(code, folder, **env):
    """Run code in a Python that knows only these settings."""
    clean = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "techniekpact.settings"} | env
    return subprocess.run([sys.executable, "-c", code], cwd=folder, env=clean, capture_output=True, text=True)


@pytest.fixture
def start(tmp_path):
    """Read the settings file in a folder without var/env; returns the process."""
    package = tmp_path / "techniekpact"
    package.mkdir()
    for name in ("__init__.py", "env.py", "settings.py"):
        shutil.copy(settings.BASE_DIR / "techniekpact" / name, package)

    def read(*names, **env):
        code = f"import json, techniekpact.settings as s; print(json.dumps([getattr(s, n) for n in {names}]))"
        return python(code, tmp_path, **env)

    return read


@pytest.mark.parametrize(
    ("env", "name", "words"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY", "is not set"),
        ({"SECRET_KEY": "", "SECRET_KEY_FILE": "/geen/bestand"}, "SECRET_KEY_FILE", "cannot be read"),
        ({"SECRET_KEY_FILE": "/dev/null"}, "SECRET_KEY", "is not set"),
        ({"HTTPS": "yes"}, "HTTPS", "'yes'"),
        ({"HTTPS": ""}, "HTTPS", "''"),
        ({"DEBUG": "flase"}, "DEBUG", "'flase'"),
        ({"DEBUG": "True"}, "DEBUG", "'True'"),
        ({"PROXY_HOPS": "x"}, "PROXY_HOPS", "'x'"),
        ({"PROXY_HOPS": "-1"}, "PROXY_HOPS", "'-1'"),
        ({"PROXY_HOPS": "²"}, "PROXY_HOPS", "'²'"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL", "postgres:// or sqlite:///"),
        ({"DATABASE_URL": "portal.sqlite3"}, "DATABASE_URL", "postgres:// or sqlite:///"),
        ({"DATABASE_URL": "postgres://db/portal", "DATABASE_POOL_SIZE": "veel"}, "DATABASE_POOL_SIZE", "'veel'"),
        ({"DATABASE_URL": "postgres://ik@db:poort/portal"}, "DATABASE_URL", ""),
        ({"EMAIL_URL": "post://x"}, "EMAIL_URL", ""),
        ({"SECRET_KEY": "x" * 31}, "SECRET_KEY", "32 characters"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS", "at least one host"),
        ({"MEDIA_DIR": "media"}, "MEDIA_DIR", "whole path"),
        ({"SITE_URL": "doel9.example.nl"}, "SITE_URL", "https://"),
        ({"CHECK_AFTER_DAYS": "0"}, "CHECK_AFTER_DAYS", "1 or more"),
        ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS", "at least one host"),
        *[
            ({"DATABASE_URL": url}, "DATABASE_URL", "name of a database or the path")
            for url in ("postgres://ik:geheim@db:5432", "postgres://db/", "sqlite:///", "sqlite:///:memory:")
        ],
        *[({"DATABASE_URL": url}, "DATABASE_URL", "sqlite:///") for url in ("sqlite://", "sqlite://portal.sqlite3")],
        ({"DATABASE_URL": "postgres://db/portal", "DATABASE_POOL_SIZE": "0"}, "DATABASE_POOL_SIZE", "1 or more"),
        ({"CONTACT_EMAIL": "redactie"}, "CONTACT_EMAIL", "'redactie'"),
        ({"FROM_EMAIL": "portaal@"}, "FROM_EMAIL", "'portaal@'"),
        ({"FROM_EMAIL": ""}, "FROM_EMAIL", "''"),
    ],
)
def test_odd_value_stops_the_start_with_one_sentence(start, env, name, words):
    process = start("SECRET_KEY", **({"SECRET_KEY": KEY, "PYTHONUTF8": "1"} | env))
    assert process.returncode != 0
    sentence = process.stderr.strip().splitlines()[-1]
    assert sentence.startswith(f"django.core.exceptions.ImproperlyConfigured: {name} ")
    assert words in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    "command",
    [["manage.py", "migrate"], ["manage.py", "check"], ["-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]],
)
def test_wrong_setting_stops_a_command_with_that_sentence_alone(command):
    env = {"PATH": os.environ["PATH"], "SECRET_KEY": KEY, "HTTPS": "yes", "PYTHONUTF8": "1", "BIND": "127.0.0.1:0"}
    process = subprocess.run(
        [sys.executable, *command], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, timeout=60
    )
    assert process.returncode == 1
    assert process.stderr.strip().splitlines()[-1] == "HTTPS must be 'on' or 'off', not 'yes'."
    assert "Traceback" not in process.stderr


@pytest.fixture
def start_server(start, tmp_path):
    """Let gunicorn read its configuration in a folder with this var/env; returns the process."""
    (tmp_path / "var").mkdir()
    shutil.copy(settings.BASE_DIR / "deploy" / "gunicorn.conf.py", tmp_path)

    def read(environment=None, file=None):
        lines = [f"{name}={value}\n" for name, value in ({"SECRET_KEY": KEY} | (file or {})).items()]
        (tmp_path / "var" / "env").write_text("".join(lines))
        command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "--print-config"]
        env = {"PATH": os.environ["PATH"]} | (environment or {})
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)

    return read


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        *[("WORKERS", value, "must be a whole number of 1 or more") for value in ("veel", "0", "-1", "")],
        *[
            ("BIND", value, "must be host:port or unix:/path")
            for value in ("8000", "localhost:", "a:b", "::1", "a:65536")
        ],
        ("GUNICORN_LOG_LEVEL", "hard", "must be 'debug' or 'info' or 'warning' or 'error' or 'critical'"),
    ],
)
@pytest.mark.parametrize("place", ["environment", "file"])
def test_odd_value_for_the_server_stops_it_with_one_sentence(start_server, place, name, value, words):
    process = start_server(**{place: {name: value}})
    assert process.returncode == 1
    assert process.stderr.strip() == f"{name} {words}, not {value!r}."


def test_server_takes_the_file_and_the_environment_wins(start_server):
    found = {"BIND": "unix:/run/portal.sock", "WORKERS": "3", "GUNICORN_LOG_LEVEL": "error"}
    shown = start_server(file=found, environment={"WORKERS": "4"}).stdout
    for words in (r"bind\s+= \['unix:/run/portal.sock'\]", r"workers\s+= 4", r"loglevel\s+= error"):
        assert re.search(rf"^{words}$", shown, re.MULTILINE), shown


def test_missing_secret_key_stops_the_start(start):
    assert "ImproperlyConfigured: SECRET_KEY is not set." in start("SECRET_KEY").stderr


def test_secret_key_from_a_file_comes_without_its_newline(start, tmp_path):
    (tmp_path / "key").write_text(f"{KEY}\n")
    process = start("SECRET_KEY", SECRET_KEY_FILE=str(tmp_path / "key"))
    assert json.loads(process.stdout) == [KEY]


def test_environment_wins_over_the_file(start, tmp_path):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "env").write_text(f"SECRET_KEY={KEY}\nPROXY_HOPS=1\nCONTACT_EMAIL=post@portaal.example\n")
    process = start("SECRET_KEY", "PROXY_HOPS", "CONTACT_EMAIL", PROXY_HOPS="2")
    assert json.loads(process.stdout) == [KEY, 2, "post@portaal.example"]


def test_without_settings_nothing_is_open(start):
    names = ("DEBUG", "HTTPS", "ALLOWED_HOSTS", "PROXY_HOPS")
    assert json.loads(start(*names, SECRET_KEY=KEY).stdout) == [False, False, ["127.0.0.1", "localhost"], 0]


def test_hosts_may_have_spaces_around_them(start):
    process = start("ALLOWED_HOSTS", SECRET_KEY=KEY, ALLOWED_HOSTS=" portaal.example , localhost,")
    assert json.loads(process.stdout) == [["portaal.example", "localhost"]]


def test_forwarded_scheme_counts_only_behind_a_proxy(start):
    behind = start("SECURE_PROXY_SSL_HEADER", SECRET_KEY=KEY, PROXY_HOPS="1")
    assert json.loads(behind.stdout) == [["HTTP_X_FORWARDED_PROTO", "https"]]
    assert "has no attribute" in start("SECURE_PROXY_SSL_HEADER", SECRET_KEY=KEY, PROXY_HOPS="0").stderr


VISIT = """
import json, django
django.setup()
from django.test import Client
from django.conf import settings
client, seen = Client(), {}
for scheme, path in [("http", "/beheer/login/"), ("https", "/beheer/login/"), ("http", "/health/live")]:
    response = client.get(path, secure=scheme == "https")
    seen[scheme + path] = {
        "status": response.status_code,
        "headers": dict(response.headers),
        "cookies": [cookie.OutputString() for cookie in response.cookies.values()],
    }
seen["session"] = [settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY]
print(json.dumps(seen))
"""


def visit(tmp_path, https):
    # Names of static files without a hash: the login page must not wait for collectstatic.
    (tmp_path / "plain.py").write_text(
        "from techniekpact.settings import *\n"
        "STORAGES['staticfiles'] = {'BACKEND': 'django.contrib.staticfiles.storage.StaticFilesStorage'}\n"
    )
    env = {"SECRET_KEY": KEY, "ALLOWED_HOSTS": "testserver", "DATABASE_URL": "sqlite://:memory:", "DEBUG": "off"}
    path = f"{settings.BASE_DIR}:{tmp_path}"
    process = python(
        VISIT, tmp_path, HTTPS=https, DJANGO_SETTINGS_MODULE="plain", PYTHONPATH=path, PROXY_HOPS="0", **env
    )
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


def test_https_on_makes_cookies_and_connections_safe(tmp_path):
    seen = visit(tmp_path, "on")
    assert seen["http/beheer/login/"]["status"] == 301
    assert seen["http/beheer/login/"]["headers"]["Location"] == "https://testserver/beheer/login/"
    assert seen["http/health/live"]["status"] == 200
    page = seen["https/beheer/login/"]
    assert page["headers"]["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"
    assert "upgrade-insecure-requests" in page["headers"]["Content-Security-Policy"]
    [cookie] = page["cookies"]
    assert cookie.startswith("__Host-csrftoken=")
    parts = cookie.split("; ")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(parts)
    assert not any(part.startswith("Domain") for part in parts)
    assert seen["session"] == ["__Host-sessionid", True, True]


def test_https_off_works_on_a_laptop(tmp_path):
    seen = visit(tmp_path, "off")
    page = seen["http/beheer/login/"]
    assert page["status"] == 200
    assert "Strict-Transport-Security" not in page["headers"]
    assert "upgrade-insecure-requests" not in page["headers"]["Content-Security-Policy"]
    assert page["cookies"][0].startswith("csrftoken=")
    assert "Secure" not in page["cookies"][0]


@pytest.mark.django_db(transaction=True)
def test_restart_of_the_database_is_not_noticed(client):
    if connection.vendor == "postgresql":  # as after a restart: the connection that waits in the pool is dead
        with connection.pool.connection() as waiting:
            pid = waiting.info.backend_pid
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    connection.close()
    assert client.get("/health/ready").status_code == 200
