from django.db import models


class JobRun(models.Model):
    """That a piece of scheduled work was taken up; `key` names the work and the day, so that it is done once."""

    key = models.CharField("werk", max_length=200, unique=True)
    started_at = models.DateTimeField("begonnen")
    finished_at = models.DateTimeField("klaar", null=True, blank=True)
    result = models.CharField("uitkomst", max_length=500, blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = "gepland werk"
        verbose_name_plural = "gepland werk"

    def __str__(self):
        return self.key
