"""What the form of a case says while someone types in it: which cases it looks like, and where a place lies."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from programme.admin import RegionalAdmin
from programme.models import Region
from publishing.writing import number, own_key, typed

from .duplicates import probable_duplicates
from .models import Case

FIRST_YEAR_HELP = "Onbekend? Laat dit leeg en vink ‘eerste jaar onbekend’ aan."


class WritingAdmin(RegionalAdmin):
    """The part of the admin of cases that helps who writes.

    Who may write a case may ask; get_queryset() says which other cases they may open.
    """

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("schrijfhulp/dubbel/", wrap(require_GET(self.duplicates_view)), name="cases_case_duplicates"),
            path("schrijfhulp/provincie/", wrap(require_GET(self.provinces_view)), name="cases_case_provinces"),
            *super().get_urls(),
        ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "title":
            asked = f"{reverse('admin:cases_case_duplicates')}?own={own_key(request)}"
            beside = "lead_organisations partner_organisations first_year"
            field.widget.attrs |= {"data-hint": asked, "data-hint-with": beside}
        elif db_field.name == "place":
            asked = reverse("admin:cases_case_provinces")
            field.widget.attrs |= {"data-hint": asked, "data-hint-with": "provinces"}
        elif db_field.name == "first_year":
            field.help_text = FIRST_YEAR_HELP
        return field

    def duplicates_view(self, request):
        self.check_writer(request)
        title, sent = typed(request, "title", 200), request.GET
        keys = [*sent.getlist("lead_organisations"), *sent.getlist("partner_organisations")]
        asked = {"organisations": {*map(number, keys)} - {None}, "year": number(sent.get("first_year", ""))}
        own = Case.objects.filter(pk=number(sent.get("own", ""))).first()
        likely = self.with_addresses(request, probable_duplicates(title, leaving=own, **asked)) if title else []
        return render(request, "admin/writing/duplicates.html", {"likely": likely})

    def provinces_view(self, request):
        self.check_writer(request)
        chosen = {number(key) for key in request.GET.getlist("provinces")} - {None}
        provinces = provinces_of(typed(request, "place", 100))
        return render(request, "admin/writing/provinces.html", {"provinces": provinces, "chosen": chosen})

    def check_writer(self, request):
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied

    def with_addresses(self, request, cases):
        """[(case, where this person can open or read it, or "")]."""
        keys = [case.pk for case in cases]
        ours = {*self.get_queryset(request).filter(pk__in=keys).values_list("pk", flat=True)}
        public = {*Case.objects.published().filter(pk__in=keys).values_list("pk", flat=True)}

        def address(case):
            if case.pk in ours:
                return reverse("admin:cases_case_change", args=[case.pk])
            return case.get_absolute_url() if case.pk in public else ""

        return [(case, address(case)) for case in cases]

    def save_related(self, request, form, formsets, change):
        """For who works without scripts, and for who overlooked it."""
        super().save_related(request, form, formsets, change)
        if not change:
            case = form.instance
            chosen = [*form.cleaned_data["lead_organisations"], *form.cleaned_data["partner_organisations"]]
            organisations = [each.pk for each in chosen]
            found = probable_duplicates(case.title, organisations=organisations, year=case.first_year, leaving=case)
            if found:
                likely = self.with_addresses(request, found)
                said = render_to_string("admin/writing/duplicates.html", {"likely": likely})
                self.message_user(request, said, messages.WARNING)


def provinces_of(place):
    """The provinces in which a place lies, by what the portal itself knows: there is no list of places."""
    if not place:
        return Region.objects.none()
    settled = Case.objects.published().annotate(many=Count("provinces")).filter(place__iexact=place, many=1)
    known = Q(organisations__place__iexact=place) | Q(cases__in=settled.values("pk"))
    return Region.objects.filter(known, kind=Region.Kind.PROVINCE).distinct()
