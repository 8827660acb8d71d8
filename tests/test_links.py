"""The addresses in the content: which are tried, what counts as broken, and what editors and readers see of it."""

import datetime
import errno
import socket
import ssl
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cases.models import Case
from programme.models import Indicator, Term
from publishing import links, probe
from publishing.models import Link
from publishing.probe import BACKOFF, Prober

NOW = datetime.datetime(2026, 11, 3, 12, tzinfo=datetime.UTC)


class Site(BaseHTTPRequestHandler):
    """/200 answers 200. 'head' in the path: only to GET; 'once': only the first time, 200 after that."""

    asked: list[str]
    agents: set[str] = set()

    def answer(self):
        path = self.path.partition("?")[0]
        first = f"{self.command} {self.path}" not in self.asked
        self.asked.append(f"{self.command} {self.path}")
        self.agents.add(self.headers["User-Agent"])
        if path == "/headers":
            return self.reply(200, **{f"X-{number}": "x" for number in range(120)})
        if path == "/302":
            return self.reply(302, Location=" /200/login ")
        if path.startswith("/to/"):
            return self.reply(302, Location=path.removeprefix("/to/"))
        status = int(path.split("/")[1])
        if "once" in path and not (first and len(self.asked) == 1):
            status = 200
        if "get" in path and self.command == "HEAD":
            status = 405
        self.reply(status, **({"Retry-After": path.split("after=")[1]} if "after=" in path else {}))

    def reply(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = answer

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (Site,), {"asked": []})) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def site(server):
    server.RequestHandlerClass.asked.clear()
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def slept():
    return []


@pytest.fixture
def prober(server, slept):
    """A Prober that may go to this machine, sees every name there, and does not wait."""

    def resolved(host, port):
        if host == "weg.example":
            raise socket.gaierror
        return ["127.0.0.1"]

    return Prober(
        is_public=lambda address: True,
        resolved=resolved,
        ports=frozenset({80, server.server_port, 1}),
        sleep=slept.append,
        context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    )


@pytest.mark.parametrize(
    ("path", "works", "status", "words"),
    [
        ("/200", True, 200, ""),
        ("/200/get", True, 200, ""),
        ("/to//200", True, 200, ""),
        ("/500/once", True, 200, ""),
        ("/404", False, 404, "De pagina is er niet (404)"),
        ("/410", False, 410, "(410)"),
        ("/to//404", False, 404, "(404)"),
        ("/500", False, 500, "De website geeft een fout (500)"),
        ("/503", None, 503, "laat onze test nu niet toe (503)"),
        ("/302", None, 200, "een pagina om in te loggen"),
        ("/200/login/", True, 200, ""),
        ("/headers", None, None, "niet kunnen lezen"),
        ("/403", None, 403, "Niet te testen"),
        ("/429", None, 429, "Niet te testen"),
        ("/999", None, 999, "Niet te testen"),
        ("/to/" * 6 + "/200", None, None, "blijft doorsturen"),
        ("/to/ftp://krant.example/", None, None, "alleen gewone adressen"),
        ("/to/http://ik:geheim@krant.example/", None, None, "alleen gewone adressen"),
        ("/to/http://krant.example:22/", None, None, "alleen gewone adressen"),
        ("/to/http://weg.example/", False, None, "naam van deze website is niet te vinden"),
        ("/to/http://krant.example:1/", False, None, "Geen verbinding"),
        ("/to/http://[x/", False, None, "geen goed webadres"),
    ],
)
def test_what_an_answer_says(site, prober, path, works, status, words):
    outcome = prober.test(site + path)
    assert (outcome.works, outcome.status) == (works, status)
    assert words in outcome.error


@pytest.mark.parametrize(
    ("path", "asked", "waits"),
    [
        ("/200", 1, []),
        ("/200/get", 2, []),
        ("/404", 2, []),  # a HEAD may be answered wrongly
        ("/500", 3, [BACKOFF]),
        ("/429/after=30", 2, [30]),
        ("/503/after=3600", 1, []),
        ("/503/after=morgen", 2, [BACKOFF]),
    ],
)
def test_how_often_a_site_is_asked(site, prober, server, slept, path, asked, waits):
    prober.test(site + path)
    seen = server.RequestHandlerClass.asked
    assert len(seen) == asked
    assert seen[0].startswith("HEAD")
    assert [seconds for seconds in slept if seconds >= BACKOFF] == waits
    assert len(slept) == asked - 1 + len(waits)  # between two requests to one host as well


def test_server_may_name_the_moment_to_come_back():
    moment = format_datetime(timezone.now() + datetime.timedelta(seconds=50))
    assert 40 < probe.retry_after({"Retry-After": moment}) <= 50


def test_server_that_sends_nothing_is_not_waited_for(prober):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        prober.ports |= {silent.getsockname()[1]}
        prober.total, prober.tries = 0.05, 1
        outcome = prober.test(f"http://krant.example:{silent.getsockname()[1]}/")
    assert (outcome.works, outcome.error) == (False, "Geen antwoord binnen de tijd.")


@pytest.mark.parametrize(
    ("code", "works", "words"),
    [
        (10, False, "is verlopen"),
        (62, False, "is van een andere website"),
        (18, False, "is niet te vertrouwen"),
        (20, None, "is niet compleet"),  # a browser gets what is missing
    ],
)
def test_certificate_that_does_not_hold_is_told_in_words(prober, monkeypatch, code, works, words):
    def refuse(*args):
        error = ssl.SSLCertVerificationError()
        error.verify_code = code
        raise error

    monkeypatch.setattr(prober, "ask", refuse)
    outcome = prober.test("https://krant.example/")
    assert outcome.works is works
    assert words in outcome.error


@pytest.mark.parametrize(("code", "works"), [(errno.ENETUNREACH, None), (errno.ECONNREFUSED, False)])
def test_website_that_we_have_no_way_to_is_not_broken(prober, monkeypatch, code, works):
    def refuse(*args):
        raise OSError(code, "")

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert prober.test("http://ipv6.example/").works is works


def test_website_is_told_who_asks(site, prober, server, settings):
    settings.CONTACT_EMAIL = "redactie@example.nl"
    prober.test(f"{site}/200")
    agent = f"Mozilla/5.0 (compatible; Techniekpact-doel-9-linktest; +{settings.SITE_URL}/; redactie@example.nl)"
    assert agent in server.RequestHandlerClass.agents


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::127.0.0.1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "2001:db8::1",
    ],
)
def test_no_address_within_a_network_is_gone_to(prober, address):
    """Not when it is what a name resolves to beside a public one, nor when a page sends us there."""
    assert not probe.is_public(address)
    prober.is_public, prober.resolved = probe.is_public, lambda host, port: ["93.184.215.14", address]
    outcome = prober.test("http://krant.example/")
    assert (outcome.works, outcome.status) == (None, None)
    assert "niet openbaar" in outcome.error


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_address_is_gone_to(address):
    assert probe.is_public(address)


def test_redirect_inside_is_refused(site, prober):
    prober.is_public = lambda address: address == "127.0.0.1"  # only the page that redirects
    prober.resolved = lambda host, port: [host]
    assert "niet openbaar" in prober.test(f"{site}/to/http://10.0.0.1/").error


def test_name_is_looked_up_once_and_that_address_is_gone_to(site, prober, server):
    looked_up = []

    def resolved(host, port):
        looked_up.append(host)
        return ["127.0.0.1"] if len(looked_up) == 1 else ["10.0.0.1"]

    prober.resolved = resolved
    assert prober.test(f"http://krant.example:{server.server_port}/200").works
    assert looked_up == ["krant.example"]


# ---- the content


@pytest.fixture
def make_link(db):
    def make(url="https://krant.example/bericht", failures=3, **values):
        return Link.objects.create(url=url, failures=failures, failed_at=NOW, **values)

    return make


def test_address_that_is_none_stops_no_other(db, prober, site):
    found = [Link.objects.create(url=url) for url in ("https://[adres]", f"{site}/200")]
    links.check(found, prober)
    assert [*Link.objects.order_by("url").values_list("status", "failures")] == [(200, 0), (None, 1)]


def test_every_address_in_the_content_is_collected_once_those_of_readers_first(make_case, make_organisation):
    concept = make_case(published_at=None, website="https://concept.example/")
    concept.sources.all().delete()
    body = "Zie [a](https://a.example/x_(y)?z=1) en <https://b.example/>, [hier](/over/) of mail a@b.example."
    case = make_case(website="https://school.example/", body=body)
    case.sources.update(archived_url="https://archief.example/")
    make_case()
    make_organisation("Vista", website="https://school.example/")
    Link.objects.create(url="https://vroeger.example/")
    assert links.collect() == (5, 1)
    found = list(Link.objects.order_by("pk").values_list("url", flat=True))
    assert found[-1] == "https://concept.example/"
    assert set(found) == {
        "https://krant.example/bericht",
        "https://school.example/",
        "https://a.example/x_(y)?z=1",
        "https://b.example/",
        "https://concept.example/",
    }
    assert links.collect() == (0, 0)


def test_where_a_link_stands(make_case, make_link, django_assert_max_num_queries):
    """With the row of its source, in a number of queries that does not depend on how many there are."""
    cases = [make_case(body="[Lees](https://krant.example/bericht)") for _ in range(8)]
    make_case(title="Zonder").sources.all().delete()
    term = Term.objects.create(slug="bbl", name="bbl", source_title="Wet", source_url="https://wet.example/")
    make_link()
    make_link("https://wet.example/")
    with django_assert_max_num_queries(len(links.places()) + 1):
        found = links.uses(Link.objects.all())
    assert set(found["https://krant.example/bericht"]) == set(cases)
    assert len(found["https://krant.example/bericht"]) == 8
    assert found["https://wet.example/"] == [term]


def test_broken_links_of_some_rows(make_case, make_link, django_assert_num_queries):
    case, other = make_case(website="https://school.example/"), make_case()
    make_link()
    make_link("https://school.example/", failures=2)
    with django_assert_num_queries(3):
        found = links.broken_for(Case.objects.filter(pk=case.pk))
    assert found == {case.pk: ["https://krant.example/bericht"]}
    assert set(links.broken_for(Case.objects.all())) == {case.pk, other.pk}


# ---- trying them


def test_failures_are_counted_until_it_works_again(db, site, prober):
    gone, wall, fine = (Link.objects.create(url=f"{site}/{status}", failures=2) for status in (404, 403, 200))
    report = links.check(Link.objects.due(), prober)
    for link in (gone, wall, fine):
        link.refresh_from_db()
    assert [link.failures for link in (gone, wall, fine)] == [3, 2, 0]
    assert [link.pk for link in report.broke] == [gone.pk]
    assert (gone.status, wall.status, fine.status) == (404, 403, 200)
    assert gone.failed_at
    assert fine.worked_at
    assert wall.error
    assert not fine.error
    days = [round((link.due_at - timezone.now()).total_seconds() / 86400) for link in (gone, wall, fine)]
    assert days == [1, 1, 7]
    assert not Link.objects.due().exists()
    Link.objects.filter(pk=gone.pk).update(url=f"{site}/200/weer")
    report = links.check(Link.objects.filter(pk=gone.pk), prober)
    assert [link.pk for link in report.mended] == [gone.pk]


def test_two_that_run_at_once_do_not_try_the_same(db, site, prober, server):
    Link.objects.create(url=f"{site}/200")
    ours, theirs = list(Link.objects.due()), list(Link.objects.due())
    assert links.check(ours, prober).tried == 1
    assert links.check(theirs, prober).tried == 0
    assert len(server.RequestHandlerClass.asked) == 1


def test_of_a_host_that_keeps_silent_only_a_few_are_tried(db, site, prober):
    Link.objects.create(url=f"{site}/200")
    Link.objects.bulk_create(Link(url=f"http://weg.example/{number}") for number in range(5))
    report = links.check(Link.objects.due(), prober)
    assert (report.tried, report.left) == (4, 2)
    assert Link.objects.due().count() == 2


def test_host_that_asks_for_rest_is_left_alone(db, site, prober):
    Link.objects.bulk_create(Link(url=f"{site}/429/{number}") for number in range(3))
    report = links.check(Link.objects.due(), prober)
    assert (report.tried, report.left, Link.objects.due().count()) == (1, 2, 2)


def test_run_that_breaks_off_keeps_what_it_found_and_lets_go_of_the_rest(db, site, prober, monkeypatch):
    kept = Event()

    def keep(*args, keep=links.keep):
        keep(*args)
        kept.set()

    def test(url, test=prober.test):
        if "stop" not in url:
            return test(url)
        assert kept.wait(5)
        raise KeyboardInterrupt

    monkeypatch.setattr(links, "keep", keep)
    monkeypatch.setattr(prober, "test", test)
    found, left = Link.objects.create(url=f"{site}/200"), Link.objects.create(url="http://stop.example/")
    with pytest.raises(KeyboardInterrupt):
        links.check(Link.objects.due(), prober)
    assert Link.objects.get(pk=found.pk).worked_at
    assert list(Link.objects.due()) == [left]


def test_without_a_network_nothing_is_counted(db, prober):
    Link.objects.create(url="http://weg.example/", failures=2)
    Link.objects.create(url="http://weg.example/eerder", due_at=timezone.now() + datetime.timedelta(1), worked_at=NOW)
    with pytest.raises(links.NoNetwork):
        links.check(Link.objects.due(), prober)
    assert list(Link.objects.due().values_list("failures", "checked_at")) == [(2, None)]


def test_one_that_fails_counts_when_another_still_answers(db, site, prober):
    gone = Link.objects.create(url="http://weg.example/")
    Link.objects.create(url=f"{site}/200", due_at=timezone.now() + datetime.timedelta(1), worked_at=NOW)
    links.check(Link.objects.due(), prober)
    gone.refresh_from_db()
    assert gone.failures == 1


@pytest.fixture
def prober_of_command(prober, monkeypatch):
    monkeypatch.setattr(links, "Prober", lambda: prober)


def test_command_tries_those_of_longest_ago_first(make_case, site, prober_of_command, capsys):
    case = make_case(website=f"{site}/200")
    case.sources.update(url=f"{site}/404")
    links.collect()
    Link.objects.filter(url=f"{site}/404").update(checked_at=NOW, failures=2)
    call_command("check_links", "--hoogstens=1")
    assert "Getest: 1. Werkt: 1, mis: 0" in capsys.readouterr().out
    call_command("check_links")
    said = capsys.readouterr().out
    assert "Links: 2 (0 nieuw, 0 weg)." in said
    assert f"Nu kapot: {site}/404 De pagina is er niet (404)." in said


def test_command_says_when_nothing_answers(make_case, prober_of_command):
    make_case().sources.update(url="http://weg.example/")
    with pytest.raises(CommandError, match="Geen verbinding"):
        call_command("check_links")
    with pytest.raises(CommandError, match="1 of meer"):
        call_command("check_links", "--hoogstens=0")


# ---- what editors and readers see


def test_list_in_the_admin_says_where_each_stands(admin_client, make_case, make_link, django_assert_max_num_queries):
    cases = [make_case(website=f"https://{number}.example/") for number in range(8)]
    for case in cases:
        make_link(case.website, error="De pagina is er niet (404).", status=404)
    fine = make_link("https://goed.example/", failures=0)
    with django_assert_max_num_queries(25):
        text = admin_client.get("/beheer/publishing/link/?stand=kapot").text
    assert all(f"/beheer/cases/case/{case.pk}/change/" in text for case in cases)
    assert "De pagina is er niet" in text
    assert "goed.example" not in text
    assert "goed.example" in admin_client.get(f"/beheer/publishing/link/{fine.pk}/change/").text
    for state in ("mis", "niet-te-testen", "werkt", "nieuw", "onzin"):
        assert admin_client.get(f"/beheer/publishing/link/?stand={state}").status_code in {200, 302}


def test_editor_can_have_links_tested_at_once(admin_client, make_link, site, prober, monkeypatch):
    monkeypatch.setattr("techniekpact.admin.Prober", lambda **kwargs: prober)
    link = make_link(f"{site}/200")
    data = {"action": "test", "_selected_action": [link.pk]}
    text = admin_client.post("/beheer/publishing/link/", data, follow=True).text
    assert "Getest: 1. Werkt: 1, mis: 0" in text
    link.refresh_from_db()
    assert link.failures == 0
    many = [make_link(f"{site}/{number}").pk for number in range(11)]
    text = admin_client.post("/beheer/publishing/link/", data | {"_selected_action": many}, follow=True).text
    assert "Kies hoogstens 10 links" in text


def test_form_of_a_case_names_its_broken_links(admin_client, make_case, make_link):
    case = make_case()
    address = f"/beheer/cases/case/{case.pk}/change/"
    assert "Deze links werken niet" not in admin_client.get(address).text
    make_link()
    assert "Deze links werken niet" in admin_client.get(address).text


def test_reader_sees_that_a_source_is_gone_with_its_address_and_the_copy(client, make_case, make_link):
    case = make_case(website="https://school.example/")
    live = '<a href="https://krant.example/bericht">'
    link = make_link(failures=2)
    make_link("https://school.example/")
    assert live in client.get(case.get_absolute_url()).text
    Link.objects.filter(pk=link.pk).update(failures=3)
    case.sources.update(archived_url="https://archief.example/kopie")
    text = " ".join(client.get(case.get_absolute_url()).text.split())
    assert live not in text
    assert 'href="https://school.example/"' not in text
    assert "werkt niet meer, zagen wij op 3 november 2026" in text
    assert "https://krant.example/bericht</span>" in text
    assert '<a href="https://archief.example/kopie">Bekijk een bewaarde kopie' in text


@pytest.mark.parametrize("kind", ["organisation", "experiment", "term", "contact", "figure"])
def test_reader_sees_it_wherever_an_address_stands(
    client, make_case, make_organisation, make_experiment, fallback, make_link, kind
):
    url = "https://weg.example/"
    make_link(url)
    if kind == "organisation":
        make_case().lead_organisations.add(make_organisation("Vista", website=url))
        address = "/organisaties/vista/"
    elif kind == "experiment":
        address = make_experiment(legal_url=url).get_absolute_url()
    elif kind == "term":
        Term.objects.create(slug="bbl", name="bbl", source_title="Wet", source_url=url)
        address = "/begrippen/"
    elif kind == "contact":
        type(fallback).objects.update(source_title="Site", source_url=url)
        address = fallback.get_absolute_url()
    else:
        indicator = Indicator.objects.create(slug="reeks", name="Reeks", unit="%", front_text="deed mee")
        indicator.values.create(period="2020", year=2020, value=1, source_title="Monitor", source_url=url)
        address = "/"
    text = client.get(address).text
    assert "werkt niet meer, zagen wij op 3 november 2026" in text
    assert f'href="{url}"' not in text
