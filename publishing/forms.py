from datetime import time

from django import forms
from django.utils import timezone

from .models import COPY_SLUG, Copyable


def anchor(field):
    """The id of the element of a BoundField that a link can lead to."""
    return f"{field.auto_id}_0" if isinstance(field.field.widget, forms.MultiWidget) else field.auto_id


NEEDS_COMMENT = "Schrijf bij ‘opmerking’ wat er nog moet gebeuren. De auteur krijgt dat te lezen."


def comment_of(data, name, needed=""):
    """What someone typed beside a step. Raises a ValidationError when it cannot be stored, or lacks and is needed."""
    field = forms.CharField(required=bool(needed), max_length=2000, error_messages={"required": needed})
    return field.clean(data.get(name, ""))


class MomentField(forms.SplitDateTimeField):
    """A day and a time; a day alone begins at midnight."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs | {"require_all_fields": False})
        for field, widget, part in zip(self.fields, self.widget.widgets, ["datum", "tijd"], strict=True):
            field.required = False
            widget.attrs["aria-label"] = f"{self.label}: {part}"  # Django's label is of neither

    def compress(self, data_list):
        if data_list and data_list[0] and not data_list[1]:
            data_list = [data_list[0], time.min]
        if data_list and data_list[0] and not 1900 <= data_list[0].year <= 2100:
            raise forms.ValidationError("Kies een jaar tussen 1900 en 2100.")
        return super().compress(data_list)


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
    comment = ""  # what goes back to the author
    sources: list | None = None  # the importer knows them here; in the admin their own formset does

    class Meta:
        help_texts = {
            "published_at": "Leeg, en dan ‘Publiceren’: het komt meteen op de site. Leeg, en dan ‘Opslaan’: het is een "
            "concept."
        }

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        if isinstance(self.instance, Copyable) and slug.startswith(COPY_SLUG):
            raise forms.ValidationError("Dit begin is voor werkversies. Kies iets anders.")
        return slug

    def clean(self):
        cleaned = super().clean()
        stage = self.instance.stage
        if ("_submit" in self.data and self.instance.published_at) or (
            "_send_back" in self.data and stage != "ter beoordeling"
        ):
            self.add_error(None, f"Deze stap kan nu niet: de stand is ‘{stage}’.")
        if "_send_back" in self.data:
            try:
                self.comment = comment_of(self.data, "review_comment", NEEDS_COMMENT)
            except forms.ValidationError as error:
                self.add_error(None, forms.ValidationError(error.messages[0], code="comment"))
        return cleaned

    def _get_validation_exclusions(self):
        """Rules on what is published hold for a redacteur too, whose form has no moments of publication."""
        return super()._get_validation_exclusions() - {"published_at", "unpublish_at"}  # type: ignore[misc]

    def related(self):
        """The collections of the row as this form says, for problems(); without those that it refuses."""
        found = {name: self.cleaned_data[name] for name in self.instance.collections if name in self.cleaned_data}
        return found if self.sources is None else found | {"sources": self.sources}

    def _post_clean(self):
        instance, before = self.instance, self.instance.published_at
        instance.to_be_published = bool({"_submit", "_publish", "_publish_now"} & set(self.data))
        if instance.to_be_published:  # judged as published, which workflow.py makes it after it was stored
            asked = None if "_publish_now" in self.data else self.cleaned_data.get("published_at") or before
            self.publish_at = asked or timezone.now()
            instance.published_at = self.cleaned_data["published_at"] = self.publish_at
        super()._post_clean()  # type: ignore[misc]  # now self.instance holds what the form says
        for field, message in instance.problems(**self.related()).items():
            self.add_error(field if field in self.fields else None, message)
        if instance.to_be_published and before is None:  # else it is stored with the moment that its end was judged by
            instance.published_at = None


class SourceFormSet(forms.BaseInlineFormSet):
    """The sources of a Publishable, in the admin."""

    @property
    def kept(self):
        return [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]

    def clean(self):
        super().clean()
        problem = self.instance.problems(sources=self.kept).get("sources")
        if problem:
            raise forms.ValidationError(problem)
