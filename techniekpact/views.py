from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Prefetch, Q
from django.db.utils import DatabaseError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.generic import DetailView, TemplateView

from cases.filters import CaseFilter
from cases.models import Case
from contacts.models import Contact
from experiments.models import Experiment, Participation, Qualification
from programme.models import Action, Goal, Indicator, Level, Organisation, Region, Sector
from routes.models import Route, RouteOffering


def newest_cases():
    """The public cases in the order of a list of which nothing was chosen."""
    return CaseFilter(queryset=Case.objects.published().for_cards()).qs


class Home(TemplateView):
    template_name = "home.html"

    def get_context_data(self, **kwargs):
        cases = Case.objects.published()
        every = CaseFilter(queryset=cases)
        groups = {name: every.group(name, every.facets[name]) for name in ("regio", "sector", "instrument")}
        return super().get_context_data(
            goal=Goal.objects.filter(number=9).first(),
            groups=groups,
            total=cases.count(),
            newest=newest_cases()[:6],
            **kwargs,
        )


class GoalDetail(DetailView):
    template_name = "goal.html"
    slug_field = slug_url_kwarg = "number"

    def get_queryset(self):
        return Goal.objects.prefetch_related(
            "parties",
            "sources",
            Prefetch(
                "actions",
                Action.objects.prefetch_related(
                    Prefetch("experiments", Experiment.objects.published().with_status()),
                    Prefetch("routes", Route.objects.published().with_status()),
                ),
            ),
        )

    def get_context_data(self, **kwargs):
        contact, reason = Contact.objects.answering([], [])
        return super().get_context_data(
            contact=contact,
            reason=reason,
            other_instruments=[
                *Experiment.objects.published().with_status().filter(action=None),
                *Route.objects.published().with_status().filter(action=None),
            ],
            total=Case.objects.published().count(),
            newest=newest_cases()[:3],
            indicators=Indicator.objects.prefetch_related("values"),
            **kwargs,
        )


class OrganisationDetail(DetailView):
    """Everything public of one organisation. One that only concepts name is not there."""

    template_name = "organisation.html"

    def get_queryset(self):
        return public_organisations().select_related("province")

    def get_context_data(self, **kwargs):
        organisation = self.object
        return super().get_context_data(
            led_cases=organisation.led_cases.published().for_cards(),
            partner_cases=organisation.partner_cases.published().for_cards(),
            participations=organisation.participations.published().for_cards(),
            offerings=organisation.offerings.published().for_cards(),
            qualifications=organisation.qualifications.published(),
            **kwargs,
        )


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


class About(TemplateView):
    template_name = "about.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            total=Case.objects.published().count(),
            regions=Region.objects.select_related("landsdeel").prefetch_related("aliases"),
            sectors=Sector.objects.all(),
            levels=Level.objects.all(),
            **kwargs,
        )


def robots(request):
    lines = [
        "User-agent: *",
        "Disallow: /beheer/",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def favicon(request):
    return redirect(static("img/favicon.ico"))


@never_cache
def live(request):
    """200 as long as this process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
def ready(request):
    """200 when the database answers and has all migrations, else 503."""
    checks = {"database": "ok", "migrations": "ok"}
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            checks["migrations"] = "not applied"
    except DatabaseError:
        checks = {"database": "no answer", "migrations": "unknown"}
    healthy = set(checks.values()) == {"ok"}
    return JsonResponse({"status": "ok" if healthy else "error", **checks}, status=200 if healthy else 503)
