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
        return [("gepubliceerd", "Gepubliceerd"), ("verborgen", "Niet te zien voor bezoekers")]

    def queryset(self, request, queryset):
        published = queryset.model.objects.published()
        if self.value() == "gepubliceerd":
            return queryset.filter(pk__in=published.values("pk"))
        if self.value() == "verborgen":
            return queryset.exclude(pk__in=published.values("pk"))
        return queryset


class InUseAdmin(admin.ModelAdmin):
    """Refuses to delete a row that others are linked to by a list: the database would drop the links in silence."""

    def get_deleted_objects(self, objs, request):
        objects, counts, lacking, protected = super().get_deleted_objects(objs, request)
        links = [str(each.get_accessor_name()) for each in self.opts.related_objects if each.many_to_many]
        users = [user for row in objs for link in links for user in getattr(row, link).all()]
        return objects, counts, lacking, [*protected, *dict.fromkeys(map(str, users))]


class PublishableAdmin(InUseAdmin):
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
            row.save(update_fields=["published_at", "unpublish_at", "updated_at"])
            self.log_change(request, row, "Gepubliceerd.")
            self.message_user(request, f"Gepubliceerd: {row}.", messages.SUCCESS)

    @admin.action(description="Terugzetten naar concept", permissions=["change"])
    def withdraw(self, request, queryset):
        for row in queryset.exclude(published_at=None):
            row.published_at = row.unpublish_at = None
            row.save(update_fields=["published_at", "unpublish_at", "updated_at"])
            self.log_change(request, row, "Teruggezet naar concept.")
            self.message_user(request, f"Teruggezet naar concept: {row}.", messages.SUCCESS)


class SourceInline(admin.TabularInline):
    """Base of the inlines for sources: readers see each under the text."""

    formset = SourceFormSet
    extra = 1
    fields = ["title", "publisher", "url", "year", "month", "day"]
