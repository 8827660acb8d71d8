from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator

from publishing.admin import NotFoundAdmin, VersionedAdmin
from publishing.choices import ChoosingAdmin
from publishing.models import Version
from publishing.versions import remember

from .models import Area, Contact, Message


class AreaInline(ChoosingAdmin, admin.StackedInline):
    model = Area
    autocomplete_fields = ["region", "sector"]
    extra = 1
    verbose_name_plural = "Gebieden: waarvoor antwoordt dit contact? Leeg = alle regio’s of alle sectoren"


@admin.register(Contact)
class ContactAdmin(VersionedAdmin):
    list_display = ["name", "kind", "areas_text", "is_fallback", "valid_until", "mailed"]
    list_filter = ["kind", "is_fallback"]
    search_fields = ["name", "named_person", "organisation_name"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [AreaInline]
    actions = ["make_fallback"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "kind", "organisation_name", "named_person", "role", "note"]}),
        (
            "Bereikbaar",
            {
                "fields": ["email", "phone", "consent_on", "consent_note"],
                "description": "Zonder toestemming zien bezoekers geen adres of nummer; het formulier werkt altijd.",
            },
        ),
        ("Wanneer kiest de contactzoeker dit contact", {"fields": ["is_fallback", "valid_until", "checked_on"]}),
        ("Bron", {"fields": ["source_title", "source_url"]}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("areas__region", "areas__sector")

    def view_on_site(self, contact):
        return contact.get_absolute_url() if Contact.objects.current().contains(contact) else None

    @admin.display(description="gebieden")
    def areas_text(self, contact):
        return "; ".join(map(str, contact.areas.all())) or "–"

    @admin.display(description="berichten gaan naar")
    def mailed(self, contact):
        return contact.email or settings.CONTACT_EMAIL or "niemand: ze wachten onder Berichten"

    def get_deleted_objects(self, objs, request):
        """The fallback stays: a question must always end somewhere."""
        objects, counts, lacking, protected = super().get_deleted_objects(objs, request)
        if any(contact.is_fallback for contact in objs):
            protected = [*protected, "Dit is het vangnet. Maak eerst een ander contact het vangnet."]
        return objects, counts, lacking, protected

    def change(self, request, contact, **values):
        remember(contact)
        for name, value in values.items():
            setattr(contact, name, value)
        contact.save(update_fields=values)
        self.keep(request, contact, Version.Event.CHANGED)

    @admin.action(description="Maak dit het vangnet", permissions=["change"])
    def make_fallback(self, request, queryset):
        if queryset.count() != 1:
            self.message_user(request, "Kies precies één contact.", messages.ERROR)
            return
        with transaction.atomic():
            for contact in Contact.objects.filter(is_fallback=True):
                self.change(request, contact, is_fallback=False)
            self.change(request, queryset.get(), is_fallback=True, valid_until=None)
        self.log_change(request, queryset.get(), "Het vangnet geworden.")
        self.message_user(request, "Dit contact is nu het vangnet.", messages.SUCCESS)


@admin.register(Message)
class MessageAdmin(NotFoundAdmin):
    """What visitors wrote. An editor reads it and notes that it was handled; the message itself stays as it came."""

    list_display = ["created_at", "name", "beginning", "contact", "verdict", "mailed_to", "handled_at"]
    list_filter = [("handled_at", admin.EmptyFieldListFilter), "is_spam", "contact"]
    list_select_related = ["contact"]
    search_fields = ["name", "email", "text"]
    date_hierarchy = "created_at"
    actions = ["mark_handled", "deliver_again"]
    readonly_fields = ["created_at", "name", "reply", "text", "contact", "page", "is_spam", "mailed_to", "mail_error"]
    fields = [*readonly_fields, "handled_at"]

    def has_add_permission(self, request):
        return False

    @admin.display(description="bericht")
    def beginning(self, message):
        return Truncator(message.text).chars(60)

    @admin.display(description="ongewenst?")
    def verdict(self, message):
        return "lijkt ongewenst" if message.is_spam else ""

    @admin.display(description="e-mailadres")
    def reply(self, message):
        return format_html('<a href="mailto:{}">{}</a>', message.email, message.email)

    @admin.action(description="Markeer als afgehandeld", permissions=["change"])
    def mark_handled(self, request, queryset):
        count = queryset.filter(handled_at=None).update(handled_at=timezone.now())
        self.message_user(request, f"Afgehandeld: {count}.")

    @admin.action(description="Nog eens mailen", permissions=["change"])
    def deliver_again(self, request, queryset):
        waiting = list(queryset.filter(mailed_to=""))
        for message in waiting:
            message.deliver()
        sent = sum(bool(message.mailed_to) for message in waiting)
        level = messages.SUCCESS if sent == len(waiting) else messages.WARNING
        self.message_user(request, f"Gemaild: {sent}. Niet gelukt: {len(waiting) - sent}.", level)
