"""What the columns of a table mean: from cells to a record, as in content/cases.yaml, and back.

Here only words become values: the forms that a record goes through (records.py) keep the rules.
"""

import datetime
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property

from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models

from cases.models import Case
from cases.writing import FIRST_YEAR_HELP
from programme.duplicates import former_names
from programme.models import Organisation, Region

from .records import key_name, kind_of, stored_record
from .sheets.table import EDGES, shown
from .sheets.writing import plain

# For each kind of which rows come in tables its fields, in this order; the others come as records only. No contact of
# a case: a table holds nothing of a person.
FIELDS = {
    "cases": """
        slug title summary body place provinces nationwide sectors sectors_unknown levels first_year first_year_unknown
        last_year running_seen_on running_source lead_organisations partner_organisations other_partners experiments
        routes qualifications topsector website uncertainty checked_on editor_note
    """,
    "participations": """
        slug experiment organisation programme qualification provinces sectors levels first_year last_year
        running_seen_on running_source note editor_note
    """,
    "offerings": """
        slug name route organisations province sector level first_year last_year running_seen_on running_source note
        editor_note
    """,
    "organisations": "slug name kind place province website email former_names note",
}
HEADINGS = {"levels": "niveaus", "running_source": "bron voor loopt"}  # shorter than the name of the field
# Beside the Dutch and the English name of a field.
OTHER_HEADINGS = {
    "slug": ["slug", "kenmerk", "webadres", "adres op de site"],
    "title": ["naam", "naam case", "titel case"],
    "name": ["titel"],
    "body": ["beschrijving", "omschrijving"],
    "place": ["gemeente", "stad"],
    "provinces": ["provincie"],
    "sectors": ["sector"],
    "sectors_unknown": ["sectoren onbekend"],
    "levels": ["niveau", "mbo-niveau", "mbo-niveaus"],
    "level": ["niveau", "mbo-niveau"],
    "first_year": ["startjaar", "beginjaar", "jaar"],
    "first_year_unknown": ["startjaar onbekend", "beginjaar onbekend"],
    "last_year": ["eindjaar"],
    "running_seen_on": ["loopt op", "loopt gezien op"],
    "running_source": ["bron loopt"],
    "lead_organisations": ["trekker", "penvoerder", "penvoerders"],
    "partner_organisations": ["partner"],
    "other_partners": ["overige partners"],
    "experiments": ["experiment"],
    "routes": ["leerroute"],
    "qualifications": ["kwalificatie"],
    "organisations": ["school", "organisaties"],
    "topsector": ["vakgebied"],
    "website": ["site"],
    "uncertainty": ["onzeker", "onzekerheid"],
    "checked_on": ["gecontroleerd", "gecontroleerd op"],
    "editor_note": ["notitie", "redactienotitie"],
}
# Of each source: its fields, 'date' for year, month and day together.
SOURCE = {
    "title": ("titel", ["title", ""]),
    "publisher": ("uitgever", ["publisher"]),
    "url": ("webadres", ["url", "link", "adres"]),
    "date": ("datum", ["date", "dag", "jaar"]),
    "archived_url": ("adres van een kopie", ["archived_url", "kopie"]),
}
MOST_SOURCES = 14  # more would not fit in the columns that a file may have

YES, NO = {"ja", "j", "yes", "true", "waar", "x", "1"}, {"", "nee", "n", "no", "false", "onwaar", "0"}
YEAR = re.compile(r"[0-9]{4}")
DAY = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
DUTCH_DAY = re.compile(r"(?P<day>[0-9]{1,2})-(?P<month>[0-9]{1,2})-(?P<year>[0-9]{4})")
MONTH = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})")
NO_YEAR = "Een jaar heeft vier cijfers, zoals 2024."
NO_DAY = "Dit is geen datum. Typ een dag als 2024-05-31 of 31-5-2024."
NO_SUCH_DAY = "Deze datum bestaat niet."
THIS = {"regio": "Deze provincie", "mbo-niveau": "Dit mbo-niveau", "experiment": "Dit experiment"}  # else ‘Deze …’
NO_SOURCE_DATE = "Dit is geen datum. Typ wat bekend is: 2024-05-31 of 31-5-2024, 2024-05, of alleen 2024."
SOURCE_DATE = (
    "Wat bekend is: 2020-09-14, 2020-09 of alleen 2020. "
    "Typt u 2020-09 in Excel, zet er dan ' voor: anders maakt Excel er een dag van."
)
MOST_VALUES = 100  # in a cell
MOST_GUESSES = 100  # of what was meant by unknown names, in one file: each may take a hundredth of a second


@dataclass(frozen=True)
class Column:
    """A column that we know. `name` is the key in a record, of a source ('sources', 0, 'title')."""

    heading: str
    name: str | tuple[str, int, str]
    also: tuple[str, ...] = field(default=(), compare=False)  # other spellings of the heading
    help: str = field(default="", compare=False)
    model_field: models.Field | None = field(default=None, compare=False, repr=False)
    values: Callable[[dict], list[str]] | None = field(default=None, compare=False, repr=False)  # allowed, from lookups
    exported_only: bool = field(default=False, compare=False)


STAGE = Column(
    "stand", "stage", ("status",), "Alleen in een export. Publiceren gaat via het beheer.", exported_only=True
)


class Unknown(Exception):
    """A cell that says nothing we know; str() says why, in Dutch."""


def squeezed(text):
    """Letters and digits only, without accents or capitals: what people spell in many ways."""
    bare = unicodedata.normalize("NFKD", text.replace("&", " en ").casefold())
    return "".join(letter for letter in bare if letter.isalnum())


# ---- The columns


def columns_for(kind, sources=3):
    """The columns of a kind, with so many groups of columns for sources; none for a kind that has no tables."""
    columns = []
    for name in FIELDS.get(kind.file, "").split():
        model_field = kind.fields[name]
        label = str(model_field.verbose_name)
        columns.append(
            Column(
                heading=HEADINGS.get(name, label),
                name=name,
                also=(label, name, *OTHER_HEADINGS.get(name, ())),
                help=" ".join(filter(None, [needed(model_field), help_of(kind, model_field), hint_for(model_field)])),
                model_field=model_field,
                values=values_for(model_field),
            )
        )
    for number in range(1, sources + 1 if "sources" in kind.children else 1):
        for name, (label, also) in SOURCE.items():
            columns.append(
                Column(
                    heading=f"bron {number} {label}",
                    name=("sources", number - 1, name),
                    also=tuple(f"{word} {number} {each}" for word in ("bron", "source") for each in (label, *also)),
                    help=SOURCE_DATE if name == "date" else "",
                )
            )
    return [*columns, STAGE] if kind.is_publishable else columns


def is_required(model_field):
    """Whether a new row must have this column; without an address it gets one."""
    return model_field.name != "slug" and not model_field.blank and not model_field.has_default()


def help_of(kind, model_field):
    said = {"first_year": FIRST_YEAR_HELP} if kind.model is Case else {}
    return said.get(model_field.name, str(model_field.help_text))


def needed(model_field):
    return "Verplicht." if is_required(model_field) else ""


def hint_for(model_field):
    if model_field.name == "slug":
        return "Nieuw? Laat het leeg, dan maken wij het van de titel of de naam."
    if model_field.choices:
        return "Kies een van de toegestane waarden."
    if model_field.many_to_many:
        return "Meer dan één? Zet er ; tussen."
    if isinstance(model_field, models.BooleanField):
        return "ja of nee; leeg = nee."
    if isinstance(model_field, models.DateField):
        return "Een dag als 2024-05-31."
    return "Vier cijfers, zoals 2024." if isinstance(model_field, models.IntegerField) else ""


def values_for(model_field):
    if isinstance(model_field, models.BooleanField):
        return lambda lookups: ["ja", "nee"]
    if model_field.choices:
        return lambda lookups: [str(label) for _, label in model_field.choices]
    return (lambda lookups: list(lookups[model_field.name].texts.values())) if model_field.related_model else None


def sources_in(headings):
    """How many groups of columns for sources these headings have; 3 at least, as in the template."""
    numbers = [re.match("(?:bron|source)([0-9]{1,2})(?![0-9])", squeezed(each)) for each in headings]
    return max([3, *(min(int(found[1]), MOST_SOURCES) for found in numbers if found)])


def recognise(headings, columns, saved=None):
    """{heading: its column, or None}. `saved` says what an editor chose before: {heading: heading of the column or ''}.

    No two headings get the same column: the Dutch name goes before other spellings.
    """
    chosen = {squeezed(heading): choice for heading, choice in (saved or {}).items()}
    by_heading = {column.heading: column for column in columns}
    usual = {squeezed(column.heading): column for column in columns}
    other: dict[str, Column] = {}
    for column in columns:
        for each in column.also:
            other.setdefault(squeezed(each), column)
    found = dict.fromkeys(headings)
    for heading in headings:
        choice = chosen.get(squeezed(heading))
        if choice in by_heading and by_heading[choice] not in found.values():
            found[heading] = by_heading[choice]
    for names in (usual, other):
        for heading in headings:
            column = names.get(squeezed(heading))
            is_open = found[heading] is None and chosen.get(squeezed(heading)) != ""
            if column and is_open and column not in found.values():
                found[heading] = column
    return found


def heading_of(columns, path):
    """The heading above what an error of a form is about (records.form_errors); '' when no column is."""
    if isinstance(path, tuple) and path[2] in {"year", "month", "day", NON_FIELD_ERRORS}:
        path = (*path[:2], "date")  # the rules for a whole source are all about its date
    return next((column.heading for column in columns if column.name == path), "")


# ---- Names


def not_known(model):
    name = str(model._meta.verbose_name)
    return f"{THIS.get(name, f'Deze {name}')} kennen wij niet."


class Lookup:
    """The rows that a field may point to, by all the names that they go by. Read once, when first asked for one."""

    def __init__(self, model_field):
        self.model = model_field.related_model
        self.rows = self.model._default_manager.complex_filter(model_field.get_limit_choices_to())
        self.guesses: dict[str, str] = {}

    @cached_property
    def names(self):
        """{key: name}, in the order of the lists."""
        return dict(self.rows.values_list(key_name(self.model), "name"))

    @cached_property
    def keys(self):
        """{key as text: key}."""
        return {str(key): key for key in self.names}

    @cached_property
    def ways(self):
        """[{squeezed name: keys}] for the ways to name a row, the surest first."""
        now: dict[str, set] = defaultdict(set)
        before: dict[str, set] = defaultdict(set)
        for key, name in self.names.items():
            for each in (name, str(key)):
                now[squeezed(each)].add(key)
        for key, name in self.other_names():
            before[squeezed(name)].add(key)
        return [now, before]

    def other_names(self):
        if self.model is Region:
            return self.rows.filter(aliases__isnull=False).values_list("slug", "aliases__name")
        if self.model is Organisation:
            former = self.rows.exclude(former_names="").values_list("slug", "former_names")
            return [(slug, name) for slug, names in former for name in former_names(names)]
        return []

    @cached_property
    def texts(self):
        """{key: what a cell says for this row}: its name, or its key where the name would not lead back to it."""
        texts = {}
        for key, name in self.names.items():
            plain_name = key_name(self.model) == "slug" and not re.search("[;\n]", name) and name == name.strip(EDGES)
            try:
                texts[key] = name if plain_name and self.look_up(name) == key else str(key)
            except (Unknown, LookupError):
                texts[key] = str(key)
        return texts

    def find(self, text):
        """The key of the row with this name. Raises Unknown."""
        try:
            return self.look_up(text)
        except LookupError:
            raise Unknown(self.guess(text)) from None

    def look_up(self, text):
        """The same; raises a LookupError when there is none, and Unknown when there is more than one."""
        if text in self.keys:
            return self.keys[text]
        word = squeezed(text)
        for way in self.ways if word else ():
            keys = way.get(word, set())
            keys = {key for key in keys if self.names[key] == text} or keys
            if len(keys) > 1:
                choices = " of ".join(f"‘{key}’" for key in sorted(keys, key=str)[:5])
                raise Unknown(f"Dit kan meer dan één zijn. Vul het webadres in: {choices}.")
            if keys:
                return next(iter(keys))
        raise LookupError

    @cached_property
    def known(self):
        """{squeezed name: keys}, of all ways."""
        return {word: keys for way in reversed(self.ways) for word, keys in way.items()}

    def guess(self, text):
        """Why this is no name, and which one was meant."""
        if text not in self.guesses:
            why = not_known(self.model)
            parts = text.split(",")
            if len(parts) > 1 and all(squeezed(part) in self.known for part in parts):
                why = "Zet tussen twee waarden een puntkomma (;)."
            elif len(text) <= 100 and len(self.guesses) < MOST_GUESSES:
                word = squeezed(text)
                longer = [each for each in self.known if word in each] if len(word) > 3 else []
                alike = longer if 0 < len(longer) < 4 else get_close_matches(word, self.known, n=1, cutoff=0.7)
                meant = sorted({self.texts[key] for each in alike for key in self.known[each]})
                if meant:
                    why += f" Bedoelt u {' of '.join(f'‘{each}’' for each in meant)}?"
            self.guesses[text] = why
        return self.guesses[text]


def lookups_for(kind):
    """{name of a field: its Lookup}, for one file or one export."""
    lookups: dict[type[models.Model], Lookup] = {}
    names = FIELDS.get(kind.file, "").split()
    related = {name: kind.fields[name] for name in names if kind.fields[name].related_model}
    return {name: lookups.setdefault(each.related_model, Lookup(each)) for name, each in related.items()}


# ---- From cells to a record


def record_of(cells, lookups, stored=None):
    """(record, problems) of {column: text}: only the fields that have a column, and what no value could be made of.

    Sources are one list in a record: `stored` is the record that the row has now, of which those sources, and those
    fields of them, stay that have no column.
    """
    record: dict = {}
    problems: list[tuple[str, str, str]] = []
    sources: list[dict] = [dict(each) for each in (stored or {}).get("sources", [])]
    for column, text in cells.items():
        if column.exported_only or (column.name == "slug" and not text):
            continue
        try:
            if isinstance(column.name, str):
                record[column.name] = value_of(column, text, lookups, problems)
            else:
                _, position, name = column.name
                sources += [{} for _ in range(position + 1 - len(sources))]
                sources[position] |= source_date(text) if name == "date" else {name: text}
                record["sources"] = sources
        except Unknown as why:
            problems.append((column.heading, shown(text), str(why)))
    if "sources" in record:
        filled = [{name: value for name, value in each.items() if value not in {None, ""}} for each in sources]
        record["sources"] = [each for each in filled if each]
    return record, problems


def value_of(column, text, lookups, problems):
    if column.model_field.many_to_many:
        parts = [part for part in (part.strip(EDGES) for part in re.split("[;\n]", text)) if part]
        if len(parts) > MOST_VALUES:
            raise Unknown(f"Hier staan meer dan {MOST_VALUES} waarden.")
        keys = {}
        for part in parts:
            try:
                keys[lookups[column.name].find(part)] = True
            except Unknown as why:
                problems.append((column.heading, shown(part), str(why)))
        return list(keys)
    if column.model_field.related_model:
        return lookups[column.name].find(text) if text else None
    if column.model_field.choices:
        return choice(column.model_field.choices, text)
    if isinstance(column.model_field, models.BooleanField):
        return truth(text)
    if isinstance(column.model_field, models.DateField):
        return day(text)
    if isinstance(column.model_field, models.IntegerField):
        if text and not YEAR.fullmatch(text):
            raise Unknown(NO_YEAR)
        return int(text) if text else None
    return text


def choice(choices, text):
    """The value of the choice that is called so, or is so in a record."""
    found = [value for value, label in choices if squeezed(text) in {squeezed(value), squeezed(str(label))}]
    if text and not found:
        raise Unknown(f"Kies uit: {', '.join(str(label) for _, label in choices)}.")
    return found[0] if found else ""


def truth(text):
    word = text.casefold()
    if word not in YES | NO:
        raise Unknown("Vul ja of nee in.")
    return word in YES


def day(text):
    if not text:
        return None
    found = DAY.fullmatch(text) or DUTCH_DAY.fullmatch(text)
    if not found:
        raise Unknown(NO_DAY)
    try:
        return datetime.date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        raise Unknown(NO_SUCH_DAY) from None


def source_date(text):
    """{'year': …, 'month': …, 'day': …}, as far as they are known."""
    parts = dict.fromkeys(["year", "month", "day"])
    found = next(filter(None, (form.fullmatch(text) for form in (DAY, DUTCH_DAY, MONTH))), None)
    if found:
        parts |= {name: int(value) for name, value in found.groupdict().items()}
    elif YEAR.fullmatch(text):
        parts["year"] = int(text)
    elif text:
        raise Unknown(NO_SOURCE_DATE)
    try:
        datetime.date(parts["year"] or 1, parts["month"] or 1, parts["day"] or 1)
    except ValueError:
        raise Unknown(NO_SUCH_DAY) from None
    return parts


def taken_slugs(kind):
    """The addresses that rows have, or had, in small letters: an old one leads to the new one."""
    taken = set(kind.model._base_manager.values_list(kind.key, flat=True))
    if "former_slugs" in getattr(kind.model, "parts", ()):
        taken |= set(kind.model.former_slugs.rel.related_model.objects.values_list("slug", flat=True))
    return {str(slug).lower() for slug in taken}


# ---- From a stored row to cells


def cells_of(row, columns, lookups):
    """The value for each column, for write_csv and write_xlsx. `row` comes from records.for_records()."""
    record = stored_record(kind_of(type(row)), row)
    return [value_for(column, record, row, lookups) for column in columns]


def value_for(column, record, row, lookups):
    if column.exported_only:
        return row.stage
    if isinstance(column.name, str):
        value = record[column.name]
        if column.name in lookups:
            texts = lookups[column.name].texts
            keys = value if isinstance(value, list) else filter(None, [value])
            return "; ".join(texts.get(key, str(key)) for key in keys)
        return dict(column.model_field.flatchoices).get(value, value) if column.model_field.choices else value
    _, position, name = column.name
    source = record["sources"][position] if position < len(record["sources"]) else {}
    if name != "date":
        return source.get(name, "")
    parts = [source["year"]] if "year" in source else []
    parts += [f"{source[each]:02}" for each in ("month", "day") if each in source]
    return "-".join(map(str, parts)) if len(parts) != 1 else parts[0]


def changed_cells(cells, row, lookups):
    """Those of {column: text} that say something else than the row: none for an export that comes back as it was."""
    present = cells_of(row, cells, lookups)
    return {
        column: text for (column, text), value in zip(cells.items(), present, strict=True) if text != read_back(value)
    }


def read_back(value):
    """What read() gives for a value that was written."""
    return plain(value).strip(EDGES)
