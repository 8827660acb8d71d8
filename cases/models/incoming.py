"""What visitors send in: a case of their own, or what is wrong in one. Kept from readers, with what may be personal."""

from django.db import models

from .case import Case


class Submission(models.Model):
    """That a visitor handed in a case, and whom to ask about it."""

    case = models.OneToOneField(Case, verbose_name="case", on_delete=models.CASCADE, related_name="submission")
    name = models.CharField("naam", max_length=100, blank=True)
    email = models.EmailField("e-mailadres", blank=True)
    organisation = models.CharField("organisatie", max_length=200, help_text="Zoals de inzender haar noemt.")
    is_spam = models.BooleanField("lijkt ongewenst", default=False)
    created_at = models.DateTimeField("ontvangen", auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "aanmelding"
        verbose_name_plural = "aanmeldingen"

    def __str__(self):
        return f"Aanmelding door {self.name or self.organisation}"


class Remark(models.Model):
    """What is wrong in a case, according to a visitor."""

    case = models.ForeignKey(Case, verbose_name="case", on_delete=models.CASCADE, related_name="remarks")
    text = models.TextField("wat klopt er niet", max_length=5000)
    name = models.CharField("naam", max_length=100, blank=True)
    email = models.EmailField("e-mailadres", blank=True)
    is_spam = models.BooleanField("lijkt ongewenst", default=False)
    created_at = models.DateTimeField("ontvangen", auto_now_add=True)
    handled_at = models.DateTimeField("afgehandeld", null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "opmerking bij een case"
        verbose_name_plural = "opmerkingen bij cases"

    def __str__(self):
        return f"Opmerking bij {self.case}"
