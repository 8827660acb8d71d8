from django.db.models import Q

from discovery.facets import UNKNOWN, Choice, Facet, either
from discovery.filters import FacetFilter, SearchFilter, SelectionFilterSet, SortFilter
from experiments.models import Experiment
from programme.facets import LevelFacet, RegionFacet, SectorFacet, StatusFacet, YearFacet
from routes.models import Route

from .models import Case


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
        """What is a concept does not count: a case of which all instruments are, has none that is known."""
        experiments, routes = Experiment.objects.published(), Route.objects.published()
        if value == UNKNOWN:
            public = Case.objects.filter(Q(experiments__in=experiments) | Q(routes__in=routes))
            return ~Q(pk__in=public.values("pk"))
        kinds = routes.filter(Q(pk=value) | Q(kind_of=value))
        return Q(experiments__in=experiments.filter(slug=value)) | Q(routes__in=kinds)

    def phrase(self, labels, unknown):
        named = [f"‘{label}’" for label in labels]
        return f"bij {either([*named, 'geen bekend experiment of leerroute'] if unknown else named)}"


class CaseFilter(SelectionFilterSet):
    one, many = "case", "cases"

    q = SearchFilter(
        "title",
        "summary",
        "body",
        "place",
        "provinces__name",
        "provinces__slug",
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
