"""Two editors changed one row: the form of who came second goes on from what is stored now.

Of each field three values are held together: what the editor saw, what is stored now and what was typed. What was
typed as it was seen was not touched, so it is taken from what is stored, or saving again would undo it in silence.
"""

from django import forms
from django.apps import apps
from django.http import QueryDict

from .differences import Difference, Names, plain
from .versions import parts_of


def merged(data, files, form_class, formsets, row, seen, stored):
    """A copy of the posted `data` in which all that was not touched is as it is stored now; typed text stays.

    `formsets` are the classes of the form's lists; `seen` is [] when nobody knows what the editor saw.
    """
    data = data.copy()
    if seen:
        take_over(data, form_class, untouched(compared(form_class, data, seen[0])), stored[0])
    for formset in formsets:
        if formset.fk.remote_field.get_accessor_name() in parts_of(row):
            merge_list(data, files, formset, row, seen, stored)
    return data


def compared(form_class, data, seen):
    """A form that knows in `changed_data` what was typed otherwise than it stands in one row of a snapshot."""
    typed = data.copy()
    for name, values in data.lists():
        typed.setlist(name, [plain(value) for value in values])
    return form_class(typed, initial=values_of(seen))


def untouched(form):
    return [name for name in form.fields if name in form.initial and name not in form.changed_data]


def values_of(data):
    """{field: value} of one row of a snapshot, as a form takes them."""
    meta = apps.get_model(data["model"])._meta
    kept = {f.name: f for f in (*meta.fields, *meta.many_to_many) if f.name in data["fields"]}
    return {
        name: data["fields"][name] if field.is_relation else plain(field.to_python(data["fields"][name]))
        for name, field in kept.items()
    }


def take_over(data, form_class, names, stored):
    """Write in `data` what a browser sends for these fields of a stored row."""
    form = form_class(initial=values_of(stored))
    for field in (form[name] for name in names):
        widget, value, key = field.field.widget, field.value(), field.html_name
        if isinstance(widget, forms.MultiWidget):
            for number, part in enumerate(widget.decompress(value) or ()):
                data[f"{key}_{number}"] = widget.widgets[number].format_value(part) or ""
        elif isinstance(widget, forms.CheckboxInput):
            data.setlist(key, ["on"] if value else [])
        elif isinstance(value, list):
            data.setlist(key, [str(each) for each in value])
        elif isinstance(field.field, forms.ChoiceField):  # of which the widget would make a list
            data[key] = "" if value is None else str(value)
        else:
            data[key] = widget.format_value(value) or ""


def merge_list(data, files, formset, row, seen, stored):
    """The same for a list in the form: what someone else added comes in, what someone else took away goes out.

    A row that is gone, but on which something was typed, stays as a new one.
    """
    prefix, form_class = formset.get_default_prefix(), formset.form
    key, parent = formset.model._meta.pk.name, formset.fk.name
    was, now = (
        {str(part["pk"]): part for part in snap if part["model"] == formset.model._meta.label_lower}
        for snap in (seen, stored)
    )
    try:
        total = min(int(data[f"{prefix}-TOTAL_FORMS"]), formset.absolute_max)
    except (KeyError, ValueError):
        return  # the formset itself complains
    kept, new = [], []
    for number in range(total):
        begin = f"{prefix}-{number}-"
        typed = QueryDict(mutable=True)
        for name in [name for name in data if name.startswith(begin)]:
            typed.setlist(name.removeprefix(begin), data.pop(name))
        pk = typed.get(key, "")
        form = compared(form_class, typed, was[pk]) if pk in was else None
        if pk in now:
            take_over(typed, form_class, untouched(form) if form else [], now.pop(pk))
            kept.append(typed)
        elif not pk:
            new.append(typed)
        elif not typed.get("DELETE") and (not form or form.changed_data or any(n.startswith(begin) for n in files)):
            typed[key] = ""
            new.append(typed)
    for pk, part in now.items():
        theirs = QueryDict(mutable=True)
        names = [name for name in form_class.base_fields if name in part["fields"]]
        take_over(theirs, form_class, names, part)
        theirs.update({key: pk, parent: str(row.pk)})
        kept.append(theirs)
    data[f"{prefix}-INITIAL_FORMS"], data[f"{prefix}-TOTAL_FORMS"] = str(len(kept)), str(len(kept) + len(new))
    for number, typed in enumerate([*kept, *new]):
        for name, values in typed.lists():
            data.setlist(f"{prefix}-{number}-{name}", values)


def unlike(data, form_class, model, stored):
    """[Difference] between what is stored and what the form says, for its own fields."""
    names = Names(model, stored)
    same = untouched(compared(form_class, data, stored[0]))
    form, found = form_class(data), []
    for name, now in stored[0]["fields"].items():
        if name in form.fields and name not in same:
            field = model._meta.get_field(name)
            label = form.fields[name].label
            found.append(Difference(name, label, names.said(field, plain(now)), said(form, field, names)))
    return found


def said(form, field, names):
    """What was typed for a field, in words; as it was typed when no value can be made of it."""
    typed = form[field.name].data
    try:
        value = form.fields[field.name].clean(typed)
    except forms.ValidationError:
        return " ".join(map(str, typed)) if isinstance(typed, list) else str(typed or "")
    if field.many_to_many:
        return ", ".join(sorted(map(str, value))) or names.said(field, [])
    if field.is_relation:
        return str(value) if value else names.said(field, None)
    return names.said(field, plain(value))
