from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group, User
from django.forms import CheckboxSelectMultiple

from programme.models import WorkArea

from .models import ImportedRecord

admin.site.unregister([User, Group])  # the groups are fixed: create_accounts makes them


class WorkAreaInline(admin.StackedInline):
    model = WorkArea
    can_delete = False

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        return super().formfield_for_manytomany(db_field, request, widget=CheckboxSelectMultiple, **kwargs)


@admin.register(User)
class PortalUserAdmin(UserAdmin):
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


@admin.register(ImportedRecord)
class ImportedRecordAdmin(admin.ModelAdmin):
    """What came from content/, to look at only: the importer keeps it."""

    list_display = ["file", "key", "imported_at"]
    list_filter = ["file"]
    search_fields = ["key"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
