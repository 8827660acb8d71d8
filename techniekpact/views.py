from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Prefetch
from django.db.utils import DatabaseError
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.generic import DetailView, TemplateView

from cases.filters import CaseFilter
from cases.models import Case
from contacts.models import Contact
from discovery.database import watched_tables
from discovery.filters import printable
from discovery.index import cards, current_index
from discovery.versions import current_token
from discovery.views import FromIndex
from experiments.filters import ParticipationFilter
from experiments.models import Experiment
from programme.charts import charts
from programme.glossary import Glossary
from programme.models import Action, Goal, Indicator, Level, Region, Sector, Term
from publishing.models import with_links
from routes.filters import OfferingFilter
from routes.models import Route

from . import accessibility, privacy
from .apps import public_tables
from .coverage import Matrix
from .search import Everywhere, public_organisations, suggestions
from .styleguide import samples, tokens


class Home(TemplateView):
    template_name = "home.html"

    def get_context_data(self, **kwargs):
        every = CaseFilter()
        token = every.index.version.token
        lists = [every, *(each(index=current_index(each, token)) for each in (ParticipationFilter, OfferingFilter))]
        return super().get_context_data(
            goal=Goal.objects.filter(number=9).first(),
            tally=[(each.total, each.noun(each.total), each.path) for each in lists],
            groups=every.groups,
            total=every.total,
            newest=every.cards(0, 6),
            key_figures=charts(Indicator.objects.exclude(front_text="").prefetch_related("values")),
            **kwargs,
        )


class Coverage(TemplateView):
    """Where there are cases and where there are none: regions by sectors, of a year and an instrument or of all."""

    template_name = "coverage.html"
    asked = ("jaar", "instrument")

    def get_context_data(self, **kwargs):
        asked = QueryDict(mutable=True)
        for name in self.asked:
            asked.setlist(name, self.request.GET.getlist(name))
        selection = CaseFilter(asked)
        matrix = Matrix(selection, "regio", "sector")
        return super().get_context_data(
            filter=selection,
            asked=[selection.groups[name] for name in self.asked],
            matrix=matrix,
            canonical=self.request.build_absolute_uri(self.request.path + selection.query()),
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
        every = CaseFilter()
        return super().get_context_data(
            contact=contact,
            reason=reason,
            other_instruments=[
                *Experiment.objects.published().with_status().filter(action=None),
                *Route.objects.published().with_status().filter(action=None),
            ],
            total=every.total,
            newest=every.cards(0, 3),
            indicators=charts(Indicator.objects.prefetch_related("values")),
            glossary=Glossary(),
            **kwargs,
        )


class OrganisationDetail(DetailView):
    """Everything public of one organisation. One that only concepts name is not there."""

    template_name = "organisation.html"

    def get_queryset(self):
        return with_links(public_organisations()).select_related("province")

    def get_context_data(self, **kwargs):
        organisation = self.object
        return super().get_context_data(
            led_cases=cards(organisation.led_cases.published()),
            partner_cases=cards(organisation.partner_cases.published()),
            participations=cards(organisation.participations.published()),
            offerings=cards(organisation.offerings.published()),
            qualifications=organisation.qualifications.published(),
            **kwargs,
        )


class Search(FromIndex, TemplateView):
    template_name = "search.html"
    filterset_class = CaseFilter

    def get_context_data(self, **kwargs):
        text = self.request.GET.get("q", "")
        search = Everywhere(text, self.index.version.token) if text.strip() else None
        return super().get_context_data(text=printable(text), search=search, **kwargs)


class Suggestions(FromIndex):
    filterset_class = CaseFilter

    def get(self, request):
        return JsonResponse({"suggestions": suggestions(request.GET.get("q", ""), self.index.version.token)})


class About(TemplateView):
    template_name = "about.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            total=Case.objects.published().count(),
            regions=Region.objects.select_related("landsdeel").prefetch_related("aliases"),
            sectors=Sector.objects.all(),
            levels=Level.objects.all(),
            glossary=Glossary(),
            **kwargs,
        )


class Terms(TemplateView):
    """The words of the field, explained. Those that are the name of a public experiment or route lead to it."""

    template_name = "glossary.html"

    def get_context_data(self, **kwargs):
        terms = list(with_links(Term.objects.all()))
        named = {each.slug: each for model in (Experiment, Route) for each in model.objects.published()}
        return super().get_context_data(
            terms=[(term, named.get(term.instrument)) for term in terms],
            letters=list(dict.fromkeys(term.letter for term in terms)),
            **kwargs,
        )


class Accessibility(TemplateView):
    template_name = "accessibility.html"
    extra_context = {
        "stated_on": accessibility.STATED_ON,
        "renew_by": accessibility.RENEW_BY,
        "checks": list(accessibility.CHECKS),
        "deviations": accessibility.DEVIATIONS,
    }


class Privacy(TemplateView):
    template_name = "privacy.html"

    def get_context_data(self, **kwargs):
        days = settings.MESSAGE_DAYS
        parts = [(title, [each.format(days=days) for each in said]) for title, said in privacy.PROMISES.items()]
        return super().get_context_data(parts=parts, **kwargs)


class StyleGuide(TemplateView):
    """Every component with its states, from the templates that the site itself uses."""

    template_name = "styleguide/page.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(tokens=tokens(), samples=samples(), **kwargs)


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
    """200 when the database answers and has all migrations, with the triggers that follow them; else 503."""
    checks = {"database": "ok", "migrations": "ok"}
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if behind or not current_token() or set(public_tables()) - watched_tables():  # `migrate` makes all of these
            checks["migrations"] = "not applied"
    except DatabaseError:
        checks = {"database": "no answer", "migrations": "unknown"}
    healthy = set(checks.values()) == {"ok"}
    return JsonResponse({"status": "ok" if healthy else "error", **checks}, status=200 if healthy else 503)
