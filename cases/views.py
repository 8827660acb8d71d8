from django.shortcuts import get_object_or_404, redirect
from django.views.generic import DetailView

from discovery.index import current_index
from discovery.views import SelectionList

from .filters import CaseFilter
from .models import Case
from .related import related_cases


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
        contact, reason = self.object.answering_contact()
        related = related_cases(current_index(CaseFilter), self.object)
        return super().get_context_data(contact=contact, reason=reason, related=related, **kwargs)
