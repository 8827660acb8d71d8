"""What visitors hand in: a case of their own, and what is wrong in one."""

import time

import pytest
from django.core import mail
from django.utils import timezone

from cases.models import Case, Remark, Submission
from contacts.forms import STAMP
from publishing.models import Version

ADDRESS = "/case-aanmelden/"


def filled_in(**values):
    """What a person posts: the form was opened a minute ago."""
    return {
        "title": "Robots in de kas",
        "organisation": "roc oost",
        "summary": "Leerlingen bouwen robots voor tuinders.",
        "body": "Zij doen dat *elke week*.",
        "provinces": ["gelderland"],
        "sectors": ["techniek"],
        "first_year": "2019",
        "source_title": "Krant",
        "source_url": "https://krant.example/robots",
        "stamp": STAMP.sign(str(int(time.time()) - 60)),
    } | values


@pytest.fixture
def send(client, field):
    from programme.models import Region

    keys = dict(Region.objects.values_list("slug", "pk"))

    def post(**values):
        data = filled_in(**values)
        return client.post(ADDRESS, data | {"provinces": [keys[slug] for slug in data["provinces"]]})

    return post


def test_case_handed_in_takes_no_address_of_a_working_copy(client, send, make_case, make_editor):
    case = make_case()
    send(title=f"Werkversie {case.pk}")
    client.force_login(make_editor("eindredacteur"))
    assert client.post(f"/beheer/cases/case/{case.pk}/werkversie/").status_code == 302
    assert case.working_copy.slug == f"werkversie-{case.pk}"


def test_two_cases_of_one_name_handed_in_at_once_are_both_kept(send, monkeypatch):
    free = iter(["robots", "robots", "robots-2"])  # the second looks before the first is stored
    monkeypatch.setattr(type(Case.objects.all()), "free_slug", lambda *args: next(free))
    send()
    assert send(body="Een ander verhaal.").status_code == 302
    assert [*Case.objects.values_list("slug", flat=True).order_by("slug")] == ["robots", "robots-2"]


def test_case_sent_again_after_going_back_is_kept_and_confirmed_once(send):
    for _ in range(2):
        assert send(email="els@school.example").status_code == 302
    assert (Case.objects.count(), len(mail.outbox)) == (1, 1)


def test_case_handed_in_is_a_concept_for_the_editors(client, send, make_organisation, make_editor):
    make_organisation()
    response = send(email="els@school.example", sender="Els")
    assert (response.status_code, response.url) == (302, f"{ADDRESS}?verzonden=1")
    case = Case.objects.get()
    assert (case.stage, case.slug, case.first_year) == ("concept", "robots-in-de-kas", 2019)
    assert [str(each) for each in case.lead_organisations.all()] == ["ROC Oost"]
    assert [source.url for source in case.sources.all()] == ["https://krant.example/robots"]
    assert case.lacking() == []
    assert Version.objects.of(case).get().comment == "Aangemeld op de site."
    assert "ontvangen" in client.get(response.url).text
    assert client.get("/cases/robots-in-de-kas/").status_code == 404
    for landsdeel, found in (("oost", 200), ("noord", 404)):
        client.force_login(make_editor("redacteur", landsdeel, name=landsdeel))
        assert client.get(f"/beheer/cases/case/{case.pk}/change/").status_code == found


def test_receipt_is_confirmed_without_a_word_of_the_sender(send):
    send(email="els@school.example", title="Koop nu")
    assert [message.to for message in mail.outbox] == [["els@school.example"]]
    assert "Koop nu" not in mail.outbox[0].body + mail.outbox[0].subject


def test_likely_duplicates_and_unknown_organisation_are_named_for_the_editor(send, make_case):
    make_case(title="Robots in de kas!", slug="robots-in-de-kas")
    send(organisation="Tuindersschool")
    case = Case.objects.get(slug="robots-in-de-kas-2")
    assert "Lijkt op: Robots in de kas! (/cases/robots-in-de-kas/)" in case.editor_note
    assert "Trekker volgens de inzender: Tuindersschool." in case.editor_note
    assert not case.lead_organisations.exists()


def test_preview_shows_the_text_and_stores_nothing(send):
    page = send(_preview="1").text
    assert "<em>elke week</em>" in page
    assert "Leerlingen bouwen robots" in page
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"title": ""}, "Vul een titel in."),
        ({"organisation": " "}, "Vul in welke organisatie dit trekt."),
        ({"provinces": []}, "Kies een provincie, of vink aan dat het in het hele land is."),
        ({"body": "a" * 20_001}, "Maak hem korter"),
        ({"first_year": "vorig"}, "Voer een geheel getal in."),
        ({"first_year": "1066"}, "Vul een jaar in tussen 1990 en 2100."),
        ({"first_year": "2020", "last_year": "2019"}, "Het laatste jaar ligt vóór het eerste jaar."),
        ({"source_url": "javascript:alert(1)"}, "Vul een webadres in zoals"),
        ({"email": "els"}, "Vul een e-mailadres in zoals"),
        ({"title": "Een\0twee"}, "Null-tekens zijn niet toegestaan."),
        ({"sectors": ["ruimtevaart"]}, "ruimtevaart"),
    ],
)
def test_wrong_case_is_refused_in_dutch_and_keeps_what_was_typed(send, wrong, message):
    response = send(**{"summary": "Zeker bewaren"} | wrong)
    assert response.status_code == 200
    assert message in response.text
    assert "Zeker bewaren" in response.text
    assert not Case.objects.exists()


def test_robot_gets_the_same_thanks_and_no_mail(send):
    assert send(homepage="https://spam.example", email="els@school.example").status_code == 302
    assert Submission.objects.get().is_spam
    assert not mail.outbox


def test_too_many_cases_from_one_network_wait(send):
    codes = [send(title=f"Case {number}").status_code for number in range(11)]
    assert codes == [302] * 10 + [429]


def test_remark_knows_its_case_and_lands_with_the_editors_of_the_region(client, make_case, make_editor):
    case = make_case(slug="robot")
    assert 'href="/case-verbeteren/robot/"' in client.get("/cases/robot/").text
    data = {"text": "Het begon in 2017.", "stamp": STAMP.sign(str(int(time.time()) - 60))}
    response = client.post("/case-verbeteren/robot/", data)
    assert "Uw opmerking is ontvangen" in client.get(response.url).text
    remark = Remark.objects.get()
    assert (remark.case, remark.is_spam) == (case, False)
    for landsdeel, found in (("oost", True), ("noord", False)):
        client.force_login(make_editor("redacteur", landsdeel, name=landsdeel))
        assert ("Het begon in 2017." in client.get("/beheer/cases/remark/").text) == found


def test_empty_remark_is_refused(client, make_case):
    make_case(slug="robot")
    assert "Schrijf wat er niet klopt." in client.post("/case-verbeteren/robot/", {"email": "x"}).text
    assert not Remark.objects.exists()


def test_remark_on_a_concept_is_a_404(client, make_case):
    make_case(slug="robot", published_at=None)
    assert client.get("/case-verbeteren/robot/").status_code == 404


def test_remark_is_marked_as_handled(admin_client, make_case):
    remark = Remark.objects.create(case=make_case(), text="Fout")
    data = {"action": "mark_handled", "_selected_action": [remark.pk]}
    admin_client.post("/beheer/cases/remark/", data)
    remark.refresh_from_db()
    assert remark.handled_at <= timezone.now()


@pytest.mark.parametrize("name", ["provinces", "levels", "experiments"])
def test_key_that_cannot_be_is_refused(client, field, name):
    response = client.post(ADDRESS, filled_in(**{name: ["9" * 23]}))
    assert response.context["form"].errors[name]
