"""The timeline of experiments and routes: what it draws, and what it says of what is not known."""

import datetime
import re

import pytest
import time_machine
from django.template.loader import render_to_string
from django.utils import timezone

from experiments.models import Experiment
from programme.timeline import in_force, timeline
from routes.models import Route

D = datetime.date
TODAY = D(2026, 3, 10)
KNOWN = {"starts_on": D(2016, 8, 1), "ends_on": D(2022, 7, 31)}


def render(drawn):
    """The component, with ordinary spaces in its dates."""
    return render_to_string("components/timeline.html", {"timeline": drawn}).replace("\u00a0", " ")


def text(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def cells(html):
    """The text of each cell, without the label that it carries on a telephone."""
    rows = re.sub(r'<b class="stacking-label">.*?</b>', "", html.split("<tbody")[1])
    return [text(cell) for cell in re.findall(r"<t[hd]\b.*?</t[hd]>", rows, re.DOTALL)]


@pytest.fixture
def draw(make_experiment):
    def draw(year=None, **values):
        make_experiment(**values)
        return timeline(Experiment.objects.with_status(), year, TODAY)

    return draw


def place(drawn, *days):
    """Where these days are, from the axis that the drawing itself names."""
    first, end = int(drawn.first_year), int(drawn.last_year) + 1
    years = [day.year + (day.timetuple().tm_yday - 1) / 366 for day in days]
    return [f"{100 * (year - first) / (end - first):.2f}%" for year in years]


def test_known_days_are_one_bar_and_two_dates(draw):
    drawn = draw(**KNOWN)
    bar = drawn.bars[0]
    assert [bar.known.x, bar.known.x2] == place(drawn, D(2016, 8, 1), D(2022, 8, 1))
    assert (bar.unknown, bar.dot) == ((), "")
    assert (drawn.first_year, drawn.last_year, drawn.today_x) == ("2016", "2026", *place(drawn, TODAY))
    html = render(drawn)
    assert "1 augustus 2016 tot en met 31 juli 2022" in html
    assert cells(html)[:3] == ["Cross-Over", "1 augustus 2016", "31 juli 2022"]
    assert "onbekend of" not in html


def test_unknown_end_is_dashed_from_the_last_thing_known_to_today(draw):
    drawn = draw(starts_on=D(2014, 4, 11), running_seen_on=D(2025, 12, 25))
    bar = drawn.bars[0]
    assert [bar.known.x, bar.known.x2] == place(drawn, D(2014, 4, 11), D(2025, 12, 26))
    assert [(span.x, span.x2) for span in bar.unknown] == [tuple(place(drawn, D(2025, 12, 25), TODAY))]
    assert "vanaf 11 april 2014, liep nog op 25 december 2025" in render(drawn)


def test_a_begin_alone_is_a_dot(draw):
    drawn = draw(starts_on=D(2014, 4, 11))
    assert drawn.bars[0].known is None
    assert drawn.bars[0].dot == drawn.bars[0].unknown[0].x
    assert "vanaf 11 april 2014, einde onbekend" in render(drawn)


def test_unknown_begin_is_dashed_from_the_edge(draw):
    drawn = draw(ends_on=D(2022, 7, 31))
    assert [(span.x, span.x2) for span in drawn.bars[0].unknown] == [("0.00%", *place(drawn, D(2022, 7, 31)))]
    assert "begin onbekend, tot en met 31 juli 2022" in render(drawn)


def test_without_any_day_all_is_dashed(draw):
    drawn = draw()
    assert [(span.x, span.x2) for span in drawn.bars[0].unknown] == [("0.00%", drawn.today_x)]
    assert "begin en einde onbekend" in render(drawn)


def test_what_begins_later_widens_the_axis(draw):
    drawn = draw(starts_on=D(2028, 8, 1), year=2026)
    bar = drawn.bars[0]
    assert int(drawn.last_year) > 2028
    assert [(span.x, span.x2) for span in bar.unknown] == [(*place(drawn, D(2028, 8, 1)), "100.00%")]
    assert bar.verdict == "geldt niet in 2026"


@pytest.mark.parametrize(
    ("values", "answers"),
    [
        (KNOWN, {2015: False, 2016: True, 2022: True, 2023: False}),
        ({"starts_on": D(2016, 8, 1)}, {2015: False, 2016: True, 2017: None}),
        ({"starts_on": D(2016, 8, 1), "running_seen_on": D(2020, 1, 1)}, {2018: True, 2020: True, 2021: None}),
        ({"ends_on": D(2022, 7, 31)}, {2021: None, 2022: True, 2023: False}),
        ({"running_seen_on": D(2020, 1, 1)}, {2019: None, 2020: True, 2021: None}),
        # Seen after its last day by law: the law wins, as in the status.
        (KNOWN | {"running_seen_on": D(2023, 1, 1)}, {2022: True, 2023: False}),
        ({}, {2018: None}),
    ],
)
def test_in_force(make_experiment, values, answers):
    experiment = make_experiment(**values)
    assert {year: in_force(experiment, year) for year in answers} == answers


def test_chosen_year_has_a_band_and_a_column(draw, make_experiment):
    make_experiment("later", starts_on=D(2019, 1, 1), ends_on=D(2020, 1, 1))
    make_experiment("onbekend")
    drawn = draw(2018, **KNOWN)
    assert [(band.label, band.x, band.x2) for band in drawn.bands] == [
        ("2018", *place(drawn, D(2018, 1, 1), D(2019, 1, 1)))
    ]
    assert [bar.verdict for bar in drawn.bars] == ["gold in 2018", "gold niet in 2018", "onbekend of dit gold in 2018"]
    html = render(drawn)
    assert "In 2018</th>" in html
    assert [cell for cell in cells(html) if "2018" in cell] == [bar.verdict for bar in drawn.bars]
    assert "In 2018</th>" not in render(timeline(Experiment.objects.all(), today=TODAY))


def test_chosen_years_that_follow_each_other_share_a_band(draw):
    drawn = draw([2017, 2014, 2016], **KNOWN)
    assert [band.label for band in drawn.bands] == ["2014", "2016–2017"]
    assert drawn.bars[0].verdict == "gold in 2016 en 2017; gold niet in 2014"
    assert "In 2014, 2016 en 2017</th>" in render(drawn)


def test_seen_after_its_last_day_draws_no_longer_bar(draw):
    drawn = draw(**KNOWN, running_seen_on=D(2023, 1, 1))
    assert drawn.bars[0].known.x2 == place(drawn, D(2022, 8, 1))[0]


def test_the_last_day_of_the_calendar_can_be_drawn(draw):
    assert "31 december 9999" in render(draw(starts_on=D(2016, 8, 1), ends_on=D.max))


@pytest.mark.parametrize("year", [0, 1990, 2100, 10**6])
def test_any_year_can_be_chosen(draw, year):
    drawn = draw(year, **KNOWN)
    assert str(year) in render(drawn)
    assert len(drawn.ticks) <= 8


def test_successor_comes_after(make_route, django_assert_num_queries):
    after = make_route("doorlopende-leerroute", name="Doorlopende leerroute", order=2)
    make_route(**KNOWN, successor=after, what_now="dit is voorbij.", order=1)
    with django_assert_num_queries(1):
        html = render(timeline(Route.objects.with_status()))
    assert cells(html)[4] == "Doorlopende leerroute"
    assert html.count(f'href="{after.get_absolute_url()}"') == 3


def test_a_successor_that_is_not_public_is_not_named(make_route):
    after = make_route("geheim", published_at=None)
    make_route(**KNOWN, successor=after, what_now="dit is voorbij.")
    html = render(timeline(Route.objects.published()))
    assert "Geheim" not in html
    assert cells(html)[4] == "Dit is voorbij."


def test_law_and_aftermath_are_short(draw):
    drawn = draw(
        legal_basis="- Besluit *over* iets & meer (BWBR1).\n- Nog een.",
        legal_url="https://wet.example/",
        aftermath="A. B.",
    )
    html = render(drawn)
    assert '<a href="https://wet.example/">Besluit over iets &amp; meer</a>' in html
    assert cells(html)[-1] == "A."


def test_law_without_address_is_its_first_sentence(draw):
    html = render(draw(legal_basis="Geen wet\ngevonden (nog niet). Meer hierover.", what_now="niets <b>."))
    assert cells(html)[-2:] == ["Geen wet gevonden (nog niet).", "Niets &lt;b&gt;."]


def test_nothing_gives_nothing(db):
    assert timeline(Experiment.objects.all()) is None
    assert render(None).strip() == ""


@time_machine.travel("2026-12-31T23:30:00Z")
def test_today_is_that_of_the_netherlands(make_experiment):
    make_experiment(**KNOWN)
    assert timeline(Experiment.objects.all()).today == timezone.localdate() == D(2027, 1, 1)


def test_the_picture_is_named_and_holds_no_link(draw):
    """Inside role=img a link has no name for who cannot see it: the links are in the rows and in the table."""
    html = render(draw(2018, **KNOWN))
    picture = re.search(r"<svg[^>]*role=\"img\".*?</svg>", html, re.DOTALL)[0]
    assert 'aria-label="Tijdlijn van 2016 tot en met 2026' in picture
    assert "<a " not in picture
    assert html.count('href="/experimenten/cross-over/"') == 2


def test_real_content_is_drawn(content):
    for model in (Experiment, Route):
        drawn = timeline(model.objects.published().with_status(), 2018)
        assert len(drawn.bars) == model.objects.published().count() > 3
        assert all(bar.verdict and bar.days and bar.law and bar.after for bar in drawn.bars)
        assert "None" not in render(drawn)
