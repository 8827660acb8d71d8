from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django_filters.views import FilterView


class NoSuchPage(Http404):
    """The address asks for a page that the list does not have. Carries the list, to link to what it has."""

    def __init__(self, filterset, last):
        super().__init__("Deze pagina bestaat niet.")
        self.filterset, self.last = filterset, last


class SelectionList(FilterView):
    """A list that shows a visitor's selection. Set filterset_class and template_name, and get_queryset()."""

    strict = False  # an unknown value gets a message and takes nothing with it
    paginate_by = 20
    page_kwarg = "pagina"

    def get(self, request, *args, **kwargs):
        try:
            return super().get(request, *args, **kwargs)
        except NoSuchPage as missing:
            context = {"filter": missing.filterset, "last": missing.last, "path": request.path}
            return render(request, "page_404.html", context, status=404)

    def get_filterset_kwargs(self, filterset_class):
        return {"data": self.request.GET, "request": self.request, "queryset": self.get_queryset()}

    def paginate_queryset(self, queryset, page_size):
        """As Django's, but a page is a plain whole number: 'last', '0x1', ' 1' and '²' are no page."""
        paginator = Paginator(queryset, page_size)
        text = self.request.GET.get(self.page_kwarg, "1")
        plain = text.isascii() and text.isdigit() and not text.startswith("0") and len(text) < 10
        if not plain or int(text) > paginator.num_pages:
            raise NoSuchPage(self.filterset, paginator.num_pages)
        page = paginator.page(int(text))
        return paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        selection, page, total = self.filterset, context["page_obj"], context["paginator"].count
        number = [str(page.number)] if page.number > 1 else []
        return context | {
            "title": selection.title(total),
            "total": total,
            "canonical": self.request.build_absolute_uri(self.request.path + selection.query(pagina=number)),
            "pages": [
                (shown, selection.query(pagina=[str(shown)] if shown != 1 else []))
                for shown in page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
            ],
        }
