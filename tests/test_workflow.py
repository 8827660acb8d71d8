"""From concept by review to published, by hand in the admin: the steps, who may take them, and previews."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone
from test_admin import ADD, change, faults, inline, typed  # noqa: F401  (a fixture)
from test_images import status

from cases.images import FOLDER
from cases.models import Case
from programme.models import Region
from publishing import preview, workflow
from publishing.models import Version


@pytest.fixture
def log_in(make_editor):
    """Log somebody in, in a browser of their own; the same one when asked again."""
    browsers = {}

    def log_in(role, *landsdelen):
        if role not in browsers:
            browsers[role] = Client()
            browsers[role].force_login(make_editor(role, *landsdelen))
        return browsers[role]

    return log_in


@pytest.fixture
def author(log_in):
    return log_in("redacteur", "oost")


@pytest.fixture
def chief(log_in):
    return log_in("eindredacteur")


def page_of(client, row):
    return client.get(f"/beheer/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/")


def add(client, typed, **more):  # noqa: F811
    """Fill in the form of a new case and press a button."""
    formsets = [each.formset for each in client.get(ADD).context["inline_admin_formsets"]]
    lists = {name: value for each in formsets for name, value in inline(each.prefix).items()}
    return client.post(ADD, lists | typed | more)


def press(client, row, button, *inlines, **changes):
    return change(client, row, *inlines, **{button: "x"}, **changes)


def said(response):
    return [str(each) for each in response.wsgi_request._messages]


def stage(row):
    return type(row).objects.get(pk=row.pk).stage


def copy_of(client, row):
    response = client.post(f"/beheer/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/werkversie/")
    copy = type(row).objects.get(replaces=row)
    assert response.url.endswith(f"/{copy.pk}/change/")
    assert said(response)[-1].startswith(f"Dit is de werkversie van ‘{row}’.")
    return copy


def words(differences):
    return [f"{each.before} > {each.after}" for each in differences]


def events(row):
    return [version.event for version in Version.objects.of(row).order_by("pk")]


# ---- the steps


def test_case_goes_from_concept_by_review_and_back_to_published(
    author,
    chief,
    client,
    typed,  # noqa: F811
    django_capture_on_commit_callbacks,
):
    response = add(author, typed, _submit="x")
    case = Case.objects.get()
    assert (response.status_code, case.stage, case.author.username) == (302, "ter beoordeling", "redacteur")
    assert said(response) == ["Naar beoordeling gestuurd: Techniek in Zwolle."]
    assert list(chief.get("/beheer/cases/case/?stand=ter-beoordeling").context["cl"].queryset) == [case]
    assert ", door redacteur." in page_of(chief, case).text

    with django_capture_on_commit_callbacks(execute=True):
        press(chief, case, "_send_back", review_comment="Noem een tweede bron.")
        assert not mail.outbox  # not before it is stored
    [letter] = mail.outbox
    assert (letter.to, letter.reply_to) == (["redacteur@portaal.example"], ["eindredacteur@portaal.example"])
    assert "Noem een tweede bron." in letter.body
    assert f"http://testserver/beheer/cases/case/{case.pk}/change/" in letter.body
    assert stage(case) == "teruggestuurd"
    page = page_of(author, case).text
    assert "Opmerking van eindredacteur, " in page
    assert "Noem een tweede bron." in page

    press(author, case, "_submit", body="Met een tweede bron.")
    assert stage(case) == "ter beoordeling"
    assert client.get("/cases/techniek-in-zwolle/").status_code == 404
    response = press(chief, case, "_publish")
    assert said(response)[-1:] == ["Gepubliceerd: Techniek in Zwolle."]
    assert "Met een tweede bron." in client.get("/cases/techniek-in-zwolle/").text
    assert [each for each in events(case) if each != Version.Event.CHANGED] == [
        Version.Event.ADDED,
        Version.Event.SUBMITTED,
        Version.Event.SENT_BACK,
        Version.Event.SUBMITTED,
        Version.Event.PUBLISHED,
    ]
    assert LogEntry.objects.filter(object_id=str(case.pk), change_message="Gepubliceerd.").exists()


def test_case_that_is_published_for_later_appears_by_itself(chief, client, make_case):
    case, tomorrow = make_case(published_at=None, slug="straks"), timezone.localtime() + timedelta(days=1)
    when = {"published_at_0": tomorrow.strftime("%Y-%m-%d"), "published_at_1": "09:30:00"}
    assert said(press(chief, case, "_publish", **when))[0].startswith("Gepland voor ")
    assert stage(case) == "gepland"
    assert "om 09:30 uur vanzelf op de site" in page_of(chief, case).text
    assert client.get("/cases/straks/").status_code == 404
    with time_machine.travel(tomorrow + timedelta(days=1)):
        assert client.get("/cases/straks/").status_code == 200


def test_published_case_is_archived_with_a_reason_and_comes_back(chief, client, make_case):
    moment = timezone.now() - timedelta(days=1)
    case = make_case(slug="weg", published_at=moment)
    archive = f"/beheer/cases/case/{case.pk}/archiveren/"
    assert chief.get(archive).status_code == 405
    chief.post(archive, {"comment": "Dubbel."})
    assert (stage(case), client.get("/cases/weg/").status_code) == ("gearchiveerd", 404)
    assert Version.objects.of(case)[0].comment == "Dubbel."
    assert said(chief.post(archive))[-1] == "Dit staat niet op de site: de stand is ‘gearchiveerd’."
    assert "Weer publiceren" in page_of(chief, case).text
    press(chief, case, "_publish")
    assert client.get("/cases/weg/").status_code == 200
    assert abs(Case.objects.get().published_at - moment) < timedelta(seconds=1)


def test_what_is_planned_becomes_a_concept_again(chief, make_case):
    case = make_case(published_at=timezone.now() + timedelta(days=1))
    assert "Toch niet publiceren" in page_of(chief, case).text
    chief.post(f"/beheer/cases/case/{case.pk}/archiveren/")
    assert stage(case) == "concept"
    assert Version.objects.of(case)[0].event == Version.Event.CONCEPT


def test_what_is_published_again_takes_moments_before_those_it_had(chief, make_case):
    now, day = timezone.localtime(), timedelta(days=1)
    case = make_case(published_at=now - 10 * day, unpublish_at=now - day)
    begin, end = f"{now - 100 * day:%d-%m-%Y}", f"{now - 50 * day:%d-%m-%Y}"
    moments = {"published_at_0": begin, "published_at_1": "10:00", "unpublish_at_0": end, "unpublish_at_1": "10:00"}
    press(chief, case, "_publish", **moments)
    assert stage(case) == "gepubliceerd"


@pytest.mark.parametrize("posted", ["_publish", "_send_back", "published_at_0", "published_at", "unpublish_at_1"])
def test_redacteur_who_posts_a_step_that_is_not_offered_changes_nothing(author, make_case, posted):
    case = make_case(published_at=None, submitted_at=timezone.now())
    before, versions = Case.objects.values().get(), Version.objects.count()
    page = page_of(author, case).text
    assert 'name="_publish"' not in page
    assert 'name="published_at_0"' not in page
    assert press(author, case, posted, body="Anders", review_comment="Nee").status_code == 403
    assert (Case.objects.values().get(), Version.objects.count()) == (before, versions)


def test_redacteur_archives_nothing(author, make_case):
    case = make_case()
    assert author.post(f"/beheer/cases/case/{case.pk}/archiveren/").status_code == 403
    assert stage(case) == "gepubliceerd"


def test_who_may_only_look_has_no_buttons(client, make_case, django_user_model):
    viewer = django_user_model.objects.create_user("kijker", is_staff=True)
    viewer.user_permissions.add(*viewer.user_permissions.model.objects.filter(codename="view_case"))
    client.force_login(viewer)
    for case in (make_case(), make_case(published_at=None, submitted_at=timezone.now())):
        page = re.search(r'<div id="content-main">.*?</form></div>', page_of(client, case).text, re.DOTALL)
        assert not re.findall(r'type="submit" value="\w+|name="review_comment"', page[0] if page else "")


def test_step_that_does_not_fit_the_stage_is_refused(chief, make_case):
    assert "Deze stap kan nu niet: de stand is ‘gepubliceerd’." in faults(press(chief, make_case(), "_submit"))
    concept = make_case(published_at=None)
    assert "Deze stap kan nu niet" in faults(press(chief, concept, "_send_back", review_comment="Mooi."))
    assert stage(concept) == "concept"


def test_author_who_saves_what_is_in_review_leaves_it_there(author, make_case):
    case = make_case(published_at=None, submitted_at=timezone.now())
    assert press(author, case, "_continue", body="Beter.").status_code == 302
    assert (Case.objects.get().body, stage(case)) == ("Beter.", "ter beoordeling")


@pytest.mark.parametrize("comment", ["", "  ", "Een\0twee", "x" * 2001])
def test_sending_back_asks_for_a_comment_and_keeps_what_was_typed(chief, make_case, comment):
    case = make_case(published_at=None, submitted_at=timezone.now())
    response = press(chief, case, "_send_back", body="Zelf verbeterd.", review_comment=comment)
    assert response.status_code == 200
    [(place, sentence)] = response.context["error_links"]
    assert (place, response.text.count(sentence)) == ("id_review_comment", 1)
    for kept in ('name="_send_back"', 'name="_publish"', "Zelf verbeterd.", "Stand: ter beoordeling."):
        assert kept in response.text
    assert comment.replace("\0", "") in response.text.replace("\0", "")
    assert stage(case) == "ter beoordeling"


def test_refused_form_keeps_its_buttons(chief, make_case):
    case = make_case(published_at=None)
    response = press(chief, case, "_save", published_at_0="2026-01-02", published_at_1="12:00", body="")
    assert "Publiceren kan pas met een tekst." in faults(response)
    assert 'name="_submit"' in response.text
    assert "Stand: concept." in response.text


def test_mail_that_fails_undoes_nothing_and_is_told(
    chief, author, make_case, monkeypatch, django_capture_on_commit_callbacks
):
    case = make_case(published_at=None, submitted_at=timezone.now(), author_id=author.session["_auth_user_id"])

    def fail(*args):
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", fail)
    with django_capture_on_commit_callbacks(execute=True):
        response = press(chief, case, "_send_back", review_comment="Te kort.")
    assert "De mail aan de auteur kon niet worden verstuurd." in said(response)
    assert stage(case) == "teruggestuurd"


def test_popup_takes_no_step(chief, make_case):
    case = make_case(published_at=None)
    page = chief.get(f"/beheer/cases/case/{case.pk}/change/?_popup=1").text
    assert 'name="_publish"' not in page
    assert 'name="_save"' in page
    assert "data-popup-response" in press(chief, case, "_publish", _popup="1").text
    assert stage(case) == "concept"


# ---- what is still to be done


def test_form_says_what_is_still_to_be_done_and_where(author, chief, make_case):
    case = make_case(published_at=None, provinces=[], body="", author_id=author.session["_auth_user_id"])
    case.sources.all().delete()
    page = page_of(author, case).text
    assert "Nog 3 stappen tot publiceren:" in page
    for place in ("id_provinces", "id_body", "sources-group"):
        assert f'<a href="#{place}">Publiceren kan pas met' in page
        assert f'id="{place}"' in page
    complete = make_case(published_at=None)
    assert "Compleet: u kunt het naar beoordeling sturen." in page_of(author, complete).text
    assert "Klaar om te publiceren." in page_of(chief, complete).text
    response = press(author, case, "_submit")
    assert response.status_code == 200
    for place in ("id_provinces", "sources-group"):
        assert f'<a href="#{place}">' in response.text
    assert "Publiceren kan pas met een tekst." in faults(response)
    assert stage(case) == "concept"


def test_new_form_begins_with_the_steps_and_a_refused_one_says_what_comes_after_its_errors(author):
    page = author.get(f"{ADD}?provinces={Region.objects.get(slug='overijssel').pk}&sectors=techniek")
    assert "Nog 7 stappen tot publiceren:" in page.text  # province and sector were asked for
    for place, sentence in page.context["steps"]:
        assert f'<a href="#{place}">{sentence}</a>' in page.text
        assert f'id="{place}"' in page.text
    assert page.context["steps"][0] == ("id_title", "Opslaan kan pas met ‘Titel’.")
    assert "Opslaan kan pas met ‘Samenvatting’." in page.text
    assert "Kies minstens één provincie in uw werkgebied: Overijssel of Gelderland." in page.text
    assert "vink ‘eerste jaar onbekend’ aan" in page.text

    page = add(author, {"title": "Titel", "slug": "titel", "body": "Tekst.", "first_year": "20201", "nationwide": "on"})
    assert "Daarna nog 3 stappen tot publiceren:" in page.text
    assert [place for place, _ in page.context["steps"]] == ["id_sectors", "id_lead_organisations", "sources-group"]
    assert "stappen tot" not in add(author, {}, _submit="x").text  # then all of them are errors


def test_new_form_of_each_kind_says_what_is_needed(chief):
    for kind, count in {
        "experiments/experiment": 4,
        "experiments/participation": 5,
        "experiments/qualification": 4,
        "routes/route": 7,
        "routes/routeoffering": 5,
    }.items():
        assert f"Nog {count} stappen tot publiceren:" in chief.get(f"/beheer/{kind}/add/").text
    assert "stappen tot" not in chief.get(f"{ADD}?_popup=1").text


def test_every_refused_form_links_to_its_mistakes(admin_client, fallback):
    response = change(admin_client, fallback, name="", checked_on="gisteren")
    assert re.findall(r'<a href="#(id_\w+)">', response.text) == ["id_name", "id_checked_on"]


# ---- working copies


def test_working_copy_takes_the_place_of_the_published_text(author, chief, client, make_case):
    case = make_case(slug="vast", body="Oude tekst.")
    before = case.published_at
    assert "wat u opslaat, zien lezers meteen" in page_of(chief, case).text
    page = page_of(author, case).text
    assert "Werkversie maken" in page
    for words_for_who_writes in ('name="_save"', "wat u opslaat", "Wat u hier invult"):
        assert words_for_who_writes not in page
    copy = copy_of(author, case)
    press(author, copy, "_submit", body="Nieuwe tekst.", provinces=[])
    assert stage(copy) == "concept"
    press(author, copy, "_submit", body="Nieuwe tekst.")
    assert stage(copy) == "ter beoordeling"

    address = f"/cases/{copy.slug}/"
    for page in ("/cases/", "/cases/?q=tekst", "/zoeken/?q=tekst", "/sitemap.xml", "/cases/vast/"):
        text = client.get(page).text
        assert copy.slug not in text
        assert "Nieuwe tekst." not in text
    assert client.get(address).status_code == 404
    assert Case.objects.published().count() == 1

    page = page_of(chief, copy)
    assert words(page.context["changes"]) == ["Oude tekst. > Nieuwe tekst."]
    assert "Wat er anders is dan in de gepubliceerde tekst" in page.text
    assert "Let op: de gepubliceerde tekst is gewijzigd" not in page.text
    response = press(chief, copy, "_publish", _target_seen=page.context["target_seen"])
    assert said(response)[-1] == f"Gepubliceerd: {case}."
    assert "Nieuwe tekst." in client.get("/cases/vast/").text
    kept = Case.objects.get()
    assert (kept.pk, kept.slug, kept.published_at) == (case.pk, "vast", before)
    assert kept.sources.count() == 1
    assert client.get(address).status_code == 404


def test_two_editors_who_begin_a_working_copy_get_the_same_one(author, chief, make_case):
    case = make_case()
    copy = copy_of(author, case)
    assert copy_of(chief, case) == copy
    assert "werkversie van redacteur" in page_of(chief, case).text


def test_reviewer_sees_that_the_published_text_changed_meanwhile(author, chief, make_case):
    case = make_case(body="Oude tekst.", place="Zwolle")
    copy = copy_of(author, case)
    press(author, copy, "_submit", body="Nieuwe tekst.")
    seen = page_of(chief, copy).context["target_seen"]
    press(chief, case, "_save", place="Deventer")
    page = page_of(chief, copy)
    assert words(page.context["changed_since"]) == ["Zwolle > Deventer"]
    assert "Let op: de gepubliceerde tekst is gewijzigd" in page.text
    response = press(chief, copy, "_publish", _target_seen=seen)
    assert "De gepubliceerde tekst is gewijzigd terwijl u bezig was." in faults(response)
    press(chief, copy, "_publish", _target_seen=response.context["target_seen"], place="Deventer")
    assert Case.objects.values_list("body", "place").get() == ("Nieuwe tekst.", "Deventer")


def test_working_copy_is_thrown_away_by_its_maker(author, make_case):
    case = make_case()
    copy = copy_of(author, case)
    assert "Werkversie weggooien" in page_of(author, copy).text
    author.post(f"/beheer/cases/case/{copy.pk}/delete/", {"post": "yes"})
    assert Case.objects.get() == case


@pytest.mark.parametrize("made_by", ["make_participation", "make_offering"])
def test_participation_and_offering_have_working_copies(request, author, chief, made_by):
    row = request.getfixturevalue(made_by)()
    copy = copy_of(author, row)
    press(author, copy, "_submit", note="Nieuw.")
    press(chief, copy, "_publish", _target_seen=page_of(chief, copy).context["target_seen"])
    assert type(row).objects.values_list("pk", "slug", "note").get() == (row.pk, row.slug, "Nieuw.")


@pytest.mark.parametrize("made_by", ["make_case", "make_participation", "make_offering"])
def test_address_of_working_copies_is_kept_for_them(request, admin_client, made_by):
    row = request.getfixturevalue(made_by)()
    response = change(admin_client, row, slug=f"werkversie-{row.pk}")
    assert "Dit begin is voor werkversies. Kies iets anders." in faults(response)


def test_only_what_readers_see_gets_a_working_copy(author, make_case, make_experiment):
    assert author.post(f"/beheer/cases/case/{make_case(published_at=None).pk}/werkversie/").status_code == 404
    far = make_case(provinces=["fryslan"])
    assert author.post(f"/beheer/cases/case/{far.pk}/werkversie/").status_code == 404


# ---- previews


DRAFTS = {
    "case": ("make_case", {"body": "Nog geheim."}),
    "experiment": ("make_experiment", {"body": "Nog geheim."}),
    "qualification": ("make_qualification", {"note": "Nog geheim."}),
    "route": ("make_route", {"body": "Nog geheim."}),
}


@pytest.mark.parametrize("kind", DRAFTS)
def test_preview_shows_a_concept_to_who_has_the_link(request, admin_client, client, fallback, kind):
    fixture, values = DRAFTS[kind]
    row = request.getfixturevalue(fixture)(published_at=None, **values)
    address = preview.address_of(row)
    assert address.split(":")[0] in page_of(admin_client, row).text
    client.logout()
    response = client.get(address)
    assert response.status_code == 200
    for words in ("Nog geheim.", "Voorbeeld. Dit staat nog niet op de site.", '<meta name="robots" content="noindex">'):
        assert words in response.text
    assert "canonical" not in response.text
    assert "og:" not in response.text
    assert not response.cookies
    assert {name: response.headers[name] for name in preview.HEADERS} == preview.HEADERS
    assert response.text.count("<h1") == response.text.count("data-copy") == 1
    type(row).objects.update(published_at=timezone.now())
    assert client.get(address).url == row.get_absolute_url()
    assert admin_client.get(address).status_code == 302


def test_preview_ends(client, make_case, settings):
    case = make_case(published_at=None)
    address = preview.address_of(case)
    gone = "Dit voorbeeld is er niet meer"
    forged = client.get(f"{address[:-3]}xx/")
    assert (forged.status_code, gone in forged.text) == (404, True)
    with time_machine.travel(timezone.now() + timedelta(days=settings.PREVIEW_DAYS, hours=1)):
        response = client.get(address)
        assert (response.status_code, gone in response.text) == (404, True)
    case.delete()
    assert client.get(address).status_code == 404


def test_preview_of_a_working_copy_looks_as_it_will(client, fallback, make_case, make_editor):
    case = make_case(slug="vast")
    make_case()
    copy = workflow.start_copy(case, make_editor("redacteur"))
    text = client.get(preview.address_of(copy)).text
    assert "vanaf=/cases/vast/" in text
    assert "Verwante cases" in text
    assert copy.slug not in text


def test_images_show_in_the_preview_of_their_own_case_only(client, fallback, make_case, make_image):
    image = make_image(make_case(published_at=None))
    for row in (image, make_image(make_case(published_at=None), digest="1" * 32)):
        default_storage.save(f"{FOLDER}/{row.names[2]}", ContentFile(b"beeld"))
    address = preview.address_of(image.case)
    shown = re.search(r'src="(/beelden/[^"]+)"', client.get(address).text)[1]
    assert shown == f"{image.smallest}?voorbeeld={address.split('/')[2]}"
    wanted = {shown: 200, image.smallest: 404, shown.replace("0" * 32, "1" * 32): 404}
    assert {fetched: status(client, fetched) for fetched in wanted} == wanted


def test_planned_case_is_published_now_with_one_button(client, make_editor, make_case):
    case = make_case(published_at=timezone.now() + timedelta(days=3))
    client.force_login(make_editor("eindredacteur"))
    change(client, case, _publish_now="1")
    assert Case.objects.published().get() == case


def test_a_day_alone_plans_at_midnight(client, make_editor, make_case):
    case = make_case(published_at=None)
    client.force_login(make_editor("eindredacteur"))
    change(client, case, published_at_0="2040-01-02", published_at_1="", _publish="1")
    case.refresh_from_db()
    assert str(timezone.localtime(case.published_at)) == "2040-01-02 00:00:00+01:00"


def test_reviewer_sees_what_was_asked_before_and_what_changed_since(client, make_editor, make_case):
    author, chief = make_editor("redacteur", "oost"), make_editor("eindredacteur")
    case = make_case(published_at=None, author=author)
    workflow.submit(case, author)
    workflow.send_back(case, chief, "Noem het dorp.")
    client.force_login(author)
    change(client, case, place="Tubbergen", _submit="1")
    client.force_login(chief)
    page = client.get(f"/beheer/cases/case/{case.pk}/change/").text
    assert "Noem het dorp." in page
    assert "<ins>Tubbergen</ins>" in re.sub(r"\s*<span[^>]*>[^<]*</span>\s*", "", page).replace("\n", "")


@pytest.mark.parametrize("key", ["abc", "9" * 23, "1\0", "²"])
def test_keys_that_cannot_be_are_refused_with_a_message(client, make_editor, make_case, key):
    case = make_case(published_at=None)
    client.force_login(make_editor("eindredacteur"))
    names = ["provinces", "lead_organisations", "qualifications", "levels", "experiments", "contact"]
    response = change(client, case, **{name: [key] for name in names})
    assert set(response.context["adminform"].form.errors) == set(names)


def test_delete_page_speaks_of_nothing_that_only_links(client, make_editor, make_case):
    client.force_login(make_editor("eindredacteur"))
    page = client.get(f"/beheer/cases/case/{make_case().pk}/delete/").text
    assert "Case_provinces" not in page
    assert "Verwijderde cases" in page
