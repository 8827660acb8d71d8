"""Search in Dutch over cases made for it: what finds what, in which order, and what can never go wrong."""

from pathlib import Path
from urllib.parse import urlencode

import pytest
import yaml
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone

from cases.filters import CaseFilter
from discovery.models import Synonym
from programme.models import Region, RegionAlias

PAIRS = [
    line.split("\t")
    for line in Path(__file__).with_name("search_pairs.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def search(query, **choices):
    return CaseFilter(QueryDict(urlencode({"q": query, **choices})))


def found(query, **choices):
    """The primary keys of the cases that a search finds, in its order."""
    return search(query, **choices).pks()


@pytest.fixture
def synonyms(db):
    records = yaml.safe_load((settings.BASE_DIR / "content" / "synonyms.yaml").read_text(encoding="utf-8"))
    Synonym.objects.bulk_create(Synonym(**record) for record in records)


# ---- which words find each other


@pytest.mark.parametrize("place", ["title", "body"])
@pytest.mark.parametrize(("one", "other", "rule"), PAIRS)
def test_pair_of_the_list(synonyms, make_case, one, other, rule, place):
    with_one, with_other = make_case(**{place: f"Over {one}."}).pk, make_case(**{place: f"Over {other}."}).pk
    assert with_one in found(one)
    assert with_other in found(other)
    assert (with_other in found(one)) is (rule != "nee")
    if rule != "heen":
        assert (with_one in found(other)) is (rule == "ja")


@pytest.mark.parametrize(("one", "other", "rule"), PAIRS)
def test_pair_where_the_other_word_stands_alone(synonyms, make_case, one, other, rule):
    """No other case has the word that is searched for, so that spelling could be corrected too."""
    case = make_case(body=f"Over {other}.").pk
    assert (case in found(one)) is (rule != "nee")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("technicus", "technici"),
        ("coordinator", "coördinator"),
        ("COÖRDINATOR", "coordinator"),
        ("'s-hertogenbosch", "Den Bosch"),
        ("den bosch", "’s‑Hertogenbosch"),
        ("leerkracht", "docenten"),
        ("middelbaar beroepsonderwijs", "mbo"),
        ("centrum voor innovatief vakmanschap", "civ's"),
        ("bpv-plaatsen", "stageplekken"),
        ("e-learning", "elearning"),
        ("zij instromers", "zij-instromer"),
        ("mbo 4", "mbo-4"),
        ("robot", "robots"),
        ("robots", "zorgrobot"),
        ("crossovers", "cross over"),
        ("zorg boulevard", "zorgboulevard"),
        ("roc-docenten", "roc docent"),
    ],
)
def test_word_finds_text(synonyms, make_case, query, text):
    case = make_case(body=f"Over {text}.").pk
    assert found(query) == [case]
    assert not search(query).corrected


def test_compound_is_found_where_it_is_written_as_two_words(make_case):
    case = make_case(body="Het huis van de top techniek.").pk
    make_case(body="Over techniek.")
    assert found("toptechniek") == [case]
    assert search("huis toptechniek").corrected == "huis top techniek"


def test_words_beside_each_other_are_found_apart_and_as_a_compound(make_case):
    title, apart = make_case(title="Zorg en techniek").pk, make_case(body="Techniek in de zorg.").pk
    compound = make_case(body="Zorgtechniek.").pk
    make_case(body="Zorg.")
    assert set(found("zorg techniek")) == {title, apart, compound}
    assert found("zorg techniek")[0] == title


# ---- the order


def test_title_comes_before_summary_organisation_and_body(make_case, make_organisation):
    body = make_case(body="Een zeilmaker vertelt.", first_year=2020)
    organisation = make_case(first_year=2019)
    organisation.lead_organisations.add(make_organisation("Zeilmaker BV"))
    summary = make_case(summary="Een zeilmaker vertelt.", first_year=2018)
    title = make_case(title="De zeilmaker", first_year=2017)
    assert found("zeilmaker") == [title.pk, summary.pk, organisation.pk, body.pk]
    assert found("zeilmaker", sorteer="nieuwste") == [body.pk, organisation.pk, summary.pk, title.pk]


@pytest.mark.parametrize("place", ["title", "summary", "body"])
def test_exact_word_comes_before_stem_part_and_beginning(make_case, place):
    texts = ["Het lyceumgebouw", "De werkplaats", "De zorgtechniek", "De technieken", "De techniek"]
    _, _, part, stem, exact = (make_case(**{place: text}, first_year=2020 - n).pk for n, text in enumerate(texts))
    assert found("techniek") == [exact, stem, part]


def test_beginning_comes_last(make_case):
    beginning = make_case(body="Een vlonderpad.", first_year=2020).pk
    stem = make_case(body="Twee vlonders.", first_year=2019).pk
    exact = make_case(body="Een vlonder.", first_year=2018).pk
    assert found("vlonder") == [exact, stem, beginning]


def test_field_weighs_more_than_kind_and_every_word_counts(make_case):
    exact = make_case(summary="De techniek.", first_year=2020).pk
    part = make_case(title="De zorgtechniek", first_year=2019).pk
    assert found("techniek") == [part, exact]
    both = make_case(body="De techniek van een zeil.").pk
    assert found("techniek zeil") == [both]


def test_equal_matches_stand_newest_first(make_case):
    cases = [make_case(body="Een zeil.", first_year=year).pk for year in (2012, 2020, 2016)]
    assert found("zeil") == [cases[1], cases[2], cases[0]]


# ---- phrases, and what says nothing


def test_quoted_phrase_stands_there_literally(make_case):
    literal = make_case(body="Over zorg en techniek.").pk
    make_case(body="Over techniek en zorg.")
    make_case(title="Over zorg en", summary="techniek en meer.")
    make_case(body="Over zorg en technieken.")
    for query in ('"zorg en techniek"', "“Zorg en Techniek”", "„zorg en techniek”", '"zorg - en techniek!"'):
        assert found(query) == [literal]
    assert found('"zorg en techniek" over') == [literal]
    assert found('"zorg en techniek" vlonder') == []
    assert found('""') == []


def test_phrase_in_the_title_comes_first(make_case):
    body = make_case(body="Over zorg en techniek.", first_year=2020).pk
    title = make_case(title="Zorg en techniek", first_year=2019).pk
    assert found('"zorg en techniek"') == [title, body]


def test_phrase_stands_literally_in_the_name_of_an_instrument(make_case, make_experiment):
    case = make_case(experiments=[make_experiment("proef", name="Proef met vlonders").pk]).pk
    assert found('"proef met vlonders"') == found('"met vlonders"') == [case]
    assert found('"vlonders met proef"') == found('"proef vlonders"') == []


@pytest.mark.parametrize("query", ["in de", "de", "DE in", "in de het"])
def test_stop_words_alone_are_searched_for(make_case, query):
    case = make_case(body="Leren in de praktijk, het kan.").pk
    make_case(body="Niets.")
    assert found(query) == [case]


def test_stop_words_among_others_say_nothing(make_case):
    case = make_case(body="Robots helpen zorgverleners.").pk
    assert found("robots voor de zorgverlener") == found("robots zorgverlener") == [case]


@pytest.mark.parametrize("query", ["!!!", "-", "…", "/", "''", '"', '"""', "* - +", "語", "\u0301", "😀"])
def test_only_punctuation_finds_nothing(make_case, query):
    make_case()
    selection = search(query)
    assert selection.total == 0
    assert not selection.corrected
    assert not selection.form.errors


@pytest.mark.parametrize("query", ["", "   ", "\t"])
def test_no_words_find_everything(make_case, query):
    case = make_case().pk
    assert found(query) == [case]


# ---- long queries, and those that look like the language of a database


def test_query_of_200_characters(make_case):
    case = make_case(body="Een zeil.").pk
    assert found(f"zeil {'!' * 195}") == [case]
    assert found("zeil " * 40) == [case]
    assert found("z" * 200) == []
    assert found("a-" * 100) == []
    assert "te lang" in search("z" * 201).form.errors["q"][0]


def test_of_thirty_words_the_first_eight_count(make_case):
    letters = "abcdefghijklmnopqrstuvwxyzabcd"
    words = [f"zq{letters[n]}{letters[n // 3]}x" for n in range(30)]
    enough, few = make_case(body=" ".join(words[:8])).pk, make_case(body=" ".join(words[:7])).pk
    assert found(" ".join(words)) == [enough]
    assert set(found(" ".join(words[:7]))) == {enough, few}


@pytest.mark.parametrize(
    "query",
    [
        *["zorg*", "*zorg", "^zorg", ":zorg", "zorg:", '"zorg', 'zorg"', "(zorg", "zorg)", "()zorg", "-zorg", "- zorg"],
        *["+zorg", "{zorg}", "{zorg", "zorg &", "zorg |", "!zorg", "<-> zorg", "zorg:*", "'zorg'", "zorg;--", "zorg\\"],
        *["%zorg%", "zorg /*", "`zorg`", "[zorg]", "~zorg", "zorg ?", "%s zorg"],
    ],
)
def test_operators_of_databases_are_no_words(make_case, query):
    case = make_case(body="Over zorg en s.").pk
    make_case(body="Over handel.")
    assert found(query) == [case]


@pytest.mark.parametrize("word", ["AND", "OR", "NOT", "NEAR"])
def test_operators_that_are_words_are_searched_for(make_case, word):
    case = make_case(body=f"Over zorg {word} handel.").pk
    make_case(body="Over zorg, handel.")
    for query in (f"zorg {word} handel", f"{word} zorg", f"zorg {word}", word, f"{word}(zorg handel, 2)"):
        assert set(found(query)) - {case} == set(), query
    assert found(f"zorg {word} handel") == [case]


@pytest.mark.parametrize("query", ["cx_zorg", "k_cases", "kx_zorg", "as_zorg", "tokens:zorg", "discovery_fts"])
def test_tokens_of_the_index_are_no_words(make_case, query):
    make_case(body="Over handel.")
    assert found(query) == []


# ---- what is saved is found in the next search


def test_renamed_organisation_is_found_by_its_new_name(make_case, make_organisation):
    organisation = make_organisation("Zeilcollege")
    case = make_case()
    case.lead_organisations.add(organisation)
    assert found("zeilcollege") == [case.pk]
    organisation.name = "Vlonderacademie"
    organisation.save()
    assert found("vlonderacademie") == [case.pk]
    assert found("zeilcollege") == []
    organisation.former_names = "Zeilcollege"
    organisation.save()
    assert found("zeilcollege") == [case.pk]


def test_synonym_is_found_once_it_is_saved(make_case):
    case = make_case(body="Over een vlonder.").pk
    assert found("aanlegsteiger") == []
    group = Synonym.objects.create(slug="vlonder", words="vlonder, aanlegsteiger, drijvende kade")
    assert found("aanlegsteigers") == found("drijvende kade") == [case]
    group.words = "vlonder, kade"
    group.save()
    assert found("kade") == [case]
    assert found("aanlegsteiger") == []
    group.delete()
    assert found("kade") == []


def test_renamed_qualification_is_found_by_its_new_name_and_number(make_case, make_qualification):
    qualification = make_qualification(name="Zeilmaker", crebo="25999")
    case = make_case()
    case.qualifications.add(qualification)
    assert found("zeilmaker") == found("zeilmakers") == found("25999") == [case.pk]
    qualification.name, qualification.crebo = "Vlonderbouwer", "25998"
    qualification.save()
    assert found("vlonderbouwer") == found("25998") == [case.pk]
    assert found("zeilmaker") == found("25999") == []


def test_concept_of_a_qualification_finds_nothing(make_case, make_qualification):
    make_case().qualifications.add(make_qualification(name="Zeilmaker", crebo="25999", published_at=None))
    assert found("zeilmaker") == found("25999") == []


def test_crebo_number_is_found_with_and_without_the_word(make_case, make_qualification):
    case = make_case()
    case.qualifications.add(make_qualification(crebo="25999"))
    make_case().qualifications.add(make_qualification("vlonderbouwer", crebo=None))
    assert found("crebo 25999") == found("25999") == found("crebo") == [case.pk]


def test_landsdeel_is_found_by_its_other_name(make_case):
    case = make_case(provinces=["gelderland"]).pk
    make_case(provinces=["fryslan"])
    RegionAlias.objects.create(region=Region.objects.get(slug="oost"), name="Ooststreek", slug="ooststreek")
    assert found("ooststreek") == [case]


# ---- typing errors


@pytest.mark.parametrize("typed", ["zielmaker", "zeilmaaker", "zeilmker", "zeilmakar", "xeilmaker", "Zielmaker!"])
def test_spelling_is_corrected_when_nothing_is_found(make_case, typed):
    case = make_case(body="Een zeilmaker vertelt.").pk
    assert found(typed) == found(f"{typed} vertelt") == [case]
    assert search(typed).corrected == "zeilmaker" + "!" * typed.count("!")
    assert search(f"een {typed} vertelt").corrected.startswith("een zeilmaker")


def test_spelling_is_not_corrected_when_something_is_found(make_case):
    make_case(body="Een zeilmaker vertelt.")
    typed = make_case(body="Een zielmaker vertelt.").pk
    assert found("zielmaker") == [typed]
    assert not search("zielmaker").corrected
    assert not search("zeil").corrected  # a beginning is found


def test_spelling_is_corrected_over_the_whole_list(make_case):
    make_case(body="Een zeilmaker vertelt.", provinces=["gelderland"])
    make_case(body="Een zielmaker vertelt.", provinces=["overijssel"])
    selection = search("zielmaker", regio="gelderland")
    assert selection.total == 0
    assert not selection.corrected


def test_spelling_is_never_corrected_to_a_word_that_only_a_concept_has(make_case):
    concept = make_case(body="Een zeilmaker vertelt.", published_at=None)
    make_case()
    assert (search("zielmaker").total, search("zielmaker").corrected) == (0, "")
    concept.published_at = timezone.now()
    concept.save()
    assert (search("zielmaker").total, search("zielmaker").corrected) == (1, "zeilmaker")


def test_words_of_concepts_hide_no_correction(make_case):
    make_case(body="Zeilmakar zeilmakbr zeilmakcr zeilmakdr zeilmakzr.", published_at=None)
    case = make_case(body="Een zeilmaker vertelt.").pk
    assert found("zeilmakr") == [case]


def test_every_word_of_a_long_query_may_be_a_typing_error(make_case):
    roots = ["zeilmak", "vlonder", "bakkers", "loodgiet", "timmerm", "slagers", "kappers", "schilder"]
    case = make_case(body=" ".join(f"{root}{end}" for root in roots for end in ("aa", "bb", "cc", "dd"))).pk
    assert found(" ".join(f"{root}a" for root in roots)) == [case]


def test_word_with_an_accent_is_corrected_too(make_case):
    make_case(body="Een zeilmaker vertelt.")
    assert search("zéilmakr vertelt").corrected == "zeilmaker vertelt"


def test_words_and_their_correction_must_be_found_together(make_case):
    make_case(body="Een zeilmaker vertelt.")
    make_case(body="Over handel.")
    selection = search("zielmaker handel")
    assert (selection.total, selection.corrected) == (0, "")


# ---- words and facets


def test_weaker_matches_are_decided_over_the_whole_list(make_case):
    exact = [make_case(body="Een zeil.", provinces=["overijssel"]).pk for _ in range(9)]
    weak = make_case(body="Een zeilboot.", provinces=["gelderland"]).pk
    assert found("zeil")[-1] == weak
    assert found("zeil", regio="gelderland") == [weak]
    assert set(found("zeil", regio="overijssel")) == set(exact)
    make_case(body="Een zeil.", provinces=["overijssel"])
    assert len(found("zeil")) == 10
    assert found("zeil", regio="gelderland") == []


@pytest.mark.parametrize(
    "query", ["zeil", "zeilen", "ziel", "techniek", "zeil techniek", '"een zeil"', "zeilmaker oost"]
)
def test_facet_changes_nothing_of_what_matches(make_case, query):
    texts = ["Een zeil.", "Een zeilboot.", "Zeilen en techniek.", "Technisch.", "Zorgtechniek op een zeil.", "Niets."]
    choices = [("overijssel", "techniek"), ("gelderland", "groen"), ("fryslan", "techniek")]
    for number in range(18):
        province, sector = choices[number % 3]
        make_case(body=texts[number % 6], provinces=[province], sectors=[sector], first_year=2010 + number % 4)
    selection = search(query)
    rows = set(selection.pks())
    for name, group in selection.groups.items():
        for option in group.options:
            value = option.choice.value
            chosen = search(query, **{name: value})
            assert set(chosen.pks()) == rows & set(found("", **{name: value})), option
            assert chosen.total == option.count
            assert chosen.corrected == selection.corrected


# ---- marking what was found


@pytest.mark.parametrize(
    ("query", "marked"),
    [("zeilmakers", "zeilmaker"), ("zielmaker", "zeilmaker"), ('"een zeilmaker"', "zeilmaker"), ("zeil", "zeilmaker")],
)
def test_found_word_is_marked_in_the_card(make_case, query, marked):
    make_case(summary="Een zeilmaker vertelt.")
    assert f"<mark>{marked}</mark>" in search(query).cards(0, 1)[0]
