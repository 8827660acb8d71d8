"""Headers and cookies: strict everywhere, and nothing about a visitor is kept or told to others."""

import re

import pytest
from test_pages import PAGES

from techniekpact.middleware import CONTENT_SECURITY_POLICY

OTHERS = ["/beheer/login/", "/niet-hier/", "/cases/?pagina=99", "/robots.txt", "/sitemap.xml", "/health/live"]
EXPECTED = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@pytest.mark.parametrize("address", [*PAGES, *OTHERS])
def test_one_strict_policy_everywhere(client, fallback, address):
    response = client.get(address)
    assert {name: response.headers.get(name) for name in EXPECTED} == EXPECTED
    assert "geolocation=()" in response.headers["Permissions-Policy"]


def test_policy_is_strict():
    rules = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert rules["default-src"] == "'none'"
    assert set(rules.values()) == {"'none'", "'self'"}


@pytest.mark.parametrize("address", PAGES)
def test_public_pages_set_no_cookie(client, fallback, address):
    response = client.get(address)
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


@pytest.mark.parametrize("address", PAGES)
def test_public_pages_load_nothing_from_elsewhere(client, fallback, address):
    text = client.get(address).text
    loaded = re.findall(r'<(?:link rel="(?:stylesheet|icon)"[^>]*?href|img[^>]*?src|script[^>]*?src)="([^"]+)', text)
    assert loaded
    assert all(each.startswith("/static/") for each in loaded), loaded
