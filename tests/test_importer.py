import shutil
from datetime import timedelta

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.utils import timezone

from cases.models import Case, CaseSource, FormerSlug
from contacts.models import Contact
from programme.models import IndicatorValue, Organisation, Region, RegionAlias
from publishing.models import Publishable
from techniekpact.content import CONTENT_DIR, KINDS, Refused, import_content
from techniekpact.models import ImportedRecord

CASE = {
    "slug": "case-1",
    "title": "Case 1",
    "summary": "Kort.",
    "body": "Lang.",
    "provinces": ["overijssel"],
    "sectors": ["techniek"],
    "first_year": 2016,
    "lead_organisations": ["roc-oost"],
    "published": True,
    "sources": [{"title": "Bron", "url": "https://krant.example/"}],
}
RECORDS = {
    "levels": [{"number": 1, "name": "Entree"}],
    "sectors": [{"slug": "techniek", "name": "Techniek"}],
    "regions": [
        {"slug": "oost", "name": "Oost", "kind": "landsdeel"},
        {"slug": "overijssel", "name": "Overijssel", "kind": "provincie", "landsdeel": "oost", "aliases": ["Salland"]},
    ],
    "organisations": [{"slug": "roc-oost", "name": "ROC Oost", "kind": "mbo"}],
    "contacts": [{"slug": "punt", "name": "Contactpunt", "is_fallback": True}],
    "cases": [CASE],
}


FIGURE = {"period": "2013", "year": 2013, "value": 1, "source_title": "DUO"}


@pytest.fixture
def folder(tmp_path):
    """A small content/: every file is there, most are empty."""
    for kind in KINDS:
        write(tmp_path, kind.file, RECORDS.get(kind.file, []))
    return tmp_path


def write(folder, file, records):
    (folder / f"{file}.yaml").write_text(yaml.safe_dump(records, allow_unicode=True), encoding="utf-8")


def write_regions(folder, **changes):
    oost, overijssel = RECORDS["regions"]
    write(folder, "regions", [oost, overijssel | changes])


def write_case(folder, **changes):
    write(folder, "cases", [CASE | changes])


def write_figures(folder, *values):
    indicator = {"slug": "instroom", "name": "Instroom", "theme": "mbo", "unit": "%", "values": list(values)}
    write(folder, "indicators", [indicator])


def stored():
    """All that an import may write: every row of every model, as it is."""
    models = [kind.model for kind in KINDS] + [child for kind in KINDS for child in kind.children.values()]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


# ---- What it does


def test_import_adds_what_is_new(db, folder):
    report = import_content(folder)
    assert "cases: case-1" in report.added
    assert (report.changed, report.left, report.edited, report.gone) == ([], [], [], [])
    case = Case.objects.published().get()
    assert [each.slug for each in case.provinces.all()] == ["overijssel"]
    assert [each.title for each in case.sources.all()] == ["Bron"]
    assert Region.objects.get(slug="overijssel").landsdeel.slug == "oost"
    assert RegionAlias.objects.get().slug == "salland"


def test_import_again_leaves_all_as_it_was(db, folder):
    added, before = import_content(folder).added, stored()
    again = import_content(folder)
    assert again.left == added
    assert (again.added, again.changed, again.edited, again.gone) == ([], [], [], [])
    assert stored() == before


def test_import_changes_what_changed_in_the_file_and_nothing_else(db, folder):
    import_content(folder)
    before = Case.objects.get()
    write_case(folder, title="Nieuwe titel", sectors=[], sectors_unknown=True, sources=[{"title": "Andere bron"}])
    report = import_content(folder)
    assert report.changed == ["cases: case-1"]
    assert len(report.left) == sum(map(len, RECORDS.values())) - 1
    case = Case.objects.get()
    assert (case.pk, case.title, case.published_at) == (before.pk, "Nieuwe titel", before.published_at)
    assert not case.sectors.exists()
    assert [source.title for source in case.sources.all()] == ["Andere bron"]


def test_a_field_that_left_the_file_becomes_empty(db, folder):
    write_case(folder, place="Zwolle", last_year=2020)
    import_content(folder)
    write_case(folder)
    import_content(folder)
    assert Case.objects.values_list("place", "last_year").get() == ("", None)


def test_images_are_the_editors_and_stay_when_their_case_changes(db, folder, make_image):
    import_content(folder)
    image = make_image(Case.objects.get())
    write_case(folder, title="Nieuwe titel")
    assert import_content(folder).changed == ["cases: case-1"]
    image.refresh_from_db()
    assert image.case.title == "Nieuwe titel"


def test_a_changed_region_keeps_its_other_names(db, folder):
    import_content(folder)
    write_regions(folder, note="Zeker.", aliases=["Twente", "Salland"])
    assert import_content(folder).changed == ["regions: overijssel"]
    assert list(RegionAlias.objects.values_list("region__note", "slug")) == [
        ("Zeker.", "twente"),
        ("Zeker.", "salland"),
    ]


def test_a_list_of_figures_is_replaced(db, folder):
    write_figures(folder, FIGURE)
    import_content(folder)
    write_figures(folder, FIGURE | {"value": 2}, FIGURE | {"period": "2014", "year": 2014})
    assert import_content(folder).changed == ["indicators: instroom"]
    assert list(IndicatorValue.objects.values_list("period", "value")) == [("2013", 2), ("2014", 1)]


def test_a_case_taken_back_to_concept_is_hidden(db, folder):
    import_content(folder)
    write_case(folder, published=False)
    import_content(folder)
    assert not Case.objects.published().exists()


def test_a_record_that_left_the_file_stays_and_is_reported(db, folder):
    import_content(folder)
    write(folder, "cases", [])
    assert import_content(folder).gone == ["cases: case-1"]
    assert Case.objects.exists()


# ---- What an editor did


def edit_title():
    Case.objects.update(title="Van de redactie")


def edit_sectors():
    Case.objects.get().sectors.clear()


def edit_source():
    CaseSource.objects.update(url="https://beter.example/")


def add_source():
    Case.objects.get().sources.create(title="Extra")


def withdraw():
    Case.objects.update(published_at=None)


def schedule():
    Case.objects.update(unpublish_at=timezone.now() + timedelta(days=1))


def write_note():
    Case.objects.update(editor_note="Bellen")


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (edit_title, "titel"),
        (edit_sectors, "sectoren"),
        (edit_source, "bronnen"),
        (add_source, "bronnen"),
        (withdraw, "gepubliceerd"),
        (schedule, "gepubliceerd tot"),
        (write_note, "notitie voor de redactie"),
    ],
)
def test_import_leaves_what_an_editor_changed(db, folder, edit, field):
    import_content(folder)
    edit()
    before = stored()
    write_case(folder, title="Uit het bestand", body="Nieuwe tekst uit het bestand.")
    report = import_content(folder)
    assert report.changed == []
    assert len(report.edited) == 1
    assert report.edited[0].startswith(f"cases: case-1 ({field}")
    assert stored() == before
    assert import_content(folder).edited == report.edited  # and says so again


def test_import_leaves_what_an_editor_changed_when_the_file_did_not_change(db, folder):
    import_content(folder)
    edit_title()
    assert "cases: case-1" in import_content(folder).left
    assert Case.objects.get().title == "Van de redactie"


def test_import_leaves_deleted_what_an_editor_deleted(db, folder):
    import_content(folder)
    Case.objects.all().delete()
    write_case(folder, title="Uit het bestand")
    assert import_content(folder).edited == ["cases: case-1 (verwijderd in het beheer)"]
    assert not Case.objects.exists()


def test_import_leaves_what_an_editor_made_first_under_the_same_slug(db, folder):
    Organisation.objects.create(slug="roc-oost", name="ROC van het Oosten", kind="mbo")
    assert import_content(folder).edited == ["organisations: roc-oost (stond al in het beheer)"]
    assert Organisation.objects.get().name == "ROC van het Oosten"
    assert not ImportedRecord.objects.filter(file="organisations").exists()


def test_import_finds_its_row_after_an_editor_gave_it_another_address(db, folder):
    import_content(folder)
    Case.objects.update(slug="ander-adres")
    write_case(folder, title="Uit het bestand")
    assert import_content(folder).edited == ["cases: case-1 (webadres)"]
    assert Case.objects.count() == 1


# ---- What an editor did to a row that a record names, or that is in its way

ROC = RECORDS["organisations"][0]


def test_a_renamed_row_is_still_found(db, folder):
    import_content(folder)
    Organisation.objects.update(slug="roc-van-oost")
    Organisation.objects.create(slug="roc-oost", name="Een andere", kind="mbo")
    write(folder, "cases", [CASE | {"title": "Anders"}, CASE | {"slug": "case-2"}])
    report = import_content(folder)
    assert (report.changed, report.added, report.edited) == (["cases: case-1"], ["cases: case-2"], [])
    assert {case.lead_organisations.get().slug for case in Case.objects.all()} == {"roc-van-oost"}


def test_a_record_that_names_a_deleted_row_is_skipped_and_the_rest_is_read(db, folder):
    import_content(folder)
    Organisation.objects.all().delete()
    others = [CASE | {"slug": "case-2"}, CASE | {"slug": "case-3", "lead_organisations": ["roc-west"]}]
    write(folder, "organisations", [ROC, ROC | {"slug": "roc-west", "name": "ROC West"}])
    write(folder, "cases", [CASE, *others])
    report = import_content(folder)
    assert report.added == ["organisations: roc-west", "cases: case-3"]
    assert [each.split(":")[0:2] for each in report.edited] == [["cases", " case-2 (botst met het beheer"]]
    assert import_content(folder).edited == report.edited  # and says so again
    Organisation.objects.create(slug="roc-oost", name="ROC Oost", kind="mbo")
    assert import_content(folder).added == ["cases: case-2"]


def test_a_record_with_the_name_of_an_editors_row_is_skipped_and_what_names_it_too(db, folder):
    Organisation.objects.create(slug="oost", name="ROC Oost", kind="mbo")
    report = import_content(folder)
    assert "contacts: punt" in report.added
    organisation, case = report.edited
    assert organisation.startswith("organisations: roc-oost (botst met het beheer: name: ")
    assert case.startswith("cases: case-1 (botst met het beheer: lead_organisations: ")
    assert not Case.objects.exists()


def test_a_record_with_the_name_that_an_editor_gave_is_skipped(db, folder):
    import_content(folder)
    Organisation.objects.update(name="ROC West")
    write(folder, "organisations", [ROC, {"slug": "roc-west", "name": "ROC West", "kind": "mbo"}])
    assert [each.split(" (")[0] for each in import_content(folder).edited] == ["organisations: roc-west"]


def test_a_record_in_the_way_of_the_next_because_it_is_skipped_counts_as_edited(db, folder):
    import_content(folder)
    Organisation.objects.create(slug="nieuw", name="Nieuw", kind="mbo")
    write(folder, "organisations", [ROC | {"name": "Nieuw"}, ROC | {"slug": "roc-west"}])
    edited = [each.split(" (")[0] for each in import_content(folder).edited]
    assert edited == ["organisations: roc-oost", "organisations: roc-west"]


def test_an_editors_fallback_stays_the_only_one(db, folder):
    Contact.objects.create(slug="eigen", name="Eigen punt", is_fallback=True)
    assert import_content(folder).edited[0].startswith("contacts: punt (botst met het beheer: is_fallback: ")


def test_an_editors_other_name_of_a_region_stays_and_a_skipped_region_keeps_its_own(db, folder):
    import_content(folder)
    RegionAlias.objects.create(region=Region.objects.get(slug="oost"), name="Twente", slug="twente")
    before = stored()
    write_regions(folder, aliases=["Salland", "Twente"])
    report = import_content(folder)
    assert report.edited[0].startswith("regions: overijssel (botst met het beheer: aliases 2, slug: ")
    assert stored() == before


def test_a_case_at_an_address_that_an_editor_left_is_skipped(db, folder):
    import_content(folder)
    FormerSlug.objects.create(case=Case.objects.get(), slug="case-2")
    write(folder, "cases", [CASE, CASE | {"slug": "case-2"}])
    assert import_content(folder).edited[0].startswith("cases: case-2 (botst met het beheer: slug: ")


def test_an_own_fault_is_refused_also_beside_an_editors(db, folder):
    import_content(folder)
    Organisation.objects.all().delete()
    write_case(folder, slug="case-2", lead_organisations=["roc-oost", "niemand"])
    with pytest.raises(Refused, match=r"^cases\.yaml, record case-2, lead_organisations: "):
        import_content(folder)
    write_case(folder, slug="case-2", last_year=2015)
    with pytest.raises(Refused, match=r"^cases\.yaml, record case-2, first_year: Het laatste jaar ligt vóór"):
        import_content(folder)


# ---- What it refuses


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"titel": "x"}, "titel: dit veld kennen wij niet."),
        ({"published_at": "2020-01-01"}, "published_at: dit veld kennen wij niet."),
        ({"title": ""}, "title: "),
        ({"title": "x" * 201}, "title: "),
        ({"title": ["een", "twee"]}, "title: "),
        ({"title": "Een\0twee"}, "title: "),
        ({"sectors": ["ruimtevaart"]}, "sectors: "),
        ({"sectors": "techniek"}, "sectors: "),
        ({"provinces": ["oost"]}, "provinces: "),
        ({"lead_organisations": [{"slug": "roc-oost"}]}, "lead_organisations: "),
        ({"contact": "niemand"}, "contact: "),
        ({"contact": "een\0twee"}, "contact: "),
        ({"levels": [1.5]}, "levels: "),
        ({"first_year": "vorig jaar"}, "first_year: "),
        ({"first_year": 20160}, "first_year: "),
        ({"first_year": 2016.5}, "first_year: "),
        ({"running_seen_on": "gisteren", "running_source": "https://a.example/"}, "running_seen_on: "),
        ({"website": "javascript:alert(1)"}, "website: "),
        ({"last_year": 2015}, "first_year: Het laatste jaar ligt vóór het eerste jaar."),
        ({"provinces": []}, "provinces: Publiceren kan pas met minstens één provincie"),
        ({"sources": []}, "geheel: Publiceren kan pas met minstens één bron."),
        ({"body": None}, "body: Publiceren kan pas met een tekst."),
        ({"published": "nee"}, "published: "),
        ({"nationwide": "nee"}, "nationwide: "),
        ({"sources": "krant"}, "sources"),
        ({"sources": ["krant"]}, "sources 1"),
        ({"sources": [{"title": "Bron", "link": "https://a.example/"}]}, "sources 1, link: dit veld kennen wij niet."),
        (
            {"sources": [{"title": "Bron"}, {"title": "Bron", "month": 3}]},
            "sources 2, geheel: Een dag vraagt",
        ),
        ({"sources": [{"title": "Bron", "url": "krant"}]}, "sources 1, url: "),
    ],
)
def test_bad_record_is_refused_with_file_record_field_and_reason(db, folder, changes, error):
    write_case(folder, **changes)
    with pytest.raises(Refused) as refusal:
        import_content(folder)
    assert any(each.startswith(f"cases.yaml, record case-1, {error}") for each in refusal.value.errors)
    assert not any(stored().values())
    assert not ImportedRecord.objects.exists()


def test_a_word_that_is_no_choice_is_refused(db, folder):
    write(folder, "organisations", [ROC | {"kind": "kroeg"}])
    with pytest.raises(Refused, match=r"^organisations\.yaml, record roc-oost, kind: "):
        import_content(folder)


@pytest.mark.parametrize(
    ("write_twice", "error"),
    [
        (
            lambda folder: write_figures(folder, FIGURE, FIGURE | {"value": 2}),
            "indicators.yaml, record instroom, values: staat twee keer in deze lijst. ",
        ),
        (
            lambda folder: write_regions(folder, aliases=["Salland", "Twente", "salland"]),
            "regions.yaml, record overijssel, aliases: staat twee keer in deze lijst. ",
        ),
    ],
)
def test_what_stands_twice_in_a_list_is_refused(db, folder, write_twice, error):
    for _ in range(2):  # in a new record, and in a changed one
        before = stored()
        write_twice(folder)
        with pytest.raises(Refused) as refusal:
            import_content(folder)
        assert [each.startswith(error) for each in refusal.value.errors] == [True]
        assert stored() == before
        write_figures(folder, FIGURE)
        write_regions(folder)
        import_content(folder)


GOOD = yaml.safe_dump([CASE], allow_unicode=True)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (GOOD + GOOD, "cases.yaml, record case-1, slug: staat al eerder in dit bestand."),
        (GOOD.replace("slug: case-1", "place: Zwolle"), "cases.yaml, record 1, slug: ontbreekt, of is geen tekst"),
        ("- Zwolle\n", "cases.yaml, record 1, slug: ontbreekt, of is geen tekst"),
        ("- slug: [een, twee]\n", "cases.yaml, record 1, slug: "),
        (GOOD + "  title: Nog een titel\n", "cases.yaml: geen geldige YAML: ‘title’ staat twee keer in een record"),
        ("- slug: 'case-1\n", "cases.yaml: geen geldige YAML: "),
        ("- slug: !!python/object/apply:os.getcwd []\n", "cases.yaml: geen geldige YAML: "),
        (GOOD + "  running_seen_on: 2020-02-30\n", "cases.yaml: geen geldige YAML: "),
        ("slug: case-1\n", "cases.yaml: hier hoort een lijst van records te staan."),
        ("", "cases.yaml: hier hoort een lijst van records te staan."),
        (GOOD.replace("Lang", "Caf\xe9").encode("latin-1"), "cases.yaml: dit bestand is geen UTF-8."),
        (None, "cases.yaml: dit bestand ontbreekt."),
    ],
)
def test_bad_file_is_refused_with_its_name_and_reason(db, folder, text, error):
    path = folder / "cases.yaml"
    path.unlink()
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Refused) as refusal:
        import_content(folder)
    assert len(refusal.value.errors) == 1
    assert refusal.value.errors[0].startswith(error)
    assert not any(stored().values())


def test_every_bad_record_of_a_file_is_named_at_once(db, folder):
    write(folder, "cases", [CASE | {"slug": f"case-{n}", "last_year": 2015} for n in (1, 2)])
    with pytest.raises(Refused) as refusal:
        import_content(folder)
    assert [each.split(", ")[1] for each in refusal.value.errors] == ["record case-1", "record case-2"]


def test_a_later_bad_file_undoes_nothing_of_before(db, folder):
    import_content(folder)
    before = stored()
    write(folder, "organisations", [{"slug": "roc-oost", "name": "Andere naam", "kind": "mbo"}])
    write_case(folder, last_year=2015)
    with pytest.raises(Refused):
        import_content(folder)
    assert stored() == before


# ---- The command


def test_command_says_in_dutch_what_it_did(db, folder, capsys):
    call_command("import_content", folder)
    edit_title()
    write_case(folder, body="Anders.")
    call_command("import_content", folder)
    first, second, skipped = capsys.readouterr().out.splitlines()
    total = sum(map(len, RECORDS.values()))
    assert first == f"Inhoud: {total} toegevoegd, 0 gewijzigd, 0 ongewijzigd, 0 overgeslagen."
    assert second == f"Inhoud: 0 toegevoegd, 0 gewijzigd, {total - 1} ongewijzigd, 1 overgeslagen."
    assert skipped == "Overgeslagen om wat in het beheer is gewijzigd: cases: case-1 (titel)"


def test_command_refuses_without_a_traceback(db, folder):
    write_case(folder, last_year=2015)
    with pytest.raises(CommandError, match=r"^Niets ingelezen\.\ncases\.yaml, record case-1, first_year: "):
        call_command("import_content", folder)


# ---- The real content. Keep these last: from here on the database holds it.


def test_real_content_is_read_whole(content, db):
    assert (content.changed, content.edited, content.gone) == ([], [], [])
    assert len(content.added) == sum(kind.model.objects.count() for kind in KINDS)
    assert all(kind.model.objects.exists() for kind in KINDS)
    assert Contact.objects.filter(is_fallback=True).count() == 1


def test_real_content_again_changes_nothing(content, db):
    before = stored()
    again = import_content()
    assert again.left == content.added
    assert (again.added, again.changed, again.edited) == ([], [], [])
    assert stored() == before


def test_one_bad_file_among_the_real_ones_stores_nothing(content, db, tmp_path):
    folder, before = shutil.copytree(CONTENT_DIR, tmp_path / "content"), stored()
    records = yaml.safe_load((folder / "participations.yaml").read_text(encoding="utf-8"))
    records[0] |= {"programme": "Gewijzigd", "last_year": 1999}
    write(folder, "participations", records)
    with pytest.raises(Refused, match=r"^participations\.yaml, record bol-bbl-roc-rivor, first_year: Het laatste"):
        import_content(folder)
    assert stored() == before


def test_every_publishable_row_of_the_files_says_whether_it_is_public():
    for kind in KINDS:
        if issubclass(kind.model, Publishable):
            records = yaml.safe_load((CONTENT_DIR / f"{kind.file}.yaml").read_text(encoding="utf-8"))
            assert {type(record.get("published")) for record in records} == {bool}, kind.file
