"""What helps an editor who writes: hints, an example of the Markdown, likely duplicates, provinces of a place."""

import pytest
from django.urls import reverse
from test_admin import inline

from programme.models import Organisation, Region
from publishing.plain import hints

CASES = "/beheer/cases/case/schrijfhulp"
DUPLICATES, PROVINCES = f"{CASES}/dubbel/", f"{CASES}/provincie/"
LIKE = "/beheer/programme/organisation/schrijfhulp/lijkt-op/"
PREVIEW, HINTS = "/beheer/schrijfhulp/voorbeeld/", "/beheer/schrijfhulp/taal/"
ADDRESSES = {DUPLICATES: "get", PROVINCES: "get", LIKE: "get", PREVIEW: "post", HINTS: "post"}


@pytest.fixture
def editor(client, make_editor):
    client.force_login(make_editor("redacteur", "oost"))
    return client


def texts(response):
    return " ".join(response.content.decode().split())


# ---- the rules of plain language


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Middels loting, en tevens conform de wet.", [("middels", "met"), ("tevens", "ook"), ("conform", "volgens")]),
        ("Dit dient te gebeuren in het kader van de wet.", [("dient te", "moet"), ("in het kader van", "voor")]),
        ("Het ROC faciliteert dit en heeft het geïmplementeerd.", [("faciliteert", "mogelijk maken")]),
        ("Inzakelijk, tevenstijds, een bemiddelaar.", []),
    ],
)
def test_stiff_words_are_named_with_a_plain_one(text, said):
    assert hints(text)["stiff"] == said


def test_only_a_sentence_of_more_than_twenty_words_is_long():
    twenty = "Woord" + " woord" * 19
    assert hints(f"{twenty}.")["long"] == []
    assert hints(f"Kort. {twenty} woord. Kort.")["long"] == [f"{twenty} woord."]


def test_items_headings_and_links_are_no_long_sentence():
    text = (
        "### Kop\r\n" + "- zeven woorden staan er in dit punt\r\n" * 4 + "\r\n[site](https://school.example/een/lang)"
    )
    assert hints(text)["long"] == []
    assert hints("[a b](https://x.example) **c**, o.a. 2.500 bbl'ers.")["words"] == 6


def test_nothing_is_said_of_nothing():
    assert hints("") == {"characters": 0, "words": 0, "long": [], "longest": 20, "stiff": []}
    assert hints("[" * 50_000)["words"] == 0  # at once: no pattern goes through the text again and again


# ---- who may ask


@pytest.mark.parametrize(("address", "method"), ADDRESSES.items())
def test_help_is_for_who_may_write(client, make_editor, django_user_model, address, method):
    ask = getattr(client, method)
    assert ask(address).url == f"{reverse('admin:login')}?next={address}"
    client.force_login(make_editor("redacteur"))
    assert ask(address).status_code == 200
    assert getattr(client, "post" if method == "get" else "get")(address).status_code == 405
    client.force_login(django_user_model.objects.create_user("stagiair", is_staff=True))
    assert ask(address).status_code == (403 if method == "get" else 200)  # of a text only what is in that text


@pytest.mark.parametrize(("address", "method"), ADDRESSES.items())
def test_odd_questions_are_no_error(editor, address, method):
    names = ("title", "own", "first_year", "lead_organisations", "place", "provinces", "name", "text", "most")
    for odd in ("", "\0", "x" * 60_000, "9" * 40, "٣", "<script>"):
        response = getattr(editor, method)(address, dict.fromkeys(names, odd))
        assert response.status_code in {200, 400}
        assert b"<script>" not in response.content


# ---- likely duplicates


def test_title_that_looks_like_another_is_named(editor, make_case, django_assert_num_queries):
    own = make_case(title="Zorgrobots in Zwolle", slug="a")
    for number in range(3):
        make_case(title="Zorgrobots te Zwolle", slug=f"b-{number}", first_year=2016 + number, published_at=None)
    with django_assert_num_queries(12):
        said = texts(editor.get(DUPLICATES, {"title": "Zorgrobots in Zwolle"}))
    assert said.count(">Zorgrobots te Zwolle</a> (concept)") == 3
    asked = {"title": "Zorgrobots in Zwolle", "first_year": "2017", "lead_organisations": Organisation.objects.get().pk}
    assert texts(editor.get(DUPLICATES, asked | {"own": own.pk})).count("</a>") == 1
    assert texts(editor.get(DUPLICATES, {"title": "Iets anders"})) == ""


def test_duplicate_leads_to_where_the_editor_may_come(editor, make_case):
    title = {"title": "Zorgrobots in Zwolle"}
    public = make_case(provinces=["fryslan"], **title)
    assert f'href="{public.get_absolute_url()}"' in texts(editor.get(DUPLICATES, title))
    public.published_at = None
    public.save()
    said = texts(editor.get(DUPLICATES, title))
    assert "Lijkt op: een concept in een ander werkgebied." in said
    assert title["title"] not in said


def test_case_that_was_added_without_scripts_is_compared_too(editor, make_case):
    make_case(title="Zorgrobots in Zwolle")
    data = {"title": "Zorgrobots in Zwolle", "slug": "nieuw", "summary": "Zin.", "body": "Tekst."}
    data |= {"lead_organisations": [Organisation.objects.get().pk], "first_year": 2016}
    data |= {"provinces": [Region.objects.get(slug="overijssel").pk]}
    for prefix in ("sources", "images", "former_slugs", "submission"):
        data |= inline(prefix)
    page = editor.post("/beheer/cases/case/add/", data, follow=True)
    assert "Lijkt op:" in texts(page)
    assert "Toegevoegd (case)" in texts(page)


# ---- provinces, organisations


def test_provinces_are_those_of_organisations_and_cases_in_that_place(
    editor, make_case, make_organisation, django_assert_num_queries
):
    gelderland, overijssel = Region.objects.filter(slug__in=["gelderland", "overijssel"]).order_by("name")
    make_organisation("School", place="Deventer", province=overijssel)
    make_case(place="Zutphen", provinces=["gelderland"])
    make_case(place="Zutphen", provinces=["overijssel", "fryslan"])  # does not say in which of the two
    make_case(place="Zutphen", provinces=["fryslan"], published_at=None)
    with django_assert_num_queries(5):
        assert f'data-value="{overijssel.pk}"' in texts(editor.get(PROVINCES, {"place": " deventer "}))
    said = texts(editor.get(PROVINCES, {"place": "Zutphen"}))
    assert said.count("<button") == 1
    assert "Gelderland kiezen" in said
    chosen = editor.get(PROVINCES, {"place": "Zutphen", "provinces": [gelderland.pk]})
    assert texts(chosen) == "Gelderland is gekozen."
    assert texts(editor.get(PROVINCES, {"place": "Nergens"})) == ""


@pytest.mark.parametrize("name", ["roc Twente", "ROC-van-Twente", "Twentecollege"])
def test_organisation_with_almost_the_same_name_is_named(editor, make_organisation, django_assert_num_queries, name):
    twente = make_organisation("ROC van Twente", place="Hengelo", former_names="Twents lyceum, Twente College")
    with django_assert_num_queries(5):
        assert "Bestaat al: ROC van Twente (Hengelo)." in texts(editor.get(LIKE, {"name": name}))
    assert texts(editor.get(LIKE, {"name": name, "own": twente.pk})) == ""
    assert texts(editor.get(LIKE, {"name": "ROC van Amsterdam"})) == ""


def test_popup_for_an_organisation_is_short_and_gives_the_new_one_back(editor, make_organisation):
    make_organisation("ROC van Twente")
    address = "/beheer/programme/organisation/add/?_popup=1"
    form = editor.get(address).context["adminform"].form
    assert list(form.fields) == ["name", "kind", "place", "province", "slug"]
    assert 'id="add_id_lead_organisations"' in texts(editor.get("/beheer/cases/case/add/"))
    data = {"name": "ROC Twente", "slug": "roc-twente", "kind": "mbo", "_popup": "1"}
    said = texts(editor.post(address, data | {"name": "ROC van Twente", "slug": "ROC Twente"}))
    assert "Dit is al in gebruik. Zoek op wat er al is, of kies iets anders." in said
    assert said.count("letters zonder accent, zoals in roc-van-twente.") == 2  # in the list and at the field
    assert "U hoeft het niet te wijzigen." in said
    assert b"ROC Twente" in editor.post(address, data).content
    assert "lijkt op ROC van Twente" in texts(editor.get("/beheer/cases/case/add/"))


# ---- texts


def test_preview_is_the_text_as_readers_see_it(editor):
    said = editor.post(PREVIEW, {"text": "# Kop\n\n**vet** <b>x</b> [a](javascript:x)"}).content.decode()
    assert "<h3>Kop</h3>" in said
    assert "<strong>vet</strong> &lt;b&gt;" in said
    assert "href" not in said
    too_long = editor.post(PREVIEW, {"text": "x" * 50_001})
    assert (too_long.status_code, "meer dan 50.000 tekens" in texts(too_long)) == (400, True)


def test_hints_are_there_without_scripts_too(editor, make_case):
    case = make_case(summary="Dit is tevens een zin.", published_at=None)
    page = texts(editor.get(f"/beheer/cases/case/{case.pk}/change/"))
    assert "22 van 600 tekens, 5 woorden" in page
    assert "‘ook’ voor ‘tevens’." in page
    assert page.count("Zo maakt u een kop, lijst of link") == 1
    assert "22 van 600 tekens" in texts(editor.post(HINTS, {"text": case.summary, "most": "600"}))
