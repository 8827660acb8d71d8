from django.conf import settings
from django.db import models

from .records import KINDS


class Batch(models.Model):
    """A file that an editor chose, from upload to stored, and perhaps taken back. See judging.py and storing.py."""

    class State(models.TextChoices):
        UPLOADED = "geupload", "nog niet beoordeeld"
        JUDGED = "beoordeeld", "wacht op uw besluit"
        STORED = "geimporteerd", "geïmporteerd"
        UNDONE = "ongedaan", "ongedaan gemaakt"

    kind = models.CharField("wat", max_length=40)  # the name of a Kind of records.py
    file_name = models.CharField("bestand", max_length=100)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="door", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField("gekozen op", auto_now_add=True)
    stored_at = models.DateTimeField("geïmporteerd op", null=True, blank=True)
    state = models.CharField("stand", max_length=20, choices=State, default=State.UPLOADED)
    submit = models.BooleanField("meteen naar beoordeling", default=False)
    remarks = models.JSONField("opmerkingen", default=list)
    headings = models.JSONField("koppen", default=list)  # of a table; a file with records has none
    mapping = models.JSONField("kolommen", default=dict)  # {heading: name of a column, or '' for not used}
    counts = models.JSONField("aantallen", default=dict)  # {verdict: rows}; once stored {outcome: rows}

    class Meta:
        ordering = ["-pk"]
        verbose_name = "import"
        verbose_name_plural = "imports"

    def __str__(self):
        return self.file_name

    @property
    def record_kind(self):
        """The Kind of its rows."""
        return next(kind for kind in KINDS if kind.file == self.kind)

    @property
    def label(self):
        """What the versions that this import made have in common."""
        return f"import-{self.pk}"

    @property
    def is_open(self):
        return self.state in {self.State.UPLOADED, self.State.JUDGED}

    def close_judging(self):
        """All rows have a verdict: now the editor decides."""
        found = self.rows.order_by().values_list("verdict").annotate(count=models.Count("pk"))
        self.counts = dict.fromkeys(Row.Verdict.values, 0) | dict(found)
        self.state = self.State.JUDGED
        self.save(update_fields=["counts", "state"])


class RowQuerySet(models.QuerySet):
    def waiting(self):
        """Not judged yet."""
        return self.filter(verdict="")

    def refused(self):
        return self.filter(verdict=Row.Verdict.REFUSED)

    def chosen(self):
        """What will be stored when the editor says so."""
        return self.filter(choice__in=[Row.Choice.IMPORT, Row.Choice.UPDATE], verdict__in=Row.STORABLE)


class Row(models.Model):
    """One row of the file: what stood there, what we think of it, and what the editor decided."""

    class Verdict(models.TextChoices):
        NEW = "nieuw", "nieuw"
        CHANGED = "gewijzigd", "gewijzigd"
        SAME = "ongewijzigd", "ongewijzigd"
        TWIN = "dubbel", "misschien dubbel"
        REFUSED = "geweigerd", "geweigerd"

    class Choice(models.TextChoices):
        IMPORT = "importeren", "importeren"
        SKIP = "overslaan", "overslaan"
        UPDATE = "bijwerken", "bijwerken"  # put it in the case that it is probably the same as

    STORABLE = (Verdict.NEW, Verdict.CHANGED, Verdict.TWIN)

    batch = models.ForeignKey(Batch, verbose_name="import", on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField("rij")  # in the file, as its reader sees it
    title = models.CharField("titel", max_length=200, blank=True)
    cells = models.JSONField("cellen")  # [text] beneath the headings, or a record
    unread = models.JSONField("niet te lezen", default=list)  # [(heading, value, reason)] that reading the file found
    verdict = models.CharField("oordeel", max_length=20, choices=Verdict, blank=True)
    problems = models.JSONField("redenen", default=list)  # [(heading, value, reason)]
    lacking = models.JSONField("wat er nog moet gebeuren", default=list)  # why it stays a concept, when it was to go on
    choice = models.CharField("keuze", max_length=20, choices=Choice, blank=True)
    # Of a row in reach its "pk", of a published one its "url", within the file the number of a "row"; with the title.
    # {"elsewhere": True}: a concept that the editor may not know more of.
    twin = models.JSONField("misschien dezelfde als", null=True, blank=True)
    object_id = models.CharField("zou wijzigen", max_length=100, null=True, blank=True)  # a primary key, as text
    before = models.JSONField("ervoor", default=list)  # snapshots (publishing/versions.py); [] when it is new
    after = models.JSONField("erna", default=list)
    stored_id = models.CharField("geschreven in", max_length=100, null=True, blank=True)
    undone = models.BooleanField("teruggedraaid", default=False)

    objects = RowQuerySet.as_manager()

    class Meta:
        ordering = ["number", "pk"]
        verbose_name = "rij"
        verbose_name_plural = "rijen"
        indexes = [models.Index(name="import_row_verdict", fields=["batch", "verdict", "number"])]

    def __str__(self):
        return f"rij {self.number}: {self.title}"


class Heading(models.Model):
    """Which column a heading stood for, as an editor once said; asked no more."""

    kind = models.CharField("wat", max_length=40)
    text = models.CharField("kop in het bestand", max_length=200)
    column = models.CharField("kolom", max_length=60, blank=True, help_text="Leeg = niet gebruiken.")

    class Meta:
        ordering = ["kind", "text"]
        verbose_name = "onthouden kolomkop"
        verbose_name_plural = "onthouden kolomkoppen"
        constraints = [
            models.UniqueConstraint(
                name="heading_stands_for_one_column",
                fields=["kind", "text"],
                violation_error_message="Deze kop is al onthouden.",
            )
        ]

    def __str__(self):
        return self.text
