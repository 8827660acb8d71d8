from django.db import models


class ImportedRecord(models.Model):
    """What `import_content` last wrote for a record of content/, to tell the editors' changes from its own."""

    file = models.CharField("bestand", max_length=60)
    key = models.CharField("kenmerk", max_length=120)
    object_id = models.CharField("nummer in de database", max_length=120)
    source_digest = models.CharField("vingerafdruk van het bestand", max_length=64)
    field_digests = models.JSONField("vingerafdruk per veld")
    imported_at = models.DateTimeField("ingelezen", auto_now=True)

    class Meta:
        ordering = ["file", "key", "pk"]
        verbose_name = "ingelezen record"
        verbose_name_plural = "ingelezen records"
        constraints = [models.UniqueConstraint(fields=["file", "key"], name="imported_record_once")]

    def __str__(self):
        return f"{self.file}: {self.key}"
