from discovery.facets import UNKNOWN
from discovery.filters import HitFilterSet, SelectionFilterSet
from discovery.texts import Document
from programme.models import Region, Sector

from .models import Contact, Directory


class AnsweredFilterSet(SelectionFilterSet):
    """A selection by region and sector that knows who answers for it."""

    @classmethod
    def prepared(cls):
        regions = Region.objects.select_related("landsdeel")
        return {"directory": Directory(), "regions": {region.slug: region for region in regions}}

    @property
    def contact(self):
        """(contact, why in Dutch) for the regions and sectors that were chosen."""
        regions = [self.index.extra["regions"][value] for value in self.chosen.get("regio", ()) if value != UNKNOWN]
        sectors = [Sector(pk=value) for value in self.chosen.get("sector", ()) if value != UNKNOWN]
        return self.index.extra["directory"].answering(regions, sectors)


class ContactSearch(HitFilterSet):
    one, many = "contact", "contacten"
    document = Document(
        Contact,
        title=["name", "named_person"],
        names=["organisation_name", "role", "areas__region__name", "areas__sector__name"],
        body=["note"],
    )

    class Meta(HitFilterSet.Meta):
        model = Contact

    @classmethod
    def public(cls):
        return Contact.objects.current()
