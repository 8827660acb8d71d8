from django.db.models import Prefetch
from django.views.generic import DetailView

from discovery.index import cards
from programme.glossary import Glossary
from programme.timeline import timeline
from programme.views import InstrumentList, newest_cases

from .filters import ParticipationFilter
from .models import Experiment, Participation, Qualification


class ParticipationList(InstrumentList):
    filterset_class = ParticipationFilter
    template_name = "experiments/list.html"
    heads_id, heads_title = "experimenten", "De experimenten"


class ExperimentDetail(DetailView):
    template_name = "experiments/detail.html"

    def get_queryset(self):
        return (
            Experiment.objects.published()
            .with_status()
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


class QualificationDetail(DetailView):
    template_name = "experiments/qualification.html"

    def get_queryset(self):
        return (
            Qualification.objects.published()
            .select_related("experiment", "level")
            .prefetch_related("sources", "domains", "organisations")
        )

    def get_context_data(self, **kwargs):
        experiment = Experiment.objects.with_status().get(pk=self.object.experiment_id)
        return super().get_context_data(
            experiment=experiment,
            participations=cards(self.object.participations.published()),
            cases=cards(self.object.cases.published()),
            glossary=Glossary(),
            **kwargs,
        )
