from django.db import models
from django.urls import reverse

from .places import Region


class Organisation(models.Model):
    """A school, company, authority or partnership that cases, experiments and routes name."""

    class Kind(models.TextChoices):
        MBO = "mbo", "mbo-instelling"
        VMBO = "vmbo", "vmbo-school"
        COMPANY = "bedrijf", "bedrijf"
        GOVERNMENT = "overheid", "overheid"
        KNOWLEDGE = "kennisinstelling", "kennisinstelling"
        PARTNERSHIP = "samenwerkingsverband", "samenwerkingsverband"

    name = models.CharField("naam", max_length=200, unique=True)
    slug = models.SlugField("webadres", max_length=100, unique=True)
    kind = models.CharField("soort", max_length=24, choices=Kind)
    place = models.CharField("plaats", max_length=100, blank=True)
    province = models.ForeignKey(
        Region,
        verbose_name="provincie",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        limit_choices_to={"kind": Region.Kind.PROVINCE},
    )
    website = models.URLField("website", max_length=500, blank=True)
    email = models.EmailField(
        "e-mailadres voor controle",
        blank=True,
        help_text="Hierheen gaat elk jaar de vraag of de cases van deze organisatie nog kloppen. Liever een "
        "algemeen adres dan dat van een persoon. Bezoekers zien het nooit.",
    )
    former_names = models.CharField("andere of vroegere namen", max_length=300, blank=True)
    note = models.TextField("toelichting", blank=True, help_text="Lezers zien deze toelichting.")

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = "organisatie"
        verbose_name_plural = "organisaties"

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("organisation", args=[self.slug])
