from django import forms

from .images import NOT_STORED, renditions
from .models import CaseImage


class CaseImageForm(forms.ModelForm):
    upload = forms.FileField(
        label="Bestand",
        required=False,
        help_text="JPEG, PNG of WebP, minstens 480 pixels breed, hoogstens 8 MB. De site maakt er kleinere van, en "
        "haalt plaats en andere gegevens eruit. Een nieuw bestand vervangt het oude.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    class Meta:
        model = CaseImage
        fields = ["upload", "alt", "decorative", "caption", "credit", "order"]

    def clean_upload(self):
        upload = self.cleaned_data["upload"]
        if upload:
            kept = getattr(upload, "renditions", None) or renditions(upload)
            if isinstance(kept, forms.ValidationError):
                raise kept
            try:
                kept.store()
            except OSError:  # a full disk; what was stored of it goes with manage.py clean_images
                raise forms.ValidationError(NOT_STORED) from None
            return kept
        if not self.instance.digest:
            raise forms.ValidationError("Kies een bestand.", code="required")
        return None

    def save(self, commit=True):
        kept = self.cleaned_data["upload"]
        if kept:
            self.instance.digest, self.instance.width, self.instance.height = kept.digest, kept.width, kept.height
        return super().save(commit)
