from django.conf import settings
from django.db import models


class LinkQuerySet(models.QuerySet):
    def broken(self):
        """Those that failed so often that readers are told (settings.LINK_FAILURES)."""
        return self.filter(failures__gte=settings.LINK_FAILURES)


class Link(models.Model):
    """An address that the content points to, and what came of trying it. See manage.py check_links."""

    url = models.URLField("adres", max_length=500, unique=True)
    checked_at = models.DateTimeField("laatst getest", null=True, blank=True)
    worked_at = models.DateTimeField("werkte het laatst", null=True, blank=True)
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
