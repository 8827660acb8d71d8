from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Subquery
from django.utils import timezone


class LinkQuerySet(models.QuerySet):
    def broken(self):
        """Those that failed so often that readers are told (settings.LINK_FAILURES)."""
        return self.filter(failures__gte=settings.LINK_FAILURES)

    def due(self):
        """What is to be tried now, that of longest ago first."""
        return self.filter(due_at__lte=timezone.now()).order_by(models.F("checked_at").asc(nulls_first=True), "pk")


class Link(models.Model):
    """An address that the content points to, and what came of trying it. See publishing/links.py."""

    url = models.URLField("adres", max_length=500, unique=True)
    due_at = models.DateTimeField("weer te testen vanaf", default=timezone.now, db_index=True)
    checked_at = models.DateTimeField("laatst getest", null=True, blank=True)
    worked_at = models.DateTimeField("werkte het laatst", null=True, blank=True)
    failed_at = models.DateTimeField("ging het laatst mis", null=True, blank=True)
    status = models.PositiveSmallIntegerField("antwoord", null=True, blank=True, help_text="HTTP-status.")
    error = models.CharField("wat ging mis", max_length=200, blank=True)
    failures = models.PositiveSmallIntegerField("keren achter elkaar mis", default=0)

    objects = LinkQuerySet.as_manager()

    class Meta:
        ordering = ["-failures", "url"]
        verbose_name = "link"
        verbose_name_plural = "links"

    def __str__(self):
        return self.url

    @property
    def is_broken(self):
        return self.failures >= settings.LINK_FAILURES


def address_fields(model):
    """The names of its fields with an address that readers may follow; a kept copy is for when that is broken."""
    return [f.name for f in model._meta.fields if isinstance(f, models.URLField) and f.name != "archived_url"]


def with_links(rows):
    """`rows` with `…_broken_on` for each of these fields: when it failed last, if readers are told that; else None."""
    broken = Link.objects.broken().values("failed_at")
    names = address_fields(rows.model)
    return rows.annotate(**{f"{name}_broken_on": Subquery(broken.filter(url=OuterRef(name))) for name in names})


class LinkedManager(models.Manager):
    """For what is shown wherever it is loaded, such as sources: within the query for the rows themselves."""

    def get_queryset(self):
        return with_links(super().get_queryset())
