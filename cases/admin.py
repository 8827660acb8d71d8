from django.contrib import admin
from django.forms import CheckboxSelectMultiple
from django.utils.html import format_html

from programme.admin import RegionalAdmin
from publishing.admin import PUBLICATION, SourceInline

from .forms import CaseForm, CaseImageForm
from .images import prepare
from .models import Case, CaseImage, CaseSource, FormerSlug


class CaseSourceInline(SourceInline):
    model = CaseSource


class CaseImageInline(admin.StackedInline):
    model = CaseImage
    form = CaseImageForm
    extra = 1
    max_num = 8
    fields = ["present", "upload", "alt", "decorative", "caption", "credit", "order"]
    readonly_fields = ["present"]

    @admin.display(description="nu")
    def present(self, image):
        if not image.digest:
            return "nog geen afbeelding"
        return format_html('<img src="{}" alt="{}" width="240">', image.smallest, image.alt)


class FormerSlugInline(admin.TabularInline):
    model = FormerSlug
    extra = 0


@admin.register(Case)
class CaseAdmin(RegionalAdmin):
    form = CaseForm
    list_display = ["title", "state", "place", "provinces_text", "sectors_text", "first_year"]
    list_filter = ["sectors", "provinces", "experiments", "routes"]
    search_fields = ["title", "summary", "place", "lead_organisations__name"]
    prepopulated_fields = {"slug": ["title"]}
    autocomplete_fields = [
        "lead_organisations",
        "partner_organisations",
        "provinces",
        "qualifications",
        "contact",
    ]
    inlines = [CaseSourceInline, CaseImageInline, FormerSlugInline]
    fieldsets = [
        (None, {"fields": ["title", "slug", "summary", "body"]}),
        (
            "Waar en voor wie",
            {
                "fields": ["place", "provinces", "nationwide", "sectors", "sectors_unknown", "levels"],
                "description": "Hiermee vinden bezoekers de case. Geen sector bekend? Vink ‘sector onbekend’ aan.",
            },
        ),
        (
            "Wanneer",
            {
                "fields": [
                    "first_year",
                    "first_year_unknown",
                    "last_year",
                    "running_seen_on",
                    "running_source",
                ]
            },
        ),
        ("Wie", {"fields": ["lead_organisations", "partner_organisations", "other_partners", "contact"]}),
        (
            "Experimenten en leerroutes",
            {"fields": ["experiments", "routes", "qualifications", "topsector", "website"]},
        ),
        ("Hoe zeker is het", {"fields": ["uncertainty", "checked_on"]}),
        PUBLICATION,
    ]

    def changeform_view(self, request, *args, **kwargs):
        for upload in request.FILES.values():
            prepare(upload)
        return super().changeform_view(request, *args, **kwargs)

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        if db_field.name in {"sectors", "levels", "experiments", "routes"}:
            kwargs["widget"] = CheckboxSelectMultiple  # few, and none is lost by a click without Ctrl
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("provinces", "sectors")

    @admin.display(description="provincies")
    def provinces_text(self, case):
        return "landelijk" if case.nationwide else ", ".join(map(str, case.provinces.all()))

    @admin.display(description="sectoren")
    def sectors_text(self, case):
        return ", ".join(map(str, case.sectors.all())) or ("onbekend" if case.sectors_unknown else "–")

    def save_model(self, request, obj, form, change):
        """Keep the old address of a case, so that it redirects to the new one."""
        super().save_model(request, obj, form, change)
        if change and "slug" in form.changed_data:
            obj.former_slugs.filter(slug=obj.slug).delete()
            FormerSlug.objects.update_or_create(slug=form.initial["slug"], defaults={"case": obj})
