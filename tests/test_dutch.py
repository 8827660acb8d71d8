from pathlib import Path

import pytest
import yaml
from django.conf import settings

from discovery.dutch import LONGEST, compounds, nearest, parts, stems, words

PAIRS = [
    line.split("\t")
    for line in (Path(__file__).parent / "search_pairs.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
RECORDS = yaml.safe_load((settings.BASE_DIR / "content" / "synonyms.yaml").read_text(encoding="utf-8"))
GROUPS = [[compounds(member) for member in record["words"].split(",")] for record in RECORDS]


def readings(written):
    """All that a sequence of written words can be: (cross, over) and (crossover) of cross-over."""
    sequences = [()]
    for alternatives in written:
        sequences = [one + other for one in sequences for other in alternatives]
    return sequences


def same(one, other):
    return len(one) == len(other) and all(stems(a) & stems(b) for a, b in zip(one, other, strict=True))


def finds(query, text):
    """Whether a search finds a text, as the pairs mean it: by stems, synonyms, parts and beginnings of words."""
    found = words(text)
    strong = frozenset().union(*map(stems, found))
    weak = strong.union(*map(parts, found))
    written = compounds(query)

    def has(word):
        return stems(word) & weak or (len(word) >= 4 and any(other.startswith(word) for other in found))

    def held(asked):
        if any(all(map(has, reading)) for reading in readings(asked)):
            return True
        return any(
            all(stems(word) & strong for word in reading)
            for group in GROUPS
            if any(same(one, other) for one in readings(asked) for member in group for other in readings(member))
            for member in group
            for reading in readings(member)
        )

    def rest(start):
        ends = range(start + 1, len(written) + 1)
        return start == len(written) or any(held(written[start:end]) and rest(end) for end in ends)

    return rest(0)


@pytest.mark.parametrize(("one", "other", "rule"), PAIRS)
def test_pair_of_the_list(one, other, rule):
    assert finds(one, other) is (rule != "nee")
    if rule != "heen":
        assert finds(other, one) is (rule == "ja")


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["slug"])
def test_synonyms_find_each_other(record):
    members = [member.strip() for member in record["words"].split(",")]
    assert len(members) > 1
    assert all(finds(one, other) for one in members for other in members)


def test_no_synonym_is_in_two_groups():
    members = [(i, reading) for i, group in enumerate(GROUPS) for member in group for reading in readings(member)]
    assert [(one, other) for i, one in members for j, other in members if i < j and same(one, other)] == []
    assert len({record["slug"] for record in RECORDS}) == len(RECORDS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Fryslân, coördinator; ĲSLAND", ["fryslan", "coordinator", "ijsland"]),
        ("regio's regio’s regio´s 'zorg'", ["regios", "regios", "regios", "zorg"]),
        ("BOL/BBL leer–bedrijf", ["bol", "bbl", "bolbbl", "leer", "bedrijf", "leerbedrijf"]),
        ("mbo-niveau 4", ["mbo", "niveau", "mboniveau", "4"]),
        ("2016-2017", ["2016", "2017"]),
        ("vmbo- en mbo-scholen", ["vmbo", "en", "mbo", "scholen", "mboscholen"]),
        ("a/b/c/d a/b/c/d/e", ["a", "b", "c", "d", "abcd", "a", "b", "c", "d", "e"]),
        ("'s-Hertogenbosch", ["s", "hertogenbosch", "shertogenbosch"]),
        ("vak\u00admanschap — <b>ﬁets</b> 語 -/-", ["vakmanschap", "b", "fiets", "b"]),
        ("a" * 99, ["a" * LONGEST]),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize("piece", ["-", "a-", "é-", "/–", "a'", "a", "語", "\u0301", "½"])
def test_any_text_gives_short_plain_words(piece):
    found = words(piece * (1_000_000 // len(piece)))
    assert all(word.isascii() and word.isalnum() and word == word.lower() and len(word) <= LONGEST for word in found)


def test_compounds_give_the_alternatives_of_each_written_word():
    assert compounds("BOL/BBL zorg 2016-2017") == [[("bol", "bbl"), ("bolbbl",)], [("zorg",)], [("2016", "2017")]]


# Found by hand, beside the list: inflections, and words that only look like one.
@pytest.mark.parametrize(
    "family",
    [
        "leren leert lerend geleerd",
        "begeleiden begeleidt begeleid begeleider begeleiders begeleiding",
        "opleiden opleider opleiding opgeleid",
        "technicus technici",
        "centrum centra",
        "innovatief innovatieve",
        "mogelijk mogelijkheden",
        "overheid overheden",
        "lid leden",
        "roc rocs",
        "event events",
        "technologie technologieen",
        "opleidingsroute opleidingroute",
    ],
)
def test_inflections_share_a_stem(family):
    first, *others = family.split()
    assert [word for word in others if not stems(first) & stems(word)] == []


@pytest.mark.parametrize(
    "pair",
    [
        "taak tak",
        "plaats plaat",
        "kans kan",
        "markt mark",
        "over overheid",
        "talent talen",
        "nieuw nieuws",
        "kaart kaar",
    ],
)
def test_lookalikes_share_no_stem(pair):
    one, other = pair.split()
    assert not stems(one) & stems(other)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("zorgtechnicus", "zorg technicus"),
        ("zorgtechniek", "zorg techniek"),
        ("hogescholen", "school"),
        ("praktijkdocenten", "praktijk docent"),
        ("vakmanschaproute", "vakmanschap route"),
        ("vakdocent", "vak docent"),
        ("mbostudenten", "mbo student"),
        ("zorg", ""),
        ("landbouw", ""),
        ("vakantie", ""),
        ("gerecht", ""),
        ("gebouw", ""),
        ("bolwerk", ""),
    ],
)
def test_parts(word, expected):
    assert parts(word) == frozenset().union(*map(stems, expected.split()))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("techniek", []),
        ("technik", ["techniek"]),
        ("technisk", ["techniek", "technisch"]),
        ("onderwjis", ["onderwijs"]),
        ("zrog", ["zorg"]),
        ("sorg", ["zorg"]),
        ("bql", []),
        ("2017", []),
    ],
)
def test_nearest(word, expected):
    assert list(nearest(word, "2016\nbbl\nbol\nonderwijs\ntechniek\ntechnisch\nzorg")) == expected


def test_nearest_gives_the_nearest_first():
    assert list(nearest("leerwegen", "leerweg\nleerwege\nleerwegens\nleerzegen", most=2)) == ["leerwege", "leerwegens"]
