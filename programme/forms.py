from django import forms

from publishing.forms import PublishableForm


class RegionalForm(PublishableForm):
    """A form of something in provinces, which a redacteur keeps within the own landsdelen."""

    landsdelen: list | None = None  # None: all of them

    def clean(self):
        cleaned = super().clean()
        name = "provinces" if "provinces" in self.fields else "province"
        chosen = cleaned.get(name)
        provinces = list(chosen or ()) if name == "provinces" else [chosen] if chosen else []
        ours = self.landsdelen
        if (
            ours is not None
            and provinces
            and not {each.landsdeel_id for each in provinces} & {each.pk for each in ours}
        ):
            names = ", ".join(map(str, ours)) or "nog geen landsdeel"
            self.add_error(name, forms.ValidationError(f"Kies een provincie in uw werkgebied: {names}."))
        return cleaned
