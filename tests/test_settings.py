import json
import os
import shutil
import subprocess
import sys

import pytest
from django.conf import settings

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
