"""Measures what a page costs, on SQLite and PostgreSQL, and writes docs/performance.md: `make bench`.

Four contestants take turns in one run, on the same rows, in the same gunicorn: a bare Django response of the same bytes
("hello"), the portal, the portal's 304, and the list as it is mostly written ("plain"). Processor time per request is
what counts: with other work on the machine, requests per second and latency tell more of that work.
"""

import argparse
import json
import os
import platform
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from . import report
from .addresses import LIST, PAGES, addresses, unseen, words
from .servers import ROOT, Server, stat

RESULTS = ROOT / "var" / "bench.json"
SIZES = [1_000, 10_000, 100_000]
ROUNDS = 5
TURN = 0.2  # seconds for which one contestant is asked, each round
PATIENCE = 4  # seconds in all for one kind of page of the plain list; at least one request
MOST_TO_SCAN = 20_000  # cases in which the plain list is asked for words: with more, one answer may take a minute
SETTINGS = {
    "SECRET_KEY": "only-for-benchmarks-0123456789-abcdefghijklmnopqrstuvwxyz-987654321",
    "ALLOWED_HOSTS": "127.0.0.1",
    "HTTPS": "off",
    "DEBUG": "off",
    "PROXY_HOPS": "0",
    "EMAIL_URL": "memorymail://",
    "CONTACT_EMAIL": "",
    "DATABASE_POOL_SIZE": "8",
}


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def run(env, *command):
    return subprocess.run(  # noqa: S603
        [sys.executable, *command], cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


class SQLite:
    """A file for each size, each begun as a copy of one that has the records of content/."""

    name, pid = "SQLite", None

    def __init__(self, folder):
        self.folder = folder
        self.version = sqlite3.sqlite_version

    def url(self, name):
        return f"sqlite:///{self.folder / name}.sqlite3"

    def copy(self, name):
        shutil.copy(self.folder / "base.sqlite3", self.folder / f"{name}.sqlite3")

    def settle(self, name):
        """Nothing is left to do in the background."""


class PostgreSQL:
    """A database for each size in the cluster of tests/with_postgres.sh."""

    name = "PostgreSQL"

    def __init__(self):
        self.address = os.environ["DATABASE_URL"]
        self.do("ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()", "CREATE DATABASE base")
        with psycopg.connect(self.address) as connection:
            self.pid = int(stat(connection.info.backend_pid)[1])
            self.version = str(connection.info.server_version // 10_000)

    def do(self, *statements):
        with psycopg.connect(self.address, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def url(self, name):
        return urlunsplit(urlsplit(self.address)._replace(path=f"/{name}"))

    def copy(self, name):
        self.do(f"CREATE DATABASE {name} TEMPLATE base")

    def settle(self, name):
        self.do("CHECKPOINT")


class Contestant:
    """Asks one server for the addresses of one kind of page, again and again, and keeps what that cost."""

    def __init__(self, server, targets, patience=None):
        self.server, self.targets, self.patience = server, targets, patience  # targets: [(address, ETag or None)]
        self.cpu, self.database, self.seconds = [], [], []
        self.asked, self.each = 0, 0.0

    def turn(self):
        if self.patience is not None and self.asked and self.patience < self.each:
            return
        count = max(1, min(400, int(TURN / self.each))) if self.each else 1
        before = self.server.cpu()
        begun = time.perf_counter()
        for _ in range(count):
            where, etag = self.targets[self.asked % len(self.targets)]
            response, _, seconds = self.server.get(where, etag)
            if response.status != (304 if etag else 200):
                raise SystemExit(f"{where} gave {response.status}.")
            self.seconds.append(1000 * seconds)
            self.asked += 1
        spent = time.perf_counter() - begun
        after = self.server.cpu()
        if self.patience is not None:
            self.patience -= spent
        if self.each or self.patience is not None:  # the very first request only tells how long one takes
            self.cpu.append(1000 * (after[0] - before[0]) / count)
            self.database.append(1000 * (after[1] - before[1]) / count)
        self.each = spent / count

    def result(self):
        return {
            "cpu": statistics.median(self.cpu),
            "database": statistics.median(self.database),
            "p50": statistics.median(self.seconds),
            "requests": self.asked,
            "rounds": self.cpu,
        }


def fetch(server, kinds):
    """{address: (body, ETag)}, each asked once: what hello has to answer with, and the portal warm."""
    found = {}
    for kind, asked in kinds.items():
        spent = 0.0
        for place, where in enumerate(asked):
            if spent > 8 and place:  # a slow portal: fewer addresses, or this takes an hour
                del asked[place:]
                break
            response, body, seconds = server.get(where)
            if response.status != 200:
                raise SystemExit(f"{kind}: {where} gave {response.status}.")
            found[where] = body, response.headers.get("ETag")
            spent += seconds
    return found


def total(body):
    """The number in the heading of a list: how many it found."""
    heading = re.search(rb"<h1[^>]*>\s*([\d.]+|Geen)", body)
    return heading and heading[1].replace(b".", b"").decode().replace("Geen", "0")


def first_times(server, found):
    """What addresses cost that this process never answered before, in ms: {kind: {'cpu': …, 'database': …}}."""
    result = {}
    for kind, each in found.items():
        cpu: list[float] = []
        database: list[float] = []
        seconds: list[float] = []
        for where in each:
            if sum(seconds) > 10_000:
                break
            before = server.cpu()
            response, _, spent = server.get(where)
            after = server.cpu()
            if response.status != 200:
                raise SystemExit(f"{where} gave {response.status}.")
            cpu.append(1000 * (after[0] - before[0]))
            database.append(1000 * (after[1] - before[1]))
            seconds.append(1000 * spent)
        if cpu:
            result[kind] = {
                "cpu": statistics.mean(cpu),
                "database": statistics.mean(database),
                "worst": max(map(sum, zip(cpu, database, strict=True))),
                "p50": statistics.median(seconds),
                "asked": len(cpu),
            }
    return result


def compete(database, env, made, folder):
    """All pages of all contestants on one database of one size."""
    kinds = addresses(made)
    _, once = words(made)
    bodies = folder / "bodies"
    shutil.rmtree(bodies, ignore_errors=True)
    bodies.mkdir()
    servers = []
    try:
        portal = Server("techniekpact.wsgi", env, database.pid)
        servers.append(portal)
        begun = time.perf_counter()
        portal.get(LIST)
        cold = time.perf_counter() - begun
        found = fetch(portal, kinds)
        names = {where: f"page-{number}" for number, where in enumerate(found)}
        for where, (body, _) in found.items():
            (bodies / names[where]).write_bytes(body)
        hello = Server("benchmarks.hello", env | {"HELLO": str(bodies)})
        servers.append(hello)
        plain = Server("benchmarks.plain_wsgi", env, database.pid)
        servers.append(plain)
        plain.get(kinds["three filters"][0])
        result: dict[str, Any] = {"cold start": cold, "pages": {}, "bytes": {}, "totals": {}}
        for kind in [*PAGES, "mixed"]:
            asked = kinds[kind]
            contestants = {
                "hello": Contestant(hello, [(f"/{names[where]}/", None) for where in asked]),
                "portal": Contestant(portal, [(where, None) for where in asked]),
            }
            tagged = [(where, found[where][1]) for where in asked if found[where][1]]
            if tagged:
                contestants["304"] = Contestant(portal, tagged)
            if kind != "mixed" and not ("word" in kind and made["cases"] > MOST_TO_SCAN):
                contestants["plain"] = Contestant(plain, [(where, None) for where in asked], PATIENCE)
            for contestant in contestants.values():
                contestant.turn()  # how long does one take?
            for _ in range(ROUNDS):
                for contestant in contestants.values():
                    contestant.turn()
            result["pages"][kind] = {name: contestant.result() for name, contestant in contestants.items()}
            result["bytes"][kind] = statistics.median(len(found[where][0]) for where in asked)
            if "word" not in kind and kind != "mixed":
                result["totals"][kind] = [total(found[asked[0]][0]), total(plain.get(asked[0])[1])]
            costs = ", ".join(f"{name} {each['cpu']:.2f}" for name, each in result["pages"][kind].items())
            say(f"  {kind}: {costs} ms of processor time")
        result["first"] = first_times(portal, {"pages never shown": unseen(made)} | once)
    finally:
        for server in servers:
            server.stop()
    return result


def measure(database, sizes, folder):
    """{'name', 'version', 'sizes': {size: figures}}"""
    env = os.environ | SETTINGS | {"DATABASE_URL": database.url("base")}
    say(f"{database.name} {database.version}: reading content/")
    for command in (["migrate"], ["createcachetable"], ["import_content"]):
        run(env, "manage.py", *command, "--verbosity", "0")
    result = {"name": database.name, "version": database.version, "sizes": {}}
    for size in sizes:
        name = f"bench_{size}"
        database.copy(name)
        env["DATABASE_URL"] = database.url(name)
        begun = time.monotonic()
        made = json.loads(run(env, "-m", "benchmarks.generate", str(size)).splitlines()[-1])
        database.settle(name)
        say(f"{database.name}, {size:,} cases: made in {time.monotonic() - begun:.0f} s")
        figures = compete(database, env, made, folder)
        asked = folder / "addresses.json"
        kinds = {kind: each[:3] for kind, each in addresses(made).items() if kind != "mixed"}
        asked.write_text(json.dumps(kinds))
        figures["inside"] = json.loads(run(env, "-m", "benchmarks.inside", str(asked)).splitlines()[-1])
        result["sizes"][str(size)] = figures | {"published": made["published"], "made": made["seconds"]}
    return result


def machine():
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "processor": model[1] if model else platform.machine(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("django", "django-filter", "gunicorn", "psycopg")},
    }


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of cases, with commas")
    parser.add_argument("--databases", default="sqlite,postgresql", help="sqlite, postgresql or both, with a comma")
    parser.add_argument("--quick", action="store_true", help="1,000 cases on SQLite only; writes no document")
    parser.add_argument("--report", action="store_true", help="measures nothing; writes the document of the last run")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)  # the run inside tests/with_postgres.sh
    options = parser.parse_args()
    if options.report:
        return report.write(json.loads(RESULTS.read_text()))
    sizes = [1_000] if options.quick else [int(size) for size in options.sizes.split(",")]
    wanted = ["sqlite"] if options.quick else options.databases.split(",")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and folders go too
    with tempfile.TemporaryDirectory(prefix="bench.") as made:
        folder = Path(made)
        if options.into:
            options.into.write_text(json.dumps(measure(PostgreSQL(), sizes, folder)))
            return None
        begun = time.monotonic()
        run(os.environ | SETTINGS, "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
        results = {"machine": machine(), "databases": []}
        if "sqlite" in wanted:
            results["databases"].append(measure(SQLite(folder), sizes, folder))
        if "postgresql" in wanted:
            into = folder / "postgresql.json"
            command = [
                sys.executable,
                "-m",
                "benchmarks.run",
                "--sizes",
                ",".join(map(str, sizes)),
                "--into",
                str(into),
            ]
            ended = subprocess.run(["tests/with_postgres.sh", *command], cwd=ROOT, check=False)  # noqa: S603, S607
            if ended.returncode not in (0, 69):  # 69: there is none on this machine, and it said so
                raise SystemExit(ended.returncode)
            if into.exists():
                results["databases"].append(json.loads(into.read_text()))
        results["minutes"] = (time.monotonic() - begun) / 60
    if not options.quick:
        RESULTS.write_text(json.dumps(results))
        report.write(results)
    report.show(results)
    return None


if __name__ == "__main__":
    main()
