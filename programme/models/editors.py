from django.conf import settings
from django.db import models

from .places import Region


class WorkArea(models.Model):
    """The landsdelen that an editor works for. Who has none, and may not publish, sees only own concepts."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name="gebruiker", on_delete=models.CASCADE, related_name="work_area"
    )
    regions = models.ManyToManyField(
        Region,
        verbose_name="landsdelen",
        blank=True,
        related_name="+",
        limit_choices_to={"kind": Region.Kind.LANDSDEEL},
        help_text="Een redacteur werkt alleen aan cases, deelnames en aanbod in deze landsdelen. "
        "Voor eindredacteuren en beheerders maakt het niet uit.",
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = "werkgebied"
        verbose_name_plural = "werkgebieden"

    def __str__(self):
        return ", ".join(map(str, self.regions.all())) or "geen"
