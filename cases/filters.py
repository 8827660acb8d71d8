from itertools import chain

from contacts.filters import AnsweredFilterSet
from discovery.facets import UNKNOWN, Choice, Facet, either, related
from discovery.filters import FacetFilter, SearchFilter, SelectionFilterSet, SortFilter, ViewFilter
from discovery.texts import Document
from experiments.filters import QualificationNames
from experiments.models import Experiment
from programme.facets import LevelFacet, RegionFacet, SectorFacet, StatusFacet, YearFacet
from routes.filters import with_kinds
from routes.models import Route

from .models import Case


class InstrumentFacet(Facet):
    """The experiments and routes that a case belongs to. A route also finds its sub-kinds.

    What is a concept does not count: a case of which all instruments are, has none that is known.
    """

    label = "Experiment of leerroute"

    def choices(self):
        return [
            *(Choice(each.slug, each.name) for each in Experiment.objects.published()),
            *(Choice(each.slug, each.name) for each in Route.objects.published()),
            Choice(UNKNOWN, "Geen experiment of leerroute bekend"),
        ]

    def read(self, rows):
        return chain(related(rows, "experiments"), related(rows, "routes"))

    def keys(self):
        routes = Route.objects.published().values_list("pk", flat=True)
        return {**dict(Experiment.objects.published().values_list("pk", "slug")), **{route: route for route in routes}}

    def sets(self, own, everything):
        return with_kinds(super().sets(own, everything))

    def names(self, own):
        for each in Experiment.objects.published():
            yield each.name, own.get(each.slug, 0)
        for route in Route.objects.published():
            yield f"{route.name} {route.alternative_names}", own.get(route.pk, 0)

    def phrase(self, labels, unknown):
        named = [f"‘{label}’" for label in labels]
        return f"bij {either([*named, 'geen bekend experiment of leerroute'] if unknown else named)}"


class CaseFilter(AnsweredFilterSet):
    one, many = "case", "cases"
    list_name = "cases:list"
    card = "components/card.html"
    line = "components/case_line.html"
    columns = {
        "title": "Case",
        "where": "Waar",
        "sector": "Sector",
        "years": "Jaren",
        "instrument": "Experiment of leerroute",
    }
    searched = {"kwalificatie": QualificationNames("qualifications")}
    document = Document(
        Case,
        title=["title"],
        summary=["summary"],
        names=[
            "lead_organisations__name",
            "lead_organisations__former_names",
            "partner_organisations__name",
            "partner_organisations__former_names",
            "other_partners",
            "place",
            "topsector",
        ],
        body=["body"],
    )

    q = SearchFilter()
    regio = FacetFilter(RegionFacet("provinces", nationwide="nationwide"))
    sector = FacetFilter(SectorFacet("sectors"))
    jaar = FacetFilter(YearFacet())
    instrument = FacetFilter(InstrumentFacet())
    niveau = FacetFilter(LevelFacet("levels"))
    status = FacetFilter(StatusFacet())
    sorteer = SortFilter()
    weergave = ViewFilter()

    class Meta(SelectionFilterSet.Meta):
        model = Case

    @classmethod
    def public(cls):
        return Case.objects.published()
