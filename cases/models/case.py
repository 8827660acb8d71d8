from itertools import chain

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Prefetch, Q
from django.urls import reverse

from contacts.models import Contact
from experiments.models import Experiment, Qualification
from programme.models import Level, Organisation, Period, PeriodQuerySet, Region, Sector, Source, check_readable
from publishing.models import MARKDOWN, Checked, Copyable, Publishable, free_slug, with_links
from routes.models import Route

from ..images import TYPES, name_of, widths_of


class CaseQuerySet(PeriodQuerySet):
    def for_cards(self):
        """All that a card shows beside its facets, in one query: a row for each lead organisation (Index.cards)."""
        return self.with_status().annotate(name_beside=F("lead_organisations__name")).order_by("pk", "name_beside")

    def free_slug(self, title):
        """An address for a new case with this title, that no case has or had."""
        start = free_slug(title, (), length=90, fallback="case")
        near = {"slug__istartswith": start[:80]}  # the end makes room for a number
        held = chain.from_iterable(
            each.objects.filter(**near).values_list("slug", flat=True) for each in (Case, FormerSlug)
        )
        return free_slug(title, {*map(str.lower, held)}, length=90, fallback="case")

    def for_page(self):
        """Load all that the page of one case shows."""
        return (
            with_links(self.with_status())
            .select_related("contact")
            .prefetch_related(
                "provinces__landsdeel",
                "sectors",
                "levels",
                "lead_organisations",
                "partner_organisations",
                "sources",
                "images",
                Prefetch("experiments", Experiment.objects.published().with_status()),
                Prefetch("routes", Route.objects.published().with_status()),
                Prefetch("qualifications", Qualification.objects.published()),
            )
        )


class Case(Publishable, Copyable, Checked, Period):
    """A practice case: what was done, by whom, where and when, with its sources."""

    title = models.CharField("titel", max_length=200, validators=[check_readable])
    slug = models.SlugField(
        "webadres",
        max_length=100,
        unique=True,
        help_text="Blijft gelijk als de titel wijzigt. Wijzigt u het toch, dan blijft het oude adres werken.",
    )
    summary = models.TextField("samenvatting", max_length=600, help_text="Eén of twee zinnen. Staat in elke lijst.")
    body = models.TextField("tekst", blank=True, help_text=MARKDOWN)
    place = models.CharField("plaats", max_length=100, blank=True)
    provinces = models.ManyToManyField(
        Region,
        verbose_name="provincies",
        blank=True,
        related_name="cases",
        limit_choices_to={"kind": Region.Kind.PROVINCE},
    )
    nationwide = models.BooleanField("landelijk", default=False, help_text="Een landelijke case hoort bij elke regio.")
    sectors = models.ManyToManyField(Sector, verbose_name="sectoren", blank=True, related_name="cases")
    sectors_unknown = models.BooleanField("sector onbekend", default=False, help_text="De bronnen noemen geen sector.")
    levels = models.ManyToManyField(Level, verbose_name="mbo-niveaus", blank=True, related_name="cases")
    first_year_unknown = models.BooleanField(
        "eerste jaar onbekend", default=False, help_text="De bronnen noemen geen eerste jaar."
    )
    lead_organisations = models.ManyToManyField(
        Organisation, verbose_name="trekkers", blank=True, related_name="led_cases"
    )
    partner_organisations = models.ManyToManyField(
        Organisation, verbose_name="partners", blank=True, related_name="partner_cases"
    )
    other_partners = models.TextField(
        "andere partners", blank=True, help_text="Partners zonder eigen naam, zoals ‘27 bedrijven’."
    )
    experiments = models.ManyToManyField(Experiment, verbose_name="experimenten", blank=True, related_name="cases")
    routes = models.ManyToManyField(Route, verbose_name="leerroutes", blank=True, related_name="cases")
    qualifications = models.ManyToManyField(
        Qualification, verbose_name="kwalificaties", blank=True, related_name="cases"
    )
    topsector = models.CharField("topsector of vakgebied", max_length=100, blank=True)
    website = models.URLField("website", max_length=500, blank=True)
    uncertainty = models.TextField(
        "wat is onzeker",
        blank=True,
        help_text="Lezers zien dit bij de bronnen: wat is afgeleid of niet zeker?",
    )
    contact = models.ForeignKey(
        Contact,
        verbose_name="contact",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="cases",
        help_text="Leeg = het contact voor de regio en sector van deze case.",
    )

    objects = CaseQuerySet.as_manager()

    class Meta(Publishable.Meta):
        ordering = ["title", "pk"]
        verbose_name = "case"
        verbose_name_plural = "cases"
        # What the index of the list reads of a row itself: from this it need not read texts (docs/performance.md).
        indexes = [
            models.Index(
                name="case_facets",
                fields=["published_at", "unpublish_at", "first_year", "last_year", "running_seen_on", "nationwide"],
            )
        ]
        constraints = [
            *Publishable.Meta.constraints,
            *Period.Meta.constraints,
            models.CheckConstraint(
                name="case_first_year_known_or_unknown",
                condition=Q(first_year_unknown=False) | Q(first_year__isnull=True),
                violation_error_message="Het eerste jaar staat er, dus het is niet onbekend. Kies één van de twee.",
            ),
            models.CheckConstraint(
                name="case_published_has_summary",
                condition=Q(published_at__isnull=True) | ~Q(summary=""),
                violation_error_message="Publiceren kan pas met een samenvatting.",
            ),
            models.CheckConstraint(
                name="case_published_has_text",
                condition=Q(published_at__isnull=True) | ~Q(body=""),
                violation_error_message="Publiceren kan pas met een tekst.",
            ),
            models.CheckConstraint(
                name="case_published_has_first_year",
                condition=Q(published_at__isnull=True) | Q(first_year__isnull=False) | Q(first_year_unknown=True),
                violation_error_message="Publiceren kan pas met een eerste jaar, of met ‘eerste jaar onbekend’.",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("cases:detail", args=[self.slug])

    @property
    def latest_source(self):
        """The source with the latest date: the last that was heard of this case. None when no date is known."""
        dated = [source for source in self.sources.all() if source.year]
        return max(dated, key=lambda source: (source.year, source.month or 0, source.day or 0), default=None)

    def answering_contact(self):
        """(contact or None, the reason in Dutch): the case's own, or the one for its provinces and sectors."""
        if self.contact and Contact.objects.current().contains(self.contact):
            return self.contact, "contact voor deze case"
        return Contact.objects.answering(self.provinces.all(), self.sectors.all())

    collections = ("provinces", "sectors", "routes", "lead_organisations", "partner_organisations", "sources")
    parts = ("sources", "images", "former_slugs")
    not_copied = ("slug", "former_slugs")

    def clean(self):
        if FormerSlug.objects.filter(slug=self.slug).exclude(case=self.pk).exists():
            message = "Dit was het webadres van een andere case, en dat blijft daarheen leiden."
            raise ValidationError({"slug": ValidationError(message, code="unique")})

    def problems(self, **related):
        found = super().problems(**related)
        sectors, leads = related.get("sectors"), related.get("lead_organisations")
        if sectors and self.sectors_unknown:
            found["sectors_unknown"] = "Er is een sector gekozen, dus die is niet onbekend. Kies één van de twee."
        routes = {route.pk for route in related.get("routes", ())}
        if "technologieroute" in routes and not {s.pk for s in sectors or ()} & {"techniek", "groen"}:
            found["routes"] = "De naam technologieroute is alleen voor techniek en groen."
        both = {*(leads or ())} & {*related.get("partner_organisations", ())}
        if both:
            found["partner_organisations"] = f"Staat al bij de trekkers: {', '.join(sorted(map(str, both)))}."
        if not self.is_judged_complete:
            return found
        if "provinces" in related and not related["provinces"] and not self.nationwide:
            found["provinces"] = "Publiceren kan pas met minstens één provincie, of met ‘landelijk’."
        if sectors is not None and not sectors and not self.sectors_unknown:
            found["sectors"] = "Publiceren kan pas met een sector, of met ‘sector onbekend’."
        if leads is not None and not leads:
            found["lead_organisations"] = "Publiceren kan pas met minstens één trekker."
        return found


class CaseSource(Source):
    case = models.ForeignKey(Case, verbose_name="case", on_delete=models.CASCADE, related_name="sources")


class FormerSlug(models.Model):
    """An address that a case had before. It redirects to the case."""

    case = models.ForeignKey(Case, verbose_name="case", on_delete=models.CASCADE, related_name="former_slugs")
    slug = models.SlugField("oud webadres", max_length=100, unique=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = "oud webadres"
        verbose_name_plural = "oude webadressen"

    def __str__(self):
        return self.slug

    def clean(self):
        if Case.objects.filter(slug=self.slug).exists():
            raise ValidationError({"slug": "Dit is nu het webadres van een case, en kan dus geen oud adres zijn."})


class CaseImage(models.Model):
    """An image with a case. Its files are the renditions of images.py, which this row names by their digest."""

    case = models.ForeignKey(Case, verbose_name="case", on_delete=models.CASCADE, related_name="images")
    digest = models.CharField("vingerafdruk", max_length=32, db_index=True, editable=False)
    width = models.PositiveIntegerField("breedte", editable=False)
    height = models.PositiveIntegerField("hoogte", editable=False)
    alt = models.CharField(
        "alternatieve tekst",
        max_length=250,
        blank=True,
        help_text="Voor wie de afbeelding niet ziet: wat is erop te zien, en wat doet dat hier ter zake? Eén zin is "
        "genoeg, zoals ‘Twee studenten stellen in een werkplaats een robotarm af’. Begin niet met ‘foto van’ en "
        "herhaal het bijschrift niet. Staat er tekst in de afbeelding? Schrijf die dan hier.",
    )
    decorative = models.BooleanField(
        "alleen versiering",
        default=False,
        help_text="De afbeelding vertelt niets wat de tekst niet zegt. Laat de alternatieve tekst dan leeg.",
    )
    caption = models.CharField("bijschrift", max_length=300, blank=True, help_text="Iedereen leest dit eronder.")
    credit = models.CharField(
        "maker of bron",
        max_length=200,
        help_text="Van wie is de afbeelding? Gebruik alleen wat u mag gebruiken. Lezers zien dit eronder.",
    )
    order = models.PositiveSmallIntegerField(
        "volgorde", default=0, help_text="De laagste staat boven de tekst, de andere eronder."
    )

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = "afbeelding"
        verbose_name_plural = "afbeeldingen"
        constraints = [
            models.CheckConstraint(
                name="case_image_has_alt_or_is_decorative",
                condition=Q(decorative=True, alt="") | (Q(decorative=False) & ~Q(alt="")),
                violation_error_message="Schrijf een alternatieve tekst, of vink ‘alleen versiering’ aan. "
                "Eén van de twee, niet allebei.",
            )
        ]

    def __str__(self):
        return self.alt or self.caption or "versiering"

    preview = ""  # the token of the preview that shows it, for who has no account (publishing/preview.py)

    def address(self, width, kind):
        path = reverse("image", args=[self.digest, width, kind])
        return f"{path}?voorbeeld={self.preview}" if self.preview else path

    @property
    def smallest(self):
        """The address of a rendition that every browser can show."""
        return self.address(widths_of(self.width)[0], "jpg")

    @property
    def sources(self):
        """(media type, srcset) of each kind of file, the smallest kind first."""
        for kind, media_type in TYPES.items():
            widths = widths_of(self.width)
            yield media_type, ", ".join(f"{self.address(width, kind)} {width}w" for width in widths)

    @property
    def names(self):
        """The names of its files."""
        return [name_of(self.digest, width, kind) for width in widths_of(self.width) for kind in TYPES]
