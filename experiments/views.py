from django.db.models import Prefetch
from django.views.generic import DetailView

from discovery.views import SelectionList

from .filters import ParticipationFilter
from .models import Experiment, Participation, Qualification


class ParticipationList(SelectionList):
    filterset_class = ParticipationFilter
    template_name = "experiments/list.html"

    def get_queryset(self):
        return Participation.objects.published().for_cards()

    def get_context_data(self, **kwargs):
        experiments = Experiment.objects.published().with_status()
        if self.filterset.chosen:
            experiments = experiments.filter(pk__in=self.object_list.order_by().values("experiment"))
        return super().get_context_data(experiments=experiments, **kwargs)


class ExperimentDetail(DetailView):
    template_name = "experiments/detail.html"

    def get_queryset(self):
        return (
            Experiment.objects.published()
            .with_status()
            .select_related("action")
            .prefetch_related(
                "sources",
                Prefetch("participations", Participation.objects.published().for_cards()),
                Prefetch("participations__sources"),
                Prefetch("qualifications", Qualification.objects.published().select_related("level")),
            )
        )

    def get_context_data(self, **kwargs):
        cases = self.object.cases.published().for_cards()
        return super().get_context_data(cases=cases, **kwargs)


class QualificationDetail(DetailView):
    template_name = "experiments/qualification.html"

    def get_queryset(self):
        return (
            Qualification.objects.published()
            .select_related("experiment", "level")
            .prefetch_related(
                "sources",
                "domains",
                "organisations",
                Prefetch("participations", Participation.objects.published().for_cards()),
            )
        )

    def get_context_data(self, **kwargs):
        experiment = Experiment.objects.with_status().get(pk=self.object.experiment_id)
        cases = self.object.cases.published().for_cards()
        return super().get_context_data(experiment=experiment, cases=cases, **kwargs)
