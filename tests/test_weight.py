"""What a first visit costs over the line: bytes, requests, and no jump of what stands on the page already."""

import gzip
import re

import pytest
from visits import KINDS, body, fetch

pytestmark = pytest.mark.browser

LISTS = ["cases", "experiments", "routes"]
STILL = 0.005  # less is a word that came in a second packet; 0.1 is called good (web.dev/cls)
FOR_VISITORS = [name for name in KINDS if name != "style guide"]  # that one shows everything there is
SHIFTS = """() => new Promise(done => {
  let total = 0;
  const observer = new PerformanceObserver(list => list.getEntries().forEach(each => total += each.value));
  observer.observe({type: 'layout-shift', buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => {
    observer.takeRecords().forEach(each => total += each.value);
    done(total);
  })));
})"""


@pytest.fixture
def first_visit(chromium, portal):
    """Visit a page with an empty cache: (page, {address: bytes over the line})."""
    contexts = []

    def visit(name, width):
        contexts.append(chromium.new_context(base_url=portal, viewport={"width": width, "height": 800}))
        page = contexts[-1].new_page()
        session = contexts[-1].new_cdp_session(page)
        asked, cost = {}, {}
        session.on(
            "Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]})
        )
        session.on(
            "Network.loadingFinished", lambda event: cost.update({event["requestId"]: event["encodedDataLength"]})
        )
        session.send("Network.enable")
        page.goto(KINDS[name])
        return page, {asked[number]: size for number, size in cost.items()}

    yield visit
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", LISTS)
def test_html_of_a_list_is_light(portal, name):
    status, found = body(portal, name, encoding="gzip")
    assert status == 200
    assert b"<h1" in gzip.decompress(found)
    assert len(found) <= 8_000


def test_styles_and_scripts_of_the_whole_site_are_light(portal):
    addresses = set()
    for name in KINDS:
        addresses |= set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', body(portal, name)[1].decode()))
    total = {"css": 0, "js": 0}
    for address in addresses:
        status, found = fetch(portal, address, encoding="gzip")
        assert (status, found[:2]) == (200, b"\x1f\x8b"), address
        total[address.rpartition(".")[2]] += len(found)
    assert 0 < total["css"] <= 12_000
    assert 0 < total["js"] <= 6_000


FIRST_VISITS = [(name, 360) for name in FOR_VISITORS] + [(name, 1280) for name in ("home", "goal", "cases", "case")]


@pytest.mark.parametrize(("name", "width"), FIRST_VISITS)
def test_first_visit_is_light_and_still(portal, first_visit, name, width):
    page, cost = first_visit(name, width)
    assert [address for address in cost if not address.startswith(portal)] == []
    assert len(cost) <= 8, cost
    assert 1_000 < sum(cost.values()) <= 30_000, cost
    assert page.evaluate(SHIFTS) < STILL
