import ipaddress

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import DetailView, TemplateView
from django.views.generic.detail import SingleObjectMixin
from django.views.generic.edit import FormView

from .forms import LookupForm, MessageForm
from .models import Area, Contact

MESSAGES_PER_HOUR = 20  # a whole school may share one network


class ContactLookup(TemplateView):
    """The one right contact for a region and a sector, and why."""

    template_name = "contacts/lookup.html"

    def get_context_data(self, **kwargs):
        form = LookupForm(self.request.GET)
        form.is_valid()
        region, sector = form.cleaned_data.get("regio"), form.cleaned_data.get("sector")
        contact, reason = Contact.objects.answering(region, sector)
        return super().get_context_data(
            form=form,
            region=region,
            sector=sector,
            contact=contact,
            reason=reason,
            only_fallback=not Area.objects.exists(),
            **kwargs,
        )


# A visitor has no session here, so there is no authority that a forged request could borrow; a csrf token
# would set a cookie (ADR 0006). The stamp, the trap and the rate limit keep robots out.
@method_decorator(csrf_exempt, name="dispatch")
class ContactDetail(SingleObjectMixin, FormView):
    template_name = "contacts/detail.html"
    form_class = MessageForm

    def get_queryset(self):
        return Contact.objects.current().prefetch_related("areas__region", "areas__sector")

    def dispatch(self, request, *args, **kwargs):
        self.object = self.get_object()
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        return {"page": self.request.GET.get("vanaf", "")[:300]}

    def get_context_data(self, **kwargs):
        return super().get_context_data(sent="verzonden" in self.request.GET, **kwargs)

    def form_valid(self, form):
        if too_many_messages(self.request):
            form.add_error(
                None,
                "Vanaf uw netwerk zijn al veel berichten gestuurd. Uw tekst staat er nog. Probeer het over een uur opnieuw.",
            )
            return self.render_to_response(self.get_context_data(form=form), status=429)
        form.instance.contact = self.object
        form.instance.is_spam = form.looks_like_spam
        message = form.save()
        if not message.is_spam:
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


def too_many_messages(request):
    """Count a message from this network; True when it is one too many within the hour.

    Only a part of the address is used (IPv4 /24, IPv6 /48), and nothing of it is kept after the hour.
    """
    hops = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    trusted = settings.PROXY_HOPS
    address = hops[-trusted] if 0 < trusted <= len(hops) else request.META.get("REMOTE_ADDR", "")
    try:
        ip = ipaddress.ip_address(address)
        ip = getattr(ip, "ipv4_mapped", None) or ip
        network = str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))
    except ValueError:
        network = "unknown"
    key = f"contact-messages-{network}"
    count = cache.get(key, 0) + 1
    cache.set(key, count, timeout=60 * 60)  # not incr(): that sets the timeout back to the cache's own
    return count > MESSAGES_PER_HOUR
