"""Who may do what in the admin: every address under /beheer/ and every action, for every role.

An address or an action that is not in these tables fails a test: whoever makes one says here who may use it.
"""

from contextlib import contextmanager
from itertools import chain

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, get_resolver, resolve, reverse
from django.utils import timezone

from cases.models import Case, Remark
from contacts.models import Contact, Message
from discovery.models import Synonym
from experiments.models import Domain
from imports.models import Batch, Heading
from programme.models import Action, Goal, Indicator, Level, Region, Sector, Term
from publishing import versions
from publishing.models import JobRun, Link, Reminder, Version
from techniekpact.models import ImportedRecord

ROLES = ["redacteur", "zonder werkgebied", "eindredacteur", "beheerder"]
OUTSIDE = ["bezoeker", "account"]  # 'account': can log in, but not in the admin
MODELS = {
    "regional": ["cases.case", "experiments.participation", "routes.routeoffering"],
    "texts": ["experiments.experiment", "experiments.qualification", "routes.route"],
    "organisation": ["programme.organisation"],
    "lists": ["programme.region", "programme.sector", "programme.level", "programme.term"],
    "goal": ["programme.goal", "programme.action", "programme.indicator", "experiments.domain"],
    "contact": ["contacts.contact"],
    "message": ["contacts.message"],
    "remark": ["cases.remark"],
    "synonym": ["discovery.synonym"],
    "import": ["imports.batch"],
    "heading": ["imports.heading"],
    "log": ["publishing.link", "publishing.reminder", "publishing.jobrun"],
    "imported": ["techniekpact.importedrecord"],
    "user": ["auth.user"],
}
# Rows of what lies in provinces, as a redacteur of Oost meets them.
PERSONAL = {"regional", "remark", "import"}  # what rows there are, depends on who asks
ROWS = ["ours", "theirs", "own", "public", "their public"]  # concepts of others in Oost, in Noord; own; published

# What GET and POST (of '_save' and 'post') answer, as GET/POST or one code for both. A beheerder is tried with GET.
# '=': as a redacteur, since for these models it makes no difference in which landsdeel someone works.
#              rows                      addresses                             redacteur  zonder     eindr.   beheerder
TABLE = """
regional     | -                       | changelist add deleted export       | 200      | 200      | 200      | 200
regional     | -                       | duplicates provinces                | 200      | 200      | 200      | 200
regional     | ours                    | change history restore bring_back   | 200      | 404      | 200      | 200
regional     | theirs, their public    | change history restore bring_back   | 404      | 404      | 200      | 200
regional     | own                     | change history restore bring_back   | 200      | 200      | 200      | 200
regional     | public                  | change                              | 200/403  | 404      | 200      | 200
regional     | public                  | history bring_back                  | 200      | 404      | 200      | 200
regional     | public                  | restore                             | 403      | 404      | 200      | 200
regional     | ours, public            | delete                              | 403      | 404      | 200/302  | 200
regional     | theirs, their public    | delete                              | 404      | 404      | 200/302  | 200
regional     | own                     | delete                              | 200/302  | 200/302  | 200/302  | 200
regional     | ours, theirs, own       | copy                                | 405/404  | 405/404  | 405/404  | 405
regional     | public                  | copy                                | 405/302  | 405/404  | 405/302  | 405
regional     | their public            | copy                                | 405/404  | 405/404  | 405/302  | 405
regional     | ours, theirs, own       | archive                             | 405/403  | 405/403  | 405/302  | 405
regional     | public, their public    | archive                             | 405/403  | 405/403  | 405/302  | 405
texts        | -                       | changelist                          | 200      | =        | 200      | 200
texts        | -                       | add deleted                         | 403      | =        | 200      | 200
texts        | one                     | change                              | 200/403  | =        | 200      | 200
texts        | one                     | history                             | 200      | =        | 200      | 200
texts        | one                     | delete restore bring_back           | 403      | =        | 200      | 200
texts        | one                     | copy                                | 405/404  | =        | 405/404  | 405
texts        | one                     | archive                             | 405/403  | =        | 405/302  | 405
organisation | -                       | changelist add like export          | 200      | =        | 200      | 200
organisation | -                       | deleted                             | 403      | =        | 200      | 200
organisation | one                     | change                              | 200/403  | =        | 200      | 200
organisation | one                     | history                             | 200      | =        | 200      | 200
organisation | one                     | delete restore bring_back           | 403      | =        | 200      | 200
lists        | -                       | changelist                          | 200      | =        | 200      | 200
lists        | -                       | add deleted                         | 403      | =        | 200      | 200
lists        | one                     | change                              | 200/403  | =        | 200      | 200
lists        | one                     | history                             | 200      | =        | 200      | 200
lists        | one                     | delete                              | 403      | =        | 200/302  | 200
lists        | one                     | restore bring_back                  | 403      | =        | 200      | 200
goal         | -                       | changelist add deleted              | 403      | =        | 200      | 200
goal         | one                     | change history restore bring_back   | 403      | =        | 200      | 200
goal         | one                     | delete                              | 403      | =        | 200/302  | 200
contact      | -                       | changelist add deleted              | 403      | =        | 200      | 200
contact      | one                     | change history delete restore bring_back | 403      | =        | 200      | 200
message      | -                       | changelist                          | 403      | =        | 200      | 200
message      | -                       | add                                 | 403      | =        | 403      | 403
message      | one                     | history                             | 403      | =        | 200      | 200
message      | one                     | change delete                       | 403      | =        | 200/302  | 200
remark       | -                       | changelist                          | 200      | 200      | 200      | 200
remark       | -                       | add                                 | 403      | 403      | 403      | 403
remark       | ours                    | change                              | 200/302  | 404      | 200/302  | 200
remark       | theirs                  | change                              | 404      | 404      | 200/302  | 200
remark       | ours                    | history                             | 200      | 404      | 200      | 200
remark       | theirs                  | history                             | 404      | 404      | 200      | 200
remark       | ours, theirs            | delete                              | 403      | 403      | 200/302  | 200
synonym      | -                       | changelist add                      | 403      | =        | 200      | 200
synonym      | one                     | change history                      | 403      | =        | 200      | 200
synonym      | one                     | delete                              | 403      | =        | 200/302  | 200
import       | -                       | changelist add                      | 200      | 200      | 200      | 200
import       | own                     | change kolommen ongedaan            | 302      | 302      | 302      | 302
import       | own                     | beoordelen geweigerd.csv history    | 200      | 200      | 200      | 200
import       | own                     | weggooien                           | 405/302  | 405/302  | 405/302  | 405
import       | theirs                  | weggooien                           | 405/404  | 405/404  | 405/403  | 405
import       | theirs                  | change                              | 404      | 404      | 200/403  | 200
import       | theirs                  | kolommen beoordelen                 | 404      | 404      | 403      | 403
import       | theirs                  | ongedaan                            | 404      | 404      | 302      | 302
import       | theirs                  | geweigerd.csv history               | 404      | 404      | 200      | 200
import       | own, theirs             | delete                              | 403      | 403      | 403      | 403
heading      | -                       | changelist                          | 403      | =        | 200      | 200
heading      | -                       | add                                 | 403      | =        | 403      | 403
heading      | one                     | change                              | 403      | =        | 200/403  | 200
heading      | one                     | history                             | 403      | =        | 200      | 200
heading      | one                     | delete                              | 403      | =        | 200/302  | 200
log          | -                       | changelist                          | 403      | =        | 200      | 200
log          | -                       | add                                 | 403      | =        | 403      | 403
log          | one                     | change                              | 403      | =        | 200/403  | 200
log          | one                     | history                             | 403      | =        | 200      | 200
log          | one                     | delete                              | 403      | =        | 403      | 403
imported     | -                       | changelist                          | 403      | =        | 403      | 200
imported     | -                       | add                                 | 403      | =        | 403      | 403
imported     | one                     | change history                      | 403      | =        | 403      | 200
imported     | one                     | delete                              | 403      | =        | 403      | 403
user         | -                       | changelist add                      | 403      | =        | 403      | 200
user         | one                     | change history delete password_change | 403      | =        | 403      | 200
"""
POSTED = {"change", "add", "delete", "copy", "archive", "restore", "bring_back", "password_change", "weggooien"}
OF_NO_ROW = {"changelist", "add", "deleted", "export", "like", "duplicates", "provinces"}


def patterns(found=None, before=""):
    """(address, name) of every address under /beheer/."""
    for each in get_resolver().url_patterns if found is None else found:
        address = before + str(each.pattern)
        if not isinstance(each, URLPattern):
            yield from patterns(each.url_patterns, address)
        elif address.startswith("beheer/"):
            yield address, each.name


def addresses_of(label):
    """The names of the addresses of a model in the admin, without the name of the model."""
    start = label.replace(".", "_") + "_"
    return [name.removeprefix(start) for _, name in patterns() if name and name.startswith(start)]


@contextmanager
def taken_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def world(
    make_editor, make_case, make_participation, make_offering, make_experiment, make_qualification, make_route, fallback
):
    """{model: {name of a row: the row}}, with a version of each, and one of a row that was deleted."""
    now, found = timezone.now(), {}
    someone = make_editor("redacteur", "oost", name="iemand")
    experiment, qualification, route = make_experiment(), make_qualification(), make_route()
    for make in (make_case, make_participation, make_offering):
        where = "provinces" if make is make_case else "province"

        def row(province, make=make, where=where, **values):
            return make(**{where: [province] if where == "provinces" else province, "author": someone} | values)

        rows = {
            "ours": row("overijssel", published_at=None),
            "theirs": row("fryslan", published_at=None),
            "own": row("gelderland", published_at=None),
            "public": row("overijssel", published_at=now),
            "their public": row("fryslan", published_at=now),
        }
        found[rows["own"]._meta.label_lower] = rows
    Goal.objects.create(slug="los", number=8, title="Los doel", summary="Kort.")
    case = found["cases.case"]["ours"]
    case.qualifications.add(qualification)
    single = [
        experiment,
        qualification,
        route,
        case.lead_organisations.get(),
        Region.objects.create(
            slug="limburg", name="Limburg", kind="provincie", landsdeel_id=Region.objects.get(slug="noord").pk
        ),
        Sector.objects.get(pk="groen"),
        Level.objects.get(pk=4),
        Term.objects.create(slug="bol", name="Bol", explanation="Leren op school."),
        Goal.objects.get(slug="los"),
        Action.objects.get(),
        Indicator.objects.create(slug="index", name="Index", unit="punten"),
        Domain.objects.create(number=1, name="Bouw"),
        fallback,
        Message.objects.create(contact=fallback, name="Piet", email="piet@school.example", text="Een vraag."),
        Synonym.objects.create(slug="robot", words="robotarm, cobot"),
        Link.objects.create(url="https://krant.example/"),
        ImportedRecord.objects.create(file="cases.yaml", key="een", field_digests={}),
        Heading.objects.create(kind="cases", text="Titel", column="titel"),
        JobRun.objects.create(key="links", started_at=now),
        Reminder.objects.create(
            content_type=ContentType.objects.get_for_model(Case), object_id=str(case.pk), title="x", sent_at=now
        ),
        someone,
    ]
    batches = {
        name: Batch.objects.create(kind="cases", file_name="x.csv", uploaded_by=someone) for name in ("theirs", "own")
    }
    found["imports.batch"] = batches
    found["cases.remark"] = {
        name: Remark.objects.create(case=found["cases.case"][name], text="Dit klopt niet.") for name in ROWS[:2]
    }
    return found | {row._meta.label_lower: {"one": row} for row in single}


def address_of(model, kind, row):
    name = f"admin:{model.replace('.', '_')}_{kind}"
    if kind in OF_NO_ROW:
        return reverse(name, args=["csv"] if kind == "export" else [])
    if kind in {"restore", "bring_back"}:
        rows = versions.snapshot(row)
        if kind == "restore":
            versions.remember(row)
            return reverse(name, args=[row.pk, versions.latest(row).pk])
        rows[0] |= {"pk": 98765 if isinstance(row.pk, int) else "weg"}
        gone = Version.objects.create(
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(rows[0]["pk"]),
            title=str(row),
            event=Version.Event.DELETED,
            rows=rows[:1],
            digest="0",
        )
        return reverse(name, args=[gone.pk])
    return reverse(name, args=[row.pk])


def answer(response):
    return "login" if response.get("Location", "").startswith("/beheer/login/") else str(response.status_code)


def answers(client, model, kind, row, post=True):
    """'200/403': what GET and POST answer; one of both when they are the same."""
    address, found = address_of(model, kind, row), []
    for method in ("get", "post") if post and kind in POSTED else ("get",):
        with taken_back():
            found.append(
                answer(getattr(client, method)(address, {"_save": "1", "post": "yes"} if method == "post" else {}))
            )
    return "/".join(dict.fromkeys(found))


@pytest.fixture
def enter(client, make_editor, world, django_user_model):
    """Log in as a role; the rows named 'own' are of who this is."""

    def enter(role):
        if role == "bezoeker":
            return None
        if role == "account":
            user = django_user_model.objects.create_user("piet", password="een lang wachtwoord")
        elif role == "beheerder":
            user = django_user_model.objects.filter(is_superuser=True).get()
        elif role == "zonder werkgebied":
            user = make_editor("redacteur", name="nieuw")
        else:
            user = make_editor(role, "oost")
        for rows in world.values():
            if hasattr(rows.get("own"), "author_id"):
                type(rows["own"]).objects.filter(pk=rows["own"].pk).update(author=user)
        Batch.objects.filter(pk=world["imports.batch"]["own"].pk).update(uploaded_by=user)
        client.force_login(user)
        return user

    return enter


@pytest.fixture
def undrawn(monkeypatch):
    """Pages without their text, as thousands are asked for: here it matters who gets them."""
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")


def expected():
    """{(models, row, kind of address): [what each role is answered]}, as the table says."""
    lines = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
    return {
        (models, row, kind): dict(zip(ROLES, [cells[0] if cell == "=" else cell for cell in cells], strict=True))
        for models, rows, kinds, *cells in lines
        for row in rows.split(", ")
        for kind in kinds.split()
    }


def asked(role=""):
    """(models, model, kind of address, name of the row) of all addresses of models, or of those to try in a role.

    The three models in provinces share their rules (RegionalAdmin): the first is tried in full, and only by who does
    not work on all of them.
    """
    for models, labels in MODELS.items():
        for label in labels:
            rows = {"regional": ROWS if label == "cases.case" else ROWS[:2], "remark": ROWS[:2], "import": ROWS[1:3]}
            names = rows.get(models, ["one"])
            if models == "regional" and role in ROLES[2:]:
                names = [name for name in names if name in {"theirs", "public"}]
            for kind in addresses_of(label):
                for name in ["-"] if kind in OF_NO_ROW else names:
                    yield models, label, kind, name


@pytest.mark.parametrize("role", ROLES)
def test_every_address_of_a_model_answers_as_the_table_says(role, enter, client, world, request):
    if role != "zonder werkgebied":  # with few rows: there the pages are drawn as well
        request.getfixturevalue("undrawn")
    enter(role)
    table, wrong = expected(), []
    for models, label, kind, name in asked(role):
        if role == "zonder werkgebied" and models not in PERSONAL:
            continue
        row = world[label].get(name) or next(iter(world[label].values()))
        post = role != "beheerder" and label == MODELS[models][0]
        due = table.get((models, name, kind), {}).get(role, "")
        found = answers(client, label, kind, row, post)
        if found != (due if post else due.split("/")[0]):
            wrong.append(f"{label} {kind} {name}: {found}, table: {due}")
    assert wrong == []


def test_table_has_no_more_than_there_is():
    assert set(expected()) == {(models, row, kind) for models, _, kind, row in asked()}
    assert sorted(chain(*MODELS.values())) == sorted(model._meta.label_lower for model in admin.site._registry)


OTHERS = """
/beheer/                                                                                  | login | 200 | 200
/beheer/login/                                                                            | 200   | 302 | 302
/beheer/logout/                                                                           | 302   | 405 | 405
/beheer/password_change/                                                                  | login | 200 | 200
/beheer/password_change/done/                                                             | login | 200 | 200
/beheer/jsi18n/                                                                           | login | 200 | 200
/beheer/autocomplete/?app_label=cases&model_name=case&field_name=provinces                | login | 200 | 200
/beheer/autocomplete/?app_label=cases&model_name=case&field_name=contact                  | login | 403 | 200
/beheer/autocomplete/?app_label=programme&model_name=party&field_name=goal                | login | 403 | 200
/beheer/autocomplete/?app_label=cases&model_name=case&field_name=onzin                    | login | 403 | 403
/beheer/autocomplete/?app_label=onzin&model_name=case&field_name=contact                  | login | 403 | 403
/beheer/autocomplete/                                                                     | login | 403 | 403
/beheer/cases/                                                                            | login | 200 | 200
/beheer/contacts/                                                                         | login | 404 | 200
/beheer/auth/                                                                             | login | 404 | 404
/beheer/onzin/                                                                            | login | 404 | 404
/beheer/r/1/1/                                                                            | login | 404 | 404
/beheer/schrijfhulp/voorbeeld/                                                            | login | 405 | 405
/beheer/schrijfhulp/taal/                                                                 | login | 405 | 405
/beheer/imports/batch/sjabloon-cases.xlsx                                                 | login | 200 | 200
/beheer/imports/batch/sjabloon-organisations.csv                                          | login | 200 | 200
/beheer/imports/batch/sjabloon-contacts.csv                                               | login | 404 | 404
/beheer/imports/batch/records-cases.yaml                                                  | login | 200 | 200
/beheer/imports/batch/records-contacts.yaml                                               | login | 404 | 200
/beheer/wachtwoord-vergeten/                                                              | 200   | 200 | 200
/beheer/wachtwoord-vergeten/verzonden/                                                    | 200   | 200 | 200
/beheer/nieuw-wachtwoord/MQ/abc-def/                                                      | 200   | 200 | 200
/beheer/nieuw-wachtwoord/klaar/                                                           | 200   | 200 | 200
"""  # what GET answers a visitor, a redacteur and an eindredacteur


@pytest.mark.parametrize(("role", "column"), [("bezoeker", 1), ("account", 1), ("redacteur", 2), ("eindredacteur", 3)])
def test_every_other_address_answers_as_the_table_says(role, column, enter, client, undrawn):
    enter(role)
    wrong = []
    for line in OTHERS.strip().splitlines():
        address, due = (line.split("|")[n].strip() for n in (0, column))
        found = answer(client.get(address))
        if found != due:
            wrong.append(f"{address}: {found}, table: {due}")
    assert wrong == []


def test_every_address_is_in_a_table():
    named = {resolve(line.split("|")[0].split("?")[0].strip()).url_name for line in OTHERS.strip().splitlines()}
    of_models = {f"{label.replace('.', '_')}_{kind}" for _, label, kind, _ in asked()}
    names = {name for _, name in patterns()}
    assert len(names) > 150
    assert names - named - of_models == set()


@pytest.mark.parametrize("role", OUTSIDE)
def test_who_is_no_editor_is_asked_to_log_in(role, enter, client, world):
    enter(role)
    rows = {label: next(iter(rows.values())) for label, rows in world.items()}
    addresses = [address_of(label, kind, rows[label]) for _, label, kind, _ in asked()]
    with taken_back():
        assert {answer(client.get(address)) for address in set(addresses)} == {"login"}
        assert {answer(client.post(address)) for address in set(addresses)} == {"login"}


# ---- Actions in lists

OFFERED = """
regional     | submit export_csv export_xlsx                 | delete_selected publish archive withdraw
texts        |                                               | delete_selected publish submit archive withdraw
organisation | export_csv export_xlsx                         | delete_selected
lists        |                                               | delete_selected
goal         |                                               | delete_selected
contact      |                                               | delete_selected make_fallback
message      |                                               | delete_selected mark_handled deliver_again
remark       | mark_handled                                  | delete_selected
synonym      |                                               | delete_selected
import       |                                               |
heading      |                                               | delete_selected
log          |                                               |
imported     |                                               |
user         |                                               |
"""  # to a redacteur; and what an eindredacteur has beside that
OF_ONE_MODEL = {
    ("redacteur", "cases.case"): {"choose_sectors", "add_instruments"},
    ("eindredacteur", "publishing.link"): {"test"},
    ("beheerder", "auth.user"): {"delete_selected"},
}
CHANGED = {  # which rows an action changes for a redacteur, for one without landsdelen, and for who may publish
    "publish": ["", "", "ours theirs own"],
    "submit": ["ours own", "own", "ours theirs own"],
    "archive": ["", "", "public their public"],
    "withdraw": ["", "", "public their public"],
    "choose_sectors": ["ours own", "own", "ours theirs own public their public"],
    "add_instruments": ["ours own", "own", "ours theirs own public their public"],
    "delete_selected": ["", "", "ours theirs own public their public"],
}


def test_every_role_is_offered_the_actions_of_the_table(make_editor, rf, admin_user):
    lines = [[cell.strip() for cell in line.split("|")] for line in OFFERED.strip().splitlines()]
    assert [models for models, *_ in lines] == list(MODELS)
    roles = {"redacteur": make_editor("redacteur", "oost"), "eindredacteur": make_editor("eindredacteur")}
    for models, own, more in lines:
        for label in MODELS[models]:
            due = set()
            for (role, user), names in zip((roles | {"beheerder": admin_user}).items(), (own, more, ""), strict=True):
                request = rf.get("/")
                request.user = user
                due |= set(names.split()) | OF_ONE_MODEL.get((role, label), set())
                found = set(admin.site.get_model_admin(apps.get_model(label)).get_actions(request))
                assert found == due, (role, label)


@pytest.mark.parametrize("role", ROLES[:3])
def test_every_action_changes_the_rows_of_the_table(role, enter, client, world, make_experiment):
    enter(role)
    Remark.objects.all().delete()
    rows = world["cases.case"]
    chosen = {"show": "1", "sectors": ["groen"], "how": "erbij", "experiments": [make_experiment("bol-bbl").pk]}
    found = {}
    for action in CHANGED:
        changed = []
        for ticked in [[each] for each in rows] if action == "delete_selected" else [list(rows)]:
            with taken_back():
                before = versions.snapshots(Case, [row.pk for row in rows.values()])
                data = {"action": action, "_selected_action": [rows[each].pk for each in ticked], "post": "yes"}
                page = client.post("/beheer/cases/case/", data)
                for step in (chosen, {"run": "1"}):
                    if page.context and "plan" in page.context and (step is not chosen or page.context["form"]):
                        page = client.post("/beheer/cases/case/", data | {"plan": page.context["plan"]} | step)
                after = versions.snapshots(Case, before)
                changed += [each for each in ticked if after.get(rows[each].pk) != before[rows[each].pk]]
        found[action] = " ".join(changed)
    assert found == {action: due[ROLES.index(role)] for action, due in CHANGED.items()}


# ---- What is sent without the forms


@pytest.fixture
def redacteur(enter):
    return enter("redacteur")


def test_forged_posts_of_a_redacteur_change_nothing(redacteur, client, world):
    rows, fryslan = world["cases.case"], Region.objects.get(slug="fryslan").pk
    for row in rows.values():
        versions.remember(row)
    theirs_version = versions.latest(rows["theirs"]).pk
    complete = {"title": "Gekaapt", "slug": "gekaapt", "summary": "x", "body": "x", "first_year": 2016}
    complete |= {
        f"{name}-{count}": 0
        for name in ("sources", "images", "former_slugs", "submission")
        for count in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    complete |= {"lead_organisations": [world["programme.organisation"]["one"].pk], "sectors": ["techniek"]}
    complete |= {"provinces": [Region.objects.get(slug="overijssel").pk]}
    moments = {"published_at_0": "2026-01-02", "published_at_1": "12:00"}
    case, someone = "/beheer/cases/case/", world["auth.user"]["one"]
    steps = [
        (f"{case}{rows['own'].pk}/change/", complete | {"_publish": "1"}, 403),
        (f"{case}{rows['own'].pk}/change/", complete | moments, 403),
        (f"{case}{rows['own'].pk}/change/", complete | {"provinces": [fryslan]}, 200),
        (f"{case}add/", complete | moments, 403),
        (f"{case}add/", complete | {"provinces": [fryslan]}, 200),
        (f"{case}{rows['theirs'].pk}/change/", complete, 404),
        (f"{case}{rows['public'].pk}/change/", complete, 403),
        (f"{case}{rows['own'].pk}/history/{theirs_version}/", {"seen": "x"}, 404),
        (f"{case}{rows['ours'].pk}/delete/", {"post": "yes"}, 403),
        (f"{case}{rows['theirs'].pk}/delete/", {"post": "yes"}, 404),
        (f"/beheer/auth/user/{redacteur.pk}/change/", {"username": "redacteur", "is_superuser": "on"}, 403),
        (f"/beheer/auth/user/{someone.pk}/password/", {"password1": "x", "password2": "x"}, 403),
        (f"/beheer/contacts/contact/{world['contacts.contact']['one'].pk}/change/", {"name": "Gekaapt"}, 403),
        ("/beheer/programme/goal/add/", {"title": "Gekaapt"}, 403),
    ]
    for action in ("publish", "archive", "withdraw", "submit", "delete_selected"):
        ids = {"_selected_action": [rows["theirs"].pk, rows["their public"].pk], "post": "yes", "run": "1"}
        steps += [(case, {"action": action, **ids}, None), (case, {"action": action, "plan": "x", **ids}, None)]
    before = versions.snapshots(Case, [row.pk for row in rows.values()])
    for address, data, status in steps:
        response = client.post(address, data)
        assert status in (None, response.status_code), (address, data)
    assert versions.snapshots(Case, Case.objects.values_list("pk", flat=True)) == before
    redacteur.refresh_from_db()
    assert not redacteur.is_superuser


def test_redacteur_sees_no_contact_and_no_address(redacteur, client, world, fallback):
    Contact.objects.update(email="geheim@portaal.example")
    own = world["cases.case"]["own"]
    Case.objects.filter(pk=own.pk).update(contact=fallback)
    page = client.get(f"/beheer/cases/case/{own.pk}/change/")
    assert "contact" not in page.context["adminform"].form.fields
    assert "geheim@" not in page.text


def test_autocomplete_names_no_row_of_another_landsdeel(redacteur, client, world):
    """Any relation to a case will do for it, such as that of its sources."""
    Case.objects.update(title="Zelfde titel")
    asked = {"app_label": "cases", "model_name": "casesource", "field_name": "case", "term": "Zelfde"}
    found = client.get("/beheer/autocomplete/", asked).json()["results"]
    visible = {str(world["cases.case"][name].pk) for name in ("ours", "own", "public")}
    assert {each["id"] for each in found} == visible


def test_way_to_the_site_names_no_address_of_another_landsdeel(redacteur, client, world):
    kind = ContentType.objects.get_for_model(Case).pk
    codes = {name: client.get(f"/beheer/r/{kind}/{row.pk}/").status_code for name, row in world["cases.case"].items()}
    assert codes == {"ours": 302, "theirs": 404, "own": 302, "public": 302, "their public": 404}


# ---- What is no row, and what is no question

WRONG_KEYS = ["abc", "0", "99999999999999999999", "1%00"]


def test_guessed_keys_are_not_found(client, admin_user, field, undrawn):
    client.force_login(admin_user)
    wrong = []
    for _, label, kind, _ in asked():
        if kind in OF_NO_ROW or (kind != "change" and label != "cases.case"):
            continue
        for key in WRONG_KEYS:
            args = {"bring_back": [1], "restore": [7, 1]}.get(kind, [7])
            address = reverse(f"admin:{label.replace('.', '_')}_{kind}", args=args).replace("/7/", f"/{key}/")
            found = (client.post if kind in {"copy", "archive"} else client.get)(address).status_code
            if found != 404:
                wrong.append(f"{address}: {found}")
    assert wrong == []


def test_odd_questions_and_ticks_break_no_list(client, admin_user, field, undrawn):
    client.force_login(admin_user)
    for label in chain(*MODELS.values()):
        address = reverse(f"admin:{label.replace('.', '_')}_changelist")
        for query in (
            "q=%00",
            "o=9.99.abc&p=-1&e=1",
            "all=&id__exact=abc",
            "stand=%00&sectors__id__exact=%00",
            "pk__in=x",
        ):
            assert client.get(f"{address}?{query}").status_code in {200, 302, 400}, (address, query)
        keys = [key.replace("%00", "\0") for key in WRONG_KEYS]
        for action in ("delete_selected", "publish"):
            data = {"action": action, "_selected_action": keys}
            assert client.post(address, data).status_code in {200, 302}, (address, action)


def test_landsdeel_that_someone_works_for_is_not_deleted(client, admin_user, make_editor):
    make_editor("redacteur", "oost")
    client.force_login(admin_user)
    oost = Region.objects.get(slug="oost")
    assert client.post(f"/beheer/programme/region/{oost.pk}/delete/", {"post": "yes"}).status_code == 200
    assert Region.objects.contains(oost)
