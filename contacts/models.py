from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from programme.models import Region, Sector
from publishing.models import Checked

SENDING = "wordt verstuurd"  # stays when the process died halfway; then nobody knows whether the mail went


class ContactQuerySet(models.QuerySet):
    def current(self):
        """Contacts that are not past their date."""
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=timezone.localdate()))

    def answering(self, regions, sectors):
        """(contact, why in Dutch) for lists of Regions and Sectors; see Directory."""
        return Directory().answering(regions, sectors)


class Directory:
    """Who answers for what, read from the database once."""

    def __init__(self):
        current = Contact.objects.current()
        self.areas = list(Area.objects.filter(contact__in=current).select_related("contact", "region", "sector"))
        self.fallback = current.filter(is_fallback=True).first()

    def answering(self, regions, sectors):
        """(contact, why in Dutch) for lists of Regions and Sectors, which may be empty.

        The most specific area wins, from province and sector, landsdeel and sector, province, landsdeel, to sector;
        where none fits, the fallback answers. The contact is None only as long as the portal has no fallback yet.
        """
        here = {region.pk for region in regions}
        around = {region.landsdeel_id for region in regions} - {None}
        ours = {sector.pk for sector in sectors}

        def steps(area):
            where, what = area.region_id, area.sector_id
            return [
                where in here and what in ours,
                where in around and what in ours,
                where in here and what is None,
                where in around and what is None,
                where is None and what in ours,
            ]

        fitting = [(steps(area).index(True), area.pk, area) for area in self.areas if any(steps(area))]
        if fitting:
            *_, area = min(fitting)
            return area.contact, f"contact voor {area}"
        if regions or sectors:
            return self.fallback, "voor deze regio en sector is nog geen eigen contact bekend"
        return self.fallback, "contact voor alle vragen over doel 9"


class Contact(Checked, models.Model):
    """A desk or a person that visitors can turn to.

    A person's e-mail address or telephone number is shown only with a recorded consent
    (AVG art. 6 and 7); the form on the contact page works without.
    """

    class Kind(models.TextChoices):
        DESK = "desk", "loket"
        PERSON = "person", "persoon"

    slug = models.SlugField("webadres", max_length=100, unique=True)
    name = models.CharField("naam", max_length=200)
    kind = models.CharField("soort", max_length=10, choices=Kind, default=Kind.DESK)
    organisation_name = models.CharField("organisatie", max_length=200, blank=True)
    named_person = models.CharField(
        "contactpersoon",
        max_length=200,
        blank=True,
        help_text="Alleen een naam die in een openbare bron bij dit loket staat.",
    )
    role = models.CharField("functie", max_length=200, blank=True)
    email = models.EmailField(
        "e-mailadres",
        blank=True,
        help_text="Berichten van het formulier gaan hierheen. Bezoekers zien het adres alleen met toestemming.",
    )
    phone = models.CharField("telefoonnummer", max_length=40, blank=True)
    consent_on = models.DateField(
        "toestemming gegeven op",
        null=True,
        blank=True,
        help_text="De dag waarop deze persoon goedvond dat e-mailadres en telefoonnummer op de site staan.",
    )
    consent_note = models.TextField(
        "hoe is toestemming gegeven", blank=True, help_text="Wie vroeg het, en met welke tekst?"
    )
    is_fallback = models.BooleanField(
        "vangnet",
        default=False,
        help_text="Hier komt elke vraag waarvoor geen eigen contact is. Er is er precies één.",
    )
    valid_until = models.DateField(
        "klopt tot en met", null=True, blank=True, help_text="Na deze dag tonen we dit contact niet meer."
    )
    note = models.TextField("toelichting", blank=True, help_text="Lezers zien deze toelichting.")
    source_title = models.CharField("bron", max_length=300, blank=True)
    source_url = models.URLField("adres van de bron", max_length=500, blank=True)

    objects = ContactQuerySet.as_manager()
    parts = ("areas",)

    class Meta:
        ordering = ["-is_fallback", "name", "pk"]
        verbose_name = "contact"
        verbose_name_plural = "contacten"
        constraints = [
            models.UniqueConstraint(
                fields=["is_fallback"],
                condition=Q(is_fallback=True),
                name="contact_has_one_fallback",
                violation_error_code="unique",
                violation_error_message="Er is al een vangnet. Kies in de lijst de actie ‘Maak dit het vangnet’.",
            ),
            models.CheckConstraint(
                name="contact_fallback_never_lapses",
                condition=Q(is_fallback=False) | Q(valid_until__isnull=True),
                violation_error_message="Het vangnet verloopt niet: laat ‘klopt tot en met’ leeg.",
            ),
            models.CheckConstraint(
                name="contact_consent_is_explained",
                condition=Q(consent_on__isnull=True) | ~Q(consent_note=""),
                violation_error_message="Schrijf op hoe de toestemming is gegeven.",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("contacts:detail", args=[self.slug])

    def clean(self):
        if not self.is_fallback and Contact.objects.filter(pk=self.pk, is_fallback=True).exists():
            raise ValidationError(
                {"is_fallback": "Er moet een vangnet blijven. Kies bij een ander contact ‘Maak dit het vangnet’."}
            )

    @property
    def public_email(self):
        """The address that visitors may see; '' without a recorded consent."""
        return self.email if self.consent_on else ""

    @property
    def public_phone(self):
        """The number that visitors may see; '' without a recorded consent."""
        return self.phone if self.consent_on else ""


class Area(models.Model):
    """What a contact answers for: a region, a sector, or a sector in a region."""

    contact = models.ForeignKey(Contact, verbose_name="contact", on_delete=models.CASCADE, related_name="areas")
    region = models.ForeignKey(
        Region, verbose_name="regio", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sector = models.ForeignKey(
        Sector, verbose_name="sector", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = [F("region").asc(nulls_last=True), F("sector").asc(nulls_last=True), "pk"]
        verbose_name = "gebied"
        verbose_name_plural = "gebieden"
        # Three constraints and not one with nulls_distinct=False: SQLite does not have that.
        constraints = [
            models.UniqueConstraint(
                fields=["region", "sector"],
                name="area_region_and_sector_once",
                violation_error_message="Deze regio met deze sector heeft al een contact.",
            ),
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(sector__isnull=True),
                name="area_region_once",
                violation_error_message="Deze regio heeft al een contact voor alle sectoren.",
            ),
            models.UniqueConstraint(
                fields=["sector"],
                condition=Q(region__isnull=True),
                name="area_sector_once",
                violation_error_message="Deze sector heeft al een contact voor alle regio’s.",
            ),
            models.CheckConstraint(
                name="area_says_where_or_what",
                condition=Q(region__isnull=False) | Q(sector__isnull=False),
                violation_error_message="Kies een regio, een sector, of allebei.",
            ),
        ]

    def __str__(self):
        """Why this contact answers, as a reader sees it: 'techniek in heel Oost'."""
        where = self.region and (
            f"heel {self.region}" if self.region.kind == Region.Kind.LANDSDEEL else f"{self.region}"
        )
        what = str(self.sector).lower() if self.sector else ""
        if what and where:
            return f"{what} in {where}"
        return where or f"{what} in heel Nederland"


class MessageQuerySet(models.QuerySet):
    def waiting(self):
        """What nobody read yet but in the admin: it was not mailed."""
        return self.filter(mailed_to="", handled_at=None, is_spam=False)


class Message(models.Model):
    """What a visitor wrote. Stored before anything is mailed, so that no failing mail server loses it."""

    contact = models.ForeignKey(Contact, verbose_name="aan", on_delete=models.PROTECT, related_name="messages")
    name = models.CharField("naam", max_length=100)
    email = models.EmailField("e-mailadres")
    text = models.TextField("bericht", max_length=5000)
    page = models.CharField("gestuurd vanaf", max_length=300, blank=True)
    is_spam = models.BooleanField("lijkt ongewenst", default=False)
    created_at = models.DateTimeField("ontvangen", auto_now_add=True)
    mailed_to = models.CharField("gemaild naar", max_length=254, blank=True)
    mail_error = models.CharField("fout bij mailen", max_length=300, blank=True)
    handled_at = models.DateTimeField("afgehandeld", null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "bericht"
        verbose_name_plural = "berichten"

    def __str__(self):
        return f"Bericht van {self.name}"

    def deliver(self):
        """Mail this message, after it was stored; what goes wrong is kept with it, for the editors to see.

        It goes to the contact's own address, else to CONTACT_EMAIL, else it waits in the admin. Of two who deliver it
        at once, one mails. Returns whether it went, or None for who did not try.
        """
        address = self.contact.email or settings.CONTACT_EMAIL
        as_we_saw_it = Message.objects.filter(pk=self.pk, mailed_to="", mail_error=self.mail_error)
        if not address or not as_we_saw_it.update(mail_error=f"{SENDING} ({timezone.localtime():%H:%M:%S.%f})"):
            return None
        mail = EmailMessage(
            subject=f"Bericht via de site aan {self.contact}",
            body=f"{self.text}\n\n-- \n{self.name} <{self.email}>\nGestuurd vanaf: {self.page or 'de contactpagina'}\n",
            to=[address],
            reply_to=[self.email],
        )
        try:
            mail.send()
        except (OSError, ValueError) as error:  # smtplib's and socket's errors are OSErrors
            self.mail_error = f"{type(error).__name__}: {error}"[:300]
        else:
            self.mailed_to, self.mail_error = address, ""
        self.save(update_fields=["mailed_to", "mail_error"])
        return bool(self.mailed_to)
