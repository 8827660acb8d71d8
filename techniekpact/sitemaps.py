from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from cases.models import Case
from contacts.models import Contact
from experiments.models import Experiment, Qualification
from routes.models import Route

from .search import public_organisations


class Pages(Sitemap):
    def items(self):
        lists = ["cases:list", "experiments:list", "routes:list"]
        return [
            "home",
            "goal",
            *lists,
            "contacts:lookup",
            "submit_case",
            "search",
            "glossary",
            "about",
            "accessibility",
            "privacy",
        ]

    def location(self, item):
        return reverse(item)


class Published(Sitemap):
    """The published rows of a model, with the day of their last change."""

    def __init__(self, rows):
        self.rows = rows

    def items(self):
        return self.rows().order_by("pk")

    def lastmod(self, item):
        return getattr(item, "updated_at", None)


sitemaps = {
    "pagina": Pages,
    "case": Published(Case.objects.published),
    "experiment": Published(Experiment.objects.published),
    "kwalificatie": Published(Qualification.objects.published),
    "leerroute": Published(Route.objects.published),
    "organisatie": Published(public_organisations),
    "contact": Published(Contact.objects.current),
}
