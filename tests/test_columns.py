"""Between the cells of a table and records, in the room imports."""

import datetime
from io import BytesIO

import pytest
from django.conf import settings

from cases.models import Case, FormerSlug
from experiments.models import Participation
from imports.columns import (
    FIELDS,
    cells_of,
    changed_cells,
    columns_for,
    heading_of,
    lookups_for,
    recognise,
    record_of,
    sources_in,
    taken_slugs,
)
from imports.records import for_records, form_errors, forms_for, kind_of, stored_record
from imports.sheets import read
from imports.sheets.writing import write_csv, write_xlsx
from programme.models import Organisation
from publishing.models import free_slug
from routes.models import RouteOffering

CASES = kind_of(Case)
BY_HEADING = {column.heading: column for column in columns_for(CASES)}


def record(stored=None, **cells):
    """record_of() cells that are named by their headings, with _ for a space."""
    named = {BY_HEADING[heading.replace("_", " ")]: text for heading, text in cells.items()}
    return record_of(named, lookups_for(CASES), stored)


def columns_found(*headings, saved=None, sources=3):
    found = recognise(headings, columns_for(CASES, sources), saved)
    return [column and column.name for column in found.values()]


# ---- Headings


@pytest.mark.parametrize(
    "kind", [kind_of(model) for model in (Case, Participation, RouteOffering)], ids=lambda k: k.file
)
def test_every_field_of_a_record_has_a_column_but_the_contact(kind):
    assert set(kind.fields) - set(FIELDS[kind.file].split()) == ({"contact"} if kind is CASES else set())
    headings = [column.heading for column in columns_for(kind)]
    assert len(set(headings)) == len(headings)


def test_a_table_never_has_a_column_for_someones_mail_address():
    words = [word for column in columns_for(CASES) for word in (column.heading, *column.also)]
    assert len(words) > 50
    assert [word for word in words if "mail" in word or "contact" in word] == []


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("titel", "title"),
        ("TITEL ", "title"),
        ("title", "title"),
        ("Eerste_jaar", "first_year"),
        ("startjaar", "first_year"),
        ("first_year", "first_year"),
        ("Mbo-niveaus", "levels"),
        ("Nivéaus", "levels"),
        ("bron voor ‘loopt’", "running_source"),
        ("lead_organisations", "lead_organisations"),
        ("Bron1 titel", ("sources", 0, "title")),
        ("bron 2", ("sources", 1, "title")),
        ("BRON_3_URL", ("sources", 2, "url")),
        ("bron 3 adres van een kopie", ("sources", 2, "archived_url")),
        ("stand", "stage"),
        ("e-mailadres", None),
        ("contact", None),
        ("published_at", None),
        ("bron 4 titel", None),
        ("bron 0 titel", None),
        ("", None),
        ("١", None),
    ],
)
def test_heading_is_recognised_however_it_is_spelled(heading, name):
    assert columns_found(heading) == [name]


def test_two_headings_never_share_a_column_and_the_dutch_name_goes_first():
    assert columns_found("title", "titel", "naam") == [None, "title", None]


def test_what_an_editor_chose_before_wins():
    assert columns_found("Naam van het project", "titel", saved={"naam van het project": "titel"}) == ["title", None]
    assert columns_found("titel", "naam", saved={"Titel": ""}) == [None, "title"]
    assert columns_found("titel", saved={"titel": "een kolom van vroeger"}) == ["title"]


def test_as_many_sources_as_the_headings_have():
    assert sources_in(["titel", "bron 1 titel"]) == 3
    assert sources_in(["titel", "Bron_7 webadres"]) == 7
    assert sources_in(["bron 99 titel", "bron 99999999999 titel"]) == 14


# ---- Cells


def test_cells_become_the_record_that_the_content_has(make_organisation, make_experiment, make_route):
    for name in ("ROC Oost", "Bakker & Zn."):
        make_organisation(name)
    make_experiment("cross-over", name="Experiment cross-over")
    make_route("vakmanschaproute")
    found, problems = record(
        webadres="een-case",
        titel="Een case",
        provincies="fryslan; Overijssel;",
        landelijk="x",
        sectoren="TECHNIEK; zorg & welzijn;techniek",
        sector_onbekend="Nee",
        niveaus="2; Niveau 3",
        eerste_jaar="2017",
        laatste_jaar="",
        gezien_dat_het_loopt_op="31-5-2024",
        trekkers="roc oost",
        partners="Bakker en Zn",
        experimenten="cross-over",
        leerroutes="Vakmanschaproute",
        laatst_gecontroleerd="2024-05-01",
        bron_1_titel="Bron",
        bron_1_datum="2020-09",
        bron_2_titel="",
        bron_2_datum="",
        bron_3_titel="Nog een",
        bron_3_webadres="https://b.example/",
        stand="gepubliceerd",
    )
    assert problems == []
    assert found == {
        "slug": "een-case",
        "title": "Een case",
        "provinces": ["fryslan", "overijssel"],
        "nationwide": True,
        "sectors": ["techniek", "zorg-en-welzijn"],
        "sectors_unknown": False,
        "levels": [2, 3],
        "first_year": 2017,
        "last_year": None,
        "running_seen_on": datetime.date(2024, 5, 31),
        "lead_organisations": ["roc-oost"],
        "partner_organisations": ["bakker-&-zn."],
        "experiments": ["cross-over"],
        "routes": ["vakmanschaproute"],
        "checked_on": datetime.date(2024, 5, 1),
        "sources": [
            {"title": "Bron", "year": 2020, "month": 9},
            {"title": "Nog een", "url": "https://b.example/"},
        ],
    }


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2020-09-14", (2020, 9, 14)),
        ("14-9-2020", (2020, 9, 14)),
        ("2020-09", (2020, 9)),
        ("2020", (2020,)),
        ("", ()),
    ],
)
def test_date_of_a_source_is_as_precise_as_it_is_known(db, text, date):
    found, problems = record(bron_1_titel="Bron", bron_1_datum=text)
    parts = dict(zip(("year", "month", "day"), date, strict=False))
    assert (found, problems) == ({"sources": [{"title": "Bron"} | parts]}, [])


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        *(
            ("eerste jaar", text)
            for text in ("2024.0", "2024,5", "2.024", "2_024", "ja", "24", "٢٠٢٤", "²024", "1e3", "-201")
        ),
        *(("laatst gecontroleerd", text) for text in ("2024", "2024-5-1", "2024-02-30", "5/31/2024", "31-5-24", "mei")),
        *(("bron 1 datum", text) for text in ("2024-13", "2023-02-29", "31-6-2024", "sep-20", "2024-1", "20240101")),
        *(("landelijk", text) for text in ("misschien", "2", "ja; nee", "٠")),
        *(("provincies", text) for text in ("Oost", "Atlantis", "!!!", "x" * 30_000, "x;" * 9_000)),
        ("niveaus", "5"),
    ],
)
def test_what_is_no_value_is_told_with_the_reason_and_changes_nothing(field, heading, text):
    found, [(where, value, reason)] = record(**{heading: text})
    assert where == heading
    assert value[:20] == text[:20]
    assert len(value) <= 60
    assert reason.endswith((".", "?"))
    assert found.get(BY_HEADING[heading].name) in (None, [])


def test_organisation_is_known_by_its_former_name_and_a_slip_is_understood(make_organisation):
    Organisation.objects.create(
        name="Aeres", slug="aeres", kind="mbo", former_names="AOC Groenhorst, Groenhorst College"
    )
    make_organisation("ROC van Twente")
    assert record(trekkers="groenhorst college; AERES")[0] == {"lead_organisations": ["aeres"]}
    found, problems = record(trekkers="Aeres; ROC Twente; Twente; Kroeg")
    assert found == {"lead_organisations": ["aeres"]}
    assert problems == [
        ("trekkers", "ROC Twente", "Deze organisatie kennen wij niet. Bedoelt u ‘ROC van Twente’?"),
        ("trekkers", "Twente", "Deze organisatie kennen wij niet. Bedoelt u ‘ROC van Twente’?"),
        ("trekkers", "Kroeg", "Deze organisatie kennen wij niet."),
    ]
    assert record(provincies="Friesland")[0] == {"provinces": ["fryslan"]}


def test_unknown_name_is_said_in_good_dutch(field, make_experiment):
    headings = {"provincies": "x", "sectoren": "x", "niveaus": "9", "experimenten": "x", "leerroutes": "x"}
    assert [reason for _, _, reason in record(**headings)[1]] == [
        f"{this} kennen wij niet."
        for this in ("Deze provincie", "Deze sector", "Dit mbo-niveau", "Dit experiment", "Deze leerroute")
    ]


def test_commas_between_values_are_pointed_out(field):
    problem = ("sectoren", "Techniek, Groen", "Zet tussen twee waarden een puntkomma (;).")
    assert record(sectoren="Techniek, Groen")[1] == [problem]


def test_a_name_of_two_is_no_name(field):
    Organisation.objects.create(name="Hout", slug="hout-oost", kind="bedrijf", former_names="Timmerhuis")
    Organisation.objects.create(name="HOUT!", slug="hout-west", kind="bedrijf", former_names="timmerhuis")
    assert record(trekkers="Hout; HOUT!")[0] == {"lead_organisations": ["hout-oost", "hout-west"]}
    for name in ("hout", "Timmerhuis"):
        [(_, value, reason)] = record(trekkers=name)[1]
        assert (value, reason) == (name, "Dit kan meer dan één zijn. Vul het webadres in: ‘hout-oost’ of ‘hout-west’.")


def test_what_has_no_column_stays(db):
    assert record(titel="Titel")[0] == {"title": "Titel"}
    stored = {
        "sources": [{"title": "Een", "publisher": "Krant"}, {"title": "Twee"}, {"title": "Drie"}, {"title": "Vier"}]
    }
    found, _ = record(stored, bron_1_titel="Eén", bron_2_titel="")
    assert found["sources"] == [{"title": "Eén", "publisher": "Krant"}, {"title": "Drie"}, {"title": "Vier"}]
    assert stored["sources"][0]["title"] == "Een"


def test_unknown_names_are_guessed_at_only_so_often(make_organisation, monkeypatch):
    make_organisation("ROC van Twente")
    monkeypatch.setattr("imports.columns.MOST_GUESSES", 1)
    reasons = [reason for _, _, reason in record(trekkers="ROC Twente; ROC Twenthe; ROC Twente")[1]]
    assert ["Bedoelt u" in reason for reason in reasons] == [True, False, True]


def test_error_of_a_form_is_said_under_its_heading(field):
    found = {"title": "Titel", "sources": [{"title": "A"}, {"title": "B", "year": 1890, "url": "krant"}]}
    form, child_forms = forms_for(CASES, found, {"sources": found["sources"]}, None)
    headings = [heading_of(columns_for(CASES), path) for path, _ in form_errors(form, child_forms)]
    assert set(headings) == {"webadres", "samenvatting", "bron 2 datum", "bron 2 webadres"}
    assert heading_of(columns_for(CASES), "__all__") == heading_of(columns_for(CASES), ("sources", 9, "url")) == ""


def test_address_of_a_new_row_is_free_now_and_was_before(make_case):
    FormerSlug.objects.create(case=make_case(slug="samen-leren"), slug="samen-leren-2")
    taken = taken_slugs(CASES)

    def free(title, taken=taken):
        return free_slug(title, taken, length=100, fallback="case")

    assert free("Samen léren!") == Case.objects.free_slug("Samen léren!") == "samen-leren-3"
    assert free("Werkversie 7") == "case-werkversie-7"
    assert free("日本") == "case"
    for _ in range(3):
        make_case(slug=Case.objects.free_slug("a" * 95))
    long = free("a" * 200)
    assert len(free("a" * 200, {long})) == len(long) == 100
    assert "slug" not in record(webadres="")[0]


# ---- Back again


def test_names_that_would_not_lead_back_are_written_as_slugs(field, make_case):
    case = make_case()
    for slug, name in {"a": "Hout; en meer", "b": "Staal", "c": "STAAL", "staal": "Ander", "d": "d"}.items():
        case.partner_organisations.add(Organisation.objects.create(slug=slug, name=name, kind="bedrijf"))
    [text] = cells_of(case, [BY_HEADING["partners"]], lookups_for(CASES))
    assert record(partners=text)[0]["partner_organisations"] == [each.slug for each in case.partner_organisations.all()]
    assert "a; " in text


def test_only_cells_that_differ_count_as_changed(make_case):
    case = make_case(body="Eén\r\ntwee ", title="=1+1", first_year=2016)
    columns, lookups = columns_for(CASES), lookups_for(CASES)
    sheet = read("a.csv", BytesIO(write_csv([c.heading for c in columns], [cells_of(case, columns, lookups)])))
    cells = dict(zip(columns, sheet.rows[0].cells, strict=True))
    assert changed_cells(cells, case, lookups) == {}
    title = BY_HEADING["titel"]
    assert changed_cells(cells | {title: "Anders"}, case, lookups) == {title: "Anders"}


@pytest.mark.parametrize("model", [Case, Participation, RouteOffering])
@pytest.mark.parametrize(("name", "write"), [("a.csv", write_csv), ("a.xlsx", write_xlsx)])
def test_real_content_comes_back_from_a_table_as_it_was(content, db, model, name, write):
    kind = kind_of(model)
    columns, lookups, rows = (
        columns_for(kind, sources=6),
        lookups_for(kind),
        list(for_records(kind, model.objects.all())),
    )
    file = write([column.heading for column in columns], [cells_of(row, columns, lookups) for row in rows])
    sheet = read(name, BytesIO(file))
    found = recognise(sheet.headings, columns_for(kind, sources_in(sheet.headings)))
    assert list(found.values()) == columns
    assert len(sheet.rows) == len(rows) > 20
    for row, line in zip(rows, sheet.rows, strict=True):
        cells = dict(zip(found.values(), line.cells, strict=True))
        expected = stored_record(kind, row)
        for name in ("published", "contact"):
            expected.pop(name, None)
        assert record_of(cells, lookups) == (expected, [])
        assert changed_cells(cells, row, lookups) == {}


def test_handbook_names_every_column():
    text = (settings.BASE_DIR / "docs" / "beheer.md").read_text()
    assert [column.heading for column in columns_for(CASES, sources=1) if f"`{column.heading}`" not in text] == []
