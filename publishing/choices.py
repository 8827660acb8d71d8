"""Choices of related rows that nothing sent by hand can break: Django's own fail on keys that cannot be keys."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError


def can_be(field, value):
    """Whether `value` can be one of a model field."""
    try:
        field.clean(value, None)
    except ValidationError:
        return False
    return True


def key_of(queryset, name):
    meta = queryset.model._meta
    return meta.get_field(name) if name and name != "pk" else meta.pk


class OneRow(forms.ModelChoiceField):
    def to_python(self, value):
        if value in self.empty_values or can_be(key_of(self.queryset, self.to_field_name), value):
            return super().to_python(value)
        raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})


class ManyRows(forms.ModelMultipleChoiceField):
    def clean(self, value):
        key = key_of(self.queryset, self.to_field_name)
        for each in value if isinstance(value, list | tuple) else ():
            if not can_be(key, each):
                message = self.error_messages["invalid_choice"]
                raise ValidationError(message, code="invalid_choice", params={"value": str(each)[:60]})
        return super().clean(value)


class KeysOnly:
    """An autocomplete that shows a refused form again without looking for what cannot be there."""

    choices: Any

    def optgroups(self, name, value, attr=None):
        key = key_of(self.choices.queryset, self.choices.field.to_field_name)
        return super().optgroups(name, [each for each in value if can_be(key, each)], attr)  # type: ignore[misc]


class OneAutocomplete(KeysOnly, AutocompleteSelect):
    pass


class ManyAutocomplete(KeysOnly, AutocompleteSelectMultiple):
    def build_attrs(self, *args, **kwargs):
        """Without the button to clear all: it stands in the list of what was chosen, and is no item of it."""
        return super().build_attrs(*args, **kwargs) | {"data-allow-clear": "false"}


class ChoosingAdmin:
    """For a ModelAdmin or an inline: its fields for related rows are the ones above."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs.setdefault("widget", OneAutocomplete(db_field, self.admin_site))  # type: ignore[attr-defined]
        kwargs.setdefault("form_class", OneRow)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs.setdefault("widget", ManyAutocomplete(db_field, self.admin_site))  # type: ignore[attr-defined]
        kwargs.setdefault("form_class", ManyRows)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]
