"""The addresses that the content points to: where they stand, and whether they still work (manage.py check_links)."""

import datetime
import re
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from .jobs import rest
from .models import MARKDOWN, Link, address_fields
from .probe import BUSY, Prober

HOSTS_AT_ONCE = 8
MOST_SILENT = 3  # addresses of one host that give no answer; the others wait for the next run
# Two hours less than whole days, so that a run at the same hour each day finds them due.
WORKING, FAILING = datetime.timedelta(days=7, hours=-2), datetime.timedelta(days=1, hours=-2)
CLAIMED = datetime.timedelta(hours=6)  # for which no other process tries an address: longer than a run takes
CONTROLS = 3

# [words](address), where the address may hold one pair of brackets, and <address>.
IN_MARKDOWN = re.compile(r"(?:\]\(|<)(https?://(?:[^\s()<>]|\([^\s()<>]*\))+)")


# ---- where addresses stand


@dataclass(frozen=True)
class Place:
    """A model with addresses, in fields and in texts. `owner` is its key to the row that it is part of, or ''."""

    model: type[models.Model]
    urls: tuple[str, ...]
    texts: tuple[str, ...]
    owner: str

    @property
    def owning_model(self):
        return self.model._meta.get_field(self.owner).related_model if self.owner else self.model

    @property
    def published(self):
        """When its rows became public; 1 for what always is."""
        if not any(each.name == "published_at" for each in self.owning_model._meta.fields):
            return Value(1)
        return F(f"{self.owner}__published_at" if self.owner else "published_at")

    def addresses(self, values):
        """Those in `values`, of its fields in their order."""
        of_fields, of_texts = values[: len(self.urls)], values[len(self.urls) :]
        return [*filter(None, of_fields), *(url for text in of_texts for url in IN_MARKDOWN.findall(text))]


@cache
def places():
    """Every Place in the models of our own rooms."""
    found = []
    for model in apps.get_models():
        ours = Path(apps.get_app_config(model._meta.app_label).path).parent == settings.BASE_DIR
        if not ours or model._meta.app_label == "publishing":
            continue
        fields = model._meta.fields
        urls = tuple(address_fields(model))
        texts = tuple(f.name for f in fields if isinstance(f, models.TextField) and MARKDOWN in f.help_text)
        if urls or texts:
            owners = [f.name for f in fields if f.is_relation and is_part(f)]
            found.append(Place(model, urls, texts, owners[0] if owners else ""))
    return found


def is_part(key):
    """Whether this foreign key leads to the row that its own row is part of."""
    return key.remote_field.get_accessor_name() in getattr(key.related_model, "parts", ())


def collect():
    """Give every address in the content a Link, those that readers see first. (how many are new, how many went)."""
    found = []
    for place in places():
        rows = place.model._base_manager.order_by("pk").values_list(place.published, *place.urls, *place.texts)
        for published, *values in rows.iterator():
            found += [(published is None, url) for url in place.addresses(values) if len(url) <= 500]
    wanted = dict.fromkeys(url for _, url in sorted(found, key=lambda pair: pair[0]))
    known = dict(Link.objects.values_list("url", "pk"))
    new = [url for url in wanted if url not in known]
    Link.objects.bulk_create([Link(url=url) for url in new], batch_size=500, ignore_conflicts=True)
    gone = [pk for url, pk in known.items() if url not in wanted]
    for start in range(0, len(gone), 500):
        Link.objects.filter(pk__in=gone[start : start + 500]).delete()
    return len(new), len(gone)


def uses(links, rows=None):
    """{address: the rows where it stands} of a queryset of Links; where a source has it, the row of that source.

    With `rows`, a queryset, only those. One query, and one for each Place that can have them.
    """
    found: dict[str, dict] = defaultdict(dict)  # a row once, also when two of its sources have the address
    possible = [each for each in places() if rows is None or each.owning_model is rows.model]
    wanted = set(links.values_list("url", flat=True)) if possible else set()
    for place in possible if wanted else ():
        somewhere = Q()
        for name in place.urls:
            somewhere |= Q(**{f"{name}__in": links.values("url")})
        for name in place.texts:
            somewhere |= Q(**{f"{name}__contains": "://"})
        having = place.model._base_manager.filter(somewhere)
        if rows is not None:
            having = having.filter(**{f"{place.owner or 'pk'}__in": rows.values("pk")})
        for each in having.select_related(place.owner) if place.owner else having:
            owner = getattr(each, place.owner) if place.owner else each
            values = [getattr(each, name) for name in (*place.urls, *place.texts)]
            for url in wanted.intersection(place.addresses(values)):
                found[url][owner] = None
    return {url: list(having) for url, having in found.items()}


def broken_for(rows):
    """{primary key: its broken addresses} of those of `rows`, a queryset, that have any."""
    found: dict = defaultdict(list)
    for url, having in uses(Link.objects.broken(), rows).items():
        for row in having:
            found[row.pk].append(url)
    return found


# ---- trying them


class NoNetwork(Exception):
    """Nothing answered: that is put down to us and not to the websites."""


@dataclass
class Report:
    tried: int
    counts: Counter
    broke: list[Link]
    mended: list[Link]
    left: int  # that were not tried, as their host kept silent or asked for rest


def check(links, prober=None):
    """Try `links`, and keep what came of it, host by host: who is stopped halfway loses little.

    Safe to run twice at once: who claims a link tries it.
    """
    prober = prober or Prober()
    by_host = defaultdict(list)
    for link in links:
        if claim(link):
            by_host[host_of(link.url)].append(link)
    mine = [link.pk for group in by_host.values() for link in group]
    kept: set[int] = set()
    report = Report(0, Counter(), [], [], 0)

    def keep_all(found):
        for link, outcome in found:
            keep(link, outcome, report)
            kept.add(link.pk)
        rest()

    rest()
    pool = ThreadPoolExecutor(HOSTS_AT_ONCE)
    try:
        answered, found = False, []
        for group in as_completed([pool.submit(of_host, group, prober) for group in by_host.values()]):
            found += group.result()
            answered = answered or any(outcome.status for _, outcome in found)
            if answered:  # so we have a network, and a failure is one of the website
                keep_all(found)
                found = []
        if any(outcome.works is False for _, outcome in found) and not network(prober, mine):
            raise NoNetwork
        keep_all(found)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        Link.objects.filter(pk__in=set(mine) - kept).update(due_at=timezone.now())
    report.left = len(mine) - len(kept)
    return report


def host_of(url):
    """The host of an address, or the whole address when it is none: the prober then says what is wrong with it."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return url


def claim(link):
    """Whether this process is the one to try it: of two that saw it due, one moves that moment."""
    return Link.objects.filter(pk=link.pk, due_at=link.due_at).update(due_at=timezone.now() + CLAIMED)


def of_host(links, prober):
    """[(link, Outcome)], one after the other. In a thread, so without the database."""
    found, silent = [], 0
    for link in links:
        outcome = prober.test(link.url)
        found.append((link, outcome))
        silent = silent + 1 if outcome.works is False and not outcome.status else 0
        if silent == MOST_SILENT or outcome.status in BUSY:
            break
    return found


def network(prober, tried):
    """Whether one of the addresses that worked last, other than those just tried, still answers."""
    others = Link.objects.filter(failures=0).exclude(worked_at=None).exclude(pk__in=tried).order_by("-worked_at")
    return any(prober.test(link.url).status for link in others[:CONTROLS])


def keep(link, outcome, report):
    """Store what came of one link. Only a failure counts as one: a wall against robots says nothing."""
    now, was_broken = timezone.now(), link.is_broken
    if outcome.works:
        link.failures, link.worked_at = 0, now
    elif outcome.works is False:
        link.failures, link.failed_at = link.failures + 1, now
    values = {
        "failures": link.failures,
        "worked_at": link.worked_at,
        "failed_at": link.failed_at,
        "checked_at": now,
        "status": outcome.status,
        "error": outcome.error,
        "due_at": now + (FAILING if link.failures else WORKING),
    }
    Link.objects.filter(pk=link.pk).update(**values)
    vars(link).update(values)
    report.tried += 1
    report.counts[outcome.works] += 1
    if link.is_broken and not was_broken:
        report.broke.append(link)
    elif was_broken and not link.is_broken:
        report.mended.append(link)
