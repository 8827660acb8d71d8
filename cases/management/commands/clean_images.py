from datetime import timedelta

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand
from django.utils import timezone

from cases.images import FOLDER
from cases.models import CaseImage


class Command(BaseCommand):
    help = "Verwijdert bestanden van afbeeldingen die bij geen enkele case meer horen."

    def handle(self, *args, **options):
        try:
            names = default_storage.listdir(FOLDER)[1]
        except FileNotFoundError:  # no image was ever stored
            names = []
        # Those of an hour or less may be of a form that is being saved: the files come before the row.
        before = timezone.now() - timedelta(hours=1)
        old = [name for name in names if default_storage.get_modified_time(f"{FOLDER}/{name}") < before]
        kept = set(CaseImage.objects.values_list("digest", flat=True))
        gone = [name for name in old if name.partition("-")[0] not in kept]
        for name in gone:
            default_storage.delete(f"{FOLDER}/{name}")
        if options["verbosity"]:
            self.stdout.write(f"Verwijderd: {len(gone)} van {len(names)} bestanden.")
