"""Scheduled work that is done once, by however many processes are told to do it at the same time."""

import datetime
from contextlib import contextmanager

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from .models import JobRun

# After which work that was taken up and not finished is taken over: by the next run, which comes within the hour.
GIVEN_UP = datetime.timedelta(minutes=50)


@contextmanager
def once(key):
    """The JobRun of this work, for the one process that is to do it; None for all others.

    What that process puts in `result` is kept. Work that fails or dies stays unfinished, and is taken over later.
    """
    run = claim(key)
    try:
        yield run
    except Exception as error:
        if run:
            note(run, result=f"Mislukt: {type(error).__name__}: {error}")
        raise
    if run:
        note(run, result=run.result, finished_at=timezone.now())


def claim(key):
    now = timezone.now()
    try:
        with transaction.atomic():
            return JobRun.objects.create(key=key, started_at=now)
    except IntegrityError:  # someone has it; the update below is one step, so of two who take over one succeeds
        dead = JobRun.objects.filter(key=key, finished_at=None, started_at__lt=now - GIVEN_UP)
        return JobRun.objects.get(key=key) if dead.update(started_at=now) else None


def note(run, result, **values):
    """Keep what came of it, unless someone else took the work over."""
    JobRun.objects.filter(pk=run.pk, started_at=run.started_at).update(result=result[:500], **values)


def rest():
    """Let go of a connection to the database that broke, or would idle for long; the next query opens a new one."""
    if not connection.in_atomic_block:
        connection.close()
