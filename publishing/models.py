from django.db import models
from django.db.models import F, Q
from django.utils import timezone

MARKDOWN = (
    "Opmaak: lege regel = nieuwe alinea, ### kop, **vet**, regels met - ervoor = lijst, [tekst](https://adres) = link. "
    "HTML wordt als tekst getoond; plaatjes kunnen niet."
)


class PublishableQuerySet(models.QuerySet):
    def published(self):
        """The rows that a visitor may see now. No other place says what counts as published."""
        now = timezone.now()
        return self.filter(published_at__lte=now).exclude(unpublish_at__lte=now)


class Publishable(models.Model):
    """A row that stays a concept until `published_at`, and is taken down again at `unpublish_at`."""

    published_at = models.DateTimeField(
        "gepubliceerd vanaf",
        null=True,
        blank=True,
        help_text="Leeg = concept: alleen redacteuren zien dit. Een moment in de toekomst mag ook.",
    )
    unpublish_at = models.DateTimeField(
        "gepubliceerd tot",
        null=True,
        blank=True,
        help_text="Vanaf dit moment zien bezoekers het niet meer. Leeg = zonder einde.",
    )
    editor_note = models.TextField(
        "notitie voor de redactie",
        blank=True,
        help_text="Bezoekers zien deze notitie niet.",
    )
    updated_at = models.DateTimeField("laatst gewijzigd", auto_now=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_unpublished_after_published",
                condition=Q(unpublish_at__isnull=True) | Q(unpublish_at__gt=F("published_at")),
                violation_error_message="‘Gepubliceerd tot’ moet na ‘gepubliceerd vanaf’ liggen.",
            )
        ]

    collections: tuple[str, ...] = ("sources",)  # what hangs on the row and problems() judges

    def problems(self, **related):
        """What the rules refuse about this row and its collections, as {field: Dutch message}.

        The admin's form, the importer and publishing all ask this. `related` holds collections by field name;
        one that is not given, as not known yet, is not judged.
        """
        if self.published_at and "sources" in related and not related["sources"]:
            return {"sources": "Publiceren kan pas met minstens één bron."}
        return {}

    def obstacles(self):
        """problems() of the row as it is stored."""
        return self.problems(**{name: list(getattr(self, name).all()) for name in self.collections})
