from django import forms
from django.utils import timezone

STEPS = {"_submit", "_publish", "_send_back"}  # the buttons of the form that do more than save


class VersionedForm(forms.ModelForm):
    """A form of the admin that is refused when someone else saved the row while this one lay open."""

    conflict = ""  # the Dutch sentence that says so; VersionedAdmin.get_form() finds out

    def clean(self):
        cleaned = super().clean()
        if self.conflict:
            self.add_error(None, forms.ValidationError(self.conflict, code="conflict"))
        return cleaned


class PublishableForm(VersionedForm):
    """A form that keeps the rules of a Publishable, for the admin and for the importer alike."""

    publish_at = None  # the moment that was asked for
    sources: list | None = None  # the importer knows them here; in the admin their own formset does

    def clean(self):
        cleaned = super().clean()
        if "_send_back" in self.data and not self.data.get("review_comment", "").strip():
            self.add_error(None, "Schrijf bij ‘opmerking’ wat er nog moet gebeuren. De auteur krijgt dat te lezen.")
        return cleaned

    def _post_clean(self):
        instance, before = self.instance, self.instance.published_at
        instance.to_be_published = bool({"_submit", "_publish"} & set(self.data))
        if instance.to_be_published:  # judged as published, which workflow.py makes it after it was stored
            self.publish_at = self.cleaned_data.get("published_at") or before or timezone.now()
            instance.published_at = self.cleaned_data["published_at"] = self.publish_at
        super()._post_clean()  # type: ignore[misc]  # now self.instance holds what the form says
        related = {name: self.cleaned_data[name] for name in instance.collections if name in self.cleaned_data}
        if self.sources is not None:
            related["sources"] = self.sources
        for field, message in instance.problems(**related).items():
            self.add_error(field if field in self.fields else None, message)
        if instance.to_be_published:
            instance.published_at = before


class SourceFormSet(forms.BaseInlineFormSet):
    """The sources of a Publishable, in the admin."""

    def clean(self):
        super().clean()
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        problem = self.instance.problems(sources=kept).get("sources")
        if problem:
            raise forms.ValidationError(problem)
