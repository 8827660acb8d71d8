from django.db.models import Q

from discovery.facets import Choice, Facet, either
from discovery.filters import FacetFilter, SearchFilter, SelectionFilterSet, SortFilter
from programme.facets import LevelFacet, RegionFacet, SectorFacet, StatusFacet, YearFacet

from .models import Route


class RouteFacet(Facet):
    """The routes; a route also finds its sub-kinds."""

    label = "Leerroute"
    after_comma = True

    def choices(self):
        return [Choice(each.slug, each.name) for each in Route.objects.published()]

    def condition(self, value):
        return Q(route__in=Route.objects.published().filter(Q(pk=value) | Q(kind_of=value)))

    def phrase(self, labels, unknown):
        return f"soort: {either([label.lower() for label in labels])}"


class OfferingFilter(SelectionFilterSet):
    one, many = "aangeboden leerroute", "aangeboden leerroutes"

    q = SearchFilter(
        "name",
        "organisations__name",
        "route__name",
        "route__alternative_names",
        "note",
        "province__name",
        "province__slug",
        "province__aliases__name",
        "province__landsdeel__name",
    )
    instrument = FacetFilter(RouteFacet())
    regio = FacetFilter(RegionFacet("province"))
    sector = FacetFilter(SectorFacet("sector"))
    jaar = FacetFilter(YearFacet())
    niveau = FacetFilter(LevelFacet("level"))
    status = FacetFilter(StatusFacet())
    sorteer = SortFilter("name")
