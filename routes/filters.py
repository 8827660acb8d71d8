from contacts.filters import AnsweredFilterSet
from discovery.facets import Choice, Facet, either
from discovery.filters import FacetFilter, HitFilterSet, SearchFilter, SelectionFilterSet, SortFilter, ViewFilter
from discovery.texts import Document
from programme.facets import LevelFacet, RegionFacet, SectorFacet, StatusFacet, YearFacet

from .models import Route, RouteOffering


def with_kinds(sets):
    """{route: rows} in which a route also holds the rows of its sub-kinds, and of theirs."""
    found = dict(sets)
    kind_of = dict(Route.objects.published().exclude(kind_of=None).values_list("pk", "kind_of"))
    for route in kind_of:
        above = {route}
        wider = kind_of[route]
        while wider and wider not in above:
            found[wider] = found.get(wider, 0) | sets.get(route, 0)
            above.add(wider)
            wider = kind_of.get(wider)
    return found


class RouteFacet(Facet):
    """The routes; a route also finds its sub-kinds."""

    label = "Leerroute"
    after_comma = True

    def choices(self):
        return [Choice(each.slug, each.name) for each in Route.objects.published()]

    def read(self, rows):
        return rows.values_list("pk", "route")

    def sets(self, own, everything):
        return with_kinds(own)

    def names(self, own):
        return [(f"{each.name} {each.alternative_names}", own.get(each.pk, 0)) for each in Route.objects.published()]

    def phrase(self, labels, unknown):
        return f"soort: {either([label.lower() for label in labels])}"


class OfferingFilter(AnsweredFilterSet):
    one, many = "aangeboden leerroute", "aangeboden leerroutes"
    list_name = "routes:list"
    card = "components/offering.html"
    line = "components/offering_line.html"
    columns = {
        "title": "Naam",
        "organisations": "Scholen",
        "instrument": "Leerroute",
        "where": "Provincie",
        "years": "Jaren",
    }
    title_field = "name"
    document = Document(
        RouteOffering,
        title=["name"],
        summary=["note"],
        names=["organisations__name", "organisations__former_names"],
    )

    q = SearchFilter()
    instrument = FacetFilter(RouteFacet())
    regio = FacetFilter(RegionFacet("province"))
    sector = FacetFilter(SectorFacet("sector"))
    jaar = FacetFilter(YearFacet())
    niveau = FacetFilter(LevelFacet("level"))
    status = FacetFilter(StatusFacet())
    sorteer = SortFilter()
    weergave = ViewFilter()

    class Meta(SelectionFilterSet.Meta):
        model = RouteOffering

    @classmethod
    def public(cls):
        return RouteOffering.objects.published()

    @classmethod
    def prepared(cls):
        routes = Route.objects.published().with_status().select_related("successor")
        return super().prepared() | {"instruments": list(routes)}


class RouteSearch(HitFilterSet):
    one, many = "leerroute", "leerroutes"
    document = Document(
        Route,
        title=["name", "alternative_names"],
        summary=["summary"],
        body=["body", "naming_rule", "legal_basis", "conditions", "evaluation", "aftermath", "what_now"],
    )

    class Meta(HitFilterSet.Meta):
        model = Route

    @classmethod
    def public(cls):
        return Route.objects.published()
