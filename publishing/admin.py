from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.utils import timezone

from .forms import PublishableForm, SourceFormSet

PUBLICATION: tuple[str, Any] = (
    "Publicatie",
    {
        "fields": ["published_at", "unpublish_at", "editor_note"],
        "description": "Zonder ‘gepubliceerd vanaf’ is dit een concept: bezoekers zien het nergens.",
    },
)


class PublishedFilter(admin.SimpleListFilter):
    title = "publicatie"
    parameter_name = "publicatie"

    def lookups(self, request, model_admin):
        return [("gepubliceerd", "Gepubliceerd"), ("concept", "Niet te zien voor bezoekers")]

    def queryset(self, request, queryset):
        published = queryset.model.objects.published()
        if self.value() == "gepubliceerd":
            return queryset.filter(pk__in=published.values("pk"))
        if self.value() == "concept":
            return queryset.exclude(pk__in=published.values("pk"))
        return queryset


class PublishableAdmin(admin.ModelAdmin):
    """Shows what visitors can see, and publishes only what the rules of the field allow."""

    form = PublishableForm
    actions = ["publish", "withdraw"]
    list_per_page = 50

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.annotate(public=Exists(rows.model.objects.published().filter(pk=OuterRef("pk"))))

    @admin.display(description="stand", ordering="-public")
    def state(self, row):
        if row.public:
            return "gepubliceerd"
        if row.published_at is None:
            return "concept"
        return "gepland" if row.published_at > timezone.now() else "ingetrokken"

    def get_list_filter(self, request):
        return [PublishedFilter, *super().get_list_filter(request)]

    def view_on_site(self, row):
        return row.get_absolute_url() if type(row).objects.published().contains(row) else None

    @admin.action(description="Publiceren", permissions=["change"])
    def publish(self, request, queryset):
        for row in queryset.filter(public=False):
            row.published_at, row.unpublish_at = timezone.now(), None
            problems = list(row.obstacles().values())
            try:
                row.validate_constraints()
            except ValidationError as error:
                problems += error.messages
            if problems:
                self.message_user(request, f"Niet gepubliceerd: {row}. {' '.join(problems)}", messages.ERROR)
                continue
            row.save()
            self.log_change(request, row, "Gepubliceerd.")
            self.message_user(request, f"Gepubliceerd: {row}.", messages.SUCCESS)

    @admin.action(description="Terugzetten naar concept", permissions=["change"])
    def withdraw(self, request, queryset):
        for row in queryset.exclude(published_at=None):
            row.published_at = row.unpublish_at = None
            row.save()
            self.log_change(request, row, "Teruggezet naar concept.")
            self.message_user(request, f"Teruggezet naar concept: {row}.", messages.SUCCESS)


class SourceInline(admin.TabularInline):
    """Base of the inlines for sources: readers see each under the text."""

    formset = SourceFormSet
    extra = 1
    fields = ["title", "publisher", "url", "year", "month", "day"]
