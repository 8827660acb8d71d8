from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.generic import DetailView

from discovery.index import current_index
from discovery.views import SelectionList
from programme.glossary import Glossary
from programme.timeline import timeline

from .filters import CaseFilter
from .images import FOLDER, TYPES, name_of
from .models import Case, CaseImage
from .related import related_cases
from .share import SITE, share_image, words_of


class CaseList(SelectionList):
    filterset_class = CaseFilter
    template_name = "cases/list.html"


class CaseDetail(DetailView):
    template_name = "cases/detail.html"

    def get(self, request, *args, **kwargs):
        published = Case.objects.published()
        if not published.filter(slug=kwargs["slug"]).exists():
            return redirect(get_object_or_404(published, former_slugs__slug=kwargs["slug"]), permanent=True)
        return super().get(request, *args, **kwargs)

    def get_queryset(self):
        return Case.objects.published().for_page()

    def get_context_data(self, **kwargs):
        case = self.object
        contact, reason = case.answering_contact()
        return super().get_context_data(
            contact=contact,
            reason=reason,
            timeline=timeline([*case.experiments.all(), *case.routes.all()], case.known_years),
            related=related_cases(current_index(CaseFilter), case),
            glossary=Glossary(),
            **kwargs,
        )


@require_safe
def image(request, digest, width, kind):
    """A file of an image, as long as a case that a visitor may see has it. Editors see those of concepts too."""
    name = name_of(digest, width, kind)
    same = CaseImage.objects.filter(digest=digest)
    public = same.filter(case__in=Case.objects.published()).first()
    found = public or (same.first() if is_editor(request) else None)
    if found is None or request.path != found.address(width, kind) or name not in found.names:
        raise Http404("Deze afbeelding is er niet.")
    response = get_conditional_response(request, etag=f'"{name}"') or file_of(name, kind)
    response.headers["ETag"] = f'"{name}"'
    response.headers["Cache-Control"] = "no-cache" if public else "private, no-store"
    return response


def is_editor(request):
    """Whether someone who may see concepts is logged in. The session of who has none is not asked for."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.has_perm("cases.view_case")


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
