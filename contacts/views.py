from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import DetailView, TemplateView
from django.views.generic.detail import SingleObjectMixin
from django.views.generic.edit import FormView

from publishing.models import with_links

from .forms import LookupForm, MessageForm, own_path
from .limits import network, used_up
from .models import Area, Contact

MESSAGES_PER_HOUR = 20  # a whole school may share one network


class ContactLookup(TemplateView):
    """The one right contact for a region and a sector, and why. Asks one question at a time; the address has the rest.

    An answer that is there but empty ('?regio=') means: all of them.
    """

    template_name = "contacts/lookup.html"

    def get_context_data(self, **kwargs):
        form = LookupForm(self.request.GET)
        form.is_valid()
        region, sector = form.cleaned_data.get("regio"), form.cleaned_data.get("sector")
        answered = {name: getattr(form.cleaned_data[name], "slug", "") for name in form.answered}
        contact, reason = Contact.objects.answering([region] if region else [], [sector] if sector else [])
        return super().get_context_data(
            form=form,
            region=region,
            sector=sector,
            answered=answered,
            path=f"{self.request.path}?{urlencode(answered)}" if answered else "",
            question=next((name for name in form.fields if name not in answered), None),
            contact=contact,
            reason=reason,
            only_fallback=not Area.objects.exists(),
            **kwargs,
        )


# A visitor has no session here, so there is no authority that a forged request could borrow; a csrf token
# would set a cookie (ADR 0006). The stamp, the trap and the rate limit keep robots out.
@method_decorator(csrf_exempt, name="dispatch")
class VisitorForm(FormView):
    """A page with a form for everyone; accept() stores what is valid, as often as one network may send it."""

    brake = "message"  # what the limit is of
    per_hour = MESSAGES_PER_HOUR

    def form_valid(self, form):
        if used_up(f"{self.brake} {network(self.request)}", self.per_hour, seconds=60 * 60):
            form.add_error(
                None,
                "Vanaf uw netwerk kwamen al veel berichten. Uw tekst staat er nog. Probeer het over een uur weer.",
            )
            return self.render_to_response(
                self.get_context_data(form=form), status=429, headers={"Retry-After": "3600"}
            )
        foreign = self.request.headers.get("Sec-Fetch-Site") == "cross-site"  # sent by a page of another site
        return self.accept(form, foreign or form.looks_like_spam)

    def accept(self, form, is_spam):
        """Store it, and return the response."""
        raise NotImplementedError

    def get_context_data(self, **kwargs):
        return super().get_context_data(sent="verzonden" in self.request.GET, **kwargs)


class ContactDetail(SingleObjectMixin, VisitorForm):
    template_name = "contacts/detail.html"
    form_class = MessageForm

    def get_queryset(self):
        return with_links(Contact.objects.current()).prefetch_related("areas__region", "areas__sector")

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.object = self.get_object()

    def get_initial(self):
        return {"page": own_path(self.request.GET.get("vanaf", ""))}

    def accept(self, form, is_spam):
        form.instance.contact, form.instance.is_spam = self.object, is_spam
        message = form.save()
        if not is_spam:
            message.deliver()
        return redirect(f"{self.object.get_absolute_url()}?verzonden=1")


class ContactVCard(DetailView):
    """A vCard 4.0 (RFC 6350) with the name, the organisation and the address of the contact's page."""

    def get_queryset(self):
        return Contact.objects.current()

    def render_to_response(self, context, **response_kwargs):
        contact = self.object
        page = self.request.build_absolute_uri(contact.get_absolute_url())
        card = [
            "BEGIN:VCARD",
            "VERSION:4.0",
            f"KIND:{'individual' if contact.kind == Contact.Kind.PERSON else 'org'}",
            f"FN:{escaped(contact.name)}",
            *([f"ORG:{escaped(contact.organisation_name)}"] if contact.organisation_name else []),
            f"URL:{page}",
            "END:VCARD",
        ]
        response = HttpResponse("\r\n".join(card) + "\r\n", content_type="text/vcard; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{contact.slug}.vcf"'
        return response


def escaped(text):
    """Text as a vCard value (RFC 6350, section 3.4)."""
    for sign, instead in (("\\", "\\\\"), ("\n", "\\n"), ("\r", ""), (",", "\\,"), (";", "\\;")):
        text = text.replace(sign, instead)
    return text
