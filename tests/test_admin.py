import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, FormerSlug
from contacts.models import Contact, Message
from discovery.models import Synonym
from experiments.models import Domain, Qualification
from programme.models import Goal, Organisation, Region
from publishing import versions
from publishing.models import Version
from routes.models import RouteOffering

ADD = "/beheer/cases/case/add/"


def inline(prefix, *rows, initial=0):
    """The management form of an inline and its rows."""
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    return data | {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


def as_posted(form, **changes):
    """What a browser sends back for an admin form on which an editor changed `changes`."""
    data = {}
    for field in form:
        value = field.value()
        if field.name in {"published_at", "unpublish_at"}:
            moment = value and timezone.localtime(value)
            data[f"{field.name}_0"] = moment.strftime("%Y-%m-%d") if moment else ""
            data[f"{field.name}_1"] = moment.strftime("%H:%M:%S") if moment else ""
        elif isinstance(value, list):
            data[field.name] = [getattr(each, "pk", each) for each in value]
        elif value not in (None, False):
            data[field.name] = value
    return data | changes


PUBLISH = {"published_at_0": "2026-01-02", "published_at_1": "12:00:00"}


def change(client, row, *inlines, **changes):
    """Open the page of a row in the admin, change something and save."""
    address = f"/beheer/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"
    page = client.get(address)
    data = as_posted(page.context["adminform"].form, **{"_seen": page.context.get("seen", "")} | changes)
    for formset in (each.formset for each in page.context["inline_admin_formsets"]):
        rows = [{field.name: field.value() or "" for field in form} for form in formset.initial_forms]
        data |= inline(formset.prefix, *rows, initial=len(rows))
    for each in inlines:
        data |= each
    return client.post(address, data)


def act(client, action, *rows, follow=True, **extra):
    """Tick rows in a list of the admin and choose an action; returns the messages too."""
    meta = rows[0]._meta
    data = {"action": action, "_selected_action": [row.pk for row in rows]} | extra
    response = client.post(f"/beheer/{meta.app_label}/{meta.model_name}/", data, follow=follow)
    return response, [str(each) for each in response.context["messages"]] if response.context else []


def agree(client, page):
    """Press 'Uitvoeren' on the page that says what an action would do; returns the messages."""
    data = {"action": page.context["name"], "_selected_action": "0", "select_across": "1", "run": "Uitvoeren"}
    response = client.post(page.request["PATH_INFO"], data | {"plan": page.context["plan"]}, follow=True)
    return [str(each) for each in response.context["messages"]]


def faults(response):
    """All that the form of this page complains about."""
    formsets = [each.formset for each in response.context["inline_admin_formsets"]]
    lists = [each.non_form_errors() for each in formsets] + [error for each in formsets for error in each.errors]
    return " ".join(map(str, [response.context["adminform"].errors, *lists]))


@pytest.fixture
def typed(make_organisation):
    """What an editor types for a complete case."""
    return {
        "title": "Techniek in Zwolle",
        "slug": "techniek-in-zwolle",
        "summary": "Kort.",
        "body": "Lang verhaal.",
        "provinces": [Region.objects.get(slug="overijssel").pk],
        "sectors": ["techniek"],
        "first_year": 2016,
        "lead_organisations": [make_organisation().pk],
        **inline("sources", {"title": "Bron", "url": "https://krant.example/"}),
        **inline("images"),
        **inline("former_slugs"),
    }


# ---- Who may come in


@pytest.mark.parametrize("address", ["/beheer/", ADD, "/beheer/cases/case/", "/beheer/contacts/message/"])
def test_visitor_is_asked_to_log_in(client, db, address):
    response = client.get(address)
    assert (response.status_code, response.url.split("?")[0]) == (302, "/beheer/login/")


def test_account_without_staff_rights_stays_out(client, db, django_user_model):
    client.force_login(django_user_model.objects.create_user("piet", password="een lang wachtwoord"))
    assert client.get("/beheer/").status_code == 302


# ---- A case


def test_editor_adds_a_case_that_stays_a_concept(admin_client, client, typed):
    assert admin_client.post(ADD, typed).status_code == 302
    case = Case.objects.get()
    assert case.published_at is None
    assert [source.title for source in case.sources.all()] == ["Bron"]
    client.logout()
    assert client.get("/cases/techniek-in-zwolle/").status_code == 404
    assert "techniek-in-zwolle" not in client.get("/cases/").content.decode()


def test_editor_publishes_a_complete_case(admin_client, typed):
    assert admin_client.post(ADD, typed | PUBLISH).status_code == 302
    assert Case.objects.published().get().obstacles() == {}
    assert admin_client.get("/cases/techniek-in-zwolle/").status_code == 200


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ({"provinces": []}, "Publiceren kan pas met minstens één provincie, of met ‘landelijk’."),
        ({"sectors": []}, "Publiceren kan pas met een sector, of met ‘sector onbekend’."),
        (inline("sources"), "Publiceren kan pas met minstens één bron."),
        ({"first_year": ""}, "Publiceren kan pas met een eerste jaar"),
        ({"body": ""}, "Publiceren kan pas met een tekst."),
        ({"last_year": 2015}, "Het laatste jaar ligt vóór het eerste jaar."),
        ({"sectors_unknown": "on"}, "Er is een sector gekozen, dus die is niet onbekend."),
        ({"first_year_unknown": "on"}, "Het eerste jaar staat er, dus het is niet onbekend."),
        ({"slug": ""}, "Dit veld is verplicht."),
        ({"title": "Een\0twee"}, "Null-tekens zijn niet toegestaan."),
    ],
)
def test_incomplete_case_is_refused_in_dutch_and_nothing_is_lost(admin_client, typed, missing, message):
    response = admin_client.post(ADD, typed | PUBLISH | {"uncertainty": "Zeker bewaren"} | missing)
    assert response.status_code == 200
    assert message in faults(response)
    page = response.content.decode()
    assert message in page
    assert "Zeker bewaren" in page
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "odd",
    [
        {"first_year": 2**63},
        {"last_year": 2**63},
        {"published_at_0": "01-01-0001", "published_at_1": "00:00"},
        {"unpublish_at_0": "01-01-0001", "unpublish_at_1": "00:00"},
        {"unpublish_at_0": "31-12-9999", "unpublish_at_1": "23:59"},
    ],
)
def test_years_that_no_database_holds_are_refused(admin_client, typed, odd):
    page = admin_client.post("/beheer/cases/case/add/", typed | odd)
    assert page.status_code == 200
    assert {name.rsplit("_", 1)[0] if name.endswith(("_0", "_1")) else name for name in odd} == {
        *page.context["adminform"].form.errors
    }


@pytest.mark.parametrize(
    "asked",
    [
        *(f"published_at__year{part}={year}" for part in ("", "__gte") for year in ("-1", "1", "9999", "x")),
        "published_at__iso_year=9999",
        "published_at__year__in=2020,1",
        "published_at__gte=0001-01-01",
        "pk__range=1",
        "pk__in=" + "9" * 25,
        "slug__regex=(",
        "slug__iregex=^(a*)*$",
    ],
)
def test_filter_that_no_database_knows_is_no_crash(admin_client, make_case, asked):
    make_case()
    found = {
        address: admin_client.get(f"/beheer/{address}?{asked}").status_code
        for address in ("cases/case/", "cases/case/export.csv", "routes/route/", "discovery/synonym/")
    }
    assert {*found.values()} <= ({400} if "regex" in asked else {200, 302, 400}), found


def test_filters_that_make_sense_work(admin_client, make_case):
    case = make_case()
    for asked in (f"pk__in={case.pk}", "published_at__year=2016", "first_year=2016"):
        assert admin_client.get(f"/beheer/cases/case/?{asked}").status_code == 200
    assert admin_client.get("/beheer/cases/case/add/?published_at=x").status_code == 200


def test_redacteur_learns_nothing_of_a_contact_and_puts_none_back(client, make_editor, make_case, fallback):
    case = make_case(published_at=None)
    versions.record(case, Version.Event.ADDED)
    seen = versions.digest_of(versions.snapshot(case))
    case.contact, case.place = fallback, "Almelo"
    case.save()
    versions.record(case, Version.Event.CHANGED)
    client.force_login(make_editor("redacteur", "oost"))
    page = f"/beheer/cases/case/{case.pk}/"
    first = Version.objects.of(case).last()
    for address in (f"{page}history/", f"{page}history/{first.pk}/", f"{page}change/"):
        text = client.get(address).text
        assert fallback.name not in text
    assert client.get(f"/beheer/cases/case/?contact={fallback.pk}").status_code == 400
    assert fallback.name not in client.post(f"{page}change/", {"title": "x", "_seen": seen}).text
    now = versions.digest_of(versions.snapshot(case))
    client.post(f"{page}history/{first.pk}/", {"seen": now})
    case.refresh_from_db()
    assert (case.contact, case.place) == (fallback, "")


def test_goal_9_keeps_its_number(field):
    goal = Goal.objects.get(number=9)
    goal.number = 10
    with pytest.raises(ValidationError, match="dat nummer blijft"):
        goal.clean()


def test_landsdeel_with_provinces_stays_a_landsdeel(field):
    oost = Region.objects.get(slug="oost")
    oost.kind, oost.landsdeel = "provincie", Region.objects.get(slug="noord")
    with pytest.raises(ValidationError, match="Hier liggen provincies in"):
        oost.full_clean()


@pytest.mark.parametrize("name", ["kind_of", "successor"])
def test_route_does_not_lead_to_itself(make_route, name):
    first, second = make_route(), make_route("beroepsroute", min_level_id=4, max_level_id=4)
    setattr(first, name, second)
    first.save()
    setattr(second, name, first)
    with pytest.raises(ValidationError, match="naar zichzelf"):
        second.clean()


def test_last_source_of_a_published_case_cannot_be_removed(admin_client, make_case):
    case = make_case()
    source = {"id": case.sources.get().pk, "case": case.pk, "title": "Bron", "DELETE": "on"}
    response = change(admin_client, case, inline("sources", source, initial=1))
    assert "Publiceren kan pas met minstens één bron." in faults(response)
    assert case.sources.count() == 1


def test_leader_is_not_partner_too(admin_client, make_case, make_organisation):
    response = change(admin_client, make_case(), partner_organisations=[make_organisation().pk])
    assert "Staat al bij de trekkers: ROC Oost." in faults(response)


def test_saving_without_a_change_changes_nothing(admin_client, make_case):
    case = make_case(levels=[], place="Zwolle", last_year=2018)
    before = Case.objects.values().get()
    assert change(admin_client, case).status_code == 302
    after = Case.objects.values().get()
    unlike = {name for name in before if before[name] != after[name]}
    assert unlike <= {"updated_at", "published_at"}  # the form shows no microseconds
    assert (case.provinces.count(), case.sectors.count(), case.sources.count()) == (1, 1, 1)


def test_technologieroute_is_refused_for_a_case_in_another_sector(admin_client, make_case, make_route):
    case = make_case(sectors=["zorg-en-welzijn"], published_at=None)
    route = make_route("technologieroute")
    response = change(admin_client, case, routes=[route.pk])
    assert "De naam technologieroute is alleen voor techniek en groen." in faults(response)
    assert change(admin_client, case, routes=[route.pk], sectors=["groen", "zorg-en-welzijn"]).status_code == 302


def test_technologieroute_is_refused_for_an_offering_in_another_sector(admin_client, make_route, make_offering):
    offering, route = make_offering(sector="zorg-en-welzijn"), make_route("technologieroute")
    response = change(admin_client, offering, route=route.pk)
    assert "De naam technologieroute is alleen voor techniek en groen." in faults(response)
    assert change(admin_client, offering, route=route.pk, sector="").status_code == 200
    assert change(admin_client, offering, route=route.pk, sector="techniek").status_code == 302
    assert RouteOffering.objects.get().sector_id == "techniek"


def test_offering_is_refused_at_a_level_that_its_route_does_not_reach(admin_client, make_offering):
    response = change(admin_client, make_offering(), level=4)
    assert "De vakmanschaproute eindigt op niveau 2 of 3." in faults(response)


def test_cross_over_with_one_domain_is_refused(admin_client, make_qualification):
    domains = Domain.objects.bulk_create(Domain(number=n, name=f"Domein {n}") for n in (1, 2))
    qualification = make_qualification(published_at=None)
    response = change(admin_client, qualification, domains=[domains[0].pk])
    assert "Een cross-over combineert minstens twee domeinen." in faults(response)
    assert change(admin_client, qualification, domains=[1, 2]).status_code == 302
    assert Qualification.objects.get().domains.count() == 2


# ---- Publishing from the list


def test_publish_takes_what_is_complete_and_says_what_is_not(admin_client, make_case):
    complete = make_case(title="Klaar", published_at=None)
    bare = make_case(title="Zonder regio", published_at=None, provinces=[])
    empty = make_case(title="Zonder tekst", published_at=None, body="")
    page, _ = act(admin_client, "publish", complete, bare, empty)
    assert not Case.objects.published().exists()  # first it says what would happen
    assert "kan niet: Publiceren kan pas met minstens één provincie, of met ‘landelijk’." in page.text
    assert "kan niet: Publiceren kan pas met een tekst." in page.text
    assert agree(admin_client, page) == ["Gepubliceerd: Klaar."]
    assert list(Case.objects.published()) == [complete]


def test_publish_brings_back_a_case_past_its_end(admin_client, make_case):
    past = timezone.now() - timedelta(days=1)
    case = make_case(published_at=past - timedelta(days=1), unpublish_at=past)
    agree(admin_client, act(admin_client, "publish", case)[0])
    assert Case.objects.published().get() == case


def test_withdraw_hides_a_case_and_keeps_its_text(admin_client, client, make_case):
    case = make_case(slug="terug")
    assert agree(admin_client, act(admin_client, "withdraw", case)[0]) == [f"Teruggezet naar concept: {case}."]
    assert client.get("/cases/terug/").status_code == 404
    case.refresh_from_db()
    assert (case.published_at, case.body) == (None, "Tekst.")


def test_who_may_only_look_cannot_publish(client, make_case, django_user_model):
    viewer = django_user_model.objects.create_user("kijker", password="een lang wachtwoord", is_staff=True)
    viewer.user_permissions.add(*viewer.user_permissions.model.objects.filter(codename="view_case"))
    client.force_login(viewer)
    act(client, "publish", make_case(published_at=None))
    assert not Case.objects.published().exists()


def test_list_of_cases_costs_the_same_queries_with_more_rows(admin_client, make_case):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get("/beheer/cases/case/").status_code == 200
        return len(queries)

    for _ in range(8):
        make_case()
    few = cost()
    for _ in range(22):
        make_case(provinces=("overijssel", "gelderland"), sectors=("groen", "techniek"))
    assert cost() == few


def test_list_of_cases_filters_on_stage(admin_client, make_case):
    now, day = timezone.now(), timedelta(days=1)
    rows = {
        "gepubliceerd": make_case(),
        "concept": make_case(published_at=None),
        "ter-beoordeling": make_case(published_at=None, submitted_at=now),
        "teruggestuurd": make_case(published_at=None, review_comment="Noem een bron."),
        "gepland": make_case(published_at=now + day),
        "gearchiveerd": make_case(published_at=now - 2 * day, unpublish_at=now - day),
    }
    found = {
        stage: set(admin_client.get(f"/beheer/cases/case/?stand={stage}").context["cl"].queryset)
        for stage in [*rows, "onzin"]
    }
    concepts = {rows["concept"], rows["ter-beoordeling"], rows["teruggestuurd"]}
    assert found == {stage: {row} for stage, row in rows.items()} | {"concept": concepts, "onzin": set(rows.values())}


def test_site_link_stands_only_at_what_visitors_can_see(admin_client, make_case):
    shown, hidden = make_case(slug="zichtbaar"), make_case(slug="verborgen", published_at=None)
    page = admin_client.get(f"/beheer/cases/case/{shown.pk}/change/").content.decode()
    assert 'href="/cases/zichtbaar/" class="viewsitelink"' in page
    page = admin_client.get(f"/beheer/cases/case/{hidden.pk}/change/").content.decode()
    assert "viewsitelink" not in page
    assert "/cases/verborgen/" not in page


# ---- Addresses


def test_new_title_keeps_the_address(admin_client, make_case):
    case = make_case(slug="oud-adres")
    assert change(admin_client, case, title="Heel andere titel").status_code == 302
    assert Case.objects.values_list("title", "slug").get() == ("Heel andere titel", "oud-adres")
    assert not FormerSlug.objects.exists()


def test_old_address_keeps_leading_to_the_case(admin_client, client, make_case):
    case = make_case(slug="eerste")
    for slug in ("tweede", "derde"):
        assert change(admin_client, Case.objects.get(), slug=slug).status_code == 302
    for old in ("eerste", "tweede"):
        response = client.get(f"/cases/{old}/")
        assert (response.status_code, response.url) == (301, "/cases/derde/")
    assert change(admin_client, Case.objects.get(), slug="eerste").status_code == 302  # and back again
    assert client.get("/cases/eerste/").status_code == 200
    assert client.get("/cases/derde/").url == "/cases/eerste/"
    assert set(case.former_slugs.values_list("slug", flat=True)) == {"tweede", "derde"}


def test_old_address_of_a_concept_leads_nowhere(client, make_case):
    make_case(published_at=None).former_slugs.create(slug="eerste")
    assert client.get("/cases/eerste/").status_code == 404


def test_address_that_leads_to_another_case_is_refused(admin_client, make_case, typed):
    make_case().former_slugs.create(slug="bezet")
    message = "Dit was het webadres van een andere case, en dat blijft daarheen leiden."
    assert message in faults(admin_client.post(ADD, typed | {"slug": "bezet"}))
    assert message in faults(change(admin_client, make_case(), slug="bezet"))


# ---- The fallback


def test_fallback_cannot_be_deleted(admin_client, fallback):
    response = admin_client.post(f"/beheer/contacts/contact/{fallback.pk}/delete/", {"post": "yes"})
    assert "Dit is het vangnet." in response.content.decode()
    assert Contact.objects.get() == fallback
    other = Contact.objects.create(slug="ander", name="Ander")
    act(admin_client, "delete_selected", fallback, other, post="yes")
    assert Contact.objects.filter(is_fallback=True).exists()
    act(admin_client, "delete_selected", other, post="yes")
    assert list(Contact.objects.all()) == [fallback]


def test_fallback_cannot_be_unticked(admin_client, fallback):
    response = change(admin_client, fallback, is_fallback="")
    assert "Er moet een vangnet blijven." in faults(response)
    assert Contact.objects.get().is_fallback


def test_another_contact_becomes_the_fallback_in_one_step(admin_client, fallback):
    other = Contact.objects.create(slug="ander", name="Ander", valid_until=timezone.localdate())
    act(admin_client, "make_fallback", fallback, other)  # two at once: which one?
    assert Contact.objects.get(is_fallback=True) == fallback
    act(admin_client, "make_fallback", other)
    assert Contact.objects.get(is_fallback=True, valid_until=None) == other


def test_fallback_never_lapses_and_stays_alone(admin_client, fallback):
    assert "Het vangnet verloopt niet" in faults(change(admin_client, fallback, valid_until="2030-01-01"))
    other = Contact.objects.create(slug="ander", name="Ander")
    assert "Er is al een vangnet." in faults(change(admin_client, other, is_fallback="on"))


def test_consent_without_explanation_is_refused(admin_client, fallback):
    assert "Schrijf op hoe de toestemming is gegeven." in faults(
        change(admin_client, fallback, consent_on="2026-01-01")
    )


# ---- Messages


@pytest.fixture
def make_message(fallback):
    def make(**values):
        values = {"contact": fallback, "name": "Piet", "email": "p@school.example", "text": "Een vraag."} | values
        return Message.objects.create(**values)

    return make


def test_messages_are_read_not_written(admin_client, make_message):
    message = make_message()
    address = f"/beheer/contacts/message/{message.pk}/change/"
    assert "Een vraag." in admin_client.get(address).content.decode()
    admin_client.post(address, {"text": "Iets anders", "handled_at_0": "2026-01-02", "handled_at_1": "12:00"})
    assert admin_client.get("/beheer/contacts/message/add/").status_code == 403
    message.refresh_from_db()
    assert message.text == "Een vraag."
    assert message.handled_at


def test_message_is_marked_as_handled_once(admin_client, make_message):
    earlier = make_message(handled_at=timezone.now() - timedelta(days=1))
    _, messages = act(admin_client, "mark_handled", make_message(), earlier)
    assert messages == ["Afgehandeld: 1."]
    assert not Message.objects.filter(handled_at=None).exists()
    assert Message.objects.get(pk=earlier.pk).handled_at == earlier.handled_at


def test_message_that_was_no_spam_after_all_is_delivered(admin_client, make_message, settings):
    settings.CONTACT_EMAIL = "redactie@portaal.example"
    act(admin_client, "deliver_again", make_message(is_spam=True))
    assert [each.to for each in mail.outbox] == [["redactie@portaal.example"]]


def test_message_that_cannot_be_delivered_again_is_counted(admin_client, make_message):
    _, messages = act(admin_client, "deliver_again", make_message())
    assert messages == ["Gemaild: 0. Niet gelukt: 1."]


def test_message_is_delivered_again_once(admin_client, make_message, settings):
    settings.CONTACT_EMAIL = "redactie@portaal.example"
    failed, done = make_message(mail_error="ConnectionRefusedError: weg"), make_message(mailed_to="al@bezorgd.example")
    _, messages = act(admin_client, "deliver_again", failed, done)
    assert messages == ["Gemaild: 1. Niet gelukt: 0."]
    assert [each.to for each in mail.outbox] == [["redactie@portaal.example"]]
    failed.refresh_from_db()
    assert (failed.mailed_to, failed.mail_error) == ("redactie@portaal.example", "")
    act(admin_client, "deliver_again", failed, done)
    assert len(mail.outbox) == 1


def test_who_may_only_look_cannot_handle_messages(client, make_message, django_user_model):
    viewer = django_user_model.objects.create_user("kijker", password="een lang wachtwoord", is_staff=True)
    viewer.user_permissions.add(*viewer.user_permissions.model.objects.filter(codename="view_message"))
    client.force_login(viewer)
    assert client.get("/beheer/contacts/message/").status_code == 200
    act(client, "mark_handled", make_message())
    assert Message.objects.filter(handled_at=None).exists()


# ---- A forgotten password


def test_forgotten_password_is_reset_by_mail(client, db, django_user_model):
    django_user_model.objects.create_superuser("els", "els@portaal.example", "een oud wachtwoord")
    assert 'href="/beheer/wachtwoord-vergeten/"' in client.get("/beheer/login/").content.decode()
    assert "Wachtwoord vergeten" in client.get("/beheer/wachtwoord-vergeten/").content.decode()
    known = client.post("/beheer/wachtwoord-vergeten/", {"email": "els@portaal.example"}, follow=True)
    unknown = client.post("/beheer/wachtwoord-vergeten/", {"email": "wie@dan.example"}, follow=True)
    assert known.content == unknown.content  # does not tell who has an account
    [letter] = mail.outbox
    assert letter.to == ["els@portaal.example"]
    link = re.search(r"http://testserver(/\S+)", letter.body)[1]
    page = client.get(link, follow=True)
    assert "Kies een nieuw wachtwoord" in page.content.decode()
    address = page.redirect_chain[-1][0]
    weak = client.post(address, {"new_password1": "kort", "new_password2": "kort"})
    assert "Dit wachtwoord is te kort." in weak.content.decode()
    new = {"new_password1": "paarse fiets 42 wolken", "new_password2": "paarse fiets 42 wolken"}
    assert "Uw wachtwoord is gewijzigd" in client.post(address, new, follow=True).content.decode()
    assert client.login(username="els", password="paarse fiets 42 wolken")
    assert "Deze link werkt niet meer" in client.get(link, follow=True).content.decode()


def test_first_admin_is_made_once(db, capsys):
    call_command("create_accounts")
    password = re.search(r"wachtwoord (\S+) ", capsys.readouterr().out)[1]
    assert get_user_model().objects.get().check_password(password)
    call_command("create_accounts")
    assert get_user_model().objects.count() == 1


# ---- Around it


def test_sector_keeps_its_key(admin_client, field):
    page = admin_client.get("/beheer/programme/sector/techniek/change/")
    assert "slug" not in page.context["adminform"].form.fields


@pytest.mark.parametrize("made_by", ["make_case", "make_participation", "make_offering"])
def test_organisation_that_something_names_is_not_deleted(request, admin_client, made_by):
    request.getfixturevalue(made_by)()
    organisation = Organisation.objects.get()
    admin_client.post(f"/beheer/programme/organisation/{organisation.pk}/delete/", {"post": "yes"})
    act(admin_client, "delete_selected", organisation, post="yes")
    assert Organisation.objects.exists()


def test_what_a_case_or_qualification_names_is_not_deleted(
    admin_client, make_case, make_experiment, make_route, make_qualification
):
    qualification = make_qualification()
    domain = Domain.objects.create(number=1, name="Bouw en infra")
    qualification.domains.add(domain, Domain.objects.create(number=2, name="Zorg en welzijn"))
    experiment, route = make_experiment("bol-bbl"), make_route()
    make_case(experiments=[experiment.pk], routes=[route.pk]).qualifications.add(qualification)
    for row in (domain, experiment, route, qualification):
        act(admin_client, "delete_selected", row, post="yes")
        assert type(row).objects.filter(pk=row.pk).exists(), row


def test_publish_keeps_what_a_colleague_saved_meanwhile(admin_client, make_case, monkeypatch):
    page, _ = act(admin_client, "publish", make_case(published_at=None))
    monkeypatch.setattr(Case, "lacking", lambda self: Case.objects.update(body="Van een collega.") and [])
    agree(admin_client, page)
    assert Case.objects.published().get().body == "Van een collega."


def test_old_address_is_no_address_of_a_case(admin_client, make_case):
    case, other = make_case(), make_case()
    response = change(admin_client, case, inline("former_slugs", {"case": case.pk, "slug": other.slug}))
    assert "Dit is nu het webadres van een case" in faults(response)


def test_other_name_of_a_region_is_no_region(admin_client, field):
    noord = Region.objects.get(slug="noord")
    response = change(admin_client, noord, inline("aliases", {"region": noord.pk, "name": "Oost", "slug": "oost"}))
    assert "Dit is het webadres van een regio" in faults(response)


def test_contact_past_its_date_has_no_link_to_the_site(admin_client, fallback):
    lapsed = Contact.objects.create(slug="oud", name="Oud", valid_until="2020-01-01")
    assert "/r/" not in admin_client.get(f"/beheer/contacts/contact/{lapsed.pk}/change/").content.decode()


def test_organisation_has_a_link_to_the_site_once_something_public_names_it(admin_client, make_case):
    case = make_case(published_at=None)
    address = f"/beheer/programme/organisation/{Organisation.objects.get().pk}/change/"
    assert "Weergeven op website" not in admin_client.get(address).content.decode()
    Case.objects.filter(pk=case.pk).update(published_at=timezone.now())
    assert "Weergeven op website" in admin_client.get(address).content.decode()


def test_organisation_that_nothing_names_is_deleted(admin_client, make_organisation):
    act(admin_client, "delete_selected", make_organisation(), post="yes")
    assert not Organisation.objects.exists()


# ---- Logging in


def try_to_log_in(client, times, name="beheerder", **extra):
    for _ in range(times):
        response = client.post("/beheer/login/", {"username": name, "password": "verkeerd"}, **extra)
    return response.content.decode()


def test_logging_in_is_tried_ten_times_a_quarter(client, django_user_model):
    django_user_model.objects.create_superuser("beheerder", password="een lang wachtwoord")
    assert "Te veel pogingen" not in try_to_log_in(client, 10)
    assert "Te veel pogingen" in try_to_log_in(client, 1)
    client.post("/beheer/login/", {"username": "beheerder", "password": "een lang wachtwoord"})
    assert "_auth_user_id" not in client.session  # not with the right password either
    assert "Te veel pogingen" not in try_to_log_in(client, 1, name="ander")
    assert "Te veel pogingen" not in try_to_log_in(client, 1, REMOTE_ADDR="198.51.100.7")


def test_right_password_makes_up_for_wrong_ones(client, django_user_model):
    django_user_model.objects.create_superuser("beheerder", password="een lang wachtwoord")
    for _ in range(2):
        assert "Te veel pogingen" not in try_to_log_in(client, 9)
        client.post("/beheer/login/", {"username": "beheerder", "password": "een lang wachtwoord"})
        assert "_auth_user_id" in client.session


def test_new_password_is_asked_five_times_an_hour(client, django_user_model):
    django_user_model.objects.create_superuser("beheerder", "jan@school.example", "een lang wachtwoord")
    for _ in range(7):
        client.post("/beheer/wachtwoord-vergeten/", {"email": "Jan@school.example"})
    assert len(mail.outbox) == 5


def test_editor_of_the_group_may_keep_cases_but_no_accounts(client, django_user_model):
    call_command("create_accounts")
    editor = django_user_model.objects.create_user("redacteur", password="een lang wachtwoord", is_staff=True)
    editor.groups.set(editor.groups.model.objects.filter(name="Redacteur"))
    client.force_login(editor)
    assert client.get(ADD).status_code == 200
    assert client.get("/beheer/auth/user/add/").status_code == 403


def test_admin_index_begins_with_what_editors_use(admin_client):
    apps = [app["app_label"] for app in admin_client.get("/beheer/").context["app_list"]]
    assert apps[:3] == ["cases", "imports", "contacts"]
    assert apps[-2:] == ["auth", "techniekpact"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("robot", "Vul twee of meer verschillende woorden in"),
        ("robot, Robot", "Vul twee of meer verschillende woorden in"),
        ("robot, de", "‘de’ zegt te weinig"),
        ("robot, !", "‘!’ zegt te weinig"),
        ("drone, cobot", "‘cobot’ staat al in de groep ‘robotarm, cobot’"),
        ("r" * 301, "300 tekens"),
    ],
)
def test_group_of_synonyms_that_would_do_harm_is_refused(admin_client, words, message):
    add = reverse("admin:discovery_synonym_add")
    admin_client.post(add, {"words": "robotarm, cobot"})
    response = admin_client.post(add, {"words": words})
    assert message in response.text
    assert Synonym.objects.count() == 1
