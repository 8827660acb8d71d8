"""The files of content/, and tables of what is not a case, through the same decision screen as cases."""

import csv
import io
from html import unescape

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from cases.models import Case
from contacts.models import Contact
from discovery.models import SearchText, Synonym
from experiments.models import Domain, Experiment, Participation
from imports import judging, storing
from imports.models import Batch, Row
from imports.records import KINDS
from programme.models import Goal, Indicator, Organisation, Region, Sector, Term
from publishing import versions
from publishing.models import Version
from routes.models import RouteOffering

ADD = "/beheer/imports/batch/add/"


def upload(client, kind, text, name="", stage="concept"):
    file = SimpleUploadedFile(name or f"{kind}.yaml", text if isinstance(text, bytes) else text.encode())
    page = client.post(ADD, {"kind": kind, "file": file, "stage": stage}, follow=True)
    while page.request["PATH_INFO"].endswith("/beoordelen/"):
        page = client.post(page.request["PATH_INFO"], follow=True)
    return page


def said():
    """{title of a row: its verdict and its reasons}."""
    rows = Batch.objects.first().rows.all()
    return {row.title: " ".join([row.verdict, *(why for _, _, why in row.problems)]) for row in rows}


def store(client, **choices):
    batch = Batch.objects.first()
    address = f"/beheer/imports/batch/{batch.pk}/change/"
    page = client.get(address).context
    chosen = {f"keuze-{row.pk}": choices[row.title] for row in batch.rows.all() if row.title in choices}
    counts = {"aantal": page["chosen"] + len(chosen), "geweigerd": page["refused"]}
    return client.post(address, counts | chosen | {"_store": "1"}, follow=True)


def undo(client):
    return client.post(f"/beheer/imports/batch/{Batch.objects.first().pk}/ongedaan/", follow=True)


def snapshots(model):
    return versions.snapshots(model, [*model._base_manager.values_list("pk", flat=True)])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.file)
def test_file_of_the_content_that_is_in_the_portal_changes_nothing(content, admin_client, kind):
    upload(admin_client, kind.file, (settings.BASE_DIR / "content" / f"{kind.file}.yaml").read_bytes())
    assert set(Row.objects.values_list("verdict", flat=True)) == {"ongewijzigd"}
    assert Row.objects.count() == kind.model.objects.count()
    records = admin_client.get(f"/beheer/imports/batch/records-{kind.file}.yaml").content
    upload(admin_client, kind.file, records)
    assert set(Row.objects.values_list("verdict", flat=True)) == {"ongewijzigd"}
    assert Row.objects.count() == 2 * kind.model.objects.count()


# Of each kind a record that is changed, one that is new, and one that is refused.
RECORDS = {
    "levels": "[{number: 4, name: Vier}, {number: 5, name: Vijf}]",
    "sectors": "[{slug: groen, name: Groener}, {slug: ict, name: ICT}, {slug: zorg, name: Techniek}]",
    "regions": "[{slug: fryslan, aliases: [Friesland, It Heitelân]}, {slug: zuid, name: Zuid, kind: landsdeel},"
    " {slug: limburg, name: Limburg, kind: provincie, landsdeel: zuid}]",
    "goal": "[{slug: doel-9, parties: [{kind: onderwijs, name: Mbo}]}, {slug: acht, number: 8, title: Acht,"
    " summary: Kort., description: Lang.}, {slug: negen, number: 9, title: N, summary: K., description: L.}]",
    "actions": "[{slug: actie, title: Anders}, {slug: twee, goal: doel-9, number: 2, title: Twee, summary: Kort.},"
    " {slug: een, goal: doel-9, number: 1, title: Eén, summary: Kort.}]",
    "indicators": "[{slug: index, values: [{period: '2014', year: 2014, value: 22.5, source_title: Monitor}]},"
    " {slug: nieuw, name: Nieuw, theme: mbo, unit: '%'}, {slug: veel, name: Veel, theme: mbo, unit: '%', values:"
    " [{period: '2014', year: 2014, value: 101, source_title: Monitor}]}]",
    "contacts": "[{slug: contactpunt, note: Bel gerust.}, {slug: loket, name: Loket}, {slug: nog, name: Nog een,"
    " is_fallback: true}]",
    "domains": "[{number: 1, name: Bouwen}, {number: 2, name: Zorg}, {number: 3, name: Bouw}]",
    "organisations": "[{slug: roc-oost, place: Almelo}, {slug: nieuw, name: Nieuw, kind: bedrijf},"
    " {slug: fout, name: Fout}]",
    "qualifications": "[{slug: zorgtechnicus, note: Nagekeken.}, {slug: ict, name: ICT, experiment: cross-over, crebo:"
    " '12345'}, {slug: fout, name: Fout, experiment: cross-over, domains: [1]}]",
    "participations": "[{slug: deelname, programme: Anders}, {slug: nieuw, programme: Nieuw, experiment: cross-over,"
    " organisation: roc-oost}, {slug: fout, programme: Fout, experiment: onzin, organisation: roc-oost}]",
    "offerings": "[{slug: aanbod, name: Anders}, {slug: nieuw, name: Nieuw, route: vakmanschaproute, organisations:"
    " [roc-oost]}, {slug: fout, name: Fout, route: vakmanschaproute, organisations: [roc-oost], level: 4}]",
    "experiments": "[{slug: cross-over, name: Cross-over!}, {slug: rif, name: RIF, kind: subsidieregeling,"
    " summary: Kort., sources: [{title: Wet}]}, {slug: fout, name: Fout, summary: Kort., action: onzin}]",
    "routes": "[{slug: vakmanschaproute, summary: Anders.}, {slug: nieuwe, name: Nieuwe, summary: Kort.,"
    " from_leerwegen: kader, min_level: 2, max_level: 3}, {slug: beroepsroute, name: Beroepsroute, summary: Kort.,"
    " from_leerwegen: kader, min_level: 2, max_level: 3}]",
    "begrippen": "[{slug: bol, explanation: Op school.}, {slug: bbl, name: Bbl, explanation: Op het werk.,"
    " source_title: Wet}, {slug: nog, name: Bol, explanation: Nog eens., source_title: Wet}]",
    "synonyms": "[{slug: stage, words: 'stage, bpv, leerplek'}, {slug: nieuw, words: 'vmbo, mavo'},"
    " {slug: fout, words: 'bpv, praktijk'}]",
}


@pytest.fixture
def world(make_experiment, make_route, make_qualification, make_participation, make_offering, fallback):
    make_experiment().sources.create(title="Wet")
    make_route().sources.create(title="Wet")
    make_qualification().sources.create(title="Wet")
    make_participation(slug="deelname", published_at=None)
    make_offering(slug="aanbod", published_at=None)
    Goal.objects.update(description="Waar het om gaat.")
    Indicator.objects.create(slug="index", name="Index", unit="%", theme="mbo").values.create(
        period="2013", year=2013, value=21, source_title="Monitor"
    )
    Contact.objects.update(slug="contactpunt")
    Domain.objects.create(number=1, name="Bouw")
    Term.objects.create(slug="bol", name="Bol", explanation="Leren op school.", source_title="Wet")
    Synonym.objects.create(slug="stage", words="stage, bpv")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.file != "cases"], ids=lambda kind: kind.file)
def test_each_kind_is_changed_added_refused_and_taken_back(admin_client, world, kind):  # cases: tests/test_imports.py
    before = snapshots(kind.model)
    upload(admin_client, kind.file, RECORDS[kind.file])
    verdicts = list(Batch.objects.first().rows.values_list("verdict", flat=True))
    assert verdicts == (["gewijzigd", "geweigerd"] if kind.file == "levels" else ["gewijzigd", "nieuw", "geweigerd"])
    assert snapshots(kind.model) == before
    page = store(admin_client)
    assert "Geïmporteerd: " in page.text
    after = snapshots(kind.model)
    assert len(after) == len(before) + len(verdicts) - 2
    assert sum(before[pk] != after[pk] for pk in before) == 1
    assert Version.objects.filter(event=Version.Event.IMPORTED).count() == len(verdicts) - 1
    undo(admin_client)
    assert snapshots(kind.model) == before


def test_what_was_judged_right_may_go_wrong_below_another_row_and_then_nothing_is_stored(admin_client, field):
    first = "{slug: een, words: 'stage, bpv'}"
    upload(admin_client, "synonyms", f"[{first}, {{slug: twee, words: 'bpv, praktijk'}}]")
    page = store(admin_client)
    assert (
        "Er is niets geïmporteerd, want dit kan niet: rij 2: bpv, praktijk: Woorden: ‘bpv’ staat al in de groep"
        in unescape(page.text)
    )
    assert not Synonym.objects.exists()
    assert said()["bpv, praktijk"].startswith("geweigerd Woorden: ‘bpv’ staat al")
    store(admin_client)
    assert Synonym.objects.get().slug == "een"


def test_new_experiment_is_a_concept_and_a_published_one_changes_for_readers(admin_client, make_experiment, client):
    make_experiment().sources.create(title="Wet")
    record = "{slug: rif, name: RIF, summary: Kort., published: true, sources: [{title: Wet}]}"
    page = upload(
        admin_client, "experiments", f"[{record}, {{slug: cross-over, summary: Herzien.}}]", stage="beoordeling"
    )
    assert "zien lezers dat meteen" in page.text
    store(admin_client)
    assert Experiment.objects.get(slug="rif").stage == "ter beoordeling"
    assert "Herzien." in client.get("/experimenten/cross-over/").text


def test_organisation_that_is_in_use_stays_when_its_import_is_undone(admin_client, make_case):
    make_case()
    records = "[{slug: bedrijf, name: Bedrijf, kind: bedrijf}, {slug: school, name: School, kind: mbo}]"
    upload(admin_client, "organisations", records)
    store(admin_client)
    Case.objects.get().partner_organisations.add(Organisation.objects.get(slug="bedrijf"))
    page = undo(admin_client)
    assert "Bedrijf (wordt gebruikt door Case" in unescape(page.text)
    assert set(Organisation.objects.values_list("slug", flat=True)) == {"roc-oost", "bedrijf"}


def test_new_name_of_an_organisation_is_found_in_the_cases_that_name_it(admin_client, make_case):
    case = make_case()
    upload(admin_client, "organisations", "[{slug: roc-oost, name: Zonnebloemschool}]")
    store(admin_client)
    found = SearchText.objects.filter(plain__contains="zonnebloemschool")
    assert str(case.pk) in found.filter(kind="cases.case").values_list("key", flat=True)


def test_like_organisation_and_like_participation_are_probable_duplicates(admin_client, make_participation):
    row = make_participation(programme="Techniek in de zorg", first_year=2019)
    upload(
        admin_client, "organisations", "[{slug: a, name: R.O.C. Oost, kind: mbo}, {slug: b, name: ROC West, kind: mbo}]"
    )
    assert said() == {"R.O.C. Oost": "dubbel", "ROC West": "nieuw"}
    same = {"programme": "Techniek in zorg", "experiment": "cross-over", "organisation": "roc-oost", "first_year": 2019}
    records = [same, same | {"programme": "Techniek in de zorg", "first_year": 2020}]
    upload(admin_client, "participations", str(records))
    assert list(Row.objects.filter(batch=Batch.objects.first()).values_list("verdict", flat=True)) == [
        "dubbel",
        "nieuw",
    ]
    store(admin_client, **{"Techniek in zorg (ROC Oost)": "bijwerken"})
    assert row.working_copy.programme == "Techniek in zorg"


def test_tables_come_back_unchanged_and_with_what_was_changed(admin_client, make_participation, make_offering):
    make_participation(published_at=None)
    make_offering(published_at=None)
    Organisation.objects.update(kind="kennisinstelling", email="info@school.example")
    for kind, heading, text in [
        ("participations", "opleiding of project", "Anders"),
        ("offerings", "naam", "Anders"),
        ("organisations", "soort", "Samenwerkingsverband"),
    ]:
        model = next(each.model for each in KINDS if each.file == kind)
        address = f"/beheer/{model._meta.app_label}/{model._meta.model_name}/export.csv"
        table = admin_client.get(address).content.decode("utf-8-sig")
        upload(admin_client, kind, table, f"{kind}.csv")
        assert {*said().values()} == {"ongewijzigd"}
        rows = [*csv.reader(io.StringIO(table), delimiter=";")]
        rows[1][rows[0].index(heading)] = text
        file = io.StringIO()
        csv.writer(file, delimiter=";").writerows(rows)
        upload(admin_client, kind, file.getvalue(), f"{kind}.csv")
        assert "gewijzigd" in said().values()
        store(admin_client)
    assert (Participation.objects.get().programme, RouteOffering.objects.get().name) == ("Anders", "Anders")
    assert "samenwerkingsverband" in Organisation.objects.values_list("kind", flat=True)


def test_file_of_another_kind_and_table_of_a_kind_without_tables_are_refused_with_the_way_on(admin_client, field):
    page = upload(admin_client, "cases", "- {slug: x}", "organisations.yaml")
    assert "In organisations.yaml horen organisaties te staan" in unescape(page.text)
    page = upload(admin_client, "contacts", "naam\nLoket\n", "contacten.csv")
    assert "Voor contacten kan alleen een bestand met records (.yaml)." in unescape(page.text)
    page = upload(admin_client, "cases", "naam;soort;plaats;website\nROC;mbo;Almelo;\n", "o.csv")
    assert "Hierin lijken organisaties te staan." in page.text
    page = upload(admin_client, "cases", "- {slug: x, name: X, explanation: Y}", "x.yaml")
    assert "Hierin lijken begrippen te staan." in page.text
    assert "Selecteer een geldige keuze" in upload(admin_client, "onzin", "- {slug: x}", "x.yaml").text
    assert not Batch.objects.exists()


def test_field_that_records_do_not_have_is_answered_with_those_they_have(admin_client, field):
    page = upload(admin_client, "begrippen", "- {naam: Bol, explanation: Op school.}")
    assert "naam: dit veld kennen wij niet. Wel: name, slug, other_names" in page.text
    page = upload(admin_client, "begrippen", "- {name: Bol, explanation: Op school.}")
    assert "source_title (bron): Dit veld is verplicht." in page.text
    assert "download>Geweigerde rijen" not in page.text


def test_records_of_a_contact_hold_no_address_number_or_note(admin_client, fallback):
    Contact.objects.update(
        email="piet@school.example", phone="06 12", consent_on="2020-01-01", consent_note="Per mail."
    )
    found = admin_client.get("/beheer/imports/batch/records-contacts.yaml").text
    assert "name: Contactpunt" in found
    assert "piet@" not in found
    assert "06 12" not in found
    assert "Per mail." not in found


def test_import_that_was_not_stored_is_thrown_away(admin_client, make_organisation):
    make_organisation()
    upload(admin_client, "organisations", "- {slug: roc-oost, name: Anders}")
    address = f"/beheer/imports/batch/{Batch.objects.get().pk}"
    store(admin_client)
    admin_client.post(f"{address}/weggooien/")
    assert Batch.objects.exists()
    upload(admin_client, "organisations", "- {slug: roc-oost, name: Nog anders}")
    admin_client.post(f"/beheer/imports/batch/{Batch.objects.first().pk}/weggooien/")
    assert Batch.objects.get().state == "geimporteerd"


def test_row_that_makes_what_waits_for_review_incomplete_says_so(admin_client, make_case):
    make_case(published_at=None, submitted_at=timezone.now(), slug="wacht")
    page = upload(admin_client, "cases", "webadres;tekst\nwacht;\n", "cases.csv")
    assert "Wacht op beoordeling, maar is zo niet compleet: Publiceren kan pas" in " ".join(page.text.split())


def test_redacteur_imports_only_what_a_redacteur_may_write(client, make_editor):
    redacteur = make_editor("redacteur", "oost")
    client.force_login(redacteur)
    kinds = client.get(ADD).context["form"].fields["kind"].choices
    assert [value for value, _ in kinds] == ["cases", "participations", "offerings", "organisations"]
    assert "Selecteer een geldige keuze" in upload(client, "contacts", "- {slug: loket, name: Loket}").text
    before = Batch.objects.create(kind="contacts", file_name="contacts.yaml", uploaded_by=redacteur)
    assert client.get(f"/beheer/imports/batch/{before.pk}/change/").status_code == 404
    client.force_login(make_editor("eindredacteur"))
    assert {value for value, _ in client.get(ADD).context["form"].fields["kind"].choices} == {
        kind.file for kind in KINDS
    }


def test_redacteur_adds_organisations_by_import_and_changes_none(client, make_editor, make_organisation):
    make_organisation()
    client.force_login(make_editor("redacteur", "oost"))
    upload(
        client, "organisations", "naam;soort;webadres\nNieuw BV;bedrijf;\nROC Anders;mbo-instelling;roc-oost\n", "o.csv"
    )
    assert said() == {
        "Nieuw BV": "nieuw",
        "ROC Anders": "geweigerd U mag dit niet wijzigen, alleen iets nieuws toevoegen.",
    }
    store(client)
    assert "Verwijderde" not in client.get(f"/beheer/imports/batch/{Batch.objects.get().pk}/ongedaan/").text
    undo(client)
    assert Organisation.objects.get().slug == "roc-oost"


def test_organisation_that_a_table_of_cases_names_is_added_on_the_way(admin_client, make_organisation):
    make_organisation()
    headings = "titel;samenvatting;trekkers;eerste jaar"
    page = upload(admin_client, "cases", f"{headings}\nA;Kort.;ROC Nieuw;2019\nB;Kort.;ROC Oost;20x9\n", "cases.csv")
    [link] = page.context["organisations"]
    form = admin_client.get("/beheer/programme/organisation/add/", {"name": link}).context["adminform"].form
    assert (form["name"].value(), form["slug"].value()) == ("ROC Nieuw", "roc-nieuw")
    make_organisation("ROC Nieuw")
    admin_client.post(page.request["PATH_INFO"], {"_again": "1"}, follow=True)
    assert [verdict.split()[0] for verdict in said().values()] == ["nieuw", "geweigerd"]


def test_redacteur_imports_participations_in_the_own_landsdelen_only(
    client, make_editor, make_experiment, make_organisation
):
    make_experiment()
    make_organisation()
    client.force_login(make_editor("redacteur", "oost"))
    same = {"experiment": "cross-over", "organisation": "roc-oost"}
    records = [
        same | {"programme": "Hier", "provinces": ["overijssel"]},
        same | {"programme": "Daar", "provinces": ["fryslan"]},
    ]
    upload(client, "participations", str(records))
    assert said() == {
        "Hier (ROC Oost)": "nieuw",
        "Daar": "geweigerd provinces (provincies): Kies een provincie in uw werkgebied: Oost.",
    }


# ---- What others tried


@pytest.mark.parametrize("kind", ["sectors", "cases"])
def test_two_records_that_the_form_makes_one_are_not_both_stored(admin_client, make_organisation, kind):
    make_organisation()
    more = ", summary: Kort., lead_organisations: [roc-oost]" if kind == "cases" else ""
    title = "title" if kind == "cases" else "name"
    upload(admin_client, kind, f"[{{slug: ict, {title}: A{more}}}, {{slug: 'ict ', {title}: B{more}}}]")
    assert said() == {"A": "nieuw", "B": "geweigerd Dit staat ook in rij 1."}


def test_row_that_only_the_database_refuses_is_named_and_the_rest_can_go_on(admin_client, field, monkeypatch):
    upload(admin_client, "organisations", "[{slug: a, name: A, kind: mbo}, {slug: b, name: A, kind: mbo}]")
    text = unescape(store(admin_client).text)
    assert "Er is niets geïmporteerd, want dit kan niet: rij 2: A" in text
    store(admin_client)
    assert Organisation.objects.get().slug == "a"


def test_judging_does_not_undo_what_was_decided_meanwhile(admin_client, make_organisation):
    make_organisation()
    upload(admin_client, "organisations", "[{slug: a, name: Aa, kind: mbo}]")
    batch = Batch.objects.get()
    rows = list(batch.rows.all())  # as another tab judged them
    batch.rows.update(choice="overslaan")
    assert not judging.keep(batch, rows)
    assert batch.rows.get().choice == "overslaan"


def test_judging_again_reads_texts_that_look_like_values(admin_client, field):
    names = ["112", "null", "[1]", "true", "1e5"]
    records = [f"{{slug: '{n}e5', name: '{name}', kind: mbo}}" for n, name in enumerate(names, start=1)]
    upload(admin_client, "organisations", f"[{', '.join(records)}, {{slug: 1e5, name: Ander, kind: mbo}}, {{slug: x}}]")
    before = said()
    assert [*before.values()][:5] == ["nieuw"] * 5
    assert before["Ander"] == "geweigerd Dit staat ook in rij 1."
    address = f"/beheer/imports/batch/{Batch.objects.get().pk}/change/"
    for _ in range(2):
        admin_client.post(address, {"_again": "1"}, follow=True)
        assert said() == before


def test_judging_again_when_nothing_was_refused_leaves_the_import_as_it_was(admin_client, make_organisation):
    make_organisation()
    upload(admin_client, "organisations", "[{slug: a, name: Aa, kind: mbo}]")
    page = admin_client.post(f"/beheer/imports/batch/{Batch.objects.get().pk}/change/", {"_again": "1"}, follow=True)
    assert page.request["PATH_INFO"].endswith("/change/")
    assert Batch.objects.get().state == "beoordeeld"


def test_verdict_by_columns_that_were_chosen_anew_is_not_kept(admin_client, make_organisation):
    make_organisation()
    upload(admin_client, "organisations", "naam;soort\nAa;mbo\n", "o.csv")
    batch = Batch.objects.get()
    Batch.objects.update(mapping=batch.mapping | {"soort": ""})
    batch.rows.update(verdict="")
    assert not judging.keep(batch, list(batch.rows.all()))


def test_row_that_came_meanwhile_is_not_overwritten(field):
    batch = Batch(kind="sectors")
    row = Row(batch=batch, number=1, after=[{"model": "programme.sector", "pk": "groen", "fields": {"name": "Anders"}}])
    with pytest.raises(ValidationError, match="Dit is er al"):
        storing.write_one(batch, batch.record_kind, row, visible=False)


def test_import_that_is_thrown_away_while_it_is_judged_is_gone(admin_client, make_organisation, monkeypatch):
    make_organisation()
    monkeypatch.setattr(judging.Judge, "judge", lambda judge, rows: Batch.objects.all().delete())
    assert upload(admin_client, "organisations", "[{slug: a, name: Aa, kind: mbo}]").status_code == 404


def test_undo_touches_nothing_that_left_the_werkgebied(client, make_editor, make_case):
    case = make_case(slug="oost", published_at=None)
    editor = make_editor("redacteur", "oost")
    client.force_login(editor)
    upload(client, "cases", "[{slug: oost, title: Anders}]")
    store(client)
    editor.work_area.regions.set(Region.objects.filter(slug="noord"))
    assert "mag u niet wijzigen" in undo(client).text
    case.refresh_from_db()
    assert case.title == "Anders"


def test_undo_ends_when_what_is_left_was_deleted(admin_client, make_organisation):
    make_organisation()
    upload(admin_client, "organisations", "[{slug: a, name: Aa, kind: mbo}, {slug: b, name: Bb, kind: mbo}]")
    store(admin_client)
    Organisation.objects.get(slug="a").delete()
    undo(admin_client)
    assert Batch.objects.get().state == "ongedaan"


def test_history_says_undone_only_of_what_was(admin_client, field):
    upload(admin_client, "sectors", "[{slug: groen, name: Groener}]")
    store(admin_client)
    Sector.objects.create(slug="x", name="Groen")
    undo(admin_client)
    assert not Version.objects.filter(event=Version.Event.UNDONE).exists()
    assert Batch.objects.get().state == "geimporteerd"


def test_row_that_left_the_werkgebied_since_it_was_judged_is_not_stored(client, make_editor, make_case):
    case = make_case(slug="oost", published_at=None)
    title = case.title
    editor = make_editor("redacteur", "oost")
    client.force_login(editor)
    upload(client, "cases", "[{slug: oost, title: Anders}]")
    editor.work_area.regions.set(Region.objects.filter(slug="noord"))
    assert "Er is niets geïmporteerd." in store(client).text
    case.refresh_from_db()
    assert (case.title, [*said().values()]) == (title, ["geweigerd Dit valt buiten uw werkgebied."])


def test_redacteur_sets_no_contact_and_learns_of_none(client, make_editor, fallback, make_case):
    make_case(contact=fallback, published_at=None)
    client.force_login(make_editor("redacteur", "oost"))
    assert "contact" not in client.get("/beheer/imports/batch/records-cases.yaml").text
    upload(client, "cases", f"[{{slug: x, title: X, contact: {fallback.slug}}}, {{slug: y, title: Y, contact: onzin}}]")
    assert {*said().values()} == {"geweigerd contact: dit mag u niet invullen."}


def test_undo_that_came_too_early_can_be_done_later(admin_client, make_organisation):
    make_organisation()
    for place in ("Almelo", "Zwolle"):
        upload(admin_client, "organisations", f"[{{slug: roc-oost, place: {place}}}]")
        store(admin_client)
    early, late = Batch.objects.order_by("pk").values_list("pk", flat=True)
    for pk in (early, late, early):
        admin_client.post(f"/beheer/imports/batch/{pk}/ongedaan/")
    assert Organisation.objects.get().place == ""
    assert {*Batch.objects.values_list("state", flat=True)} == {"ongedaan"}


def test_user_that_an_editor_may_not_see_is_not_named(client, make_editor, make_case):
    case = make_case(provinces=["fryslan"], published_at=None, title="Geheim")
    client.force_login(make_editor("redacteur", "oost"))
    upload(client, "organisations", "[{slug: bedrijf, name: Bedrijf, kind: bedrijf}]")
    store(client)
    case.partner_organisations.add(Organisation.objects.get(slug="bedrijf"))
    text = client.get(f"/beheer/imports/batch/{Batch.objects.get().pk}/ongedaan/").text
    assert "wordt gebruikt door iets wat u niet kunt zien" in text
    assert "Geheim" not in text


def test_former_name_of_an_organisation_is_a_probable_duplicate(admin_client, make_organisation):
    make_organisation(former_names="Oude Naam College; Nog ouder")
    upload(admin_client, "organisations", "[{slug: x, name: Oude naam college, kind: mbo}]")
    assert said() == {"Oude naam college": "dubbel"}


ODD = [
    "checked_on: 0",
    "checked_on: 1:30",
    "running_seen_on: -1",
    "place: 0x" + "f" * 4000,
    "first_year: 99999999999999999999",
    "sources: [{title: x, year: 99999999999999999999, month: 1, day: 1}]",
    "sources: [{title: x, year: 999999999999, month: 1, day: 1}]",
    "levels: [1, [2]]",
]


def test_values_that_no_field_can_hold_are_refused(admin_client, make_organisation):
    make_organisation()
    upload(admin_client, "cases", "\n".join(f"- title: X\n  summary: S\n  {odd}" for odd in ODD))
    assert [*Row.objects.values_list("verdict", flat=True)] == ["geweigerd"] * len(ODD)


@pytest.mark.parametrize("value", ['!!timestamp "x"', "!!bool x", '!!int ""', "!!set {a}", "!!binary aGVsbG8=", "!x y"])
def test_kind_of_a_value_is_not_named_in_records(admin_client, field, value):
    assert "Schrijf alleen de waarde." in upload(admin_client, "cases", f"- {{title: {value}}}").text


def test_file_of_millions_of_values_is_refused_before_it_is_read(admin_client, field, monkeypatch):
    monkeypatch.setattr("imports.record_files.MOST_EVENTS", 50)
    assert "te veel tekst" in upload(admin_client, "cases", f"- {{levels: {[1] * 60}}}").text
