import secrets

from django.contrib.auth.models import Group, Permission, User
from django.core.management.base import BaseCommand
from django.db.models import Q

ROOMS = ["cases", "contacts", "experiments", "routes", "programme"]


class Command(BaseCommand):
    help = "Geeft de groep Redactie haar rechten, en maakt de eerste beheerder als er nog geen is."

    def handle(self, *args, **options):
        editors, _ = Group.objects.get_or_create(name="Redactie")
        theirs = Q(content_type__app_label__in=ROOMS) | Q(content_type__model="synonym")
        editors.permissions.set(Permission.objects.filter(theirs))
        if User.objects.filter(is_superuser=True).exists():
            return
        password = secrets.token_urlsafe(12)
        User.objects.create_superuser("beheerder", password=password)
        self.stdout.write(f"Log in op /beheer/ als ‘beheerder’ met wachtwoord {password} (staat hier maar één keer).")
