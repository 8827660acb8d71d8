"""What a first visit costs a telephone on a slow network, into docs/design.md: part of `make bench`.

The real content in the server of production, and Chromium that is made slow: a screen of 360 pixels, a processor at a
quarter of its speed, 1.6 Mbit/s and 150 ms there and back. Each figure is the median of five visits with an empty
cache.
"""

import argparse
import os
import re
import statistics
import tempfile
import time
from pathlib import Path

from .report import table
from .run import SETTINGS, run, say
from .servers import ROOT, Server

DOCUMENT = ROOT / "docs" / "design.md"
CHROMIUM = "/usr/bin/chromium"
VISITS = 5
PAGES = {
    "home": "/",
    "list of cases": "/cases/",
    "case": "/cases/vakmanschapsroute-techniek-zeeuws-vlaanderen/",
    "contact": "/contact/contactpunt-doel-9/",
}
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
VITALS = """() => new Promise(done => {
  const found = {lcp: 0, cls: 0};
  const take = list => list.forEach(each => {
    if (each.entryType === 'layout-shift') found.cls += each.value;
    else found.lcp = each.startTime;
  });
  const observer = new PerformanceObserver(list => take(list.getEntries()));
  for (const type of ['layout-shift', 'largest-contentful-paint']) observer.observe({type, buffered: true});
  setTimeout(() => { take(observer.takeRecords()); done(found); }, 300);
})"""


def visit(browser, address):
    """{'requests', 'bytes', 'lcp', 'cls'} of one first visit."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    page = context.new_page()
    session = context.new_cdp_session(page)
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(address, wait_until="networkidle")
    found = page.evaluate(VITALS) | {"requests": len(sizes), "bytes": sum(sizes)}
    context.close()
    return found


def measure():
    """{page: the median of its visits}"""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="bench.") as folder, sync_playwright() as playwright:
        env = os.environ | SETTINGS | {"DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3"}
        for command in ("migrate", "createcachetable", "import_content", "rebuild_search"):
            run(env, "manage.py", command, "--verbosity", "0")
        run(env, "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
        server = Server("techniekpact.wsgi", env)
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        try:
            found = {}
            for name, address in PAGES.items():
                visits = [visit(browser, f"http://127.0.0.1:{server.port}{address}") for _ in range(VISITS)]
                found[name] = {figure: statistics.median(each[figure] for each in visits) for figure in visits[0]}
                say(f"  {name}: {found[name]['lcp']:.0f} ms to the largest part, shift {found[name]['cls']:.3f}")
            return found
        finally:
            browser.close()
            server.stop()


def rows(found):
    head = ["page", "requests", "over the line", "largest part shown (LCP)", "layout shift (CLS)"]
    return table(
        head,
        [
            [
                name,
                f"{each['requests']:.0f}",
                f"{each['bytes'] / 1000:.1f} kB",
                f"{each['lcp'] / 1000:.2f} s",
                f"{each['cls']:.3f}",
            ]
            for name, each in found.items()
        ],
    )


def write(found):
    """Replace what stands between the two marks of docs/design.md."""
    text = DOCUMENT.read_text()
    written = f"Written by `make bench` on {time.strftime('%Y-%m-%d')}.\n\n{rows(found)}"
    changed, times = re.subn(
        r"(?s)(<!-- figures -->\n).*(\n<!-- end of figures -->)", lambda m: f"{m[1]}{written}{m[2]}", text
    )
    if times != 1:
        raise SystemExit(f"{DOCUMENT.name} lacks the marks between which the figures go.")
    DOCUMENT.write_text(changed)
    print("docs/design.md has the figures.")


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="writes no document")
    options = parser.parse_args()
    if not Path(CHROMIUM).exists():
        print("There is no Chromium on this machine: nothing measured in a browser.")
        return
    found = measure()
    print(rows(found))
    if not options.quick:
        write(found)


if __name__ == "__main__":
    main()
