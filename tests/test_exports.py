"""Lists of the admin as a table, and the empty table to begin with."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from contacts.models import Contact
from imports import exports
from imports.columns import MOST_SOURCES, changed_cells, columns_for, lookups_for, recognise, sources_in
from imports.records import kind_of
from imports.sheets import read
from imports.sheets.table import NOTES
from programme.models import Organisation

LIST = "/beheer/cases/case/"


def sheet_of(response, ending="csv"):
    assert response.status_code == 200
    return read(f"a.{ending}", BytesIO(response.content))


def column(sheet, heading):
    return [line.cells[sheet.headings.index(heading)] for line in sheet.rows]


def tick(client, action, *rows, address=LIST, **extra):
    return client.post(address, {"action": action, "_selected_action": [row.pk for row in rows]} | extra)


@pytest.mark.parametrize(("ending", "kind"), [("csv", "text/csv; charset=utf-8"), ("xlsx", exports.TYPES["xlsx"])])
def test_ticked_rows_become_a_file_to_keep(admin_client, make_case, ending, kind):
    cases = [make_case(title=title) for title in ("=1+1", "Bé", "Niet aangevinkt")]
    response = tick(admin_client, f"export_{ending}", *cases[:2])
    assert response["Content-Type"] == kind
    assert response["Content-Disposition"] == f'attachment; filename="cases-{timezone.localdate()}.{ending}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    sheet = sheet_of(response, ending)
    assert column(sheet, "titel") == ["=1+1", "Bé"]
    found = recognise(sheet.headings, columns_for(kind_of(type(cases[0]))))
    for case, line in zip(cases, sheet.rows, strict=False):
        cells = dict(zip(found.values(), line.cells, strict=True))
        assert changed_cells(cells, case, lookups_for(kind_of(type(case)))) == {}


def test_nothing_that_a_spreadsheet_would_run(admin_client, make_case):
    response = tick(admin_client, "export_csv", make_case(title="=HYPERLINK(A1)", place="@SUM(1)"))
    assert b";'=HYPERLINK(A1);" in response.content
    assert b";'@SUM(1);" in response.content


def test_whole_list_as_the_filters_leave_it(admin_client, make_case):
    make_case(title="Concept", published_at=None)
    make_case(title="Ingediend", published_at=None, submitted_at=timezone.now())
    make_case(title="Gepland", published_at=timezone.now() + timedelta(days=1))
    make_case(title="Gepubliceerd")
    assert f'href="{LIST}export.csv?stand=concept"' in admin_client.get(f"{LIST}?stand=concept").text
    sheet = sheet_of(admin_client.get(f"{LIST}export.csv"))
    assert column(sheet, "titel") == ["Concept", "Gepland", "Gepubliceerd", "Ingediend"]
    assert column(sheet, "stand") == ["concept", "gepland", "gepubliceerd", "ter beoordeling"]
    assert column(sheet_of(admin_client.get(f"{LIST}export.csv?q=gepl")), "titel") == ["Gepland"]
    empty = admin_client.get(f"{LIST}export.csv?q=niets")
    assert empty.content.decode("utf-8-sig").splitlines()[0].startswith("webadres;titel;")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("export.pdf", 404),
        ("export.csv?sectors__exact=ruimtevaart", 200),
        ("export.csv?p=x&o=9.9", 200),
        ("export.csv?first_year__exact=x", 302),
        ("export.csv?author__password__startswith=a", 400),
    ],
)
def test_bad_address_of_an_export(admin_client, make_case, address, status):
    make_case()
    assert admin_client.get(LIST + address).status_code == status


def test_redacteur_gets_the_own_landsdelen_only(client, make_case, make_editor):
    make_case(title="Uit Oost")
    other = make_case(title="Uit Noord", provinces=["fryslan"])
    client.force_login(make_editor("redacteur", "oost"))
    assert column(sheet_of(client.get(f"{LIST}export.csv")), "titel") == ["Uit Oost"]
    everything = tick(client, "export_csv", other, select_across="1")
    assert column(sheet_of(everything), "titel") == ["Uit Oost"]
    assert "Uit Noord" not in tick(client, "export_csv", other).content.decode("utf-8-sig")


def test_who_may_see_no_cases_gets_none(client, make_case, django_user_model):
    make_case()
    assert client.get(f"{LIST}export.csv").status_code == 302
    client.force_login(django_user_model.objects.create_user("gast", is_staff=True))
    assert client.get(f"{LIST}export.csv").status_code == 403


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_export_holds_no_mail_addresses(admin_client, make_case, ending):
    contact = Contact.objects.create(slug="piet", name="Piet Paulusma", email="piet@school.example")
    case = make_case(contact=contact)
    Organisation.objects.update(email="post@school.example")
    response = tick(admin_client, f"export_{ending}", case)
    cells = (
        [text for row in load_workbook(BytesIO(response.content)) for text in row.values] if ending == "xlsx" else []
    )
    text = str(cells) if cells else response.content.decode("utf-8-sig")
    assert "ROC Oost" in text
    assert "@school" not in text
    assert "Paulusma" not in text


def test_as_many_columns_for_sources_as_the_richest_row_needs(admin_client, make_case):
    poor, rich = make_case(), make_case()
    for number in range(4):
        rich.sources.create(title=f"Bron {number}")
    assert sources_in(sheet_of(tick(admin_client, "export_csv", poor)).headings) == 3
    sheet = sheet_of(tick(admin_client, "export_csv", poor, rich))
    assert sources_in(sheet.headings) == 5
    assert column(sheet, "bron 5 titel") == ["", "Bron 3"]
    assert len(columns_for(kind_of(type(rich)), MOST_SOURCES)) <= 100  # what sheets.read takes


@pytest.mark.parametrize("make", ["make_case", "make_participation", "make_offering"])
def test_export_costs_a_fixed_number_of_queries(admin_client, make, request):
    make_row = request.getfixturevalue(make)
    row = make_row()
    address = f"/beheer/{row._meta.app_label}/{row._meta.model_name}/export.xlsx"
    counts = []
    for more in (1, 6):
        for _ in range(more):
            make_row()
        with CaptureQueriesContext(connection) as queries:
            assert len(sheet_of(admin_client.get(address), "xlsx").rows) in {2, 8}
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 40


@pytest.mark.parametrize("name", ["-", "…", "🙂"])
def test_name_without_letters_breaks_no_table(admin_client, make_case, make_organisation, name):
    case = make_case(published_at=None)
    organisation = make_organisation()
    organisation.name = name
    organisation.save()
    table = admin_client.get("/beheer/cases/case/export.csv")
    assert "roc-oost" in table.text  # its address leads back to it
    assert admin_client.get("/beheer/imports/batch/sjabloon-cases.xlsx").status_code == 200
    assert case.lead_organisations.get() == organisation


# ---- The empty table


def test_template_has_the_headings_and_what_may_stand_below(rf, admin_user, make_organisation):
    make_organisation("ROC van Twente")
    request = rf.get("/")
    request.user = admin_user
    response = exports.template(request, "cases", "xlsx")
    assert f"sjabloon-cases-{timezone.localdate()}.xlsx" in response["Content-Disposition"]
    book = load_workbook(BytesIO(response.content))
    table, notes = (list(book[name].values) for name in ("Gegevens", NOTES))
    assert len(table) == 1
    assert table[0][:2] == ("webadres", "titel")
    assert "stand" not in table[0]
    allowed = {heading: [text for text in texts if text] for heading, *texts in zip(*notes, strict=True)}
    assert allowed["provincies"] == ["Fryslân", "Overijssel", "Gelderland"]
    assert allowed["trekkers, partners"] == ["ROC van Twente"]
    assert allowed["niveaus"] == ["1", "2", "3", "4"]
    assert allowed["kolom"] == list(table[0])
    assert allowed["uitleg"][1].startswith("Verplicht.")
    [listed] = [each for each in book["Gegevens"].data_validations.dataValidation if "F2" in each.sqref]
    assert (table[0][5], listed.formula1) == ("provincies", f"'{NOTES}'!$C$2:$C$4")
    csv = exports.template(request, "participations", "csv")
    assert csv.content.decode("utf-8-sig").startswith("kenmerk;experiment;organisatie;")


def test_template_is_for_who_may_add_cases(rf, make_editor, django_user_model):
    request = rf.get("/")
    request.user = make_editor("redacteur", "oost")
    assert exports.template(request, "cases", "csv").status_code == 200
    for kind, ending in [("cases", "pdf"), ("contacts", "csv"), ("onzin", "csv")]:
        with pytest.raises(Http404):
            exports.template(request, kind, ending)
    request.user = django_user_model.objects.create_user("gast", is_staff=True)
    with pytest.raises(PermissionDenied):
        exports.template(request, "cases", "csv")
