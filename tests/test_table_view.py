"""The table of a list: the same rows in the same order as the cards, in every list and for every selection."""

import re
from html import unescape

import pytest

LISTS = ["/cases/", "/experimenten/", "/leerroutes/"]
HEADS = {
    "/cases/": ["Case", "Waar", "Sector", "Jaren", "Experiment of leerroute"],
    "/experimenten/": ["Programma", "Organisatie", "Experiment", "Provincie", "Jaren"],
    "/leerroutes/": ["Naam", "Scholen", "Leerroute", "Provincie", "Jaren"],
}


@pytest.fixture
def make_row(request, address):
    maker = {"/cases/": "make_case", "/experimenten/": "make_participation", "/leerroutes/": "make_offering"}[address]
    return request.getfixturevalue(maker)


def links(response):
    """The addresses of the rows that a page shows, in its order."""
    return re.findall(r'class="card-link" href="([^"]+)"', "".join(response.page.object_list))


def below(response):
    """The part of a page with its rows: from the switch on."""
    return response.text.partition('class="switch"')[2]


def text(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.parametrize("query", ["", "sector=techniek", "q=overijssel", "sorteer=titel", "jaar=2017&sorteer=oudste"])
@pytest.mark.parametrize("address", LISTS)
def test_table_has_the_rows_of_the_list_page_by_page(client, address, make_row, query):
    for number in range(25):
        make_row(first_year=2000 + number % 9, last_year=2018)
    for page in ("1", "2"):
        cards = client.get(f"{address}?{query}&pagina={page}")
        table = client.get(f"{address}?{query}&weergave=tabel&pagina={page}")
        assert links(table) == links(cards)
        assert table.selection.title == cards.selection.title
        assert len(links(table)) == (20 if page == "1" else 5)
        assert [below(each).count("<table") for each in (table, cards)] == [1, 0]


@pytest.mark.parametrize("address", LISTS)
def test_each_cell_stands_under_its_head_and_says_it_too(client, address, make_row):
    make_row(first_year=2016, last_year=2018)
    html = below(client.get(f"{address}?weergave=tabel"))
    heads = [text(head) for head in re.findall(r'<th scope="col">(.*?)</th>', html)]
    row = re.search(r'<tr class="stacking-row".*?</tr>', html)[0]
    cells = [text(cell) for cell in re.findall(r"<t[hd] class=.*?</t[hd]>", row)]
    labels = [cell.partition(":")[0] for cell in cells]
    assert heads == HEADS[address]
    assert labels[1:] == ["2016–2018, afgelopen" if head == "Jaren" else head for head in heads[1:]]


@pytest.mark.parametrize("address", LISTS)
def test_every_link_and_the_form_keep_the_table(client, address, make_row):
    for number in range(45):
        make_row(first_year=2010 + number % 5)
    html = client.get(f"{address}?weergave=tabel&sector=techniek&sector=groen&regio=oost&pagina=2").text
    here = [unescape(url) for url in re.findall(rf'href="({address}\?[^"]*|{address})"', html)]
    apart = [url for url in here if "weergave=tabel" not in url]
    assert len(here) > 20
    assert apart[0] == address  # the main menu; the other is the way to the cards
    assert [sorted(url.partition("?")[2].split("&")) for url in apart[1:]] == [
        ["pagina=2", "regio=oost", "sector=groen", "sector=techniek"]
    ]
    assert '<input type="hidden" name="weergave" value="tabel">' in html
    assert f'href="{address}?weergave=tabel">Wis alle filters' in html
    assert 'name="weergave"' not in client.get(address).text


@pytest.mark.parametrize("address", LISTS)
def test_switch_says_which_view_is_shown_and_is_no_filter(client, address, make_row):
    make_row()
    for query, current in (("", "Lijst"), ("?weergave=lijst", "Lijst"), ("?weergave=tabel", "Tabel")):
        html = client.get(f"{address}{query}").text
        switch = re.search(r'<ul class="switch".*?</ul>', html)[0]
        assert [text(link) for link in re.findall(r'<a[^>]*aria-current="true"[^>]*>.*?</a>', switch)] == [current]
        assert 'class="chips"' not in html
        assert "bij deze keuze" not in html


def test_table_is_not_for_search_engines_which_keep_the_list(client, make_case):
    make_case()
    html = client.get("/cases/?regio=oost&weergave=tabel").text
    assert '<meta name="robots" content="noindex">' in html
    assert '<link rel="canonical" href="http://testserver/cases/?regio=oost">' in html
    assert re.search(r'href="/cases/\?[^"]*sector=techniek[^"]*" rel="nofollow"', html)


def test_unknown_view_is_named_and_shows_the_list(client, make_case):
    make_case()
    response = client.get("/cases/?weergave=mozaiek&sector=techniek")
    assert response.status_code == 200
    assert "Deze weergave kennen wij niet." in response.text
    assert 'class="card-list"' in response.text
    assert "mozaiek" not in response.text


def test_found_words_are_marked_in_the_table_but_not_in_its_labels(client, make_case):
    make_case(title="Een sector met robots")
    for _ in range(2):  # made, and kept
        html = client.get("/cases/?q=sector+robots&weergave=tabel").text
        row = re.search(r'<tr class="stacking-row".*?</tr>', html)[0]
        assert re.findall(r"<mark>(.*?)</mark>", row) == ["sector", "robots"]
    assert '<article class="card">' in client.get("/cases/?q=sector+robots").text  # each view keeps its own


def test_nothing_found_leads_on_in_the_same_view(client, make_case):
    make_case(first_year=2016, last_year=2017)
    response = client.get("/cases/?jaar=2020&weergave=tabel")
    assert [way.url for way in response.selection.ways_out] == ["/cases/?weergave=tabel"]
    assert 'class="switch"' not in response.text  # there is nothing to show in another way
    assert "Hier staat nog geen deelname" in client.get("/experimenten/?weergave=tabel").text


@pytest.mark.parametrize("many", [8, 24])
@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("query", ["", "&regio=oost&sector=techniek", "&q=samen+tekst"])
def test_table_costs_as_many_queries_as_the_list(client, django_assert_max_num_queries, address, many, make_row, query):
    """The version, the words, the rows; also when their cards are there already."""
    for number in range(many):
        make_row(first_year=2000 + number % 20)
    client.get(f"{address}?sorteer=titel")
    with django_assert_max_num_queries(3):
        assert client.get(f"{address}?weergave=tabel{query}").status_code == 200
    with django_assert_max_num_queries(1):
        client.get(f"{address}?weergave=tabel{query}")
