"""Fills a database that has the records of content/ up to a number of cases: python -m benchmarks.generate 10000

The same seed gives the same cases, and a smaller set is the beginning of a larger one. Prints, as JSON, what the
measurements need to know of them: how many are public, the values that occur most, and how often words occur.
"""

import argparse
import datetime
import itertools
import json
import os
import random
import re
import time
from collections import Counter
from pathlib import Path

import django
import yaml

CONTENT = Path(__file__).resolve().parent.parent / "content"
SEED = 9
BATCH = 2000  # cases a time
SAMPLE = 3000  # cases in which words are counted
NOW = datetime.datetime(2025, 6, 1, tzinfo=datetime.UTC)  # of the data, not of the clock: the same data every day


class Words:
    """Dutch that reads like content/: each word follows one that it follows there. Rare words are compounds."""

    def __init__(self, rng):
        self.rng = rng
        tokens = [re.findall(r"[\w’'-]+|\.", text) for text in sorted(set(self.texts()))]
        self.following: dict[str, list[str]] = {}
        for one, other in itertools.chain.from_iterable(map(itertools.pairwise, tokens)):
            self.following.setdefault(one, []).append(other)
        plain = Counter(token for text in tokens for token in text if re.fullmatch(r"[a-zà-ÿ]{5,10}", token))
        # What a text is about is rarer than what joins it: leave out the words that are everywhere.
        self.topics = sorted(word for word, count in plain.items() if 3 <= count <= 60)
        pairs = [one + other for one, other in itertools.product(self.topics, self.topics) if one != other]
        self.compounds = Zipf(rng, rng.sample(pairs, 10_000), head=40)

    def texts(self):
        def walk(node):
            if isinstance(node, str):
                if len(node) > 60 and not node.startswith("http"):
                    yield node
            else:
                for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
                    yield from walk(child)

        for path in sorted(CONTENT.glob("*.yaml")):
            yield from walk(yaml.safe_load(path.read_text()))

    def sentences(self, least):
        """Whole sentences, of `least` words or a few more."""
        roll, following = self.rng.random, self.following
        found: list[str] = []
        word = "."
        while len(found) < least or word != ".":
            after = following.get(word) or following["."]
            word = after[int(roll() * len(after))]
            if word == ".":
                if not found or found[-1].endswith("."):
                    continue
                found[-1] += "."
            else:
                found.append(self.compounds.one() if roll() < 0.06 else word)
        return " ".join(found)

    def title(self, place, organisation):
        topic, other = self.rng.sample(self.topics, 2)
        first, second = self.compounds.one(), self.compounds.one()
        return self.rng.choice(
            [
                f"{first.capitalize()} in {place}: {topic} en {other}",
                f"{organisation} begint met {first} voor {topic}",
                f"Van {topic} naar {first} ({place})",
                f"{topic.capitalize()} en {first} onder één dak in {place}",
                f"{first.capitalize()}: {organisation} zoekt {other} en {second}",
                f"{place} leert {other} met {first} en {second}",
            ]
        )


class Zipf:
    """Draws values, the first one most: value n with weight 1/n; a larger `head` makes the first ones less common."""

    def __init__(self, rng, values, head=1):
        self.rng, self.values = rng, values
        self.weights = list(itertools.accumulate(1 / rank for rank in range(head, len(values) + head)))

    def one(self):
        return self.rng.choices(self.values, cum_weights=self.weights)[0]

    def some(self, least, most):
        """Different values; one fewer when the same came twice."""
        count = self.rng.randint(least, most)
        return list(dict.fromkeys(self.rng.choices(self.values, cum_weights=self.weights, k=count)))


class Maker:
    """Makes the cases, with what hangs on them by many-to-many."""

    def __init__(self):
        from experiments.models import Experiment
        from programme.models import Level, Organisation, Region, Sector
        from routes.models import Route

        self.rng = rng = random.Random(SEED)  # noqa: S311
        self.words = Words(rng)
        provinces = Region.objects.filter(kind=Region.Kind.PROVINCE)
        organisations = Organisation.objects.order_by("slug")
        self.names = dict(organisations.values_list("pk", "name"))
        self.draws = {
            "provinces": (self.zipf(provinces.order_by("slug").values_list("pk", flat=True)), 1, 2),
            "sectors": (self.zipf(Sector.objects.values_list("pk", flat=True)), 1, 2),
            "levels": (self.zipf(Level.objects.values_list("pk", flat=True)), 0, 2),
            "lead_organisations": (self.zipf(self.names), 1, 3),
            "partner_organisations": (self.zipf(self.names), 0, 2),
            "experiments": (self.zipf(Experiment.objects.order_by("slug").values_list("pk", flat=True)), 0, 2),
            "routes": (self.zipf(Route.objects.order_by("pk").values_list("pk", flat=True)), 0, 2),
        }
        self.years = self.zipf(range(2005, 2026))
        self.places = self.zipf(sorted({place for place in organisations.values_list("place", flat=True) if place}))
        self.titles: set[str] = set()

    def zipf(self, values):
        values = list(values)
        self.rng.shuffle(values)
        return Zipf(self.rng, values)

    def linked(self):
        found = {name: zipf.some(least, most) for name, (zipf, least, most) in self.draws.items()}
        leads = found["lead_organisations"]
        found["partner_organisations"] = [pk for pk in found["partner_organisations"] if pk not in leads]
        if not {"techniek", "groen"} & {*found["sectors"]}:  # the rule of the field, as Case.problems() has it
            found["routes"] = [pk for pk in found["routes"] if pk != "technologieroute"]
        return found

    def case(self, number):
        """(Case, {field: [pk]}), not stored."""
        from django.utils.text import slugify

        from cases.models import Case

        rng, linked = self.rng, self.linked()
        place = self.places.one()
        title = None
        while title is None or title in self.titles:
            title = self.words.title(place, self.names[linked["lead_organisations"][0]])[:200]
        self.titles.add(title)
        first, chance = self.years.one(), rng.random()
        seen = chance < 0.2
        public: datetime.datetime | None = NOW - datetime.timedelta(minutes=rng.randrange(3_000_000))
        until = None
        if (chance := rng.random()) < 0.05:  # a concept, one for later, or one that was taken down
            public, until = (
                (None, None) if chance < 0.04 else (NOW.replace(year=2099), None) if chance < 0.045 else (public, NOW)
            )
        case = Case(
            title=title,
            slug=f"{slugify(title)[:90]}-{number}",
            summary=self.words.sentences(16)[:600],
            body=f"{self.words.sentences(70)}\n\n{self.words.sentences(65)}\n",
            place=place,
            nationwide=rng.random() < 0.02,
            first_year=first,
            last_year=None if seen or rng.random() < 0.5 else first + rng.randrange(8),
            running_seen_on=NOW.date() if seen else None,
            running_source="https://voorbeeld.example.nl/bron" if seen else "",
            published_at=public,
            unpublish_at=until,
        )
        return case, linked


def fill(total):
    """Store cases until there are `total`, and return what the measurements need to know."""
    from django.core.management import call_command, get_commands
    from django.db import connection, transaction

    from cases.models import Case, CaseSource
    from programme.models import Region

    begun = time.monotonic()
    maker, counted, sampled = Maker(), Counter[str](), 0
    numbers = iter(range(1, total - Case.objects.count() + 1))
    while batch := [maker.case(number) for number in itertools.islice(numbers, BATCH)]:
        with transaction.atomic():
            Case.objects.bulk_create([case for case, _ in batch])
            for name in maker.draws:
                field = Case._meta.get_field(name)
                own, other = field.m2m_column_name(), field.m2m_reverse_name()  # type: ignore[union-attr]
                through = field.remote_field.through  # type: ignore[union-attr]
                through.objects.bulk_create(
                    through(**{own: case.pk, other: pk}) for case, linked in batch for pk in linked[name]
                )
            CaseSource.objects.bulk_create(
                CaseSource(case=case, title="Verslag", publisher=case.place, year=case.first_year) for case, _ in batch
            )
        for case, _ in batch[: max(0, SAMPLE - sampled)]:
            counted.update(set(re.findall(r"[a-zà-ÿ]{4,}", f"{case.title} {case.summary} {case.body}".lower())))
            sampled += 1
    filled = time.monotonic()
    if "rebuild_search" in get_commands():
        call_command("rebuild_search", "--alles", verbosity=0)
    searched = time.monotonic()
    with connection.cursor() as cursor:
        # PostgreSQL does this by itself in the long run, and then nothing of it runs while we measure.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    values = {name: zipf.values for name, (zipf, _, _) in maker.draws.items()}
    slugs = dict(Region.objects.values_list("pk", "slug"))
    return {
        "cases": Case.objects.count(),
        "published": Case.objects.published().count(),
        "values": {
            "regio": [slugs[pk] for pk in values["provinces"]],
            "sector": values["sectors"],
            "jaar": list(map(str, maker.years.values)),
            "instrument": values["routes"],
            "niveau": list(map(str, values["levels"])),
        },
        "words": [(word, count / sampled) for word, count in counted.most_common() if count > 1] if sampled else [],
        "seconds": {"generate": filled - begun, "rebuild_search": searched - filled},
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "techniekpact.settings")
    django.setup()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("total", type=int)
    print(json.dumps(fill(parser.parse_args().total)))
