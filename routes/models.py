from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from programme.models import Instrument, Level, Organisation, Period, PeriodQuerySet, Region, Sector, Source
from publishing.models import MARKDOWN, Copyable, Publishable


class Route(Instrument):
    """A learning route from a vmbo leerweg to an mbo level.

    Keyed by its fixed slug, so that the rules of the field that name a route can be constraints (ADR 0003).
    """

    slug = models.SlugField("webadres", primary_key=True)
    alternative_names = models.CharField("andere namen", max_length=300, blank=True)
    kind_of = models.ForeignKey(
        "self",
        verbose_name="is een soort",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="kinds",
        help_text="Een technologieroute is bijvoorbeeld een soort beroepsroute.",
    )
    from_leerwegen = models.CharField("vanuit vmbo-leerweg", max_length=200)
    min_level = models.ForeignKey(Level, verbose_name="laagste eindniveau", on_delete=models.PROTECT, related_name="+")
    max_level = models.ForeignKey(Level, verbose_name="hoogste eindniveau", on_delete=models.PROTECT, related_name="+")
    study_duration = models.CharField("studieduur", max_length=200, blank=True)
    naming_rule = models.TextField("over de naam", blank=True, help_text=MARKDOWN)
    successor = models.ForeignKey(
        "self",
        verbose_name="opgevolgd door",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
    )

    noun = "Deze leerroute"

    class Meta(Instrument.Meta):
        verbose_name = "leerroute"
        verbose_name_plural = "leerroutes"
        constraints = [
            *Instrument.Meta.constraints,
            models.CheckConstraint(
                name="route_levels_go_up",
                condition=Q(max_level__gte=F("min_level")),
                violation_error_message="Het hoogste eindniveau ligt onder het laagste.",
            ),
            # Besluit experimenten doorlopende leerlijnen vmbo-mbo 2014–2022 (BWBR0033984), art. 2.
            models.CheckConstraint(
                name="route_ends_at_its_level",
                condition=(~Q(slug="vakmanschaproute") | Q(min_level__gte=2, max_level__lte=3))
                & (~Q(slug__in=["beroepsroute", "technologieroute"]) | Q(min_level=4, max_level=4)),
                violation_error_message="De vakmanschaproute eindigt op niveau 2 of 3, de beroepsroute op niveau 4.",
            ),
        ]

    def get_absolute_url(self):
        return reverse("routes:detail", args=[self.slug])

    def clean(self):
        for name in ("kind_of", "successor"):
            following, seen = getattr(self, name), {self.pk}
            while following is not None:
                if following.pk in seen:
                    raise ValidationError({name: "Zo verwijst deze leerroute, met een omweg of niet, naar zichzelf."})
                seen.add(following.pk)
                following = getattr(following, name)


class RouteSource(Source):
    route = models.ForeignKey(Route, verbose_name="leerroute", on_delete=models.CASCADE, related_name="sources")


class OfferingQuerySet(PeriodQuerySet):
    def published(self):
        """An offering is public only when its route is."""
        return super().published().filter(route__in=Route.objects.published())

    def for_cards(self):
        """All that a card shows beside its facets, in one query: a row for each school (Index.cards)."""
        return (
            self.with_status()
            .select_related("route")
            .annotate(name_beside=F("organisations__name"))
            .order_by("pk", "name_beside")
        )

    def for_page(self):
        """Load all that the page of a route shows of each."""
        return (
            self.with_status().select_related("route", "level", "sector", "province").prefetch_related("organisations")
        )


class RouteOffering(Publishable, Copyable, Period):
    """Schools that offer a route together, under one name, in one sector, as a source says."""

    slug = models.SlugField("kenmerk", max_length=100, unique=True, help_text="Voor het inlezen van bestanden.")
    route = models.ForeignKey(Route, verbose_name="leerroute", on_delete=models.PROTECT, related_name="offerings")
    organisations = models.ManyToManyField(Organisation, verbose_name="scholen", related_name="offerings")
    name = models.CharField("naam", max_length=200, help_text="De naam die de scholen zelf gebruiken.")
    level = models.ForeignKey(
        Level, verbose_name="eindniveau", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sector = models.ForeignKey(
        Sector, verbose_name="sector", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    province = models.ForeignKey(
        Region,
        verbose_name="provincie",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to={"kind": Region.Kind.PROVINCE},
    )
    note = models.TextField("toelichting", blank=True, help_text="Lezers zien deze toelichting.")

    objects = OfferingQuerySet.as_manager()

    class Meta(Publishable.Meta):
        ordering = ["name", "pk"]
        verbose_name = "aanbod van een leerroute"
        verbose_name_plural = "aanbod van leerroutes"
        constraints = [
            *Publishable.Meta.constraints,
            *Period.Meta.constraints,
            models.CheckConstraint(
                name="offering_technologieroute_only_techniek_or_groen",
                condition=~Q(route="technologieroute")
                | (Q(sector__isnull=False) & Q(sector__in=["techniek", "groen"])),
                violation_error_message="De naam technologieroute is alleen voor techniek en groen.",
            ),
            models.CheckConstraint(
                name="offering_vakmanschaproute_ends_at_2_or_3",
                condition=~Q(route="vakmanschaproute") | Q(level__isnull=True) | Q(level__in=[2, 3]),
                violation_error_message="De vakmanschaproute eindigt op niveau 2 of 3.",
            ),
            models.CheckConstraint(
                name="offering_beroepsroute_ends_at_4",
                condition=~Q(route__in=["beroepsroute", "technologieroute"]) | Q(level__isnull=True) | Q(level=4),
                violation_error_message="De beroepsroute eindigt op niveau 4, en dus ook de technologieroute.",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"{self.route.get_absolute_url()}#{self.slug}"


class OfferingSource(Source):
    offering = models.ForeignKey(RouteOffering, verbose_name="aanbod", on_delete=models.CASCADE, related_name="sources")
