from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.text import get_text_list, slugify
from django.views.decorators.http import require_GET

from publishing.admin import InUseAdmin, PublishableAdmin, SourceInline, VersionedAdmin
from publishing.writing import number, own_key, typed

from .duplicates import like_organisations
from .forms import RegionalForm
from .models import (
    Action,
    Goal,
    GoalSource,
    Indicator,
    IndicatorValue,
    Level,
    Organisation,
    Party,
    Region,
    RegionAlias,
    Sector,
    Term,
)
from .rights import in_own_area, landsdelen_of


class RegionalAdmin(PublishableAdmin):
    """Of what lies in provinces: a redacteur works on the own landsdelen only (rights.py)."""

    form = RegionalForm
    region_paths = ["provinces"]  # from a row to its provinces

    def within(self, request, rows):
        return in_own_area(rows, request.user, *self.region_paths)

    def deleted_within(self, request, found):
        if self.has_publish_permission(request):
            return list(found)
        ours = set(Region.objects.filter(landsdeel__in=landsdelen_of(request.user)).values_list("pk", flat=True))

        def was_ours(fields):
            held = [fields.get(path) for path in self.region_paths]
            places = {pk for each in held for pk in (each if isinstance(each, list) else [each])}
            return fields["author"] == request.user.pk or fields.get("nationwide") or places & ours

        return [version for version in found if was_ours(version.rows[0]["fields"])]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.landsdelen = None if self.has_publish_permission(request) else list(landsdelen_of(request.user))
        for name, many in (("provinces", "minstens één"), ("province", "een")):
            if form.landsdelen and name in form.base_fields:
                ours = Region.objects.filter(kind=Region.Kind.PROVINCE, landsdeel__in=form.landsdelen)
                names = get_text_list([*map(str, ours)], "of")
                form.base_fields[name].help_text = f"Kies {many} provincie in uw werkgebied: {names}."
        return form


class PartyInline(admin.StackedInline):
    model = Party
    extra = 0


class GoalSourceInline(admin.StackedInline):
    model = GoalSource
    fields = SourceInline.fields
    extra = 0


@admin.register(Goal)
class GoalAdmin(VersionedAdmin):
    list_display = ["number", "title"]
    list_display_links = ["title"]
    search_fields = ["title", "description"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [PartyInline, GoalSourceInline]


@admin.register(Action)
class ActionAdmin(VersionedAdmin):
    list_display = ["number", "title", "goal"]
    list_display_links = ["title"]
    list_select_related = ["goal"]
    search_fields = ["title", "summary"]
    prepopulated_fields = {"slug": ["title"]}


class RegionAliasInline(admin.StackedInline):
    model = RegionAlias
    prepopulated_fields = {"slug": ["name"]}
    extra = 0


@admin.register(Region)
class RegionAdmin(VersionedAdmin, InUseAdmin):
    list_display = ["name", "kind", "landsdeel", "cbs_code", "iso_code"]
    list_filter = ["kind", "landsdeel"]
    list_select_related = ["landsdeel"]
    search_fields = ["name", "aliases__name"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [RegionAliasInline]


class KeyedAdmin(VersionedAdmin, InUseAdmin):
    """For rows keyed by a fixed slug or number: the key is chosen once."""

    def get_readonly_fields(self, request, obj=None):
        return [self.model._meta.pk.name] if obj else []


@admin.register(Sector)
class SectorAdmin(KeyedAdmin):
    list_display = ["name", "slug", "order"]
    search_fields = ["name"]


@admin.register(Level)
class LevelAdmin(KeyedAdmin):
    list_display = ["number", "name"]
    search_fields = ["name"]


@admin.register(Organisation)
class OrganisationAdmin(VersionedAdmin, InUseAdmin):
    list_display = ["name", "kind", "place", "province", "led"]
    ordering = ["name", "pk"]  # a query that counts does not take the order of the model
    list_filter = ["kind", "province"]
    list_select_related = ["province"]
    search_fields = ["name", "former_names", "place"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["province"]
    in_popup = ["name", "kind", "place", "province", "slug"]  # beside a case: the rest can be filled in later

    def get_fields(self, request, obj=None):
        popup = IS_POPUP_VAR in request.GET or IS_POPUP_VAR in request.POST
        return self.in_popup if popup and obj is None else super().get_fields(request, obj)

    def get_changeform_initial_data(self, request):
        """With the address that goes with a name in the link, as typing the name would give."""
        asked = super().get_changeform_initial_data(request)
        return {"slug": slugify(str(asked.get("name", "")))[:100]} | asked

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "name":
            asked = f"{reverse('admin:programme_organisation_like')}?own={own_key(request)}"
            field.widget.attrs["data-hint"] = asked
        elif db_field.name == "slug":
            field.help_text = (
                "Het laatste stuk van het adres op deze site, zoals roc-van-twente. U hoeft het niet te wijzigen."
            )
        elif db_field.name == "former_names":
            field.help_text = (
                "Met een komma ertussen. Lezers zien deze namen, en vinden de organisatie er ook mee in de zoekbalk."
            )
        return field

    def get_urls(self):
        like = self.admin_site.admin_view(require_GET(self.like_view))
        return [path("schrijfhulp/lijkt-op/", like, name="programme_organisation_like"), *super().get_urls()]

    def like_view(self, request):
        """The organisations that have almost this name already."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = number(request.GET.get("own", ""))
        found = like_organisations(typed(request, "name", 200), leaving=own)
        return render(request, "admin/writing/organisations.html", {"organisations": found})

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        found = [] if change else like_organisations(obj.name, leaving=obj.pk)
        if found:
            said = f"{obj} lijkt op {', '.join(map(str, found))}. Is het dezelfde? Laat er dan één weghalen."
            self.message_user(request, said, messages.WARNING)

    def view_on_site(self, organisation):
        """The page exists only once something public names the organisation."""
        names = ("led_cases", "partner_cases", "participations", "offerings", "qualifications")
        public = any(getattr(organisation, name).published().exists() for name in names)
        return organisation.get_absolute_url() if public else None

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(led=Count("led_cases"))

    @admin.display(description="trekt cases", ordering="led")
    def led(self, organisation):
        return organisation.led


class IndicatorValueForm(forms.ModelForm):
    class Meta:
        localized_fields = ["value"]  # a field that takes a comma, as Dutch writes it


class IndicatorValueInline(admin.StackedInline):
    model = IndicatorValue
    fields = [("period", "year", "value"), "source_title", "source_url"]
    form = IndicatorValueForm
    extra = 0


@admin.register(Indicator)
class IndicatorAdmin(VersionedAdmin):
    list_display = ["name", "theme", "unit", "front_text"]
    list_filter = ["theme"]
    search_fields = ["name", "definition"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [IndicatorValueInline]


@admin.register(Term)
class TermAdmin(VersionedAdmin):
    list_display = ["name", "other_names", "source_title"]
    search_fields = ["name", "other_names", "explanation"]
    prepopulated_fields = {"slug": ["name"]}
