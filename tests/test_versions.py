"""The very next page shows what changed, whoever changed it and however; and time changes it too."""

import datetime
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.test import Client, override_settings
from django.utils import timezone

from cases.filters import CaseFilter
from cases.models import Case
from discovery import index as discovery_index
from discovery.index import current_index
from discovery.versions import current_token
from experiments.models import Experiment
from programme.models import Organisation, Region, Sector
from techniekpact.apps import install

EDITS = 400
# Changes of these show on no list. Every other model of ours is public.
NOT_PUBLIC = {
    "cases.remark",
    "cases.submission",
    "contacts.message",
    "discovery.contentversion",
    "discovery.word",
    "imports.batch",
    "imports.heading",
    "imports.row",
    "programme.workarea",
    "publishing.jobrun",
    "publishing.link",
    "publishing.reminder",
    "publishing.version",
    "techniekpact.importedrecord",
}
MODELS = {
    model._meta.label_lower: model
    for room in apps.get_app_configs()
    if Path(room.path).parent == settings.BASE_DIR
    for model in room.get_models(include_auto_created=True)
}


COUNT = re.compile(r'id="(\w+)-([\w-]+)"[^>]*>(?:(?!id=").)*?>(\d+)</\w+></\w+>', re.DOTALL)
TITLE = re.compile(r"<h3[^>]*>\s*<a [^>]*>(.*?)</a>", re.DOTALL)


def counted(page):
    """{'sector=techniek': its count} of every value that a list page offers."""
    return {f"{facet}={value}": int(count) for facet, value, count in COUNT.findall(page)}


def titled(page):
    """The titles of the cards on a page, without the marks of words that were found."""
    return sorted(re.sub("</?mark>", "", title) for title in TITLE.findall(page))


# ---- the triggers


def triggers():
    """{(table, event)} of all triggers that move the version, as the database says it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT event_object_table, event_manipulation FROM information_schema.triggers "
                "WHERE action_statement LIKE '%discovery_move_version%' AND action_orientation = 'STATEMENT'"
            )
            return set(cursor.fetchall())
        cursor.execute("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {
            (table, re.search(r"AFTER (\w+) ON", sql)[1].upper())
            for table, sql in cursor.fetchall()
            if "discovery_contentversion" in sql
        }


@pytest.mark.parametrize("label", sorted(MODELS.keys() - NOT_PUBLIC))
def test_every_change_of_a_public_table_moves_the_version(db, label):
    table = MODELS[label]._meta.db_table
    assert {(table, event) for event in ("INSERT", "UPDATE", "DELETE")} <= triggers()


def test_tables_that_are_not_public_are_real_and_move_nothing(db):
    assert MODELS.keys() >= NOT_PUBLIC
    assert "cases.case_provinces" in MODELS.keys() - NOT_PUBLIC
    assert not {MODELS[label]._meta.db_table for label in NOT_PUBLIC} & {table for table, _ in triggers()}


def test_trigger_that_a_migration_dropped_comes_back(db):
    before, name = triggers(), "discovery_version"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER discovery_version ON cases_case")
        else:
            cursor.execute(f"DROP TRIGGER cases_case_{name}_update")
    assert triggers() < before
    install()
    assert triggers() == before


# ---- each kind of change


def sql(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def saved(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def new(**values):
    public = {"published_at": timezone.now(), "summary": "Tekst.", "body": "Tekst.", "first_year": 2016}
    return Case(title="Nieuwe case", slug=values.pop("slug", "nieuw"), **public | values)


def groen():
    return Sector.objects.get(pk="groen")


OLD, NEW, GROEN, TECHNIEK = "Oude case", "Nieuwe case", "sector=groen: 1", "sector=techniek: 1"
# {kind of change: (the change, what the next page has and the page before it had not, or the other way round)}
CHANGES = {
    "create": (lambda case: new().save(), NEW),
    "save": (lambda case: saved(case, title=NEW), NEW),
    "publish": (lambda case: saved(Case.objects.get(slug="concept"), published_at=timezone.now()), "Een concept"),
    "withdraw": (lambda case: saved(case, published_at=None), OLD),
    "update": (lambda case: Case.objects.filter(pk=case.pk).update(title=NEW), NEW),
    "bulk_update": (lambda case: Case.objects.bulk_update([Case(pk=case.pk, title=NEW)], ["title"]), NEW),
    "bulk_create": (lambda case: Case.objects.bulk_create([new(slug=slug) for slug in ("a", "b")]), NEW),
    "delete": (lambda case: case.delete(), OLD),
    "delete many": (lambda case: Case.objects.all().delete(), OLD),
    "add": (lambda case: case.sectors.add("groen"), GROEN),
    "add from the other side": (lambda case: groen().cases.add(case), GROEN),
    "remove": (lambda case: case.sectors.remove("techniek"), TECHNIEK),
    "set": (lambda case: case.sectors.set(["groen"]), GROEN),
    "clear": (lambda case: case.sectors.clear(), TECHNIEK),
    "through": (lambda case: Case.sectors.through.objects.create(case=case, sector_id="groen"), GROEN),
    "organisation": (lambda case: Organisation.objects.update(name="ROC Nieuw"), "ROC Nieuw"),
    "sector": (lambda case: saved(groen(), name="Landbouw"), "Landbouw"),
    "new choice": (lambda case: Sector.objects.create(slug="ict", name="Informatica"), "Informatica"),
    "experiment": (lambda case: Experiment.objects.update(published_at=timezone.now()), "Cross-Over"),
    "raw update": (lambda case: sql("UPDATE cases_case SET title = %s WHERE id = %s", NEW, case.pk), NEW),
    "raw delete": (lambda case: sql("DELETE FROM cases_case_sectors"), TECHNIEK),
}


def said(page):
    """What a list page says: the page, and each count as a line of its own."""
    return "\n".join([page, *(f"{value}: {count}" for value, count in counted(page).items())])


@pytest.fixture
def case(make_case, make_experiment):
    make_case(title="Een concept", slug="concept", published_at=None, sectors=[])
    return make_case(title=OLD, experiments=[make_experiment(published_at=None).pk])


@pytest.mark.parametrize("kind", CHANGES)
def test_next_page_shows_the_change(client, case, kind):
    change, sign = CHANGES[kind]
    before, token = said(client.get("/cases/").text), current_token()
    change(case)
    assert current_token() != token
    after = said(client.get("/cases/").text)
    assert (sign in before) != (sign in after)


def test_change_that_was_rolled_back_is_forgotten(client, case):
    before = client.get("/cases/").text
    for title in ("Eerste", "Tweede"):
        with transaction.atomic():
            Case.objects.update(title=title)
            assert title in client.get("/cases/").text
            transaction.set_rollback(True)
        assert client.get("/cases/").text == before


def test_reading_a_page_moves_nothing(client, case):
    token = current_token()
    for address in ("/cases/", "/cases/?q=case&sector=groen", case.get_absolute_url()):
        assert client.get(address).status_code == 200
    assert current_token() == token


# ---- time alone

NOON = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)
MIDNIGHT = datetime.datetime(2026, 12, 31, 23, tzinfo=datetime.UTC)  # in Amsterdam
SECOND = datetime.timedelta(seconds=1)


@pytest.mark.parametrize("moment", [NOON, MIDNIGHT])
def test_case_appears_and_goes_at_its_moment(client, make_case, moment):
    with time_machine.travel(moment - SECOND, tick=False) as clock:
        make_case(title="Blijft", sectors=["groen"], published_at=moment - SECOND)
        make_case(title="Komt", published_at=moment, unpublish_at=moment + 2 * SECOND)
        make_case(title="Gaat", published_at=moment - SECOND, unpublish_at=moment + SECOND)
        token = current_token()
        for expected in (["Blijft", "Gaat"], ["Blijft", "Gaat", "Komt"], ["Blijft", "Komt"], ["Blijft"]):
            page = client.get("/cases/").text
            assert titled(page) == expected
            assert counted(page)["sector=techniek"] == len(expected) - 1
            assert counted(page)["sector=groen"] == 1
            clock.shift(SECOND)
        assert current_token() == token


def test_instrument_appears_at_its_moment_with_what_hangs_on_it(client, make_case, make_experiment, make_participation):
    with time_machine.travel(NOON - SECOND, tick=False) as clock:
        make_experiment(published_at=NOON)
        make_participation(published_at=NOON - SECOND)
        make_case(experiments=Experiment.objects.all(), published_at=NOON - SECOND)
        cases, participations = client.get("/cases/").text, client.get("/experimenten/").text
        assert counted(cases)["instrument=onbekend"] == 1
        assert counted(participations)["sector=techniek"] == 0
        clock.shift(SECOND)
        cases, participations = client.get("/cases/").text, client.get("/experimenten/").text
        assert counted(cases)["instrument=onbekend"] == 0
        assert counted(cases)["instrument=cross-over"] == counted(participations)["instrument=cross-over"] == 1
        assert counted(participations)["sector=techniek"] == 1


def test_status_changes_at_midnight(client, make_case):
    with time_machine.travel(MIDNIGHT - SECOND, tick=False) as clock:
        make_case(last_year=2026, published_at=NOON)
        assert counted(client.get("/cases/").text)["status=afgelopen"] == 0
        clock.shift(SECOND)
        assert counted(client.get("/cases/").text)["status=afgelopen"] == 1


# ---- two who ask at once


@pytest.fixture
def builds(monkeypatch):
    """The indexes that are built from now on, in a list; each takes a while."""
    made, real = [], discovery_index.Index

    def slow(source, version):
        index = real(source, version)
        made.append(index)
        threading.Event().wait(0.2)
        return index

    monkeypatch.setattr(discovery_index, "Index", slow)
    return made


@pytest.mark.django_db(transaction=True)
def test_two_threads_that_ask_at_once_share_one_index(client, case, builds):
    client.get("/cases/")
    builds.clear()
    Case.objects.filter(pk=case.pk).update(title=NEW)
    start, got = threading.Barrier(2), []

    def ask():
        start.wait(10)
        got.append(current_index(CaseFilter))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert builds == [got[0]]
    assert got[0] is got[1]
    assert got[0].version.token == current_token()


def test_change_while_an_index_is_read_is_in_it(case, monkeypatch):
    real, changes = discovery_index.Index, [lambda: new().save()]

    def changing(source, version):
        index = real(source, version)
        if changes:
            changes.pop()()
        return index

    monkeypatch.setattr(discovery_index, "Index", changing)
    assert current_index(CaseFilter).size == 2


# ---- ETag


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
@pytest.mark.parametrize(
    "address", ["/cases/", "/cases/?regio=oost&q=case", "/experimenten/", "/leerroutes/?sector=groen"]
)
def test_page_that_a_visitor_has_costs_one_query_and_no_bytes(
    client, case, address, encoding, django_assert_max_num_queries
):
    page = client.get(address, headers={"accept-encoding": encoding})
    known = {"accept-encoding": encoding, "if-none-match": page["ETag"]}
    with django_assert_max_num_queries(1):
        again = client.get(address, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"].removeprefix("W/") == page["ETag"].removeprefix("W/")
    Case.objects.filter(pk=case.pk).update(title=NEW)
    changed = client.get(address, headers=known)
    assert changed.status_code == 200
    assert changed["ETag"] != page["ETag"]


def test_page_that_time_changed_is_sent_again(client, make_case):
    with time_machine.travel(NOON - SECOND, tick=False) as clock:
        make_case(published_at=NOON, unpublish_at=NOON + SECOND)
        tags = []
        for status in (200, 200, 200):
            page = client.get("/cases/", headers={"if-none-match": ", ".join(tags)})
            assert page.status_code == status
            tags.append(page["ETag"])
            clock.shift(SECOND)
        clock.shift(datetime.timedelta(days=1))
        assert client.get("/cases/", headers={"if-none-match": ", ".join(tags)}).status_code == 200


def test_every_address_has_an_etag_of_its_own(client, make_case):
    for _ in range(21):
        make_case()
    lists = ["/cases/", "/experimenten/", "/leerroutes/"]
    queries = ["", "?sector=techniek", "?regio=oost", "?regio=oost&sector=techniek", "?q=case", "?sorteer=titel"]
    addresses = [*(f"{each}{query}" for each in lists for query in queries), "/cases/?pagina=2"]
    assert len({client.get(address)["ETag"] for address in addresses}) == len(addresses)


@pytest.mark.parametrize("path", ["", "login/", "cases/case/", "cases/case/add/", "wachtwoord-vergeten/"])
def test_page_of_the_admin_is_kept_nowhere(admin_client, path):
    page = admin_client.get(f"/beheer/{path}", follow=True)
    assert "no-store" in page["Cache-Control"]
    assert "ETag" not in page


# ---- one process edits, another answers

NAMES = ["Appel", "Berk", "Citroen", "Doerian", "Esdoorn", "Framboos", "Guave", "Hulst", "Iris", "Jasmijn"]
PROVINCES, SECTORS = ["fryslan", "overijssel", "gelderland"], ["techniek", "groen", "zorg-en-welzijn"]


class Editor:
    """Makes random edits, and says by plain ORM queries what the next page must show."""

    def __init__(self, number):
        self.random, self.made = Random(number), 100
        self.regions = list(Region.objects.filter(slug__in=PROVINCES))

    def edit(self):
        """One edit, of a random kind; returns its name."""
        case = self.random.choice(list(Case.objects.order_by("pk")))
        many = Case.objects.count()
        kinds = [self.title, self.years, self.published, self.sector, self.province, self.lead, self.organisation]
        kinds += [self.create] if many < 9 else [self.delete] if many > 15 else [self.create, self.delete]
        kind = self.random.choice(kinds)
        kind(case)
        return kind.__name__

    def title(self, case):
        title = f"{self.random.choice(NAMES)} {self.random.choice(NAMES)}"
        saved(case, title=title)

    def years(self, case):
        Case.objects.filter(pk=case.pk).update(last_year=self.random.choice([None, 2016, 2018, 2030]))

    def published(self, case):
        saved(case, published_at=None if case.published_at else timezone.now())

    def sector(self, case):
        self.toggle(case.sectors, Sector.objects.get(pk=self.random.choice(SECTORS)))

    def province(self, case):
        self.toggle(case.provinces, self.random.choice(self.regions))

    def lead(self, case):
        self.toggle(case.lead_organisations, self.random.choice(list(Organisation.objects.order_by("pk"))))

    def toggle(self, held, row):
        held.remove(row) if held.contains(row) else held.add(row)

    def organisation(self, case):
        self.made += 1
        organisation = self.random.choice(list(Organisation.objects.order_by("pk")))
        saved(organisation, name=f"School {self.made}")

    def create(self, case):
        self.made += 1
        with transaction.atomic():
            case = new(slug=f"case-{self.made}")
            self.title(case)
            case.provinces.set(self.random.sample(self.regions, 2))

    def delete(self, case):
        case.delete()

    def expected(self):
        """(address, what its page must show)"""
        public = Case.objects.filter(
            Q(unpublish_at=None) | Q(unpublish_at__gt=timezone.now()), published_at__isnull=False
        )
        word = self.random.choice(NAMES)
        address, found = self.random.choice(
            [
                ("", public),
                ("?sector=groen", public.filter(sectors="groen")),
                ("?regio=oost", public.filter(provinces__landsdeel__slug="oost")),
                ("?jaar=2018", public.filter(Q(last_year=None) | Q(last_year__gte=2018))),
                ("?status=afgelopen", public.filter(last_year__lt=timezone.localdate().year)),
                (f"?q={word}", public.filter(title__contains=word)),
            ]
        )
        found = Case.objects.filter(pk__in=found.values("pk"))
        counts = {
            **{f"sector={slug}": found.filter(sectors=slug).count() for slug in SECTORS},
            **{f"regio={slug}": found.filter(provinces__slug=slug).count() for slug in PROVINCES},
            "status=afgelopen": found.filter(last_year__lt=timezone.localdate().year).count(),
        }
        return f"/cases/{address}", {
            "titles": sorted(found.values_list("title", flat=True)),
            # A facet with a choice is counted without it: test_index.py looks at that.
            "counts": {value: count for value, count in counts.items() if f"?{value.split('=')[0]}=" not in address},
            "leads": sorted(Organisation.objects.filter(led_cases__in=found).distinct().values_list("name", flat=True)),
        }


def edit():
    """The first process: an edit for each line that comes in."""
    editor = Editor(4)
    for _ in sys.stdin:
        kind = editor.edit()
        print(json.dumps([kind, *editor.expected()]), flush=True)


def answer():
    """The second process: the page of each address that comes in."""
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES=settings.STORAGES | plain):
        client = Client()
        for address in sys.stdin:
            print(json.dumps(client.get(address.strip()).text), flush=True)


class Process:
    """One of the functions above in a process of its own, with the same database."""

    def __init__(self, function, database):
        code = f"import django; django.setup(); import test_versions; test_versions.{function.__name__}()"
        tests = Path(__file__).parent
        paths = os.pathsep.join([str(tests), str(tests.parent)])
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", code],
            env=os.environ | {"DATABASE_URL": database, "PYTHONPATH": paths},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, line=""):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        with self.process:  # closes the pipes and waits
            self.process.stdin.close()


def shared_database(tmp_path):
    """The address of a database that holds what is committed, for other processes."""
    if connection.vendor == "sqlite":  # ours is in memory: a copy, triggers and all
        path = tmp_path / "gedeeld.sqlite3"
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as copy:
            connection.connection.backup(copy)
        return f"sqlite:///{path}"
    mine = connection.settings_dict
    return f"postgres://{mine['USER']}:{mine['PASSWORD']}@{mine['HOST']}:{mine['PORT']}/{mine['NAME']}"


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_edit_of_one_process_is_in_the_next_page_of_another(make_case, make_organisation, tmp_path):
    for number, name in enumerate(NAMES):
        make_case(title=name).lead_organisations.set([make_organisation(f"School {number}")])
    database, kinds = shared_database(tmp_path), set()
    with Process(edit, database) as editor, Process(answer, database) as reader:
        for number in range(EDITS):
            kind, address, expected = editor.ask()
            page = reader.ask(address)
            counts = counted(page)
            shown = {
                "titles": titled(page),
                "counts": {value: counts[value] for value in expected["counts"]},
                "leads": sorted(set(re.findall(r"School \d+|ROC Oost", page))),
            }
            assert shown == expected, f"edit {number}: {kind}, {address}"
            kinds.add(kind)
    assert len(kinds) == 9
