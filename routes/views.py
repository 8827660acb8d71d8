from django.db.models import Prefetch
from django.views.generic import DetailView

from programme.glossary import Glossary
from programme.timeline import timeline
from programme.views import InstrumentList, newest_cases
from publishing.models import with_links
from publishing.preview import Previewed

from .filters import OfferingFilter
from .models import Route, RouteOffering


class OfferingList(InstrumentList):
    filterset_class = OfferingFilter
    template_name = "routes/list.html"
    heads_id, heads_title = "leerroutes", "De leerroutes"


class RouteDetail(Previewed, DetailView):
    model = Route
    template_name = "routes/detail.html"

    def get_queryset(self):
        public = Route.objects.published().with_status()
        return (
            with_links(self.rows().with_status())
            .select_related("action", "min_level", "max_level")
            .prefetch_related(
                "sources",
                Prefetch("kinds", public),
                Prefetch("predecessors", public),
                Prefetch("offerings", RouteOffering.objects.published().for_page()),
                "offerings__sources",
            )
        )

    def get_context_data(self, **kwargs):
        route = self.object
        related = Route.objects.published().in_bulk([pk for pk in (route.kind_of_id, route.successor_id) if pk])
        family = [*route.predecessors.all(), route, *route.kinds.all(), *related.values()]
        cases, total = newest_cases(route)
        return super().get_context_data(
            kind_of=related.get(route.kind_of_id),
            successor=related.get(route.successor_id),
            timeline=timeline(list(dict.fromkeys(family))),
            cases=cases,
            total=total,
            glossary=Glossary(about=route.slug),
            **kwargs,
        )
