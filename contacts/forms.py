import time

from django import forms
from django.core import signing

from programme.models import Region, RegionAlias, Sector

from .models import Message

QUICKEST, SLOWEST = 3, 24 * 60 * 60  # seconds between opening and sending the form
STAMP = signing.Signer(salt="contact-form")


def own_path(text):
    """`text` when it is a path of this site, of a size that fits; else ''."""
    fits = len(text) <= 300 and "\0" not in text
    return text if fits and text.startswith("/") and text[1:2] not in ("/", "\\") else ""


class SlugField(forms.ModelChoiceField):
    """Choose a row by its slug, or by an alias of it."""

    def __init__(self, queryset, *, aliases=None, **kwargs):
        self.aliases = aliases
        super().__init__(queryset, to_field_name="slug", required=False, **kwargs)

    def to_python(self, value):
        try:
            return super().to_python(value)
        except forms.ValidationError:
            if self.aliases and "\0" not in value:
                alias = self.aliases.objects.filter(slug=value).select_related("region__landsdeel").first()
                if alias:
                    return alias.region
            raise


class LookupForm(forms.Form):
    """Region and sector of a visitor who looks for a contact. Unknown values get a message."""

    regio = SlugField(
        Region.objects.select_related("landsdeel"),
        aliases=RegionAlias,
        label="Regio",
        empty_label="Heel Nederland",
        error_messages={"invalid_choice": "Deze regio kennen wij niet. Kies een regio uit de lijst."},
    )
    sector = SlugField(
        Sector.objects.all(),
        label="Sector",
        empty_label="Alle sectoren",
        error_messages={"invalid_choice": "Deze sector kennen wij niet. Kies een sector uit de lijst."},
    )

    @property
    def answered(self):
        """The names of the questions with a valid answer in the address; an empty one counts."""
        return [name for name in self.fields if name in self.data and name in self.cleaned_data]


class FromVisitor(forms.Form):
    """A form for everyone. What looks sent by a robot is accepted, and marked as unwanted."""

    homepage = forms.CharField(label="Laat dit veld leeg", required=False)  # bots fill it in
    stamp = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["stamp"].initial = STAMP.sign(str(int(time.time())))

    def clean(self):
        """A visitor cannot mend a hidden field: what is wrong there is left out."""
        cleaned = super().clean() or self.cleaned_data
        for name, field in self.fields.items():
            if field.widget.is_hidden and self.errors.pop(name, None):
                cleaned[name] = ""
        return cleaned

    @property
    def looks_like_spam(self):
        """A filled-in trap, or a form that was sent too fast, too late or without our stamp."""
        try:
            age = time.time() - int(STAMP.unsign(self.cleaned_data["stamp"]))
        except signing.BadSignature:
            return True
        return bool(self.cleaned_data["homepage"]) or not QUICKEST <= age <= SLOWEST


class MessageForm(FromVisitor, forms.ModelForm):
    """A message to a contact."""

    class Meta:
        model = Message
        fields = ["name", "email", "text", "page"]
        labels = {"name": "Uw naam", "email": "Uw e-mailadres", "text": "Uw bericht"}
        help_texts = {"email": "Alleen om u te antwoorden."}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "text": forms.Textarea(attrs={"rows": 8}),
            "page": forms.HiddenInput,
        }
        error_messages = {
            "name": {"required": "Vul uw naam in."},
            "email": {
                "required": "Vul uw e-mailadres in.",
                "invalid": "Vul een e-mailadres in zoals naam@school.nl.",
            },
            "text": {"required": "Schrijf uw bericht."},
        }

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())

    def clean_page(self):
        return own_path(self.cleaned_data["page"])
