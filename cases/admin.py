from django.contrib import admin, messages
from django.core.files.storage import default_storage
from django.forms import CheckboxSelectMultiple
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator

from programme.admin import RegionalAdmin
from programme.rights import in_own_area
from publishing.admin import PUBLICATION, NotFoundAdmin, SourceInline
from publishing.workflow import hidden_fields

from .actions import AddInstruments, ChooseSectors
from .forms import CaseImageForm
from .images import FOLDER, prepare
from .models import Case, CaseImage, CaseSource, FormerSlug, Remark, Submission
from .writing import WritingAdmin


class CaseSourceInline(SourceInline):
    model = CaseSource


class CaseImageInline(admin.StackedInline):
    model = CaseImage
    classes = ["collapse"]
    form = CaseImageForm
    extra = 1
    max_num = 8
    fields = ["present", "upload", "alt", "decorative", "caption", "credit", "order"]
    readonly_fields = ["present"]

    @admin.display(description="nu")
    def present(self, image):
        if not image.digest:
            return "nog geen afbeelding"
        return format_html('<img src="{}" alt="{}" width="240">', image.smallest, image.alt)


class SubmissionInline(admin.StackedInline):
    """Who handed this case in, to look at only."""

    model = Submission
    extra = 0
    readonly_fields = ["name", "email", "organisation", "is_spam", "created_at"]
    fields = [*readonly_fields]
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False


class FormerSlugInline(admin.StackedInline):
    model = FormerSlug
    classes = ["collapse"]
    extra = 0


@admin.register(Case)
class CaseAdmin(WritingAdmin):
    list_display = ["title", "state", "place", "provinces_text", "sectors_text", "first_year"]
    list_filter = ["sectors", "provinces", "experiments", "routes"]
    search_fields = ["title", "summary", "place", "lead_organisations__name"]
    prepopulated_fields = {"slug": ["title"]}
    autocomplete_fields = [
        "lead_organisations",
        "partner_organisations",
        "provinces",
        "qualifications",
        "contact",
    ]
    inlines = [SubmissionInline, CaseSourceInline, CaseImageInline, FormerSlugInline]
    actions = [*RegionalAdmin.actions, ChooseSectors(), AddInstruments()]
    fieldsets = [
        (
            None,
            {
                "fields": ["title", "slug", "summary", "body"],
                "description": "Wat u hier invult, zien lezers op de site. Alleen de notitie voor de redactie niet. "
                "Wat vet staat, is nodig om op te slaan.",
            },
        ),
        (
            "Waar en voor wie",
            {
                "fields": ["place", "provinces", "nationwide", "sectors", "sectors_unknown", "levels"],
                "description": "Hiermee vinden bezoekers de case. Geen sector bekend? Vink ‘sector onbekend’ aan.",
            },
        ),
        (
            "Wanneer",
            {
                "fields": [
                    ("first_year", "last_year"),
                    "first_year_unknown",
                    ("running_seen_on", "running_source"),
                ]
            },
        ),
        ("Wie", {"fields": ["lead_organisations", "partner_organisations", "other_partners", "contact"]}),
        (
            "Experimenten en leerroutes",
            {"fields": ["experiments", "routes", "qualifications", "topsector", "website"]},
        ),
        ("Hoe zeker is het", {"fields": ["uncertainty", "checked_on"]}),
        PUBLICATION,
    ]

    def get_inlines(self, request, obj):
        inlines = super().get_inlines(request, obj)
        handed_in = obj and Submission.objects.filter(case=obj).exists()
        return [each for each in inlines if handed_in or each is not SubmissionInline]

    def changeform_view(self, request, *args, **kwargs):
        for upload in request.FILES.values():
            prepare(upload)
        return super().changeform_view(request, *args, **kwargs)

    def get_fieldsets(self, request, obj=None):
        """Without what this person may not see: the contact."""
        hidden = hidden_fields(request.user, self.model)
        return [
            (title, options | {"fields": [name for name in options["fields"] if name not in hidden]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        if db_field.name in {"sectors", "levels", "experiments", "routes"}:
            kwargs["widget"] = CheckboxSelectMultiple  # few, and none is lost by a click without Ctrl
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("provinces", "sectors")

    @admin.display(description="provincies")
    def provinces_text(self, case):
        return "landelijk" if case.nationwide else ", ".join(map(str, case.provinces.all()))

    @admin.display(description="sectoren")
    def sectors_text(self, case):
        return ", ".join(map(str, case.sectors.all())) or ("onbekend" if case.sectors_unknown else "–")

    def possible(self, rows):
        """Without images of which the files were cleaned away since."""

        def has_files(row):
            image = CaseImage(digest=row["fields"]["digest"], width=row["fields"]["width"])
            shown = CaseImage.objects.filter(digest=image.digest).exists()
            return shown or default_storage.exists(f"{FOLDER}/{image.names[0]}")

        return [row for row in rows if row["model"] != CaseImage._meta.label_lower or has_files(row)]

    def save_model(self, request, obj, form, change):
        """Keep the old address of a case, so that it redirects to the new one."""
        super().save_model(request, obj, form, change)
        if change and "slug" in form.changed_data:
            obj.former_slugs.filter(slug=obj.slug).delete()
            FormerSlug.objects.update_or_create(slug=form.initial["slug"], defaults={"case": obj})


@admin.register(Remark)
class RemarkAdmin(NotFoundAdmin):
    """What visitors say is wrong in a case. An editor of its region mends the case, and notes that it was handled."""

    list_display = ["created_at", "case", "beginning", "is_spam", "handled_at"]
    list_filter = [("handled_at", admin.EmptyFieldListFilter), "is_spam"]
    list_select_related = ["case"]
    search_fields = ["text", "case__title"]
    actions = ["mark_handled"]
    readonly_fields = ["created_at", "case_link", "text", "name", "email", "is_spam"]
    fields = [*readonly_fields, "handled_at"]

    def get_queryset(self, request):
        mine = in_own_area(Case.objects.all(), request.user, "provinces")
        return super().get_queryset(request).filter(case__in=mine.values("pk"))

    def has_add_permission(self, request):
        return False

    @admin.display(description="case")
    def case_link(self, remark):
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:cases_case_change", args=[remark.case_id]), remark.case
        )

    @admin.display(description="wat klopt er niet")
    def beginning(self, remark):
        return Truncator(remark.text).chars(60)

    @admin.action(description="Markeer als afgehandeld", permissions=["change"])
    def mark_handled(self, request, queryset):
        count = queryset.filter(handled_at=None).update(handled_at=timezone.now())
        self.message_user(request, f"Afgehandeld: {count}.", messages.SUCCESS)
