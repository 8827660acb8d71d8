from django.contrib import admin

from .models import Synonym


@admin.register(Synonym)
class SynonymAdmin(admin.ModelAdmin):
    fields = ["words", "slug"]
    list_display = ["words"]
    search_fields = ["words"]
    prepopulated_fields = {"slug": ["words"]}
