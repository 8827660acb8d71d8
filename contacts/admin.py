from django.contrib import admin, messages
from django.db import transaction
from django.utils import timezone

from .models import Area, Contact, Message


class AreaInline(admin.TabularInline):
    model = Area
    autocomplete_fields = ["region", "sector"]
    extra = 0


@admin.register(Contact)
class ContactAdmin(admin.ModelAdmin):
    list_display = ["name", "kind", "named_person", "is_fallback", "valid_until"]
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
        ("Wanneer kiest de contactzoeker dit contact", {"fields": ["is_fallback", "valid_until"]}),
        ("Bron", {"fields": ["source_title", "source_url"]}),
    ]

    def has_delete_permission(self, request, obj=None):
        """The fallback stays: a question must always end somewhere."""
        return super().has_delete_permission(request, obj) and not (obj and obj.is_fallback)

    @admin.action(description="Maak dit het vangnet", permissions=["change"])
    def make_fallback(self, request, queryset):
        if queryset.count() != 1:
            self.message_user(request, "Kies precies één contact.", messages.ERROR)
            return
        with transaction.atomic():
            Contact.objects.filter(is_fallback=True).update(is_fallback=False)
            queryset.update(is_fallback=True, valid_until=None)
        self.log_change(request, queryset.get(), "Het vangnet geworden.")
        self.message_user(request, "Dit contact is nu het vangnet.", messages.SUCCESS)


@admin.register(Area)
class AreaAdmin(admin.ModelAdmin):
    list_display = ["__str__", "contact", "region", "sector"]
    list_filter = ["region", "sector"]
    list_select_related = ["contact", "region", "sector"]
    search_fields = ["contact__name", "region__name", "sector__name"]
    autocomplete_fields = ["contact", "region", "sector"]


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    """What visitors wrote. Read here; changing it would make it another message."""

    list_display = ["created_at", "name", "contact", "is_spam", "mailed_to", "mail_error", "handled_at"]
    list_filter = ["is_spam", "contact", ("handled_at", admin.EmptyFieldListFilter)]
    list_select_related = ["contact"]
    search_fields = ["name", "email", "text"]
    date_hierarchy = "created_at"
    actions = ["mark_handled", "deliver_again"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    @admin.action(description="Markeer als afgehandeld")
    def mark_handled(self, request, queryset):
        count = queryset.filter(handled_at=None).update(handled_at=timezone.now())
        self.message_user(request, f"Afgehandeld: {count}.")

    @admin.action(description="Nog eens mailen")
    def deliver_again(self, request, queryset):
        waiting = list(queryset.filter(mailed_to=""))
        for message in waiting:
            message.deliver()
        sent = sum(bool(message.mailed_to) for message in waiting)
        level = messages.SUCCESS if sent == len(waiting) else messages.WARNING
        self.message_user(request, f"Gemaild: {sent}. Niet gelukt: {len(waiting) - sent}.", level)
