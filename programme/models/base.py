"""What cases, participations and offerings have in common: years and sources."""

import datetime
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.formats import date_format

from publishing.models import LinkedManager, PublishableQuerySet

EARLIEST_YEAR, LATEST_YEAR = 1990, 2100


def check_readable(text):
    """Raise a ValidationError for words that nobody can see, or that turn the direction of reading."""
    if any(unicodedata.bidirectional(letter) in TURNING for letter in text):
        raise ValidationError("Hier staat een onzichtbaar teken dat de leesrichting omdraait. Typ de tekst opnieuw.")
    if not any(unicodedata.category(letter)[0] in "LNPS" for letter in text):
        raise ValidationError("Hier staat niets wat lezers kunnen zien.")


TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def check_past(day):
    """Raise a ValidationError for a day that is yet to come: nobody can have seen it."""
    if day > timezone.localdate():
        raise ValidationError("Deze dag ligt in de toekomst.")


def check_year(year):
    """Raise a ValidationError when a year cannot be a year of this programme."""
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValidationError(f"Vul een jaar in tussen {EARLIEST_YEAR} en {LATEST_YEAR}.")


class Status(models.TextChoices):
    RUNNING = "loopt", "loopt"
    ENDED = "afgelopen", "afgelopen"
    UNKNOWN = "onbekend", "onbekend"


class PeriodQuerySet(PublishableQuerySet):
    @staticmethod
    def active_in(year):
        """Q: begun in or before `year`, and not known to have ended before it."""
        return Q(first_year__lte=year) & (Q(last_year__isnull=True) | Q(last_year__gte=year))

    def with_status(self):
        """Add `status`. 'loopt' is said only of what a source saw running; no last year is 'onbekend'."""
        this_year = timezone.localdate().year
        return self.annotate(
            status=Case(
                When(last_year__lt=this_year, then=Value(Status.ENDED.value)),
                When(running_seen_on__isnull=False, then=Value(Status.RUNNING.value)),
                default=Value(Status.UNKNOWN.value),
            )
        )


class Period(models.Model):
    """First and last year, both included. An empty last year means unknown, not 'still running'."""

    first_year = models.PositiveSmallIntegerField(
        "eerste jaar", null=True, blank=True, validators=[check_year], help_text="Leeg = onbekend."
    )
    last_year = models.PositiveSmallIntegerField(
        "laatste jaar",
        null=True,
        blank=True,
        validators=[check_year],
        help_text="Leeg = onbekend. Dat is iets anders dan ‘loopt nog’.",
    )
    running_seen_on = models.DateField(
        "gezien dat het loopt op",
        null=True,
        blank=True,
        validators=[check_past],
        help_text="De dag waarop een bron liet zien dat dit nog loopt. Alleen dan staat er ‘loopt’ op de site.",
    )
    running_source = models.URLField(
        "bron voor ‘loopt’", max_length=500, blank=True, help_text="Het adres van die bron."
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_ends_after_start",
                condition=Q(last_year__isnull=True) | Q(first_year__isnull=True) | Q(last_year__gte=F("first_year")),
                violation_error_message="Het laatste jaar ligt vóór het eerste jaar.",
            ),
            models.CheckConstraint(
                name="%(class)s_years_are_plausible",
                condition=(Q(first_year__isnull=True) | Q(first_year__range=(EARLIEST_YEAR, LATEST_YEAR)))
                & (Q(last_year__isnull=True) | Q(last_year__range=(EARLIEST_YEAR, LATEST_YEAR))),
                violation_error_message=f"Een jaar ligt tussen {EARLIEST_YEAR} en {LATEST_YEAR}.",
            ),
            models.CheckConstraint(
                name="%(class)s_running_has_a_source",
                condition=Q(running_seen_on__isnull=True, running_source="")
                | (Q(running_seen_on__isnull=False) & ~Q(running_source="")),
                violation_error_message="‘Loopt’ vraagt een dag én een bron: vul beide in of geen van beide.",
            ),
        ]

    @property
    def years(self):
        """The years in words, as a reader sees them."""
        if self.first_year is None:
            return f"tot {self.last_year}, begin onbekend" if self.last_year else "onbekend"
        if self.last_year is None:
            return f"vanaf {self.first_year}, einde onbekend"
        if self.first_year == self.last_year:
            return str(self.first_year)
        return f"{self.first_year}–{self.last_year}"

    @property
    def known_years(self):
        """The years in which it is known to have been active: none of those after a last year that is unknown."""
        years = [year for year in (self.first_year, self.last_year) if year]
        return range(min(years), max(years) + 1) if years else range(0)


class Source(models.Model):
    """Where a fact comes from. The day may be known in full, only by month, or only by year."""

    title = models.CharField("titel", max_length=300)
    publisher = models.CharField("uitgever", max_length=200, blank=True)
    url = models.URLField("webadres", max_length=500, blank=True)
    year = models.PositiveSmallIntegerField("jaar", null=True, blank=True, validators=[check_year])
    month = models.PositiveSmallIntegerField(
        "maand", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    day = models.PositiveSmallIntegerField(
        "dag", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    archived_url = models.URLField(
        "adres van een kopie",
        max_length=500,
        blank=True,
        help_text="Bijvoorbeeld in het Internet Archive. Lezers zien het als het webadres zelf niet meer werkt.",
    )

    objects = LinkedManager()

    class Meta:
        abstract = True
        ordering = ["pk"]
        verbose_name = "bron"
        verbose_name_plural = "bronnen"
        constraints = [
            models.CheckConstraint(
                name="%(class)s_date_has_no_gap",
                condition=(Q(month__isnull=True) | Q(year__isnull=False))
                & (Q(day__isnull=True) | Q(month__isnull=False)),
                violation_error_message="Een dag vraagt een maand, en een maand vraagt een jaar.",
            ),
            models.CheckConstraint(
                name="%(class)s_date_is_in_the_calendar",
                condition=(Q(month__isnull=True) | Q(month__range=(1, 12)))
                & (Q(day__isnull=True) | Q(day__range=(1, 31)))
                & (Q(year__isnull=True) | Q(year__range=(EARLIEST_YEAR, LATEST_YEAR))),
                violation_error_message="Deze datum bestaat niet.",
            ),
        ]

    def __str__(self):
        return f"{self.publisher} – {self.title}" if self.publisher else self.title

    def clean(self):
        if self.year and self.month and self.day:
            try:
                datetime.date(self.year, self.month, self.day)
            except (ValueError, OverflowError):
                raise ValidationError("Deze datum bestaat niet.") from None

    @property
    def date(self):
        """The date in words, as precise as it is known: '14 september 2020', 'maart 2022', '2019' or ''."""
        if not (self.year and self.month):
            return str(self.year or "")
        month = date_format(datetime.date(self.year, self.month, 1), "F Y")
        return f"{self.day} {month}" if self.day else month
