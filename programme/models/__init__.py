from .base import Period, PeriodQuerySet, Source, Status, check_readable, check_year
from .editors import WorkArea
from .goal import Action, Goal, GoalSource, Party
from .indicators import Indicator, IndicatorValue
from .instruments import Instrument, InstrumentQuerySet
from .organisations import Organisation
from .places import Level, Region, RegionAlias, Sector
from .terms import Term

__all__ = [
    "Action",
    "Goal",
    "GoalSource",
    "Indicator",
    "IndicatorValue",
    "Instrument",
    "InstrumentQuerySet",
    "Level",
    "Organisation",
    "Party",
    "Period",
    "PeriodQuerySet",
    "Region",
    "RegionAlias",
    "Sector",
    "Source",
    "Status",
    "Term",
    "WorkArea",
    "check_readable",
    "check_year",
]
