"""What an editor does to many rows of a list at once: the page that says what would happen, and doing it."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Case
from publishing import actions
from publishing.actions import lacking_of, load
from publishing.admin import PublishableAdmin
from publishing.models import Version

LIST = "/beheer/cases/case/"
NOW, DAY = timezone.now(), timedelta(days=1)


def ask(client, action, *rows, address="", **extra):
    """Tick rows and choose an action: the page that says what would happen."""
    meta = rows[0]._meta if rows else Case._meta
    data = {"action": action, "_selected_action": [row.pk for row in rows]} | extra
    return client.post(address or f"/beheer/{meta.app_label}/{meta.model_name}/", data)


def press(client, page, button="run", **chosen):
    """Press a button of that page; returns the response and, of the page after it, the messages."""
    data = {"action": page.context["name"], "_selected_action": "0", "select_across": "1"}
    data |= {"plan": page.context["plan"], button: "ja"} | chosen
    response = client.post(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], data, follow=button == "run")
    return response, [str(each) for each in response.context.get("messages", ())]


def said(page):
    """{row: what the page says of it}"""
    return {row: outcome.words for row, outcome in page.context["rows"]}


@pytest.fixture
def stages(make_case):
    return {
        "concept": make_case(title="Concept", published_at=None),
        "beoordeling": make_case(title="Ter beoordeling", published_at=None, submitted_at=NOW),
        "gepland": make_case(title="Gepland", published_at=NOW + DAY),
        "gepubliceerd": make_case(title="Gepubliceerd", published_at=NOW - DAY),
        "archief": make_case(title="In het archief", published_at=NOW - 2 * DAY, unpublish_at=NOW - DAY),
        "kaal": make_case(title="Kaal", published_at=None, body="", provinces=()),
    }


INCOMPLETE = (
    "kan niet: Publiceren kan pas met minstens één provincie, of met ‘landelijk’. Publiceren kan pas met een tekst."
)
EXPECTED = {
    "publish": {
        "concept": ("wordt gepubliceerd", "gepubliceerd"),
        "beoordeling": ("wordt gepubliceerd", "gepubliceerd"),
        "gepland": ("stond gepland voor", "gepubliceerd"),
        "gepubliceerd": ("was al gepubliceerd: blijft zo", "gepubliceerd"),
        "archief": ("wordt weer gepubliceerd", "gepubliceerd"),
        "kaal": (INCOMPLETE, "concept"),
    },
    "submit": {
        "concept": ("gaat naar beoordeling", "ter beoordeling"),
        "beoordeling": ("was al ter beoordeling: blijft zo", "ter beoordeling"),
        "gepland": ("is gepland: blijft zo", "gepland"),
        "gepubliceerd": ("is gepubliceerd: blijft zo", "gepubliceerd"),
        "archief": ("is gearchiveerd: blijft zo", "gearchiveerd"),
        "kaal": (INCOMPLETE, "concept"),
    },
    "archive": {
        "concept": ("is niet gepubliceerd: blijft zo", "concept"),
        "beoordeling": ("is niet gepubliceerd: blijft zo", "ter beoordeling"),
        "gepland": ("stond gepland: wordt weer een concept", "concept"),
        "gepubliceerd": ("gaat naar het archief: lezers zien het niet meer", "gearchiveerd"),
        "archief": ("was al gearchiveerd: blijft zo", "gearchiveerd"),
        "kaal": ("is niet gepubliceerd: blijft zo", "concept"),
    },
    "withdraw": {
        "concept": ("was al concept: blijft zo", "concept"),
        "beoordeling": ("wordt weer een concept", "concept"),
        "gepland": ("wordt weer een concept", "concept"),
        "gepubliceerd": ("wordt weer een concept: lezers zien het niet meer", "concept"),
        "archief": ("wordt weer een concept", "concept"),
        "kaal": ("was al concept: blijft zo", "concept"),
    },
}


@pytest.mark.parametrize("action", EXPECTED)
def test_page_says_what_happens_to_each_row_and_then_it_does(client, make_editor, stages, action):
    chief = make_editor("eindredacteur")
    client.force_login(chief)
    before = list(Case.objects.values().order_by("pk"))
    page = ask(client, action, *stages.values())
    assert list(Case.objects.values().order_by("pk")) == before  # asking changes nothing
    words = said(page)
    for stage, (start, _) in EXPECTED[action].items():
        assert words[stages[stage]].startswith(start), stage
    assert all(text in page.text for text in words.values())
    changing = {row for row, outcome in page.context["rows"] if outcome.kind == "changes"}
    _, messages = press(client, page)
    rows = {stage: Case.objects.get(pk=row.pk) for stage, row in stages.items()}
    assert {stage: row.stage for stage, row in rows.items()} == {
        stage: after for stage, (_, after) in EXPECTED[action].items()
    }
    [message] = messages
    assert message.count(",") == len(changing) - 1
    kept = Version.objects.exclude(event=Version.Event.BASELINE)
    assert {int(version.object_id) for version in kept} == {row.pk for row in changing}
    assert set(kept.values_list("made_by", flat=True)) == {chief.pk}
    assert len(set(kept.values_list("batch", flat=True)) - {""}) == 1
    assert {int(entry.object_id) for entry in LogEntry.objects.all()} == {row.pk for row in changing}


def test_working_copy_takes_the_place_of_its_row(admin_client, make_case):
    case = make_case(title="Oud")
    admin_client.post(f"{LIST}{case.pk}/werkversie/")
    copy = Case.objects.get(replaces=case)
    Case.objects.filter(pk=copy.pk).update(title="Nieuw")
    page = ask(admin_client, "publish", case, copy)
    assert list(said(page).values()) == ["komt in plaats van de gepubliceerde tekst", "was al gepubliceerd: blijft zo"]
    press(admin_client, page)
    assert Case.objects.get().title == "Nieuw"


def test_working_copy_does_not_undo_unseen_what_was_changed_in_its_row(admin_client, make_case):
    case = make_case(place="Almelo")
    admin_client.post(f"{LIST}{case.pk}/werkversie/")
    copy = Case.objects.get(replaces=case)
    page = ask(admin_client, "publish", copy)
    Case.objects.filter(pk=case.pk).update(place="Deventer")
    _, messages = press(admin_client, page)
    assert messages == [f"Overgeslagen: {copy} (is intussen gewijzigd)."]
    assert said(ask(admin_client, "publish", copy))[copy].startswith("kan niet: De gepubliceerde tekst is intussen")
    assert Case.objects.get(pk=case.pk).place == "Deventer"


def test_row_that_someone_saved_meanwhile_is_skipped_and_named(admin_client, make_case):
    cases = [make_case(title=title, published_at=None) for title in ("Gelijk", "Gewijzigd", "Weg", "Bron")]
    page = ask(admin_client, "publish", *cases)
    Case.objects.filter(title="Gewijzigd").update(body="Van een collega.")
    cases[3].sources.update(title="Andere bron")
    cases[2].delete()
    _, messages = press(admin_client, page)
    skipped = "Bron (is intussen gewijzigd), Gewijzigd (is intussen gewijzigd), 1 die er niet meer is."
    assert messages == ["Gepubliceerd: Gelijk.", f"Overgeslagen: {skipped}"]
    assert Case.objects.published().get().title == "Gelijk"


def test_what_fails_after_all_takes_nothing_with_it(admin_client, make_case, monkeypatch):
    cases = [make_case(title=title, published_at=None) for title in ("Een", "Twee")]
    page = ask(admin_client, "publish", *cases)
    monkeypatch.setattr(Case, "lacking", lambda case: ["Er mist iets."] if case.title == "Een" else [])
    assert press(admin_client, page)[1] == ["Gepubliceerd: Twee.", "Overgeslagen: Een (Er mist iets.)."]


def test_all_pages_of_a_filtered_list_are_taken(admin_client, make_case, monkeypatch):
    monkeypatch.setattr(PublishableAdmin, "list_per_page", 2)
    for number in range(8):
        make_case(published_at=NOW if number < 3 else None)
    page = ask(admin_client, "publish", address=f"{LIST}?stand=concept", select_across="1", _selected_action="1")
    assert page.context["counts"] == {"changes": 5, "stays": 0, "skipped": 0}
    press(admin_client, page)
    assert Case.objects.published().count() == 8
    assert len(set(Version.objects.filter(event="publicatie").values_list("batch", flat=True))) == 1


def test_page_costs_the_same_queries_with_more_rows(admin_client, make_case, django_assert_max_num_queries):
    def cost(rows):
        with CaptureQueriesContext(connection) as queries:
            assert ask(admin_client, "publish", *rows).context["counts"]["changes"] == len(rows)
        return len(queries)

    cases = [make_case(published_at=None, levels=[3]) for _ in range(10)]
    assert cost(cases[:3]) == cost(cases) == 26


@pytest.mark.parametrize("made_by", ["make_case", "make_participation", "make_offering", "make_qualification"])
def test_what_is_lacking_is_the_same_for_many_rows_as_for_one(request, made_by):
    make = request.getfixturevalue(made_by)
    rows = (
        [make(slug="a", published_at=None), make(slug="b", published_at=None, unpublish_at=NOW - DAY)]
        if (made_by != "make_qualification")
        else [make(slug="a"), make(slug="b", published_at=None)]
    )
    if made_by == "make_case":
        rows += [
            make(published_at=None, summary="", body="", first_year=None),
            make(published_at=None, last_year=2018, provinces=(), sectors=(), first_year_unknown=False),
            make(published_at=NOW - 2 * DAY, unpublish_at=NOW - DAY),
        ]
    model = type(rows[0])
    found = lacking_of(load(model.objects.all(), [row.pk for row in rows]).values())
    assert found == {row.pk: model.objects.get(pk=row.pk).lacking() for row in rows}
    assert any(found.values())


def test_more_rows_than_can_be_done_are_refused(admin_client, make_case, monkeypatch):
    monkeypatch.setattr(actions, "MOST", 2)
    page = ask(admin_client, "publish", *(make_case(published_at=None) for _ in range(3)))
    assert page.status_code == 302
    assert "hoogstens 2 rijen" in admin_client.get(LIST).text


@pytest.mark.parametrize("plan", ["", "onzin", "eyJhIjoxfQ:1abc:def"])
def test_plan_that_was_tampered_with_does_nothing(admin_client, make_case, plan):
    page = ask(admin_client, "publish", make_case(published_at=None))
    _, messages = press(admin_client, page, plan=plan)
    assert messages == ["Er is niets gedaan: kies de rijen nog eens."]
    assert not Case.objects.published().exists()


def test_plan_of_someone_else_or_of_another_action_does_nothing(admin_client, client, make_editor, make_case):
    case = make_case(published_at=None)
    page = ask(admin_client, "publish", case)
    press(admin_client, page, action="withdraw")
    client.force_login(make_editor("eindredacteur"))
    press(client, page)
    assert not Case.objects.published().exists()


def test_nothing_to_do_has_no_button(admin_client, make_case):
    page = ask(admin_client, "publish", make_case(published_at=NOW - DAY))
    assert "Uitvoeren" not in page.text
    assert press(admin_client, page)[1] == ["Er is niets veranderd."]


# ---- Who may


def test_redacteur_sends_to_review_what_is_in_the_own_landsdeel(client, make_editor, make_case):
    client.force_login(make_editor("redacteur", "oost"))
    ours, theirs = make_case(published_at=None), make_case(published_at=None, provinces=["fryslan"])
    page = ask(client, "submit", ours, theirs)
    assert list(said(page)) == [ours]
    press(client, page)
    assert list(Case.objects.awaiting_review()) == [ours]


def test_redacteur_does_not_change_what_readers_see(client, make_editor, make_case):
    client.force_login(make_editor("redacteur", "oost"))
    case = make_case(published_at=NOW - DAY)
    page = press(client, ask(client, "choose_sectors", case), "show", sectors=["groen"], how="erbij")[0]
    assert said(page) == {case: "mag u niet: lezers zien deze tekst. Maak een werkversie."}
    press(client, page)
    assert list(case.sectors.values_list("pk", flat=True)) == ["techniek"]


@pytest.mark.parametrize("action", ["publish", "archive", "withdraw"])
def test_redacteur_has_no_action_that_publishes(client, make_editor, make_case, action):
    client.force_login(make_editor("redacteur", "oost"))
    rows = [make_case(published_at=None), make_case(published_at=NOW - DAY)]
    assert ask(client, action, *rows).status_code == 302
    assert f'value="{action}"' not in client.get(LIST).text
    assert [Case.objects.get(pk=row.pk).stage for row in rows] == ["concept", "gepubliceerd"]


# ---- Sectors, experiments, routes


def test_choice_is_made_first(admin_client, make_case):
    page = ask(admin_client, "choose_sectors", make_case())
    assert "Toon wat er gebeurt" in page.text
    assert "Uitvoeren" not in page.text
    page = press(admin_client, page, "show", how="erbij")[0]
    assert page.context["form"].errors == {"sectors": ["Dit veld is verplicht."]}
    assert "Uitvoeren" not in page.text
    assert press(admin_client, page)[1] == ["Er is niets gedaan: kies de rijen nog eens."]


@pytest.mark.parametrize(
    ("how", "said_of_both", "after"),
    [
        ("erbij", ["krijgt sector Groen erbij", "heeft dit al: blijft zo"], ["groen", "techniek"]),
        (
            "in plaats van",
            ["krijgt sector Groen erbij; sector Techniek gaat eraf", "heeft dit al: blijft zo"],
            ["groen"],
        ),
    ],
)
def test_sector_is_added_or_put_in_place_of_the_others(admin_client, make_case, how, said_of_both, after):
    cases = [make_case(title="A"), make_case(title="B", sectors=["groen"])]
    page = press(admin_client, ask(admin_client, "choose_sectors", *cases), "show", sectors=["groen"], how=how)[0]
    assert list(said(page).values()) == said_of_both
    _, messages = press(admin_client, page)
    assert messages == ["Sector gewijzigd: A."]
    assert sorted(cases[0].sectors.values_list("pk", flat=True)) == after
    version = Version.objects.get(event=Version.Event.CHANGED)
    assert (version.object_id, version.rows[0]["fields"]["sectors"]) == (str(cases[0].pk), after)
    assert version.comment == f"K{said_of_both[0][1:]}."


def test_known_sector_is_no_longer_unknown(admin_client, make_case):
    case = make_case(sectors=[], sectors_unknown=True)
    page = press(admin_client, ask(admin_client, "choose_sectors", case), "show", sectors=["groen"], how="erbij")[0]
    assert said(page) == {case: "krijgt sector Groen erbij; ‘sector onbekend’ gaat uit"}
    press(admin_client, page)
    assert Case.objects.get(sectors="groen").sectors_unknown is False


def test_sector_that_the_rules_refuse_is_not_set(admin_client, make_case, make_route):
    case = make_case(routes=[make_route("technologieroute").pk])
    chosen = {"sectors": ["zorg-en-welzijn"], "how": "in plaats van"}
    page = press(admin_client, ask(admin_client, "choose_sectors", case), "show", **chosen)[0]
    assert said(page) == {case: "kan niet: De naam technologieroute is alleen voor techniek en groen."}


def test_experiment_and_route_are_added(admin_client, make_case, make_experiment, make_route):
    experiment, route = make_experiment("bol-bbl", name="Bol-bbl"), make_route(name="Vakmanschaproute")
    care = make_case(title="Zorg", sectors=["zorg-en-welzijn"])
    page = ask(admin_client, "add_instruments", care)
    page = press(admin_client, page, "show")[0]
    assert "Kies minstens één experiment of leerroute." in page.text
    page = press(admin_client, page, "show", experiments=[experiment.pk], routes=[route.pk])[0]
    assert said(page) == {care: "krijgt experiment Bol-bbl erbij; krijgt leerroute Vakmanschaproute erbij"}
    press(admin_client, page)
    assert (care.experiments.get(), care.routes.get()) == (experiment, route)


def test_deleting_many_keeps_their_versions(admin_client, make_case):
    cases = [make_case(published_at=None) for _ in range(2)]
    ask(admin_client, "delete_selected", *cases, post="yes")
    assert Version.objects.filter(event=Version.Event.DELETED).count() == 2
