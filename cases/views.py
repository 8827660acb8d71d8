from django.conf import settings
from django.core.files.storage import default_storage
from django.core.signing import BadSignature
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.generic import DetailView
from django.views.generic.detail import SingleObjectMixin

from contacts.views import VisitorForm
from discovery.index import current_index
from discovery.views import SelectionList
from programme.glossary import Glossary
from programme.timeline import timeline
from publishing.preview import Previewed, read

from .filters import CaseFilter
from .images import FOLDER, TYPES, name_of
from .incoming import RemarkForm, SubmissionForm, thanked
from .models import Case, CaseImage
from .related import related_cases
from .share import SITE, share_image, words_of


class CaseList(SelectionList):
    filterset_class = CaseFilter
    template_name = "cases/list.html"


class CaseDetail(Previewed, DetailView):
    model = Case
    template_name = "cases/detail.html"

    def get(self, request, *args, **kwargs):
        published = Case.objects.published()
        if not self.preview and not published.filter(slug=kwargs["slug"]).exists():
            return redirect(get_object_or_404(published, former_slugs__slug=kwargs["slug"]), permanent=True)
        return super().get(request, *args, **kwargs)

    def get_queryset(self):
        return self.rows().for_page()

    def get_context_data(self, **kwargs):
        case = self.object
        for image in case.images.all():
            image.preview = self.preview
        contact, reason = case.answering_contact()
        return super().get_context_data(
            contact=contact,
            reason=reason,
            timeline=timeline([*case.experiments.all(), *case.routes.all()], case.known_years),
            related=related_cases(current_index(CaseFilter), case),
            glossary=Glossary(),
            **kwargs,
        )


class SubmitCase(VisitorForm):
    """A school hands in a case of its own. It arrives as a concept; it can be looked at before it is sent."""

    template_name = "cases/submit.html"
    form_class = SubmissionForm
    brake, per_hour = "submission", 10

    def form_valid(self, form):
        if "_preview" in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form, preview=form.instance))
        return super().form_valid(form)

    def accept(self, form, is_spam):
        is_new = form.save_concept(is_spam)
        return redirect(f"{self.request.path}?verzonden={form.thanks(is_new)}")

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"sent": thanked(self.request.GET.get("verzonden", ""))}


class RemarkOnCase(SingleObjectMixin, VisitorForm):
    """'Klopt er iets niet?' of one case. It lands with the editors of its region."""

    template_name = "cases/remark.html"
    form_class = RemarkForm
    brake = "remark"

    def get_queryset(self):
        return Case.objects.published()

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.object = self.get_object()

    def accept(self, form, is_spam):
        form.instance.case, form.instance.is_spam = self.object, is_spam
        form.save()
        return redirect(f"{self.request.path}?verzonden=1")


@require_safe
def image(request, digest, width, kind):
    """A file of an image, as long as a case that a visitor may see has it.

    Those of a concept are for editors, and for who has a link to a preview of that case.
    """
    name = name_of(digest, width, kind)
    same = CaseImage.objects.filter(digest=digest)
    public = same.filter(case__in=Case.objects.published()).first()
    found = public or (same.first() if is_editor(request) else same.filter(case=previewed(request)).first())
    if found is None or request.path != found.address(width, kind) or name not in found.names:
        raise Http404("Deze afbeelding is er niet.")
    response = get_conditional_response(request, etag=f'"{name}"') or file_of(name, kind)
    response.headers["ETag"] = f'"{name}"'
    response.headers["Cache-Control"] = "no-cache" if public else "private, no-store"
    return response


def is_editor(request):
    """Whether someone who may see concepts is logged in. The session of who has none is not asked for."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.has_perm("cases.view_case")


def previewed(request):
    """The key of the case of which the address has a token for a preview, or None."""
    try:
        label, key = read(request.GET.get("voorbeeld", ""))
    except BadSignature:
        return None
    return key if label == Case._meta.label_lower else None


def file_of(name, kind):
    try:
        file = default_storage.open(f"{FOLDER}/{name}")
    except FileNotFoundError:
        raise Http404("Deze afbeelding is er niet.") from None
    # Said to be as it is, so that GZipMiddleware does not compress it once more.
    return FileResponse(file, content_type=TYPES[kind], headers={"Content-Encoding": "identity"})


@require_safe
@cache_control(public=True, max_age=3600)
def share(request, slug=None):
    """The picture beside a link to a case, or to any other page."""
    words = words_of(get_object_or_404(Case.objects.published(), slug=slug)) if slug else SITE
    return HttpResponse(share_image(*words), content_type="image/png")
