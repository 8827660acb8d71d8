"""What the portal can be searched for: the kinds of /zoeken/, in the order in which a visitor reads them."""

from dataclasses import asdict, dataclass
from itertools import chain, islice, zip_longest

from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import cached_property

from cases.filters import CaseFilter
from cases.models import Case
from contacts.filters import ContactSearch
from discovery.facets import UNKNOWN
from discovery.filters import LONGEST_QUERY, HitFilterSet
from discovery.index import current_index
from discovery.search import plain
from discovery.suggestions import Beginnings, suggested
from discovery.texts import Document
from experiments.filters import ExperimentSearch, ParticipationFilter, QualificationSearch
from experiments.models import Participation, Qualification
from programme.models import Organisation, Term
from routes.filters import OfferingFilter, RouteSearch
from routes.models import RouteOffering


def public_organisations():
    """The organisations that something public names."""
    cases = Case.objects.published().values("pk")
    return Organisation.objects.filter(
        Q(pk__in=Case.lead_organisations.through.objects.filter(case__in=cases).values("organisation"))
        | Q(pk__in=Case.partner_organisations.through.objects.filter(case__in=cases).values("organisation"))
        | Q(pk__in=Participation.objects.published().values("organisation"))
        | Q(pk__in=RouteOffering.objects.published().values("organisations"))
        | Q(pk__in=Qualification.objects.published().values("organisations"))
    )


class OrganisationSearch(HitFilterSet):
    one, many = "organisatie", "organisaties"
    document = Document(
        Organisation,
        title=["name", "former_names"],
        names=["place", "province__name", "province__aliases__name"],
        body=["note"],
    )

    class Meta(HitFilterSet.Meta):
        model = Organisation

    @classmethod
    def public(cls):
        return public_organisations()


class TermSearch(HitFilterSet):
    one, many = "begrip", "begrippen"
    document = Document(Term, title=["name", "other_names"], names=["forms"], body=["explanation"])

    class Meta(HitFilterSet.Meta):
        model = Term

    @classmethod
    def public(cls):
        return Term.objects.all()


KINDS = [
    CaseFilter,
    ExperimentSearch,
    RouteSearch,
    QualificationSearch,
    ParticipationFilter,
    OfferingFilter,
    OrganisationSearch,
    ContactSearch,
    TermSearch,
]


class Everywhere:
    """What words find in every kind: `found` has the selections of the kinds with rows.

    Whether a corrected spelling counts is decided over all kinds together: only when none has the words as they are.
    """

    def __init__(self, text, token):
        self.token = token
        every = self.selections(text)
        self.errors = every[0].form.errors.get("q", [])
        self.text = " ".join(every[0].chosen.get("q", []))
        found = [each for each in every if self.text and each.total]
        self.corrected = ""
        if found and all(each.match.corrected for each in found):
            self.corrected = max(found, key=lambda each: each.total).match.corrected
            found = [each for each in self.selections(self.corrected) if each.total]
        self.found = [each for each in found if not each.match.corrected]
        self.total = sum(each.total for each in self.found)
        fewer = [] if self.found else [way for way in every[0].fewer_words() if way.count]
        self.ways_out = sorted(fewer, key=lambda way: -way.count)

    @property
    def regions(self):
        """The regions that are called exactly as the words, each as a Suggestion."""
        found = suggested_regions(current_index(CaseFilter, self.token), self.corrected or self.text, most=20)
        asked = plain(self.corrected or self.text)
        return [region for _, region in found if plain(region.label) == asked]

    def selections(self, text):
        data = QueryDict(mutable=True)
        data["q"] = text
        return [kind(data, index=current_index(kind, self.token)) for kind in KINDS]

    @cached_property
    def sections(self):
        """[(its heading, a selection, the cards of its best rows)]"""
        return [(f"{each.many.capitalize()} ({each.total})", each, each.cards(0, 5)) for each in self.found]


@dataclass(frozen=True)
class Suggestion:
    label: str
    kind: str
    url: str


def suggestions(text, token, most=8):
    """What a visitor who typed so far may mean, as dictionaries: of each kind some, the names that begin so first."""
    if "\0" in text or len(text) > LONGEST_QUERY:
        return []
    kinds = [
        [
            (begins, Suggestion(str(row), kind.one, row.get_absolute_url()))
            for row, begins in suggested(index, text, most)
        ]
        for kind in (TermSearch, CaseFilter, ExperimentSearch, RouteSearch, OrganisationSearch, QualificationSearch)
        for index in [current_index(kind, token)]
    ]
    kinds.append(suggested_regions(current_index(CaseFilter, token), text, most))
    picked = list(islice(filter(None, chain.from_iterable(zip_longest(*kinds))), most))
    ordered = [each for kind in kinds for each in kind if each in picked]
    return [asdict(suggestion) for _, suggestion in sorted(ordered, key=lambda each: not each[0])]


def suggested_regions(index, text, most):
    """The regions with cases of which a name begins so, each leading to its cases."""
    facet = index.facets["regio"]
    offered = [value for value, rows in facet.sets.items() if rows and value != UNKNOWN]
    if "suggested regions" not in index.extra:
        names = [*facet.labels.items(), *((value, alias) for alias, value in facet.aliases.items())]
        named = [(name, offered.index(value)) for value, name in names if value in offered]
        index.extra["suggested regions"] = Beginnings(named, len(offered))
    cases = CaseFilter(index=index)
    return [
        (begins, Suggestion(facet.labels[offered[at]], "regio", cases.url(regio=[offered[at]])))
        for at, begins in index.extra["suggested regions"].find(text, most)
    ]
