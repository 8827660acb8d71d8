from django.db.models import Q

from discovery.facets import Choice, Facet, either
from discovery.filters import FacetFilter, SearchFilter, SelectionFilterSet, SortFilter
from programme.facets import LevelFacet, RegionFacet, SectorFacet, StatusFacet, YearFacet

from .models import Experiment


class ExperimentFacet(Facet):
    label = "Experiment"
    after_comma = True

    def choices(self):
        return [Choice(each.slug, each.name) for each in Experiment.objects.published()]

    def condition(self, value):
        return Q(experiment__slug=value)

    def phrase(self, labels, unknown):
        return f"bij {either([f'‘{label}’' for label in labels])}"


class ParticipationFilter(SelectionFilterSet):
    one, many = "deelname aan een experiment", "deelnames aan experimenten"

    q = SearchFilter(
        "programme",
        "organisation__name",
        "experiment__name",
        "note",
        "provinces__name",
        "provinces__slug",
        "provinces__aliases__name",
        "provinces__landsdeel__name",
    )
    instrument = FacetFilter(ExperimentFacet())
    regio = FacetFilter(RegionFacet("provinces"))
    sector = FacetFilter(SectorFacet("sectors"))
    jaar = FacetFilter(YearFacet())
    niveau = FacetFilter(LevelFacet("levels"))
    status = FacetFilter(StatusFacet())
    sorteer = SortFilter("programme")
