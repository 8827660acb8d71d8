import secrets

from django.contrib.auth.models import Group, Permission, User
from django.core.management.base import BaseCommand
from django.db.models import Q

EDITORS, CHIEF_EDITORS = "Redacteur", "Eindredacteur"
ROOMS = ["cases", "contacts", "experiments", "routes", "programme", "publishing", "imports"]
REGIONAL = [
    "case",
    "casesource",
    "caseimage",
    "participation",
    "participationsource",
    "routeoffering",
    "offeringsource",
]
SENT_IN = ["view_submission", "view_remark", "change_remark"]
LOOKED_UP = ["experiment", "route", "qualification", "organisation", "region", "sector", "level", "term"]
STEPS = ["add", "change", "delete", "view"]


def rights():
    """{group: its permissions}. What someone may do with one row, the admin asks of that row (publishing/admin.py)."""
    regional = Q(content_type__model__in=REGIONAL) & Q(codename__in=[f"{s}_{m}" for s in STEPS for m in REGIONAL])
    looked_up = Q(codename__in=[f"view_{model}" for model in LOOKED_UP] + ["add_organisation", *SENT_IN])
    everything = Q(content_type__app_label__in=ROOMS) | Q(content_type__model="synonym")
    return {
        EDITORS: Permission.objects.filter(regional | looked_up),
        CHIEF_EDITORS: Permission.objects.filter(everything).exclude(content_type__model="workarea"),
    }


class Command(BaseCommand):
    help = "Geeft de groepen Redacteur en Eindredacteur hun rechten, en maakt de eerste beheerder als er nog geen is."

    def handle(self, *args, **options):
        Group.objects.filter(name="Redactie").exclude(pk__in=Group.objects.filter(name=CHIEF_EDITORS)).update(
            name=CHIEF_EDITORS
        )  # as it was called when there was one group
        for name, permissions in rights().items():
            group, _ = Group.objects.get_or_create(name=name)
            group.permissions.set(permissions)
        if User.objects.filter(is_superuser=True).exists():
            return
        password = secrets.token_urlsafe(12)
        User.objects.create_superuser("beheerder", password=password)
        self.stdout.write(f"Log in op /beheer/ als ‘beheerder’ met wachtwoord {password} (staat hier maar één keer).")
