from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import PasswordResetForm
from django.core.exceptions import ValidationError

from contacts.limits import network, used_up

# What editors use most stands on top.
ORDER = ["cases", "contacts", "experiments", "routes", "programme", "discovery", "auth", "techniekpact"]


class LoginForm(AdminAuthenticationForm):
    """Log in, ten times in a quarter of an hour for one name from one network, whatever the outcome."""

    def clean(self):
        name = self.cleaned_data.get("username", "").casefold()
        if used_up(f"login {network(self.request)} {name}", 10, seconds=15 * 60):
            raise ValidationError("Te veel pogingen om in te loggen. Probeer het over een kwartier opnieuw.")
        return super().clean()


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
    login_form = LoginForm

    def get_app_list(self, request, app_label=None):
        return sorted(super().get_app_list(request, app_label), key=lambda app: ORDER.index(app["app_label"]))
