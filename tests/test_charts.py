"""The charts of figures: what they draw and say, and that every figure keeps its source."""

import datetime
import html
import re
from decimal import Decimal
from itertools import pairwise

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from programme.charts import Scale, charts, written
from programme.models import Indicator, IndicatorValue

TODAY = datetime.date(2026, 3, 10)


class Rows(list):
    """Values as a prefetched relation gives them."""

    def all(self):
        return self


def indicator(*values, **own):
    """An indicator with (period, value) or (period, value, source) in order of year."""
    found = Indicator(**{"pk": 1, "name": "Instroom", "slug": "instroom", "theme": "mbo", "unit": "%"} | own)
    rows = [
        IndicatorValue(
            period=period,
            year=int(re.search(r"\d{4}", period)[0]),
            value=Decimal(str(value)),
            source_title=source[0] if source else "Monitor",
            source_url="https://bron.example/",
        )
        for period, value, *source in values
    ]
    found._prefetched_objects_cache = {"values": Rows(rows)}
    return found


def draw(*values, **own):
    [chart] = charts([indicator(*values, **own)], TODAY)
    return chart


def render(chart):
    return html.unescape(render_to_string("components/chart.html", {"chart": chart}))


def test_three_years_are_columns_from_zero_at_their_year():
    chart = draw(("2011-2012", 10), ("2016-2017", 40), ("2017-2018", 20))
    assert chart.is_columns
    assert chart.zero == "100.00%"
    assert [bar.top for bar in chart.bars] == [75, 0, 50]
    assert [bar.top + bar.height for bar in chart.bars] == [100, 100, 100]
    first, second, third = (bar.left for bar in chart.bars)
    assert second - first == pytest.approx(5 * (third - second))  # years without a figure stay empty
    assert "<line" not in re.sub(r'<line class="chart-(grid|zero)"', "", render(chart))


def test_fewer_years_are_rows_with_their_period_and_value():
    chart = draw(("2007-2008", 6), ("2017-2018", 9))
    assert not chart.is_columns
    assert [bar.left for bar in chart.bars] == [0, 0]
    assert chart.bars[0].width / chart.bars[1].width == pytest.approx(6 / 9)
    text = render(chart)
    assert all(words in text for words in (">2007-2008</text>", ">6%</text>", ">2017-2018</text>", ">9%</text>"))


def test_two_sources_of_one_period_have_a_row_a_letter_and_a_look_each():
    chart = draw(("2015", 7), ("2016", 8), ("2017", 9, "DUO"), ("2017", 11, "CBS"))
    assert not chart.is_columns
    assert [bar.figure.label for bar in chart.bars] == ["7% a", "8% a", "9% b", "11% c"]
    assert len({bar.figure.source.look for bar in chart.bars}) == 3
    assert (chart.latest, chart.when) == ("9% of 11%", "in 2017")
    assert chart.summary == "7% in 2015 (bron a); 8% in 2016 (bron a); 9% in 2017 (bron b); 11% in 2017 (bron c)."
    assert all(f"Bron {letter}:" in render(chart) for letter in "abc")


def test_one_source_has_no_letter():
    assert [source.mark for source in draw(("2015", 7), ("2016", 8)).sources] == [""]


@pytest.mark.parametrize("years", [(2013, 2014, 2015, 2016), (2013, 2016)])
def test_what_was_counted_otherwise_is_divided_by_a_line_and_not_compared(years):
    chart = draw(*((f"{year}", year * 10) for year in years), unit="bedrijven", breaks_from=2015)
    assert [bool(bar.break_at) for bar in chart.bars] == [n == len(years) // 2 for n in range(len(years))]
    assert "Van" not in chart.summary
    assert "niet zomaar te vergelijken" in chart.summary
    assert 'class="chart-break"' in render(chart)
    assert "Streepjeslijn" in render(chart)


def test_a_break_before_the_first_or_after_the_last_figure_divides_nothing():
    for year in (2000, 2030):
        chart = draw(("2015", 7), ("2016", 8), breaks_from=year)
        assert not chart.has_break
        assert chart.summary == "Van 7% in 2015 naar 8% in 2016."


@pytest.mark.parametrize(
    ("values", "own", "summary"),
    [
        ([("2010", 26), ("2014", 35), ("2019", 32)], {}, "Van 26% in 2010 naar 32% in 2019; hoogste: 35% in 2014."),
        ([("2010", 29), ("2014", 27), ("2019", 29)], {}, "29% in 2010 en 29% in 2019; laagste: 27% in 2014."),
        ([("2010", 29), ("2014", 29), ("2019", 30)], {}, "Van 29% in 2010 naar 30% in 2019."),
        ([("eind 2022", 1847000)], {"unit": "mensen"}, "1.847.000 mensen eind 2022."),
    ],
)
def test_summary_says_the_first_the_last_and_what_lies_outside(values, own, summary):
    chart = draw(*values, **own)
    assert chart.summary == summary
    assert f'aria-label="Staafdiagram. {summary}"' in render(chart)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("40154.00", "studenten", "40.154 studenten"),
        ("28.50", "%", "28,5%"),
        ("28.25", "%", "28,25%"),
        ("0.00", "%", "0%"),
        ("100.00", "", "100"),
        ("-1500", "banen", "-1.500 banen"),
        ("9999999999.99", "euro", "9.999.999.999,99 euro"),
    ],
)
def test_numbers_are_written_in_dutch(value, unit, text):
    assert written(Decimal(value), unit) == text


def test_negative_figures_hang_from_the_zero_line():
    chart = draw(("2015", -10), ("2016", 0), ("2017", 30), unit="banen")
    assert chart.zero == "75.00%"
    assert [(bar.top, bar.height) for bar in chart.bars] == [(75, 25), (75, 0), (0, 75)]
    rows = draw(("2015", -10), ("2016", 30), unit="banen")
    assert rows.bars[0].left == 0
    assert rows.zero == rows.bars[1].x == rows.bars[0].label_x


@pytest.mark.parametrize("values", [[("2015", 0)], [("2015", 0), ("2016", 0), ("2017", 0)], [("2015", -5)]])
def test_only_zeros_or_less_are_drawn_without_an_error(values):
    assert "chart-bar" in render(draw(*values))


def test_indicator_without_values_has_no_chart():
    assert charts([indicator(), indicator(unit="banen")], TODAY) == []


def test_percentages_of_a_theme_share_a_scale_and_numbers_do_not():
    small, large = charts([indicator(("2015", 10)), indicator(("2015", 40))], TODAY)
    assert large.bars[0].width == 4 * small.bars[0].width
    few, many = charts([indicator(("2015", 10), unit="banen"), indicator(("2015", 40), unit="banen")], TODAY)
    assert few.bars[0].width == many.bars[0].width


def test_labels_that_would_touch_give_way_to_the_first_and_the_last():
    chart = draw(*((f"{year}", 100_000 + year) for year in range(1990, 2020)), unit="studenten")
    shown = [bar for bar in chart.bars if bar.is_labelled]
    assert (shown[0], shown[-1]) == (chart.bars[0], chart.bars[-1])
    assert 2 < len(shown) < 30
    assert all(after.text_x - before.text_x >= 20 for before, after in pairwise(shown[:-1]))
    assert render(chart).count('class="chart-number"') == 30  # the table has all


def test_figure_that_is_no_longer_new_says_so():
    new, old = draw(("2024", 8)), draw(("2021-2022", 8))
    key_figure = "components/key_figure.html"
    assert "Een nieuwer cijfer in deze reeks hebben wij niet." not in render_to_string(key_figure, {"chart": new})
    assert "In 2021-2022. Een nieuwer cijfer in deze reeks hebben wij niet." in render_to_string(
        key_figure, {"chart": old}
    )


amounts = st.decimals(min_value=-(10**10), max_value=10**10, places=2)


@given(st.dictionaries(st.integers(1900, 2100), amounts, min_size=1, max_size=12), st.sampled_from(["%", "banen"]))
def test_every_bar_is_inside_the_chart_and_a_larger_figure_is_a_longer_bar(values, unit):
    chart = draw(*((str(year), values[year]) for year in sorted(values)), unit=unit)
    slack = 1e-6
    for bar in chart.bars:
        assert bar.width >= 0
        assert bar.height >= 0
        assert -slack <= bar.left <= bar.left + bar.width <= 100 + slack
        assert -slack <= bar.top <= bar.top + bar.height <= 100 + slack
        assert -slack <= bar.text_x <= 100 + slack
    by_value = sorted(chart.bars, key=lambda bar: bar.figure.value)
    for less, more in pairwise(by_value):
        if chart.is_columns:
            assert less.top >= more.top - slack
        else:
            assert less.left + less.width <= more.left + more.width + slack
        if less.figure.value >= 0:
            long = [bar.height if chart.is_columns else bar.width for bar in (less, more)]
            assert long[0] <= long[1] + slack


@given(st.lists(amounts, max_size=5))
def test_the_axis_has_a_few_round_values_with_zero(values):
    scale = Scale.over(values)
    ticks = scale.round_values()
    assert 0 in ticks
    assert len(ticks) <= 4
    assert all(scale.low <= tick <= scale.high for tick in ticks)
    steps = {after - before for before, after in pairwise(ticks)}
    assert len(steps) <= 1
    assert all(len(step.normalize().as_tuple().digits) == 1 for step in steps)


@pytest.mark.django_db
def test_goal_page_shows_every_figure_with_its_source(client, content):
    text = html.unescape(client.get("/doel-9/").text)
    shown = re.findall(
        r'<th scope="row">([^<]+)</th>\s*<td class="chart-number">([^<]+)</td>\s*<td>\s*(?:<a href="([^"]+)">)?([^<]+)',
        text,
    )
    values = IndicatorValue.objects.select_related("indicator")
    expected = [
        (each.period, written(each.value, each.indicator.unit), each.source_url, each.source_title) for each in values
    ]
    assert len(expected) > 90
    assert sorted((a, b, c, d.strip()) for a, b, c, d in shown) == sorted(expected)
    assert text.count('aria-label="Staafdiagram. ') == Indicator.objects.count()


@pytest.mark.django_db
def test_front_page_shows_the_chosen_figures_and_no_other(client, content):
    chosen = Indicator.objects.exclude(front_text="")
    assert 3 <= chosen.count() <= 4
    text = html.unescape(client.get("/").text)
    for indicator_ in chosen:
        assert indicator_.front_text in text
    assert text.count('class="key-figure"') == chosen.count()
    Indicator.objects.update(front_text="")
    assert 'id="cijfers"' not in client.get("/").text


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"value": "-5"}, "Een waarde is 0 of hoger."),
        ({"value": "475"}, "Een percentage is hoogstens 100."),
        ({"year": "20"}, "Vul een jaar in tussen 1990 en 2100."),
    ],
)
def test_impossible_figure_is_refused_and_a_comma_is_read(admin_client, indicator_form, values, message):
    response = admin_client.post("/beheer/programme/indicator/add/", indicator_form | prefixed(values))
    assert message in response.text
    assert not Indicator.objects.exists()
    admin_client.post("/beheer/programme/indicator/add/", indicator_form)
    assert Indicator.objects.get().values.get().value == Decimal("47.5")


def prefixed(values):
    return {f"values-0-{name}": value for name, value in values.items()}


@pytest.fixture
def indicator_form():
    value = {"period": "2023-2024", "year": "2023", "value": "47,5", "source_title": "Monitor", "source_url": ""}
    head = {"name": "Aandeel", "slug": "aandeel", "theme": "mbo", "unit": "%", "definition": "", "note": ""}
    management = {"values-TOTAL_FORMS": "1", "values-INITIAL_FORMS": "0", "front_text": "", "breaks_from": ""}
    return head | management | prefixed(value)
