"""Fields and constraints that remember: 5,000 rows name the same few hundred organisations and years."""

from typing import Any

from django import forms
from django.db import models

from .sheets.table import shown


class KnownMany(forms.ModelMultipleChoiceField):
    rows: dict[str, models.Model]

    def _check_values(self, value):
        return [self.found(each) for each in dict.fromkeys(map(str, value))]

    def found(self, key):
        if key not in self.rows:
            raise unknown(key)
        return self.rows[key]


class KnownOne(forms.ModelChoiceField):
    rows: dict[str, models.Model]

    def to_python(self, value):
        if value in self.empty_values:
            return None
        if str(value) not in self.rows:
            raise unknown(value)
        return self.rows[str(value)]


def unknown(key):
    return forms.ValidationError(f"‘{shown(str(key))}’ kennen wij niet.", code="invalid_choice")


def known(field):
    """The same field of a form, with the rows that may be chosen in memory."""
    usual: Any = KnownMany if isinstance(field, forms.ModelMultipleChoiceField) else KnownOne
    made = usual(field.queryset, required=field.required, to_field_name=field.to_field_name)
    made.rows = {str(getattr(row, field.to_field_name or "pk")): row for row in field.queryset}
    return made


class Remembered:
    """A CheckConstraint that is asked once for the same values, and of only the fields it is about."""

    def __init__(self, constraint):
        self.constraint, self.condition, self.found = constraint, constraint.condition, {}
        self.names = sorted(constraint.condition.referenced_base_fields)

    def validate(self, model, instance, exclude=None, using="default"):
        if set(self.names) & set(exclude or ()):
            self.constraint.validate(model, instance, exclude, using)
            return
        values = tuple(getattr(instance, name) for name in self.names)
        if values not in self.found:
            others = {field.name for field in model._meta.fields} - {*self.names}
            try:
                self.constraint.validate(model, instance, others, using)
                self.found[values] = None
            except forms.ValidationError as error:
                self.found[values] = error
        if self.found[values]:
            raise self.found[values]
