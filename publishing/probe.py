"""Trying an address on the internet: does a reader who follows it get a page?

What editors typed decides where the server goes, so it goes to public addresses only. The name of a host is looked up
once, every address it has is judged, and the connection is made to one of those: a name that is looked up a second time
could by then point inside. That is a connect() of our own, which http.client lets us write in a few lines, with Host,
SNI and certificate those of the name; for urllib3 it would be a pool of our own, and one more dependency.
"""

import errno
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.encoding import iri_to_uri

CONNECT, TOTAL = 5, 15  # seconds: for a connection, and for one request
PAUSE = 1  # seconds between two requests to one host
BACKOFF, LONGEST_BACKOFF = 5, 60  # seconds before a second try
MOST_REDIRECTS, MOST_ADDRESSES = 5, 3
PORTS = {"http": 80, "https": 443}
REDIRECTS = {301, 302, 303, 307, 308}
GONE, WALLS, BUSY = {404, 410}, {401, 403}, {429, 503}  # robots get these also from a website that works
CERTIFICATE = {10: "is verlopen", 62: "is van een andere website"}  # codes of OpenSSL
INCOMPLETE = {20, 21}  # of a chain that browsers complete by themselves, and OpenSSL does not
NO_WAY = {errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}  # says our own system, not the website
LOGIN = re.compile(r"(^|[/._-])(log[-_]?in|inloggen|sign[-_]?in|sso|adfs|saml2?)([/.]|$)", re.IGNORECASE)


class Untestable(Exception):
    """An address that we do not go to, or of which an answer to us tells nothing of what a reader sees."""


@dataclass(frozen=True)
class Outcome:
    works: bool | None  # None: nothing is known of it
    status: int | None = None  # of the answer, if there was one
    error: str = ""
    retry: float | None = None  # the seconds after which a second try makes sense


def is_public(address):
    """Whether an IP address, as text, is one of the public internet. So must be the IPv4 address within an IPv6 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    within = ip.ipv4_mapped or ip.sixtofour
    if ip in ipaddress.ip_network("64:ff9b::/96"):  # NAT64
        within = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if within:
        return is_public(str(within))
    return ip in ipaddress.ip_network("2000::/3") and ip.is_global


def resolved(host, port):
    return [found[4][0] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Connection(http.client.HTTPConnection):
    """A connection to one of `addresses`, of a host that is looked up already; with TLS when there is a `context`."""

    def __init__(self, host, port, addresses, context):
        super().__init__(host, port)
        self.default_port = PORTS["https" if context else "http"]  # the one that Host leaves out
        self.addresses, self.context = addresses, context
        self.aborted = False

    def connect(self):
        failures = []
        for address in self.addresses:
            try:
                self.sock = socket.create_connection((address, self.port), CONNECT)
                break
            except OSError as error:
                failures.append(error)
        else:
            if all(error.errno in NO_WAY for error in failures):
                raise Untestable("Niet te testen: van onze server loopt geen weg naar deze website (IPv6).")
            raise failures[-1]
        if self.aborted:  # while there was nothing to abort
            raise TimeoutError
        if self.context:
            self.sock = self.context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock.do_handshake()
        self.sock.settimeout(TOTAL)

    def abort(self):
        """End whatever another thread waits for here: a server that sends a byte now and then never times out."""
        self.aborted = True
        if self.sock:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)  # that of SSLSocket is not for another thread


@dataclass
class Prober:
    """Tries addresses, each host at most once in PAUSE seconds. Its threads share one."""

    is_public: Callable[[str], bool] = is_public
    resolved: Callable[[str, int], Iterable[str]] = resolved
    ports: frozenset[int] = frozenset(PORTS.values())
    sleep: Callable[[float], None] = time.sleep
    tries: int = 2
    total: float = TOTAL
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    next_at: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def test(self, url):
        """The Outcome of `url`, after a second try where that makes sense."""
        outcome = self.once(url, "HEAD")
        for _ in range(self.tries - 1):
            if outcome.retry is None or outcome.retry > LONGEST_BACKOFF:
                break
            self.sleep(outcome.retry)
            outcome = self.once(url, "GET")
        return outcome

    def once(self, url, method):
        try:
            status, headers, end = self.follow(method, url)
            if method == "HEAD" and status >= 400 and status not in BUSY:  # many refuse a HEAD or answer it wrongly
                status, headers, end = self.follow("GET", url)
        except Untestable as error:
            return Outcome(None, error=str(error))
        except ssl.SSLCertVerificationError as error:
            if error.verify_code in INCOMPLETE:
                return Outcome(None, error="Niet te testen: het beveiligingscertificaat is niet compleet.")
            what = CERTIFICATE.get(error.verify_code, "is niet te vertrouwen")
            return Outcome(False, error=f"Het beveiligingscertificaat {what}.")
        except socket.gaierror as error:
            again = BACKOFF if error.errno == socket.EAI_AGAIN else None
            return Outcome(False, error="Geen verbinding: de naam van deze website is niet te vinden.", retry=again)
        except TimeoutError:
            return Outcome(False, error="Geen antwoord binnen de tijd.", retry=BACKOFF)
        except (OSError, http.client.BadStatusLine):
            return Outcome(False, error="Geen verbinding.", retry=BACKOFF)
        except http.client.HTTPException:  # such as more than a hundred headers, which browsers do not mind
            return Outcome(None, error="Niet te testen: een antwoord dat wij niet kunnen lezen.")
        except ValueError:  # urlsplit and the codec of host names
            return Outcome(False, error="Dit is geen goed webadres.")
        if status < 400 and end != url and is_login(end) and not is_login(url):
            return Outcome(None, status, "Niet te testen: dit adres stuurt door naar een pagina om in te loggen.")
        return judged(status, headers)

    def follow(self, method, url):
        """(status, headers, address) of where `url` leads to."""
        for _ in range(MOST_REDIRECTS + 1):
            status, headers = self.ask(method, urlsplit(url))
            location = headers.get("Location", "").strip()
            if status not in REDIRECTS or not location:
                return status, headers, url
            url = urljoin(url, location.encode("latin-1").decode(errors="replace"))  # as http.client reads headers
        raise Untestable("Niet te testen: dit adres blijft doorsturen.")  # as it does for who keeps no cookies

    def ask(self, method, url: SplitResult):
        """(status, headers) of one request. The body is not read."""
        port = url.port or PORTS.get(url.scheme)
        if url.scheme not in PORTS or port not in self.ports or "@" in url.netloc:
            raise Untestable("Niet te testen: alleen gewone adressen met http of https.")
        host = (url.hostname or "").encode("idna").decode()
        addresses = list(dict.fromkeys(self.resolved(host, port)))
        if not all(self.is_public(address) for address in addresses):
            raise Untestable("Niet te testen: dit adres is niet openbaar.")
        self.wait(host)
        context = self.context if url.scheme == "https" else None
        connection = Connection(host, port, addresses[:MOST_ADDRESSES], context)
        timer = threading.Timer(self.total, connection.abort)
        timer.start()
        try:
            target = iri_to_uri(f"{url.path or '/'}{f'?{url.query}' if url.query else ''}")
            connection.request(method, target, headers={"User-Agent": user_agent(), "Accept": "*/*"})
            with connection.getresponse() as response:
                if connection.aborted:  # halfway the headers, which http.client takes for their end
                    raise TimeoutError
                return response.status, response.headers
        except (OSError, http.client.HTTPException, ValueError):
            if connection.aborted:
                raise TimeoutError from None
            raise
        finally:
            timer.cancel()
            connection.close()

    def wait(self, host):
        with self.lock:
            now = time.monotonic()
            turn = max(now, self.next_at.get(host, 0))
            self.next_at[host] = turn + PAUSE
        if turn > now:
            self.sleep(turn - now)


def is_login(url):
    parts = urlsplit(url)
    return bool(LOGIN.search(parts.path) or LOGIN.search(parts.hostname or ""))


def judged(status, headers):
    if status < 400:
        return Outcome(True, status)
    if status in GONE:
        return Outcome(False, status, f"De pagina is er niet ({status}).")
    if status in BUSY:
        error = f"Niet te testen: de website laat onze test nu niet toe ({status})."
        return Outcome(None, status, error, retry_after(headers))
    if 500 <= status < 600:
        return Outcome(False, status, f"De website geeft een fout ({status}).", retry_after(headers))
    if status in WALLS:
        error = f"Niet te testen: de website laat alleen bezoekers met een browser of wachtwoord toe ({status})."
        return Outcome(None, status, error)
    return Outcome(None, status, f"Niet te testen: een antwoord dat niets zegt ({status}).")


def retry_after(headers):
    """The seconds that the server asks us to wait; a number, or a moment (RFC 9110, section 10.2.3)."""
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked) - timezone.now()).total_seconds())
    except (TypeError, ValueError):
        return BACKOFF


def user_agent():
    """Who asks and how to reach us, for the one whose website it is. Without 'Mozilla' many refuse all that is new."""
    about = [f"+{settings.SITE_URL}/", iri_to_uri(settings.CONTACT_EMAIL)]
    return f"Mozilla/5.0 (compatible; Techniekpact-doel-9-linktest; {'; '.join(filter(None, about))})"
