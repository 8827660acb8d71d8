from typing import Any

from django.urls import reverse

from .index import current_index, sources
from .views import not_modified


def unchanged_lists(get_response):
    """Answer 304 for a list that the visitor has already, before any other work."""
    lists: dict[str, Any] = {}

    def middleware(request):
        if "HTTP_IF_NONE_MATCH" not in request.META:
            return get_response(request)
        if not lists:  # not at the start: the addresses are not known yet
            lists.update({reverse(source.list_name): source for source in sources.values() if source.list_name})
        source = lists.get(request.path_info)
        return (source and not_modified(request, current_index(source))) or get_response(request)

    return middleware
