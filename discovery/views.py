import hashlib
from html import escape

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.views.generic import View

from .index import current_index
from .panel import panel
from .skeleton import Skeleton
from .versions import release


class NoSuchPage(Http404):
    """The address asks for a page that the list does not have. Carries the list, to link to what it has."""

    def __init__(self, selection, last):
        super().__init__("Deze pagina bestaat niet.")
        self.selection, self.last = selection, last


class Rows:
    """The rows of a selection as Paginator asks for them: a slice of them is a list of cards, as HTML."""

    ordered = True

    def __init__(self, selection):
        self.selection = selection

    def __len__(self):
        return self.selection.total

    def __getitem__(self, page):
        return self.selection.cards(page.start, page.stop)


class FromIndex(View):
    """An answer made of the index of `filterset_class`, of one version: 304 when the visitor has it already.

    That is known from the version and the address alone, before any other work.
    """

    filterset_class: type
    http_method_names = ["get", "head"]

    def dispatch(self, request, *args, **kwargs):
        self.index = current_index(self.filterset_class)
        asked = hashlib.sha256(request.get_full_path().encode(errors="replace")).hexdigest()[:16]
        etag = f'"{release()}-{self.index.version}-{asked}"'
        response = get_conditional_response(request, etag=etag) or super().dispatch(request, *args, **kwargs)
        if response.status_code in {200, 304}:
            response.headers["ETag"] = etag
            response.headers["Cache-Control"] = "no-cache"  # keep it, but ask whether it still holds
        return response


class SelectionList(FromIndex):
    """A list that shows a visitor's selection. Set filterset_class, and template_name, which extends list.html."""

    template_name = ""
    paginate_by = 20
    page_kwarg = "pagina"

    def get(self, request, *args, **kwargs):
        try:
            return HttpResponse(self.html(self.filterset_class(request.GET, index=self.index)))
        except NoSuchPage as missing:
            selection, last = missing.selection, missing.last
            context = {"last": last, "first": selection.url(), "final": selection.url(pagina=[str(last)])}
            return render(request, "page_404.html", context, status=404)

    def html(self, selection):
        """The whole page of a selection."""
        kept = selection.index.extra
        if "page" not in kept:
            kept["page"] = Skeleton(self.template_name, lambda slots: {"request": self.request})
        return kept["page"].fill(self.parts(selection))

    def parts(self, selection):
        """{slot: HTML} of what this selection shows."""
        page = self.page(selection)
        number = [str(page.number)] if page.number > 1 else []
        context = {"filter": selection, "title": selection.title, "page_obj": page}
        return {
            "title": escape(selection.title),
            "number": f", pagina {page.number}" if number else "",
            "canonical": escape(self.request.build_absolute_uri(selection.url(pagina=number))),
            "robots": "" if selection.indexable else '<meta name="robots" content="noindex">',
            "notes": render_to_string("components/notes.html", context) if selection.notes else "",
            "filters": panel(selection),
            "chips": render_to_string("components/chips.html", context) if selection.chosen else "",
            "heads": self.heads(selection),
            "rows": render_to_string("components/rows.html", context | self.pages(selection, page)),
        }

    def heads(self, selection):
        """HTML above the rows; nothing unless a list has more to show than its rows."""
        return ""

    def page(self, selection):
        """The page asked for. A plain whole number: 'last', '0x1', ' 1' and '²' are no page."""
        paginator: Paginator = Paginator(Rows(selection), self.paginate_by)  # type: ignore[arg-type]
        text = self.request.GET.get(self.page_kwarg, "1")
        plain = text.isascii() and text.isdigit() and not text.startswith("0") and len(text) < 10
        if not plain or int(text) > paginator.num_pages:
            raise NoSuchPage(selection, paginator.num_pages)
        return paginator.page(int(text))

    def pages(self, selection, page):
        shown = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
        return {"pages": [(number, selection.url(pagina=[str(number)] if number != 1 else [])) for number in shown]}
