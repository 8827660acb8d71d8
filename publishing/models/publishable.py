"""What goes from concept to published to archived, and what is checked once in a while."""

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.text import slugify

MARKDOWN = (
    "Opmaak: lege regel = nieuwe alinea, ### kop, **vet**, regels met - ervoor = lijst, [tekst](https://adres) = link. "
    "HTML wordt als tekst getoond; plaatjes kunnen niet."
)


class PublishableQuerySet(models.QuerySet):
    def published(self):
        """The rows that a visitor may see now. No other place says what counts as published."""
        now = timezone.now()
        return self.filter(published_at__lte=now).exclude(unpublish_at__lte=now)

    def archived(self):
        return self.filter(unpublish_at__lte=timezone.now())

    def planned(self):
        """Visitors will see them later, without anyone doing a thing."""
        return self.filter(published_at__gt=timezone.now())

    def unpublished(self):
        """Concepts, in whatever stage, working copies among them."""
        return self.filter(published_at__isnull=True)

    def begun(self):
        """Concepts that nobody but the author has seen yet."""
        return self.unpublished().filter(submitted_at__isnull=True, review_comment="")

    def awaiting_review(self):
        return self.unpublished().filter(submitted_at__isnull=False)

    def sent_back(self):
        return self.unpublished().filter(submitted_at__isnull=True).exclude(review_comment="")


class Publishable(models.Model):
    """A row that stays a concept until `published_at`, and is archived from `unpublish_at` on."""

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
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="auteur",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    submitted_at = models.DateTimeField("ter beoordeling sinds", null=True, blank=True, editable=False)
    review_comment = models.TextField("opmerking van de beoordelaar", blank=True, editable=False)
    updated_at = models.DateTimeField("laatst gewijzigd", auto_now=True)

    class Meta:
        abstract = True
        default_permissions = ["add", "change", "delete", "view", "publish"]
        constraints = [
            models.CheckConstraint(
                name="%(class)s_unpublished_after_published",
                condition=Q(unpublish_at__isnull=True) | Q(unpublish_at__gt=F("published_at")),
                violation_error_message="‘Gepubliceerd tot’ moet na ‘gepubliceerd vanaf’ liggen.",
            )
        ]

    # What says in which stage a row is. It stays as it is when an older text is restored or a working copy approved.
    stage_fields = ("published_at", "unpublish_at", "author", "submitted_at", "review_comment")
    collections: tuple[str, ...] = ("sources",)  # what hangs on the row and problems() judges
    parts: tuple[str, ...] = ("sources",)  # lists of rows that are part of this one: compared and restored with it
    to_be_published = False  # judged as if it were published: for who sends it to review or publishes it

    @property
    def stage(self):
        """In one word, as an editor says it."""
        now = timezone.now()
        if self.published_at is None:
            if self.submitted_at:
                return "ter beoordeling"
            return "teruggestuurd" if self.review_comment else "concept"
        if self.unpublish_at and self.unpublish_at <= now:
            return "gearchiveerd"
        return "gepland" if self.published_at > now else "gepubliceerd"

    def validate_constraints(self, exclude=None):
        """As Django's, but each message at the first field that the constraint is about, where a form can show it."""
        found: dict[str, list] = {}
        for model, constraint in ((model, each) for model, ours in self.get_constraints() for each in ours):
            try:
                constraint.validate(model, self, exclude=exclude)
            except ValidationError as error:
                found.setdefault(field_of(constraint, self) or NON_FIELD_ERRORS, []).extend(error.error_list)
        if found:
            raise ValidationError(found)

    def problems(self, **related):
        """What the rules refuse about this row and its collections, as {field: Dutch message}.

        The admin's form, the importer and publishing all ask this. `related` holds collections by field name;
        one that is not given, as not known yet, is not judged.
        """
        if self.is_judged_complete and "sources" in related and not related["sources"]:
            return {"sources": "Publiceren kan pas met minstens één bron."}
        return {}

    @property
    def is_judged_complete(self):
        """Whether the rules for what is published hold for it."""
        return self.to_be_published or self.published_at is not None

    def obstacles(self):
        """problems() of the row as it is stored."""
        return self.problems(**{name: list(getattr(self, name).all()) for name in self.collections})

    def lacking(self):
        """What is still to be done before this can be published, as a list of Dutch sentences."""
        return [message for _, message in self.gaps()]

    def gaps(self, related=None, leaving=()):
        """The same, each with the field or part that it is about: [(name, sentence)].

        `related` holds its collections, as problems() takes them, when the row is not stored as it is now; `leaving`
        names fields that hold what a form refused.
        """
        before = self.published_at
        self.published_at = before or timezone.now()
        try:
            found = list((self.obstacles() if related is None else self.problems(**related)).items())
            try:
                self.validate_constraints(exclude={*leaving})
            except ValidationError as error:
                found += [(name, message) for name, said in error.message_dict.items() for message in said]
        finally:
            self.published_at = before
        return found


def field_of(constraint, row):
    """The first field that a constraint is about, beside the moments of publication."""
    named = constraint.condition.referenced_base_fields - {"published_at", "unpublish_at"}
    return next((field.name for field in row._meta.fields if field.name in named), "")


COPY_SLUG = "werkversie-"  # what the address of every working copy begins with, and of nothing else


def free_slug(title, taken, *, length, fallback):
    """An address made of a title, of at most `length` letters, that is none of `taken` (in small letters)."""
    start = slugify(title)[:length].strip("-") or fallback
    if start.startswith(COPY_SLUG):
        start = f"{fallback}-{start}"[:length]
    slug, number = start, 2
    while slug in taken:
        ending = f"-{number}"
        slug, number = start[: length - len(ending)] + ending, number + 1
    return slug


class Copyable(models.Model):
    """A Publishable of which a published row can be rewritten in a working copy, a concept that replaces it later."""

    replaces = models.OneToOneField(
        "self",
        verbose_name="werkversie van",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="working_copy",
    )

    class Meta:
        abstract = True

    not_copied: tuple[str, ...] = ("slug",)  # beside the stage: what stays of the row that is replaced


class Checked(models.Model):
    """A row whose truth someone confirms once in a while (settings.CHECK_AFTER_DAYS)."""

    checked_on = models.DateField(
        "laatst gecontroleerd",
        null=True,
        blank=True,
        help_text="De dag waarop iemand voor het laatst zei dat dit klopt. Lezers zien deze dag.",
    )

    class Meta:
        abstract = True
