from .jobs import JobRun
from .links import Link
from .publishable import MARKDOWN, Checked, Copyable, Publishable, PublishableQuerySet
from .reminders import Reminder
from .versions import Version

__all__ = [
    "MARKDOWN",
    "Checked",
    "Copyable",
    "JobRun",
    "Link",
    "Publishable",
    "PublishableQuerySet",
    "Reminder",
    "Version",
]
