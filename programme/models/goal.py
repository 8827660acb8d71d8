from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from publishing.models import MARKDOWN

from .base import Source

OURS = 9  # the goal that this portal is about


class Goal(models.Model):
    """A goal of the Techniekpact. The portal is about goal 9."""

    slug = models.SlugField("webadres", unique=True)
    number = models.PositiveSmallIntegerField("nummer", unique=True)
    title = models.CharField("officiële titel", max_length=200)
    subtitle = models.CharField("ondertitel", max_length=200, blank=True)
    summary = models.TextField("samenvatting", help_text="Staat op de voorpagina en bovenaan de doelpagina.")
    description = models.TextField("omschrijving", help_text=MARKDOWN)
    regional_note = models.TextField(
        "later experiment", blank=True, help_text="Eén zin over wat er na dit doel kwam. In Markdown."
    )

    parts = ("parties", "sources")

    class Meta:
        ordering = ["number", "pk"]
        verbose_name = "doel"
        verbose_name_plural = "doelen"

    def __str__(self):
        return f"Doel {self.number}: {self.title}"

    def get_absolute_url(self):
        return reverse("goal")

    def clean(self):
        if self.number != OURS and Goal.objects.filter(pk=self.pk, number=OURS).exists():
            raise ValidationError({"number": "Dit portaal gaat over doel 9: dat nummer blijft."})


class GoalSource(Source):
    goal = models.ForeignKey(Goal, verbose_name="doel", on_delete=models.CASCADE, related_name="sources")


class Party(models.Model):
    """One of the three sides that carry the goal: education, business, government."""

    class Kind(models.TextChoices):
        EDUCATION = "onderwijs", "Onderwijs"
        BUSINESS = "bedrijfsleven", "Bedrijfsleven"
        GOVERNMENT = "overheid", "Overheid"

    goal = models.ForeignKey(Goal, verbose_name="doel", on_delete=models.CASCADE, related_name="parties")
    kind = models.CharField("kant", max_length=20, choices=Kind)
    name = models.CharField("naam", max_length=200)
    description = models.TextField("omschrijving", blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = "betrokken partij"
        verbose_name_plural = "betrokken partijen"

    def __str__(self):
        return self.name


class Action(models.Model):
    """A concrete action under a goal; experiments and routes say which action they belong to."""

    slug = models.SlugField("webadres", unique=True, help_text="Wordt het anker op de doelpagina.")
    goal = models.ForeignKey(Goal, verbose_name="doel", on_delete=models.CASCADE, related_name="actions")
    number = models.PositiveSmallIntegerField("nummer")
    title = models.CharField("titel", max_length=200)
    summary = models.TextField("samenvatting")
    body = models.TextField("tekst", blank=True, help_text=MARKDOWN)

    class Meta:
        ordering = ["goal", "number", "pk"]
        verbose_name = "concrete actie"
        verbose_name_plural = "concrete acties"
        constraints = [
            models.UniqueConstraint(
                fields=["goal", "number"],
                name="action_number_once_per_goal",
                violation_error_code="unique",
                violation_error_message="Dit doel heeft al een actie met dit nummer.",
            )
        ]

    def __str__(self):
        return f"Actie {self.number}: {self.title}"

    def get_absolute_url(self):
        return f"{reverse('goal')}#{self.slug}"
