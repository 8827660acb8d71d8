from django.contrib.contenttypes.models import ContentType
from django.db import models


class Reminder(models.Model):
    """That an organisation was asked by mail whether a text still is true, and what it answered."""

    class Answer(models.TextChoices):
        TRUE = "klopt", "klopt nog"
        CHANGED = "veranderd", "er is iets veranderd"
        STOPPED = "gestopt", "dit is gestopt"

    content_type = models.ForeignKey(ContentType, verbose_name="soort", on_delete=models.CASCADE)
    object_id = models.CharField("nummer", max_length=120)
    title = models.CharField("titel", max_length=300)
    address = models.EmailField("gemaild naar")
    sent_at = models.DateTimeField("gemaild op")
    error = models.CharField("fout bij mailen", max_length=300, blank=True)
    answer = models.CharField("antwoord", max_length=20, choices=Answer, blank=True)
    answered_at = models.DateTimeField("beantwoord op", null=True, blank=True)

    class Meta:
        ordering = ["-sent_at", "-pk"]
        verbose_name = "controlevraag"
        verbose_name_plural = "controlevragen"
        indexes = [models.Index(name="reminder_of_row", fields=["content_type", "object_id", "-sent_at"])]

    def __str__(self):
        return f"{self.title} ({self.address})"
