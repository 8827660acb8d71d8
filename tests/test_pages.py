"""Every kind of public page: it works, costs a fixed number of queries, and shows no concept."""

import datetime
import re
from itertools import pairwise

import pytest
from django.utils import timezone
from django.utils.text import slugify

from cases.models import FormerSlug
from discovery.texts import postponed
from experiments.models import Experiment
from programme.models import Action, Indicator, Region, Sector, Term

# Every public pattern, with an address of it and the queries that it costs.
PATTERNS = {
    "": ("/", 5),
    "doel-9/": ("/doel-9/", 15),
    "doelen/doel-9": None,
    "doelen/doel-9/": None,
    "cases/": ("/cases/", 2),
    "cases/<slug:slug>/": ("/cases/case-1/", 19),
    "case-aanmelden/": ("/case-aanmelden/", 5),
    "case-verbeteren/<slug:slug>/": ("/case-verbeteren/case-1/", 1),
    "beelden/<slug:digest>-<int:width>.<slug:kind>": None,
    "deelbeeld.png": None,
    "deelbeeld/<slug:slug>.png": None,
    "experimenten/": ("/experimenten/", 2),
    "experimenten/<slug:slug>/": ("/experimenten/cross-over/", 14),
    "experimenten/kwalificaties/<slug:slug>/": ("/experimenten/kwalificaties/zorgtechnicus/", 12),
    "leerroutes/": ("/leerroutes/", 2),
    "leerroutes/<slug:slug>/": ("/leerroutes/vakmanschaproute/", 12),
    "voorbeeld/<str:token>/": None,
    "controle/<str:token>/": None,
    "organisaties/<slug:slug>/": ("/organisaties/roc-oost/", 13),
    "contact/": ("/contact/", 4),
    "contact/<slug:slug>/": ("/contact/contactpunt/", 2),
    "contact/<slug:slug>.vcf": None,
    "zoeken/": ("/zoeken/?q=school", 14),
    "zoeken/suggesties/": None,
    "dekking/": ("/dekking/", 1),
    "over/": ("/over/", 6),
    "begrippen/": ("/begrippen/", 3),
    "toegankelijkheid/": ("/toegankelijkheid/", 0),
    "privacy/": ("/privacy/", 0),
    "stijlgids/": ("/stijlgids/", 24),
    "robots.txt": None,
    "favicon.ico": None,
    "sitemap.xml": None,
    "health/live": None,
    "health/ready": None,
}
PAGES = dict(filter(None, PATTERNS.values()))


@pytest.fixture
def many(request):
    return getattr(request, "param", 8)


@pytest.fixture
def world(
    many,
    fallback,
    make_case,
    make_image,
    make_experiment,
    make_qualification,
    make_participation,
    make_route,
    make_offering,
    make_organisation,
):
    """`many` of everything, each related to all that it can be related to."""
    experiment = make_experiment()
    route = make_route()
    qualification = make_qualification()
    with postponed():  # not many times of each
        for number in range(many):
            school = make_organisation(f"School {number}")
            case = make_case(experiments=[experiment.pk], routes=[route.pk], levels=[2])
            case.partner_organisations.add(school)
            make_image(case)
            make_image(case, alt="", decorative=True)
            case.qualifications.add(qualification)
            make_participation(qualification=qualification)
            make_offering().organisations.add(school)
            qualification.organisations.add(school)
            make_qualification(f"kwalificatie-{number}").organisations.add(make_organisation())
            Term.objects.create(slug=f"begrip-{number}", name=f"Begrip {number}", instrument=experiment.slug)
            name = f"Reeks {number}"
            indicator = Indicator.objects.create(slug=slugify(name), name=name, unit="%", front_text="deed mee")
            indicator.values.create(period="2020", year=2020, value=number, source_title="Monitor")


@pytest.mark.parametrize("many", [8, 24], indirect=True)
@pytest.mark.parametrize("address", PAGES)
def test_page_costs_a_fixed_number_of_queries(client, django_assert_num_queries, world, address):
    for listing in ("/cases/", "/experimenten/", "/leerroutes/"):  # their indexes are made once for all requests
        client.get(f"{listing}?jaar=onbekend")
    client.get("/zoeken/?q=onbekend")
    with django_assert_num_queries(PAGES[address]):
        response = client.get(address)
    assert response.status_code == 200


@pytest.mark.parametrize("address", PAGES)
def test_page_has_one_h1_a_title_and_headings_without_a_jump(client, world, address):
    text = client.get(address).text
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels
    assert re.search(r"<title>[^<]{10,}</title>", text)
    assert '<html lang="nl">' in text
    assert text.count("<main") == 1
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("address", ["/cases/x/", "/experimenten/x/", "/leerroutes/x/", "/organisaties/x/", "/x/"])
def test_unknown_slug_is_a_404_in_the_look_of_the_site(client, field, address):
    response = client.get(address)
    assert response.status_code == 404
    assert 'href="/cases/"' in response.text


CONCEPTS = {
    "case": "/cases/geheimzinnige-zaak/",
    "experiment": "/experimenten/geheimzinnige-zaak/",
    "qualification": "/experimenten/kwalificaties/geheimzinnige-zaak/",
    "route": "/leerroutes/geheimzinnige-zaak/",
    "participation": None,
    "offering": None,
}


@pytest.mark.parametrize("kind", CONCEPTS)
@pytest.mark.parametrize("planned", [False, True])
def test_concept_is_nowhere_in_public(client, request, world, make_organisation, kind, planned):
    """Not on any page, not in the sitemap, not in a 404, and neither is a school that only it names."""
    hidden = make_organisation("Geheim College")
    moment = timezone.now() + datetime.timedelta(days=1) if planned else None
    name = {"case": "title", "participation": "programme"}.get(kind, "name")
    values = {"slug": "geheimzinnige-zaak", name: "Geheimzinnige zaak", "published_at": moment}
    if kind == "participation":
        values |= {"organisation": hidden}
    concept = request.getfixturevalue(f"make_{kind}")(**values)
    if kind == "case":
        concept.lead_organisations.set([hidden])
        concept.experiments.set(Experiment.objects.all())
    if kind in {"qualification", "offering"}:
        concept.organisations.set([hidden])
    addresses = [*PAGES, "/cases/?q=geheimzinnig", "/sitemap.xml", "/organisaties/geheim-college/"]
    for address in [*addresses, *filter(None, [CONCEPTS[kind]])]:
        text = client.get(address).text.lower()
        assert "geheimzinnige" not in text, address
        assert "geheim college" not in text, address
    assert client.get("/organisaties/geheim-college/").status_code == 404
    if CONCEPTS[kind]:
        assert client.get(CONCEPTS[kind]).status_code == 404


def test_hidden_instrument_is_not_named_by_a_public_case(client, make_case, make_experiment):
    hidden = make_experiment("verborgen", name="Verborgen proef", published_at=None)
    case = make_case(experiments=[hidden.pk])
    for address in ("/cases/", case.get_absolute_url()):
        assert "Verborgen proef" not in client.get(address).text


def test_hidden_qualification_is_not_named_by_a_public_participation(client, make_participation, make_qualification):
    make_participation(qualification=make_qualification(name="Verborgen vak", published_at=None))
    for address in ("/experimenten/", "/experimenten/cross-over/", "/organisaties/roc-oost/"):
        text = client.get(address).text
        assert "Opleiding 1" in text
        assert "Verborgen vak" not in text


def test_case_shows_what_is_known_and_says_what_is_not(client, make_case, make_experiment, fallback):
    experiment = make_experiment(ends_on="2021-07-31", what_now="de gewone regels.")
    case = make_case(
        title="Robots in de zorg",
        sectors=[],
        sectors_unknown=True,
        first_year=None,
        first_year_unknown=True,
        experiments=[experiment.pk],
        uncertainty="Het startjaar is niet gevonden.",
        body="Een **sterk** verhaal.",
        other_partners="27 bedrijven",
    )
    text = client.get(case.get_absolute_url()).text
    for words in (
        "Robots in de zorg",
        "<strong>sterk</strong>",
        "onbekend",
        "27 bedrijven",
        "Het startjaar is niet gevonden.",
        "Dit experiment is afgelopen op 31 juli 2021.",
        "de gewone regels.",
        'href="https://krant.example/bericht"',
        "Overijssel",
        "Contactpunt",
    ):
        assert words in text, words


def test_case_shows_three_related_cases_the_nearest_first_with_the_reason(client, make_case, make_experiment):
    case = make_case(experiments=[make_experiment().pk], sectors=["groen"], title="Melkrobots")
    for number in range(4):
        make_case(title=f"Ver {number}")
    make_case(title="Dichtbij", experiments=[case.experiments.get().pk], sectors=["groen"])
    make_case(title="Niets gemeen", provinces=["fryslan"])
    (nearest, reason), *others = client.get(case.get_absolute_url()).context["related"]
    assert "Dichtbij" in nearest
    assert reason == "ook Cross-Over over groen"
    assert [why for _, why in others] == ["in Overijssel"] * 2
    word = make_case(title="Een melkrobot", provinces=[], nationwide=True, sectors=[], sectors_unknown=True)
    [(same_word, reason)] = client.get(word.get_absolute_url()).context["related"]
    assert "Melkrobots" in same_word
    assert reason == "over ‘melkrobot’"


def test_former_address_of_a_case_redirects(client, make_case):
    case = make_case()
    FormerSlug.objects.create(case=case, slug="oud-adres")
    response = client.get("/cases/oud-adres/")
    assert (response.status_code, response.url) == (301, case.get_absolute_url())
    case.published_at = None
    case.save()
    assert client.get("/cases/oud-adres/").status_code == 404


@pytest.mark.parametrize("address", ["/", "/doel-9/"])
def test_newest_cases_begin_with_the_newest_and_not_with_the_unknown(client, make_case, address):
    make_case(title="Onbekend", first_year=None, first_year_unknown=True)
    make_case(title="Oud", first_year=2012)
    make_case(title="Nieuw", first_year=2024)
    newest = client.get(address).context["newest"]
    assert [re.search(r">(\w+)</a>", card)[1] for card in newest] == ["Nieuw", "Oud", "Onbekend"]


def test_goal_shows_each_action_with_its_instruments(client, world):
    action = Action.objects.get()
    Experiment.objects.update(action=action)
    text = client.get("/doel-9/").text
    assert f'id="{action.slug}"' in text
    assert 'href="/experimenten/cross-over/"' in text
    assert "Bekijk alle" in text


def test_home_leads_to_every_region_and_sector_that_has_cases(client, world):
    text = client.get("/").text
    for region in Region.objects.filter(slug__in=["oost", "overijssel"]):
        assert f'href="/cases/?regio={region.slug}"' in text
    assert f'href="/cases/?sector={Sector.objects.get(pk="techniek").pk}"' in text
    assert 'href="/cases/?sector=groen"' not in text  # no case, so no way in
