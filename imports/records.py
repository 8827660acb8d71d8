"""How a record, as in the files of content/ or in a row of a table, becomes a row of the database.

A record is checked by the same form as in the admin, so every way in shares every rule.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import yaml
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.text import slugify

from cases.duplicates import alike
from cases.models import Case, CaseSource
from contacts.models import Contact
from discovery.models import Synonym
from experiments.forms import QualificationForm
from experiments.models import (
    Domain,
    Experiment,
    ExperimentSource,
    Participation,
    ParticipationSource,
    Qualification,
    QualificationSource,
)
from programme.duplicates import alike_names
from programme.forms import RegionalForm
from programme.models import (
    Action,
    Goal,
    GoalSource,
    Indicator,
    IndicatorValue,
    Level,
    Organisation,
    Party,
    Region,
    RegionAlias,
    Sector,
    Term,
)
from publishing import versions
from publishing.forms import PublishableForm
from publishing.models import Copyable, Publishable
from routes.models import OfferingSource, Route, RouteOffering, RouteSource


@dataclass(frozen=True)
class Kind:
    """One file of content/: the model of its records, the key, the title, and the lists within a record.

    `alike` says of two titles, or of `other_titles`, whether they may be of the same row: when one of `organisations`
    is the same too, and none of `facts` differs. Without it no duplicates are looked for. `titles_differ`: two rows
    with the same words in their title are alike whatever their organisations, as one may be mistyped.
    """

    file: str
    model: type[models.Model]
    key: str = "slug"
    title: str = "name"
    form: type[forms.ModelForm] | None = None  # the model's usual form, with its rules
    children: dict[str, type[models.Model]] = field(default_factory=dict)
    alike: Callable[[str, str], bool] | None = None
    other_titles: tuple[str, ...] = ()
    titles_differ: bool = False
    organisations: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def plural(self):
        """What its rows are called, in Dutch."""
        return str(self.model._meta.verbose_name_plural)

    @property
    def is_simple(self):
        """Whether the form of a row knows all its rules, so that thousands can be stored at once."""
        return self.is_copyable or (self.model.clean is models.Model.clean and not versions.parts_of(self.model))

    @property
    def is_publishable(self):
        """Whether its rows begin as a concept."""
        return issubclass(self.model, Publishable)

    @property
    def is_copyable(self):
        """Whether what is published is rewritten in a working copy."""
        return issubclass(self.model, Copyable)

    @property
    def fields(self):
        """{name: field} of what a record may hold for the row itself."""
        ours = (*self.model._meta.fields, *self.model._meta.many_to_many)
        left_out = {"published_at", "unpublish_at"}  # a record says `published`
        return {f.name: f for f in ours if f.editable and not f.auto_created and f.name not in left_out}

    def child_fields(self, name):
        """{name: field} of what a row in the list `name` may hold."""
        parent = getattr(self.model, name).field.name
        ours = self.children[name]._meta.fields
        return {f.name: f for f in ours if f.editable and not f.auto_created and f.name != parent}


# In this order: a record refers only to what stands before it.
KINDS = [
    Kind("levels", Level, key="number"),
    Kind("sectors", Sector),
    Kind("regions", Region, children={"aliases": RegionAlias}),
    Kind("goal", Goal, title="title", children={"parties": Party, "sources": GoalSource}),
    Kind("actions", Action, title="title"),
    Kind("organisations", Organisation, alike=alike_names, other_titles=("former_names",)),
    Kind("indicators", Indicator, children={"values": IndicatorValue}),
    Kind("contacts", Contact),
    Kind("domains", Domain, key="number"),
    Kind("experiments", Experiment, children={"sources": ExperimentSource}),
    Kind("qualifications", Qualification, form=QualificationForm, children={"sources": QualificationSource}),
    Kind(
        "participations",
        Participation,
        title="programme",
        form=RegionalForm,
        children={"sources": ParticipationSource},
        alike=alike,
        organisations=("organisation",),
        facts=("first_year", "experiment"),
    ),
    Kind("routes", Route, children={"sources": RouteSource}),
    Kind(
        "offerings",
        RouteOffering,
        form=RegionalForm,
        children={"sources": OfferingSource},
        alike=alike,
        organisations=("organisations",),
        facts=("first_year", "route", "sector"),
    ),
    Kind(
        "cases",
        Case,
        title="title",
        form=RegionalForm,
        children={"sources": CaseSource},
        alike=alike,
        titles_differ=True,
        organisations=("lead_organisations", "partner_organisations"),
        facts=("first_year",),
    ),
    Kind("begrippen", Term),
    Kind("synonyms", Synonym, title="words"),
]


class Loader(yaml.CSafeLoader):
    """YAML without surprises: a key may not stand twice in a record."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"‘{twice.pop()}’ staat twee keer in een record", node.start_mark
            )
        return super().construct_mapping(node, deep)


def kind_of(model):
    return next(kind for kind in KINDS if kind.model is model)


def publication(kind):
    """The field that `published` in a record stands for, for a model that has concepts."""
    return {"published": models.BooleanField()} if kind.is_publishable else {}


def names_in(kind):
    """The names that a record of this kind may hold."""
    return {*kind.fields, *kind.children, *publication(kind)}


def child_rows(kind, name, record):
    """The rows of a list within a record. Other names of a region are written as just the name."""
    rows = record.get(name) or []
    if kind.children[name] is RegionAlias and isinstance(rows, list):
        return [row if isinstance(row, dict) else {"name": row, "slug": slugify(row)} for row in rows]
    return rows


def record_errors(kind, own, children):
    """What is wrong with the shape of a record and of the rows in its lists."""
    errors = shape_errors(kind.fields | publication(kind), own)
    for name, rows in children.items():
        if not isinstance(rows, list):
            errors.append(f"{name}: hier hoort een lijst te staan.")
            continue
        for number, row in enumerate(rows, start=1):
            errors += [f"{name} {number}, {error}" for error in shape_errors(kind.child_fields(name), row)]
    return errors


def shape_errors(fields, record):
    """What no form can judge: unknown fields, and values of a kind that a form would silently turn into text."""
    if not isinstance(record, dict):
        return [f"‘{record}’: hier horen velden met een waarde te staan."]
    known = ", ".join(fields)
    errors = [f"{name}: dit veld kennen wij niet. Wel: {known}." for name in record if name not in fields]
    for name, value in record.items():
        if value is None or name not in fields:
            continue
        field, parts = fields[name], value if isinstance(value, list) else [value]
        if bool(field.many_to_many) != isinstance(value, list):
            errors.append(f"{name}: hier hoort {'een lijst' if field.many_to_many else 'één waarde'} te staan.")
        elif isinstance(field, models.BooleanField) != isinstance(value, bool):
            hint = "zet dit woord tussen aanhalingstekens" if isinstance(value, bool) else "vul true of false in"
            errors.append(f"{name}: {hint}.")
        elif isinstance(value, datetime.date) and not isinstance(field, models.DateField):
            errors.append(f"{name}: hier hoort geen datum te staan.")
        elif isinstance(field, models.DateField) and not isinstance(value, datetime.date | str):
            errors.append(f"{name}: hier hoort een datum te staan, zoals 2024-05-31.")
        elif not all(part is None or isinstance(part, str | int | float | datetime.date) for part in parts):
            errors.append(f"{name}: hier horen woorden of getallen te staan.")
    return errors


def forms_for(kind, record, children, instance):
    """(the form of the row, {list: [a form for each row in it]}), bound to a record of the right shape."""
    data = {name: field.get_default() for name, field in kind.fields.items()}
    data |= {name: value for name, value in record.items() if value is not None}
    names = tuple(kind.fields)
    usual: type[forms.ModelForm] = forms.ModelForm
    if kind.is_publishable:
        names, usual = (*names, "published_at"), PublishableForm
        if record.get("published"):
            data["published_at"] = (instance and instance.published_at) or timezone.now()
    form = form_for(kind.model, kind.form or usual, names)(data, instance=instance)
    child_forms = {
        name: [form_for(kind.children[name], forms.ModelForm, tuple(kind.child_fields(name)))(row) for row in rows]
        for name, rows in children.items()
    }
    if isinstance(form, PublishableForm):
        form.sources = child_forms["sources"]
    return form, child_forms


@cache
def form_for(model, form, fields):
    """A form of `model` in which related rows are named by their slug."""

    def by_slug(model_field, **kwargs):
        related = model_field.related_model
        if related and any(f.name == "slug" for f in related._meta.fields):
            kwargs["to_field_name"] = "slug"
        return model_field.formfield(**kwargs)

    return forms.modelform_factory(model, form=form, fields=fields, formfield_callback=by_slug)


def form_errors(form, child_forms):
    """[(path, error)] of what the forms refuse. A path is the name of a field, or (list, position, name)."""
    checked: list[tuple] = [((), form)]
    for name, each in child_forms.items():
        checked += [((name, position), child) for position, child in enumerate(each)]
    return [
        ((*start, name) if start else name, error)
        for start, each in checked
        for name, found in each.errors.as_data().items()
        for error in found
    ]


def stored_record(kind, row):
    """The record that says what a stored row says. Costs no query when for_records() loaded the row."""
    record = {name: key_of(field, row) for name, field in kind.fields.items()}
    for name in kind.children:
        fields = kind.child_fields(name)
        record[name] = [
            {each: value for each, field in fields.items() if (value := key_of(field, part)) not in {None, ""}}
            for part in getattr(row, name).all()
        ]
    if kind.is_publishable:
        record["published"] = row.published_at is not None
    return record


def key_of(field, row):
    """The value of a field as a record has it: of related rows the keys."""
    if field.many_to_many:
        return [getattr(each, key_name(field.related_model)) for each in getattr(row, field.name).all()]
    related = getattr(row, field.name) if field.related_model else None
    return getattr(related, key_name(field.related_model)) if related else field.value_from_object(row)


def key_name(model):
    """By which field a record names a row of `model`."""
    return "slug" if any(f.name == "slug" for f in model._meta.fields) else model._meta.pk.name


def for_records(kind, rows):
    """The queryset `rows`, with all that stored_record() reads in a fixed number of queries."""
    many = [f for f in kind.fields.values() if f.many_to_many]
    related = [f.name for f in kind.fields.values() if f.related_model and not f.many_to_many]
    keys = [Prefetch(f.name, f.related_model._default_manager.only(key_name(f.related_model))) for f in many]
    return (
        rows.select_related(None)
        .select_related(*related or [None])
        .prefetch_related(None)
        .prefetch_related(*keys, *kind.children)
    )


def store_children(saved, name, child_forms):
    """Store the rows of a list; what is wrong when one stands there twice, which no form alone can see."""
    for child in child_forms:
        setattr(child.instance, getattr(saved, name).field.name, saved)
        try:
            child.instance.full_clean()
        except ValidationError as error:
            return [f"{name}: staat twee keer in deze lijst. {' '.join(error.messages)}"]
        child.save()
    return []


def label(kind, name):
    """The Dutch name of a field or a list of children."""
    if name in kind.children:
        return kind.children[name]._meta.verbose_name_plural
    return kind.model._meta.get_field("published_at" if name == "published" else name).verbose_name
