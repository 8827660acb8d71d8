from django import forms

from .models import Qualification


class QualificationForm(forms.ModelForm):
    """A qualification with its rules, for the admin and for the importer alike."""

    class Meta:
        model = Qualification
        fields = "__all__"  # noqa: DJ007  (the admin and the importer each name theirs)

    def clean_crebo(self):
        return self.cleaned_data["crebo"] or None  # unknown is null, so that more than one may be unknown

    def clean_domains(self):
        domains = self.cleaned_data["domains"]
        problem = Qualification.problems(domains=domains).get("domains")
        if problem:
            raise forms.ValidationError(problem)
        return domains
