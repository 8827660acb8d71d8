"""The glossary, and the links to it: the first use of a term on a page, in text only, and nothing else changes."""

import re
from html import unescape

import pytest
import yaml
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.safestring import mark_safe
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from experiments.models import Experiment
from programme.glossary import Glossary
from programme.models import Goal, Sector, Term
from publishing.markdown import render_markdown
from routes.models import Route

TERMS = {
    "bol": {"other_names": "beroepsopleidende leerweg", "forms": "bol’er"},
    "bol-bbl": {"instrument": "bol-bbl"},
    "leerweg": {},
    "crebo": {},
    "geïntegreerde route": {},
    "agri & food": {},
}
LINK = re.compile(r'<a class="term" href="/begrippen/#([\w-]+)">(.*?)</a>', re.DOTALL)


@pytest.fixture
def make_term(db):
    def make(name="bol", **values):
        slug = re.sub(r"\W+", "-", name)
        defaults = {"name": name, "slug": slug, "explanation": f"Uitleg van {name}.", "source_title": "Bron"}
        return Term.objects.create(**defaults | values)

    return make


@pytest.fixture
def terms(make_term):
    return [make_term(name, **values) for name, values in TERMS.items()]


def linked(html, glossary=None):
    """[(term, what is linked)] of a safe HTML text."""
    return LINK.findall((glossary or Glossary()).explain(mark_safe(html)))  # noqa: S308


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Een bol, en nog een bol.</p>", [("bol", "bol")]),
        ("<p>BOL of Crebo</p>", [("bol", "BOL"), ("crebo", "Crebo")]),
        ("<p>symbool, bolletje, symbol, bol1, bol_, bôl, coöbol</p>", []),
        ("<p>bol-opleiding, mini-bol, bol.nl, @x.bol, bol@school.nl</p>", []),
        ("<p>bol/bbl (bol) “bol”, bol.</p>", [("bol", "bol")]),
        ("<p>bol-bbl en dan bol</p>", [("bol-bbl", "bol-bbl"), ("bol", "bol")]),
        (
            "<p>beroepsopleidende\n  leerweg, later leerweg</p>",
            [("bol", "beroepsopleidende\n  leerweg"), ("leerweg",) * 2],
        ),
        ("<p>Eerst bol. Een beroepsopleidende leerweg.</p>", [("bol", "bol")]),
        ("<p>bol'er</p>", [("bol", "bol&#x27;er")]),
        ("<p>bol’er en ‘bol’</p>", [("bol", "bol’er")]),
        ("<p>‘bol’</p>", [("bol", "bol")]),
        ("<p>geïntegreerde route</p>", [("geïntegreerde-route", "geïntegreerde route")]),
        ("<p>agri &amp; food, &lt;bol&gt;</p>", [("agri-food", "agri &amp; food"), ("bol", "bol")]),
        ("<p>&crebo; &amp;crebo;</p>", [("crebo", "crebo")]),
        (
            '<p><a href="https://bol.example/?b=2" title="x > bol">een <em>bol</em></a>, bol</p>',
            [("bol", "bol")],
        ),
        ("<h3>bol</h3><pre><code>bol\n</code></pre><p><code>bol</code></p>", []),
        ("<h2>bol</h2><h3>bol</h3><ul><li><strong>bol</strong></li></ul>", [("bol", "bol")]),
        ('<img alt="een bol" src="bol"><p title=\'bol\'>geen</p>', []),
        ("", []),
    ],
)
def test_first_use_in_text_is_linked(terms, html, expected):
    assert linked(html) == expected


def test_a_term_is_linked_once_over_all_texts_of_a_page(terms, django_assert_num_queries):
    glossary = Glossary()
    with django_assert_num_queries(1):
        found = [linked(html, glossary) for html in ("<p>bol</p>", "bol en crebo", "<p>crebo</p>")]
    assert found == [[("bol", "bol")], [("crebo", "crebo")], []]


def test_a_page_about_an_instrument_does_not_explain_itself(terms):
    assert linked("bol-bbl of bol", Glossary(about="bol-bbl")) == [("bol", "bol")]


def test_plain_text_is_escaped(terms):
    html = Glossary().explain("<script>alert('bol')</script> & agri & food")
    assert html == (
        '&lt;script&gt;alert(&#x27;<a class="term" href="/begrippen/#bol">bol</a>&#x27;)&lt;/script&gt; &amp; '
        '<a class="term" href="/begrippen/#agri-food">agri &amp; food</a>'
    )


def test_without_terms_nothing_changes(db):
    html = "<p>bol &amp; crebo</p>"
    assert Glossary().explain(mark_safe(html)) == html  # noqa: S308


PARTS = [
    *(*TERMS, "beroepsopleidende", "bol’er", "BOL", "symbool", "é", "\u0130", "ﬁ", "ß", "\xa0", "\0", "\ud7ff"),
    *(
        "[bol](https://bol.nl 'bol > \"')",
        "`bol`",
        "### bol\n",
        "\n|bol|leerweg|\n|---|---|\n|bol|crebo|\n",
        "**",
        "- ",
    ),
    *("<a href='bol'>", "</a>", "<script>", "<b", ">", "&amp;", "&#98;ol", "&", "'", '"', "|", "-", " ", "\n", "\n\n"),
]
NASTY = st.lists(st.sampled_from(PARTS) | st.text(max_size=4), max_size=25).map("".join)


@hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=NASTY, markdown=st.booleans())
def test_links_are_all_that_changes(terms, text, markdown):
    """Without its links the HTML says the same; each term at most once, and none inside another link."""
    before = render_markdown(text) if markdown else escape(text)
    after = Glossary().explain(before if markdown else text)
    found = [slug for slug, _ in LINK.findall(after)]
    assert len(found) == len(set(found))
    assert unescape(LINK.sub(r"\2", after)) == unescape(before)
    assert re.findall(r"<[^>]*>", LINK.sub(r"\2", after)) == re.findall(r"<[^>]*>", before)
    assert not re.search(r"<a [^>]*>(?:(?!</a>).)*<a ", after, re.DOTALL)


# ---- the pages


def test_page_shows_each_term_under_its_letter_with_its_source(client, make_term):
    make_term("crebonummer", source_title="SBB", source_url="https://s-bb.example/", explanation="Vijf *cijfers*.")
    make_term("bbl", other_names="beroepsbegeleidende leerweg", forms="bbl’er", source_title="dit portaal")
    make_term("Bol")
    text = client.get("/begrippen/").text
    for words in (
        'href="#letter-b">B</a>',
        'id="letter-c">C</h2>',
        'id="bbl"',
        "Ook: beroepsbegeleidende leerweg",
        "<p>Vijf <em>cijfers</em>.</p>",
        '<a href="https://s-bb.example/">SBB</a>',
        "Bron: dit portaal",
    ):
        assert words in text, words
    assert "bbl’er" not in text
    assert text.count('id="letter-b"') == 1
    assert text.index(">bbl</h3>") < text.index(">Bol</h3>") < text.index(">crebonummer</h3>")


def test_page_without_terms_says_so(client, db):
    assert "Er staan nog geen begrippen op deze site." in client.get("/begrippen/").text


def test_a_term_leads_to_its_instrument_as_long_as_that_is_public(client, make_term, make_experiment, make_route):
    make_term("rif", instrument="rif")
    make_term("vakmanschaproute", instrument="vakmanschaproute")
    make_experiment("rif", name="Investeringsfonds", published_at=None)
    make_route("vakmanschaproute")
    text = client.get("/begrippen/").text
    assert 'href="/leerroutes/vakmanschaproute/"' in text
    assert "Investeringsfonds" not in text
    assert "/experimenten/rif/" not in text


@pytest.fixture
def prose(terms, make_case, make_qualification, make_route):
    """Pages with a text that uses the word bol more than once."""
    text = {"summary": "Over bol.", "body": "De bol, en een leerweg."}
    make_case(**text)
    make_qualification(note="Over bol, en weer bol.", crebo="25999")
    Experiment.objects.update(**text)
    make_route(name="Route", **text)
    Goal.objects.update(summary="Over bol.", description="De bol.")
    Sector.objects.update(description="Met bol, of met een leerweg.")


PROSE = [
    *("/doel-9/", "/over/", "/cases/case-1/", "/leerroutes/vakmanschaproute/"),
    *("/experimenten/cross-over/", "/experimenten/kwalificaties/zorgtechnicus/"),
]


@pytest.mark.parametrize("address", PROSE)
def test_pages_with_prose_link_once_to_the_explanation(client, prose, address):
    found = [slug for slug, _ in LINK.findall(client.get(address).text)]
    assert "bol" in found
    assert len(found) == len(set(found))


def test_facts_explain_their_labels(client, make_term, make_case, make_qualification):
    for name in ("crebonummer", "niveau", "trekker"):
        make_term(name)
    case = client.get(make_case().get_absolute_url()).text
    assert '<dt><a class="term" href="/begrippen/#trekker">Trekker</a></dt>' in case
    assert '<dt><a class="term" href="/begrippen/#niveau">Niveau</a></dt>' in case
    qualification = client.get(make_qualification().get_absolute_url()).text
    assert '<dt><a class="term" href="/begrippen/#crebonummer">Crebonummer</a></dt>' in qualification


def test_a_new_explanation_shows_at_once(client, make_term, make_case):
    address = make_case(body="Over bol.").get_absolute_url()
    assert not LINK.findall(client.get(address).text)
    make_term("bol")
    assert LINK.findall(client.get(address).text) == [("bol", "bol")]


@pytest.mark.parametrize("query", ["bbl", "wat is bbl", "bbl’ers"])
def test_search_finds_a_term_and_shows_its_explanation(client, make_term, query):
    make_term("bbl", forms="bbl’er, bbl’ers", explanation="Wat dit is: werken en leren.")
    text = client.get("/zoeken/", {"q": query}).text
    assert 'href="/begrippen/#bbl"' in text
    assert "werken en leren" in text


def test_one_word_has_one_explanation(make_term):
    make_term("bbl", forms="bbl’er, leerweg")
    for term in (Term(name="BBL"), Term(name="anders", other_names="x, Leerweg"), Term(name="anders", forms="Bbl’er")):
        with pytest.raises(ValidationError, match="staat al bij het begrip ‘bbl’"):
            term.clean()


# ---- the content


def test_content_is_right(content):
    records = yaml.safe_load((settings.BASE_DIR / "content" / "begrippen.yaml").read_text())
    assert len(records) > 25
    public = {each.slug for model in (Experiment, Route) for each in model.objects.published()}
    assert {record["instrument"] for record in records if "instrument" in record} <= public
    for record in records:
        assert record.get("source_url") or "dit portaal" in record["source_title"], record["slug"]
        sentences = re.split(r"(?<=[.?!:;])\s", record["explanation"])
        assert [sentence for sentence in sentences if len(sentence.split()) > 22] == [], record["slug"]
