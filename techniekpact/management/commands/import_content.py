from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from techniekpact.content import CONTENT_DIR, Refused, import_content


class Command(BaseCommand):
    help = "Leest content/ in: voegt toe en wijzigt, maar overschrijft niet wat de redactie wijzigde."

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", type=Path, default=CONTENT_DIR)

    def handle(self, *args, folder, verbosity, **options):
        try:
            report = import_content(folder)
        except Refused as refused:
            raise CommandError("Niets ingelezen.\n" + "\n".join(refused.errors)) from None
        self.stdout.write(
            f"Inhoud: {len(report.added)} toegevoegd, {len(report.changed)} gewijzigd, "
            f"{len(report.left)} ongewijzigd, {len(report.edited)} overgeslagen."
        )
        if verbosity > 1:
            for title, names in (("Toegevoegd", report.added), ("Gewijzigd", report.changed)):
                for name in names:
                    self.stdout.write(f"{title}: {name}")
        for name in report.edited:
            self.stdout.write(f"Overgeslagen om wat in het beheer is gewijzigd: {name}")
        for name in report.gone:
            self.stdout.write(f"Blijft staan, maar staat niet meer in de bestanden: {name}")
