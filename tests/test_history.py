"""What editors see of the past of a row, how they go back to it, and how two who save at once lose nothing."""

import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.contrib.admin import site
from django.contrib.messages.storage.base import BaseStorage
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, connections
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from test_admin import act, as_posted, change, faults, inline

from cases.admin import CaseAdmin
from cases.models import Case, CaseSource
from contacts.models import Area, Contact
from programme.models import Action, Goal, Organisation, Region, Sector, WorkArea
from publishing import differences, versions
from publishing.models import Version
from routes.models import Route
from techniekpact.content import KINDS, import_content


def at(row, *rest):
    meta = row._meta
    return "/".join(["/beheer", meta.app_label, meta.model_name, str(row.pk), *map(str, rest), ""])


def history(client, row):
    return client.get(at(row, "history"))


def said(page):
    """The text of a page, without tags and line ends."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.text.split('id="content-main"')[-1]))


def restore(client, row, version):
    page = client.get(at(row, "history", version.pk))
    return client.post(at(row, "history", version.pk), {"seen": page.context["digest"]})


def events(row):
    return list(Version.objects.of(row).order_by("pk").values_list("event", flat=True))


@pytest.fixture
def editor_of(client, field, django_user_model):
    """Log in as a redacteur of these landsdelen."""
    call_command("create_accounts", verbosity=0)

    def make(*slugs, name="redacteur"):
        user = django_user_model.objects.create_user(name, is_staff=True)
        user.groups.set(user.groups.model.objects.filter(name="Redacteur"))
        WorkArea.objects.create(user=user).regions.set(Region.objects.filter(slug__in=slugs))
        client.force_login(user)
        return user

    return make


# ---- The list of versions


def test_history_tells_field_by_field_what_changed_and_who_did_it(admin_client, make_case):
    case = make_case(title="Oud", body=" ".join(f"woord{n}" for n in range(30)))
    north = [Region.objects.get(slug="fryslan").pk]
    text = case.body.replace("woord12", "nieuwwoord")
    change(admin_client, case, title="Nieuw", provinces=north, body=text, last_year=2018)
    words = said(history(admin_client, case))
    assert "– Gewijzigd Door: admin" in words
    assert "Stand buiten het beheer om gewijzigd, of van vóór de geschiedenis" in words
    assert "Titel was Oud →, werd Nieuw" in words
    assert "Provincies was Overijssel →, werd Fryslân" in words
    assert "Laatste jaar was leeg →, werd 2018" in words
    assert "[verwijderd: woord12 ][toegevoegd: nieuwwoord ]woord13" in words
    assert "Samenvatting" not in words


def test_history_tells_what_changed_in_the_sources(admin_client, make_case):
    case = make_case()
    source = case.sources.get()
    row = {"id": source.pk, "case": case.pk, "title": "Bron", "publisher": "Krant", "url": source.url, "year": 2020}
    change(admin_client, case, inline("sources", row, {"title": "Tweede"}, initial=1))
    words = said(history(admin_client, case))
    assert "jaar: 2020" in words
    assert "Bron was leeg →, werd titel: Tweede" in words


def test_source_that_was_stored_anew_is_no_change(make_case):
    case = make_case()
    case.sources.create(title="Tweede")
    before = versions.snapshot(case)
    case.sources.all().delete()
    case.sources.create(title="Tweede")
    found = differences.differences(Case, before, versions.snapshot(case))
    assert [(each.label, each.after) for each in found] == [("Bron", "leeg")]


def test_line_ends_of_a_browser_are_no_change(admin_client, make_case):
    case = make_case(body="Een\n\nTwee\n")
    change(admin_client, case, body="Een\r\n\r\nTwee")
    change(admin_client, case, title="Anders", body="Een\r\n\r\nTwee")
    assert "Tekst" not in said(history(admin_client, case))
    assert "Gepubliceerd vanaf" not in said(history(admin_client, case))  # a form drops its fractions of a second


def test_history_shows_what_was_changed_outside_the_admin(admin_client, make_case):
    case = make_case(title="Oud")
    change(admin_client, case, title="Nieuw")
    Case.objects.update(title="Uit de shell")
    assert "Titel was Nieuw →, werd Uit de shell" in said(history(admin_client, case))


def test_history_costs_the_same_queries_with_more_versions(admin_client, make_case):
    case = make_case()

    def cost(number):
        while Version.objects.of(case).count() < number:
            case.title += "x"
            case.save()
            case.provinces.set(Region.objects.order_by("?")[:2])
            versions.record(case, Version.Event.CHANGED)
        with CaptureQueriesContext(connection) as queries:
            assert history(admin_client, case).status_code == 200
        return len(queries)

    cost(3)
    assert cost(3) == cost(12)


def test_history_is_paged(admin_client, field):
    sector = Sector.objects.get(pk="groen")
    rows = versions.snapshot(sector)
    for _ in range(51):
        versions.keep(sector, rows, Version.Event.CHANGED)
    assert len(history(admin_client, sector).context["entries"]) == 50
    for page, number in {"2": 1, "999": 1, "x": 50}.items():
        assert len(admin_client.get(at(sector, "history") + f"?p={page}").context["entries"]) == number


def test_comparing_endless_texts_takes_no_time():
    found = differences.Difference("body", "Tekst", "a b " * 5000, "b a " * 5000)
    assert [kind for kind, _ in found.words] == ["-", "+"]


def test_import_that_changes_a_row_is_in_its_history(admin_client, tmp_path):
    def read(name):
        for kind in KINDS:
            (tmp_path / f"{kind.file}.yaml").write_text("[]")
        (tmp_path / "sectors.yaml").write_text(f"- {{slug: groen, name: {name}}}")
        import_content(tmp_path)

    read("Groen")
    assert not Version.objects.exists()
    read("Landbouw")
    words = said(history(admin_client, Sector.objects.get()))
    assert "– Geïmporteerd Door: onbekend Uit content/sectors.yaml. Naam was Groen →, werd Landbouw" in words


# ---- Back to an earlier version


def test_restore_gives_back_links_and_parts(admin_client, make_case):
    case = make_case(title="Oud")
    before = versions.remember(case)
    gone = {"id": case.sources.get().pk, "case": case.pk, "title": "Bron", "DELETE": "on"}
    north = [Region.objects.get(slug="fryslan").pk]
    change(
        admin_client,
        case,
        inline("sources", gone, {"title": "Tweede"}, initial=1),
        title="Nieuw",
        provinces=north,
        slug="nieuw-adres",
    )
    version = Version.objects.of(case).last()
    address = at(case, "history", version.pk)
    assert address in history(admin_client, case).text
    count = Version.objects.count()
    assert "Titel was Nieuw →, werd Oud" in said(admin_client.get(address))
    assert (Version.objects.count(), Case.objects.get().title) == (count, "Nieuw")  # a GET never writes
    assert restore(admin_client, case, version).status_code == 302
    now = versions.snapshot(case)
    kept = {"updated_at": now[0]["fields"]["updated_at"], "published_at": now[0]["fields"]["published_at"]}
    assert now[0]["fields"] == before[0]["fields"] | kept | {"slug": "nieuw-adres"}
    assert [row for row in now if row["model"] == "cases.casesource"] == before[1:]
    assert [each.slug for each in case.former_slugs.all()] == ["case-1"]  # an address that was given out keeps working
    last = versions.latest(case)
    assert (last.event, last.made_by.username) == (Version.Event.RESTORED, "admin")
    assert last.comment.startswith("Versie van ")


def test_restore_keeps_the_stage(admin_client, make_case):
    case = make_case(published_at=None, title="Oud")
    versions.remember(case)
    Case.objects.update(published_at=timezone.now(), title="Nieuw")
    restore(admin_client, case, Version.objects.of(case).last())
    assert (Case.objects.published().get().title, Case.objects.get().published_at is None) == ("Oud", False)


def test_restore_that_breaks_a_rule_is_refused_in_dutch(admin_client, make_case):
    case = make_case(published_at=None)
    case.sources.all().delete()
    versions.remember(case)
    case.sources.create(title="Bron")
    Case.objects.update(published_at=timezone.now())
    page = restore(admin_client, case, Version.objects.of(case).last())
    assert "Niet teruggezet. Publiceren kan pas met minstens één bron." in page.text
    assert case.sources.count() == 1


def test_restore_of_what_changed_meanwhile_is_shown_again(admin_client, make_case):
    case = make_case(title="Oud")
    versions.remember(case)
    Case.objects.update(title="Nieuw")
    version = Version.objects.of(case).last()
    seen = admin_client.get(at(case, "history", version.pk)).context["digest"]
    Case.objects.update(title="Van een ander")
    page = admin_client.post(at(case, "history", version.pk), {"seen": seen})
    assert "intussen door iemand gewijzigd" in page.text
    assert "Titel was Van een ander →, werd Oud" in said(page)
    assert "Dit staat op de site: wat u terugzet, zien lezers meteen." in page.text
    assert Case.objects.get().title == "Van een ander"


def test_version_of_another_row_is_not_found(admin_client, make_case):
    case, other = make_case(), make_case()
    versions.remember(other)
    for number in (versions.latest(other).pk, 0, 10**30):
        assert admin_client.get(at(case, "history", number)).status_code == 404
    assert admin_client.get("/beheer/cases/case/x%00/history/").status_code == 404
    assert admin_client.get("/beheer/programme/sector/x%00/history/").status_code == 404


def test_colleague_of_another_landsdeel_finds_nothing(client, editor_of, make_case):
    case = make_case(provinces=["fryslan"], published_at=None)
    gone = make_case(provinces=["fryslan"], published_at=None)
    versions.remember(case)
    version = versions.latest(case)
    last = versions.record(gone, Version.Event.DELETED)
    gone.delete()
    addresses = [at(case, "history"), at(case, "history", version.pk), f"/beheer/cases/case/deleted/{last.pk}/"]
    editor_of("oost")
    assert [client.get(each).status_code for each in addresses] == [404, 404, 404]
    assert [client.post(each).status_code for each in addresses[1:]] == [404, 404]
    assert gone.title not in client.get("/beheer/cases/case/deleted/").text
    editor_of("noord", name="van hier")
    assert [client.get(each).status_code for each in addresses] == [200, 200, 200]
    assert gone.title in client.get("/beheer/cases/case/deleted/").text


def test_redacteur_does_not_restore_what_readers_see(client, editor_of, make_case):
    case = make_case()
    versions.remember(case)
    Case.objects.update(title="Nieuw")
    editor_of("oost")
    page = history(client, case)
    assert page.status_code == 200
    assert "Terugzetten" not in page.text
    assert client.get(at(case, "history", versions.latest(case).pk)).status_code == 403


# ---- Exactly as it was


def exact(request, kind):
    if kind is Case:
        case = request.getfixturevalue("make_case")(levels=[1, 2], unpublish_at=None, running_seen_on=None)
        request.getfixturevalue("make_image")(case)
        case.former_slugs.create(slug="vroeger")
        return case
    request.getfixturevalue("field")
    if kind is Goal:
        goal = Goal.objects.get()
        goal.parties.create(kind="overheid", name="Gemeente")
        goal.sources.create(title="Bron", year=2020)
        return goal
    if kind is Contact:
        contact = Contact.objects.create(slug="loket", name="Loket", valid_until="2040-01-01")
        for sector in ("groen", "techniek"):
            contact.areas.create(region=Region.objects.get(slug="oost"), sector_id=sector)
        return contact
    route = request.getfixturevalue("make_route")(starts_on="2016-08-01")
    route.sources.create(title="Bron")
    return route


@pytest.mark.parametrize("deleted", [False, True])
@pytest.mark.parametrize("kind", [Case, Goal, Contact, Route])
def test_snapshot_comes_back_to_the_letter(request, kind, deleted):
    row = exact(request, kind)
    rows, pk = versions.snapshot(row), row.pk
    if deleted:
        Action.objects.all().delete()
        row.delete()
    else:
        label = "title" if kind in (Case, Goal) else "name"
        setattr(row, label, "Heel iets anders")
        row.save()
        for name in kind.parts:
            getattr(row, name).all().delete()
        for field in kind._meta.many_to_many:
            if field.remote_field.model is not Organisation:
                getattr(row, field.name).clear()
    assert versions.snapshot(versions.restore(kind, rows)) == rows
    assert kind.objects.get(pk=pk)


def test_parts_that_swapped_a_unique_value_swap_back(field):
    contact = Contact.objects.create(slug="loket", name="Loket")
    one, other = (contact.areas.create(sector_id=sector) for sector in ("groen", "techniek"))
    rows = versions.snapshot(contact)
    for area, sector in ((one, None), (other, "groen"), (one, "techniek")):
        Area.objects.filter(pk=area.pk).update(sector=sector, region=None if sector else Region.objects.first())
    assert versions.snapshot(versions.restore(Contact, rows)) == rows


def test_part_that_another_row_has_now_stays_there(make_case):
    case, other = make_case(), make_case()
    rows, source = versions.snapshot(case), case.sources.get()
    CaseSource.objects.filter(pk=source.pk).update(case=other)
    versions.restore(Case, rows)
    assert (case.sources.count(), other.sources.count()) == (1, 2)


def test_restore_is_refused_when_another_took_its_place(field):
    contact, other = (Contact.objects.create(slug=slug, name=slug) for slug in "ab")
    contact.areas.create(sector_id="groen")
    rows = versions.snapshot(contact)
    contact.areas.all().delete()
    other.areas.create(sector_id="groen")
    with pytest.raises(ValidationError, match="Deze sector heeft al een contact"):
        versions.restore(Contact, rows)


def test_the_fallback_is_not_restored_away(field):
    contact = Contact.objects.create(slug="a", name="a")
    rows = versions.snapshot(contact)
    Contact.objects.update(is_fallback=True)
    with pytest.raises(ValidationError, match="Er moet een vangnet blijven"):
        versions.restore(Contact, rows)


# ---- What was deleted


def bring_back(client, version):
    meta = version.content_type.model_class()._meta
    return client.post(f"/beheer/{meta.app_label}/{meta.model_name}/deleted/{version.pk}/")


def test_deleted_case_comes_back_with_its_links_and_parts(admin_client, make_case):
    case = make_case(title="Weg ermee")
    rows, pk = versions.snapshot(case), case.pk
    admin_client.post(at(case, "delete"), {"post": "yes"})
    assert '<a href="/beheer/cases/case/deleted/">Verwijderde cases</a>' in admin_client.get("/beheer/cases/case/").text
    version = Version.objects.get(event="verwijderd")
    assert f"/beheer/cases/case/deleted/{version.pk}/" in admin_client.get("/beheer/cases/case/deleted/").text
    assert "Weg ermee" in admin_client.get(f"/beheer/cases/case/deleted/{version.pk}/").text
    assert not Case.objects.exists()
    assert bring_back(admin_client, version).url == f"/beheer/cases/case/{pk}/change/"
    root, *parts = versions.snapshot(Case.objects.get(pk=pk))
    kept = {"published_at": None, "updated_at": root["fields"]["updated_at"]}
    assert (root["fields"], parts) == (rows[0]["fields"] | kept, rows[1:])
    assert bring_back(admin_client, version).status_code == 404  # it is there
    assert "Weg ermee" not in said(admin_client.get("/beheer/cases/case/deleted/"))


def test_list_of_what_was_deleted_costs_the_same_queries_with_more_rows(client, editor_of, make_case):
    editor_of("oost")

    def cost(number):
        for case in [make_case() for _ in range(number)]:
            versions.record(case, Version.Event.DELETED)
            case.delete()
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/beheer/cases/case/deleted/").status_code == 200
        return len(queries)

    cost(1)
    assert cost(1) == cost(7)
    assert len(client.get("/beheer/cases/case/deleted/").context["rows"]) == 9


def test_deleted_case_does_not_take_the_address_of_another(admin_client, make_case):
    case, other = make_case(slug="adres"), make_case()
    act(admin_client, "delete_selected", case, post="yes")
    version = Version.objects.get(event="verwijderd")
    other.former_slugs.create(slug="adres")
    assert "Dit was het webadres van een andere case" in bring_back(admin_client, version).text
    other.former_slugs.all().delete()
    Case.objects.update(slug="adres")
    assert "Niet teruggehaald. Webadres:" in bring_back(admin_client, version).text
    assert Case.objects.count() == 1


def test_what_goes_with_something_else_comes_back_too(admin_client, field):
    goal, action = Goal.objects.get(), Action.objects.get()
    admin_client.post(at(goal, "delete"), {"post": "yes"})
    for kind in (Action, Goal, Action):
        version = Version.objects.get(event="verwijderd", content_type__model=kind._meta.model_name)
        page = bring_back(admin_client, version)
        assert page.status_code == 302 or "Wat hierbij hoorde, is er niet meer: doel." in page.text
    assert Action.objects.get() == action


def test_working_copy_comes_back_only_to_its_row(admin_client, make_case):
    case = make_case()
    admin_client.post(at(case, "werkversie"))
    admin_client.post(at(case, "delete"), {"post": "yes"})
    kept = {each.object_id: each for each in Version.objects.filter(event="verwijderd")}
    ours = kept.pop(str(case.pk))
    (copys,) = kept.values()
    assert "Wat hierbij hoorde, is er niet meer: werkversie van." in bring_back(admin_client, copys).text
    assert not Case.objects.exists()
    for version in (ours, copys):
        bring_back(admin_client, version)
    assert Case.objects.get(pk=case.pk).working_copy.pk == int(copys.object_id)


# ---- Two editors at once


def begin(client, row):
    """What a browser would send back for a form that is open now."""
    page = client.get(at(row, "change"))
    data = as_posted(page.context["adminform"].form, _seen=page.context["seen"])
    for formset in (each.formset for each in page.context["inline_admin_formsets"]):
        rows = [{field.name: field.value() or "" for field in form} for form in formset.initial_forms]
        data |= inline(formset.prefix, *rows, initial=len(rows))
    return data


def again(response):
    """What a browser sends for a form that was refused."""
    sent = set(re.findall(r' name="([^"]+)"', response.text))
    data = {name: values for name, values in response.context["adminform"].form.data.lists() if name in sent}
    return data | {"_seen": response.context["seen"]}


def test_second_editor_sees_both_versions_and_loses_nothing(admin_client, make_case):
    case = make_case(title="Titel", summary="Kort.", sectors=["techniek"])
    mine = begin(admin_client, case) | {"summary": "Mijn samenvatting", "title": "Mijn titel"}
    change(admin_client, case, title="Hun titel", place="Zwolle", sectors=["groen"], nationwide="on", last_year=2019)
    response = admin_client.post(at(case, "change"), mine)
    assert "admin heeft dit opgeslagen terwijl u bezig was" in faults(response)
    form = response.context["adminform"].form
    typed = [form[name].value() for name in ("title", "summary", "place", "sectors", "nationwide", "last_year")]
    assert typed == ["Mijn titel", "Mijn samenvatting", "Zwolle", ["groen"], True, "2019"]
    clash = response.context["clash"]
    assert [(each.label, each.before, each.after) for each in clash["unlike"]] == [
        ("Titel", "Hun titel", "Mijn titel"),
        ("Samenvatting", "Kort.", "Mijn samenvatting"),
    ]
    assert "Plaats" in [each.label for each in clash["theirs"]]
    assert "Nu opgeslagen" in response.text
    assert admin_client.post(at(case, "change"), again(response)).status_code == 302
    case = Case.objects.get()
    assert (case.title, case.summary, case.place) == ("Mijn titel", "Mijn samenvatting", "Zwolle")
    assert [each.pk for each in case.sectors.all()] == ["groen"]
    assert case.nationwide


def test_conflict_brings_the_lists_together(admin_client, make_case):
    case = make_case()
    kept, gone, typed_on = case.sources.get(), case.sources.create(title="Gaat weg"), case.sources.create(title="Half")
    mine = begin(admin_client, case)
    versions.remember(case)
    mine |= {
        "sources-0-year": "2021",
        "sources-2-title": "Half af",
        "sources-TOTAL_FORMS": 4,
        "sources-3-title": "Van mij",
    }
    CaseSource.objects.filter(pk=kept.pk).update(publisher="Omroep")
    CaseSource.objects.filter(pk__in=[gone.pk, typed_on.pk]).delete()
    added = case.sources.create(title="Van hen")
    response = admin_client.post(at(case, "change"), mine)
    assert response.status_code == 200
    sources = [("Bron", "Omroep", 2021), ("Van hen", "", None), ("Half af", "", None), ("Van mij", "", None)]
    assert admin_client.post(at(case, "change"), again(response)).status_code == 302
    assert list(case.sources.values_list("title", "publisher", "year")) == sources
    assert set(case.sources.values_list("pk", flat=True)) > {kept.pk, added.pk}


def test_form_that_does_not_say_what_it_saw_is_a_conflict(admin_client, make_case):
    case = make_case(title="Titel")
    for seen in ("", "\0verzonnen"):
        response = change(admin_client, case, title="Mijn titel", _seen=seen)
        assert [each.before for each in response.context["clash"]["unlike"]] == ["Titel"]
    assert Case.objects.get().title == "Titel"
    assert admin_client.post(at(case, "change"), again(response)).status_code == 302
    assert Case.objects.get().title == "Mijn titel"
    assert case.sources.count() == 1


@pytest.mark.parametrize("kind", [Goal, Organisation, Contact])
def test_conflict_of_what_is_not_published(admin_client, make_organisation, fallback, kind):
    make_organisation()
    Goal.objects.update(description="Omschrijving.")
    row = kind.objects.get()
    name, other = ("title", "subtitle") if kind is Goal else ("name", "note")
    data = begin(admin_client, row) | {name: "Mijn naam"}
    change(admin_client, row, **{other: "Van een ander"})
    form = admin_client.post(at(row, "change"), data).context["adminform"].form
    assert "heeft dit opgeslagen terwijl u bezig was" in form.conflict
    assert (form[other].value(), form[name].value()) == ("Van een ander", "Mijn naam")


class Unsaid(BaseStorage):
    def _get(self):
        return [], True

    def _store(self, messages, response, *args, **kwargs):
        return []


class BareAdmin(CaseAdmin):
    """Few fields and no lists: what is tried here is the same with all of them, and slower."""

    fieldsets = [(None, {"fields": ["title", "slug", "summary", "body"]})]
    inlines = []


@pytest.mark.django_db(transaction=True)
def test_of_fifty_who_save_at_once_nobody_undoes_another(admin_user, make_case, tmp_path, monkeypatch):
    case, admin = make_case(title="Titel", summary="Kort.", body="Begin"), BareAdmin(Case, site)
    versions.remember(case)
    if connection.vendor == "sqlite":  # ours is in memory: the threads share a file
        with closing(sqlite3.connect(tmp_path / "gedeeld.sqlite3")) as copy:
            connection.connection.backup(copy)
        monkeypatch.setitem(connections.settings["default"], "NAME", str(tmp_path / "gedeeld.sqlite3"))

    def save(number):
        """Open the form, add a word and save; the answer is not drawn, which is what takes long."""
        try:
            seen = versions.latest(case)
            text = {"body": f"{seen.rows[0]['fields']['body']} {number}", "_seen": seen.digest}
            request = RequestFactory().post("/", text | {"title": "Titel", "slug": case.slug, "summary": "Kort."})
            request.user, request._dont_enforce_csrf_checks, request._messages = admin_user, True, Unsaid(request)
            return number if admin.changeform_view(request, str(case.pk)).status_code == 302 else None
        finally:
            connections["default"].close()

    def result():
        try:
            return Case.objects.get(pk=case.pk).body, events(case)
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(8) as threads:
        saved = [number for number in threads.map(save, range(50)) if number is not None]
    with ThreadPoolExecutor(1) as threads:
        body, kept = threads.submit(result).result()
    assert sorted(body.split()[1:]) == sorted(map(str, saved))
    assert kept == ["begin", *["wijziging"] * len(saved)]
    assert saved
