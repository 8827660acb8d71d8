from django.core.exceptions import ValidationError
from django.db import models

from .search import STOP_WORDS, plain


class ContentVersion(models.Model):
    """One row, of which `token` changes in the transaction of any change of public content (see database.py)."""

    token = models.CharField(max_length=36)
    search_rules = models.CharField(max_length=64, blank=True)  # by which rules the search texts were made

    def __str__(self):
        return self.token


class SearchText(models.Model):
    """What a row is found by: its words as search tokens, and as plain text for quoted phrases (see texts.py)."""

    kind = models.CharField(max_length=50)  # the label of the model, such as 'cases.case'
    key = models.CharField(max_length=100)  # its primary key
    tokens = models.TextField()
    plain = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="search_text_is_of_one_row")]

    def __str__(self):
        return f"{self.kind} {self.key}"


class Word(models.Model):
    """A word that stands somewhere in the search texts; the words that a typing error can mean."""

    word = models.CharField(primary_key=True, max_length=40)

    def __str__(self):
        return self.word


class Synonym(models.Model):
    """Words and abbreviations that mean the same to a visitor who searches."""

    slug = models.SlugField("kenmerk", unique=True, help_text="Voor het inlezen van bestanden.")
    words = models.CharField(
        "woorden",
        max_length=300,
        help_text="Twee of meer, met komma’s ertussen: ‘bpv, stage, beroepspraktijkvorming’. Wie het ene woord zoekt, "
        "vindt ook het andere. Enkelvoud is genoeg. Hoogstens 300 tekens.",
    )

    class Meta:
        ordering = ["words", "pk"]
        verbose_name = "groep synoniemen"
        verbose_name_plural = "synoniemen"

    def __str__(self):
        return self.words

    @property
    def members(self):
        """The words and phrases of this group, as the editor wrote them."""
        return [member for member in map(str.strip, self.words.split(",")) if member]

    def clean(self):
        ours = {" ".join(plain(member)): member for member in self.members}
        if len(ours) < 2:
            raise ValidationError({"words": "Vul twee of meer verschillende woorden in, met komma’s ertussen."})
        for words, member in ours.items():
            if len(words) < 2 or words in STOP_WORDS:
                raise ValidationError({"words": f"‘{member}’ zegt te weinig om op te zoeken. Laat het weg."})
        for other in Synonym.objects.exclude(pk=self.pk):
            for member in other.members:
                if " ".join(plain(member)) in ours:
                    raise ValidationError({"words": f"‘{member}’ staat al in de groep ‘{other}’. Vul die groep aan."})
