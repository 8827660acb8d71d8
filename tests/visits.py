"""The pages of the portal in every state that a visitor can meet, with the real content."""

from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

from django.template.loader import render_to_string

CASE = "/cases/vakmanschapsroute-techniek-zeeuws-vlaanderen/"
CONTACT = "/contact/contactpunt-doel-9/"

# One of every kind of public page. test_html.py tells when a new kind is not here.
KINDS = {
    "home": "/",
    "goal": "/doel-9/",
    "cases": "/cases/",
    "case": CASE,
    "experiments": "/experimenten/",
    "experiment": "/experimenten/rif/",
    "qualification": "/experimenten/kwalificaties/zorgtechnicus/",
    "routes": "/leerroutes/",
    "route": "/leerroutes/vakmanschaproute/",
    "organisation": "/organisaties/roc-van-twente/",
    "submit a case": "/case-aanmelden/",
    "remark": f"/case-verbeteren{CASE.removeprefix('/cases')}",
    "contact lookup": "/contact/",
    "contact": f"{CONTACT}?vanaf={CASE}",
    "search": "/zoeken/",
    "coverage": "/dekking/",
    "about": "/over/",
    "style guide": "/stijlgids/",
    "glossary": "/begrippen/",
    "accessibility": "/toegankelijkheid/",
    "privacy": "/privacy/",
}
SUBMITTED = "contact, submitted empty"
BROKEN = "500"
MISSING = {
    "404": "/bestaat-niet/",
    "404 of a number": "/cases/?pagina=999",
    "404 of a case": "/cases/bestaat-niet/",
    "404 of a preview": "/voorbeeld/verlopen/",
    "404 of a check": "/controle/verlopen/",
}
STATES = {
    "cases, filtered": "/cases/?regio=oost&sector=techniek&jaar=2018",
    "cases, searched": "/cases/?q=robot&sector=techniek",
    "cases, none": "/cases/?regio=zeeland&sector=economie-en-handel&jaar=2005",
    "cases, wrong values": "/cases/?jaar=vorig&regio=atlantis&sector=techniek",
    "cases, last page": "/cases/?pagina=2",
    "cases, table": "/cases/?weergave=tabel&regio=noord",
    "experiments, filtered": "/experimenten/?instrument=cross-over",
    "experiments, table": "/experimenten/?weergave=tabel",
    "routes, filtered": "/leerroutes/?regio=noord&sector=techniek",
    "routes, table": "/leerroutes/?weergave=tabel",
    "contact lookup, answered": "/contact/?regio=overijssel&sector=techniek",
    "contact lookup, wrong value": "/contact/?regio=atlantis",
    SUBMITTED: CONTACT,
    "contact, thanks": f"{CONTACT}?verzonden=1",
    "search, results": "/zoeken/?q=techniek",
    "search, none": "/zoeken/?q=xyzzyqwerty",
    "coverage, filtered": "/dekking/?jaar=2018&instrument=rif",
    **MISSING,
    BROKEN: "/kapot/",
}
VISITS = KINDS | STATES


def broken():
    """The page of an error inside the portal, which a portal that works cannot give."""
    return render_to_string("500.html")


def show(page, name):
    """Bring a browser to a page in a state."""
    if name == BROKEN:
        answer = {"status": 500, "body": broken(), "content_type": "text/html"}
        page.route(f"**{VISITS[name]}", lambda route: route.fulfill(**answer))
    page.goto(VISITS[name])
    if name == SUBMITTED:
        page.locator("main form[method=post] [type=submit]").click()
        page.wait_for_selector("[aria-invalid=true]")
    return page


def body(portal, name, *, encoding="identity"):
    """(status, body) of a page in a state, as it goes over the line."""
    if name == BROKEN:
        return 500, broken().encode()
    return fetch(portal, VISITS[name], data={} if name == SUBMITTED else None, encoding=encoding)


def fetch(portal, address, *, data=None, encoding="identity"):
    """(status, body) of any address of the portal."""
    connection = HTTPConnection(urlsplit(portal).netloc, timeout=30)
    headers = {"Accept-Encoding": encoding}
    if data is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.request("GET" if data is None else "POST", address, urlencode(data or {}), headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
