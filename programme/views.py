from django.db.models import F
from django.template.loader import render_to_string

from discovery.facets import UNKNOWN
from discovery.index import cards
from discovery.views import SelectionList

from .timeline import timeline

MOST_CASES = 6  # on the page of an instrument; the list has them all
MOST_HEADS = 200  # selections of which the head is remembered


def newest_cases(instrument):
    """(the newest public cases of an Experiment or Route as HTML, how many there are in all)."""
    rows = instrument.cases.published()
    newest = rows.order_by(F("first_year").desc(nulls_last=True), "title", "pk")
    return cards(newest[:MOST_CASES]), rows.count()


class InstrumentList(SelectionList):
    """A list headed by the experiments or routes that its rows belong to, with a timeline.

    Its FilterSet prepares these as 'instruments'; its facet 'instrument' tells which rows belong to which.
    """

    heads_id = heads_title = ""

    def heads(self, selection):
        """Nothing was chosen: all. Else those with a row in the selection; a chosen year shows which were in force."""
        every = selection.index.extra["instruments"]
        kept = selection.index.extra.setdefault("heads", {})
        rows = selection.index.facets["instrument"].sets
        fitting = [each for each in every if not selection.chips or rows.get(each.slug, 0) & selection.found]
        years = tuple(int(year) for year in selection.chosen.get("jaar", ()) if year != UNKNOWN)
        key = (tuple(each.slug for each in fitting), years, bool(selection.chips))
        found = kept.get(key)
        if found is None:
            if len(kept) >= MOST_HEADS:
                kept.clear()
            context = {
                "heads_id": self.heads_id,
                "heads_title": self.heads_title,
                "instruments": fitting,
                "timeline": timeline(fitting, year=years or None),
                "chosen": selection.chips,
            }
            found = kept[key] = render_to_string("components/heads.html", context)
        return found
