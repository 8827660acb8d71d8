import hashlib
from html import escape

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.generic import View

from .filters import TABLE
from .index import current_index
from .panel import panel
from .skeleton import Skeleton
from .versions import release

MOST_PAGINATIONS = 500


class NoSuchPage(Http404):
    """The address asks for a page that the list does not have. Carries the list, to link to what it has."""

    def __init__(self, selection, last):
        super().__init__("Deze pagina bestaat niet.")
        self.selection, self.last = selection, last


class Rows:
    """The rows of a selection as Paginator asks for them: a slice of them is a list of cards or lines, as HTML."""

    ordered = True

    def __init__(self, selection):
        self.selection = selection

    def __len__(self):
        return self.selection.total

    def __getitem__(self, page):
        return self.selection.cards(page.start, page.stop)


def tag(request, index):
    """The ETag of a page: of this release, of this version, at this address. It tells nothing of when or what."""
    said = f"{release()} {index.version} {request.META.get('HTTP_HOST')} {request.get_full_path()}"
    return f'"{hashlib.sha256(said.encode(errors="replace")).hexdigest()[:32]}"'


def not_modified(request, index):
    """304 when the visitor has the page already, else None. Known from version and address alone."""
    if request.method not in {"GET", "HEAD"} or request.META.get("HTTP_IF_NONE_MATCH", "*").strip() == "*":
        return None  # '*' asks whether there is a page at all, which is not known yet
    etag = tag(request, index)
    response = get_conditional_response(request, etag=etag)
    if response is not None:
        patch_vary_headers(response, ["Accept-Encoding"])  # as GZipMiddleware says of the page itself
    return response and kept(response, etag)


def kept(response, etag):
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "no-cache"  # keep it, but ask whether it still holds
    return response


class FromIndex(View):
    """An answer made of the index of `filterset_class`, of one version: 304 when the visitor has it already."""

    filterset_class: type
    http_method_names = ["get", "head"]

    def dispatch(self, request, *args, **kwargs):
        self.index = current_index(self.filterset_class)
        response = not_modified(request, self.index)
        if response is None:
            response = super().dispatch(request, *args, **kwargs)
            if response.status_code == 200:
                kept(response, tag(request, self.index))
        return response


class SelectionResponse(HttpResponse):
    """A page of a list, with what it shows: the selection, and the Page of its rows as HTML."""

    def __init__(self, view, selection, page):
        super().__init__(view.html(selection, page))
        self.selection, self.page = selection, page


class SelectionList(FromIndex):
    """A list that shows a visitor's selection. Set filterset_class, and template_name, which extends list.html."""

    template_name = ""
    paginate_by = 20
    page_kwarg = "pagina"

    def get(self, request, *args, **kwargs):
        try:
            selection = self.filterset_class(request.GET, index=self.index)
            return SelectionResponse(self, selection, self.page(selection))
        except NoSuchPage as missing:
            selection, last = missing.selection, missing.last
            context = {"last": last, "first": selection.url(), "final": selection.url(pagina=[str(last)])}
            return render(request, "page_404.html", context, status=404)

    def html(self, selection, page):
        """The whole page of a selection."""
        kept = selection.index.extra
        if "page" not in kept:
            kept["page"] = Skeleton(self.template_name, lambda slots: {"request": self.request})
        return kept["page"].fill(self.parts(selection, page))

    def parts(self, selection, page):
        """{slot: HTML} of what this selection shows."""
        number = [str(page.number)] if page.number > 1 else []
        context = {"filter": selection}
        return {
            "title": escape(selection.title),
            "number": f", pagina {page.number}" if number else "",
            "canonical": escape(self.request.build_absolute_uri(selection.url(weergave=[], pagina=number))),
            "origin": escape(f"{self.request.scheme}://{self.request.get_host()}"),
            "robots": "" if selection.indexable else '<meta name="robots" content="noindex">',
            "notes": render_to_string("components/notes.html", context) if selection.notes else "",
            "filters": panel(selection),
            "chips": render_to_string("components/chips.html", context) if selection.chips else "",
            "heads": self.heads(selection),
            "switch": self.switch(selection, number) if selection.total else "",
            "rows": self.rows(selection, page),
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

    def rows(self, selection, page):
        """The rows of a page with the links to other pages, or what to do when there are none."""
        if not page.object_list:
            return render_to_string("components/nothing_found.html", {"filter": selection})
        if selection.table:
            return f"{self.table(selection, page)}{self.pagination(selection, page)}"
        cards = "".join([f"<li>{card}</li>" for card in page.object_list])
        return f'<ul class="card-list">{cards}</ul>{self.pagination(selection, page)}'

    def switch(self, selection, number):
        """The links to the same page as cards and as a table."""
        kept = selection.index.extra.setdefault("switch", {})
        if selection.table not in kept:
            kept[selection.table] = Skeleton("components/switch.html", lambda slots: {"table": selection.table})
        shown = {"list": [], "table": [TABLE]}
        urls = {name: escape(selection.url(weergave=view, pagina=number)) for name, view in shown.items()}
        return kept[selection.table].fill(urls)

    def table(self, selection, page):
        kept = selection.index.extra
        if "table" not in kept:
            kept["table"] = Skeleton("components/table.html", lambda slots: {"columns": selection.columns})
        return kept["table"].fill({"caption": escape(selection.title), "lines": "".join(page.object_list)})

    def pagination(self, selection, page):
        """The links to other pages, rendered once for each number in so many: only the address differs."""
        last = page.paginator.num_pages
        if last == 1:
            return ""
        kept = selection.index.extra.setdefault("pagination", {})
        if (page.number, last) not in kept:
            if len(kept) > MOST_PAGINATIONS:
                kept.clear()
            shown = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
            numbers = list(shown)

            def context(slots):
                urls = {number: f"{slots['other']}{number}" for number in numbers} | {1: slots["first"]}
                return {"page": page, "numbers": [(number, urls[number]) for number in numbers]}

            kept[page.number, last] = Skeleton("components/pagination.html", context)
        other = selection.url(pagina=["2"]).removesuffix("2")
        return kept[page.number, last].fill({"first": escape(selection.url()), "other": escape(other)})
