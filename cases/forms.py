from django import forms

from .models import Case, FormerSlug


class CaseForm(forms.ModelForm):
    """A case with its rules, for the admin and for the importer alike."""

    sources: list | None = None  # the importer knows them here; in the admin their own formset does

    class Meta:
        model = Case
        fields = "__all__"  # noqa: DJ007  (the admin and the importer each name theirs)

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        if FormerSlug.objects.filter(slug=slug).exclude(case=self.instance.pk).exists():
            raise forms.ValidationError("Dit was het webadres van een andere case, en dat blijft daarheen leiden.")
        return slug

    def _post_clean(self):
        super()._post_clean()  # type: ignore[misc]  # now self.instance holds what the form says
        names = ("provinces", "sectors", "routes", "lead_organisations", "partner_organisations")
        related = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        if self.sources is not None:
            related["sources"] = self.sources
        for field, message in self.instance.problems(**related).items():
            self.add_error(field if field in self.fields else None, message)


class SourceFormSet(forms.BaseInlineFormSet):
    """The sources of a case; a published case has at least one."""

    def clean(self):
        super().clean()
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        problem = self.instance.problems(sources=kept).get("sources")
        if problem:
            raise forms.ValidationError(problem)
