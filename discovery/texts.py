"""What each kind of row is found by: its words as tokens, made whenever something they come from is saved."""

import hashlib
import re
from collections import defaultdict
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save

from . import dutch
from .models import ContentVersion, SearchText, Word
from .statement import kind_token

CHUNK = 500
LINK_TARGET = re.compile(r"\]\([^)\s]*\)")  # of Markdown: an address is not text

documents: dict[str, "Document"] = {}


def kind_of(model):
    return model._meta.label_lower


class Document:
    """Which texts of a model a visitor can search, as ORM paths; a word in an earlier list weighs more.

    `title`, `summary`, `names` (organisations, places) and `body` are the fields a, b, c and d of the tokens.
    """

    def __init__(self, model, *, title, summary=(), names=(), body=()):
        self.model, self.kind = model, kind_of(model)
        self.fields = {"a": title, "b": summary, "c": names, "d": body}

    @property
    def paths(self):
        return [path for paths in self.fields.values() for path in paths]

    def sources(self):
        """{model: [path from a row to it]} of everything that the texts come from, but the model itself."""
        found = defaultdict(set)
        for path in self.paths:
            model, steps = self.model, path.split("__")[:-1]
            for number, step in enumerate(steps, start=1):
                model = model._meta.get_field(step).related_model
                found[model].add("__".join(steps[:number]))
        return found

    def refresh(self, keys):
        """Make the texts of the rows with these primary keys; those of rows that are gone go."""
        keys = list(keys)
        for start in range(0, len(keys), CHUNK):
            self.refresh_chunk(keys[start : start + CHUNK])

    def refresh_chunk(self, keys):
        found = self.read(keys)
        gone = [str(key) for key in keys if key not in found]
        if gone:
            SearchText.objects.filter(kind=self.kind, key__in=gone).delete()
        texts = [self.text(pk, fields) for pk, fields in found.items()]
        SearchText.objects.bulk_create(
            texts, update_conflicts=True, unique_fields=["kind", "key"], update_fields=["tokens", "plain"]
        )
        words = {word for text in texts for word in text.plain.split() if len(word) > 3 and word.isalpha()}
        Word.objects.bulk_create([Word(word) for word in sorted(words)], ignore_conflicts=True)

    def read(self, keys):
        """{primary key: {field: its texts}} of the rows that are there. A query for the row, and one for each list."""
        field_of = {path: field for field, paths in self.fields.items() for path in paths}
        lists = defaultdict(list)
        for path in field_of:
            lists["" if not self.is_list(path) else path.rpartition("__")[0]].append(path)
        found: dict = {}
        for each in sorted(lists):
            rows = self.model._base_manager.filter(pk__in=keys).order_by("pk", *lists[each])
            for pk, *values in rows.values_list("pk", *lists[each]):
                texts = found.setdefault(pk, defaultdict(list))
                for path, value in zip(lists[each], values, strict=True):
                    texts[field_of[path]] += [str(value)] if value else []
        return found

    def is_list(self, path):
        model = self.model
        for step in path.split("__"):
            field = model._meta.get_field(step)
            if field.many_to_many or field.one_to_many:
                return True
            model = field.related_model
        return False

    def text(self, pk, fields):
        """The SearchText of a row, from {field: its texts}."""
        tokens: dict[str, str] = {kind_token(self.kind): ""}  # {token: its field}, of which the first wins
        plain = []
        for field in self.fields:
            for text in fields[field]:
                text = LINK_TARGET.sub("]", text)
                plain += [*(word for written in dutch.compounds(text) for word in written[0]), "|"]
                for word in dutch.words(text):
                    tokens.setdefault(f"x_{word}", field)
                    for stem in dutch.stems(word) - {word}:
                        tokens.setdefault(f"s_{stem}", field)
                    for part in dutch.parts(word):
                        tokens.setdefault(f"p_{part}", field)
        return SearchText(
            kind=self.kind,
            key=str(pk),
            tokens=" ".join(f"{field}{token}" for token, field in tokens.items()),
            plain=f" {' '.join(plain)} ",
        )


def register(document):
    """Keep the texts of a Document up to date from now on."""
    documents[document.kind] = document
    for model in {document.model, *document.sources()}:
        for signal in (pre_save, post_save, pre_delete, post_delete):
            signal.connect(row_changed, sender=model, dispatch_uid=f"discovery.{id(signal)}.{model}")
    for path in document.paths:
        step = document.model._meta.get_field(path.split("__")[0])
        if step.many_to_many:
            m2m_changed.connect(links_changed, sender=step.remote_field.through, dispatch_uid=f"discovery.{step}")


def row_changed(sender, instance, signal, **kwargs):
    if kwargs.get("raw") or (signal is pre_save and instance._state.adding):
        return
    for document in documents.values():
        keys = set()
        if sender is document.model and signal is not pre_save:
            keys.add(instance.pk)
        for path in document.sources().get(sender, ()):
            keys |= set(document.model._base_manager.filter(**{path: instance.pk}).values_list("pk", flat=True))
        if signal in {pre_save, pre_delete}:  # it may have another holder after this
            instance.__dict__.setdefault("_held_by", {})[document.kind] = keys
        elif keys := keys | instance.__dict__.get("_held_by", {}).pop(document.kind, set()):
            changed(document, keys)


def links_changed(sender, instance, action, reverse, pk_set, **kwargs):
    for document in documents.values():
        if not reverse and isinstance(instance, document.model) and action.startswith("post_"):
            changed(document, {instance.pk})
        elif reverse and action in {"post_add", "post_remove"} and kwargs["model"] is document.model:
            changed(document, pk_set)
        elif reverse and action == "pre_clear" and kwargs["model"] is document.model:
            field = next(f for f in document.model._meta.many_to_many if f.remote_field.through is sender)
            held = set(document.model._base_manager.filter(**{field.name: instance}).values_list("pk", flat=True))
            instance.__dict__.setdefault("_cleared", {})[sender, document.kind] = held
        elif reverse and action == "post_clear" and kwargs["model"] is document.model:
            changed(document, instance.__dict__.get("_cleared", {}).pop((sender, document.kind), set()))


_postponed: ContextVar[dict[str, set] | None] = ContextVar("postponed", default=None)


def changed(document, keys):
    waiting = _postponed.get()
    if waiting is not None:
        waiting.setdefault(document.kind, set()).update(keys)
    else:
        with transaction.atomic():
            document.refresh(keys)


@contextmanager
def postponed():
    """Within this, texts are made once, at the end: for an import of many rows. Wrap it in a transaction."""
    waiting: dict[str, set] = {}
    before = _postponed.set(waiting)
    try:
        yield
        for kind, keys in waiting.items():
            documents[kind].refresh(keys)
    finally:
        _postponed.reset(before)


def rules():
    """A digest of the rules by which texts are made now."""
    said = [*sorted((each.kind, str(each.fields)) for each in documents.values())]
    code = b"".join(Path(module).read_bytes() for module in (__file__, dutch.__file__))
    return hashlib.sha256(code + repr(said).encode()).hexdigest()


def rebuild():
    """Make all texts anew, and remember by which rules."""
    with transaction.atomic():
        SearchText.objects.exclude(kind__in=documents).delete()
        Word.objects.all().delete()
        for document in documents.values():
            gone = set(SearchText.objects.filter(kind=document.kind).values_list("key", flat=True))
            keys = list(document.model._base_manager.order_by("pk").values_list("pk", flat=True))
            SearchText.objects.filter(kind=document.kind, key__in=gone - set(map(str, keys))).delete()
            document.refresh(keys)
        ContentVersion.objects.update(search_rules=rules())


def up_to_date():
    """Whether the texts were made by the rules of this release."""
    return ContentVersion.objects.filter(search_rules=rules()).exists()
