from django.db.models import Prefetch
from django.views.generic import DetailView

from discovery.index import cards
from programme.glossary import Glossary
from programme.timeline import timeline
from programme.views import InstrumentList, newest_cases
from publishing.models import with_links
from publishing.preview import Previewed

from .filters import ParticipationFilter
from .models import Experiment, Participation, Qualification


class ParticipationList(InstrumentList):
    filterset_class = ParticipationFilter
    template_name = "experiments/list.html"
    heads_id, heads_title = "experimenten", "De experimenten"


class ExperimentDetail(Previewed, DetailView):
    model = Experiment
    template_name = "experiments/detail.html"

    def get_queryset(self):
        return (
            with_links(self.rows().with_status())
            .select_related("action")
            .prefetch_related(
                "sources",
                Prefetch("participations", Participation.objects.published().for_page()),
                Prefetch("participations__sources"),
                Prefetch("qualifications", Qualification.objects.published().select_related("level")),
            )
        )

    def get_context_data(self, **kwargs):
        cases, total = newest_cases(self.object)
        return super().get_context_data(
            timeline=timeline([self.object]),
            cases=cases,
            total=total,
            glossary=Glossary(about=self.object.slug),
            **kwargs,
        )


class QualificationDetail(Previewed, DetailView):
    model = Qualification
    template_name = "experiments/qualification.html"

    def get_queryset(self):
        return self.rows().select_related("experiment", "level").prefetch_related("sources", "domains", "organisations")

    def get_context_data(self, **kwargs):
        experiment = Experiment.objects.with_status().get(pk=self.object.experiment_id)
        return super().get_context_data(
            experiment=experiment,
            participations=cards(self.object.participations.published()),
            cases=cards(self.object.cases.published()),
            glossary=Glossary(),
            **kwargs,
        )
