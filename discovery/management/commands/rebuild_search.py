from django.core.management.base import BaseCommand

from discovery import texts


class Command(BaseCommand):
    help = "Maakt de zoekteksten opnieuw, als de regels daarvoor sinds de vorige keer zijn veranderd."

    def add_arguments(self, parser):
        parser.add_argument("--alles", action="store_true", help="ook als de regels niet zijn veranderd")

    def handle(self, *args, **options):
        if texts.up_to_date() and not options["alles"]:
            done = "De zoekteksten zijn al gemaakt met de regels van deze versie."
        else:
            texts.rebuild()
            done = "De zoekteksten zijn opnieuw gemaakt."
        if options["verbosity"]:
            self.stdout.write(done)
