from functools import partial
from itertools import chain
from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.utils import NestedObjects, quote, unquote
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, models, router, transaction
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.views.decorators.http import require_POST

from . import conflicts, preview, versions, workflow
from .actions import Archive, Publish, Submit, Withdraw
from .choices import ChoosingAdmin
from .forms import MomentField, PublishableForm, SourceFormSet, VersionedForm, anchor, comment_of
from .history import HistoryAdmin, maker_of
from .links import broken_for
from .models import MARKDOWN, Version
from .writing import WritingWidget, has_hints

PUBLICATION: tuple[str, Any] = (
    "Publicatie",
    {
        "fields": ["published_at", "unpublish_at", "editor_note"],
        "description": "Zonder ‘gepubliceerd vanaf’ is dit een concept: bezoekers zien het nergens. Met de knop "
        "‘Publiceren’ komt het meteen op de site. Kiest u hier eerst een moment in de toekomst, dan komt het op dat "
        "moment vanzelf.",
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


# What else than filters stands in the address of a list.
NO_LOOKUP = {"q", "p", "o", "e", "all", "stand", "_popup", "_to_field", "_facets"}


class NotFoundAdmin(admin.ModelAdmin):
    """Answers a guessed number like an address that is not there; Django's own goes to the start page."""

    def lookup_allowed(self, lookup, value, request):
        """No patterns, which can keep a database busy for ever, and nothing that this person may not see."""
        hidden = lookup.split("__")[0] in workflow.hidden_fields(request.user, self.model)
        return not hidden and "regex" not in lookup and super().lookup_allowed(lookup, value, request)

    def get_changelist_instance(self, request):
        """The list; what no database can look for is answered like a filter that does not exist."""
        if not any(name.isidentifier() and name not in NO_LOOKUP for name in request.GET):
            return super().get_changelist_instance(request)
        try:
            with transaction.atomic():
                return super().get_changelist_instance(request)
        except (ValueError, TypeError, LookupError, OverflowError, DatabaseError):
            raise DisallowedModelAdminLookup("Zo kan er niet worden gefilterd.") from None

    def get_changeform_initial_data(self, request):
        """Without moments, of which the two fields take no text from an address."""
        moments = {f.name for f in self.opts.fields if isinstance(f, models.DateTimeField)}
        asked = super().get_changeform_initial_data(request)
        return {name: value for name, value in asked.items() if name not in moments}

    formfield_overrides: ClassVar[dict] = {
        models.DateTimeField: {"form_class": MomentField, "widget": AdminSplitDateTime},
    }

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        raise Http404(f"{opts.verbose_name} {object_id} is er niet.")


class InUseAdmin(admin.ModelAdmin):
    """Refuses to delete a row that others are linked to by a list: the database would drop the links in silence."""

    def get_deleted_objects(self, objs, request):
        objects, counts, lacking, protected = super().get_deleted_objects(objs, request)
        links = [each for each in self.opts.related_objects if each.many_to_many]
        users = [
            user
            for row in objs
            for each in links
            for user in each.related_model._base_manager.filter(**{each.field.name: row})
        ]
        return objects, counts, lacking, [*protected, *dict.fromkeys(map(str, users))]


class VersionedAdmin(ChoosingAdmin, HistoryAdmin, NotFoundAdmin):
    """Keeps every version of a row, and lets nobody overwrite what someone else saved in between."""

    form = VersionedForm
    change_form_template = "admin/versioned_form.html"
    delete_confirmation_template = "admin/delete_versioned.html"

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if not isinstance(db_field, models.TextField):
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        markdown = MARKDOWN in db_field.help_text
        if has_hints(db_field):
            kwargs["widget"] = WritingWidget(markdown=markdown)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            field.widget.attrs["rows"] = 12 if markdown else 4
        return field

    def get_object(self, request, object_id, from_field=None):
        """The row; for who saves it locked first, so that of two who save at once the second sees the first."""
        if "\0" in object_id:
            return None  # PostgreSQL does not even look for it
        row = super().get_object(request, object_id, from_field)
        if row and request.method != "POST":  # first what is seen, then the row: what comes in between is a conflict
            request.seen = versions.digest_of(versions.snapshot(row))
            row = super().get_object(request, object_id, from_field)
        if row and request.method == "POST" and transaction.get_connection().in_atomic_block:
            if getattr(row, "replaces_id", None):  # always before its working copy, or two could wait for each other
                self.model._base_manager.select_for_update().get(pk=row.replaces_id)
            self.model._base_manager.select_for_update().get(pk=row.pk)
            row = super().get_object(request, object_id, from_field)
            request.stored = versions.remember(row) if row else None
        return row

    def seen(self, request):
        """The digest of what the form shows of the row: what get_object() found."""
        return versions.digest_of(request.stored) if request.method == "POST" else request.seen

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        stored = getattr(request, "stored", None)
        if change and stored and request.POST.get("_seen") != versions.digest_of(stored):
            form.conflict = self.conflict(request, obj, form, stored)  # type: ignore[attr-defined]
        return form

    def conflict(self, request, obj, form, stored):
        """Who was first and what that changed, for the editor who now sees both versions (conflicts.py)."""
        seen = Version.objects.of(obj).filter(digest=request.POST.get("_seen", "").replace("\0", "")[:32]).first()
        rows, last = seen.rows if seen else [], versions.latest(obj)
        formsets = [formset for formset, _ in self.get_formsets_with_inlines(request, obj)]
        request.POST = conflicts.merged(request.POST, request.FILES, form, formsets, obj, rows, stored)
        request.clash = {
            "unlike": conflicts.unlike(request.POST, form, self.model, stored),
            "theirs": self.told(request, rows, stored) if seen else [],
        }
        by = (last and maker_of(last)) or "Iemand anders"
        return (
            f"{by} heeft dit opgeslagen terwijl u bezig was. Wat u typte, staat hieronder nog; wat u niet had "
            "gewijzigd, is zoals het nu is opgeslagen. Kijk wat er verschilt, en sla dan nog eens op: dan geldt wat er "
            "in uw formulier staat."
        )

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["error_links"] = error_links(context) if context["errors"] else []
        if obj is not None and obj.pk:
            broken = broken_for(self.model._base_manager.filter(pk=obj.pk))[obj.pk]
            if broken:
                self.message_user(request, f"Deze links werken niet: {', '.join(broken)}", messages.WARNING)
            conflict = context["adminform"].form.conflict
            keep = request.method == "POST" and not conflict  # refused for something else: what was seen still counts
            seen = request.POST.get("_seen", "") if keep else self.seen(request)
            context |= {"seen": seen, "clash": getattr(request, "clash", None)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        self.keep(request, form.instance, Version.Event.CHANGED if change else Version.Event.ADDED)

    def keep(self, request, row, event, comment="", batch=""):
        return versions.record(row, event, request.user, comment, batch)

    def delete_model(self, request, obj):
        self.keep_deleted(request, [obj])
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        with transaction.atomic():
            self.keep_deleted(request, queryset)
            super().delete_queryset(request, queryset)

    def get_deleted_objects(self, objs, request):
        """Without the rows that only link two others: they say nothing to an editor."""
        shown, counts, lacking, protected = super().get_deleted_objects(objs, request)
        links = [model._meta for model in apps.get_models(include_auto_created=True) if model._meta.auto_created]
        starts = tuple(f"{capfirst(meta.verbose_name)}: " for meta in links)
        names = {meta.verbose_name_plural for meta in links}
        return without(shown, starts), {k: v for k, v in counts.items() if k not in names}, lacking, protected

    def keep_deleted(self, request, rows):
        """Keep what goes, and what goes with it: the actions of a goal, the working copy of a case."""
        going = NestedObjects(using=router.db_for_write(self.model))
        going.collect(rows)
        versioned = {kind for kind, each in self.admin_site._registry.items() if isinstance(each, VersionedAdmin)}
        for row in chain.from_iterable(going.model_objs.values()):
            if type(row) in versioned:
                self.keep(request, row, Version.Event.DELETED, "" if row in rows else "Ging mee met iets anders.")


class PublishableAdmin(VersionedAdmin, InUseAdmin):
    """From concept to review to published; who may publish decides, and only what is complete goes on.

    get_queryset() is the one rule for which rows somebody has to do with: lists, forms, actions, autocomplete,
    import and export all ask it.
    """

    form = PublishableForm
    change_form_template = "admin/publishable_form.html"
    actions: list[Any] = [Publish(), Submit(), Archive(), Withdraw()]
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

    def get_actions(self, request):
        """Who deletes own concepts only, does so in their forms."""
        actions = super().get_actions(request)
        if not self.has_publish_permission(request):
            actions.pop("delete_selected", None)
        return actions

    @admin.display(description="stand", ordering="-public")
    def state(self, row):
        return f"werkversie, {row.stage}" if getattr(row, "replaces_id", None) else row.stage

    def get_list_filter(self, request):
        return [StageFilter, *super().get_list_filter(request)]

    def view_on_site(self, row):
        return row.get_absolute_url() if type(row).objects.published().contains(row) else None

    # ---- the form

    def get_fieldsets(self, request, obj=None):
        """Without the moments of publication for who may not publish; a working copy has none, and no address."""
        fieldsets = super().get_fieldsets(request, obj)
        is_copy = bool(getattr(obj, "replaces_id", None))
        to_read = obj is not None and not self.has_change_permission(request, obj)  # so nothing says how to fill it in
        left_out = set() if self.has_publish_permission(request) else MOMENTS
        left_out = MOMENTS | {"slug"} if is_copy else left_out
        return [
            (title, {"fields": [name for name in options["fields"] if name not in left_out]})
            if to_read or left_out & {*options["fields"]}  # what is said about them goes as well
            else (title, options)
            for title, options in fieldsets
        ]

    def get_prepopulated_fields(self, request, obj=None):
        return {} if getattr(obj, "replaces_id", None) else super().get_prepopulated_fields(request, obj)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        if "_publish" in request.POST and getattr(obj, "replaces_id", None) and not form.conflict:
            target = self.model._base_manager.select_for_update().get(pk=obj.replaces_id)
            if request.POST.get("_target_seen") != versions.digest_of(versions.snapshot(target)):
                form.conflict = (
                    "De gepubliceerde tekst is gewijzigd terwijl u bezig was. Bovenaan staat wat er anders is. "
                    "Publiceert u nu nog eens, dan komt de werkversie daarvoor in de plaats."
                )
        return form

    def changeform_view(self, request, *args, **kwargs):
        """Refuse what this person may not ask for, before anything is stored."""
        if FOR_PUBLISHERS & set(request.POST) and not self.has_publish_permission(request):
            raise PermissionDenied
        return super().changeform_view(request, *args, **kwargs)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context |= {
            "stage": "concept",
            "may_publish": self.has_publish_permission(request),
            "may_save": self.has_add_permission(request),
            "review_comment": request.POST.get("review_comment", ""),
            "steps": None if obj else self.steps_left(None, context),
        }
        if obj:
            row = self.model._base_manager.get(pk=obj.pk)  # `obj` holds what a refused form says
            target = getattr(row, "replaces", None)
            may_save = self.has_change_permission(request, row)
            context |= {
                "row": row,
                "stage": row.stage,
                "may_save": may_save,
                "may_submit": may_save and row.submitted_at is None,
                "target": target,
                "copyable": hasattr(row, "replaces") and row.published_at is not None,
                "copy": getattr(row, "working_copy", None),
                "steps": None if row.published_at else self.steps_left(row, context),
                "preview": preview.address_of(row),
                "preview_days": settings.PREVIEW_DAYS,
            }
            if row.submitted_at or row.review_comment:
                context |= self.sent_back_before(request, row)
            if target:
                hidden = workflow.hidden_fields(request.user, self.model)
                context |= {
                    "changes": [each for each in workflow.changes_of(row) if each.field not in hidden],
                    "changed_since": [each for each in workflow.changed_since(row) if each.field not in hidden],
                    "target_seen": versions.digest_of(versions.snapshot(target)),
                }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def sent_back_before(self, request, row):
        """Who asked what of this row the last time, and what was changed since."""
        last = Version.objects.of(row).filter(event=Version.Event.SENT_BACK).select_related("made_by").first()
        if last is None:
            return {}
        since = row.submitted_at and self.told(request, last.rows, versions.snapshot(row))
        since = [each for each in since or () if each.field not in row.stage_fields]
        return {"sent_back": last, "sent_back_by": maker_of(last), "changed_after": since}

    def steps_left(self, row, context):
        """[(id of the place in the form, sentence)] of what is still to be done before a concept can be published.

        Of a row as it is stored; of a new or refused one as the form is filled in, beside what it complains of itself.
        """
        form = context["adminform"].form
        lists = {each.formset.prefix: each.formset for each in context["inline_admin_formsets"]}
        related, done = None, {*form.errors, *(name for name, each in lists.items() if each.total_error_count())}
        if form.is_bound:
            row = form.instance
            related = form.related() | {name: lists[name].kept for name in row.collections if name in lists}
        elif row is None:
            row, related = form.instance, dict.fromkeys(form.instance.collections, ())
            done |= {field.name for field in form if field.value()}  # what the address asked for
        needed = {
            name: f"Opslaan kan pas met ‘{form[name].label}’."
            for name, field in form.fields.items()
            if field.required and form[name].value() in field.empty_values
        }
        found = [*needed.items(), *(gap for gap in row.gaps(related, form.errors) if gap[0] not in needed)]
        order = [*form.fields, *lists, *dict(found)]
        return [
            (anchor(form[name]) if name in form.fields else f"{name}-group" if name in lists else "", sentence)
            for name, sentence in sorted(found, key=lambda gap: order.index(gap[0]))
            if name not in done
        ]

    def save_model(self, request, obj, form, change):
        request.form = form
        if not change or (obj.author is None and obj.published_at is None):  # who takes up what a visitor sent
            obj.author = request.user
        super().save_model(request, obj, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        return self.take_step(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        return self.take_step(request, obj) or super().response_change(request, obj)

    def take_step(self, request, row):
        """What the button asks for beside saving, which was just done. None when that is all, as in a popup."""
        asked = {"_send_back", "_publish", "_publish_now", "_submit"} & set(request.POST)
        if not asked or "_popup" in request.POST:
            return None
        page = reverse(self.address("change"), args=[quote(row.pk)])
        try:
            row, said = self.step(request, row, asked, request.build_absolute_uri(page))
        except ValidationError as error:  # something that the form cannot know
            said = f"Opgeslagen, maar de stap daarna lukt niet. {' '.join(error.messages)}"
            self.message_user(request, said, messages.ERROR)
            return HttpResponseRedirect(page)
        self.log_change(request, row, f"{said}.")
        self.message_user(request, f"{said}: {row}.", messages.SUCCESS)
        return self.response_post_save_change(request, row)

    def step(self, request, row, asked, address):
        """Take the step. Returns the row that is there after it, and what was done in Dutch."""
        if "_send_back" in asked:
            failed = partial(
                self.message_user, request, "De mail aan de auteur kon niet worden verstuurd.", messages.WARNING
            )
            workflow.send_back(row, request.user, request.form.comment, address, not_mailed=failed)
            return row, "Teruggestuurd naar de auteur"
        if "_submit" in asked:
            workflow.submit(row, request.user)
            return row, "Naar beoordeling gestuurd"
        public = workflow.publish(row, request.user, request.form.publish_at)
        if public.stage == "gepland":
            return public, f"Gepland voor {date_format(timezone.localtime(public.published_at), 'j F Y H:i')}"
        return public, "Gepubliceerd" if public.stage == "gepubliceerd" else "Overgenomen"

    # ---- other addresses

    def address(self, name):
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}"

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<path:object_id>/werkversie/", wrap(require_POST(self.copy_view)), name=self.address("copy")[6:]),
            path(
                "<path:object_id>/archiveren/", wrap(require_POST(self.archive_view)), name=self.address("archive")[6:]
            ),
            *super().get_urls(),
        ]

    def copy_view(self, request, object_id):
        """Begin a working copy of a published row, or go to the one there is."""
        row = self.get_object(request, unquote(object_id))
        if row is None or not hasattr(row, "replaces") or row.published_at is None:
            raise Http404("Hiervan kan geen werkversie worden gemaakt.")
        if not super().has_change_permission(request):
            raise PermissionDenied
        try:
            copy = workflow.start_copy(row, request.user)
        except ValidationError as error:  # a rule of today that the published text does not meet
            said = f"Een werkversie maken lukt niet. {' '.join(error.messages)}"
            self.message_user(request, said, messages.ERROR)
            return redirect(self.address("change"), quote(row.pk))
        said = f"Dit is de werkversie van ‘{row}’. Wat u hier wijzigt, zien lezers pas als die is gepubliceerd."
        self.message_user(request, said, messages.SUCCESS)
        return redirect(self.address("change"), copy.pk)

    def archive_view(self, request, object_id):
        """Take a row away from readers; what is planned becomes a concept again."""
        if not self.has_publish_permission(request):
            raise PermissionDenied
        with transaction.atomic():
            row = self.get_object(request, unquote(object_id))
            if row is None:
                raise Http404("Dit is er niet.")
            try:
                comment = comment_of(request.POST, "comment")
                if row.stage not in {"gepubliceerd", "gepland"}:
                    raise ValidationError(f"Dit staat niet op de site: de stand is ‘{row.stage}’.")
            except ValidationError as error:
                self.message_user(request, " ".join(error.messages), messages.ERROR)
            else:
                workflow.archive(row, request.user, comment)
                said = "Gearchiveerd" if row.published_at else "Teruggezet naar concept"
                self.log_change(request, row, f"{said}.")
                self.message_user(request, f"{said}: {row}.", messages.SUCCESS)
        return redirect(self.address("change"), quote(row.pk))


MOMENTS = {"published_at", "unpublish_at"}
# What only who may publish has in the form.
FOR_PUBLISHERS = {
    "_publish",
    "_publish_now",
    "_send_back",
    *(name + part for name in MOMENTS for part in ("", "_0", "_1")),
}


def without(lines, starts):
    """Nested lists of lines, without those that begin in one of these ways."""
    kept = [without(each, starts) if isinstance(each, list) else each for each in lines]
    return [each for each in kept if each != [] and not (isinstance(each, str) and each.startswith(starts))]


def error_links(context):
    """[(id of the place in the form, sentence)] of all that a refused form and its lists complain about."""
    lists = [each.formset for each in context["inline_admin_formsets"]]
    form = context["adminform"].form
    shown = [(field.label, field) for field in form.visible_fields()]
    for each in lists:
        name = capfirst(each.model._meta.verbose_name)
        for number, part in enumerate(each.forms, start=1):
            shown += [(f"{name} {number}, {field.label.lower()}", field) for field in part.visible_fields()]
    whole = form.non_field_errors()
    comment = [("id_review_comment", error.messages[0]) for error in whole.as_data() if error.code == "comment"]
    whole.data = [error for error in whole.as_data() if error.code != "comment"]  # said once, with the link
    return (
        comment
        + [(anchor(field), f"{label}: {error}") for label, field in shown for error in field.errors]
        + [(f"{each.prefix}-group", error) for each in lists for error in each.non_form_errors()]
    )


class SourceInline(admin.StackedInline):
    """Base of the inlines for sources: readers see each under the text."""

    formset = SourceFormSet
    extra = 1
    max_num = 40
    fields = ["title", "url", "publisher", ("year", "month", "day"), "archived_url"]

    def get_formset(self, request, obj=None, **kwargs):
        return super().get_formset(request, obj, absolute_max=2 * self.max_num, **kwargs)
