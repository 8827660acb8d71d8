"""The page behind the link in a mail that asks: is this still true?"""

import copy

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from cases.models import Case
from contacts.limits import used_up
from contacts.models import Contact
from programme.models.base import EARLIEST_YEAR, LATEST_YEAR
from publishing.differences import plain
from publishing.models import Reminder

from . import freshness

Answer = Reminder.Answer
TRIES_PER_HOUR = 20  # of one link


class YearField(forms.CharField):
    """A year as four digits and nothing else."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 4, "size": 4})

    def to_python(self, value):
        text = super().to_python(value)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) == 4 and EARLIEST_YEAR <= int(text) <= LATEST_YEAR):
            raise ValidationError(f"Vul een jaar in tussen {EARLIEST_YEAR} en {LATEST_YEAR}, in vier cijfers.")
        return int(text)


class RemarkField(forms.CharField):
    widget = forms.Textarea(attrs={"rows": 4})

    def __init__(self, label="Opmerking voor de redactie", **kwargs):
        super().__init__(label=label, max_length=3000, **kwargs)


class ConfirmForm(forms.Form):
    def __init__(self, row, data=None):
        super().__init__(data)


class ChangeForm(forms.ModelForm):
    """What an organisation can say of its own case. It becomes a proposal: the editors judge it."""

    first_year = YearField(label="Eerste jaar", required=False, help_text="Leeg = onbekend.")
    last_year = YearField(label="Laatste jaar", required=False, help_text="Leeg = onbekend.")
    remark = RemarkField(required=False, help_text="Wat er verder is veranderd, of hoe u het weet.")

    class Meta:
        model = Case
        fields = ["summary", "body", "place", "first_year", "last_year", "website"]
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 4}),
            "body": forms.Textarea(attrs={"rows": 14}),
        }
        help_texts = {
            "summary": "Eén of twee zinnen, hoogstens 600 tekens.",
            "body": "Een lege regel begint een nieuwe alinea.",
        }
        error_messages = {
            "summary": {"required": "Schrijf een samenvatting."},
            "website": {"invalid": "Vul een webadres in zoals https://www.school.nl."},
        }

    def __init__(self, row, data=None):
        self.row = row
        super().__init__(data, instance=copy.copy(row))  # of its own: a refused form leaves the row as it is
        self.fields["body"].required = True
        self.fields["body"].error_messages["required"] = "Schrijf een tekst."
        self.fields["summary"].widget.attrs.pop("maxlength", None)  # a browser would cut a longer one in silence

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.values and not cleaned.get("remark"):
            raise ValidationError("U hebt nog niets gewijzigd. Pas een veld aan, of schrijf een opmerking.")
        return cleaned

    @property
    def values(self):
        """{field: value} of what differs from what readers see; browsers end lines in a way of their own."""
        found = {name: plain(self.cleaned_data.get(name)) for name in self.Meta.fields}
        found = {name: value for name, value in found.items() if value != plain(getattr(self.row, name))}
        if found.get("first_year"):
            found["first_year_unknown"] = False
        return found


class StopForm(forms.Form):
    last_year = YearField(
        label="Wat was het laatste jaar?",
        help_text="Het jaar waarin het stopte, in vier cijfers.",
        error_messages={"required": "Vul het laatste jaar in."},
    )
    remark = RemarkField(required=False)

    def __init__(self, row, data=None):
        self.row = row
        super().__init__(data)

    def clean_last_year(self):
        year, first = self.cleaned_data["last_year"], self.row.first_year
        if year > timezone.localdate().year:
            raise ValidationError("Dit jaar moet nog komen.")
        if first and year < first:
            raise ValidationError(f"Dit ligt vóór het eerste jaar, {first}.")
        return year

    @property
    def values(self):
        return {"last_year": self.cleaned_data["last_year"], "running_seen_on": None, "running_source": ""}


class ContactForm(forms.Form):
    remark = RemarkField(label="Wat is er veranderd?", error_messages={"required": "Schrijf wat er is veranderd."})

    def __init__(self, row, data=None):
        super().__init__(data)


FORMS: dict[type, dict[Reminder.Answer, type[forms.BaseForm]]] = {
    Case: {Answer.TRUE: ConfirmForm, Answer.CHANGED: ChangeForm, Answer.STOPPED: StopForm},
    Contact: {Answer.TRUE: ConfirmForm, Answer.CHANGED: ContactForm},
}


# The link is the authority here, and a browser has nothing of its own that a forged request could borrow; a csrf
# token would set a cookie (ADR 0006). GET never writes: the scanners of mail servers open every link.
@method_decorator([csrf_exempt, never_cache], name="dispatch")
class CheckAnswer(View):
    def dispatch(self, request, token):
        opened = freshness.opened(token)
        if opened:
            self.reminder, self.row = opened
            response = super().dispatch(request)
        else:
            response = render(request, "freshness/gone.html", {"days": freshness.LINK_WORKS.days}, status=404)
        response.headers["Referrer-Policy"] = "no-referrer"  # the address of this page is a key
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def named(self, text):
        """The answer that is called so, or None."""
        return next((each for each in FORMS[type(self.row)] if each == text), None)

    def form_for(self, answer, data=None):
        return FORMS[type(self.row)][answer](self.row, data)

    def get(self, request):
        answer = self.named(request.GET.get("antwoord"))
        if answer == Answer.TRUE or answer not in freshness.answers(self.reminder, self.row):
            return self.page()
        return self.page(answer, self.form_for(answer))

    def post(self, request):
        answer = self.named(request.POST.get("antwoord"))
        if answer is None:
            return self.page(problem="Kies één van de antwoorden.", status=400)
        form = self.form_for(answer, request.POST)
        if not form.is_valid():
            return self.page(answer, form)
        if used_up(f"check {self.reminder.pk}", TRIES_PER_HOUR, seconds=60 * 60):
            form.add_error(None, "Met deze link is al vaak geantwoord. Probeer het over een uur weer.")
            response = self.page(answer, form, status=429)
            response.headers["Retry-After"] = "3600"
            return response
        values, remark = getattr(form, "values", None), form.cleaned_data.get("remark", "")
        if not freshness.take(self.reminder, self.row, answer, values, remark):
            form.add_error(None, "Dit antwoord kan niet meer: met deze link is al geantwoord.")
            return self.page(answer, form, status=409)
        return redirect(f"{request.path}?ontvangen=1")

    def page(self, answer=None, form=None, problem="", status=200):
        if form is not None and not form.fields:  # a button and no more: what is wrong stands above the choices
            answer, form, problem = None, None, " ".join(form.non_field_errors())
        self.reminder.refresh_from_db()
        context = {
            "row": self.row,
            "is_case": isinstance(self.row, Case),
            "reminder": self.reminder,
            "choices": freshness.answers(self.reminder, self.row),
            "sent": "ontvangen" in self.request.GET and self.reminder.answer,
            "answer": answer,
            "form": form,
            "problem": problem,
        }
        return render(self.request, "freshness/answer.html", context, status=status)
