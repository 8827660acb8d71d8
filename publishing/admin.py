from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from . import versions, workflow
from .differences import differences
from .forms import STEPS, PublishableForm, SourceFormSet, VersionedForm
from .models import Version

PUBLICATION: tuple[str, Any] = (
    "Publicatie",
    {
        "fields": ["published_at", "unpublish_at", "editor_note"],
        "description": "Zonder ‘gepubliceerd vanaf’ is dit een concept: bezoekers zien het nergens.",
    },
)


class StageFilter(admin.SimpleListFilter):
    title = "stand"
    parameter_name = "stand"

    def lookups(self, request, model_admin):
        return [
            ("concept", "Concept"),
            ("ter-beoordeling", "Ter beoordeling"),
            ("teruggestuurd", "Teruggestuurd"),
            ("gepland", "Gepland"),
            ("gepubliceerd", "Gepubliceerd"),
            ("gearchiveerd", "Gearchiveerd"),
            ("mijn", "Mijn concepten"),
        ]

    def queryset(self, request, queryset):
        rows = queryset.model.objects
        kept = {
            "concept": rows.unpublished(),
            "ter-beoordeling": rows.awaiting_review(),
            "teruggestuurd": rows.sent_back(),
            "gepland": rows.planned(),
            "gepubliceerd": rows.published(),
            "gearchiveerd": rows.archived(),
            "mijn": rows.unpublished().filter(author=request.user),
        }.get(self.value() or "")
        return queryset if kept is None else queryset.filter(pk__in=kept.values("pk"))


class InUseAdmin(admin.ModelAdmin):
    """Refuses to delete a row that others are linked to by a list: the database would drop the links in silence."""

    def get_deleted_objects(self, objs, request):
        objects, counts, lacking, protected = super().get_deleted_objects(objs, request)
        links = [str(each.get_accessor_name()) for each in self.opts.related_objects if each.many_to_many]
        users = [user for row in objs for link in links for user in getattr(row, link).all()]
        return objects, counts, lacking, [*protected, *dict.fromkeys(map(str, users))]


class VersionedAdmin(admin.ModelAdmin):
    """Keeps every version of a row, and lets nobody overwrite what someone else saved in between."""

    form = VersionedForm
    change_form_template = "admin/versioned_form.html"

    def get_object(self, request, object_id, from_field=None):
        """The row; for who saves it locked first, so that of two who save at once the second sees the first."""
        row = super().get_object(request, object_id, from_field)
        if row and request.method == "POST" and transaction.get_connection().in_atomic_block:
            self.model._base_manager.select_for_update().get(pk=row.pk)
            row = super().get_object(request, object_id, from_field)
            request.stored = versions.remember(row) if row else None
        return row

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        stored = getattr(request, "stored", None)
        if change and stored and request.POST.get("_seen") != versions.digest_of(stored):
            form.conflict = self.conflict(request, obj, stored)
        return form

    def conflict(self, request, obj, stored):
        """Who was first and what that changed, for the editor who now sees both versions."""
        seen = Version.objects.of(obj).filter(digest=request.POST.get("_seen", "")[:32]).first()
        last = versions.latest(obj)
        request.theirs = differences(self.model, seen.rows, stored) if seen else []
        by = last.made_by.get_full_name() or last.made_by.username if last and last.made_by else "Iemand anders"
        return (
            f"{by} heeft dit opgeslagen terwijl u bezig was. Wat u typte, staat hieronder nog. Kijk wat er is "
            "gewijzigd, en sla dan nog eens op: dan geldt wat er in uw formulier staat."
        )

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None and obj.pk:
            conflict = context["adminform"].form.conflict
            keep = request.method == "POST" and not conflict  # refused for something else: what was seen still counts
            seen = request.POST.get("_seen", "") if keep else versions.digest_of(versions.snapshot(obj))
            context |= {"seen": seen, "theirs": getattr(request, "theirs", None) if conflict else None}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        self.keep(request, form.instance, Version.Event.CHANGED if change else Version.Event.ADDED)

    def keep(self, request, row, event, comment="", batch=""):
        return versions.record(row, event, request.user, comment, batch)

    def delete_model(self, request, obj):
        self.keep(request, obj, Version.Event.DELETED)
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        for row in queryset:
            self.keep(request, row, Version.Event.DELETED)
        super().delete_queryset(request, queryset)

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """A guessed number is answered like an address that is not there."""
        raise Http404(f"{opts.verbose_name} {object_id} is er niet.")


class PublishableAdmin(VersionedAdmin, InUseAdmin):
    """From concept to review to published; who may publish decides, and only what is complete goes on.

    get_queryset() is the one rule for which rows somebody has to do with: lists, forms, actions, autocomplete,
    import and export all ask it.
    """

    form = PublishableForm
    change_form_template = "admin/publishable_form.html"
    actions = ["publish", "withdraw"]
    list_per_page = 50

    def get_queryset(self, request):
        rows = self.within(request, super().get_queryset(request))
        return rows.annotate(public=Exists(rows.model.objects.published().filter(pk=OuterRef("pk"))))

    def within(self, request, rows):
        """The rows that this person works on."""
        return rows

    # ---- who may do what

    def has_publish_permission(self, request):
        return workflow.may_publish(request.user, self.model)

    def has_change_permission(self, request, obj=None):
        """Who may not publish, changes no more what readers can see: a working copy is for that."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or obj.published_at is None or self.has_publish_permission(request))

    def has_delete_permission(self, request, obj=None):
        may = super().has_delete_permission(request, obj)
        own = obj is None or (obj.published_at is None and obj.author_id == request.user.pk)
        return may and (own or self.has_publish_permission(request))

    # ---- the list

    @admin.display(description="stand", ordering="-public")
    def state(self, row):
        return f"werkversie, {row.stage}" if getattr(row, "replaces_id", None) else row.stage

    def get_list_filter(self, request):
        return [StageFilter, *super().get_list_filter(request)]

    def view_on_site(self, row):
        return row.get_absolute_url() if type(row).objects.published().contains(row) else None

    # ---- the form

    def get_fieldsets(self, request, obj=None):
        """Without the moments of publication for who may not publish, and for a working copy, which has none."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_publish_permission(request) and not getattr(obj, "replaces_id", None):
            return fieldsets
        return [
            (title, options | {"fields": [name for name in options["fields"] if name not in MOMENTS]})
            for title, options in fieldsets
        ]

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "slug"] if getattr(obj, "replaces_id", None) else fields

    def get_prepopulated_fields(self, request, obj=None):
        return {} if getattr(obj, "replaces_id", None) else super().get_prepopulated_fields(request, obj)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        may_publish, target = self.has_publish_permission(request), getattr(obj, "replaces", None)
        context |= {
            "may_publish": may_publish,
            "may_save": self.has_change_permission(request, obj) if obj else self.has_add_permission(request),
            "is_concept": obj is None or obj.published_at is None,
            "target": target,
            "copyable": obj is not None and hasattr(obj, "replaces") and obj.published_at is not None,
            "copy": getattr(obj, "working_copy", None) if hasattr(obj, "replaces") else None,
            "changes": self.changes_of_copy(obj) if target else None,
            "review_comment": request.POST.get("review_comment", ""),
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def changes_of_copy(self, copy):
        leaving = workflow.left_alone(self.model)
        return differences(self.model, versions.snapshot(copy.replaces), versions.snapshot(copy), leaving=leaving)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.author = request.user
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        row, asked = form.instance, STEPS & set(request.POST)
        if "_send_back" in asked:
            if not self.has_publish_permission(request):
                raise PermissionDenied
            address = request.build_absolute_uri(reverse(self.address("change"), args=[row.pk]))
            if not workflow.send_back(row, request.user, request.POST["review_comment"].strip(), address):
                self.message_user(request, "De mail aan de auteur kon niet worden verstuurd.", messages.WARNING)
        elif "_publish" in asked:
            if not self.has_publish_permission(request):
                raise PermissionDenied
            workflow.publish(row, request.user, form.publish_at)
        elif "_submit" in asked:
            workflow.submit(row, request.user)

    def response_add(self, request, obj, post_url_continue=None):
        return self.response_step(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        return self.response_step(request, obj) or super().response_change(request, obj)

    def response_step(self, request, row):
        said = {
            "_submit": "Naar beoordeling gestuurd",
            "_publish": "Gepubliceerd",
            "_send_back": "Teruggestuurd naar de auteur",
        }
        for step, words in said.items():
            if step in request.POST:
                self.message_user(request, f"{words}: {row}.", messages.SUCCESS)
                return HttpResponseRedirect(reverse(self.address("changelist")))
        return None

    # ---- other addresses

    def address(self, name):
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}"

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<path:object_id>/werkversie/", wrap(require_POST(self.copy_view)), name=self.address("copy")[6:]),
            *super().get_urls(),
        ]

    def copy_view(self, request, object_id):
        """Begin a working copy of a published row, or go to the one there is."""
        row = self.get_object(request, object_id)
        if row is None or not hasattr(row, "replaces") or row.published_at is None:
            raise Http404("Hiervan kan geen werkversie worden gemaakt.")
        if not super().has_change_permission(request):
            raise PermissionDenied
        copy = workflow.start_copy(row, request.user)
        return redirect(self.address("change"), copy.pk)

    # ---- actions

    @admin.action(description="Publiceren", permissions=["publish"])
    def publish(self, request, queryset):
        for row in queryset.filter(public=False):
            try:
                workflow.publish(row, request.user)
            except workflow.Incomplete as error:
                self.message_user(request, f"Niet gepubliceerd: {row}. {' '.join(error.messages)}", messages.ERROR)
                continue
            self.log_change(request, row, "Gepubliceerd.")
            self.message_user(request, f"Gepubliceerd: {row}.", messages.SUCCESS)

    @admin.action(description="Terugzetten naar concept", permissions=["publish"])
    def withdraw(self, request, queryset):
        for row in queryset.exclude(published_at=None):
            workflow.withdraw(row, request.user)
            self.log_change(request, row, "Teruggezet naar concept.")
            self.message_user(request, f"Teruggezet naar concept: {row}.", messages.SUCCESS)


MOMENTS = {"published_at", "unpublish_at"}


class SourceInline(admin.TabularInline):
    """Base of the inlines for sources: readers see each under the text."""

    formset = SourceFormSet
    extra = 1
    fields = ["title", "publisher", "url", "year", "month", "day", "archived_url"]
