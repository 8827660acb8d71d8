"""A spreadsheet of an editor: read, judged, decided on, stored all at once or not at all, and taken back."""

import csv
import io
import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Case
from discovery.models import SearchText
from imports import admin as import_admin
from imports import presenting, storing
from imports.models import Batch, Heading, Row
from programme.models import Region
from publishing import versions
from publishing.models import Version

ADD = "/beheer/imports/batch/add/"
COLUMNS = ["webadres", "titel", "samenvatting", "tekst", "provincies", "sectoren", "eerste jaar", "trekkers"]
SOURCE = ["bron 1 titel", "bron 1 webadres"]
NEW = [
    "",
    "Lassen leren",
    "Kort.",
    "Lang.",
    "Overijssel",
    "Techniek",
    "2019",
    "ROC Oost",
    "Krant",
    "https://k.example/",
]


def line(**changes):
    """A row of the table, complete but for what is said."""
    names = [*COLUMNS, *SOURCE]
    return [changes.get(name.replace(" ", "_"), value) for name, value in zip(names, NEW, strict=True)]


def csv_of(*rows, headings=(*COLUMNS, *SOURCE)):
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows([headings, *rows])
    return file.getvalue().encode()


def upload(client, content, name="cases.csv", stage="concept", kind="cases"):
    data = {"kind": kind, "file": SimpleUploadedFile(name, content), "stage": stage}
    return client.post(ADD, data, follow=True)


def verdicts():
    return {row.number: row.verdict for row in Batch.objects.first().rows.all()}


def decide(client, *, store=True, **data):
    """Press the button of the decision page, with what it says."""
    batch = Batch.objects.first()
    address = f"/beheer/imports/batch/{batch.pk}/change/"
    page = client.get(address).context
    said = {"aantal": page["chosen"], "geweigerd": page["refused"], "_store" if store else "_choices": "1"}
    return client.post(address, said | data, follow=True)


def undo(client):
    return client.post(f"/beheer/imports/batch/{Batch.objects.first().pk}/ongedaan/", follow=True)


def tables():
    """All that is stored of cases, to the letter."""
    models = [Case, *(getattr(Case, name).rel.related_model for name in Case.parts)]
    models += [field.remote_field.through for field in Case._meta.many_to_many]
    return {
        model._meta.label: sorted(map(str, model._base_manager.values_list(*sorted(columns_of(model)))))
        for model in models
    }


def stop(*args, **kwargs):
    raise KeyboardInterrupt


def columns_of(model):
    """The columns of a table; of links not their own number, which nothing refers to."""
    return {f.attname for f in model._meta.fields if not (model._meta.auto_created and f.primary_key)}


@pytest.fixture
def six(make_case):
    """A file with every verdict, and the cases that it is about."""
    kept = make_case(title="Blijft", slug="blijft", published_at=None)
    make_case(title="Oude titel", slug="verandert", published_at=None)
    make_case(title="Robots in de kas", slug="robots", first_year=2019)
    source = [kept.sources.get().title, kept.sources.get().url]
    same = ["blijft", "Blijft", "Samenvatting.", "Tekst.", "Overijssel", "Techniek", "2016", "ROC Oost", *source]
    return csv_of(
        line(),
        line(webadres="verandert", titel="Nieuwe titel"),
        same,
        line(titel="Robots in de Kas!"),
        line(titel="Jaar is fout", eerste_jaar="20x9"),
        line(titel="<script>alert(1)</script>=1+1"),
    )


def test_every_row_gets_its_verdict_and_nothing_is_stored_yet(admin_client, six):
    before = tables()
    page = upload(admin_client, six)
    assert verdicts() == {2: "nieuw", 3: "gewijzigd", 4: "ongewijzigd", 5: "dubbel", 6: "geweigerd", 7: "nieuw"}
    text = unescape(page.text)
    assert "<ins>Nieuwe titel</ins>" in page.text
    assert "Lijkt op" in text
    assert f'/beheer/cases/case/{Case.objects.get(slug="robots").pk}/change/">Robots in de kas</a>' in text
    assert "‘20x9’" in text
    assert "Een jaar heeft vier cijfers" in text
    assert "<script>alert" not in page.text
    assert tables() == before


def test_button_says_that_refused_rows_are_left_out(admin_client, six):
    before = tables()
    page = upload(admin_client, six)
    assert page.text.count('value="Importeer 3 rijen, laat 1 geweigerde weg"') == 2  # above the table, and below
    assert page.text.count('type="submit"') == 3 * page.text.count("submit-row") + 2  # throw away, log out
    forms = len(re.findall('<form[^>]* method="post"|<form method="post"', page.text))
    assert page.text.count("csrfmiddlewaretoken") == forms == 3  # decide, throw away, log out
    page = decide(admin_client, geweigerd="0")
    assert "Nu gaat het om 3 rijen, en laten wij 1 geweigerde weg. Klopt dat?" in page.text
    assert tables() == before
    decide(admin_client)
    new, changed = Case.objects.get(slug="lassen-leren"), Case.objects.get(slug="verandert")
    assert (new.title, new.stage, new.author.username) == ("Lassen leren", "concept", "admin")
    assert [str(each) for each in new.provinces.all()] == ["Overijssel"]
    assert [source.title for source in new.sources.all()] == ["Krant"]
    assert changed.title == "Nieuwe titel"
    assert Case.objects.count() == 5
    assert Version.objects.filter(batch=Batch.objects.get().label).count() == 3
    assert SearchText.objects.filter(kind="cases.case", key=new.pk, plain__contains="lassen").exists()


def test_what_was_imported_can_be_found_and_what_was_taken_back_says_so(admin_client, six, monkeypatch):
    upload(admin_client, six)
    page = decide(admin_client)
    found = unescape(page.text)
    [link] = re.findall(r'href="([^"]*)">Bekijk wat er is geïmporteerd \(3\)', found)
    assert [row.title for row in admin_client.get(link).context["cl"].result_list] == [
        "<script>alert(1)</script>=1+1",
        "Lassen leren",
        "Nieuwe titel",
    ]
    assert f'/beheer/cases/case/{Case.objects.get(slug="lassen-leren").pk}/change/">Lassen leren</a>' in found
    monkeypatch.setattr(import_admin, "MOST_LISTED", 2)
    assert "/beheer/cases/case/?stand=mijn" in admin_client.get(page.request["PATH_INFO"]).text
    page = undo(admin_client)
    assert page.text.count("teruggedraaid\n") == 3
    assert "Bekijk wat er is" not in page.text
    assert ">Lassen leren</a>" not in page.text
    gone = admin_client.get("/beheer/cases/case/deleted/")
    [address] = re.findall(r'href="([^"]*)">Lassen leren</a>', gone.text)
    admin_client.post(address)
    assert Case.objects.get(slug="lassen-leren").sources.get().title == "Krant"


def test_undo_gives_back_every_row(admin_client, six):
    before = tables()
    upload(admin_client, six)
    decide(admin_client)
    assert tables() != before
    page = admin_client.get(f"/beheer/imports/batch/{Batch.objects.get().pk}/ongedaan/")
    assert page.text.count("Wordt verwijderd") == 2
    assert "Terug naar hoe het was" in page.text
    undo(admin_client)
    assert tables() == before
    assert Batch.objects.get().state == "ongedaan"
    undone = Version.objects.filter(batch=Batch.objects.get().label, event=Version.Event.UNDONE)
    assert undone.count() == 3
    again = versions.restore(Case, undone.get(title="Lassen leren").rows)
    assert (again.slug, again.sources.get().title) == ("lassen-leren", "Krant")
    again.delete()
    assert not SearchText.objects.filter(plain__contains="lassen").exists()


def test_undo_leaves_what_was_edited_since(admin_client, six):
    upload(admin_client, six)
    decide(admin_client)
    Case.objects.filter(slug="lassen-leren").update(place="Zwolle")
    page = undo(admin_client)
    assert "Dit bleef staan: rij 2: Lassen leren (is sindsdien gewijzigd)." in page.text
    assert Case.objects.get(slug="lassen-leren").place == "Zwolle"
    assert Case.objects.get(slug="verandert").title == "Oude titel"


def test_import_is_all_or_nothing(admin_client, six, monkeypatch):
    before = tables()
    upload(admin_client, six)
    with monkeypatch.context() as broken:
        broken.setattr(storing, "record_all", stop)
        with pytest.raises(KeyboardInterrupt):
            decide(admin_client)
    assert tables() == before
    assert Batch.objects.get().state == "beoordeeld"
    decide(admin_client)
    assert Batch.objects.get().state == "geimporteerd"


def test_clash_at_the_very_moment_is_told_and_loses_nothing(admin_client, six, monkeypatch):
    def clash(*args, **kwargs):
        raise IntegrityError

    before = tables()
    upload(admin_client, six)
    with monkeypatch.context() as broken:
        broken.setattr(storing, "record_all", clash)
        assert "Probeer het nog eens." in decide(admin_client).text
    assert tables() == before
    decide(admin_client)
    assert Batch.objects.get().state == "geimporteerd"


def test_second_click_stores_nothing_more(admin_client, field, make_organisation):
    make_organisation()
    upload(admin_client, csv_of(line()))
    again = Batch.objects.get()
    decide(admin_client)
    storing.store(again, again.uploaded_by, Case.objects.all())  # another node, that saw the batch before
    assert "Deze import was al gedaan." in decide(admin_client).text
    assert Case.objects.count() == 1


def test_row_that_was_changed_meanwhile_stops_all_and_is_judged_again(admin_client, six):
    upload(admin_client, six)
    Case.objects.filter(slug="verandert").update(title="Door een ander")
    page = decide(admin_client)
    assert "Er is niets geïmporteerd. Dit is gewijzigd sinds het werd beoordeeld" in page.text
    assert "rij 3: Nieuwe titel" in page.text
    assert "<del>Door een ander</del>" in page.text
    assert not Case.objects.filter(slug="lassen-leren").exists()
    decide(admin_client)
    assert Case.objects.get(slug="verandert").title == "Nieuwe titel"


def test_address_that_was_taken_meanwhile_stops_all(admin_client, make_case):
    make_case(published_at=None)
    upload(admin_client, csv_of(line()))
    make_case(slug="lassen-leren", title="Anders", published_at=None)
    assert "Er is niets geïmporteerd." in decide(admin_client).text
    assert Case.objects.count() == 2
    decide(admin_client)
    assert Case.objects.get(title="Lassen leren").slug == "lassen-leren-2"


@pytest.mark.parametrize(("choice", "title"), [("importeren", "Robots in de kas"), ("bijwerken", "Robots in de Kas!")])
def test_probable_duplicate_is_left_out_unless_the_editor_says_what_to_do(admin_client, six, choice, title):
    upload(admin_client, six)
    row = Row.objects.get(verdict="dubbel")
    decide(admin_client, store=False, **{f"keuze-{row.pk}": choice})
    decide(admin_client, zichtbaar="on")
    assert Case.objects.get(slug="robots").title == title
    assert Case.objects.filter(title__startswith="Robots").count() == (2 if choice == "importeren" else 1)


def test_duplicate_within_the_file_is_found(admin_client, make_organisation):
    make_organisation()
    rows = [
        line(),
        line(titel="Lassen leren."),
        line(titel="Lassen leeren"),
        line(eerste_jaar="2020"),
        line(titel="Iets"),
    ]
    upload(admin_client, csv_of(*rows))
    assert list(verdicts().values()) == ["nieuw", "dubbel", "dubbel", "nieuw", "nieuw"]


def test_row_that_stands_there_twice_counts_once_and_two_rows_for_one_case_are_refused(admin_client, make_organisation):
    make_organisation()
    one = {"webadres": "lassen"}
    upload(admin_client, csv_of(line(**one), line(**one), line(titel="Anders", **one), line(titel="Op twee\nregels")))
    assert list(verdicts().values()) == ["nieuw", "ongewijzigd", "geweigerd", "geweigerd"]
    assert [row.problems[0][2] for row in Row.objects.filter(number__gt=2)] == [
        "Precies zo staat het ook in rij 2.",
        "Dit staat ook in rij 2.",
        "Dit moet op één regel staan.",
    ]


def test_row_that_cannot_be_read_is_refused_also_when_what_was_read_stands_there_already(
    admin_client, make_organisation
):
    make_organisation()
    row = line(webadres="lassen")
    upload(admin_client, csv_of(row, [*row, "te veel"]))
    assert list(verdicts().values()) == ["nieuw", "geweigerd"]


def test_choice_that_changes_the_count_is_asked_once_more(admin_client, six):
    upload(admin_client, six)
    row = Row.objects.get(number=2)
    page = decide(admin_client, **{f"keuze-{row.pk}": "overslaan"})
    assert "Nu gaat het om 2 rijen, " in page.text
    assert not Case.objects.filter(slug="lassen-leren").exists()


def test_published_case_gets_a_working_copy_unless_the_editor_says_otherwise(admin_client, make_case):
    case = make_case(title="Voor lezers", slug="lezers")
    before = tables()
    content = csv_of(line(webadres="lezers", titel="Beter"))
    upload(admin_client, content)
    decide(admin_client)
    case.refresh_from_db()
    assert (case.title, case.working_copy.title) == ("Voor lezers", "Beter")
    undo(admin_client)
    assert tables() == before
    upload(admin_client, content)
    decide(admin_client, zichtbaar="on")
    assert Case.objects.published().get().title == "Beter"
    undo(admin_client)
    assert tables() == before


def test_complete_case_goes_to_review_and_another_stays_a_concept_with_its_name(admin_client, make_organisation):
    make_organisation()
    page = upload(admin_client, csv_of(line(), line(titel="Zonder tekst", tekst="")), stage="beoordeling")
    assert "Blijft concept: Publiceren kan pas met een tekst." in " ".join(page.text.split())
    assert "blijft concept: rij 3: Zonder tekst." in page.text
    decide(admin_client)
    assert {case.title: case.stage for case in Case.objects.all()} == {
        "Lassen leren": "ter beoordeling",
        "Zonder tekst": "concept",
    }


def test_unknown_heading_is_asked_once(admin_client, make_organisation):
    make_organisation()
    content = csv_of([*line(), "Zwolle", "x"], headings=[*COLUMNS, *SOURCE, "Waar", "is_superuser"])
    page = upload(admin_client, content)
    assert "Dit kennen wij niet als kolom: ‘Waar’, ‘is_superuser’." in unescape(page.text)
    form = {name: field.initial for name, field in page.context["form"].fields.items()} | {"kolom-10": "plaats"}
    admin_client.post(page.request["PATH_INFO"], form, follow=True)
    assert dict(Heading.objects.values_list("text", "column")) == {"waar": "plaats", "is_superuser": ""}
    upload(admin_client, content)
    decide(admin_client)
    assert Case.objects.get().place == "Zwolle"


def test_column_that_is_needed_and_missing_is_named(admin_client, make_organisation):
    page = upload(admin_client, csv_of(line()[2:], headings=[*COLUMNS, *SOURCE][2:]))
    assert "‘titel’" in unescape(page.text)
    assert verdicts() == {2: ""}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cases.csv", b"", "Het verstuurde bestand is leeg."),
        ("cases.pdf", b"%PDF-1.7", "Kies een bestand waarvan de naam eindigt op .xlsx of .csv."),
        ("cases.csv", b"a;b\n", "Dit bestand heeft alleen een kop."),
        ("cases.yaml", b"- &a [*a]", "Schrijf elke waarde voluit."),
        ("cases.yaml", b"{", "Dit is geen geldige YAML. Kijk bij regel"),
    ],
)
def test_file_that_cannot_be_read_is_refused_with_the_reason(admin_client, name, content, said):
    page = upload(admin_client, content, name)
    assert page.status_code == 200
    assert said in unescape(page.text)
    assert not Batch.objects.exists()


def test_file_of_refused_rows_only_stores_nothing_and_comes_back_to_be_mended(admin_client, make_organisation):
    make_organisation()
    upload(admin_client, csv_of(line(titel=""), line(eerste_jaar="=2000+19", sectoren="Ruimtevaart")))
    assert 'name="_store"' not in admin_client.get(f"/beheer/imports/batch/{Batch.objects.get().pk}/change/").text
    assert "niets gekozen" in decide(admin_client).text
    table = admin_client.get(f"/beheer/imports/batch/{Batch.objects.get().pk}/geweigerd.csv").content.decode(
        "utf-8-sig"
    )
    rows = list(csv.DictReader(io.StringIO(table), delimiter=";"))
    assert [row["reden"] for row in rows] == [
        "titel: Dit veld is verplicht.",
        "sectoren: ‘Ruimtevaart’ Deze sector kennen wij niet.; eerste jaar: ‘=2000+19’ Een jaar heeft vier cijfers, "
        "zoals 2024.",
    ]
    assert rows[1]["eerste jaar"] == "'=2000+19"
    upload(admin_client, table.encode().replace(b"'=2000+19", b"2019").replace(b"Ruimtevaart;2019", b"Techniek;2019"))
    assert verdicts() == {2: "geweigerd", 3: "nieuw"}
    assert not Case.objects.exists()


def test_records_of_the_content_are_read_too(admin_client, make_organisation):
    make_organisation()
    record = "- {slug: uit-yaml, title: Uit YAML, summary: Kort., lead_organisations: [roc-oost], published: true}"
    odd = ["- {slug: fout, titel: Nee}", '- {slug: nul, title: "a\\0b"}', "- {slug: nan, title: .nan}", "- 5"]
    odd += [f"- {{title: '{title}', summary: Kort.}}" for title in ("\u200b\u3164", "abc\u202ecba")]
    upload(admin_client, "\n".join([record, *odd]).encode(), "cases.yaml")
    assert list(verdicts().values()) == ["nieuw", *["geweigerd"] * 6]
    decide(admin_client)
    assert Case.objects.get().published_at is None


def test_own_export_comes_back_unchanged(admin_client, make_case):
    handed_in = make_case(title="Aangemeld", published_at=None, submitted_at=timezone.now())
    handed_in.lead_organisations.clear()
    old = make_case(title="Oude case", slug="Oud-Adres", body="Regel\r\n\x85 en \ufffd \u202eom")
    long = make_case(title="Lang", slug="lang", body="x" * 40_000)
    rewritten = make_case(title="Wordt herschreven")
    make_case(title="Werkversie", slug=f"werkversie-{rewritten.pk}", replaces=rewritten, published_at=None)
    for ending in ("csv", "xlsx"):
        export = admin_client.get(f"/beheer/cases/case/export.{ending}").content
        upload(admin_client, export, f"cases.{ending}")
        assert list(verdicts().values()) == ["ongewijzigd"] * 4
    upload(admin_client, csv_of([f"werkversie-{rewritten.pk}", "Werkversie"], headings=["webadres", "titel"]))
    assert verdicts() == {2: "ongewijzigd"}  # from an older export
    table = admin_client.get("/beheer/cases/case/export.csv").content.decode("utf-8-sig")
    headings, *rows = csv.reader(io.StringIO(table), delimiter=";")
    column = headings.index("plaats")
    for row in rows:
        row[column] = "Zwolle"
        row[0] = row[0].swapcase()
    upload(admin_client, csv_of(*rows, headings=headings))
    said = {row.title: (row.verdict, row.problems and row.problems[0][2]) for row in Batch.objects.first().rows.all()}
    assert said["Lang"][0] == "gewijzigd"  # the text that did not fit stays
    assert said["Wordt herschreven"] == (
        "geweigerd",
        "Hiervan is een werkversie. Laat die eerst goedkeuren of verwijderen.",
    )
    row = Batch.objects.first().rows.get(object_id=long.pk)
    assert row.after[0]["fields"]["body"] == "x" * 40_000
    assert Batch.objects.first().rows.filter(object_id=old.pk).exists()


def test_address_in_other_capitals_is_the_same_case(admin_client, make_case):
    make_case(slug="civ-groen", published_at=None)
    rows = [line(webadres="CIV-Groen"), line(webadres="Nieuw"), line(webadres="nieuw", titel="Ook")]
    upload(admin_client, csv_of(*rows))
    assert list(verdicts().values()) == ["gewijzigd", "nieuw", "geweigerd"]
    decide(admin_client)
    assert set(Case.objects.values_list("slug", flat=True)) == {"civ-groen", "Nieuw"}


# ---- who may do what


def test_redacteur_imports_only_in_the_own_landsdelen(client, make_editor, make_case):
    client.force_login(make_editor("redacteur", "oost"))
    make_case(title="In het noorden", slug="noord", provinces=["fryslan"], published_at=None)
    public = make_case(title="In het oosten", slug="oost")
    page = upload(
        client,
        csv_of(
            line(titel="Elders", provincies="Fryslân"),
            line(webadres="noord", titel="Overgenomen"),
            line(webadres="oost", titel="Beter"),
            line(),
        ),
    )
    assert list(verdicts().values()) == ["geweigerd", "geweigerd", "gewijzigd", "nieuw"]
    assert "Kies een provincie in uw werkgebied: Oost." in page.text
    assert "Dit valt buiten uw werkgebied." in page.text
    decide(client, zichtbaar="on")
    public.refresh_from_db()
    assert (public.title, public.working_copy.title) == ("In het oosten", "Beter")
    assert Case.objects.get(slug="lassen-leren").stage == "concept"
    undo(client)
    assert Case.objects.count() == 2


def test_judging_tells_nothing_of_a_concept_elsewhere(client, make_editor, make_case):
    client.force_login(make_editor("redacteur", "oost"))
    secret = {"provinces": ["fryslan"], "first_year": 2019}
    hidden = make_case(title="Geheim plan", slug="geheim", body="Geheime tekst", published_at=None, **secret)
    copy = make_case(title="Geheim plan", slug=f"werkversie-{hidden.pk}", replaces=hidden, published_at=None, **secret)
    make_case(title="Bekend plan", slug="bekend", **secret)
    page = upload(
        client,
        csv_of(
            line(webadres="geheim", titel=""),
            line(webadres="GEHEIM", titel="Gok"),
            line(webadres=copy.slug, titel="Gok"),
            line(webadres="werkversie-0", titel="Gok"),
            line(titel="Geheim plan!"),
            line(titel="Bekend plan!"),
        ),
    )
    rows = list(Row.objects.all())
    assert [row.verdict for row in rows] == [*["geweigerd"] * 4, *["dubbel"] * 2]
    assert [row.problems for row in rows[:4]] == [
        *[[["", "", "Dit valt buiten uw werkgebied."]]] * 2,
        *[[["", "", "Dit webadres is van een werkversie. Wijzig die in het beheer."]]] * 2,
    ]
    assert [(row.title, row.object_id, row.before) for row in rows[:2]] == [("", None, []), ("Gok", None, [])]
    assert [row.twin for row in rows[4:]] == [{"elsewhere": True}, {"url": "/cases/bekend/", "title": "Bekend plan"}]
    text = unescape(page.text)
    assert "Lijkt op een concept in een ander werkgebied." in " ".join(text.split())
    assert '<a href="/cases/bekend/">Bekend plan</a>’ buiten uw werkgebied.' in text
    assert "die bijwerken" not in text
    assert "Geheime tekst" not in text
    assert str(hidden.pk) not in str([row.twin for row in rows])
    decide(client, store=False, **{f"keuze-{row.pk}": "bijwerken" for row in rows[4:]})
    assert not Row.objects.filter(choice="bijwerken").exists()


def test_twin_that_left_the_werkgebied_meanwhile_is_not_shown(client, make_editor, make_case):
    client.force_login(make_editor("redacteur", "oost"))
    twin = make_case(title="Robots", slug="robots", published_at=None)
    upload(client, csv_of(line(titel="Robots!", eerste_jaar="")))
    twin.provinces.set([Region.objects.get(slug="fryslan")])
    decide(client, store=False, **{f"keuze-{Row.objects.get().pk}": "bijwerken"})
    row = Row.objects.get()
    assert (row.verdict, row.twin, row.object_id, row.before) == ("geweigerd", None, None, [])


def test_import_of_another_is_seen_only_by_who_may_publish(client, make_editor, make_organisation):
    make_organisation()
    client.force_login(make_editor("redacteur", "oost"))
    upload(client, csv_of(line()))
    base = f"/beheer/imports/batch/{Batch.objects.get().pk}"
    names = ["change", "kolommen", "beoordelen", "ongedaan", "geweigerd.csv", "history"]
    client.force_login(make_editor("redacteur", "oost", name="ander"))
    assert {client.get(f"{base}/{name}/".replace("csv/", "csv")).status_code for name in names} == {404}
    assert client.post(f"{base}/change/", {"_store": "1", "aantal": "1"}).status_code == 404
    client.force_login(make_editor("eindredacteur"))
    assert client.get(f"{base}/change/").status_code == 200
    assert client.post(f"{base}/change/", {"_store": "1", "aantal": "1"}).status_code == 403
    for number in ("0", "999999", "9" * 30, "x"):
        assert client.get(f"/beheer/imports/batch/{number}/change/").status_code == 404
    assert not Case.objects.exists()


# ---- many rows


def test_judging_goes_on_where_it_stopped(admin_client, make_organisation, monkeypatch):
    make_organisation()
    monkeypatch.setattr("imports.judging.SECONDS", 0)
    monkeypatch.setattr("imports.judging.CHUNK", 2)
    page = upload(admin_client, csv_of(line(titel="Klas 0"), *(line(titel=f"Klas {n}") for n in range(5))))
    assert "2 van 6 rijen beoordeeld" in page.text
    for _ in range(3):
        page = admin_client.post(page.request["PATH_INFO"], follow=True)
    assert 'value="Importeer 5 rijen"' in page.text
    decide(admin_client)
    assert Case.objects.count() == 5


def test_decision_page_costs_the_same_queries_with_more_rows(admin_client, make_case):
    def queries(rows):
        for n in range(rows):
            make_case(slug=f"{rows}-{n}", published_at=None)
        changes = [line(webadres=f"{rows}-{n}", provincies="Gelderland", sectoren="Groen") for n in range(rows)]
        upload(admin_client, csv_of(*changes))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page = admin_client.get(f"/beheer/imports/batch/{Batch.objects.first().pk}/change/")
        assert page.text.count("<ins>Gelderland</ins>") == rows
        return len(captured)

    assert queries(8) == queries(2)


def test_decision_page_stays_small(admin_client, make_case, monkeypatch):
    monkeypatch.setattr(presenting, "MOST_LETTERS", 900)
    for n in range(2):
        make_case(slug=f"lang-{n}", published_at=None)
    page = upload(admin_client, csv_of(*(line(webadres=f"lang-{n}", tekst="woord " * 60) for n in range(2))))
    assert page.text.count("Wijzigt: ") == 1
    page = admin_client.get(page.request["PATH_INFO"], {"rij": 3})
    assert "Wijzigt: " not in page.text
    assert "woord woord" in page.text


@pytest.mark.parametrize(
    "query", ["oordeel=rommel", "rij=-1", "rij=" + "9" * 30, "pagina=0", "pagina=x", "oordeel=%00"]
)
def test_decision_page_malformed_query(admin_client, make_organisation, query):
    make_organisation()
    page = upload(admin_client, csv_of(line()))
    assert admin_client.get(f"{page.request['PATH_INFO']}?{query}").status_code == 200
