"""Words of the field, explained: what /begrippen/ shows, and what a text links to at first use."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from publishing.models import MARKDOWN


def folded(text):
    """A spelling as it is looked up: without capitals and ends of lines, and with one kind of apostrophe."""
    return " ".join(text.casefold().replace("’", "'").split())


class Term(models.Model):
    """A word that readers may not know, with its explanation and where that comes from."""

    name = models.CharField("naam", max_length=100, unique=True)
    slug = models.SlugField("webadres", unique=True, help_text="Wordt het anker op de pagina Begrippen.")
    other_names = models.CharField(
        "andere namen", max_length=300, blank=True, help_text="Met komma’s ertussen. Lezers zien ze bij het begrip."
    )
    forms = models.TextField(
        "andere vormen",
        blank=True,
        max_length=1000,
        help_text=(
            "Zoals teksten het woord ook schrijven, met komma’s ertussen: bbl’er, bbl-student. Lezers zien dit niet. "
            "Een vorm die nergens staat, krijgt in teksten geen link."
        ),
    )
    explanation = models.TextField(
        "uitleg", help_text=f"In één tot vier korte zinnen. Is het voorbij? Schrijf dat er dan bij. {MARKDOWN}"
    )
    instrument = models.SlugField(
        "experiment of leerroute",
        blank=True,
        help_text="Het webadres van het experiment of de leerroute waar dit woord de naam van is, zoals rif.",
    )
    source_title = models.CharField("bron", max_length=200, help_text="Voor een woord van deze site: dit portaal.")
    source_url = models.URLField("webadres van de bron", max_length=500, blank=True)

    class Meta:
        ordering = [Lower("name"), "pk"]
        verbose_name = "begrip"
        verbose_name_plural = "begrippen"

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"{reverse('glossary')}#{self.slug}"

    @property
    def spellings(self):
        """Every way in which a text may write it."""
        written = [self.name, *self.other_names.split(","), *self.forms.split(",")]
        return [each for each in map(str.strip, written) if len(each) > 1]

    @property
    def letter(self):
        """Under which it stands."""
        return self.name[0].upper()

    def clean(self):
        """One word has one explanation: else which one a text links to would be chance."""
        ours = {folded(spelling) for spelling in self.spellings}
        for term in Term.objects.exclude(pk=self.pk):
            both = [spelling for spelling in term.spellings if folded(spelling) in ours]
            if both:
                raise ValidationError(f"‘{both[0]}’ staat al bij het begrip ‘{term}’.", code="unique")
