"""The yardstick: the same list the way it is mostly written, with django-filter and one COUNT behind each value.

The filters mean the same as the portal's, so totals are equal; its search is the usual icontains, which finds more.
"""

import django_filters
from django.db.models import Q
from django.urls import path
from django.utils import timezone
from django_filters.views import FilterView

from cases.models import Case
from experiments.models import Experiment
from programme.models import Level, PeriodQuerySet, Region, Sector, Status
from routes.models import Route

YEARS = [(year, year) for year in range(timezone.localdate().year, 1999, -1)]


class PlainFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label="Zoek op woorden")
    regio = django_filters.ModelMultipleChoiceFilter(
        queryset=Region.objects.all(), to_field_name="slug", method="in_region", label="Regio"
    )
    sector = django_filters.ModelMultipleChoiceFilter(
        queryset=Sector.objects.all(), field_name="sectors", label="Sector"
    )
    jaar = django_filters.TypedMultipleChoiceFilter(choices=YEARS, coerce=int, method="active", label="Jaar")
    experiment = django_filters.ModelMultipleChoiceFilter(
        queryset=Experiment.objects.published(),
        field_name="experiments__slug",
        to_field_name="slug",
        label="Experiment",
    )
    instrument = django_filters.ModelMultipleChoiceFilter(
        queryset=Route.objects.published(), method="of_route", label="Leerroute"
    )
    niveau = django_filters.ModelMultipleChoiceFilter(queryset=Level.objects.all(), field_name="levels", label="Niveau")
    status = django_filters.MultipleChoiceFilter(choices=Status.choices, label="Status")

    class Meta:
        model = Case
        fields = ["q", "regio", "sector", "jaar", "experiment", "instrument", "niveau", "status"]

    def search(self, queryset, name, value):
        for word in value.split():
            queryset = queryset.filter(
                Q(title__icontains=word)
                | Q(summary__icontains=word)
                | Q(body__icontains=word)
                | Q(place__icontains=word)
                | Q(lead_organisations__name__icontains=word)
            )
        return queryset.distinct()

    def in_region(self, queryset, name, regions):
        if not regions:
            return queryset
        here = Q(provinces__in=regions) | Q(provinces__landsdeel__in=regions) | Q(nationwide=True)
        return queryset.filter(here).distinct()

    def active(self, queryset, name, years):
        wanted = Q()
        for year in years:
            wanted |= PeriodQuerySet.active_in(year)
        return queryset.filter(wanted)

    def of_route(self, queryset, name, routes):
        return queryset.filter(Q(routes__in=routes) | Q(routes__kind_of__in=routes)).distinct() if routes else queryset


class PlainList(FilterView):
    filterset_class = PlainFilter
    template_name = "plain.html"
    paginate_by = 20
    page_kwarg = "pagina"

    def get_queryset(self):
        related = ["provinces", "sectors", "lead_organisations", "experiments", "routes"]
        return Case.objects.published().with_status().prefetch_related(*related).order_by("-first_year", "title", "pk")

    def get_context_data(self, **kwargs):
        return super().get_context_data(facets=list(self.facets()), **kwargs)

    def facets(self):
        """(name, label, [(value, label, chosen, count)]), each counted without its own choice."""
        for name, field in self.filterset.form.fields.items():
            if name == "q":
                continue
            data = self.request.GET.copy()
            chosen = data.pop(name, [])
            others = PlainFilter(data, queryset=Case.objects.published().with_status()).qs
            options = []
            for value, label in field.choices:
                found = self.filterset.filters[name].filter(others, [getattr(value, "instance", value)])
                options.append((value, label, str(value) in chosen, found.count()))
            yield name, field.label, options


urlpatterns = [path("cases/", PlainList.as_view())]
