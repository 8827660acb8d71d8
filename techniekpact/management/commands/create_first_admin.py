import secrets

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Maakt de eerste beheerder met een willekeurig wachtwoord. Doet niets als er al een is."

    def handle(self, *args, **options):
        users = get_user_model().objects
        if users.filter(is_superuser=True).exists():
            return
        password = secrets.token_urlsafe(12)
        users.create_superuser("beheerder", password=password)
        self.stdout.write(f"Log in op /beheer/ als ‘beheerder’ met wachtwoord {password} (staat hier maar één keer).")
