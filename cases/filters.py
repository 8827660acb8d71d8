from django.db.models import Q

from discovery.facets import UNKNOWN, Choice, Facet, either
from discovery.filters import FacetFilter, SearchFilter, SelectionFilterSet, SortFilter
from experiments.models import Experiment
from programme.facets import LevelFacet, RegionFacet, SectorFacet, StatusFacet, YearFacet
from routes.models import Route


class InstrumentFacet(Facet):
    """The experiments and routes that a case belongs to. A route also finds its sub-kinds."""

    label = "Experiment of leerroute"

    def choices(self):
        return [
            *(Choice(each.slug, each.name) for each in Experiment.objects.published()),
            *(Choice(each.slug, each.name) for each in Route.objects.published()),
            Choice(UNKNOWN, "Geen experiment of leerroute bekend"),
        ]

    def condition(self, value):
        if value == UNKNOWN:
            return Q(experiments__isnull=True, routes__isnull=True)
        return Q(experiments__slug=value) | Q(routes=value) | Q(routes__kind_of=value)

    def phrase(self, labels):
        return f"bij {either([f'‘{label}’' for label in labels])}"


class CaseFilter(SelectionFilterSet):
    one, many = "case", "cases"

    q = SearchFilter(
        "title",
        "summary",
        "body",
        "place",
        "provinces__name",
        "provinces__aliases__name",
        "provinces__landsdeel__name",
        "lead_organisations__name",
        "partner_organisations__name",
    )
    regio = FacetFilter(RegionFacet("provinces", nationwide="nationwide"))
    sector = FacetFilter(SectorFacet("sectors"))
    jaar = FacetFilter(YearFacet())
    instrument = FacetFilter(InstrumentFacet())
    niveau = FacetFilter(LevelFacet("levels"))
    status = FacetFilter(StatusFacet())
    sorteer = SortFilter("title")
