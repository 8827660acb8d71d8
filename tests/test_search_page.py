"""/zoeken/ and its suggestions: everything public by kind, and nothing else."""

import datetime

import pytest
from django.utils import timezone

from contacts.models import Contact
from programme.models import Term
from techniekpact.search import KINDS

BAD = {"q=zorg%00": "staat een teken dat niet kan", f"q={'a' * 201}": "Deze zoekvraag is te lang."}


@pytest.fixture
def zorg(make_case, make_experiment, make_route, make_qualification, make_participation, make_offering):
    """One of every kind with the word zorgrobots, and a case without."""
    make_experiment("zorgrobots-proef", name="Proef met zorgrobots")
    make_route(name="Route zorgrobots")
    make_qualification(name="Zorgrobots bouwen", crebo="25999")
    make_participation(programme="Deelname zorgrobots")
    make_offering(name="Aanbod zorgrobots")
    case = make_case(title="Zorgrobots in Zwolle", provinces=["overijssel"])
    case.lead_organisations.create(name="Stichting Zorgrobots", slug="stichting-zorgrobots", kind="mbo")
    Contact.objects.create(slug="contact", name="Contact voor zorgrobots", is_fallback=True)
    Term.objects.create(slug="zorgrobot", name="zorgrobot", forms="zorgrobots", source_title="Bron")
    make_case(title="Iets anders")


def suggested(client, query):
    return client.get(f"/zoeken/suggesties/?{query}").json()["suggestions"]


def test_every_kind_is_found_in_its_own_section(client, zorg):
    text = client.get("/zoeken/?q=zorgrobots").text
    assert "<h1>9 resultaten met ‘zorgrobots’</h1>" in text
    for kind in KINDS:
        assert f">{kind.many.capitalize()} (1)</h2>" in text, kind
        assert f">{kind.many.capitalize()} (1)</a>" in text, kind
    assert "Iets anders" not in text
    assert '<a href="/cases/?q=zorgrobots">Bekijk deze case in de lijst</a>' in text
    assert '<meta name="robots" content="noindex">' in text


def test_a_kind_shows_its_best_five_and_links_to_all(client, make_case):
    for number in range(6):
        make_case(body="Over zorgrobots.", title=f"Zaak {number}")
    make_case(title="Zorgrobots")
    text = client.get("/zoeken/?q=zorgrobots").text
    assert text.count('<article class="card">') == 5
    assert text.index("<mark>Zorgrobots</mark>") < text.index("Zaak ")
    assert '<a href="/cases/?q=zorgrobots">Bekijk alle 7 cases met ‘zorgrobots’</a>' in text


def test_spelling_is_corrected_when_no_kind_has_the_words(client, zorg):
    text = client.get("/zoeken/?q=zorgrobtos").text
    assert 'Bedoelde u <a href="?q=zorgrobots">zorgrobots</a>?' in text
    assert "9 resultaten met ‘zorgrobots’" in text
    assert '<a href="/cases/?q=zorgrobots">' in text


def test_spelling_is_not_corrected_when_some_kind_has_the_words(client, make_case, make_experiment):
    make_case(title="De blonde klas")
    assert "Bedoelde u" in client.get("/zoeken/?q=vlonde").text
    make_experiment(name="Vlonderbouw")
    text = client.get("/zoeken/?q=vlonde").text
    assert "<h1>1 resultaat met ‘vlonde’</h1>" in text
    assert "Bedoelde u" not in text


def test_nothing_found_shows_the_ways_on(client, zorg):
    text = client.get("/zoeken/?q=qqqqqq").text
    assert "Wij vonden niets met ‘qqqqqq’." in text
    main = text[text.index("<main") : text.index("</main>")]
    assert 'href="/cases/"' in main
    assert 'href="/contact/"' in main


@pytest.mark.parametrize("query", ["", "?q=", "?q=+++"])
def test_without_words_there_are_a_form_and_examples(client, zorg, query):
    text = client.get(f"/zoeken/{query}").text
    assert "<h1>Zoeken</h1>" in text
    assert "Zo kunt u zoeken" in text
    assert "Bij deze keuze" not in text


def test_only_the_empty_search_is_for_search_engines(client, zorg):
    assert "noindex" not in client.get("/zoeken/").text
    assert "/zoeken/<" in client.get("/sitemap.xml").text


@pytest.mark.parametrize("query", BAD)
def test_bad_words_get_the_message_of_the_lists(client, zorg, query):
    response = client.get(f"/zoeken/?{query}&regio=atlantis")
    assert response.status_code == 200
    assert BAD[query] in response.text
    assert "noindex" in response.text
    assert "resultaten" not in response.text


@pytest.mark.parametrize("query", [*BAD, "", "q=", "q=z", "q=!!!", "q=%ff%fe", "x=zorg"])
def test_bad_words_get_no_suggestions(client, zorg, query):
    assert suggested(client, query) == []


@pytest.mark.parametrize("text", ["zo", "zorgrob", "ZORGROBOTS", "zorgrobots zw", "zorgrobots in z", "zwo"])
def test_case_is_suggested_by_the_beginning_of_a_word(client, zorg, text):
    assert {"label": "Zorgrobots in Zwolle", "kind": "case", "url": "/cases/case-1/"} in suggested(client, f"q={text}")


def test_suggestions_are_of_every_kind_and_those_that_begin_so_come_first(client, zorg):
    kinds = [each["kind"] for each in suggested(client, "q=zorg")]
    assert set(kinds) >= {"case", "experiment", "leerroute", "kwalificatie", "organisatie"}
    assert suggested(client, "q=2599")[0]["label"] == "Zorgrobots bouwen"
    region = {"label": "Overijssel", "kind": "regio", "url": "/cases/?regio=overijssel"}
    assert suggested(client, "q=ov") == [region]


def test_region_is_suggested_by_its_other_name_and_only_with_cases(client, make_case):
    assert suggested(client, "q=fries") == []
    make_case(provinces=["fryslan"])
    assert [each["url"] for each in suggested(client, "q=fries")] == ["/cases/?regio=fryslan"]


def test_at_most_eight_are_suggested_and_of_each_kind_some(client, make_case, make_organisation):
    for number in range(12):
        make_case(title=f"Robot {number}").lead_organisations.add(make_organisation(f"Robotica {number}"))
    kinds = [each["kind"] for each in suggested(client, "q=rob")]
    assert kinds == ["case"] * 4 + ["organisatie"] * 4


@pytest.mark.parametrize("planned", [False, True])
@pytest.mark.parametrize("address", ["/zoeken/?q=geheim", "/zoeken/?q=geheime+zaak", "/zoeken/suggesties/?q=geh"])
def test_concept_is_nowhere(client, make_case, make_organisation, make_qualification, planned, address):
    moment = timezone.now() + datetime.timedelta(days=1) if planned else None
    make_case()
    make_case(title="Geheime zaak", published_at=moment).lead_organisations.set([make_organisation("Geheim College")])
    make_qualification(name="Geheim vak", published_at=moment)
    text = client.get(address).text
    for name in ("Geheime zaak", "Geheim College", "Geheim vak"):
        assert name not in text


@pytest.mark.parametrize("address", ["/zoeken/?q=zorgrobots", "/zoeken/suggesties/?q=zo"])
def test_who_has_the_answer_is_told_so_until_something_changes(client, zorg, make_case, address):
    response = client.get(address)
    assert response.headers["Cache-Control"] == "no-cache"
    assert client.get(address, headers={"if-none-match": response.headers["ETag"]}).status_code == 304
    make_case(title="Zorgrobots in Almelo")
    again = client.get(address, headers={"if-none-match": response.headers["ETag"]})
    assert again.status_code == 200
    assert "Zorgrobots" in again.text
    assert "Almelo" in again.text


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
@pytest.mark.parametrize("address", ["/zoeken/", "/zoeken/suggesties/"])
def test_search_is_asked_and_not_told(client, db, address, method):
    assert getattr(client, method)(address).status_code == 405


@pytest.mark.parametrize("many", [8, 24])
@pytest.mark.parametrize(
    ("query", "cost"),
    [("?q=samenvatting", 11), ("?q=smaenvatting", 20), ("", 1), ("suggesties/?q=cas", 2), ("suggesties/?q=schoo", 2)],
)
def test_search_costs_a_fixed_number_of_queries(
    client, django_assert_num_queries, make_case, make_organisation, many, query, cost
):
    for number in range(many):
        make_case().lead_organisations.set([make_organisation(f"School {number}")])
    for warm in ("?q=onbekend", "suggesties/?q=xx"):
        client.get(f"/zoeken/{warm}")
    with django_assert_num_queries(cost):
        assert client.get(f"/zoeken/{query}").status_code == 200
