from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.forms import PasswordResetForm
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path

from contacts.limits import give_back, network, used_up
from publishing import writing
from publishing.choices import can_be

MOST_TRIES = 10
# What editors use most stands on top.
ORDER = [
    "cases",
    "imports",
    "contacts",
    "experiments",
    "routes",
    "programme",
    "publishing",
    "discovery",
    "auth",
    "techniekpact",
]


class LoginForm(AdminAuthenticationForm):
    """Log in; after ten failures in a quarter of an hour for one name from one network, not with any password."""

    def clean(self):
        name = self.cleaned_data.get("username", "").casefold()
        tries = f"login {network(self.request)} {name}"
        if used_up(tries, MOST_TRIES, seconds=15 * 60):
            raise ValidationError("Te veel pogingen om in te loggen. Probeer het over een kwartier opnieuw.")
        cleaned = super().clean()
        give_back(tries, MOST_TRIES)
        return cleaned


class ResetForm(PasswordResetForm):
    """Ask for a new password, five times an hour for one address, from wherever.

    Who knows an editor's address can use these up, but cannot fill the editor's mailbox.
    """

    def clean_email(self):
        email = self.cleaned_data["email"]
        if used_up(f"reset {email.casefold()}", 5, seconds=60 * 60):
            raise ValidationError("Te veel aanvragen voor dit adres. Probeer het over een uur opnieuw.")
        return email


class PortalAdminSite(AdminSite):
    site_header = "Beheer Techniekpact doel 9"
    site_title = "Beheer doel 9"
    index_title = "Wat wilt u doen?"
    empty_value_display = "leeg"  # as the history says it; Django's '-' says nothing as a choice of a filter
    login_form = LoginForm

    def index(self, request, extra_context=None):
        from .desk import tasks, ways  # the rooms' models are there only once all apps are

        return super().index(request, {"tasks": tasks(request), "ways": ways(request)} | (extra_context or {}))

    def admin_view(self, view, cacheable=False):
        """Passes over what cannot be the key of a row, in the form of a list: Django would fail on it."""
        inner = super().admin_view(view, cacheable)
        if getattr(view, "__name__", "") != "changelist_view":
            return inner
        key = view.__self__.opts.pk

        def checked(request, *args, **kwargs):
            if ACTION_CHECKBOX_NAME in request.POST:
                request.POST = request.POST.copy()
                chosen = [each for each in request.POST.getlist(ACTION_CHECKBOX_NAME) if can_be(key, each)]
                request.POST.setlist(ACTION_CHECKBOX_NAME, chosen)
            return inner(request, *args, **kwargs)

        return update_wrapper(checked, inner)

    def get_urls(self):
        """With a way of our own from a row to its page on the site: Django's names the address of any row."""
        own = [path("r/<int:content_type_id>/<path:object_id>/", self.admin_view(self.to_site), name="view_on_site")]
        theirs = [each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site"]
        return [*writing.urls(self), *own, *theirs]

    def to_site(self, request, content_type_id, object_id):
        from django.contrib.contenttypes.models import ContentType  # there only once all apps are

        found = ContentType.objects.filter(pk=content_type_id).first()
        model = found and found.model_class()
        if model not in self._registry:
            raise Http404("Dit is er niet.")
        model_admin = self._registry[model]
        row: Any = model_admin.get_object(request, object_id)
        if not hasattr(row, "get_absolute_url") or not model_admin.has_view_permission(request, row):
            raise Http404("Hiervan is er geen pagina op de site.")
        return redirect(row.get_absolute_url())

    def get_app_list(self, request, app_label=None):
        return sorted(super().get_app_list(request, app_label), key=lambda app: ORDER.index(app["app_label"]))
