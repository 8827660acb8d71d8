"""Where and for whom: regions, sectors and mbo levels, the dimensions that every list shares."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q


class Region(models.Model):
    """A landsdeel of the Techniekpact, or a province in one.

    No source lists which province is in which landsdeel, so this is a table that editors keep, and
    `note` tells the reader how sure it is.
    """

    class Kind(models.TextChoices):
        LANDSDEEL = "landsdeel", "landsdeel"
        PROVINCE = "provincie", "provincie"

    name = models.CharField("naam", max_length=60, unique=True)
    slug = models.SlugField("webadres", unique=True, help_text="Staat in links naar lijsten. Liever niet wijzigen.")
    kind = models.CharField("soort", max_length=10, choices=Kind)
    landsdeel = models.ForeignKey(
        "self",
        verbose_name="landsdeel",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="provinces",
        limit_choices_to={"kind": Kind.LANDSDEEL},
        help_text="Alleen voor een provincie.",
    )
    cbs_code = models.CharField("CBS-code", max_length=6, blank=True)
    iso_code = models.CharField("ISO 3166-2-code", max_length=6, blank=True)
    note = models.TextField("toelichting", blank=True, help_text="Lezers zien hoe zeker de indeling is.")

    parts = ("aliases",)

    class Meta:
        ordering = ["pk"]
        verbose_name = "regio"
        verbose_name_plural = "regio’s"
        constraints = [
            models.CheckConstraint(
                name="region_only_a_province_is_in_a_landsdeel",
                condition=Q(kind="landsdeel", landsdeel__isnull=True) | Q(kind="provincie", landsdeel__isnull=False),
                violation_error_message="Een provincie ligt in een landsdeel; een landsdeel zelf niet.",
            )
        ]

    def __str__(self):
        return self.name

    def clean(self):
        if self.pk and self.kind == self.Kind.PROVINCE and self.provinces.exists():
            raise ValidationError({"kind": "Hier liggen provincies in. Zet die eerst in een ander landsdeel."})


class RegionAlias(models.Model):
    """Another name of a region; its slug works as an address too (`regio=friesland`)."""

    region = models.ForeignKey(Region, verbose_name="regio", on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField("andere naam", max_length=60)
    slug = models.SlugField("webadres", unique=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = "andere naam"
        verbose_name_plural = "andere namen"

    def __str__(self):
        return self.name

    def clean(self):
        if Region.objects.filter(slug=self.slug).exists():
            raise ValidationError({"slug": "Dit is het webadres van een regio, en kan dus geen andere naam zijn."})


class Sector(models.Model):
    """An mbo sector. Keyed by its fixed slug, so that a constraint can name one (see ADR 0003)."""

    name = models.CharField("naam", max_length=60, unique=True)
    slug = models.SlugField("webadres", primary_key=True)
    description = models.TextField("omschrijving", blank=True)
    order = models.PositiveSmallIntegerField("volgorde", default=0)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = "sector"
        verbose_name_plural = "sectoren"

    def __str__(self):
        return self.name


class Level(models.Model):
    """An mbo level, 1 (entree) to 4 (WEB art. 7.2.2). Keyed by its number."""

    number = models.PositiveSmallIntegerField("niveau", primary_key=True)
    name = models.CharField("naam", max_length=40, unique=True)
    description = models.TextField("omschrijving", blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name = "mbo-niveau"
        verbose_name_plural = "mbo-niveaus"
        constraints = [
            models.CheckConstraint(
                name="level_is_1_to_4",
                condition=Q(number__range=(1, 4)),
                violation_error_message="Het mbo kent de niveaus 1 tot en met 4.",
            )
        ]

    def __str__(self):
        return self.name
