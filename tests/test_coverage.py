"""/dekking/: every box of the matrix is the list that it links to, and a gap says so in words."""

import re
from html import unescape

import pytest

CELL = r'<a class="matrix-link"\s+href="([^"]*)"([^>]*)>(\d+)<'


@pytest.fixture
def cases(make_case, make_experiment):
    experiment = make_experiment("rif", name="RIF")
    make_case(provinces=["overijssel", "gelderland"], experiments=[experiment.pk], last_year=2018)
    make_case(provinces=["overijssel"], sectors=["techniek", "groen"], first_year=2020)
    make_case(provinces=[], nationwide=True, sectors=[], sectors_unknown=True)


@pytest.mark.parametrize("query", ["", "?jaar=2018", "?jaar=2021", "?instrument=rif", "?jaar=2017&instrument=rif"])
def test_every_box_and_total_is_the_list_that_it_links_to(client, cases, query):
    links = re.findall(CELL, client.get(f"/dekking/{query}").text)
    assert len(links) > 5
    for url, attributes, count in links:
        response = client.get(unescape(url))
        assert response.selection.total == int(count), url
        assert ("noindex" in response.text) == ("nofollow" in attributes), url
        chosen = response.selection.chosen
        assert [chosen.get(name, [""])[0] for name in ("jaar", "instrument") if f"{name}=" in query] == re.findall(
            r"=(\w+)", query
        )


def test_gaps_are_counted_and_said_in_words(client, cases):
    """Three provinces by four sectors; what is unknown, and a landsdeel, is no box of that count."""
    response = client.get("/dekking/")
    text = " ".join(re.sub(r"<[^>]+>", "", response.text).split())
    assert "Voor 9 van de 12 combinaties van een provincie en een sector kennen wij nog geen case." in text
    assert response.context["matrix"].gaps == 9
    row = re.search(r"<tr>\s*<th[^>]*>Fryslân</th>(.*?)</tr>", response.text, re.S)[1]
    assert row.count("nog geen") == 4
    assert "1 case in Fryslân zonder bekende sector" in re.sub(r"<[^>]+>", "", row)


def test_a_full_matrix_says_so(client, make_case):
    make_case(provinces=[], nationwide=True, sectors=["techniek", "groen", "zorg-en-welzijn", "economie-en-handel"])
    text = client.get("/dekking/").text
    assert "Voor elk van de 12 combinaties" in text
    assert "Sector onbekend" not in text
    assert "matrix-gap" not in text


def test_the_choice_is_in_the_title_and_in_the_form(client, cases):
    text = client.get("/dekking/?jaar=2018&instrument=rif").text
    assert "<h1>Dekking: 1 case bij ‘RIF’, actief in 2018</h1>" in text
    assert '<option value="2018" selected>' in text
    assert '<option value="rif" selected>' in text
    assert '<meta name="robots" content="noindex">' in text
    assert 'href="http://testserver/dekking/?jaar=2018&amp;instrument=rif"' in text


@pytest.mark.parametrize(("name", "value"), [("jaar", "vorig"), ("jaar", "1999"), ("instrument", "x"), ("jaar", "%00")])
def test_unknown_value_is_named_at_its_field_and_the_rest_still_works(client, cases, name, value):
    other = "instrument=rif" if name == "jaar" else "jaar=2018"
    response = client.get(f"/dekking/?{name}={value}&{other}&jaar=")
    assert response.status_code == 200
    assert f'id="dekking-{name}-fout">Bij ‘' in response.text
    assert "noindex" in response.text
    assert len(response.context["filter"].chosen) == 1


def test_parameters_of_a_list_mean_nothing_here(client, cases):
    response = client.get("/dekking/?regio=fryslan&q=zorg&pagina=9&utm_source=x")
    assert response.context["filter"].total == 3
    assert "noindex" not in response.text
    assert "utm_source" not in response.text


def test_concept_is_in_no_box(client, make_case):
    make_case(published_at=None)
    assert re.findall(CELL, client.get("/dekking/").text) == []


@pytest.mark.parametrize("many", [8, 24])
def test_matrix_costs_one_query(client, django_assert_num_queries, make_case, many):
    for _ in range(many):
        make_case()
    client.get("/cases/")
    with django_assert_num_queries(1):
        client.get("/dekking/?jaar=2018")
