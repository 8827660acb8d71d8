from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group, User
from django.db.models import Q
from django.forms import CheckboxSelectMultiple
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from discovery.admin import SynonymAdmin
from discovery.models import Synonym
from programme.models import WorkArea
from publishing import links
from publishing.admin import NotFoundAdmin
from publishing.models import JobRun, Link, Reminder
from publishing.probe import Prober

from .models import ImportedRecord

MOST_TESTED = 10  # by one click, which waits for them
MOST_USERS = 5  # named beside a link

admin.site.unregister([User, Group, Synonym])  # the groups are fixed: create_accounts makes them


class WorkAreaInline(admin.StackedInline):
    model = WorkArea
    can_delete = False

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        return super().formfield_for_manytomany(db_field, request, widget=CheckboxSelectMultiple, **kwargs)


@admin.register(Synonym)
class PortalSynonymAdmin(NotFoundAdmin, SynonymAdmin):
    """Its own room knows no other."""


@admin.register(User)
class PortalUserAdmin(NotFoundAdmin, UserAdmin):
    """Who may log in. Rights come with a group, not one by one."""

    list_display = ["username", "first_name", "last_name", "email", "is_staff", "is_superuser", "last_login"]
    list_filter = ["is_staff", "is_superuser", "is_active", "groups"]
    filter_horizontal = []
    inlines = [WorkAreaInline]
    add_form = AdminUserCreationForm
    rights: tuple[str, Any] = (
        "Wat mag deze persoon",
        {
            "fields": ["is_active", "is_staff", "groups", "is_superuser"],
            "description": "‘Stafstatus’ = mag inloggen in het beheer. Kies ook een groep: een redacteur schrijft, "
            "een eindredacteur mag ook publiceren.",
        },
    )
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Persoon", {"fields": ["first_name", "last_name", "email"]}),
        rights,
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "usable_password", "password1", "password2"]}),
        ("Persoon", {"fields": ["first_name", "last_name", "email"]}),
        rights,
    ]

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        return super().formfield_for_manytomany(db_field, request, widget=CheckboxSelectMultiple, **kwargs)


class LinkState(admin.SimpleListFilter):
    title = "stand"
    parameter_name = "stand"

    def lookups(self, request, model_admin):
        return [
            ("kapot", "Kapot: lezers zien dat"),
            ("mis", "Ging mis, nog niet kapot"),
            ("niet-te-testen", "Niet te testen"),
            ("werkt", "Werkt"),
            ("nieuw", "Nog niet getest"),
        ]

    def queryset(self, request, queryset):
        broken = Q(failures__gte=settings.LINK_FAILURES)
        chosen = {
            "kapot": broken,
            "mis": Q(failures__gt=0) & ~broken,
            "niet-te-testen": Q(failures=0) & ~Q(error=""),
            "werkt": Q(failures=0, error="", checked_at__isnull=False),
            "nieuw": Q(checked_at=None),
        }.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)


class LinkList(ChangeList):
    def get_results(self, request):
        super().get_results(request)
        shown = list(self.result_list)
        having = links.uses(Link.objects.filter(pk__in=[link.pk for link in shown]))
        for link in shown:
            link.users = having.get(link.url, [])
        self.result_list = shown


@admin.register(Link)
class LinkAdmin(NotFoundAdmin):
    """The addresses in the content and whether they work, to look at only: manage.py check_links keeps them."""

    list_display = ["url", "used", "error", "failures", "checked_at", "worked_at"]
    list_filter = [LinkState]
    list_per_page = 50
    search_fields = ["url"]
    actions = ["test"]
    fields = ["address", "used", "status", "error", "failures", "checked_at", "worked_at", "failed_at", "due_at"]
    readonly_fields = ["address", "used"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_test_permission(self, request):
        return request.user.has_perm("publishing.change_link")

    def get_changelist(self, request, **kwargs):
        return LinkList

    @admin.display(description="adres")
    def address(self, link):
        return format_html('<a href="{}" rel="noreferrer">{}</a>', link.url, link.url)

    @admin.display(description="staat bij")
    def used(self, link):
        """Links to the forms of the rows that have this address."""
        users = link.users if hasattr(link, "users") else links.uses(Link.objects.filter(pk=link.pk)).get(link.url, [])
        shown = [
            (reverse(f"admin:{user._meta.app_label}_{user._meta.model_name}_change", args=[quote(user.pk)]), user)
            for user in users[:MOST_USERS]
        ]
        more = f" en nog {len(users) - MOST_USERS}" if len(users) > MOST_USERS else ""
        return format_html("{}{}", format_html_join(", ", '<a href="{}">{}</a>', shown) or "–", more)

    @admin.action(description="Nu testen", permissions=["test"])
    def test(self, request, queryset):
        if len(queryset) > MOST_TESTED:
            self.message_user(request, f"Kies hoogstens {MOST_TESTED} links.", messages.ERROR)
            return
        try:
            report = links.check(queryset, Prober(tries=1, total=5))
        except links.NoNetwork:
            self.message_user(request, "Geen verbinding met internet. Niets is geteld.", messages.ERROR)
            return
        works, fails, unknown = (report.counts[each] for each in (True, False, None))
        said = f"Getest: {report.tried}. Werkt: {works}, mis: {fails}, niet te testen: {unknown}."
        self.message_user(request, said, messages.WARNING if fails else messages.SUCCESS)


class LookedAtAdmin(NotFoundAdmin):
    """What the portal keeps of itself, to look at only."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(ImportedRecord)
class ImportedRecordAdmin(LookedAtAdmin):
    """What came from content/: the importer keeps it."""

    list_display = ["file", "key", "imported_at"]
    list_filter = ["file"]
    search_fields = ["key"]


@admin.register(Reminder)
class ReminderAdmin(LookedAtAdmin):
    """Who was asked whether a text still is true, and what came back."""

    list_display = ["title", "content_type", "address", "sent_at", "error", "answer", "answered_at"]
    list_filter = ["answer", ("error", admin.EmptyFieldListFilter)]
    list_select_related = ["content_type"]
    search_fields = ["title", "address"]
    date_hierarchy = "sent_at"


@admin.register(JobRun)
class JobRunAdmin(LookedAtAdmin):
    """What manage.py run_due did."""

    list_display = ["key", "started_at", "finished_at", "result"]
    list_filter = [("finished_at", admin.EmptyFieldListFilter)]
    search_fields = ["key"]
