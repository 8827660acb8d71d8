from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from cases.models import Case
from publishing.admin import NotFoundAdmin
from publishing.workflow import may, may_publish

from . import columns as table
from . import records
from .exports import TYPES, as_file, as_records, template
from .forms import ColumnsForm, UploadForm
from .judging import columns_of, judge_some, missing, unknown
from .models import Batch, Heading, Row
from .presenting import (
    MOST_NAMES,
    choices_of,
    clean_name,
    count_verdicts,
    heading_key,
    in_thousands,
    in_words,
    names_of,
    present,
    quoted,
    reason,
    rows_in_words,
    unknown_organisations,
    with_differences,
)
from .sheets.writing import write_csv
from .storing import Stale, Wrong, fates, store, undo

REASON = "reden"  # the heading in the table of what was refused: it may stand in the file when that comes back
ONE = {"werkversies": "werkversie"}  # of what has another word when there is one
PER_PAGE = 100
MOST_LISTED = 300  # keys in an address


@admin.register(Batch)
class BatchAdmin(NotFoundAdmin):
    """A file, step by step: choose it, name its columns, see what each row would do, store, and perhaps undo."""

    list_display = ["file_name", "what", "uploaded_by", "uploaded_at", "state", "counted"]
    list_select_related = ["uploaded_by"]
    list_filter = ["state"]
    search_fields = ["file_name"]
    change_list_template = "admin/change_list.html"
    actions = None

    @admin.display(description="wat", ordering="kind")
    def what(self, batch):
        return batch.record_kind.plural

    @admin.display(description="rijen")
    def counted(self, batch):
        said = [
            f"{in_thousands(count)} {ONE.get(name, name) if count == 1 else name}"
            for name, count in batch.counts.items()
            if count
        ]
        return ", ".join(said) or "–"

    # ---- who may do what: who writes rows, imports them; another's import only who may publish sees

    def kinds(self, request):
        """The Kinds that this person may import, as they may add rows: those that come in tables first."""
        tables = [*table.FIELDS]
        found = [kind for kind in records.KINDS if may(request.user, "add", kind.model)]
        return sorted(found, key=lambda kind: tables.index(kind.file) if kind.file in tables else len(tables))

    def has_module_permission(self, request):
        return bool(self.kinds(request))

    def has_add_permission(self, request):
        return self.has_module_permission(request)

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request) if obj is None else obj.record_kind in self.kinds(request)

    def has_change_permission(self, request, obj=None):
        return self.has_view_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        rows = super().get_queryset(request).filter(kind__in=[kind.file for kind in self.kinds(request)])
        return rows if may_publish(request.user, Case) else rows.filter(uploaded_by=request.user)

    def found(self, request, object_id, *, own=True):
        batch = self.get_object(request, object_id)
        if batch is None:
            raise Http404("Deze import is er niet.")
        if not self.has_change_permission(request) or (own and batch.uploaded_by_id != request.user.pk):
            raise PermissionDenied  # an import does what the one who chose the file may do
        return batch

    def get_urls(self):
        def wrap(view):
            return self.admin_site.admin_view(gone_is_404(view))

        steps = [
            ("kolommen/", self.columns_view),
            ("beoordelen/", self.judge_view),
            ("ongedaan/", self.undo_view),
            ("weggooien/", self.discard_view),
            ("geweigerd.csv", self.refused_view),
        ]
        own = [
            path(f"<path:object_id>/{name}", wrap(view), name=f"imports_batch_{name.rstrip('/')}")
            for name, view in steps
        ]
        empty = path("sjabloon-<slug:kind>.<slug:ending>", wrap(template), name="imports_template")
        found = path("records-<slug:kind>.yaml", wrap(self.records_view), name="imports_records")
        return [empty, found, *own, *super().get_urls()]

    def page(self, request, name, title, **context):
        context = self.admin_site.each_context(request) | {"opts": self.opts, "title": title} | context
        return TemplateResponse(request, f"admin/imports/batch/{name}.html", context)

    def step(self, batch, name="change"):
        return redirect(f"admin:imports_batch_{name}", batch.pk)

    def reach(self, request, kind):
        return self.admin_site.get_model_admin(kind.model).get_queryset(request)

    # ---- 1. choose a file

    def add_view(self, request, form_url="", extra_context=None):
        return gone_is_404(self.upload)(request)

    def upload(self, request):
        if not self.has_add_permission(request):
            raise PermissionDenied
        kinds = self.kinds(request)
        form = UploadForm(request.POST or None, request.FILES or None, kinds=kinds)
        if request.method == "POST" and form.is_valid():
            batch = self.keep(request, form, form.kind)
            if not unknown(batch) and not missing(batch):
                self.go_on(request, batch)
            return self.step(batch)
        tables, others = ([kind for kind in kinds if (kind.file in table.FIELDS) == each] for each in (True, False))
        endings = sorted(TYPES, reverse=True)  # Excel first
        context = {"form": form, "tables": tables, "others": others, "endings": endings}
        return self.page(request, "upload", "Bestand importeren", **context)

    def records_view(self, request, kind):
        """The rows that this person works on as a file of records, to change and import again."""
        found = next((each for each in self.kinds(request) if each.file == kind), None)
        if found is None:
            raise Http404("Deze records zijn er niet.")
        return as_records(found, self.reach(request, found), request.user)

    def keep(self, request, form, kind):
        sheet = form.sheet
        batch = Batch(
            kind=kind.file,
            file_name=clean_name(form.cleaned_data["file"].name),
            uploaded_by=request.user,
            submit=form.cleaned_data["stage"] == "beoordeling",
            remarks=sheet.remarks,
            headings=sheet.headings,
        )
        saved = dict(Heading.objects.filter(kind=kind.file).values_list("text", "column")) | {REASON: ""}
        for heading, column in table.recognise(sheet.headings, columns_of(batch), saved).items():
            if heading and (column or saved.get(heading_key(heading)) == ""):
                batch.mapping[heading] = column.heading if column else ""
        with transaction.atomic():
            batch.save()
            Row.objects.bulk_create(
                Row(batch=batch, number=line.number, cells=line.cells, unread=line.problems) for line in sheet.rows
            )
        return batch

    def go_on(self, request, batch):
        """Judge for some seconds. Returns how many rows wait still."""
        return judge_some(batch, request.user, self.reach(request, batch.record_kind))

    # ---- 2. say what the columns are

    def columns_view(self, request, object_id):
        batch = self.found(request, object_id)
        if not batch.is_open or not batch.headings:
            return self.step(batch)
        columns = columns_of(batch)
        form = ColumnsForm(request.POST or None, batch=batch, columns=columns)
        if request.method == "POST" and form.is_valid():
            with transaction.atomic():
                locked = Batch.objects.select_for_update().get(pk=batch.pk)
                if not locked.is_open:
                    return self.step(batch)
                batch.mapping = form.mapping
                batch.state = Batch.State.UPLOADED
                batch.save()
                batch.rows.update(verdict="", choice="", twin=None)
                self.remember(batch, columns)
            if not missing(batch):
                self.go_on(request, batch)
                return self.step(batch)
        fields = {heading: form[f"kolom-{n}"] for n, heading in enumerate(form.headings)}
        asked = [heading for heading in fields if heading in unknown(batch) or fields[heading].errors]
        context = {
            "missing": quoted(missing(batch)),
            "unknown": quoted(unknown(batch)),
            "asked": [fields[heading] for heading in asked],
            "others": [field for heading, field in fields.items() if heading not in asked],
        }
        return self.page(request, "columns", "Kolommen herkennen", batch=batch, form=form, **context)

    def remember(self, batch, columns):
        """Ask no more what a heading is that has no name we know."""
        for heading, column in table.recognise(batch.headings, columns).items():
            if heading and column is None and heading.casefold() != REASON:
                defaults = {"column": batch.mapping[heading]}
                Heading.objects.update_or_create(kind=batch.kind, text=heading_key(heading), defaults=defaults)

    # ---- 3. judge, as long as it takes

    def judge_view(self, request, object_id):
        batch = self.found(request, object_id)
        if batch.state != Batch.State.UPLOADED or unknown(batch) or missing(batch):
            return self.step(batch)
        if request.method == "POST":
            return self.step(batch, "beoordelen" if self.go_on(request, batch) else "change")
        total, waiting = batch.rows.count(), batch.rows.waiting().count()
        said = f"{in_thousands(total - waiting)} van {in_thousands(total)} rijen beoordeeld"
        context = {"batch": batch, "total": total, "done": total - waiting, "said": said}
        return self.page(request, "judging", "Rijen beoordelen", **context)

    # ---- 4. decide

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return gone_is_404(self.decision)(request, object_id)

    def decision(self, request, object_id):
        batch = self.found(request, object_id, own=request.method == "POST")
        mine = batch.uploaded_by_id == request.user.pk
        if batch.state == Batch.State.UPLOADED and mine:
            return self.step(batch, "kolommen" if unknown(batch) or missing(batch) else "beoordelen")
        if request.method == "POST":
            return self.decide(request, batch)
        rows = batch.rows.all()
        verdict, number = request.GET.get("oordeel", ""), request.GET.get("rij", "")
        if verdict in Row.Verdict.values:
            rows = rows.filter(verdict=verdict)
        alone = number.isdecimal() and len(number) < 9
        if alone:
            rows = rows.filter(number=number)
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("pagina"))
        kind, counts = batch.record_kind, dict(count_verdicts(batch))
        model = kind.model
        return self.page(
            request,
            "decision",
            f"Import: {batch.file_name}",
            batch=batch,
            kind=kind,
            mine=mine,
            page=page,
            rows=[present(row) for row in with_differences(model, page.object_list, limit=not alone)],
            tabs=[
                ("", "alle", sum(counts.values())),
                *((each, each.label, counts.get(each, 0)) for each in Row.Verdict),
            ],
            verdict=verdict,
            chosen=batch.rows.chosen().count(),
            choosable=sum(counts.get(each, 0) for each in Row.STORABLE),
            refused=counts.get(Row.Verdict.REFUSED, 0),
            change=f"admin:{model._meta.app_label}_{model._meta.model_name}_change",
            stored=self.stored(batch, kind),
            organisations=unknown_organisations(batch) if mine and batch.is_open else [],
            lasting=names_of(batch.rows.chosen().filter(object_id=None).exclude(lacking=[])) if batch.submit else "",
            public=self.changes_public(batch, kind) if mine and may_publish(request.user, model) else 0,
            deleted=self.deleted(request, kind) if batch.rows.filter(undone=True).exists() else "",
            kept=names_of(batch.rows.filter(stored_id__isnull=False, undone=False))
            if batch.rows.filter(undone=True).exists()
            else "",
        )

    def changes_public(self, batch, kind):
        """How many of the chosen rows would get a working copy, as what they change was published."""
        if not kind.is_copyable:
            return 0
        rows = batch.rows.chosen().filter(object_id__isnull=False)
        return rows.exclude(before__0__fields__published_at=None).count()

    def deleted(self, request, kind):
        """The address of the list to bring back what was deleted from; '' for who may not."""
        rows = self.admin_site.get_model_admin(kind.model)
        may_bring_back = hasattr(rows, "may_bring_back") and rows.may_bring_back(request)
        options = kind.model._meta
        return reverse(f"admin:{options.app_label}_{options.model_name}_deleted") if may_bring_back else ""

    def stored(self, batch, kind):
        """(the address of the list of what was imported, how many that are); nothing when it was not, or is no more."""
        keys = list(batch.rows.filter(stored_id__isnull=False, undone=False).values_list("stored_id", flat=True))
        if batch.state != Batch.State.STORED or not keys:
            return None
        query = f"pk__in={','.join(keys)}" if len(keys) <= MOST_LISTED else "stand=mijn" if kind.is_publishable else ""
        options = kind.model._meta
        return reverse(f"admin:{options.app_label}_{options.model_name}_changelist") + f"?{query}", len(keys)

    def decide(self, request, batch):
        again = redirect(request.get_full_path())
        if batch.state != Batch.State.JUDGED:
            self.message_user(request, "Deze import was al gedaan.", messages.WARNING)
            return again
        changed = self.choose(request, batch)
        if "_again" in request.POST:
            self.judge_again(batch, batch.rows.refused())
        if (changed or "_again" in request.POST) and self.go_on(request, batch):
            return self.step(batch)
        count, refused = batch.rows.chosen().count(), batch.rows.refused().count()
        if "_again" in request.POST:
            self.message_user(request, f"Opnieuw beoordeeld: {rows_in_words(refused)} nog geweigerd.", messages.SUCCESS)
        elif "_store" not in request.POST:
            self.message_user(request, "Uw keuzes zijn bewaard. Er is nog niets geïmporteerd.", messages.SUCCESS)
        elif not count:
            self.message_user(request, "Er is niets gekozen om te importeren.", messages.ERROR)
        elif [str(count), str(refused)] != [request.POST.get(name) for name in ("aantal", "geweigerd")]:
            without = f", en laten wij {in_thousands(refused)} geweigerde weg" if refused else ""
            said = f"Er is nog niets geïmporteerd. Nu gaat het om {rows_in_words(count)}{without}. Klopt dat?"
            self.message_user(request, f"{said} Klik dan nog eens op ‘Importeer’.", messages.WARNING)
        else:
            return self.store(request, batch)
        return again

    def choose(self, request, batch):
        """Keep the choices of one page. Returns whether a row must be judged again."""
        asked = {name[6:]: value for name, value in request.POST.items() if name.startswith("keuze-")}
        asked = {int(pk): value for pk, value in asked.items() if pk.isdecimal() and len(pk) < 19}
        with transaction.atomic():
            if Batch.objects.select_for_update().get(pk=batch.pk).state != Batch.State.JUDGED:
                return False
            again = False
            for row in batch.rows.filter(pk__in=asked).only("choice", "verdict", "twin", "batch"):
                choice = asked[row.pk]
                if choice == row.choice or choice not in {value for value, _ in choices_of(row)}:
                    continue
                if Row.Choice.UPDATE in {choice, row.choice}:
                    again, row.verdict = True, ""
                row.choice = choice
                row.save(update_fields=["choice", "verdict"])
            if again:
                batch.state = Batch.State.UPLOADED
                batch.save(update_fields=["state"])
        return again

    @method_decorator(require_POST)
    def discard_view(self, request, object_id):
        """Throw away what was not stored."""
        batch = self.found(request, object_id)
        with transaction.atomic():
            if not Batch.objects.select_for_update().get(pk=batch.pk).is_open:
                return self.step(batch)
            batch.delete()
        self.message_user(request, f"De import van {batch} is weggegooid. Er was nog niets geïmporteerd.")
        return redirect("admin:imports_batch_changelist")

    # ---- 5. store

    def store(self, request, batch):
        model = batch.record_kind.model
        visible = "zichtbaar" in request.POST and may_publish(request.user, model)
        try:
            batch = store(batch, request.user, self.reach(request, batch.record_kind), visible=visible)
        except Stale as stale:
            some = [str(row) for row in stale.rows[:MOST_NAMES]]
            why = "Dit is gewijzigd sinds het werd beoordeeld, of iemand anders gebruikt dit webadres nu."
            self.message_user(
                request,
                f"Er is niets geïmporteerd. {why} Bekijk opnieuw: {in_words(some, len(stale.rows))}.",
                messages.ERROR,
            )
            self.judge_again(batch, batch.rows.filter(pk__in=[row.pk for row in stale.rows]))
            self.go_on(request, batch)
            return self.step(batch)
        except IntegrityError:  # also one by one: someone else was at it at that very moment
            said = "Er is niets geïmporteerd, want er kwam juist iets bij of er verdween iets. Probeer het nog eens."
            self.message_user(request, said, messages.ERROR)
            return self.step(batch)
        except Wrong as wrong:
            self.refuse(batch, wrong.rows)
            some = [f"{row}: {why}" for row, why in wrong.rows[:MOST_NAMES]]
            said = f"Er is niets geïmporteerd, want dit kan niet: {in_words(some, len(wrong.rows))}"
            self.message_user(request, said, messages.ERROR)
            return self.step(batch)
        if batch.state != Batch.State.STORED:
            self.message_user(request, "Deze import is intussen opnieuw beoordeeld. Kijk nog eens.", messages.WARNING)
            return self.step(batch)
        self.message_user(request, f"Geïmporteerd: {self.counted(batch)}.", messages.SUCCESS)
        return self.step(batch)

    def refuse(self, batch, wrong):
        """Keep why rows cannot be stored, [(row, why)]."""
        with transaction.atomic():
            locked = Batch.objects.select_for_update().get(pk=batch.pk)
            if locked.state != Batch.State.JUDGED:
                return
            for row, why in wrong:
                problems = [*row.problems, ("", "", why)]
                batch.rows.filter(pk=row.pk).update(verdict=Row.Verdict.REFUSED, choice="", problems=problems)
            locked.close_judging()

    def judge_again(self, batch, rows):
        with transaction.atomic():
            if Batch.objects.select_for_update().get(pk=batch.pk).is_open:
                keys = list(rows.values_list("pk", flat=True))
                if not keys:
                    return
                again = batch.rows.filter(pk__in=keys)
                again.exclude(choice=Row.Choice.UPDATE).update(choice="")
                again.update(verdict="")
                Batch.objects.filter(pk=batch.pk).update(state=Batch.State.UPLOADED)
        batch.refresh_from_db()

    # ---- 6. take it back

    def undo_view(self, request, object_id):
        batch = self.found(request, object_id, own=not may_publish(request.user, Case))
        if batch.state != Batch.State.STORED:
            return self.step(batch)
        rows = self.admin_site.get_model_admin(batch.record_kind.model)
        reached = {*self.reach(request, batch.record_kind).order_by().values_list("pk", flat=True)}

        def may_undo(row, new):
            if row.pk not in reached:
                return False
            if new:  # nobody touched it since, or it stays anyway
                return batch.uploaded_by_id == request.user.pk or rows.has_delete_permission(request, row)
            return rows.has_change_permission(request, row)

        def named(row):
            known = self.admin_site._registry.get(type(row))
            shown = known and known.get_queryset(request).filter(pk=row.pk).exists()
            return str(row) if shown else "iets wat u niet kunt zien"

        if request.method == "POST":
            batch, kept = undo(batch, request.user, may_undo, named)
            if not kept:
                self.message_user(request, "De import is ongedaan gemaakt.", messages.SUCCESS)
            else:
                some = [f"{row} ({why})" for row, why in kept[:MOST_NAMES]]
                said = f"Wat kon, is teruggedraaid. Dit bleef staan: {in_words(some, len(kept))}."
                self.message_user(request, said, messages.WARNING)
            return self.step(batch)
        found = list(fates(batch, may_undo, named))
        return self.page(
            request,
            "undo",
            f"Import ongedaan maken: {batch.file_name}",
            batch=batch,
            kind=batch.record_kind,
            deleted=self.deleted(request, batch.record_kind),
            page=Paginator(found, PER_PAGE).get_page(request.GET.get("pagina")),
            kept=sum(bool(why) for _, _, why in found),
            total=len(found),
        )

    # ---- what was refused, to mend

    def refused_view(self, request, object_id):
        batch = self.found(request, object_id, own=False)
        named = [position for position, heading in enumerate(batch.headings) if heading]
        headings = [batch.headings[position] for position in named] or ["titel"]
        rows = (
            [*([row.cells[p] for p in named] if batch.headings else [row.title]), "; ".join(map(reason, row.problems))]
            for row in batch.rows.refused().iterator(500)
        )
        kept = [position for position, heading in enumerate(headings) if heading.casefold() != REASON]
        lines = ([*(row[position] for position in kept), row[-1]] for row in rows)
        content = write_csv([*(headings[position] for position in kept), REASON], lines)
        return as_file(content, f"geweigerd-{batch.pk}.csv", TYPES["csv"])


@admin.register(Heading)
class HeadingAdmin(NotFoundAdmin):
    """What a heading meant before; delete one to be asked again."""

    list_display = ["text", "column", "kind"]
    search_fields = ["text", "column"]
    change_list_template = "admin/change_list.html"

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


def gone_is_404(view):
    """The view, for which an import that someone throws away meanwhile is an address that is not there."""

    def answer(*args, **kwargs):
        try:
            return view(*args, **kwargs)
        except Batch.DoesNotExist:
            raise Http404("Deze import is intussen weggegooid.") from None

    return answer
