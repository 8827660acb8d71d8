from django.core.exceptions import ValidationError
from django.db import models

from publishing.models import LinkedManager

from .base import check_year


class Indicator(models.Model):
    """One series of figures. Another definition or counting method is another indicator."""

    class Theme(models.TextChoices):
        MBO = "mbo", "Techniek in het mbo"
        HAVO_VWO = "overig-onderwijs", "Techniek op havo en vwo"
        VMBO = "vmbo", "Techniek in het vmbo"
        WOMEN = "vrouwen", "Meisjes en vrouwen in de techniek"
        WORK = "werk", "Bedrijven en werk"

    name = models.CharField("naam", max_length=200, unique=True)
    slug = models.SlugField("webadres", max_length=100, unique=True)
    theme = models.CharField("onderwerp", max_length=20, choices=Theme)
    unit = models.CharField("eenheid", max_length=40, help_text="Bijvoorbeeld: % of studenten.")
    definition = models.TextField("wat is geteld", blank=True)
    note = models.TextField("let op", blank=True, help_text="Verschillen tussen bronnen of reeksen.")
    breaks_from = models.PositiveSmallIntegerField(
        "anders geteld vanaf",
        null=True,
        blank=True,
        help_text="Het sorteerjaar vanaf waar de waarden niet te vergelijken zijn met die ervoor, of dat onbekend is. "
        "De grafiek zet daar een lijn.",
    )
    front_text = models.CharField(
        "op de voorpagina",
        max_length=120,
        blank=True,
        help_text="Wat er na het nieuwste cijfer staat: van de nieuwe mbo-studenten koos techniek. "
        "Leeg: niet op de voorpagina.",
    )

    parts = ("values",)

    class Meta:
        ordering = ["theme", "pk"]
        verbose_name = "indicator"
        verbose_name_plural = "indicatoren"

    def __str__(self):
        return self.name


class IndicatorValue(models.Model):
    """One figure with its source."""

    indicator = models.ForeignKey(Indicator, verbose_name="indicator", on_delete=models.CASCADE, related_name="values")
    period = models.CharField("periode", max_length=40, help_text="Zoals de lezer het ziet: 2013-2014.")
    year = models.PositiveSmallIntegerField("sorteerjaar", help_text="Het jaar waarin de periode begint.")
    value = models.DecimalField("waarde", max_digits=12, decimal_places=2)
    source_title = models.CharField("bron", max_length=300)
    source_url = models.URLField("adres van de bron", max_length=500, blank=True)

    objects = LinkedManager()

    class Meta:
        ordering = ["year", "pk"]
        verbose_name = "waarde"
        verbose_name_plural = "waarden"
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "period", "source_title"],
                name="indicator_value_once_per_source",
                violation_error_message="Deze bron heeft al een waarde voor deze periode.",
            )
        ]

    def __str__(self):
        return f"{self.period}: {self.value}"

    def clean(self):
        if self.year is not None:
            try:
                check_year(self.year)
            except ValidationError as error:
                raise ValidationError({"year": error.messages}) from None
        if self.value is not None and self.value < 0:
            raise ValidationError({"value": "Een waarde is 0 of hoger."})
        unit = getattr(getattr(self, "indicator", None), "unit", "")  # the importer has not yet told whose it is
        if self.value is not None and self.value > 100 and unit == "%":
            raise ValidationError({"value": "Een percentage is hoogstens 100."})
