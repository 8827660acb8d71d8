from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, F, Prefetch, Q, When
from django.urls import reverse

from programme.models import Instrument, Level, Organisation, Period, PeriodQuerySet, Region, Sector, Source
from publishing.models import Copyable, Publishable, PublishableQuerySet


class Experiment(Instrument):
    """An instrument of goal 9 other than a route: an experiment, a subsidy scheme or a kind of centre."""

    class Kind(models.TextChoices):
        EXPERIMENT = "experiment", "experiment"
        SUBSIDY = "subsidieregeling", "subsidieregeling"
        CENTRE = "centrum", "centrum"

    slug = models.SlugField("webadres", unique=True, help_text="Staat in links naar lijsten. Liever niet wijzigen.")
    kind = models.CharField("soort", max_length=20, choices=Kind, default=Kind.EXPERIMENT)

    class Meta(Instrument.Meta):
        verbose_name = "experiment"
        verbose_name_plural = "experimenten"

    def get_absolute_url(self):
        return reverse("experiments:detail", args=[self.slug])

    @property
    def noun(self) -> str:  # type: ignore[override]
        return {"subsidieregeling": "Deze regeling", "centrum": "Dit soort centrum"}.get(self.kind, "Dit experiment")


class ExperimentSource(Source):
    experiment = models.ForeignKey(
        Experiment, verbose_name="experiment", on_delete=models.CASCADE, related_name="sources"
    )


class Domain(models.Model):
    """An opleidingsdomein (Regeling BWBR0031310, art. 2)."""

    number = models.PositiveSmallIntegerField("nummer", primary_key=True)
    name = models.CharField("naam", max_length=100, unique=True)
    crebo = models.CharField("crebo", max_length=60, blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name = "opleidingsdomein"
        verbose_name_plural = "opleidingsdomeinen"

    def __str__(self):
        return self.name


class OfExperimentQuerySet(PublishableQuerySet):
    """Rows that belong to an experiment; a visitor sees them only when the experiment itself is public."""

    def published(self):
        return super().published().filter(experiment__in=Experiment.objects.published())


class Qualification(Publishable):
    """A cross-over qualification: parts of existing qualifications from two or more domains (BWBR0038333, art. 1)."""

    class Succession(models.TextChoices):
        NONE = "none", "geen opvolger"
        SUCCEEDED = "succeeded", "opgevolgd"
        UNKNOWN = "unknown", "onbekend"

    slug = models.SlugField("webadres", max_length=100, unique=True)
    name = models.CharField("naam", max_length=200, unique=True)
    crebo = models.CharField(
        "crebonummer",
        max_length=5,
        unique=True,
        null=True,
        blank=True,
        validators=[RegexValidator(r"\A[0-9]{5}\Z", "Een crebonummer heeft vijf cijfers.")],
    )
    experiment = models.ForeignKey(
        Experiment, verbose_name="experiment", on_delete=models.PROTECT, related_name="qualifications"
    )
    level = models.ForeignKey(
        Level, verbose_name="niveau", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    duration_years = models.PositiveSmallIntegerField("duur in jaren", null=True, blank=True)
    domains = models.ManyToManyField(
        Domain,
        verbose_name="opleidingsdomeinen",
        blank=True,
        related_name="qualifications",
        help_text="Minstens twee. Leeg = onbekend.",
    )
    organisations = models.ManyToManyField(
        Organisation, verbose_name="ontwikkeld of aangeboden door", blank=True, related_name="qualifications"
    )
    succession = models.CharField("opvolging", max_length=10, choices=Succession, default=Succession.UNKNOWN)
    succession_note = models.TextField("over de opvolging", blank=True)
    note = models.TextField("toelichting", blank=True, help_text="Lezers zien deze toelichting.")

    objects = OfExperimentQuerySet.as_manager()

    class Meta(Publishable.Meta):
        ordering = ["name", "pk"]
        verbose_name = "kwalificatie"
        verbose_name_plural = "kwalificaties"
        constraints = [
            *Publishable.Meta.constraints,
            models.CheckConstraint(
                name="qualification_crebo_is_null_or_five_digits",
                condition=Q(crebo__isnull=True) | Q(crebo__regex=r"^[0-9]{5}$"),
                violation_error_message="Een crebonummer heeft vijf cijfers. Leeg = onbekend.",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("experiments:qualification", args=[self.slug])

    collections = ("domains", "sources")

    def problems(self, **related):
        found = super().problems(**related)
        if len(related.get("domains", ())) == 1:
            found["domains"] = "Een cross-over combineert minstens twee domeinen. Kies er nog een, of geen (onbekend)."
        return found


class QualificationSource(Source):
    qualification = models.ForeignKey(
        Qualification, verbose_name="kwalificatie", on_delete=models.CASCADE, related_name="sources"
    )


class ParticipationQuerySet(OfExperimentQuerySet, PeriodQuerySet):  # type: ignore[override]
    def for_cards(self):
        """All that a card shows beside its facets, in one query. A qualification that is not public stays out."""
        shown = When(qualification__in=Qualification.objects.published(), then=F("qualification__name"))
        return (
            self.with_status()
            .select_related("experiment")
            .annotate(name_beside=F("organisation__name"), qualification_name=Case(shown))
        )

    def for_page(self):
        """Load all that the page of an experiment shows of each."""
        return (
            self.with_status()
            .select_related("experiment", "organisation")
            .prefetch_related(
                "levels", "sectors", "provinces", Prefetch("qualification", Qualification.objects.published())
            )
        )


class Participation(Publishable, Copyable, Period):
    """An organisation that takes part in an experiment, as a source says."""

    slug = models.SlugField("kenmerk", max_length=100, unique=True, help_text="Voor het inlezen van bestanden.")
    experiment = models.ForeignKey(
        Experiment, verbose_name="experiment", on_delete=models.PROTECT, related_name="participations"
    )
    organisation = models.ForeignKey(
        Organisation, verbose_name="organisatie", on_delete=models.PROTECT, related_name="participations"
    )
    qualification = models.ForeignKey(
        Qualification,
        verbose_name="kwalificatie",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="participations",
    )
    programme = models.CharField("opleiding of project", max_length=200)
    levels = models.ManyToManyField(
        Level, verbose_name="mbo-niveaus", blank=True, related_name="participations", help_text="Leeg = onbekend."
    )
    sectors = models.ManyToManyField(
        Sector, verbose_name="sectoren", blank=True, related_name="participations", help_text="Leeg = onbekend."
    )
    provinces = models.ManyToManyField(
        Region,
        verbose_name="provincies",
        blank=True,
        related_name="participations",
        limit_choices_to={"kind": Region.Kind.PROVINCE},
        help_text="Leeg = onbekend.",
    )
    note = models.TextField("toelichting", blank=True, help_text="Lezers zien deze toelichting.")

    objects = ParticipationQuerySet.as_manager()

    class Meta(Publishable.Meta):
        ordering = ["programme", "pk"]
        verbose_name = "deelname"
        verbose_name_plural = "deelnames"
        constraints = [*Publishable.Meta.constraints, *Period.Meta.constraints]

    def __str__(self):
        return f"{self.programme} ({self.organisation})"

    def get_absolute_url(self):
        return f"{self.experiment.get_absolute_url()}#{self.slug}"

    def problems(self, **related):
        found = super().problems(**related)
        if self.qualification and self.qualification.experiment_id != self.experiment_id:
            found["qualification"] = "Deze kwalificatie hoort bij een ander experiment."
        return found


class ParticipationSource(Source):
    participation = models.ForeignKey(
        Participation, verbose_name="deelname", on_delete=models.CASCADE, related_name="sources"
    )
