"""Prints what run.py measured, and writes docs/performance.md and the chart beside it."""

import math
import statistics
from dataclasses import dataclass
from html import escape

from .addresses import PAGES
from .servers import ROOT

DOCUMENT = ROOT / "docs" / "performance.md"
CHART = ROOT / "docs" / "performance.svg"
ROW = ["page", "hello", "portal", "304", "plain", "portal / hello", "304 / hello", "plain / portal", "p50"]


@dataclass(frozen=True)
class Goal:
    """What must be reached, in every database: `found` is the worst of what was measured."""

    what: str
    limit: float
    found: float | None
    unit: str = "×"
    least: bool = False  # the limit is a minimum
    where: str = ""  # which of several figures is the worst

    @property
    def missed(self):
        return self.found is not None and (self.found < self.limit if self.least else self.found > self.limit)

    @property
    def verdict(self):
        return "not measured" if self.found is None else "**missed**" if self.missed else "met"

    def row(self):
        found = "–" if self.found is None else f"{number(self.found)}{self.unit}"
        limit = f"{'≥' if self.least else '≤'} {self.limit:,g}{self.unit}"
        return [self.what, limit, f"{found} ({self.where})" if self.where else found, self.verdict]


def number(value):
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def paired(one, other):
    """The median of the ratios of each round: what slows the whole machine for a while is in both."""
    pairs = list(zip(one["rounds"], other["rounds"], strict=False))
    return statistics.median(a / b for a, b in pairs) if len(pairs) > 2 else one["cpu"] / other["cpu"]


def whole(each):
    """Processor time in ms of a request, in the server and in PostgreSQL."""
    return each["cpu"] + each["database"]


def worst(found, least=False):
    """(figure, where) of [(figure, where)], the one that is furthest from its goal."""
    return (min if least else max)(found, default=(None, ""))


def goals(database):
    """All goals for one database, from the table of what the portal must reach."""
    sizes = {int(size): figures for size, figures in database["sizes"].items()}

    plain = [kind for kind in PAGES if "word" not in kind]

    def over_hello(size, kinds):
        pages = sizes[size]["pages"] if size in sizes else {}
        return worst([(paired(pages[kind]["portal"], pages[kind]["hello"]), kind) for kind in kinds if kind in pages])

    def inside(size, figure):
        pages = sizes[size]["inside"]["pages"] if size in sizes else {}
        return worst([(each[figure], kind) for kind, each in pages.items() if figure == "queries" or kind in plain])

    def over_plain(size, kinds):
        pages = sizes[size]["pages"] if size in sizes else {}
        rows = [(pages[kind], kind) for kind in kinds if "plain" in pages.get(kind, {})]
        return worst([(whole(page["plain"]) / whole(page["portal"]), kind) for page, kind in rows], least=True)

    def first_time(size, figure):
        found = sizes[size]["first"] if size in sizes else {}
        return worst([(each[figure], f"{kind}, mean") for kind, each in found.items() if "words" in kind])

    def growth():
        if not {10_000, 100_000} <= sizes.keys():
            return None, ""
        small, large = (sizes[size]["pages"] for size in (10_000, 100_000))
        return worst([(whole(large[kind]["portal"]) / whole(small[kind]["portal"]), kind) for kind in PAGES])

    searched = [kind for kind in PAGES if "word" in kind]
    found = [
        Goal(
            f"a page with all counts, {size:,} cases: server against hello",
            limit,
            *reorder(over_hello(size, plain)),
        )
        for size, limit in ((10_000, 4), (100_000, 8))
    ]
    large = sizes.get(100_000)
    found += [
        Goal("that page inside the process, 100,000 cases", 3, *reorder(inside(100_000, "ms"), " ms")),
        Goal("its queries", 3, *reorder(worst([inside(size, "queries") for size in sizes]), "")),
        Goal("plain list against the portal, 100,000 cases", 400, *reorder(over_plain(100_000, plain), least=True)),
        Goal(
            "a word searched before, 100,000 cases",
            3,
            *reorder(
                worst([(large["pages"][kind]["portal"]["cpu"], kind) for kind in searched] if large else []), " ms"
            ),
        ),
        Goal("a word for the first time, 100,000 cases", 25, *reorder(first_time(100_000, "cpu"), " ms")),
    ]
    if database["name"] == "PostgreSQL":
        found.append(Goal("the same, in PostgreSQL itself", 25, *reorder(first_time(100_000, "database"), " ms")))
    biggest = sizes[max(sizes)]
    lists = biggest["pages"]["list"]
    answered = biggest["inside"]["304"]["status"] == 304
    index = large["inside"]["index"] if large else {}
    found += [
        Goal(
            f"hello against the portal's 304, {max(sizes):,} cases",
            1,
            *reorder((1 / paired(lists["304"], lists["hello"]) if "304" in lists else None, "list"), least=True),
        ),
        Goal("queries of a 304", 1, biggest["inside"]["304"]["queries"] if answered else None, ""),
        Goal("growth of a page from 10,000 to 100,000 cases", 3.2, *reorder(growth())),
        Goal("index of 100,000 cases: bitsets", 3, index["bitsets"] / 1e6 if index else None, " MB"),
        Goal("index of 100,000 cases: building it", 1, index["seconds"] if index else None, " s"),
        Goal(
            "deep page (half of all pages) against the first",
            2,
            *reorder(
                worst(
                    [
                        (
                            paired(each["pages"]["deep page"]["portal"], each["pages"]["list"]["portal"]),
                            f"{size:,} cases",
                        )
                        for size, each in sizes.items()
                    ]
                )
            ),
        ),
        Goal("HTML of the first list, compressed", 8, biggest["inside"]["html"]["gzip"] / 1000, " kB"),
    ]
    return found


def reorder(found, unit="×", least=False):
    """A worst() as the last arguments of a Goal."""
    figure, where = found
    return figure, unit, least, where


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def ratios(figures):
    """The rows of one database and size."""
    rows = []
    for kind, page in figures["pages"].items():
        hello, portal, same, plain = (page.get(name) for name in ("hello", "portal", "304", "plain"))

        def cost(each):
            if not each:
                return "–"
            database = f" + {number(each['database'])}" if each["database"] > 0.005 else ""
            return number(each["cpu"]) + database

        rows.append(
            [
                kind,
                cost(hello),
                cost(portal),
                cost(same),
                cost(plain),
                number(paired(portal, hello)),
                number(paired(same, hello)) if same else "–",
                number(whole(plain) / whole(portal)) if plain else "–",
                f"{number(portal['p50'])} ms",
            ]
        )
    return rows


def firsts(figures):
    return [
        [
            f"{kind} ({each['asked']})",
            number(each["cpu"]),
            number(each["database"]) if each["database"] else "–",
            number(each["worst"]),
            f"{number(each['p50'])} ms",
        ]
        for kind, each in figures["first"].items()
    ]


def profiled(rows):
    return [[f"`{name}`", number(own), number(along)] for name, own, along in rows]


def differing(figures):
    """The kinds of page of which portal and plain list say another total: then they are no like for like."""
    return [f"{kind} ({one} and {other})" for kind, (one, other) in figures["totals"].items() if one != other]


def sections(results, level):
    """The tables, as (heading, lines)."""
    for database in results["databases"]:
        yield f"{level} {database['name']} {database['version']}"
        yield table(["what", "goal", "measured", ""], [goal.row() for goal in goals(database)])
        largest = database["sizes"][max(database["sizes"], key=int)]
        for size, figures in database["sizes"].items():
            yield f"{level}# {database['name']}, {int(size):,} cases"
            yield table(ROW, ratios(figures))
            head = ["for the first time", "server, mean", "PostgreSQL, mean", "both, worst", "p50"]
            yield table(head, firsts(figures))
            yield inside(figures)
            if figures is largest and any(goal.missed for goal in goals(database)):
                yield f"{level}# Where the time goes, {database['name']}, {int(size):,} cases"
                yield "ms per request under a profiler, which slows all of it: the dearest functions, and our own."
                for kind, rows in figures["inside"]["profile"].items():
                    yield table([kind, "own", "with what it calls"], profiled(rows))
            if differing(figures):
                yield f"Portal and plain list found different totals: {', '.join(differing(figures))}."


def inside(figures):
    each = figures["inside"]
    times = ", ".join(
        f"{kind} {number(page['ms'])} ms and {page['queries']} queries" for kind, page in each["pages"].items()
    )
    index, html = each["index"], each["html"]["bytes"]
    built = (
        f" The index takes {number(index['seconds'])} s to build and {number(index['bytes'] / 1e6)} MB, of which "
        f"{number(index['bitsets'] / 1e6)} MB are bitsets."
        if index
        else ""
    )
    return (
        f"Inside the process, with Django's test client, the median of repeated requests and the most queries of a "
        f"first visit: {times}. Queries of a 304: {each['304']['queries']}. "
        f"The first list is {number(html / 1000)} kB of HTML, {number(each['html']['gzip'] / 1000)} kB compressed."
        f"{built} A fresh process answers its first request in {number(figures['cold start'])} s."
    )


def show(results):
    print("\n\n".join(sections(results, "#")))
    print(f"\n{results['minutes']:.1f} minutes")


def write(results):
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    databases = ", ".join(f"{database['name']} {database['version']}" for database in results["databases"])
    text = f"""# What a page costs

Written by `make bench` on {machine["date"]}; do not edit.

Measured on one machine with {machine["cores"]} cores ({machine["processor"]}), shared with the client and other work:
Python {machine["python"]}, {versions}, {databases}.

Four contestants take turns in one run, on the same rows, each in one process of the gunicorn that
`deploy/gunicorn.conf.py` describes, asked over one connection that is kept, without compression:

- **hello**: a bare Django response of the same bytes as the portal's page, through Django's default middleware;
- **portal**: the page of this project, with every facet count. No page is kept as a whole; what was rendered before in
  this version of the content (cards, facets) is;
- **304**: the same page, asked with the ETag that it had;
- **plain**: the list as it is mostly written, with django-filter, `icontains` and one COUNT behind each facet value
  (`benchmarks/plain.py`). Its search finds other rows than the portal's, so there the two are no like for like.

Figures are processor time in ms per request, user and system, of all processes of the server: the median of the
rounds. What stands behind a + is PostgreSQL's own. Ratios are medians of the ratios in each round. With PostgreSQL,
"plain / portal" and growth take both together, "portal / hello" the server only. Trust the ratios more than the
figures, and the figures more than p50, the latency that the client saw.

The cases are made by `benchmarks/generate.py`: the same every time, with the words of `content/`, spread unevenly over
regions, sectors, years and instruments. "Two filters" are region and sector, "three filters" add the year, the deep
page is half way, and "mixed" is up to 200 addresses with up to three filters, a third of them with a word. The other
kinds are up to ten addresses each, all asked once before the measuring begins, so their cards were rendered before.
What that costs is under "for the first time": pages of which no card was shown yet, and words that were never searched:
common ones are in 2 to 50% of the cases, rare ones in fewer.

![Processor time of a list by number of cases](performance.svg)

"""
    DOCUMENT.write_text(text + "\n\n".join(sections(results, "##")) + "\n")
    CHART.write_text(chart(results))
    print("docs/performance.md and docs/performance.svg are written.")


# ---- the chart: lines on two logarithmic axes

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 400, 64, 190, 24, 48
COLOURS = {"plain": "#a33b00", "portal": "#00508f", "304": "#5b2d8e", "hello": "#5c5c5c"}
DASHES = ["none", "6 4", "2 3"]


def chart(results):
    """{contestant and database: processor time of the list} as an SVG."""
    lines = {}
    for dash, database in zip(DASHES, results["databases"], strict=False):
        for name in COLOURS:
            found = [
                (int(size), whole(figures["pages"]["list"][name]))
                for size, figures in database["sizes"].items()
                if name in figures["pages"]["list"]
            ]
            if found:
                lines[f"{name}, {database['name']}"] = (COLOURS[name], dash, found)
    points = [point for _, _, found in lines.values() for point in found]
    sizes = sorted({size for size, _ in points})
    low = math.floor(math.log10(min(cost for _, cost in points)))
    high = math.ceil(math.log10(max(cost for _, cost in points)))
    span = math.log10(sizes[-1] / sizes[0]) or 1

    def x(size):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(size / sizes[0]) / span

    def y(cost):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log10(cost) - low) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif" '
        'font-size="12">',
        "<title>Processor time of a list by number of cases, in ms per request</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for power in range(low, high + 1):
        at = y(10**power)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:,g}</text>')
    for size in sizes:
        parts.append(f'<text x="{x(size):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{size:,}</text>')
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 8}">cases; upwards: ms of processor time per request</text>')
    taken = -math.inf
    for name, (colour, dash, found) in sorted(lines.items(), key=lambda line: y(line[1][2][-1][1])):
        path = " ".join(f"{x(size):.1f},{y(cost):.1f}" for size, cost in found)
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        parts += [f'<circle cx="{x(size):.1f}" cy="{y(cost):.1f}" r="3" fill="{colour}"/>' for size, cost in found]
        taken = max(taken + 15, y(found[-1][1]) + 4)  # names do not lie on one another
        parts.append(
            f'<text x="{x(found[-1][0]) + 10:.1f}" y="{taken:.1f}" fill="{colour}">'
            f"{escape(name)} ({number(found[-1][1])})</text>"
        )
    return "\n".join([*parts, "</svg>\n"])
