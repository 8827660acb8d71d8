from django.db.models import Prefetch
from django.views.generic import DetailView

from discovery.index import cards
from programme.views import InstrumentList

from .filters import OfferingFilter
from .models import Route, RouteOffering


class OfferingList(InstrumentList):
    filterset_class = OfferingFilter
    template_name = "routes/list.html"
    heads_id, heads_title = "leerroutes", "De leerroutes"


class RouteDetail(DetailView):
    template_name = "routes/detail.html"

    def get_queryset(self):
        public = Route.objects.published().with_status()
        return public.select_related("action", "min_level", "max_level").prefetch_related(
            "sources",
            Prefetch("kinds", public),
            Prefetch("predecessors", public),
            Prefetch("offerings", RouteOffering.objects.published().for_page()),
            "offerings__sources",
        )

    def get_context_data(self, **kwargs):
        public = Route.objects.published()
        related = public.in_bulk([pk for pk in (self.object.kind_of_id, self.object.successor_id) if pk])
        return super().get_context_data(
            kind_of=related.get(self.object.kind_of_id),
            successor=related.get(self.object.successor_id),
            cases=cards(self.object.cases.published()),
            **kwargs,
        )
