"""Reads content/ into the database: what is in which file, and which records are new or changed.

Nothing is stored unless every file is right, and what an editor changed since the last import is left alone and
reported, with what cannot be stored because of it.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models, transaction

from discovery.texts import postponed
from imports.records import KINDS, Loader, child_rows, form_errors, forms_for, label, record_errors, store_children
from publishing import versions
from publishing.models import Publishable, Version

from .models import ImportedRecord

CONTENT_DIR = settings.BASE_DIR / "content"
LATER_COLUMNS = {"archived_url"}  # count once they are filled: digests from before they were there still hold
FILE_OF: dict[type[models.Model] | None, str] = {kind.model: kind.file for kind in KINDS}


@dataclass
class Report:
    """What an import did, as lists of 'file: key', and why it refused."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Refused(Exception):
    """A file of content/ is wrong; `errors` says where and why, in Dutch, and nothing was stored."""

    def __init__(self, errors):
        super().__init__("\n".join(errors))
        self.errors = errors


class Skipped(Exception):
    """A record cannot be stored because of what editors did; says why, in Dutch. The files are right."""


def import_content(folder: Path = CONTENT_DIR) -> Report:
    """Bring the database up to date with the files in `folder`. Raises Refused when one of them is wrong."""
    report = Report()
    with transaction.atomic(), postponed():
        # Every record that the files hold or ever held; None for one that was never stored.
        known: dict[tuple[str, str], ImportedRecord | None]
        known = {(each.file, each.key): each for each in ImportedRecord.objects.all()}
        gone = dict(known)
        for kind in KINDS:
            for record in read(folder / f"{kind.file}.yaml", kind):
                key = str(record[kind.key])
                gone.pop((kind.file, key), None)
                try:
                    with transaction.atomic():
                        import_record(kind, key, record, known, report)
                except Skipped as why:
                    report.edited.append(f"{kind.file}: {key} ({why})")
                known.setdefault((kind.file, key), None)
            if report.errors:
                raise Refused(report.errors)
        report.gone = [str(each) for each in gone.values()]
    return report


def read(path, kind):
    """The records of a file, each a dict with its key. Raises Refused."""
    try:
        records = yaml.load(path.read_text(encoding="utf-8"), Loader)  # noqa: S506  (a safe loader)
    except FileNotFoundError:
        raise Refused([f"{path.name}: dit bestand ontbreekt."]) from None
    except UnicodeDecodeError:
        raise Refused([f"{path.name}: dit bestand is geen UTF-8."]) from None
    except (yaml.YAMLError, ValueError) as error:  # a ValueError for a day that does not exist
        raise Refused([f"{path.name}: geen geldige YAML: {' '.join(str(error).split())}"]) from None
    if not isinstance(records, list):
        raise Refused([f"{path.name}: hier hoort een lijst van records te staan."])
    errors = []
    unique = [f.name for f in kind.model._meta.fields if f.unique and not f.auto_created]
    seen: dict[str, set] = {name: set() for name in {kind.key, *unique}}
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict) or not isinstance(record.get(kind.key), str | int):
            errors.append(f"{path.name}, record {number}, {kind.key}: ontbreekt, of is geen tekst of getal.")
            continue
        for name, values in seen.items():
            value = record.get(name)
            if value is not None and str(value) in values:
                errors.append(f"{path.name}, record {record[kind.key]}, {name}: staat al eerder in dit bestand.")
            values.add(str(value))
    if errors:
        raise Refused(errors)
    return records


def import_record(kind, key, record, known, report):
    """Add or change one row; write what happened in `report`. Raises Skipped where editors came first."""
    name, source_digest, before = f"{kind.file}: {key}", digest(record), known.get((kind.file, key))
    if before and before.source_digest == source_digest:
        report.left.append(name)
        return
    instance = kind.model.objects.filter(pk=before.object_id).first() if before else None
    if before and instance is None:
        raise Skipped("verwijderd in het beheer")
    if before:
        now = field_digests(kind, instance)
        edited = [label(kind, each) for each, was in before.field_digests.items() if now.get(each, was) != was]
        if edited:
            raise Skipped(", ".join(edited))
    elif kind.model.objects.filter(**{kind.key: record[kind.key]}).exists():
        raise Skipped("stond al in het beheer")
    if before:
        versions.remember(instance)
    saved = save(kind, record, instance, known, report)
    if saved:
        if before:
            versions.record(saved, Version.Event.IMPORTED, comment=f"Uit content/{kind.file}.yaml.")
        (report.changed if before else report.added).append(name)
        ImportedRecord.objects.update_or_create(
            file=kind.file,
            key=key,
            defaults={
                "object_id": str(saved.pk),
                "source_digest": source_digest,
                "field_digests": field_digests(kind, saved),
            },
        )


def save(kind, record, instance, known, report):
    """Check a record and store it with its children; None, with the reasons in `report`, when it is wrong.

    Raises Skipped when it is right, but cannot be stored beside what editors did.
    """
    children = {name: child_rows(kind, name, record) for name in kind.children}
    own = {name: value for name, value in record.items() if name not in kind.children}
    errors = record_errors(kind, own, children)
    if not errors:
        for name in kind.children if instance else ():  # before the check: the new rows may be the same
            getattr(instance, name).all().delete()
        present = with_present_keys(kind, own, known)
        form, child_forms = forms_for(kind, present, children, instance)
        errors, excuses = sorted_errors(kind, form, child_forms, present, known)
        if excuses and not errors:
            raise Skipped(f"botst met het beheer: {'; '.join(excuses)}")
    saved = None if errors else form.save()
    for name, each in child_forms.items() if saved else ():
        errors += store_children(saved, name, each)
    report.errors += [f"{kind.file}.yaml, record {record[kind.key]}, {error}" for error in errors]
    return None if errors else saved


def sorted_errors(kind, form, child_forms, record, known):
    """(what is wrong with the record, what is only in the way of editors), as the forms say it."""
    errors: list[str] = []
    excuses: list[str] = []
    for path, error in form_errors(form, child_forms):
        where, name = (f"{path[0]} {path[1] + 1}, ", path[2]) if isinstance(path, tuple) else ("", path)
        text = f"{where}{'geheel' if name == NON_FIELD_ERRORS else name}: {' '.join(error.messages)}"
        (excuses if by_editors(kind, name, error, record, known) else errors).append(text)
    return errors, excuses


def with_present_keys(kind, record, known):
    """A record whose references hold the keys that the rows have now: an editor may have changed an address."""

    def present(related, key):
        before = known.get((FILE_OF.get(related), str(key)))
        if before and any(f.name == "slug" for f in related._meta.fields):
            return related.objects.filter(pk=before.object_id).values_list("slug", flat=True).first() or key
        return key

    found = dict(record)
    for name, value in record.items():
        related = kind.fields[name].related_model if name in kind.fields else None
        if related and value is not None:
            found[name] = [present(related, k) for k in value] if isinstance(value, list) else present(related, value)
    return found


def by_editors(kind, name, error, record, known):
    """Whether an error comes from what editors did, and not from the files.

    So it is when a row is in the way (read() saw that the files have none twice), or a row is gone that the
    files do have.
    """
    related = kind.fields[name].related_model if name in kind.fields else None
    if error.code == "invalid_choice" and related:
        keys = record[name] if isinstance(record[name], list) else [record[name]]
        column = "slug" if any(f.name == "slug" for f in related._meta.fields) else "pk"
        lacking = [key for key in keys if not related.objects.filter(**{column: key}).exists()]
        return bool(lacking) and all((FILE_OF.get(related), str(key)) in known for key in lacking)
    return error.code in {"unique", "unique_together"}


def field_digests(kind, instance):
    """{field: digest} of a row as it is stored now, children included."""
    row = kind.model.objects.get(pk=instance.pk)
    values = {name: plain(row, name) for name in kind.fields}
    for name, model in kind.children.items():
        columns = [f.attname for f in model._meta.fields if not f.primary_key and f.related_model is None]
        values[name] = [
            [part[column] for column in columns if part[column] or column not in LATER_COLUMNS]
            for part in getattr(row, name).order_by("pk").values(*columns)
        ]
    if isinstance(row, Publishable):
        values["published"] = row.published_at is not None
        values["unpublish_at"] = row.unpublish_at
    return {name: digest(value) for name, value in values.items()}


def plain(row, name):
    """The value of a field as what JSON can hold: related rows by their keys, in a fixed order."""
    if row._meta.get_field(name).many_to_many:
        return sorted(str(pk) for pk in getattr(row, name).values_list("pk", flat=True))
    return row.serializable_value(name)


def digest(value):
    """A short digest of what JSON can hold. A browser sends line ends its own way; that is no change."""
    text = json.dumps(value, sort_keys=True, default=str).replace("\\r\\n", "\\n")
    return hashlib.sha256(text.encode()).hexdigest()[:16]
