"""What was changed in a row, by whom, and the way back: to an earlier version, or for what was deleted."""

from contextlib import nullcontext

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Cast
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format

from . import versions, workflow
from .differences import Names, differences
from .models import Publishable, Version

PER_PAGE = 50
OUTSIDE = "Stand buiten het beheer om gewijzigd, of van vóór de geschiedenis"  # what a BASELINE is to a reader
AS_CONCEPT = {"published_at": None, "unpublish_at": None, "submitted_at": None, "review_comment": ""}


def event_of(version):
    return OUTSIDE if version.event == Version.Event.BASELINE else version.get_event_display()


def maker_of(version):
    """Who made a version, by name; '' when that was nobody, or someone who is gone."""
    user = version.made_by
    return (user.get_full_name() or user.username) if user else ""


class HistoryAdmin(admin.ModelAdmin):
    """Shows the versions of a row, puts one back, and brings back what was deleted."""

    change_list_template = "admin/versioned_list.html"

    def get_urls(self):
        wrap, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("deleted/", wrap(self.deleted_view), name=f"{name}_deleted"),
            path("deleted/<int:version_id>/", wrap(self.bring_back_view), name=f"{name}_bring_back"),
            path("<path:object_id>/history/<int:version_id>/", wrap(self.restore_view), name=f"{name}_restore"),
            *super().get_urls(),
        ]

    def shown(self, request, template, title, **context):
        context |= {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"admin/{template}.html", context)

    def changelist_view(self, request, extra_context=None):
        may = self.may_bring_back(request)
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_deleted") if may else ""
        return super().changelist_view(request, {"deleted_address": address} | (extra_context or {}))

    def row_or_404(self, request, object_id):
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404(f"{self.opts.verbose_name} {object_id} is er niet.")
        return row

    # ---- the versions of a row

    def history_view(self, request, object_id, extra_context=None):
        row = self.row_or_404(request, object_id)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        page = Paginator(Version.objects.of(row).select_related("made_by"), PER_PAGE).get_page(request.GET.get("p"))
        begin = (page.number - 1) * PER_PAGE
        found = list(page.paginator.object_list[begin : begin + PER_PAGE + 1])  # and the one before these
        now = versions.snapshot(row)
        names, digest = Names(self.model, now, *(each.rows for each in found)), versions.digest_of(now)
        entries = [
            {
                "version": version,
                "event": event_of(version),
                "maker": maker_of(version),
                "changes": self.told(request, before.rows, version.rows, names=names) if before else None,
                "may_restore": version.digest != digest,
            }
            for version, before in zip(found[:PER_PAGE], [*found[1:], None], strict=False)
        ]
        outside = page.number == 1 and found and found[0].digest != digest
        return self.shown(
            request,
            "history",
            f"Geschiedenis: {row}",
            object=row,
            page=page,
            entries=entries,
            outside=self.told(request, found[0].rows, now, names=names) if outside else None,
            may_change=self.has_change_permission(request, row),
            **(extra_context or {}),
        )

    def told(self, request, before, after, names=None):
        """differences(), but for what this person may not see."""
        hidden = workflow.hidden_fields(request.user, self.model)
        return differences(self.model, before, after, names=names, leaving={"updated_at", *hidden})

    def kept(self):
        """The fields and parts that stay as they are when an earlier version comes back: the stage and the address."""
        return {*getattr(self.model, "stage_fields", ()), *getattr(self.model, "not_copied", ()), "replaces"}

    def possible(self, rows):
        """What of a snapshot can still come back."""
        return rows

    def restore_view(self, request, object_id, version_id):
        """What would change by going back to a version; a POST does it."""
        with transaction.atomic() if request.method == "POST" else nullcontext():  # the row is locked by get_object()
            row = self.row_or_404(request, object_id)
            if not self.has_change_permission(request, row):
                raise PermissionDenied
            version = get_object_or_404(Version.objects.of(row).select_related("made_by"), pk=version_id)
            now, rows = versions.snapshot(row), self.possible(version.rows)
            kept = {*self.kept(), *workflow.hidden_fields(request.user, self.model)}
            changes = differences(self.model, now, rows, leaving={*kept, "updated_at"})
            if request.method == "POST" and changes:
                if request.POST.get("seen") != versions.digest_of(now):
                    message = "Dit is intussen door iemand gewijzigd. Kijk nog eens wat er verandert."
                    self.message_user(request, message, messages.WARNING)
                else:
                    comment = f"Versie van {date_format(timezone.localtime(version.made_at), 'j F Y H:i')} hersteld."
                    if self.put_back(request, rows, comment, "Teruggezet", keeping=kept):
                        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", quote(row.pk))
            return self.shown(
                request,
                "history_restore",
                f"Terugzetten: {row}",
                object=row,
                version=version,
                event=event_of(version),
                maker=maker_of(version),
                changes=changes,
                digest=versions.digest_of(now),
                keeps_stage=issubclass(self.model, Publishable),
            )

    def put_back(self, request, rows, comment, done, keeping=()):
        """Restore a snapshot and keep that as a version. False, with a message, when the rules of today refuse it."""
        try:
            with transaction.atomic():
                row = versions.restore(self.model, rows, keeping=keeping)
                problems = row.obstacles() if isinstance(row, Publishable) else {}
                if problems:
                    raise ValidationError(list(problems.values()))
                if not self.get_queryset(request).filter(pk=row.pk).exists():
                    raise ValidationError("Deze versie ligt buiten uw werkgebied.")
                versions.record(row, Version.Event.RESTORED, request.user, comment)
                self.log_change(request, row, comment)
        except ValidationError as error:
            self.message_user(request, f"Niet {done.lower()}. {' '.join(error.messages)}", messages.ERROR)
            return False
        self.message_user(request, f"{done}: {row}.", messages.SUCCESS)
        return True

    # ---- what was deleted

    def may_bring_back(self, request):
        return self.has_add_permission(request) and self.has_change_permission(request)

    def deleted(self):
        """The last version of each row that was deleted and is not there now, but for working copies that were
        taken over."""
        rows = self.model._base_manager.annotate(key=Cast("pk", models.CharField()))
        kind = ContentType.objects.get_for_model(self.model)
        ours = Version.objects.filter(content_type=kind)
        later = ours.filter(object_id=OuterRef("object_id"), pk__gt=OuterRef("pk"))
        return (
            ours.filter(event__in=[Version.Event.DELETED, Version.Event.UNDONE])
            .exclude(comment__startswith="Overgenomen")
            .exclude(Exists(rows.filter(key=OuterRef("object_id"))))
            .exclude(Exists(later))
            .select_related("made_by")
        )

    def deleted_within(self, request, found):
        """Those of the versions that this person had to do with, as within() says of rows that are there."""
        return list(found)

    def deleted_view(self, request):
        if not self.may_bring_back(request):
            raise PermissionDenied
        page = Paginator(self.deleted_within(request, self.deleted()), PER_PAGE).get_page(request.GET.get("p"))
        rows = [(version, maker_of(version)) for version in page]
        title = f"Verwijderde {self.opts.verbose_name_plural}"
        return self.shown(request, "deleted", title, page=page, rows=rows)

    def bring_back_view(self, request, version_id):
        """What a deleted row said; a POST brings it back, with its own number."""
        with transaction.atomic() if request.method == "POST" else nullcontext():
            if not self.may_bring_back(request):
                raise PermissionDenied
            found = self.deleted_within(request, self.deleted().filter(pk=version_id))
            if not found:
                raise Http404("Deze verwijderde versie is er niet.")
            version, rows = found[0], self.possible(found[0].rows)
            if request.method == "POST":
                if issubclass(self.model, Publishable):
                    root, *parts = rows
                    rows = [root | {"fields": root["fields"] | AS_CONCEPT}, *parts]
                if self.put_back(request, rows, "Teruggehaald nadat het was verwijderd.", "Teruggehaald"):
                    address = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
                    return redirect(address, quote(rows[0]["pk"]))
            return self.shown(
                request,
                "deleted_restore",
                f"Terughalen: {version.title}",
                version=version,
                maker=maker_of(version),
                contents=[each for each in self.told(request, [], rows) if each.field not in AS_CONCEPT],
                becomes_concept=issubclass(self.model, Publishable),
            )
