"""What visitors hand in: the forms, and how a case of theirs becomes a concept."""

from contextlib import suppress
from datetime import timedelta
from typing import ClassVar

from django import forms
from django.core import signing
from django.core.mail import EmailMessage
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import number_format

from contacts.forms import FromVisitor
from experiments.models import Experiment
from programme.models import Organisation, Region, Status
from publishing import versions
from publishing.choices import ManyRows
from publishing.models import Version
from routes.models import Route

from .duplicates import probable_duplicates
from .models import Case, CaseSource, Remark, Submission

LONGEST_TEXT = 20_000
AGAIN = timedelta(hours=1)
THANKS = "case-thanks"


def grouped(number):
    return number_format(number, force_grouping=True)


def at_most(limit, label):
    """A validator that names its field and, as people write numbers, how long the text is."""

    def check(text):
        if len(text) > limit:
            long, most = grouped(len(text)), grouped(limit)
            raise forms.ValidationError(f"‘{label}’: dit zijn {long} tekens. Maak het niet langer dan {most}.")

    return check


def with_end(instrument):
    return f"{instrument} (afgelopen)" if instrument.status == Status.ENDED else str(instrument)


class SubmissionForm(FromVisitor, forms.ModelForm):
    """A case as a visitor hands it in: what an editor needs to go on with it."""

    organisation = forms.CharField(
        label="Welke organisatie trekt dit?",
        max_length=200,
        help_text="De officiële naam, zoals ROC van Twente.",
        error_messages={"required": "Vul in welke organisatie dit trekt."},
    )
    source_title = forms.CharField(
        label="Waar staat meer over deze case?",
        max_length=300,
        help_text="De titel van een bericht, rapport of pagina. Zonder bron kunnen wij een case niet publiceren.",
        error_messages={"required": "Noem een bron: de titel van een bericht, rapport of pagina."},
    )
    source_url = forms.URLField(
        label="Webadres van die bron",
        max_length=500,
        required=False,
        error_messages={"invalid": "Vul een webadres in zoals https://www.school.nl/nieuws."},
    )
    sender = forms.CharField(label="Uw naam", max_length=100, required=False)
    email = forms.EmailField(
        label="Uw e-mailadres",
        max_length=254,
        required=False,
        help_text="Dan bevestigen wij de ontvangst, en kunnen wij u iets vragen. Lezers zien het niet.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": "Vul een e-mailadres in zoals naam@school.nl."},
    )

    class Meta:
        model = Case
        fields = [
            "title",
            "other_partners",
            "summary",
            "body",
            "place",
            "provinces",
            "nationwide",
            "sectors",
            "levels",
            "first_year",
            "last_year",
            "experiments",
            "routes",
            "website",
        ]
        field_classes = dict.fromkeys(["provinces", "sectors", "levels", "experiments", "routes"], ManyRows)
        labels = {
            "title": "Hoe heet de case?",
            "other_partners": "Wie doen er nog meer mee?",
            "summary": "Wat is het, in één of twee zinnen?",
            "body": "Wat is er gedaan, en wat leverde het op?",
            "place": "In welke plaats?",
            "provinces": "In welke provincie?",
            "nationwide": "Dit is in het hele land",
            "sectors": "Voor welke sector?",
            "levels": "Voor welk mbo-niveau?",
            "first_year": "In welk jaar begon het?",
            "last_year": "In welk jaar hield het op?",
            "experiments": "Hoort het bij een experiment of regeling?",
            "routes": "Hoort het bij een leerroute?",
            "website": "Website van de case",
        }
        help_texts = {
            "other_partners": "Bedrijven, scholen, overheden. Alleen namen van organisaties, niet van personen.",
            "summary": "Hoogstens 600 tekens.",
            "body": "Een lege regel begint een nieuwe alinea. *Zo* wordt schuin, **zo** vet. HTML blijft tekst. "
            f"Hoogstens {grouped(LONGEST_TEXT)} tekens.",
            "nationwide": "De case telt dan in elke provincie mee. Provincies die u ook kiest, blijven erbij staan.",
            "first_year": "Vier cijfers.",
            "last_year": "Leeg = onbekend, of het loopt nog.",
            "website": "",
        }
        widgets = {
            "other_partners": forms.Textarea(attrs={"rows": 3}),
            "summary": forms.Textarea(attrs={"rows": 3}),
            "body": forms.Textarea(attrs={"rows": 12}),
            "provinces": forms.CheckboxSelectMultiple,
            "sectors": forms.CheckboxSelectMultiple,
            "levels": forms.CheckboxSelectMultiple,
            "experiments": forms.CheckboxSelectMultiple,
            "routes": forms.CheckboxSelectMultiple,
        }
        error_messages = {
            "title": {"required": "Vul een titel in."},
            "summary": {"required": "Schrijf in één of twee zinnen wat het is."},
            "website": {"invalid": "Vul een webadres in zoals https://www.school.nl."},
        }

    parts: ClassVar = {
        "De case": ["title", "summary", "body"],
        "Wie": ["organisation", "other_partners"],
        "Waar en voor wie": ["place", "provinces", "nationwide", "sectors", "levels"],
        "Wanneer": ["first_year", "last_year"],
        "Waar het bij hoort": ["experiments", "routes"],
        "Waar meer staat": ["source_title", "source_url", "website"],
        "Over u": ["sender", "email"],
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["body"].required = True
        self.fields["summary"].widget.attrs.pop("maxlength", None)  # a browser would cut a longer one in silence
        self.fields["body"].error_messages["required"] = "Schrijf wat er is gedaan."
        choices = {
            "provinces": Region.objects.filter(kind=Region.Kind.PROVINCE).order_by("name"),
            "experiments": Experiment.objects.published().with_status(),
            "routes": Route.objects.published().with_status(),
        }
        for name in ("experiments", "routes"):
            self.fields[name].label_from_instance = with_end  # type: ignore[attr-defined]
        for name, rows in choices.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            limit = LONGEST_TEXT if name == "body" else getattr(field, "max_length", None)
            if limit:
                others = [check for check in field.validators if not isinstance(check, MaxLengthValidator)]
                field.validators = [*others, at_most(limit, field.label)]
        self.order_fields(name for names in self.parts.values() for name in names)  # as its errors are listed too
        for name, field in self.fields.items():
            if not (field.required or field.widget.is_hidden or name in {"provinces", "nationwide", "homepage"}):
                field.label = f"{field.label} (mag leeg blijven)"

    def groups(self):
        """[(heading, its fields)], as a visitor reads the form."""
        return [(title, [self[name] for name in names]) for title, names in self.parts.items()]

    def clean_title(self):
        return " ".join(self.cleaned_data["title"].split())

    def clean(self):
        cleaned = super().clean()
        if "provinces" in cleaned and not cleaned["provinces"] and not cleaned.get("nationwide"):
            self.add_error("provinces", "Kies een provincie, of vink aan dat het in het hele land is.")
        first, last = cleaned.get("first_year"), cleaned.get("last_year")
        if first and last and last < first:
            self.add_error("last_year", "Het laatste jaar ligt vóór het eerste jaar.")
        return cleaned

    def save_concept(self, is_spam):
        """Store what was handed in as a concept, with its likely duplicates named for the editor.

        Returns whether it is new: what was sent twice is kept once.
        """
        with suppress(IntegrityError):
            return self.stored(is_spam)
        return self.stored(is_spam)  # of two who send the same at once, the other has the address by now

    def stored(self, is_spam):
        asked = self.cleaned_data
        name = " ".join(asked["organisation"].split())
        known = Organisation.objects.filter(name__iexact=name).first()
        lately = Submission.objects.filter(created_at__gt=timezone.now() - AGAIN).select_related("case")
        if any(map(self.repeats, lately.filter(organisation=name, email=asked["email"], case__title=asked["title"]))):
            return False
        likely = probable_duplicates(asked["title"], organisations=[known.pk] if known else None)
        with transaction.atomic():
            case = self.save(commit=False)
            case.slug = Case.objects.free_slug(case.title)
            case.editor_note = note(name, known, likely)
            case.save()
            self.save_m2m()
            if known:
                case.lead_organisations.add(known)
            case.sources.create(title=asked["source_title"], url=asked["source_url"])
            submission = Submission.objects.create(
                case=case, name=asked["sender"], email=asked["email"], organisation=name, is_spam=is_spam
            )
            versions.record(case, Version.Event.ADDED, comment="Aangemeld op de site.")
        confirm(submission)
        return True

    def repeats(self, submission):
        """Whether this is the same, sent once more after going back; with a word mended it is another."""
        source = submission.case.sources.first() or CaseSource()
        before = {"source_title": source.title, "source_url": source.url, "sender": submission.name}
        changed = type(self)(self.data, instance=submission.case, initial=before).changed_data
        return {*changed} <= {"title", "organisation", "email", "stamp", "homepage"}  # the first three were compared

    def thanks(self, is_new):
        """What the page after sending may say, for the address of that page: without it nobody is thanked."""
        said = {"title": self.cleaned_data["title"], "email": bool(self.cleaned_data["email"]), "is_new": is_new}
        return signing.dumps(said, salt=THANKS, compress=True)


def thanked(token):
    """What thanks() put in an address, or None for one made up or too old."""
    with suppress(signing.BadSignature):
        return signing.loads(token, salt=THANKS, max_age=AGAIN)
    return None


def note(name, known, likely):
    """What an editor should know of a case that was handed in."""
    lines = ["Aangemeld op de site. Controleer de tekst en de bron."]
    if not known:
        lines.append(f"Trekker volgens de inzender: {name}. Die staat nog niet bij de organisaties.")
    if likely:
        public = [case for case in likely if case.stage == "gepubliceerd"]
        said = [f"{case.title} ({case.get_absolute_url()})" for case in public]
        said += ["een case die niet op de site staat"] if len(likely) > len(public) else []
        lines.append(f"Lijkt op: {'; '.join(said)}")
    return "\n".join(lines)


def confirm(submission):
    """Mail the sender that the case came in. It holds nothing that the sender wrote: the address may be another's."""
    if not submission.email or submission.is_spam:
        return
    mail = EmailMessage(
        subject="Uw case is bij ons binnen",
        body=(
            "Dank u wel. De case die u aanmeldde bij het portaal van doel 9 van het Techniekpact is binnen.\n\n"
            "Een redacteur leest hem en kijkt naar de bron. Misschien krijgt u nog een vraag. "
            "Staat de case op de site, dan vindt u hem bij alle cases.\n\n"
            "Hebt u niets aangemeld? Dan vulde iemand anders uw adres in. U hoeft niets te doen.\n"
        ),
        to=[submission.email],
    )
    with suppress(OSError, ValueError):  # the case is in; without this mail too
        mail.send()


class RemarkForm(FromVisitor, forms.ModelForm):
    """What is wrong in a case."""

    class Meta:
        model = Remark
        fields = ["text", "name", "email"]
        labels = {"text": "Wat klopt er niet?", "name": "Uw naam", "email": "Uw e-mailadres"}
        help_texts = {
            "text": "Noem als het kan ook waar staat hoe het wel is.",
            "name": "Mag leeg blijven.",
            "email": "Mag leeg blijven. Alleen om u iets te vragen.",
        }
        widgets = {
            "text": forms.Textarea(attrs={"rows": 8}),
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }
        error_messages = {
            "text": {"required": "Schrijf wat er niet klopt."},
            "email": {"invalid": "Vul een e-mailadres in zoals naam@school.nl."},
        }
