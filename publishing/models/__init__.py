from .jobs import JobRun
from .links import Link, LinkedManager, address_fields, with_links
from .publishable import COPY_SLUG, MARKDOWN, Checked, Copyable, Publishable, PublishableQuerySet, free_slug
from .reminders import Reminder
from .versions import Version

__all__ = [
    "COPY_SLUG",
    "MARKDOWN",
    "Checked",
    "Copyable",
    "JobRun",
    "Link",
    "LinkedManager",
    "Publishable",
    "PublishableQuerySet",
    "Reminder",
    "Version",
    "address_fields",
    "free_slug",
    "with_links",
]
