"""Rows as a table or as records, to read, or to change and import again; and the empty table to begin with."""

import json
from collections import defaultdict

import yaml
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from cases.admin import CaseAdmin
from cases.models import Case
from contacts.models import Contact
from experiments.admin import ParticipationAdmin
from experiments.models import Participation
from programme.admin import OrganisationAdmin
from programme.models import Organisation
from publishing.workflow import hidden_fields, may
from routes.admin import RouteOfferingAdmin
from routes.models import RouteOffering

from .columns import FIELDS, cells_of, columns_for, lookups_for
from .records import KINDS, for_records, kind_of, stored_record
from .sheets.writing import write_csv, write_xlsx

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ExportingAdmin(admin.ModelAdmin):
    """A list that can be had as a table: what is ticked, or all that the filters leave."""

    change_list_template = "admin/exporting_list.html"

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export.<slug:ending>", self.admin_site.admin_view(self.export), name=name), *super().get_urls()]

    def export(self, request, ending):
        """The whole list, with the filters of the query string."""
        if ending not in TYPES:
            raise Http404("Een export is er als csv en als xlsx.")
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return table(kind_of(self.model), rows, ending)

    @admin.action(description="Exporteren als CSV", permissions=["view"])
    def export_csv(self, request, queryset):
        return table(kind_of(self.model), queryset, "csv")

    @admin.action(description="Exporteren als XLSX (Excel)", permissions=["view"])
    def export_xlsx(self, request, queryset):
        return table(kind_of(self.model), queryset, "xlsx")


EXPORTS = ["export_csv", "export_xlsx"]

admin.site.unregister([Case, Participation, RouteOffering, Organisation])  # their rooms do not know this one


@admin.register(Case)
class ExportingCaseAdmin(ExportingAdmin, CaseAdmin):
    actions = [*CaseAdmin.actions, *EXPORTS]


@admin.register(Participation)
class ExportingParticipationAdmin(ExportingAdmin, ParticipationAdmin):
    actions = [*ParticipationAdmin.actions, *EXPORTS]


@admin.register(RouteOffering)
class ExportingOfferingAdmin(ExportingAdmin, RouteOfferingAdmin):
    actions = [*RouteOfferingAdmin.actions, *EXPORTS]


@admin.register(Organisation)
class ExportingOrganisationAdmin(ExportingAdmin, OrganisationAdmin):
    actions = EXPORTS


def template(request, kind, ending):
    """The empty table, for who may add rows of this kind."""
    found = next((each for each in KINDS if each.file == kind and kind in FIELDS), None)
    if found is None or ending not in TYPES:
        raise Http404("Dit sjabloon is er niet.")
    if not (request.user.is_staff and may(request.user, "add", found.model)):
        raise PermissionDenied
    columns = [column for column in columns_for(found) if not column.exported_only]
    return download(found, columns, [], lookups_for(found), ending, name="sjabloon-")


PRIVATE = {"email", "phone", "consent_note"}  # of a contact: what stands in no file


def as_records(kind, rows, user):
    """The response with `rows`, a queryset, as a file of content/, with what `user` may see.

    What is empty is left out, and so are working copies.
    """
    left_out = hidden_fields(user, kind.model) | (PRIVATE if kind.model is Contact else set())
    records = []
    for row in for_records(kind, rows.filter(replaces=None) if kind.is_copyable else rows):
        record = {name: value for name, value in stored_record(kind, row).items() if name not in left_out}
        records.append({name: value for name, value in record.items() if value not in (None, "", [])})
    plain = json.loads(json.dumps(records, default=str))
    content = yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=110)
    return as_file(content, f"{kind.file}.yaml", "application/yaml; charset=utf-8")


def table(kind, rows, ending):
    """The response with `rows`, a queryset. Without working copies, which are changed in the admin only."""
    rows = list(for_records(kind, rows.filter(replaces=None) if kind.is_copyable else rows))
    with_sources = rows if "sources" in kind.children else ()
    columns = columns_for(kind, sources=max([3, *(len(row.sources.all()) for row in with_sources)]))
    lookups = lookups_for(kind)
    return download(kind, columns, [cells_of(row, columns, lookups) for row in rows], lookups, ending)


def download(kind, columns, rows, lookups, ending, name=""):
    headings = [column.heading for column in columns]
    content = write_csv(headings, rows) if ending == "csv" else write_xlsx(headings, rows, notes(columns, lookups))
    return as_file(content, f"{name}{slugify(kind.plural)}-{timezone.localdate()}.{ending}", TYPES[ending])


def as_file(content, name, content_type):
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    return HttpResponse(content, content_type=content_type, headers=headers)


def notes(columns, lookups):
    """[(headings, texts)] for the second sheet: what goes in each column, and the allowed values."""
    allowed = defaultdict(list)
    for column in columns:
        if column.values:
            allowed[tuple(column.values(lookups))].append(column.heading)
    return [
        (("kolom",), [column.heading for column in columns]),
        (("uitleg",), [column.help for column in columns]),
        *((tuple(headings), list(texts)) for texts, headings in allowed.items() if texts),
    ]
