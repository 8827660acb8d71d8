from django.conf import settings

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    ]
)

# One policy for the site and the admin. What Django's SecurityMiddleware sets is in settings.py.
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}


def security_headers(get_response):
    """Set HEADERS on every response, static files and errors too."""
    headers = dict(HEADERS)
    if settings.HTTPS:
        headers["Content-Security-Policy"] += "; upgrade-insecure-requests"

    def middleware(request):
        response = get_response(request)
        for name, value in headers.items():
            response.headers[name] = value
        return response

    return middleware
