"""What /stijlgids/ shows the components with: real rows where there are any, and examples that say they are one."""

import datetime
import re
from dataclasses import dataclass

from django.conf import settings
from django.core.paginator import Paginator
from django.http import QueryDict
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import mark_safe

from cases.filters import CaseFilter
from cases.models import Case, CaseImage, CaseSource
from contacts.forms import MessageForm
from contacts.models import Contact
from discovery.facets import UNKNOWN, Choice, Label
from discovery.filters import ORDERS, Way
from discovery.index import current_index
from discovery.options import STEPS, Option, step_of
from discovery.panel import panel
from experiments.filters import ParticipationFilter
from experiments.models import Experiment, Participation
from programme.charts import charts
from programme.models import Indicator, Organisation, Status
from programme.tiles import drawn
from programme.timeline import timeline
from routes.filters import OfferingFilter
from routes.models import Route, RouteOffering

from .coverage import Cell

MARKDOWN = """
Een alinea met **nadruk** en een [link](/stijlgids/).

### Een kop in de tekst

- Een regel van een lijst
- Nog een regel

> Een citaat.
"""
TOKENS = settings.BASE_DIR / "static" / "css" / "tokens.css"
KINDS = {"color": "colors", "focus": "colors", "font-size": "sizes", "space": "spaces"}


@dataclass(frozen=True)
class Token:
    """A custom property as the style sheet has it, and its value in the dark."""

    name: str
    value: str
    dark: str


def tokens():
    """{kind: Tokens}, read from the style sheet itself: the page cannot say otherwise."""
    css = re.sub(r"/\*.*?\*/", "", TOKENS.read_text(), flags=re.DOTALL)
    light, _, rest = css.partition("@media (prefers-color-scheme: dark)")
    values, darks = (dict(re.findall(r"(--portal-[\w-]+):\s*([^;]+);", part)) for part in (light, rest.split("@")[0]))
    found: dict[str, list[Token]] = {}
    for name, value in values.items():
        kind = next((KINDS[start] for start in KINDS if name.startswith(f"--portal-{start}")), "others")
        found.setdefault(kind, []).append(Token(name, value, darks.get(name) or value))
    return found


def samples():
    """{name: what the templates in styleguide/ show}."""
    return {**choosing(), **rows(), **instruments(), **figures(), **answers()}


def choosing():
    """Real selections, and an example of every state that a choice can be in."""
    index = current_index(CaseFilter)

    def selection(query):
        return CaseFilter(QueryDict(query), index=index)

    chosen = selection("regio=oost&sector=techniek&regio=atlantis")
    options = example_options()
    return {
        "chosen": chosen,
        "panel": panel(chosen),
        "typing_error": selection("q=technik"),
        "none": selection("regio=oost&jaar=2000"),
        "empty": selection(""),
        "cards": selection("").cards(0, 3),
        "sectors": selection("").groups["sector"],
        "options": options,
        "option_group": {"name": "voorbeeld"},
        "tiles": parts("components/map_tile.html", options[1:]),
        "areas": parts("components/map_area.html", options[:1]),
        "orders": ORDERS.items(),
        "views": {"list": here(), "table": here()},
        "sector_names": [
            Label(choice.label, choice.value) for choice in index.facets["sector"].choices if choice.value != UNKNOWN
        ],
        "ways": [Way(f"Zonder ‘{word}’", 12, "cases", here(), deep=False) for word in ("Oost", "Techniek")],
        "cells": [Cell(3 * step, "cases in dit voorbeeld", here(), False, False, step) for step in range(1, STEPS + 1)],
        "gap": Cell(0, "", "", False, gap=True, step=0),
        "no_gap": Cell(0, "", "", False, gap=False, step=0),
        "paginations": [pagination(number) for number in (1, 10, 20)],
    }


def example_options():
    """A landsdeel with its provinces: chosen, within what was chosen, of every count, and impossible."""
    names = {"groningen": "Groningen", "fryslan": "Fryslân", "drenthe": "Drenthe", "overijssel": "Overijssel"}
    provinces = [Choice(slug, name, "noord" if slug != "overijssel" else "oost") for slug, name in names.items()]
    noord, *tiles = drawn([Choice("noord", "Noord"), *provinces])
    states = {"groningen": (3, False), "fryslan": (9, False), "drenthe": (0, False), "overijssel": (12, True)}
    made = [Option(noord, 12, True, here(), False, part=100, noun="cases")]
    for choice in tiles:
        count, chosen = states[choice.value]
        within, step = choice.parent == "noord", step_of(count, 12)
        made.append(Option(choice, count, chosen, here(), not count, 100 * count // 12, "", within, step, "cases"))
    return made


def parts(template, options):
    """Options as the HTML that components/map.html puts in its places."""
    return mark_safe("".join([render_to_string(template, {"option": option}) for option in options]))  # noqa: S308


def pagination(number):
    """A page of twenty, with the numbers that SelectionList would show."""
    page = Paginator(range(400), 20).page(number)
    shown = page.paginator.get_elided_page_range(number, on_each_side=2, on_ends=1)
    return {"page": page, "numbers": [(each, f"?pagina={each}") for each in shown]}


def rows():
    """Rows of each list as cards and as lines: the first that there is, and one of which nothing is known."""
    unknown = {"status": Status.UNKNOWN.value, "named": [], "name_beside": "Voorbeeldschool"}
    experiment, route = example(Experiment, name="Voorbeeld"), example(Route, name="Voorbeeld")
    summary = "Van deze case is niets bekend dan een titel en deze zin."
    participation = example(Participation, programme="Voorbeeld", experiment=experiment, **unknown)
    offering = example(RouteOffering, name="Voorbeeld", route=route, **unknown)
    cases = [*listed(CaseFilter), (example(Case, title="Voorbeeld", summary=summary, **unknown), {})]
    participations = [*listed(ParticipationFilter), (participation, {})]
    offerings = [*listed(OfferingFilter), (offering, {})]
    return {
        "cases": cases,
        "participations": participations,
        "offerings": offerings,
        "participation": Participation.objects.published().for_page().prefetch_related("sources").first(),
        "offering": RouteOffering.objects.published().for_page().prefetch_related("sources").first(),
        "tables": [
            table(CaseFilter, cases),
            table(ParticipationFilter, participations),
            table(OfferingFilter, offerings),
        ],
        "periods": [
            example(Case, first_year=2016, last_year=2020, status=Status.ENDED.value),
            example(Case, first_year=2019, running_seen_on=datetime.date(2024, 3, 1), status=Status.RUNNING.value),
            example(Case, first_year=2016, status=Status.UNKNOWN.value),
            example(Case, status=Status.UNKNOWN.value),
        ],
    }


def table(source, found):
    """Rows of a list as components/table.html asks for them."""
    columns = source.columns
    lines = [render_to_string(source.line, {"row": row, "labels": each, "columns": columns}) for row, each in found]
    caption = f"Voorbeeld van een tabel met {source.many}"
    return {"columns": columns, "slots": {"caption": caption, "lines": mark_safe("".join(lines))}}  # noqa: S308


def listed(source):
    """[(the first row of a list, its labels)], or nothing on an empty portal."""
    selection = source()
    for position in selection.positions(0, 1):
        found = list(source.for_cards().filter(pk=selection.index.keys[position]))
        found[0].named = [row.name_beside for row in found if row.name_beside]
        return [(found[0], selection.index.labels_of(position))]
    return []


def instruments():
    """Real experiments, and examples of everything that can be known of their days."""
    day = datetime.date
    ended = {"starts_on": day(2014, 8, 1), "ends_on": day(2021, 7, 31), "status": Status.ENDED.value}
    running = {"starts_on": day(2019, 8, 1), "running_seen_on": day(2024, 3, 1), "status": Status.RUNNING.value}
    seen = {"running_seen_on": day(2017, 3, 1), "status": Status.RUNNING.value}
    states: dict[str, dict] = {
        "afgelopen": ended,
        "loopt": running,
        "één dag bekend": seen,
        "onbekend": {"status": "onbekend"},
    }
    text = {"summary": "Dit is geen echt experiment.", "what_now": "niets, want dit is een voorbeeld."}
    examples = [example(Experiment, name=f"Voorbeeld: {name}", **text, **state) for name, state in states.items()]
    real = list(Experiment.objects.published().with_status()[:2])
    return {
        "examples": examples,
        "timeline": timeline(examples, year=[2018, 2019]),
        "instruments": real or examples[:2],
        "instruments_timeline": timeline(real or examples[:2]),
    }


def figures():
    """The first figures that are drawn as columns and as rows, and an image."""
    every = charts(Indicator.objects.prefetch_related("values"))
    kinds = ([each for each in every if each.is_columns], [each for each in every if not each.is_columns])
    sign = static("img/favicon.svg")
    return {
        "charts": [*kinds[0][:1], *kinds[1][:1]],
        "key_charts": [each for each in every if each.indicator.front_text][:2] or every[:1],
        "picture": CaseImage.objects.filter(case__in=Case.objects.published()).first()
        or {
            "width": 480,
            "height": 480,
            "alt": "Het beeldmerk van dit portaal",
            "smallest": sign,
            "sources": [("image/svg+xml", f"{sign} 480w")],
            "caption": "Voorbeeld van een bijschrift",
            "credit": "dit portaal",
        },
    }


def answers():
    """Sources, contacts, and a form that was filled in wrong."""
    contact, reason = Contact.objects.answering([], [])
    return {
        "sources": [
            example(CaseSource, title="Voorbeeld van een bron", publisher="Uitgever", url=here(), year=2020, month=9),
            example(CaseSource, title="Voorbeeld zonder adres en zonder datum"),
            example(
                CaseSource,
                title="Voorbeeld dat niet meer werkt",
                url="https://school.example/verslag",
                url_broken_on=datetime.datetime(2026, 11, 3, tzinfo=datetime.UTC),
                archived_url=here(),
            ),
        ],
        "contact": contact,
        "reason": reason,
        "example_contact": example(
            Contact,
            name="Voorbeeldloket",
            role="adviseur",
            organisation_name="Voorbeeldschool",
            named_person="Voornaam Achternaam",
            email="naam@school.example",
            phone="000 000 00 00",
            consent_on=datetime.date(2024, 1, 1),
        ),
        "names": ["Voorbeeld", "Nog een voorbeeld"],
        "markdown": MARKDOWN,
        "organisations": [example(Organisation, name=f"Voorbeeldschool {letter}") for letter in "AB"],
        "form": MessageForm({"email": "naam@", "text": "Wie kan ons helpen?"}, auto_id="voorbeeld-%s"),
    }


def example(model, **values):
    """An unsaved row that leads back to the style guide, as it has no page of its own."""
    fields = {field.name for field in model._meta.fields}
    made = model(**{name: value for name, value in values.items() if name in fields})
    vars(made).update({name: value for name, value in values.items() if name not in fields}, get_absolute_url=here)
    return made


def here():
    return reverse("style_guide")
