"""The facets that every list shares. Each takes the path from a row to what it reads."""

from django.db.models import Q
from django.utils import timezone

from discovery.facets import UNKNOWN, Choice, Facet, either

from .models import Level, PeriodQuerySet, Region, RegionAlias, Sector, Status


class RegionFacet(Facet):
    """Landsdelen, each with its provinces. A landsdeel holds all its provinces; nationwide is everywhere."""

    label = "Regio"

    def __init__(self, path, nationwide=None):
        self.path, self.nationwide = path, nationwide
        self.hint = "Wat landelijk is, hoort bij elke regio." if nationwide else ""

    def choices(self):
        regions = list(Region.objects.select_related("landsdeel"))
        nested = [
            region
            for landsdeel in regions
            if landsdeel.landsdeel is None
            for region in [landsdeel, *(each for each in regions if each.landsdeel == landsdeel)]
        ]
        found = [Choice(r.slug, r.name, r.landsdeel.slug if r.landsdeel else "") for r in nested]
        return found if self.nationwide else [*found, Choice(UNKNOWN, "Regio onbekend")]

    def aliases(self):
        return dict(RegionAlias.objects.values_list("slug", "region__slug"))

    def condition(self, value):
        if value == UNKNOWN:
            return Q(**{f"{self.path}__isnull": True})
        here = Q(**{f"{self.path}__slug": value}) | Q(**{f"{self.path}__landsdeel__slug": value})
        return here | Q(**{self.nationwide: True}) if self.nationwide else here

    def phrase(self, labels, unknown):
        return f"in {either([*labels, 'een onbekende regio'] if unknown else labels)}"


class SectorFacet(Facet):
    label = "Sector"

    def __init__(self, path):
        self.path = path

    def choices(self):
        return [*(Choice(s.slug, s.name) for s in Sector.objects.all()), Choice(UNKNOWN, "Sector onbekend")]

    def condition(self, value):
        return Q(**{f"{self.path}__isnull": True} if value == UNKNOWN else {self.path: value})

    def phrase(self, labels, unknown):
        known = [f"over {either([label.lower() for label in labels])}"] if labels else []
        return either([*known, "zonder bekende sector"] if unknown else known)


class LevelFacet(Facet):
    label = "Niveau"

    def __init__(self, path):
        self.path = path

    def choices(self):
        return [*(Choice(str(n.pk), n.name) for n in Level.objects.all()), Choice(UNKNOWN, "Niveau onbekend")]

    def condition(self, value):
        return Q(**{f"{self.path}__isnull": True} if value == UNKNOWN else {self.path: int(value)})

    def phrase(self, labels, unknown):
        return f"voor {either([*(label.lower() for label in labels), *(['een onbekend niveau'] if unknown else [])])}"


class YearFacet(Facet):
    """The years in which a row was active, newest first: 2000 to next year."""

    label = "Actief in jaar"
    hint = "Is het einde onbekend, dan telt iets mee in elk jaar sinds het begin."
    after_comma = True

    def choices(self):
        years = range(timezone.localdate().year + 1, 1999, -1)
        return [*(Choice(str(year), str(year)) for year in years), Choice(UNKNOWN, "Jaar onbekend")]

    def condition(self, value):
        return Q(first_year__isnull=True) if value == UNKNOWN else PeriodQuerySet.active_in(int(value))

    def listed(self, choice, count):
        """Not the years without rows, nor next year: an unknown end would fill it with all that ever began."""
        return count > 0 and choice.value != str(timezone.localdate().year + 1)

    def phrase(self, labels, unknown):
        known = [f"actief in {either(labels)}"] if labels else []
        return either([*known, "begin onbekend"] if unknown else known)


class StatusFacet(Facet):
    label = "Status"
    after_comma = True

    def choices(self):
        return [
            Choice(Status.RUNNING.value, "Loopt"),
            Choice(Status.ENDED.value, "Afgelopen"),
            Choice(Status.UNKNOWN.value, "Onbekend of het nog loopt"),
        ]

    def rows(self, model):
        return super().rows(model).with_status()

    def condition(self, value):
        return Q(status=value)

    def phrase(self, labels, unknown):
        return f"status: {either([*(label.lower() for label in labels), *(['onbekend'] if unknown else [])])}"
