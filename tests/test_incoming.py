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


def test_case_sent_again_after_going_back_is_kept_and_confirmed_once(client, send):
    responses = [send(email="els@school.example") for _ in range(2)]
    assert (Case.objects.count(), len(mail.outbox)) == (1, 1)
    said = [client.get(response.url).text for response in responses]
    assert ["hadden wij al" in text for text in said] == [False, True]
    assert ["mailen u een bevestiging" in text for text in said] == [True, False]
    send(email="els@school.example", sectors=["techniek", "groen"])  # 'back', and a box more
    assert Case.objects.count() == 2


@pytest.mark.parametrize("token", ["1", "é:", "eyJ0aXRsZSI6IlgifQ:1xWT8p:verzonnen"])
def test_nobody_is_thanked_for_what_was_not_sent(client, field, token):
    page = client.get(ADDRESS, {"verzonden": token})
    assert page.status_code == 200
    assert "ontvangen" not in page.text
    assert "Verstuur uw case" in page.text


def test_case_handed_in_is_a_concept_for_the_editors(client, send, make_organisation, make_editor):
    make_organisation()
    response = send(email="els@school.example", sender="Els")
    assert response.status_code == 302
    case = Case.objects.get()
    assert (case.stage, case.slug, case.first_year) == ("concept", "robots-in-de-kas", 2019)
    assert [str(each) for each in case.lead_organisations.all()] == ["ROC Oost"]
    assert [source.url for source in case.sources.all()] == ["https://krant.example/robots"]
    assert case.lacking() == []
    assert Version.objects.of(case).get().comment == "Aangemeld op de site."
    assert "Uw case ‘Robots in de kas’ is ontvangen" in client.get(response.url).text
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


def test_preview_shows_all_and_stores_nothing(send, make_experiment, make_route):
    ended = make_experiment(name="Oude regeling", ends_on="2020-07-31")
    chosen = {"levels": [3], "experiments": [ended.pk], "routes": [make_route(name="Groene route").pk]}
    page = send(_preview="1", other_partners="Bakker\r\nGemeente", sender="Els", nationwide="on", **chosen)
    text = page.text.partition("<form")[0]
    for each in ("<em>elke week</em>", "Leerlingen bouwen robots", "Bakker<br>Gemeente", "Niveau 3", "Hele land"):
        assert each in text
    for each in ("Oude regeling", "Groene route", "Els"):
        assert each in text
    assert "Oude regeling (afgelopen)" in page.text
    assert page.text.index('name="_preview"') < page.text.index("Verstuur uw case")  # what Enter presses
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"title": ""}, "Vul een titel in."),
        ({"organisation": " "}, "Vul in welke organisatie dit trekt."),
        ({"provinces": []}, "Kies een provincie, of vink aan dat het in het hele land is."),
        ({"body": "a" * 24_499}, "dit zijn 24.499 tekens. Maak het niet langer dan 20.000."),
        ({"title": "a" * 201}, "‘Hoe heet de case?’: dit zijn 201 tekens. Maak het niet langer dan 200."),
        ({"first_year": "vorig"}, "Voer een geheel getal in."),
        ({"first_year": "1066"}, "Vul een jaar in tussen 1990 en 2100."),
        ({"source_url": "javascript:alert(1)"}, "Vul een webadres in zoals"),
        ({"email": f"els@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.nl"}, "niet langer dan 254."),
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


def test_years_the_wrong_way_round_are_a_fault_of_the_last(send):
    errors = send(first_year="2020", last_year="2019").context["form"].errors
    assert errors == {"last_year": ["Het laatste jaar ligt vóór het eerste jaar."]}


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
    thanks = client.get(response.url).text
    assert "Uw opmerking is ontvangen" in thanks
    assert "Klopt er iets niet?" not in thanks.partition("<h1")[2]
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
