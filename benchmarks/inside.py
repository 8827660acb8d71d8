"""What is measured inside the portal's own process, for `-m benchmarks.inside addresses.json`: prints JSON."""

import argparse
import cProfile
import gc
import gzip
import json
import logging
import os
import pstats
import statistics
import sys
import time
import tracemalloc
from pathlib import Path

import django
from django.conf import settings


def queries(client, address, **headers):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        response = client.get(address, **headers)
    return len(captured), response


def page(client, addresses):
    """Of one kind of page: the most queries of a first visit, and the median time of a repeated one in ms."""
    counts = [queries(client, address)[0] for address in addresses]
    spent: list[float] = []
    begun = time.monotonic()
    while time.monotonic() < begun + 0.6 or len(spent) < 2:
        for address in addresses:
            start = time.perf_counter()
            client.get(address)
            spent.append(1000 * (time.perf_counter() - start))
    return {"queries": max(counts), "ms": statistics.median(spent)}


def profile(client, addresses):
    """[[function, ms of its own, ms with all that it calls]] per request, of the dearest and of ours."""
    profiler = cProfile.Profile()
    begun, count = time.monotonic(), 0
    while time.monotonic() < begun + 1 or not count:
        profiler.runcall(client.get, addresses[count % len(addresses)])
        count += 1
    rows = []
    for (file, line, name), (_, _, own, along, _) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        path = file.partition("site-packages/")[2] or file.removeprefix(f"{settings.BASE_DIR}/")
        where = name if path.startswith(("~", "<", "/")) else f"{path}:{line} {name}"
        rows.append([where, 1000 * own / count, 1000 * along / count, file.startswith(f"{settings.BASE_DIR}/")])
    dearest = sorted(rows, key=lambda row: -row[1])[:8]
    ours = sorted((row for row in rows if row[3] and "benchmarks" not in row[0]), key=lambda row: -row[2])[:10]
    return [row[:3] for row in sorted({row[0]: row for row in dearest + ours}.values(), key=lambda row: -row[2])]


def index():
    """Seconds to build the facet index of the cases, and the bytes that it keeps; {} as long as there is none."""
    try:
        from discovery.index import Index
        from discovery.versions import current_token, current_version
    except ImportError:
        return {}
    from cases.filters import CaseFilter

    def build():
        return Index(CaseFilter, current_version(current_token()))

    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        build()
        seconds.append(time.perf_counter() - start)
    gc.collect()
    tracemalloc.start()
    kept = build()
    gc.collect()
    total = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    sets = [bits for facet in kept.facets.values() for bits in {*facet.sets.values(), *facet.own.values()}]
    return {"seconds": statistics.median(seconds), "bytes": total, "bitsets": sum(map(sys.getsizeof, sets))}


def measure(kinds):
    from django.test import Client

    logging.disable()
    client = Client(HTTP_HOST="127.0.0.1")
    client.get(kinds["list"][0])  # builds the index
    found = {"pages": {kind: page(client, addresses) for kind, addresses in kinds.items()}}
    _, response = queries(client, kinds["list"][0])
    etag = response.headers.get("ETag", "")
    count, response = queries(client, kinds["list"][0], HTTP_IF_NONE_MATCH=etag)
    html = client.get(kinds["list"][0]).content
    gc.collect()
    return found | {
        "304": {"queries": count, "status": response.status_code},
        "html": {"bytes": len(html), "gzip": len(gzip.compress(html, 6))},
        "profile": {kind: profile(client, kinds[kind]) for kind in ("three filters", "word, two filters")},
        "index": index(),
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "techniekpact.settings")
    django.setup()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("addresses", type=Path)
    print(json.dumps(measure(json.loads(parser.parse_args().addresses.read_text()))))
