from django.db.models import Prefetch
from django.views.generic import DetailView

from discovery.views import SelectionList

from .filters import OfferingFilter
from .models import Route, RouteOffering


class OfferingList(SelectionList):
    filterset_class = OfferingFilter
    template_name = "routes/list.html"

    def get_queryset(self):
        return RouteOffering.objects.published().for_cards()

    def get_context_data(self, **kwargs):
        routes = Route.objects.published().with_status().select_related("min_level", "max_level")
        if self.filterset.chosen:
            routes = routes.filter(pk__in=self.object_list.order_by().values("route"))
        return super().get_context_data(routes=routes, **kwargs)


class RouteDetail(DetailView):
    template_name = "routes/detail.html"

    def get_queryset(self):
        public = Route.objects.published().with_status()
        return public.select_related("action", "min_level", "max_level").prefetch_related(
            "sources",
            Prefetch("kinds", public),
            Prefetch("predecessors", public),
            Prefetch("offerings", RouteOffering.objects.published().for_cards()),
            "offerings__sources",
        )

    def get_context_data(self, **kwargs):
        public = Route.objects.published()
        related = public.in_bulk([pk for pk in (self.object.kind_of_id, self.object.successor_id) if pk])
        return super().get_context_data(
            kind_of=related.get(self.object.kind_of_id),
            successor=related.get(self.object.successor_id),
            cases=self.object.cases.published().for_cards(),
            **kwargs,
        )
