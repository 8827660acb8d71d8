from django import forms


class PublishableForm(forms.ModelForm):
    """A form that keeps the rules of a Publishable, for the admin and for the importer alike."""

    sources: list | None = None  # the importer knows them here; in the admin their own formset does

    def _post_clean(self):
        super()._post_clean()  # type: ignore[misc]  # now self.instance holds what the form says
        related = {name: self.cleaned_data[name] for name in self.instance.collections if name in self.cleaned_data}
        if self.sources is not None:
            related["sources"] = self.sources
        for field, message in self.instance.problems(**related).items():
            self.add_error(field if field in self.fields else None, message)


class SourceFormSet(forms.BaseInlineFormSet):
    """The sources of a Publishable, in the admin."""

    def clean(self):
        super().clean()
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        problem = self.instance.problems(sources=kept).get("sources")
        if problem:
            raise forms.ValidationError(problem)
