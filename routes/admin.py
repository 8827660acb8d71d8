from django.contrib import admin

from programme.admin import RegionalAdmin
from publishing.admin import PUBLICATION, PublishableAdmin, SourceInline

from .models import OfferingSource, Route, RouteOffering, RouteSource


class RouteSourceInline(SourceInline):
    model = RouteSource


@admin.register(Route)
class RouteAdmin(PublishableAdmin):
    list_display = ["name", "from_leerwegen", "min_level", "max_level", "starts_on", "ends_on", "state"]
    list_select_related = ["min_level", "max_level"]
    search_fields = ["name", "alternative_names"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [RouteSourceInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    "slug",
                    "alternative_names",
                    "kind_of",
                    "action",
                    "order",
                    "summary",
                    "body",
                ]
            },
        ),
        ("Van vmbo naar mbo", {"fields": ["from_leerwegen", "min_level", "max_level", "study_duration"]}),
        (
            "Geldt het nog?",
            {
                "fields": ["starts_on", "ends_on", "dates_note", "running_seen_on", "what_now", "successor"],
                "description": "Hieruit volgt wat lezers bovenaan zien: loopt, afgelopen of onbekend.",
            },
        ),
        ("Wet", {"fields": ["legal_basis", "legal_url", "naming_rule", "conditions"]}),
        ("Wat leverde het op", {"fields": ["figures", "evaluation", "aftermath"]}),
        PUBLICATION,
    ]

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields


class OfferingSourceInline(SourceInline):
    model = OfferingSource


@admin.register(RouteOffering)
class RouteOfferingAdmin(RegionalAdmin):
    region_paths = ["province"]
    list_display = ["name", "route", "sector", "province", "level", "first_year", "state"]
    list_filter = ["route", "sector", "province"]
    list_select_related = ["route", "sector", "province", "level"]
    search_fields = ["name", "organisations__name"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["organisations", "province"]
    inlines = [OfferingSourceInline]
    fieldsets = [
        (None, {"fields": ["name", "slug", "route", "organisations"]}),
        ("Waar en voor wie", {"fields": ["level", "sector", "province", "note"]}),
        ("Wanneer", {"fields": ["first_year", "last_year", "running_seen_on", "running_source"]}),
        PUBLICATION,
    ]
