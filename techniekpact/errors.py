"""Error pages in the site's own look. None of them reads the database: it may be the thing that failed."""

import sys

from django.db import InterfaceError, OperationalError
from django.shortcuts import render


def bad_request(request, exception):
    return render(request, "400.html", status=400)


def server_error(request):
    """500, or 503 when it is the database that does not answer."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        response = render(request, "503.html", status=503)
        response.headers["Retry-After"] = "60"
        return response
    return render(request, "500.html", status=500)


def csrf_failure(request, reason=""):
    return render(request, "403_csrf.html", status=403)
