"""What is not public yet, as it will look, for whoever has the link: that holds a signed token, and no account."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

SALT = "preview"
HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",  # the address is the key: it goes to no other page
    "X-Robots-Tag": "noindex",
}
pages: dict[str, Any] = {}  # {label of a model: the view of its page}; techniekpact/urls.py fills it


def register(*views):
    """Let the rows that these views show be previewed."""
    pages.update({view.model._meta.label_lower: view for view in views})


def token_of(row):
    return signing.dumps([row._meta.label_lower, str(row.pk)], salt=SALT)


def address_of(row):
    """The address of a preview of a row, or None when it has no page of its own, or had its time on the site."""
    possible = row._meta.label_lower in pages and row.stage not in {"gepubliceerd", "gearchiveerd"}
    return reverse("preview", args=[token_of(row)]) if possible else None


def read(token):
    """(label of the model, primary key) that a token is for. Raises BadSignature, also when it is too old."""
    return signing.loads(token, salt=SALT, max_age=timedelta(days=settings.PREVIEW_DAYS))


class Previewed:
    """A DetailView of a `model` that also shows a row that is not public, as a preview."""

    model: Any
    preview = ""  # the token of the preview that is asked for

    def rows(self):
        return self.model.objects.all() if self.preview else self.model.objects.published()

    def get_object(self, queryset=None):
        row = super().get_object(queryset)  # type: ignore[misc]
        if self.preview and getattr(row, "replaces_id", None):
            row.slug = row.replaces.slug  # a working copy looks as it will in the place of the other
        return row

    def get_context_data(self, **kwargs):
        return super().get_context_data(previewed=bool(self.preview), **kwargs)  # type: ignore[misc]


@require_safe
def preview(request, token):
    """The page of a row that is not public. Of one that is by now, the page itself."""
    try:
        label, key = read(token)
        view = pages[label]
        row = view.model.objects.filter(pk=key).first()
    except (signing.BadSignature, KeyError):
        row = None
    if row is None or row.stage == "gearchiveerd":
        response = render(request, "preview_gone.html", status=404)
    elif view.model.objects.published().contains(row):
        response = redirect(row)
    else:
        response = view.as_view(preview=token)(request, pk=key)
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response
