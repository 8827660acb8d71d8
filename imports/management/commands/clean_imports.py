from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

from imports.models import Batch

ABANDONED = timedelta(days=30)  # never decided on
UNDO_ENDS = timedelta(days=365)


class Command(BaseCommand):
    help = (
        "Verwijdert na een maand wat niet is geïmporteerd, en na een jaar elke import: terugdraaien kan dan niet meer."
    )

    def handle(self, *args, **options):
        now = timezone.now()
        opened = Batch.objects.filter(state__in=[Batch.State.UPLOADED, Batch.State.JUDGED])
        left = opened.filter(uploaded_at__lt=now - ABANDONED)
        old = Batch.objects.filter(uploaded_at__lt=now - UNDO_ENDS)
        count = left.count() + old.exclude(pk__in=left.values("pk")).count()
        left.delete()
        old.delete()
        self.stdout.write(f"Verwijderd: {count} imports.")
