from publishing.forms import PublishableForm


class QualificationForm(PublishableForm):
    def clean_crebo(self):
        return self.cleaned_data["crebo"] or None  # unknown is null, so that more than one may be unknown
