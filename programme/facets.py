"""The facets that every list shares. Each takes the path from a row to what it reads."""

from collections import defaultdict
from itertools import chain

from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from discovery.facets import UNKNOWN, Choice, Facet, either, related

from .models import Level, Region, RegionAlias, Sector, Status
from .tiles import drawn

NATIONWIDE = "*"


class RegionFacet(Facet):
    """Landsdelen, each with its provinces. A landsdeel holds all its provinces; nationwide is everywhere."""

    label = "Regio"
    near_label = "Wel in de buurt"

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
        found = drawn([Choice(r.slug, r.name, r.landsdeel.slug if r.landsdeel else "") for r in nested])
        return found if self.nationwide else [*found, Choice(UNKNOWN, "Regio onbekend")]

    def aliases(self):
        return dict(RegionAlias.objects.values_list("slug", "region__slug"))

    def read(self, rows):
        if not self.nationwide:
            return related(rows, self.path)
        everywhere = rows.filter(**{self.nationwide: True}).values_list("pk", Value(NATIONWIDE))
        return chain(related(rows, self.path), everywhere)

    def keys(self):
        return {NATIONWIDE: NATIONWIDE, **dict(Region.objects.values_list("pk", "slug"))}

    def sets(self, own, everything):
        everywhere = own.get(NATIONWIDE, 0)
        found = super().sets(own, everything)
        for choice in self.choices():
            here = own.get(choice.value, 0) | everywhere
            found[choice.value] = found.get(choice.value, 0) | here
            if choice.parent:
                found[choice.parent] = found.get(choice.parent, 0) | here
        return found

    def names(self, own):
        """A province is found by its own names and by those of its landsdeel; not what is nationwide."""
        names = {region.pk: [region.name] for region in Region.objects.all()}
        for alias in RegionAlias.objects.all():
            names[alias.region_id].append(alias.name)
        for slug, pk, landsdeel in Region.objects.exclude(landsdeel=None).values_list("slug", "pk", "landsdeel"):
            yield " ".join([*names[pk], *names.get(landsdeel or 0, [])]), own.get(slug, 0)

    def near(self, chosen, counts, choices):
        """The other provinces of the landsdelen of what was chosen."""
        around = {choice.parent for choice in choices if choice.value in chosen} - {""}
        others = [choice.value for choice in choices if choice.parent in around and choice.value not in chosen]
        return [value for value in others if value in counts]

    def phrase(self, labels, unknown):
        return f"in {either([*labels, 'een onbekende regio'] if unknown else labels)}"


class SectorFacet(Facet):
    label = "Sector"

    def __init__(self, path):
        self.path = path

    def choices(self):
        return [*(Choice(s.slug, s.name) for s in Sector.objects.all()), Choice(UNKNOWN, "Sector onbekend")]

    def read(self, rows):
        return related(rows, self.path)

    def phrase(self, labels, unknown):
        known = [f"over {either([label.lower() for label in labels])}"] if labels else []
        return either([*known, "zonder bekende sector"] if unknown else known)


class LevelFacet(Facet):
    label = "Niveau"

    def __init__(self, path):
        self.path = path

    def choices(self):
        return [*(Choice(str(n.pk), n.name) for n in Level.objects.all()), Choice(UNKNOWN, "Niveau onbekend")]

    def read(self, rows):
        return related(rows, self.path)

    def keys(self):
        return {number: str(number) for number in Level.objects.values_list("pk", flat=True)}

    def phrase(self, labels, unknown):
        return f"voor {either([*(label.lower() for label in labels), *(['een onbekend niveau'] if unknown else [])])}"


class YearFacet(Facet):
    """The years in which a row was active, newest first: 2000 to next year.

    Active in a year means: begun in or before it, and not known to have ended before it.
    """

    label = "Actief in jaar"
    hint = "Is het einde onbekend, dan telt iets mee in elk jaar sinds het begin."
    after_comma = True
    histogram = True
    near_label = "Wel in een ander jaar"

    def choices(self):
        years = range(timezone.localdate().year + 1, 1999, -1)
        return [*(Choice(str(year), str(year)) for year in years), Choice(UNKNOWN, "Jaar onbekend")]

    def read(self, rows):
        """The key of a row is its first and last year in one number: 20160000 when the last is unknown."""
        return rows.values_list("pk", F("first_year") * 10_000 + Coalesce("last_year", 0))

    def sets(self, own, everything):
        found = defaultdict(int, {UNKNOWN: super().sets(own, everything)[UNKNOWN]})
        for period, rows in own.items():
            first, last = divmod(period, 10_000)
            for year in range(max(first, 2000), min(last or 9999, timezone.localdate().year + 1) + 1):
                found[str(year)] |= rows
        return found

    def listed(self, choice, count):
        """Not the years without rows, nor next year: an unknown end would fill it with all that ever began."""
        return count > 0 and choice.value != str(timezone.localdate().year + 1)

    def near(self, chosen, counts, choices):
        """The nearest year with rows before, and the nearest after, what was chosen."""
        years = sorted(int(value) for value in counts if value != UNKNOWN and self.listed(Choice(value, value), 1))
        asked = [int(value) for value in chosen if value != UNKNOWN]
        before = [year for year in years if asked and year < min(asked)][-2:]
        after = [year for year in years if asked and year > max(asked)][:2]
        return [str(year) for year in [*before, *after]]

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

    def read(self, rows):
        return rows.with_status().values_list("pk", "status")

    def sets(self, own, everything):
        return own

    def phrase(self, labels, unknown):
        return f"status: {either([*(label.lower() for label in labels), *(['onbekend'] if unknown else [])])}"
