"""Help beside the texts of a form of the admin: an example of the Markdown, and hints in plain language.

It says of a text only what is in that text, so whoever may come in the admin may ask it. The rules are in plain.py.
"""

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from .markdown import render_markdown
from .models import MARKDOWN
from .plain import hints

LONGEST = 50_000  # characters that are looked at


def has_hints(field):
    """Whether readers see what is in this field of a model: Markdown, or a summary of limited length."""
    return MARKDOWN in field.help_text or bool(field.max_length)


def number(text):
    """A key or a year as someone sent it; None for what cannot be one."""
    return int(text) if text.isdecimal() and len(text) < 10 else None


def own_key(request):
    """The key of the row that the form of this request is for; '' when that is a new one."""
    own = request.resolver_match.kwargs.get("object_id", "") if request.resolver_match else ""
    return own if number(own) else ""


def typed(request, name, longest):
    """A short text as it was typed so far; '' for what a field would not take."""
    text = request.GET.get(name, "").strip()
    return "" if "\0" in text or len(text) > longest else text


class WrittenText(forms.Form):
    text = forms.CharField(
        max_length=LONGEST,
        required=False,
        strip=False,
        error_messages={"max_length": f"Deze tekst is te lang: meer dan {LONGEST:,} tekens.".replace(",", ".")},
    )


def telling(template, tell):
    """A view that says in `template` what tell() finds of the text that is sent to it, or why it cannot be a text."""

    @require_POST
    def view(request):
        form = WrittenText(request.POST)
        if not form.is_valid():
            return render(request, "admin/writing/refused.html", {"form": form}, status=400)
        text = form.cleaned_data["text"]
        return render(request, template, tell(text) | {"most": number(request.POST.get("most", ""))})

    return view


def example(text):
    return {"html": render_markdown.__wrapped__(text)}  # not kept in memory: a text on its way is asked for once


def urls(admin_site):
    preview = telling("admin/writing/preview.html", example)
    plain = telling("admin/writing/hints.html", lambda text: {"hints": hints(text)})
    return [
        path("schrijfhulp/voorbeeld/", admin_site.admin_view(preview), name="writing_preview"),
        path("schrijfhulp/taal/", admin_site.admin_view(plain), name="writing_hints"),
    ]


class WritingWidget(AdminTextareaWidget):
    """A text area with hints under it, and for Markdown an example and a short help."""

    def __init__(self, attrs=None, markdown=False):
        self.markdown = markdown
        super().__init__(attrs)

    def render(self, name, value, attrs=None, renderer=None):
        asked = {"data-hint": reverse("admin:writing_hints")}
        if self.markdown:
            asked["data-preview"] = reverse("admin:writing_preview")
        area = super().render(name, value, (attrs or {}) | asked, renderer)
        context = {"area": area, "id": (attrs or {}).get("id", f"id_{name}"), "markdown": self.markdown}
        if value:
            context |= {"hints": hints(str(value)[:LONGEST]), "most": self.attrs.get("maxlength")}
        return mark_safe(render_to_string("admin/writing/area.html", context))  # noqa: S308  (a template has made it)
