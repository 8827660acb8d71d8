"""The forms of the first two steps: which file, and what its columns are."""

from pathlib import PurePath

from django import forms

from . import columns as table
from . import records
from .record_files import ENDINGS, MEANT, read_records
from .sheets import read
from .sheets.table import Unreadable, shown


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Bestand",
        help_text="Excel (.xlsx) of CSV, of een bestand met records (.yaml). Hoogstens 5 MB en 5.000 rijen. Er wordt "
        "nog niets geïmporteerd: eerst ziet u wat elke rij zou doen. Een lege cel maakt een veld leeg. Een kolom die "
        "er niet is, laat het zoals het is.",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.yaml,.yml"}),
    )
    stage = forms.ChoiceField(
        label="Wat nieuw is",
        choices=[("concept", "bewaren als concept"), ("beoordeling", "meteen naar beoordeling, als het compleet is")],
        widget=forms.RadioSelect,
        initial="concept",
        required=False,
        help_text="Dit geldt voor alles wat een concept kan zijn, zoals cases, deelnames en aanbod.",
    )

    def __init__(self, *args, kinds, **kwargs):
        """`kinds`: the Kinds (records.py) that this person may import."""
        super().__init__(*args, **kwargs)
        self.kinds = {kind.file: kind for kind in kinds}
        choices = [(name, kind.plural) for name, kind in self.kinds.items()]
        self.fields["kind"] = forms.ChoiceField(label="Wat staat erin?", choices=choices, initial="cases")
        self.order_fields(["kind"])

    def clean(self):
        cleaned = super().clean() or {}
        if {"kind", "file"} <= {*cleaned}:
            self.kind = self.kinds[cleaned["kind"]]
            try:
                self.sheet = self.read(cleaned["file"])
            except Unreadable as why:
                self.add_error("file", str(why))
        return cleaned

    def read(self, file):
        """What stands in the file, as a Sheet. Raises Unreadable."""
        named = PurePath(file.name.lower())
        if named.suffix not in ENDINGS:
            if self.kind.file not in table.FIELDS:
                raise Unreadable(f"Voor {self.kind.plural} kan alleen een bestand met records (.yaml).")
            sheet = read(file.name, file)
            if meant := self.meant(sheet.headings):
                raise Unreadable(MEANT.format(meant.plural))
            return sheet
        meant = next((kind for kind in records.KINDS if kind.file == named.stem), self.kind)
        if meant is not self.kind:
            raise Unreadable(
                f"In {named.name} horen {meant.plural} te staan. Kies dat hierboven, of een ander bestand."
            )
        return read_records(file, self.kind, self.kinds.values())

    def meant(self, headings):
        """Another Kind, that knows all of these headings while the chosen one does not; or None."""

        def unknown(kind):
            found = table.recognise(headings, table.columns_for(kind, table.sources_in(headings)))
            return [heading for heading in headings if heading and found[heading] is None]

        others = [kind for kind in self.kinds.values() if kind.file in table.FIELDS and kind is not self.kind]
        return next((kind for kind in others if not unknown(kind)), None) if unknown(self.kind) else None


class ColumnsForm(forms.Form):
    """For each heading a list of the columns that we know."""

    def __init__(self, *args, batch, columns, **kwargs):
        super().__init__(*args, **kwargs)
        self.headings = [heading for heading in batch.headings if heading]
        guesses = table.recognise(self.headings, columns)
        choices = [("", "niet gebruiken"), *((each.heading, each.heading) for each in columns)]
        for number, heading in enumerate(self.headings):
            chosen = batch.mapping.get(heading)
            guess = guesses[heading]
            self.fields[f"kolom-{number}"] = forms.ChoiceField(
                label=f"‘{shown(heading)}’",
                choices=choices,
                required=False,
                initial=chosen if chosen is not None else guess.heading if guess else "",
            )

    def clean(self):
        cleaned = super().clean() or {}
        self.mapping = {heading: cleaned.get(f"kolom-{n}", "") for n, heading in enumerate(self.headings)}
        for n, column in enumerate(self.mapping.values()):
            if column and list(self.mapping.values()).index(column) < n:
                self.add_error(f"kolom-{n}", f"De kolom ‘{column}’ is al gekozen voor een andere kop.")
        return cleaned
