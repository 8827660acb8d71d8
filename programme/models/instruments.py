from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.formats import date_format

from publishing.models import MARKDOWN, Publishable, PublishableQuerySet

from .base import Status, check_past
from .goal import Action


class InstrumentQuerySet(PublishableQuerySet):
    def with_status(self):
        """Add `status`: ended after its last day, running only when a source saw it, else unknown."""
        today = timezone.localdate()
        return self.annotate(
            status=Case(
                When(ends_on__lt=today, then=Value(Status.ENDED.value)),
                When(running_seen_on__isnull=False, then=Value(Status.RUNNING.value)),
                default=Value(Status.UNKNOWN.value),
            )
        )


class Instrument(Publishable):
    """What experiments and routes share: a law with a first and last day, and what is known of it."""

    name = models.CharField("naam", max_length=120, unique=True)
    action = models.ForeignKey(
        Action,
        verbose_name="concrete actie",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        help_text="De actie van doel 9 waar dit bij hoort. Leeg = hoort bij het doel als geheel.",
    )
    order = models.PositiveSmallIntegerField("volgorde", default=0)
    summary = models.TextField("samenvatting")
    body = models.TextField("wat is het", blank=True, help_text=MARKDOWN)
    legal_basis = models.TextField("wettelijke basis", blank=True, help_text=MARKDOWN)
    legal_url = models.URLField("adres van de wet", max_length=500, blank=True)
    starts_on = models.DateField("eerste dag", null=True, blank=True, help_text="Leeg = onbekend.")
    ends_on = models.DateField("laatste dag", null=True, blank=True, help_text="Leeg = onbekend.")
    dates_note = models.TextField(
        "over deze datums",
        blank=True,
        help_text=f"{MARKDOWN} Schrijf ‘Bronnen verschillen: …’ als dat zo is.",
    )
    conditions = models.TextField("voorwaarden", blank=True, help_text=MARKDOWN)
    figures = models.TextField("cijfers", blank=True, help_text=f"{MARKDOWN} Noem bij elk cijfer de bron.")
    evaluation = models.TextField("evaluatie", blank=True, help_text=MARKDOWN)
    aftermath = models.TextField("wat kwam erna", blank=True, help_text=MARKDOWN)
    what_now = models.TextField("wat nu geldt", blank=True, help_text="Eén zin, na ‘Wat nu geldt:’.")
    running_seen_on = models.DateField(
        "gezien dat het loopt op",
        null=True,
        blank=True,
        validators=[check_past],
        help_text="De dag waarop een bron liet zien dat dit nog loopt. Zet die bron bij de bronnen.",
    )

    objects = InstrumentQuerySet.as_manager()

    noun: str  # how a sentence about it begins
    status: str  # only after with_status()

    class Meta(Publishable.Meta):
        abstract = True
        ordering = ["order", "name", "pk"]
        constraints = [
            *Publishable.Meta.constraints,
            models.CheckConstraint(
                name="%(class)s_ends_after_first_day",
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="De laatste dag ligt vóór de eerste dag.",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def status_sentence(self):
        """Whether it still exists, in one sentence; needs `with_status()`."""
        if self.status == Status.ENDED and self.ends_on:
            return f"{self.noun} is afgelopen op {date_format(self.ends_on)}."
        if self.status == Status.RUNNING and self.running_seen_on:
            return f"{self.noun} liep nog op {date_format(self.running_seen_on)}."
        if self.starts_on:
            begins = "begint" if self.starts_on > timezone.localdate() else "begon"
            return f"{self.noun} {begins} op {date_format(self.starts_on)}. Of het nog loopt, is onbekend."
        return "Wanneer dit begon en of het nog loopt, is onbekend."
