"""Hints for who writes: how long a text is, and what could be said in plainer Dutch. Hints only: nothing is refused."""

import re

LONGEST_SENTENCE = 20  # words; a longer one is hard to read at level B1

# What civil servants write, and what others say.
PLAIN = {
    "aangaande": "over",
    "additionele": "extra",
    "alsmede": "en",
    "alvorens": "voordat",
    "bewerkstelligen": "zorgen voor",
    "conform": "volgens",
    "derhalve": "daarom",
    "desalniettemin": "toch",
    "desbetreffende": "deze",
    "dienen te": "moeten",
    "dient te": "moet",
    "dientengevolge": "daardoor",
    "doch": "maar",
    "evenwel": "maar",
    "geenszins": "niet",
    "hetgeen": "wat",
    "heden": "nu",
    "hieromtrent": "hierover",
    "in het kader van": "voor",
    "indien": "als",
    "inzake": "over",
    "krachtens": "volgens",
    "middels": "met",
    "monitoren": "volgen",
    "nadien": "daarna",
    "omtrent": "over",
    "onderhavige": "deze",
    "reeds": "al",
    "sedert": "sinds",
    "ten aanzien van": "over",
    "ten behoeve van": "voor",
    "ten gevolge van": "door",
    "teneinde": "om",
    "tevens": "ook",
    "thans": "nu",
    "trachten": "proberen",
    "veelal": "vaak",
    "voornemens": "van plan",
    "voorts": "verder",
    "wederom": "weer",
    "zulks": "dit",
}
VERBS = {  # all of which end in -eren; their other forms are found too
    "effectueren": "uitvoeren",
    "faciliteren": "mogelijk maken",
    "implementeren": "invoeren",
    "initiëren": "beginnen",
    "optimaliseren": "verbeteren",
    "participeren": "meedoen",
    "prioriteren": "kiezen wat eerst komt",
}
FORMS = [(re.compile(rf"\b{phrase}\b", re.I), plain) for phrase, plain in PLAIN.items()] + [
    (re.compile(rf"\b(?:ge)?{verb[:-4]}[eë](?:ren|er(?:t|d|de|den)?)\b", re.I), plain) for verb, plain in VERBS.items()
]

# What repeats has an end here, so that no text takes long.
LINK = re.compile(r"\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)|<https?:[^<>\s]{0,500}>")
# A new paragraph, heading, item or row of a table.
BLOCK = re.compile(r"\n[^\S\n]{0,99}\n|\n(?=[^\S\n]{0,99}(?:[-*+>#|]|\d+[.)]\s))")
MARKS = re.compile(r"^[\s>#|*+-]+|[*_`|]+", re.M)
END = re.compile(r"(?<=[.!?])[’”\"')]*\s+(?=[‘“\"'(]?[A-ZÀ-Þ])")  # an abbreviation has no capital after it
WORD = re.compile(r"\w[\w'’.,/‐–-]*")


def sentences(text):
    """The sentences of a Markdown text, without its marks."""
    for block in BLOCK.split(LINK.sub(r"\1", text)):
        plain = " ".join(MARKS.sub(" ", block).split())
        yield from filter(None, END.split(plain))


def hints(text):
    """What can be said about a text: its length, its long sentences, and [(what it says, what is plainer)]."""
    text = text.replace("\r\n", "\n")
    said = list(sentences(text))
    counts = [len(WORD.findall(sentence)) for sentence in said]
    stiff = ((match, plain) for form, plain in FORMS if (match := form.search(text)))
    return {
        "characters": len(text),
        "words": sum(counts),
        "long": [sentence for sentence, count in zip(said, counts, strict=True) if count > LONGEST_SENTENCE],
        "longest": LONGEST_SENTENCE,
        "stiff": [(match[0].lower(), plain) for match, plain in sorted(stiff, key=lambda each: each[0].start())],
    }
