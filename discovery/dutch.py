"""The Dutch words of a text as a search compares them: folded, stemmed, taken apart. It knows no app.

An index holds what these functions give: after a change here, build it again.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from threading import Lock

import snowballstemmer

LONGEST = 40  # letters of a word; what comes after is cut
MOST_JOINED = 4  # a longer chain of parts is a list or an address, no word

# ---- the words of a text

OTHER_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l"})  # NFKD leaves these
UNSEEN = re.compile(r"[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff]")  # accents, soft hyphens, no width at all
APOSTROPHE = re.compile(r"(?<=[^\W_])['’‘ʼ`′](?=[^\W_])")
WRITTEN = re.compile(r"[a-z0-9][a-z0-9/‐–-]*")
HYPHENS = re.compile(r"[/‐–-]+")


def compounds(text: str) -> list[list[tuple[str, ...]]]:
    """Each written word of a query as the alternatives for it: BOL/BBL is bol and bbl, or else bolbbl."""
    return [
        [pieces, ("".join(pieces)[:LONGEST],)]
        if 1 < len(pieces) <= MOST_JOINED and not all(map(str.isdecimal, pieces))
        else [pieces]
        for pieces in _written(text)
    ]


def words(text: str) -> list[str]:
    """The words of a text in order: of a compound with a hyphen or a slash its parts, then the whole."""
    return [word for alternatives in compounds(text) for pieces in alternatives for word in pieces]


def _written(text: str) -> Iterator[tuple[str, ...]]:
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.replace("´", "'"))
        text = UNSEEN.sub("", text).lower().translate(OTHER_LETTERS)
    for run in WRITTEN.findall(APOSTROPHE.sub("", text).lower()):
        if run.isalnum():
            yield (run[:LONGEST],)
        else:
            yield tuple(part[:LONGEST] for part in HYPHENS.split(run) if part)


# ---- the stems of a word

PORTER, KRAAIJ_POHLMANN = snowballstemmer.stemmer("dutch_porter"), snowballstemmer.stemmer("dutch")
LOCK = Lock()  # a stemmer keeps the word it works on in itself, and threads share it

LONG = "(?:aa|ee|oo|uu|ie|oe|eu|ui|ij|ei|ou|au)"
VERB = (  # the end of a verb that has a -t or -d behind it; not that of kaart, punt, recht, markt or talent
    rf"(?:\w{LONG}(?:[bfgklmnpsvwz]|uw)|\w(?:ee|oe|ie)r|\w(?:oei|aai|ooi)"
    r"|\w(?:[^a][lrmn]|an)[bfgkmp]|\w\w(?:e[lr]|in)|\w[kp]en)"
)
BEFORE = "(?:aan|af|bij|door|in|mee|na|om|op|over|samen|toe|uit|voor)"
# Each rule that fits adds a stem: a wrong one rarely harms, as no other word has it. Measured with the list of Debian's
# wdutch: 98.9% of 20,000 singulars and plurals share a stem (Porter 72%, Kraaij-Pohlmann 88%), taak and tak never do.
RULES = [
    (re.compile(pattern), kept)
    for pattern, kept in [
        # regio's, stages, examens, events, robots, trainings, labs, civ's; not plaats, kans, mens, links, nieuws
        (r"^(\w{4,}(?<=[aeioubclmpry])|\w\w+[^aeiou][aeou]?t|\w{2,}(?:ing|nd|rd|ck))s$", r"\1"),
        (r"^(\w*[aeiou]\w*[^aeiou][aeiou]+n|\w[aeiou][bcpv])s$", r"\1"),
        (r"(?<=ie|ee)en$", ""),  # technologieën, ideeën
        (r"(?<=[^aeiou]{2})en$|(?<=[aeiou]{2}[^aeiou])en$|(?<=ij[^aeiou])en$", ""),  # kansen, boeken, prijzen
        (r"^(\w*[aeiou]\w*[^aeiou]e[lmnr])en$", r"\1"),  # middelen
        (r"([fgklmnprst])\1en?$", r"\1"),  # processen
        (r"(?<=[^aeiou])([aeou])([bdfgklmnprstvz])en?$", r"\1\1\2"),  # leraren, panelen, duurzame
        (r"(?<=\w{3}[vz])e$", ""),  # innovatieve
        (r"(dag|weg)en$", r"\1"),
        (r"leden$", "lid"),
        (r"steden$", "stad"),
        (r"(?<=ic)i$", "us"),  # technici
        (r"(?<=\w{4}[^aeiou])a$|(?<=muse)a$", "um"),  # centra
        (r"(?<=\w{5})he(?:id|den)$", ""),  # veiligheid, mogelijkheden; not overheid
        (r"heden$", "heid"),
        (r"(?<=..man|..aar|..eur|...er|.ling)schap$", ""),  # vakmanschap, partnerschap; not gemeenschap
        (rf"^(\w*{VERB})t$", r"\1"),  # leert, werkt
        (rf"^((?:be|er|her|ont|ver)\w*?{VERB})d$", r"\1"),  # vernieuwd
        (rf"^({BEFORE}?)ge(\w*?{VERB})[dt]$", r"\1\2"),  # geleerd, samengewerkt
        (rf"^({BEFORE})ge(\w+[dt])$", r"\1\2"),  # opgeleid
        (r"^ge(start|test|zet|plaats)t?$", r"\1"),
        (r"dt$", "d"),
        (r"^(\w*[aeiouy]\w*[^aeiouy]\w*[aeiou]\w*[^aeiou])(?:ers?|aars?|sters?)$", r"\1"),  # begeleider, ontwikkelaar
    ]
]
BOLD = re.compile(r"(?:ige?|isme|tje|heid|heden)$")  # too much to take off a short word: vijftig, overheid
LINK = re.compile(r"(?<=schap|.heid|..ing|.teit)s(?=[a-z]{4})")  # vakmanschap(s)route


@lru_cache(maxsize=50_000)
def stems(word: str) -> frozenset[str]:
    """What the inflections of a word share, and the word itself; two words are one if any stem is the same."""
    if len(word) < 4:
        return frozenset([word])
    with LOCK:
        porter, kraaij_pohlmann = PORTER.stemWord(word), KRAAIJ_POHLMANN.stemWord(word)
    found = {word}
    # Short stems of Porter make one of taak and tak.
    if len(porter) > 4 and word.startswith(porter):
        found.add(porter)
    # Kraaij-Pohlmann takes the beginning off too (gerecht, begeleiding), and at times most of the word (vestiging).
    size = len(kraaij_pohlmann)
    too_short = size * 2 < len(word) or (size < 5 and BOLD.search(word))
    if not too_short and word.startswith(kraaij_pohlmann[: max(size - 2, 2)]):
        found.add(kraaij_pohlmann)
    found.discard(word[:-1] if word[-1] in "st" else word.removesuffix("heid"))  # the rules know these better
    for pattern, kept in RULES:
        stem, fits = pattern.subn(kept, word)
        if fits and len(stem) > 2:
            found.add(stem)
    found = {stem[:-1] + ("f" if stem[-1] == "v" else "s") if re.search("...[vz]$", stem) else stem for stem in found}
    unlinked = LINK.sub("", word)
    return frozenset({word} | found if unlinked == word else {word} | found | stems(unlinked))


# ---- the parts of a compound

# Words that begin or end many a compound in vocational education.
BOTH = """
bedrijf beroep bouw campus centrum college cursus docent energie examen gemeente groep handel haven horeca industrie
innovatie installatie kennis kwalificatie landbouw leerling leraar leerweg logistiek maritiem metaal milieu niveau
onderwijs onderzoek ontwikkeling opleiding organisatie praktijk proces product project regio restauratie robot route
school sector stage student subsidie techniek technologie tuinbouw vak vakman vakmanschap voeding werkgever zorg
"""
FIRST = set(
    f"""{BOTH}
agro arbeid basis bedrijven cyber dier duurzaamheid elektro entree food groen hbo hout ict informatie keuze leer mavo
mbo media natuur plant scholen sport techno toerisme veiligheid vmbo voedsel water welzijn werk wijk
""".split()
)
LAST = set(
    f"""{BOTH}
academie begeleider begeleiding beleid boerderij certificaat cluster coach diploma directeur expert fabriek fonds
functionaris instelling klas kunde lab leider locatie lokaal manager markt medewerker module monteur netwerk omgeving
opdracht opleider ondernemer pact partner plaats plan plek professional profiel programma regeling samenwerking
specialist systeem team technicus technoloog teelt traject vaardigheid vereniging verlener vorming
""".split()
)
BEGINS = re.compile(rf"({'|'.join(sorted(FIRST, key=len, reverse=True))})(.{{3,}})")
ENDS = re.compile(rf"(.{{3,}}?)({'|'.join(LAST)})")
VERBAL = {"ver", "ont", "her"}  # verbouwen is a verb, no compound


@lru_cache(maxsize=50_000)
def parts(word: str) -> frozenset[str]:
    """The stems of the known parts of a compound: of zorgtechnicus those of zorg and technicus."""
    whole = stems(word)
    if whole & FIRST or whole & LAST:
        return frozenset()
    found = {ends[2] for stem in whole if (ends := ENDS.fullmatch(stem)) and ends[1] not in VERBAL}
    if begins := BEGINS.fullmatch(word):
        first, rest = begins.groups()
        # A short beginning counts before a known end only: vak does in vakopleiding, not in vakantie.
        if len(first) > 4 or any(stems(rest.removeprefix(link)) & LAST for link in ("", "s", "en", "e")):
            found.add(first)
    return frozenset().union(*map(stems, found))


# ---- typing errors


@lru_cache(maxsize=1_000)
def nearest(word: str, vocabulary: str, most: int = 3) -> tuple[str, ...]:
    """The words of a vocabulary (one a line) that differ from a word by a typing error, the nearest first."""
    if len(word) < 4 or not word.isalpha():
        return ()
    errors = 1 if len(word) < 8 else 2
    shortest, longest = len(word) - errors, len(word) + errors
    near = re.compile(rf"^(?:{word[0]}[a-z]|[a-z]{word[1:3]})[a-z]{{{shortest - 3},{longest - 2}}}$", re.MULTILINE)
    letters = set(word)
    found = []
    for other in near.findall(vocabulary):
        # An error changes one letter: this leaves few words to compare.
        if len(letters.difference(other)) <= errors >= len(set(other).difference(letters)) and other != word:
            found.append((_distance(word, other), other[0] != word[0], other))
    return tuple(other for distance, _, other in sorted(found)[:most] if distance <= errors)


def _distance(one: str, other: str) -> int:
    """Damerau-Levenshtein: letters added, left out, replaced, or two neighbours swapped."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one):
        last, before, row = before, row, [i + 1]
        for j, b in enumerate(other):
            cost = before[j] if a == b else 1 + min(before[j], before[j + 1], row[j])
            if i and j and a == other[j - 1] and b == one[i - 1]:
                cost = min(cost, last[j - 1] + 1)
            row.append(cost)
    return row[-1]
