"""What the start page of the admin asks an editor to do: one Task for each kind of work that there is."""

from dataclasses import dataclass, field

from django.contrib import admin
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.timezone import localtime

from cases.filters import CaseFilter
from cases.models import Case, Remark
from contacts.models import Contact, Message
from imports.models import Batch
from programme.models import Region
from programme.rights import landsdelen_of
from publishing.admin import PublishableAdmin
from publishing.links import broken_for

from . import freshness
from .coverage import Matrix

MOST = 5  # lines under one heading; the list behind it has them all


@dataclass(frozen=True)
class Line:
    label: str
    url: str
    note: str = ""


@dataclass
class Task:
    """A kind of work, with the first few things to do; `total` counts them all."""

    title: str
    lines: list[Line] = field(default_factory=list)
    total: int = 0
    more: list[Line] = field(default_factory=list)  # to the lists that have them all


def tasks(request):
    """The Tasks of who is logged in, what waits longest for others first; those without work are left out."""
    user = request.user
    own = {"author": user}
    found = [
        staged(request, "Naar u teruggestuurd", "teruggestuurd", lambda rows: rows.sent_back().filter(**own)),
        staged(request, "Wacht op uw beoordeling", "ter-beoordeling", lambda rows: rows.awaiting_review(), review=True),
        staged(request, "Uw concepten", "mijn", lambda rows: rows.begun().filter(**own)),
        staged(request, "Uw teksten ter beoordeling", "mijn", lambda rows: rows.awaiting_review().filter(**own)),
        staged(request, "Aangemeld op de site", "concept", handed_in),
        remarks(request),
        messages(request),
        staged(request, "Gepland", "gepland", lambda rows: rows.planned()),
        to_check(request),
        expiring(request),
        broken(request),
        imports(request),
        gaps(request),
    ]
    return [task for task in found if task.total]


def ways(request):
    """What editors begin most."""
    found = []
    if request.user.has_perm("cases.add_case"):
        found.append(Line("Case toevoegen", reverse("admin:cases_case_add")))
        found.append(Line("Spreadsheet importeren", reverse("admin:imports_batch_add")))
    if request.user.has_perm("cases.view_case"):
        found.append(Line("Alle cases", reverse("admin:cases_case_changelist")))
    return found


def publishable_admins(request):
    """The admins of what has concepts, that this person may see."""
    every = (each for each in admin.site._registry.values() if isinstance(each, PublishableAdmin))
    return [each for each in every if each.has_view_permission(request)]


def staged(request, title, stage, kept, *, review=False):
    """The rows of all kinds that `kept` keeps of those that this person works on, the oldest first."""
    task = Task(title)
    for each in publishable_admins(request):
        if review and not each.has_publish_permission(request):
            continue
        beside = each.list_select_related or ()
        rows = each.get_queryset(request).prefetch_related(None).select_related("author", *beside)
        rows = kept(rows).order_by("updated_at", "pk")
        first = list(rows[: MOST + 1])
        count = len(first) if len(first) <= MOST else rows.count()
        task.total += count
        task.lines += [to_change(row, note(row, request.user)) for row in first]
        if count > MOST:
            url = f"{reverse(each.address('changelist'))}?stand={stage}"
            task.more.append(Line(f"Alle {each.opts.verbose_name_plural}", url))
    task.lines = task.lines[:MOST]
    return task


def handed_in(rows):
    """Concepts that visitors sent, which nobody took up yet."""
    if rows.model is not Case:
        return rows.none()
    return rows.begun().filter(submission__is_spam=False, author=None).select_related("submission")


def remarks(request):
    """What visitors say is wrong in cases."""
    task, each = Task("Lezers zeggen dat iets niet klopt"), admin.site._registry[Remark]
    if each.has_view_permission(request):
        rows = each.get_queryset(request).filter(handled_at=None, is_spam=False).select_related("case")
        task.total = rows.count()
        urls = [(row, reverse("admin:cases_remark_change", args=[row.pk])) for row in rows[:MOST]]
        task.lines = [Line(str(row.case), url, Truncator(row.text).chars(60)) for row, url in urls]
        if task.total > MOST:
            task.more = [Line(f"Alle {task.total} opmerkingen", reverse("admin:cases_remark_changelist"))]
    return task


def messages(request):
    """What visitors wrote and nobody got by mail."""
    task, each = Task("Berichten die niet gemaild zijn"), admin.site._registry[Message]
    if each.has_change_permission(request):
        rows = Message.objects.waiting()
        task.total = rows.count()
        task.lines = [to_change(row, Truncator(row.text).chars(60)) for row in rows.order_by("pk")[:MOST]]
        if task.total > MOST:
            task.more = [Line(f"Alle {task.total} berichten", reverse("admin:contacts_message_changelist"))]
    return task


def to_check(request):
    """Cases and contacts that are due, and of which no mail to their organisation helps."""
    task = Task("Klopt dit nog? Kijk het zelf na")
    for model in (Case, Contact):
        each = admin.site._registry[model]
        if each.has_view_permission(request):
            found = freshness.unanswered(each.get_queryset(request).prefetch_related(None))
            task.total += len(found)
            task.lines += [to_change(row, why) for row, why in found[: MOST - len(task.lines)]]
    return task


def expiring(request):
    """Contacts that readers do not see any more, or not for long."""
    task, each = Task("Contacten die verlopen"), admin.site._registry[Contact]
    if each.has_change_permission(request):
        rows = list(freshness.contacts_expiring(each.get_queryset(request).prefetch_related(None)))
        task.total = len(rows)
        task.lines = [to_change(row, f"klopt tot en met {date_format(row.valid_until)}") for row in rows[:MOST]]
    return task


def broken(request):
    """Cases with a source or website that does not work any more."""
    task, each = Task("Links die niet meer werken"), admin.site._registry[Case]
    rows = each.get_queryset(request).prefetch_related(None)
    found = broken_for(rows)
    task.total = len(found)
    for row in rows.filter(pk__in=list(found)[:MOST]):
        task.lines.append(to_change(row, ", ".join(found[row.pk])))
    return task


def imports(request):
    """The imports of this person that wait for a decision, else the last one."""
    task, each = Task("Uw laatste import"), admin.site._registry[Batch]
    if each.has_view_permission(request):
        own = each.get_queryset(request).filter(uploaded_by=request.user)
        waiting = own.filter(state__in=[Batch.State.UPLOADED, Batch.State.JUDGED])
        found = [*waiting[:MOST]]
        if found:
            task.title = "Imports die op u wachten"
        found = found or [*own[:1]]
        task.lines, task.total = [to_change(row, row.get_state_display()) for row in found], len(found)
    return task


def to_change(row, note):
    meta = row._meta
    return Line(str(row), reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk]), note)


def note(row, user):
    if "submission" in row._state.fields_cache:
        return f"door {row.submission.organisation}, {date_format(localtime(row.submission.created_at), 'j F')}"
    said = row.review_comment
    if row.submitted_at:
        by = f"door {row.author.get_full_name() or row.author}, " if row.author not in {None, user} else ""
        said = f"{by}sinds {date_format(localtime(row.submitted_at), 'j F')}"
    elif row.published_at:
        said = f"vanaf {date_format(localtime(row.published_at), 'j F Y H:i')}"
    return ": ".join(filter(None, ["werkversie" if getattr(row, "replaces_id", None) else "", said]))


def gaps(request):
    """Provinces of the own werkgebied with the sectors of which they have no case yet."""
    task = Task("Nog geen case in uw werkgebied")
    ours = set(landsdelen_of(request.user).values_list("slug", flat=True))
    if not ours:
        return task
    matrix = Matrix(CaseFilter(), "regio", "sector")
    provinces = dict(Region.objects.filter(landsdeel__slug__in=ours).values_list("slug", "pk"))
    for area in matrix.side.choices:
        if area.value not in provinces:
            continue
        _, cells, _ = matrix.line(area)
        empty = [column for column, cell in zip(matrix.columns, cells, strict=True) if cell.gap]
        if empty:
            asked = {"provinces": provinces[area.value]} | ({"sectors": empty[0].value} if len(empty) == 1 else {})
            url = f"{reverse('admin:cases_case_add')}?{urlencode(asked)}"
            task.lines.append(Line(str(area.label), url, ", ".join(column.label for column in empty)))
    task.total = len(task.lines)
    return task
