"""What an editor does to many rows of a list at once: first a page says what would happen to each, then it is done.

What was shown comes back signed, so that exactly that is done: a row for which it would now be something else, as
somebody saved it meanwhile, is skipped and named.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import BooleanField, CheckConstraint, F, Q
from django.db.models.functions import Coalesce, Now
from django.http import QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format

from . import versions, workflow

MOST = 300  # rows at once: each takes some 20 to 40 ms, as two versions of it are kept
NAMED = 5  # rows in a message


@dataclass(frozen=True)
class Outcome:
    """What happens to a row, in words: it changes, stays as it is, or is skipped as it cannot be done."""

    kind: str  # 'changes', 'stays' or 'skipped'
    words: str

    def digest(self, row):
        """Of the row as it is now and what would happen to it."""
        return versions.digest_of([*versions.as_data(row), {"fields": {"outcome": self.words}}])


class Bulk:
    """An action of a list in the admin. A subclass says what happens to one row, and does it."""

    __name__ = ""  # as the form of the list sends it
    short_description = ""
    done = ""  # said after it
    allowed_permissions = ["publish"]
    changes_content = False  # then only rows that this editor may change
    demands_complete = False
    form_class: Any = None  # what more is to be chosen; its cleaned data is the `choice` below

    def stays(self, row, choice):
        """Why nothing happens to a row, or ''."""
        return ""

    def refused(self, row, choice):
        """Sentences that say why it cannot be done."""
        return []

    def words(self, row, choice):
        """What happens to a row for which it can be done."""
        raise NotImplementedError

    def do(self, row, choice, user, batch):
        """Do it, with its version. Returns the row that it happened to."""
        raise NotImplementedError

    # ---- the page that asks, and what it leads to

    def __call__(self, model_admin, request, queryset):
        if "plan" not in request.POST:
            return self.ask(
                model_admin, request, list(dict.fromkeys(queryset.values_list("pk", flat=True)[: MOST + 1]))
            )
        try:
            plan = signing.loads(request.POST["plan"], salt=self.salt(model_admin, request))
        except signing.BadSignature:
            model_admin.message_user(request, "Er is niets gedaan: kies de rijen nog eens.", messages.ERROR)
            return None
        if "run" in request.POST:
            return self.run(model_admin, request, plan)
        return self.ask(model_admin, request, [key for key, _ in plan["seen"]])

    def salt(self, model_admin, request):
        return f"{model_admin.opts.label} {self.__name__} {request.user.pk}"

    def ask(self, model_admin, request, keys):
        if len(keys) > MOST:
            words = f"Dit kan met hoogstens {MOST} rijen tegelijk. Kies er minder, bijvoorbeeld met een filter."
            return model_admin.message_user(request, words, messages.ERROR)
        form = self.form_class and self.form_class(request.POST if "show" in request.POST else None)
        shown = form is None or form.is_valid()
        choice = form.cleaned_data if form and shown else None
        rows = load(model_admin.get_queryset(request), keys)
        rows = [rows[key] for key in keys if key in rows]
        outcomes = self.outcomes(model_admin, request, rows, choice) if shown else {}
        plan = {
            "seen": [(row.pk, outcomes[row].digest(row) if shown else "") for row in rows],
            "choice": {name: request.POST.getlist(name) for name in form.fields} if choice else None,
        }
        kinds = [outcome.kind for outcome in outcomes.values()]
        context = {
            **model_admin.admin_site.each_context(request),
            "title": self.short_description,
            "opts": model_admin.opts,
            "name": self.__name__,
            "rows": [(row, outcomes.get(row)) for row in rows],
            "counts": {kind: kinds.count(kind) for kind in ("changes", "stays", "skipped")},
            "shown": shown,
            "form": form,
            "plan": signing.dumps(plan, salt=self.salt(model_admin, request), compress=True),
            "back": request.get_full_path(),
        }
        request.current_app = model_admin.admin_site.name
        return TemplateResponse(request, "admin/bulk.html", context)

    def run(self, model_admin, request, plan):
        form = self.form_class and self.form_class(as_form_data(plan["choice"] or {}))
        if form and not form.is_valid():
            model_admin.message_user(request, "Er is niets gedaan: kies de rijen nog eens.", messages.ERROR)
            return
        choice, seen, batch = form.cleaned_data if form else None, dict(plan["seen"]), uuid4().hex
        done, skipped = [], []
        with transaction.atomic():
            stored = model_admin.model._base_manager.filter(pk__in=seen).order_by("pk")
            list(stored.select_for_update().values_list("pk"))  # in one order, so that no two wait for each other
            rows = load(model_admin.get_queryset(request), seen)
            outcomes = self.outcomes(model_admin, request, rows.values(), choice)
            for row in [rows[key] for key in seen if key in rows]:
                if outcomes[row].digest(row) != seen[row.pk]:
                    skipped.append(f"{row} (is intussen gewijzigd)")
                elif outcomes[row].kind == "changes":
                    name = str(row)
                    try:
                        with transaction.atomic():
                            done.append(self.do(row, choice, request.user, batch))
                    except ValidationError as error:
                        skipped.append(f"{name} ({' '.join(error.messages)})")
            LogEntry.objects.log_actions(request.user.pk, done, CHANGE, f"{self.done}.")
        gone = len(seen) - len(rows)
        if gone:
            skipped.append(f"{gone} die er niet meer {'is' if gone == 1 else 'zijn'}")
        if done:
            model_admin.message_user(request, f"{self.done}: {named(done)}.", messages.SUCCESS)
        if skipped:
            model_admin.message_user(request, f"Overgeslagen: {named(skipped)}.", messages.WARNING)
        if not done and not skipped:
            model_admin.message_user(request, "Er is niets veranderd.")

    def outcomes(self, model_admin, request, rows, choice):
        """{row: its Outcome}, in as many queries for many rows as for one."""
        lacking = lacking_of(rows) if self.demands_complete else {}
        return {row: self.outcome(model_admin, request, row, choice, lacking.get(row.pk, [])) for row in rows}

    def outcome(self, model_admin, request, row, choice, lacking):
        stays = self.stays(row, choice)
        if stays:
            return Outcome("stays", stays)
        if self.changes_content and not model_admin.has_change_permission(request, row):
            why = "lezers zien deze tekst. Maak een werkversie." if row.published_at else "u mag dit alleen bekijken."
            return Outcome("skipped", f"mag u niet: {why}")
        reasons = [*lacking, *self.refused(row, choice)]
        if reasons:
            return Outcome("skipped", f"kan niet: {' '.join(reasons)}")
        return Outcome("changes", self.words(row, choice))


def load(rows, keys):
    """{key: row} with all that is asked of a row here, so that many cost no more queries than one."""
    model = rows.model
    links = [field.name for field in model._meta.fields if field.is_relation]
    lists = {*(field.name for field in model._meta.many_to_many), *versions.parts_of(model), *model.collections}
    found = rows.filter(pk__in=list(keys)).select_related(*links).prefetch_related(*sorted(lists))
    return {row.pk: row for row in found}


def lacking_of(rows):
    """{key: row.lacking()} of rows that load() made: the database judges the constraints of all at once."""
    found = {}
    for row in rows:
        row.to_be_published = True
        found[row.pk] = list(row.obstacles().values())
        row.to_be_published = False
    if not found:
        return found
    model = type(row)
    checks = [each for each in model._meta.constraints if isinstance(each, CheckConstraint)]
    kept = {
        f"_check_{number}": Coalesce(as_published(each.condition), True, output_field=BooleanField())
        for number, each in enumerate(checks)
    }
    judged = model._base_manager.filter(pk__in=list(found)).annotate(_moment=Coalesce("published_at", Now()))
    for key, *verdicts in judged.annotate(**kept).values_list("pk", *kept):
        found[key] += [
            str(each.violation_error_message) for each, kept in zip(checks, verdicts, strict=True) if not kept
        ]
    return found


def as_published(condition):
    """The condition of a constraint with `_moment` for `published_at`."""
    if isinstance(condition, Q):
        parts = [as_published(each) for each in condition.children]
        return Q(*parts, _connector=condition.connector, _negated=condition.negated)
    path, value = condition
    head, *rest = path.split("__")
    path = "__".join(["_moment" if head == "published_at" else head, *rest])
    return path, F("_moment") if value == F("published_at") else value


def as_form_data(lists):
    data = QueryDict(mutable=True)
    for name, values in lists.items():
        data.setlist(name, values)
    return data


def named(rows):
    more = len(rows) - NAMED
    return ", ".join(map(str, rows[:NAMED])) + (f" en nog {more}" if more > 0 else "")


# ---- the steps of workflow.py


class Publish(Bulk):
    __name__ = "publish"
    short_description = "Publiceren"
    done = "Gepubliceerd"
    demands_complete = True

    def stays(self, row, choice):
        return "was al gepubliceerd: blijft zo" if row.stage == "gepubliceerd" else ""

    def refused(self, row, choice):
        """A working copy that would undo what was changed in its row since: its own page shows what that is."""
        if getattr(row, "replaces_id", None) and workflow.changed_since(row):
            return ["De gepubliceerde tekst is intussen gewijzigd. Publiceer deze werkversie op haar eigen pagina."]
        return []

    def words(self, row, choice):
        if getattr(row, "replaces_id", None):
            return "komt in plaats van de gepubliceerde tekst"
        if row.stage == "gepland":
            moment = date_format(timezone.localtime(row.published_at), "j F Y H:i")
            return f"stond gepland voor {moment}: wordt nu gepubliceerd"
        return "wordt weer gepubliceerd" if row.stage == "gearchiveerd" else "wordt gepubliceerd"

    def do(self, row, choice, user, batch):
        return workflow.publish(row, user, batch=batch)


class Submit(Bulk):
    __name__ = "submit"
    short_description = "Naar beoordeling sturen"
    done = "Naar beoordeling gestuurd"
    allowed_permissions = ["change"]
    changes_content = True
    demands_complete = True

    def stays(self, row, choice):
        if row.published_at or row.submitted_at:
            return f"{'is' if row.published_at else 'was al'} {row.stage}: blijft zo"
        return ""

    def words(self, row, choice):
        return "gaat naar beoordeling"

    def do(self, row, choice, user, batch):
        workflow.submit(row, user, batch=batch)
        return row


class Archive(Bulk):
    __name__ = "archive"
    short_description = "Archiveren"
    done = "Gearchiveerd"

    def stays(self, row, choice):
        if row.stage == "gearchiveerd":
            return "was al gearchiveerd: blijft zo"
        return "" if row.published_at else "is niet gepubliceerd: blijft zo"

    def words(self, row, choice):
        if row.stage == "gepland":
            return "stond gepland: wordt weer een concept"
        return "gaat naar het archief: lezers zien het niet meer"

    def do(self, row, choice, user, batch):
        workflow.archive(row, user, batch=batch)
        return row


class Withdraw(Bulk):
    __name__ = "withdraw"
    short_description = "Terugzetten naar concept"
    done = "Teruggezet naar concept"

    def stays(self, row, choice):
        return "" if row.published_at or row.submitted_at else f"was al {row.stage}: blijft zo"

    def words(self, row, choice):
        seen = row.stage == "gepubliceerd"
        return "wordt weer een concept: lezers zien het niet meer" if seen else "wordt weer een concept"

    def do(self, row, choice, user, batch):
        workflow.withdraw(row, user, batch=batch)
        return row
