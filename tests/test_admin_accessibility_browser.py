"""The admin, and the two pages that a visitor sees only with a link, against WCAG 2.2 AA as far as axe can tell."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import copied, serving
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from test_accessibility import violations

from cases.models import Case, Remark
from contacts.models import Contact
from publishing import preview, versions, workflow
from publishing.models import Reminder, Version
from techniekpact import freshness

pytestmark = pytest.mark.browser

CASES = "/beheer/cases/case/"
IMPORTS = "/beheer/imports/batch/"
ORGANISATIONS = "/beheer/programme/organisation/"
TABLE = """webadres;titel;samenvatting;provincies;sectoren;eerste jaar;trekkers;bron 1 titel;bron 1 webadres
;Robots in {place};Wat er is gedaan.;Drenthe;techniek;2020;scalda;Krant;https://krant.example/een
{slug};Een andere titel;Wat er is gedaan.;Drenthe;techniek;2020;scalda;Krant;https://krant.example/twee
;{title};Wat er is gedaan.;Drenthe;techniek;;{lead};Krant;https://krant.example/drie
;Zonder provincie;Wat er is gedaan.;Drente;luchtvaart;2.024;Atlantis College;Krant;htp:/krant
"""


# A rule of axe, and what it finds that is Django's and that we leave so.
LEFT = {
    # No rule of WCAG: select2 puts a list that is open at the end of the page.
    "region: body > .select2-container--open.select2-container.select2-container--admin-autocomplete",
}


def press(page, button):
    with page.expect_navigation():
        page.locator(button).first.click()


def choose(page, action):
    page.locator("#action-toggle").check()
    page.locator("[name=action]").first.select_option(action)
    press(page, ".actions button")


def send_nothing(page, button="[type=submit].default"):
    press(page, button)
    page.locator(".errornote, .error-summary").wait_for()


def save_after_another(page):
    page.locator("[name=_seen]").evaluate("field => { field.value = 'what it was before' }")
    send_nothing(page)


def open_list(page):
    """Unfold what is folded, and open one of the lists that are chosen from."""
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    page.locator(".field-contact .select2-selection").click()
    page.locator(".select2-results__option[role=option]").first.wait_for()


def store_and_undo(page):
    press(page, "[name=_store]")
    press(page, "a[href$='/ongedaan/']")


# One of every kind of page that editors use, and the states that look otherwise.
PLACES = {
    "start": "/beheer/",
    "section": "/beheer/cases/",
    "cases": CASES,
    "cases, filtered": f"{CASES}?stand=gepubliceerd&sectors__slug__exact=techniek&q=a",
    "cases, to change many": f"{CASES}?stand=concept",
    "cases, to archive many": CASES,
    "case, new": f"{CASES}add/",
    "case, refused": f"{CASES}add/",
    "case, concept": f"{CASES}{{concept}}/change/",
    "case, list open": f"{CASES}{{concept}}/change/",
    "case, saved by another": f"{CASES}{{concept}}/change/",
    "case, published": f"{CASES}{{published}}/change/",
    "case, working copy": f"{CASES}{{copy}}/change/",
    "case, to review": f"{CASES}{{waiting}}/change/",
    "history": f"{CASES}{{copy}}/history/",
    "restore": f"{CASES}{{copy}}/history/{{version}}/",
    "delete": f"{CASES}{{concept}}/delete/",
    "deleted": f"{CASES}deleted/",
    "bring back": f"{CASES}deleted/{{deleted}}/",
    "imports": IMPORTS,
    "import, upload": f"{IMPORTS}add/",
    "import, refused": f"{IMPORTS}add/",
    "import, columns": "{columns}",
    "import, decision": "{decision}",
    "import, undo": "{stored}",
    "organisations": ORGANISATIONS,
    "organisation": f"{ORGANISATIONS}1/change/",
    "organisation, in a popup": f"{ORGANISATIONS}add/?_to_field=id&_popup=1",
    "contact": "/beheer/contacts/contact/{contact}/change/",
    "remark": "/beheer/cases/remark/{remark}/change/",
    "indicator": "/beheer/programme/indicator/1/change/",
    "password": "/beheer/password_change/",
    "preview": "{preview}",
    "check of a case": "{check_of_case}",
    "check of a case, changed": "{check_of_case}?antwoord=veranderd",
    "check of a case, ended": "{check_of_case}?antwoord=gestopt",
    "check of a contact": "{check_of_contact}",
    "check of a contact, answered": "{check_of_contact}",
}
STEPS = {  # what to do there
    "cases, to change many": partial(choose, action="choose_sectors"),
    "cases, to archive many": partial(choose, action="archive"),
    "case, refused": partial(send_nothing, button="[name=_submit]"),
    "case, list open": open_list,
    "case, saved by another": save_after_another,
    "import, refused": send_nothing,
    "import, undo": store_and_undo,
    "check of a case, changed": partial(send_nothing, button="main [type=submit]"),
    "check of a contact, answered": partial(press, button="main form [type=submit]"),
}


def build():
    """Make one of each thing in the places above. Prints what fills their addresses, as JSON."""
    editor = User.objects.get(username="eindredacteur")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(editor)
    published, sent, other, renamed = Case.objects.published().order_by("pk")[:4]
    copy, waiting = workflow.start_copy(published, editor), workflow.start_copy(sent, editor)
    first = versions.remember(copy) and Version.objects.of(copy).first()
    copy.summary, copy.review_comment = f"{copy.summary} En meer.", "Graag een bron erbij."
    copy.save()
    versions.record(copy, Version.Event.CHANGED, editor)
    workflow.submit(waiting, editor)
    concept, gone = (
        Case.objects.create(slug=slug, title=f"Case {slug}", summary="Robots.", author=editor)
        for slug in ("in-concept", "die-weg-is")
    )
    client.post(f"{CASES}{gone.pk}/delete/", {"post": "yes"})

    def upload(place, heading="samenvatting"):
        like = {"slug": renamed.slug, "title": other.title, "lead": other.lead_organisations.first()}
        table = TABLE.replace("samenvatting", heading).format(place=place, **like)
        file = SimpleUploadedFile("cases.csv", table.encode())
        response = client.post(f"{IMPORTS}add/", {"kind": "cases", "file": file, "stage": "concept"}, follow=True)
        return response.redirect_chain[-1][0]  # where what was read goes on

    def check(row):
        about = {"content_type": ContentType.objects.get_for_model(row), "object_id": row.pk, "title": row}
        reminder = Reminder.objects.create(address="a@school.example", sent_at=timezone.now(), **about)
        return urlsplit(freshness.link(reminder)).path

    contact = Contact.objects.current().first()
    world = {
        "session": client.cookies["sessionid"].value,
        "concept": concept.pk,
        "published": published.pk,
        "copy": copy.pk,
        "waiting": waiting.pk,
        "version": first.pk,
        "deleted": Version.objects.filter(event=Version.Event.DELETED).first().pk,
        "columns": upload("Assen", heading="waarover"),
        "decision": upload("Assen"),
        "stored": upload("Emmen"),
        "contact": contact.pk,
        "remark": Remark.objects.create(case=other, text="Het is gestopt.").pk,
        "preview": preview.address_of(concept),
        "check_of_case": check(other),
        "check_of_contact": check(contact),
    }
    print(json.dumps(world))


@pytest.fixture(scope="module")
def desk(prepared, chromium):
    """(a page in the browser of an editor who is logged in, what fills the addresses of the places)."""
    folder, env = copied(prepared, "desk")
    code = f"import django; django.setup(); import {Path(__file__).stem} as test; test.build()"
    paths = f"{Path(__file__).parent}:{env['PYTHONPATH']}"
    made = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=env | {"PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        check=True,
    )
    world = json.loads(made.stdout)
    with serving(folder, env) as address:
        context = chromium.new_context(base_url=address, locale="nl-NL")
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": "sessionid", "value": world["session"], "url": address}])
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())  # a form that was not saved
        yield page, world
        context.close()


@pytest.mark.parametrize("name", PLACES)
def test_axe_finds_nothing_where_editors_work(desk, name):
    page, world = desk
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.goto(PLACES[name].format(**world)).status == 200
    if name in STEPS:
        STEPS[name](page)
    wide = violations(page)
    page.set_viewport_size({"width": 360, "height": 800})
    assert [each for each in wide + violations(page) if each not in LEFT] == []


def test_steps_are_taken_somewhere():
    assert STEPS.keys() <= PLACES.keys()
