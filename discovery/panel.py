"""The filters beside a list as HTML: rendered once for each version, and filled in for each selection."""

from types import SimpleNamespace

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import mark_safe

from .filters import TABLE, printable
from .skeleton import Skeleton

TEMPLATE = "components/facets.html"
FOLDED = 8  # a facet with more choices is folded


def panel(selection):
    """The filters of a selection, from components/facets.html."""
    filling = fillings(selection)
    if selection.form.errors:  # seldom, and each in its own place
        return render_to_string(TEMPLATE, {"slots": filling, **context(selection, filling)})
    kept = selection.index.extra
    if "panel" not in kept:
        kept["panel"] = Skeleton(TEMPLATE, lambda slots: context(selection, slots))
    return kept["panel"].fill(filling)


def context(selection, slots):
    return {"filter": selection, "facets": [facet(group, slots) for group in selection.groups.values()]}


def facet(group, slots):
    folded = group.facet.facet.histogram or len(group.facet.choices) > FOLDED
    own = {name: slots[f"{group.name} {name}"] for name in ("rows", "open", "number")}
    return SimpleNamespace(
        name=group.name, label=group.label, hint=group.hint, errors=group.errors, folded=folded, **own
    )


def fillings(selection):
    """{slot: HTML} of what differs between selections."""
    regions = selection.groups.get("regio")
    found = {
        "number": f" ({len(selection.chips)})" if selection.chips else "",
        "q": escape(printable(selection.data.get("q", ""))),
        "orders": orders(selection),
        "view": f'<input type="hidden" name="weergave" value="{TABLE}">' if selection.table else "",
        "tiles": regions.tiles if regions else "",
        "areas": regions.areas if regions else "",
    }
    for name, group in selection.groups.items():
        number = f' <span class="fold-count">{len(group.chosen)} gekozen</span>' if group.chosen else ""
        found |= {
            f"{name} rows": group.rows,
            f"{name} open": " open" if group.chosen or group.errors else "",
            f"{name} number": mark_safe(number),  # noqa: S308  (a number)
        }
    return found


def orders(selection):
    """The orders to choose from, as <option>s; how well rows fit is an order only where there are words."""
    kept = selection.index.extra.setdefault("orders", {})
    words = "q" in selection.chosen or selection.sort == "relevantie"
    key = (selection.sort, selection.default_sort, words)
    if key not in kept:
        choices = selection.filters["sorteer"].extra["choices"]
        shown = [(value, label) for value, label in choices if words or value != "relevantie"]
        found = {"orders": shown, "sort": selection.sort, "default": selection.default_sort}
        kept[key] = render_to_string("components/orders.html", found)
    return kept[key]
