from contacts.filters import AnsweredFilterSet
from discovery.facets import Choice, Facet, either, related
from discovery.filters import FacetFilter, HitFilterSet, SearchFilter, SelectionFilterSet, SortFilter, ViewFilter
from discovery.texts import Document
from programme.facets import LevelFacet, RegionFacet, SectorFacet, StatusFacet, YearFacet

from .models import Experiment, Participation, Qualification


class ExperimentFacet(Facet):
    label = "Experiment"
    after_comma = True

    def choices(self):
        return [Choice(each.slug, each.name) for each in Experiment.objects.published()]

    def read(self, rows):
        return rows.values_list("pk", "experiment__slug")

    def sets(self, own, everything):
        return own

    def names(self, own):
        return [(choice.label, own.get(choice.value, 0)) for choice in self.choices()]

    def phrase(self, labels, unknown):
        return f"bij {either([f'‘{label}’' for label in labels])}"


class QualificationNames(Facet):
    """Not a filter: finds rows by the name or the crebo number of a qualification. Takes the path to it."""

    def __init__(self, path):
        self.path = path

    def choices(self):
        return []

    def read(self, rows):
        return related(rows, self.path)

    def names(self, own):
        for qualification in Qualification.objects.published():
            crebo = f" crebo {qualification.crebo}" if qualification.crebo else ""
            yield f"{qualification.name}{crebo}", own.get(qualification.pk, 0)


class ParticipationFilter(AnsweredFilterSet):
    one, many = "deelname aan een experiment", "deelnames aan experimenten"
    list_name = "experiments:list"
    card = "components/participation.html"
    line = "components/participation_line.html"
    columns = {
        "title": "Programma",
        "organisation": "Organisatie",
        "instrument": "Experiment",
        "where": "Provincie",
        "years": "Jaren",
    }
    title_field = "programme"
    searched = {"kwalificatie": QualificationNames("qualification")}
    document = Document(
        Participation,
        title=["programme"],
        summary=["note"],
        names=["organisation__name", "organisation__former_names"],
    )

    q = SearchFilter()
    instrument = FacetFilter(ExperimentFacet())
    regio = FacetFilter(RegionFacet("provinces"))
    sector = FacetFilter(SectorFacet("sectors"))
    jaar = FacetFilter(YearFacet())
    niveau = FacetFilter(LevelFacet("levels"))
    status = FacetFilter(StatusFacet())
    sorteer = SortFilter()
    weergave = ViewFilter()

    class Meta(SelectionFilterSet.Meta):
        model = Participation

    @classmethod
    def public(cls):
        return Participation.objects.published()

    @classmethod
    def prepared(cls):
        return super().prepared() | {"instruments": list(Experiment.objects.published().with_status())}


class ExperimentSearch(HitFilterSet):
    one, many = "experiment", "experimenten"
    document = Document(
        Experiment,
        title=["name"],
        summary=["summary"],
        body=["body", "legal_basis", "conditions", "evaluation", "aftermath", "what_now"],
    )

    class Meta(HitFilterSet.Meta):
        model = Experiment

    @classmethod
    def public(cls):
        return Experiment.objects.published()


class QualificationSearch(HitFilterSet):
    one, many = "kwalificatie", "kwalificaties"
    document = Document(
        Qualification,
        title=["name", "crebo"],
        summary=["note"],
        names=["organisations__name", "organisations__former_names", "domains__name"],
        body=["succession_note"],
    )

    class Meta(HitFilterSet.Meta):
        model = Qualification

    @classmethod
    def public(cls):
        return Qualification.objects.published()
