from django import forms

from publishing.forms import PublishableForm

from .models import FormerSlug


class CaseForm(PublishableForm):
    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        if FormerSlug.objects.filter(slug=slug).exclude(case=self.instance.pk).exists():
            message = "Dit was het webadres van een andere case, en dat blijft daarheen leiden."
            raise forms.ValidationError(message, code="unique")
        return slug
