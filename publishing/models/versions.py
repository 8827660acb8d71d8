from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models


class VersionQuerySet(models.QuerySet):
    def of(self, row):
        return self.filter(content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk))


class Version(models.Model):
    """A row as it was at one moment, with its links and parts, and who made it so. See publishing/versions.py."""

    class Event(models.TextChoices):
        BASELINE = "begin", "Zo was het"  # before the first change that we saw
        ADDED = "nieuw", "Toegevoegd"
        CHANGED = "wijziging", "Gewijzigd"
        SUBMITTED = "beoordeling", "Naar beoordeling gestuurd"
        SENT_BACK = "terug", "Teruggestuurd"
        PUBLISHED = "publicatie", "Gepubliceerd"
        ARCHIVED = "archief", "Gearchiveerd"
        CONCEPT = "concept", "Teruggezet naar concept"
        APPROVED = "werkversie", "Werkversie overgenomen"
        IMPORTED = "import", "Geïmporteerd"
        UNDONE = "ongedaan", "Import ongedaan gemaakt"
        RESTORED = "hersteld", "Eerdere versie hersteld"
        CONFIRMED = "bevestigd", "Bevestigd dat het klopt"
        DELETED = "verwijderd", "Verwijderd"

    content_type = models.ForeignKey(ContentType, verbose_name="soort", on_delete=models.CASCADE)
    object_id = models.CharField("nummer", max_length=120)
    title = models.CharField("titel", max_length=300)
    event = models.CharField("gebeurtenis", max_length=20, choices=Event)
    comment = models.TextField("opmerking", blank=True)
    rows = models.JSONField("gegevens")
    digest = models.CharField("vingerafdruk", max_length=32)
    made_at = models.DateTimeField("moment", auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="door",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    batch = models.CharField("samen met", max_length=40, blank=True, db_index=True)  # made in one go, such as an import

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "versie"
        verbose_name_plural = "versies"
        indexes = [models.Index(name="version_of_row", fields=["content_type", "object_id", "-id"])]

    def __str__(self):
        return f"{self.get_event_display()}: {self.title}"
