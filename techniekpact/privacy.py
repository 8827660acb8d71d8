"""What /privacy/ promises: nothing without its test. `days` is settings.MESSAGE_DAYS."""

# Under each heading what readers see, and the test of it: a file of tests/ and a function.
PROMISES = {
    "Als u alleen leest": {
        "Het portaal zet geen cookies.": "test_headers.py::test_public_pages_set_no_cookie",
        "De pagina’s halen niets van andere websites. Zo weet geen ander dat u hier bent.": (
            "test_headers.py::test_public_pages_load_nothing_from_elsewhere"
        ),
    },
    "Als u een bericht stuurt": {
        "Uw naam, e-mailadres en bericht gaan per mail naar het contact of de redactie. De redactie kan ze lezen.": (
            "test_contact.py::test_message_goes_to_the_contact_or_else_the_editors"
        ),
        "Uit het portaal gaat uw bericht weg {days} dagen nadat het binnenkwam. Kon het niet gemaild worden? Dan gaat "
        "het weg {days} dagen nadat de redactie het afhandelde.": (
            "test_jobs.py::test_old_messages_go_when_handled_mailed_or_unwanted"
        ),
    },
    "Als u een case aanmeldt, of zegt wat er niet klopt": {
        "Lezers zien uw naam en e-mailadres nooit. U mag ze leeg laten.": (
            "test_privacy.py::test_readers_never_see_who_sent_something"
        ),
        "Uw naam en e-mailadres gaan weg {days} dagen nadat de case op de site kwam of uw opmerking is afgehandeld. "
        "Doet niemand er iets mee? Dan gaan ze weg na {days} dagen.": (
            "test_jobs.py::test_what_visitors_say_of_themselves_goes_when_it_is_no_longer_needed"
        ),
        "Een opmerking gaat zelf weg {days} dagen nadat zij is afgehandeld. Tot dan blijft zij bij de redactie.": (
            "test_jobs.py::test_what_visitors_say_of_themselves_goes_when_it_is_no_longer_needed"
        ),
        "Een case die u aanmeldt, gaat niet vanzelf weg. De redactie zet hem op de site of verwijdert hem. Eerdere "
        "versies blijven bij de redactie bewaard.": (
            "test_history.py::test_deleted_case_comes_back_with_its_links_and_parts"
        ),
        "Wat van een robot lijkt te komen, gaat na {days} dagen helemaal weg.": (
            "test_jobs.py::test_case_of_a_robot_goes_with_its_history"
        ),
    },
    "Bij een bericht, een case en een opmerking": {
        "Om te zien of één netwerk niet te veel stuurt, bewaren wij een code. Die is gemaakt van een deel van uw "
        "IP-adres. Na een uur doet zij niets meer, en binnen een dag daarna is zij gewist.": (
            "test_jobs.py::test_code_of_a_network_is_wiped_when_its_limit_has_passed"
        ),
    },
    "Als wij u vragen of iets nog klopt": {
        "Wij onthouden naar welk adres onze mail ging, en uw antwoord. Dat gaat weg als de vraag niet meer open staat: "
        "op zijn vroegst {days} dagen na de mail, en niet zolang de link in de mail werkt.": (
            "test_freshness.py::test_what_was_asked_is_kept_until_the_answer_is_in_and_the_link_works_no_more"
        ),
        "Komt een mail niet aan, dan proberen wij het hoogstens vijf keer.": (
            "test_freshness.py::test_mail_that_keeps_failing_is_given_up_and_then_a_task"
        ),
        "Zonder antwoord krijgt u hoogstens drie mails.": (
            "test_freshness.py::test_no_more_than_three_mails_a_month_apart_and_then_it_is_a_task"
        ),
    },
    "Als u een contact op deze site bent": {
        "Uw e-mailadres en telefoonnummer staan er alleen als u dat goed vond.": (
            "test_contact.py::test_address_of_a_person_is_hidden_without_consent"
        ),
        "Verwijdert de redactie een contact, dan gaan ook eerdere versies van de gegevens weg, na {days} dagen.": (
            "test_jobs.py::test_what_is_kept_of_a_contact_goes_some_time_after_the_contact"
        ),
    },
}
