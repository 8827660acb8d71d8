"""Which content is public now: a token that moves with every change, and the moments at which time changes it."""

import datetime
import hashlib
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection
from django.db.models import Max, Min, Q
from django.utils import timezone


@dataclass(frozen=True)
class Version:
    """The content as it is from `since` until `until` on one day, unless the token moves."""

    token: str
    day: datetime.date
    since: datetime.datetime | None
    until: datetime.datetime | None

    def holds(self, token):
        """Whether this is still the version, now that the database says `token`."""
        now = timezone.now()
        return (
            bool(token)
            and token == self.token
            and (self.until is None or now < self.until)
            and timezone.localdate(now) == self.day
        )

    def __str__(self):
        return f"{self.token}-{self.day:%Y%m%d}-{self.since.timestamp() if self.since else 0}"


def current_token():
    """What the database says now. One query, the first of every list page."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM discovery_contentversion")
        row = cursor.fetchone()
    return row[0] if row else ""


def current_version(token):
    """The version of now: the last and the next moment at which a row of any kind appears or goes by itself."""
    now = timezone.now()
    past, coming = [], []
    for model in apps.get_models():
        if not hasattr(model._default_manager.all(), "published"):
            continue
        for field in ("published_at", "unpublish_at"):
            gone, ahead = Q(**{f"{field}__lte": now}), Q(**{f"{field}__gt": now})
            found = model._default_manager.aggregate(since=Max(field, filter=gone), until=Min(field, filter=ahead))
            past.append(found["since"])
            coming.append(found["until"])
    return Version(
        token, timezone.localdate(now), max(filter(None, past), default=None), min(filter(None, coming), default=None)
    )


@cache
def release():
    """A digest of the code, templates and static files that this process runs: a new release has new pages."""
    rooms = [Path(config.path) for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR]
    code = chain(*(room.rglob("*.py") for room in rooms))
    digest = hashlib.sha256()
    for path in sorted([*code, *(settings.BASE_DIR / "templates").rglob("*.*")]):
        digest.update(path.read_bytes())
    digest.update(repr(sorted(getattr(staticfiles_storage, "hashed_files", {}).items())).encode())
    return digest.hexdigest()[:12]
