"""The start page of the admin: what there is to do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Remark, Submission
from contacts.models import Contact, Message
from publishing import workflow
from publishing.models import Link


@pytest.fixture
def desk(client):
    def show(user):
        client.force_login(user)
        return {task.title: task for task in client.get("/beheer/").context["tasks"]}

    return show


def test_desk_of_a_redacteur_says_what_came_back_and_what_is_not_ready(desk, make_editor, make_case):
    me, other = make_editor("redacteur", "oost"), make_editor("eindredacteur")
    make_case(title="Teruggekomen", published_at=None, author=me, review_comment="Noem een bron.")
    make_case(title="Mijn begin", published_at=None, author=me)
    make_case(title="Andermans begin", published_at=None, author=other)
    make_case(title="Wacht", published_at=None, author=me, submitted_at=timezone.now())
    found = {title: [line.label for line in task.lines] for title, task in desk(me).items()}
    assert found.pop("Nog geen case in uw werkgebied") == ["Overijssel", "Gelderland"]
    assert found == {
        "Naar u teruggestuurd": ["Teruggekomen"],
        "Uw concepten": ["Mijn begin"],
        "Uw teksten ter beoordeling": ["Wacht"],
    }
    assert desk(me)["Naar u teruggestuurd"].lines[0].note == "Noem een bron."
    workflow.start_copy(make_case(), me)
    assert "werkversie" in [line.note for line in desk(me)["Uw concepten"].lines]


def test_desk_of_an_eindredacteur_says_what_waits_and_what_is_planned(desk, make_editor, make_case, make_participation):
    rita = make_editor("redacteur", name="rita")
    make_case(title="Wacht", published_at=None, submitted_at=timezone.now(), author=rita)
    make_participation(programme="Wacht ook", published_at=None, submitted_at=timezone.now())
    make_case(title="Morgen", published_at=timezone.now() + timedelta(days=1))
    found = desk(make_editor("eindredacteur"))
    assert {title: task.total for title, task in found.items()} == {"Wacht op uw beoordeling": 2, "Gepland": 1}
    assert {line.note.split("sinds")[0] for line in found["Wacht op uw beoordeling"].lines} == {"door rita, ", ""}


def test_desk_with_many_rows_shows_a_few_and_leads_to_all(desk, make_editor, make_case):
    me = make_editor("redacteur", "oost")
    for _ in range(8):
        make_case(published_at=None, author=me)
    task = desk(me)["Uw concepten"]
    assert (task.total, len(task.lines)) == (8, 5)
    assert [(line.label, line.url) for line in task.more] == [("Alle cases", "/beheer/cases/case/?stand=mijn")]


def test_desk_costs_the_same_queries_with_more_rows(
    client, make_editor, make_case, make_participation, make_organisation
):
    me = make_editor("eindredacteur")
    client.force_login(me)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/beheer/").status_code == 200
        return len(queries)

    def more(name, many=6):
        for number in range(many):
            make_case(published_at=None, author=me, submitted_at=timezone.now())
            values = {"published_at": None, "organisation": make_organisation(f"{name} {number}")}
            make_participation(submitted_at=timezone.now(), **values)

    more("ROC")
    few = cost()
    more("AOC")
    assert cost() == few


def test_desk_names_what_visitors_sent(desk, make_editor, make_case):
    handed_in = make_case(title="Aangemeld", published_at=None)
    Submission.objects.create(case=handed_in, organisation="ROC Oost")
    Remark.objects.create(case=make_case(title="Fout jaar"), text="Het begon in 2017.")
    Remark.objects.create(case=make_case(provinces=["fryslan"]), text="In een ander landsdeel.")
    found = desk(make_editor("redacteur", "oost"))
    assert [line.label for line in found["Aangemeld op de site"].lines] == ["Aangemeld"]
    assert [line.note for line in found["Lezers zeggen dat iets niet klopt"].lines] == ["Het begon in 2017."]


def test_desk_names_messages_that_nobody_got(desk, make_editor, fallback):
    sent = {"contact": fallback, "name": "Piet", "email": "piet@school.example"}
    Message.objects.create(text="Komt niet aan", mail_error="opgehangen", **sent)
    Message.objects.create(text="Gelezen", mailed_to="redactie@example.nl", **sent)
    [line] = desk(make_editor("eindredacteur"))["Berichten die niet gemaild zijn"].lines
    assert (line.label, line.note) == ("Bericht van Piet", "Komt niet aan")
    assert "Berichten die niet gemaild zijn" not in desk(make_editor("redacteur"))


def test_desk_names_what_grows_old(desk, make_editor, make_case):
    long_ago = timezone.now() - timedelta(days=800)
    make_case(title="Oud", published_at=long_ago)
    case = make_case(title="Dode bron")
    Link.objects.create(url="https://krant.example/weg", failures=3)
    case.sources.create(title="Weg", url="https://krant.example/weg")
    Contact.objects.create(
        slug="loket", name="Loket", valid_until=timezone.localdate(), checked_on=timezone.localdate()
    )
    found = {
        title: (task.lines[0].label, task.lines[0].note) for title, task in desk(make_editor("eindredacteur")).items()
    }
    assert found["Klopt dit nog? Kijk het zelf na"] == ("Oud", "geen adres bekend")
    assert found["Links die niet meer werken"] == ("Dode bron", "https://krant.example/weg")
    assert found["Contacten die verlopen"][0] == "Loket"
