from django.contrib import admin

from .models import ImportedRecord

admin.site.site_header = "Beheer Techniekpact doel 9"
admin.site.site_title = "Beheer doel 9"
admin.site.index_title = "Wat wilt u doen?"


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
