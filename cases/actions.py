"""What an editor adds to many cases at once: sectors, experiments, routes."""

from copy import copy

from django import forms
from django.utils.text import capfirst

from experiments.models import Experiment
from programme.models import Sector
from publishing import versions
from publishing.actions import Bulk
from publishing.models import Version
from routes.models import Route


class SectorChoice(forms.Form):
    sectors = forms.ModelMultipleChoiceField(Sector.objects, label="Sectoren", widget=forms.CheckboxSelectMultiple)
    how = forms.ChoiceField(
        label="Hoe",
        choices=[("erbij", "zet deze erbij"), ("in plaats van", "zet deze in plaats van wat er staat")],
        initial="erbij",
        widget=forms.RadioSelect,
    )


class InstrumentChoice(forms.Form):
    experiments = forms.ModelMultipleChoiceField(
        Experiment.objects, label="Experimenten", required=False, widget=forms.CheckboxSelectMultiple
    )
    routes = forms.ModelMultipleChoiceField(
        Route.objects, label="Leerroutes", required=False, widget=forms.CheckboxSelectMultiple
    )

    def clean(self):
        super().clean()
        if not self.errors and not any(self.cleaned_data.values()):
            raise forms.ValidationError("Kies minstens één experiment of leerroute.")


class ChooseLists(Bulk):
    """Puts rows in lists of a case, as far as the rules for cases allow."""

    allowed_permissions = ["change"]
    changes_content = True
    lists: tuple[str, ...] = ()

    def after(self, row, choice):
        """{field: what it will hold}"""
        replace = choice.get("how") == "in plaats van"
        now = {name: [] if replace else list(getattr(row, name).all()) for name in self.lists}
        return {name: list(dict.fromkeys([*now[name], *choice[name]])) for name in self.lists}

    def changes(self, row, choice):
        """What changes, in words."""
        found = []
        for name, after in self.after(row, choice).items():
            before, label = list(getattr(row, name).all()), row._meta.get_field(name).related_model._meta.verbose_name
            found += [f"krijgt {label} {each} erbij" for each in after if each not in before]
            found += [f"{label} {each} gaat eraf" for each in before if each not in after]
        if "sectors" in self.lists and row.sectors_unknown:
            found.append("‘sector onbekend’ gaat uit")
        return found

    def stays(self, row, choice):
        return "" if self.changes(row, choice) else "heeft dit al: blijft zo"

    def refused(self, row, choice):
        before, judged = row.obstacles(), copy(row)
        self.settle(judged)
        rows = {name: list(getattr(row, name).all()) for name in row.collections} | self.after(row, choice)
        return [message for name, message in judged.problems(**rows).items() if before.get(name) != message]

    def words(self, row, choice):
        return "; ".join(self.changes(row, choice))

    def settle(self, row):
        """Set what follows from it."""
        if "sectors" in self.lists:
            row.sectors_unknown = False

    def do(self, row, choice, user, batch):
        after, words = self.after(row, choice), self.words(row, choice)
        versions.remember(row)
        self.settle(row)
        row.save(update_fields=["sectors_unknown", "updated_at"])
        for name, rows in after.items():
            getattr(row, name).set(rows)
        versions.record(row, Version.Event.CHANGED, user, f"{capfirst(words)}.", batch)
        return row


class ChooseSectors(ChooseLists):
    __name__ = "choose_sectors"
    short_description = "Sector toevoegen of vervangen"
    done = "Sector gewijzigd"
    form_class = SectorChoice
    lists = ("sectors",)


class AddInstruments(ChooseLists):
    __name__ = "add_instruments"
    short_description = "Experiment of leerroute toevoegen"
    done = "Experiment of leerroute toegevoegd"
    form_class = InstrumentChoice
    lists = ("experiments", "routes")
