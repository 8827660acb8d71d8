from django.contrib import admin
from django.forms import CheckboxSelectMultiple

from programme.admin import RegionalAdmin
from publishing.admin import PUBLICATION, InUseAdmin, PublishableAdmin, SourceInline, VersionedAdmin

from .forms import QualificationForm
from .models import (
    Domain,
    Experiment,
    ExperimentSource,
    Participation,
    ParticipationSource,
    Qualification,
    QualificationSource,
)


class ExperimentSourceInline(SourceInline):
    model = ExperimentSource


@admin.register(Experiment)
class ExperimentAdmin(PublishableAdmin):
    list_display = ["name", "kind", "action", "starts_on", "ends_on", "state"]
    list_filter = ["kind"]
    list_select_related = ["action"]
    search_fields = ["name", "summary"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [ExperimentSourceInline]
    fieldsets = [
        (None, {"fields": ["name", "slug", "kind", "action", "order", "summary", "body"]}),
        (
            "Geldt het nog?",
            {
                "fields": ["starts_on", "ends_on", "dates_note", "running_seen_on", "what_now"],
                "description": "Hieruit volgt wat lezers bovenaan zien: loopt, afgelopen of onbekend.",
            },
        ),
        ("Wet", {"fields": ["legal_basis", "legal_url", "conditions"]}),
        ("Wat leverde het op", {"fields": ["figures", "evaluation", "aftermath"]}),
        PUBLICATION,
    ]


@admin.register(Domain)
class DomainAdmin(VersionedAdmin, InUseAdmin):
    list_display = ["number", "name", "crebo"]
    list_display_links = ["name"]
    search_fields = ["name"]

    def get_readonly_fields(self, request, obj=None):
        return ["number"] if obj else []


class QualificationSourceInline(SourceInline):
    model = QualificationSource


@admin.register(Qualification)
class QualificationAdmin(PublishableAdmin):
    form = QualificationForm
    list_display = ["name", "crebo", "level", "duration_years", "succession", "state"]
    list_filter = ["succession", "level"]
    list_select_related = ["level"]
    search_fields = ["name", "crebo"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["experiment", "organisations", "domains"]
    inlines = [QualificationSourceInline]
    fieldsets = [
        (None, {"fields": ["name", "slug", "experiment", "crebo", "level", "duration_years", "domains"]}),
        ("Wie en wat erna kwam", {"fields": ["organisations", "succession", "succession_note", "note"]}),
        PUBLICATION,
    ]


class ParticipationSourceInline(SourceInline):
    model = ParticipationSource


@admin.register(Participation)
class ParticipationAdmin(RegionalAdmin):
    list_display = ["programme", "state", "organisation", "experiment", "provinces_text", "sectors_text", "first_year"]
    list_filter = ["experiment", "sectors", "provinces"]
    list_select_related = ["organisation", "experiment"]
    search_fields = ["programme", "organisation__name"]
    prepopulated_fields = {"slug": ["programme"]}
    autocomplete_fields = ["experiment", "organisation", "qualification", "provinces"]
    inlines = [ParticipationSourceInline]
    fieldsets = [
        (None, {"fields": ["programme", "slug", "experiment", "organisation", "qualification"]}),
        ("Waar en voor wie", {"fields": ["levels", "sectors", "provinces", "note"]}),
        ("Wanneer", {"fields": ["first_year", "last_year", "running_seen_on", "running_source"]}),
        PUBLICATION,
    ]

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        if db_field.name in {"sectors", "levels"}:
            kwargs["widget"] = CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("provinces", "sectors")

    @admin.display(description="provincies")
    def provinces_text(self, participation):
        return ", ".join(map(str, participation.provinces.all())) or "onbekend"

    @admin.display(description="sectoren")
    def sectors_text(self, participation):
        return ", ".join(map(str, participation.sectors.all())) or "onbekend"
