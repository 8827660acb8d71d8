"""A brake on what one network may do in a while, shared by all processes."""

import hashlib
import ipaddress

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone


def network(request):
    """The network that a request comes from, as text: IPv4 /24, IPv6 /48. No full address is kept."""
    hops = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    trusted = settings.PROXY_HOPS
    address = hops[-trusted] if 0 < trusted <= len(hops) else request.META.get("REMOTE_ADDR", "")
    try:
        ip = ipaddress.ip_address(address)
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))
    except ValueError:
        return "unknown"


def give_back(what, most):
    """Free all places for `what`: it went well."""
    key = hashlib.sha256(what.encode()).hexdigest()
    cache.delete_many(f"{key}-{place}" for place in range(most))


def used_up(what, most, seconds):
    """Take one of `most` places for `what`; True when none is free. A place is free again after `seconds`.

    Places and not a counter: adding a row that must not yet be there is one step, also for two at once.
    """
    key = hashlib.sha256(what.encode()).hexdigest()
    return not any(cache.add(f"{key}-{place}", 1, timeout=seconds) for place in range(most))


def forget():
    """Delete the places that are free again. Django leaves them in the table of the cache until there are very many."""
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    with connection.cursor() as cursor:
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])  # noqa: S608
