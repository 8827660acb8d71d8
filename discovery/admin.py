from django.contrib import admin
from django.http import Http404
from django.utils.text import slugify

from .models import Synonym


@admin.register(Synonym)
class SynonymAdmin(admin.ModelAdmin):
    fields = ["words"]
    list_display = ["words"]
    search_fields = ["words"]

    def save_model(self, request, obj, form, change):
        """Give a new group a slug, which only the files of content/ ask for."""
        base, number = slugify(obj.words)[:40] or "groep", 1
        while not change and (not obj.slug or Synonym.objects.filter(slug=obj.slug).exists()):
            obj.slug = base if number == 1 else f"{base}-{number}"
            number += 1
        super().save_model(request, obj, form, change)

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        raise Http404("Deze groep is er niet.")
