"""Every kind of page, in every state, against WCAG 2.2 AA as far as a script can tell (docs/design.md).

What no script can tell, such as whether words are plain and how a screen reader sounds, stays for people.
"""

import re
from itertools import combinations

import pytest
from django.conf import settings
from playwright.sync_api import expect
from visits import KINDS, STATES, SUBMITTED, VISITS, fetch, show

pytestmark = pytest.mark.browser

AXE = settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ADMIN = {"login": "/beheer/login/", "password": "/beheer/wachtwoord-vergeten/"}


@pytest.fixture(scope="session")
def windows():
    """{options: page}: opening a window costs more than most of these tests."""
    return {}


@pytest.fixture
def visit(chromium, portal, windows):
    """Open a page in a state, in a window for each set of options."""

    def open_page(name, *, width=1280, height=800, scripts=True, **options):
        asked = (width, height, scripts, *options.items())
        if asked not in windows:
            size = {"width": width, "height": height}
            context = chromium.new_context(base_url=portal, locale="nl-NL", viewport=size, **options)
            windows[asked] = context.new_page()
            windows[asked].set_default_timeout(10_000)
            if not scripts:
                windows[asked].route("**/*.js", lambda route: route.abort())
        return show(windows[asked], name)

    return open_page


# ---- axe


def violations(page, *without):
    """What axe finds, as 'rule: where'. It comes in through the debugger, so under the site's own policy."""
    page.evaluate(AXE.read_text())
    options = {"runOnly": RULES, "rules": {rule: {"enabled": False} for rule in without}, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [f"{each['id']}: {node['target'][0]}" for each in found["violations"] for node in each["nodes"]]


# Every kind of page at both widths, and its other states at one, in turn.
LIGHT = [(name, width) for name in KINDS for width in (320, 1280)]
LIGHT += [(name, (320, 1280)[number % 2]) for number, name in enumerate(STATES)]


@pytest.mark.parametrize(("name", "width"), LIGHT)
def test_axe_finds_nothing(visit, name, width):
    assert violations(visit(name, width=width)) == []


CIRCUMSTANCES = {
    "width": [320, 768, 1280],
    "color_scheme": ["light", "dark"],
    "forced_colors": ["none", "active"],
    "reduced_motion": ["no-preference", "reduce"],
    "contrast": ["no-preference", "more"],
    "scripts": [True, False],
}
# Few rows in which each value meets each value of the others.
PAIRWISE = [
    (320, "light", "none", "no-preference", "no-preference", False),
    (320, "dark", "active", "reduce", "more", True),
    (768, "light", "active", "no-preference", "more", False),
    (768, "dark", "none", "reduce", "no-preference", True),
    (1280, "light", "none", "reduce", "more", True),
    (1280, "dark", "active", "no-preference", "no-preference", True),
    (1280, "dark", "none", "reduce", "more", False),
    (768, "light", "active", "reduce", "no-preference", False),
]


def test_circumstances_meet_in_pairs():
    assert len(KINDS) > 2 * len(PAIRWISE)
    for (one, values), (other, others) in combinations(enumerate(CIRCUMSTANCES.values()), 2):
        assert {(row[one], row[other]) for row in PAIRWISE} == {(a, b) for a in values for b in others}


@pytest.mark.parametrize("name", KINDS)
def test_axe_finds_nothing_in_other_circumstances(visit, name):
    row = PAIRWISE[list(KINDS).index(name) % len(PAIRWISE)]
    options = dict(zip(CIRCUMSTANCES, row, strict=True))
    # There the browser chooses the colours, and axe reads those that it replaces.
    without = ["color-contrast"] if options["forced_colors"] == "active" else []
    assert violations(visit(name, **options), *without) == [], options


@pytest.mark.parametrize(("name", "width"), [(name, (1280, 320)[n % 2]) for n, name in enumerate(KINDS)])
def test_axe_finds_nothing_in_the_dark(visit, name, width):
    assert violations(visit(name, width=width, color_scheme="dark")) == []


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("address", ADMIN.values(), ids=ADMIN)
def test_axe_finds_nothing_where_editors_log_in(visit, address, width):
    page = visit("home", width=width)
    page.goto(address)
    assert violations(page) == []


# ---- without scripts

THINGS = """() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6, a[href], button, input, select, textarea')]
  .filter(each => !each.closest('[hidden]') && each.type !== 'hidden')
  .map(each => [each.localName, each.type || '', each.getAttribute('href') || each.name || '',
    each.value ?? '', each.textContent.trim().replace(/\\s+/g, ' ')].join('|'))
"""


@pytest.mark.parametrize("name", VISITS)
def test_without_javascript_same_headings_links_and_controls(visit, name):
    with_scripts = visit(name).evaluate(THINGS)
    without = visit(name, java_script_enabled=False).evaluate(THINGS)
    assert len(without) > 10
    # A script may add a button for what only it can do, such as copying; nothing else, and nothing goes.
    assert [thing for thing in with_scripts if thing in without or not thing.startswith("button|")] == without


# ---- by keyboard alone

FOCUSED = """() => {
  const element = document.activeElement;
  window.firstFocused ??= element;
  const before = window.lastFocused;
  if (element === document.body || (before && element === window.firstFocused)) return null;
  window.lastFocused = element;
  const {outlineStyle, outlineWidth} = getComputedStyle(element);
  const box = [...element.getClientRects()].find(rect => rect.width && rect.height);
  const [x, y] = box ? [box.left + box.width / 2, box.top + box.height / 2] : [-1, -1];
  const above = document.elementFromPoint(x, y);
  const label = document.getElementById(element.getAttribute('aria-labelledby')) || element.labels?.[0] || element;
  const name = element.getAttribute('aria-label') || label.textContent;
  return {
    name: name.trim().replace(/\\s+/g, ' '),
    what: `${element.localName}.${element.className}#${element.id}`,
    href: element.getAttribute('href'),
    seen: Boolean(above) && (element.contains(above) || above.contains(element)),
    ringed: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
    ordered: !before || Boolean(before.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING),
  };
}"""
STOPS = 400  # more than any page has


def walk(page):
    """Every stop of the Tab key from the top of the page to its end."""
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            return
        yield stop
    raise AssertionError(f"no end after {STOPS} stops, the last at {stop}")


# What a pointer can reach, a key must reach too; the trap for robots is for nobody.
REACHABLE = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter(each => each.checkVisibility({visibilityProperty: true}) && !each.disabled && each.type !== 'hidden')
  .filter(each => !each.closest('.trap')).length"""

# On a narrow screen only the order of some pages changes: there filters and facts fold or stand elsewhere.
WALKS = [(name, 1280) for name in KINDS] + [(name, 320) for name in ("home", "cases", "case", "contact lookup")]


@pytest.mark.parametrize(("name", "width"), WALKS)
def test_keyboard_reaches_everything_in_order_and_in_sight(visit, name, width):
    page = visit(name, width=width)
    stops = list(walk(page))
    assert stops[0]["name"] == "Naar de inhoud"
    assert len(stops) > 10
    assert len(stops) >= page.evaluate(REACHABLE)
    for fault in ("seen", "ringed", "ordered"):
        assert [stop["what"] for stop in stops if not stop[fault]] == [], f"not {fault}"


@pytest.mark.parametrize("name", [*KINDS, SUBMITTED, "404"])
def test_keyboard_skips_to_the_content(visit, name):
    page = visit(name)
    page.evaluate("document.activeElement.blur()")  # a summary of errors has the focus
    page.evaluate("getSelection().removeAllRanges(); document.body.prepend(document.createElement('i'))")
    page.locator("body > i").evaluate("mark => { mark.tabIndex = -1; mark.focus(); mark.remove() }")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["name"] == "Naar de inhoud"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.localName") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('main, footer'))")
    assert page.evaluate("!document.activeElement.closest('header')")


def tab_to(page, name):
    """Press Tab until a link, button or field has this name, which may be a pattern."""
    for stop in walk(page):
        if re.search(name, stop["name"]):
            return stop
    raise AssertionError(f"no stop is called {name}")


def enter(page):
    """Press Enter, and wait for where that leads."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_keyboard_alone_finds_a_case_and_sends_a_message(visit):
    page = visit("home")
    heading = page.get_by_role("heading", level=1)
    tab_to(page, "^Zoek ")
    page.keyboard.type("techniek")
    enter(page)
    expect(heading).to_have_text(re.compile("met ‘techniek’"))
    tab_to(page, "^Bekijk alle .*cases")
    enter(page)
    found = heading.inner_text()
    tab_to(page, "^Groen")
    page.keyboard.press("Space")
    tab_to(page, "^Filters toepassen")
    enter(page)
    expect(heading).not_to_have_text(found)
    page.reload()
    tab_to(page, "^Naar de resultaten")
    page.keyboard.press("Enter")
    first = page.locator("#resultaten h3 a").first.inner_text()
    tab_to(page, f"^{re.escape(first)}$")
    enter(page)
    expect(heading).to_have_text(first)
    tab_to(page, "^Stuur een bericht")
    enter(page)
    for label, text in {"Uw naam": "Anna", "Uw e-mailadres": "anna@school.example", "Uw bericht": "Mag ik?"}.items():
        tab_to(page, label)
        page.keyboard.type(text)
    tab_to(page, "^Verstuur")
    enter(page)
    expect(page.get_by_text("Uw bericht is ontvangen")).to_be_visible()


def test_keyboard_alone_mends_a_form(visit):
    page = visit("contact")
    tab_to(page, "Uw bericht")
    page.keyboard.type("Een lange vraag.")
    tab_to(page, "^Verstuur")
    enter(page)
    expect(page).to_have_title(re.compile("^Fout: "))
    assert page.evaluate("document.activeElement.className") == "error-summary"
    assert page.get_by_label("Uw bericht").input_value() == "Een lange vraag."
    for label in ("Uw naam", "Uw e-mailadres"):
        field = page.get_by_label(label)
        expect(field).to_have_attribute("aria-invalid", "true")
        ids = field.get_attribute("aria-describedby").split()
        assert any("Vul " in page.locator(f"[id='{id}']").inner_text() for id in ids)
    tab_to(page, "^Vul uw naam in")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "name"


# ---- size: narrow, large text, more space, touch

# Elements that a visitor must scroll sideways, with the reason why that is right.
SCROLLERS = {
    ".table-scroll, .matrix-scroll": "a table of figures keeps its columns",
    "pre": "what an editor wrote keeps its lines",
}

SIDEWAYS = """allowed => [...document.querySelectorAll('body *')].filter(each =>
  /auto|scroll/.test(getComputedStyle(each).overflowX) && each.scrollWidth > each.clientWidth + 1
  && each.checkVisibility() && !each.matches('textarea, input, select') && !(allowed && each.matches(allowed))
).map(each => `${each.localName}.${each.className}`)"""

# Text that its own box hides; .visually-hidden and the trap for robots do so on purpose.
CLIPPED = """() => [...document.querySelectorAll('body *')].filter(each => {
  const {overflowX, overflowY} = getComputedStyle(each);
  return /hidden|clip/.test(overflowX + overflowY) && each.innerText?.trim() && each.checkVisibility()
    && (each.scrollHeight > each.clientHeight + 1 || each.scrollWidth > each.clientWidth + 1)
    && !each.closest('.visually-hidden, .trap, option, select');
}).map(each => `${each.localName}.${each.className}`)"""

OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"


# Words in a picture that leave the window, or lie over other words of it.
CLASHING = """() => [...document.querySelectorAll('main svg')].flatMap(picture => {
  const boxes = [...picture.querySelectorAll('text')].filter(each => each.checkVisibility())
    .map(each => [each.textContent, each.getBoundingClientRect()]).filter(([, box]) => box.width);
  return boxes.filter(([, a], n) => a.left < 0 || a.right > innerWidth || boxes.slice(n + 1).some(([, b]) =>
    a.right > b.left + 1 && b.right > a.left + 1 && a.bottom > b.top + 3 && b.bottom > a.top + 3));
}).map(([words]) => words)"""

# What makes the page itself scroll sideways.
BEYOND = """width => document.documentElement.scrollWidth <= width ? [] : [...document.querySelectorAll('body *')]
  .filter(each => each.checkVisibility() && each.getBoundingClientRect().right > width + .5)
  .map(each => `${each.localName}.${each.className} ${each.textContent.trim().slice(0, 20)}`)"""


def assert_fits(page, width):
    for opened in (False, True):
        if opened:
            page.evaluate(OPEN_ALL)
        assert (opened, page.evaluate(BEYOND, width)) == (opened, [])
    assert page.evaluate(SIDEWAYS, ", ".join(SCROLLERS)) == []
    assert page.evaluate(CLIPPED) == []


@pytest.mark.parametrize("name", VISITS)
def test_reflow_at_320_pixels(visit, name):
    """What is left of 1280 by 1024 at a zoom of 400% (WCAG 1.4.10)."""
    assert_fits(visit(name, width=320, height=256), 320)


@pytest.mark.parametrize(("name", "width"), [(name, 360) for name in VISITS] + [(name, 1280) for name in KINDS])
def test_text_of_200_percent(visit, name, width):
    page = visit(name, width=width)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert_fits(page, width)
    assert page.evaluate(CLASHING) == []


SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-block-end: 2em !important }`);
  document.adoptedStyleSheets.push(sheet);
}"""


@pytest.mark.parametrize("name", VISITS)
def test_text_with_more_space(visit, name):
    """WCAG 1.4.12, at a width at which there is little room."""
    page = visit(name, width=360)
    page.evaluate(SPACED)
    assert_fits(page, 360)


# Of a link over several lines the largest part counts. The box of a filter stands beside a link that does the same.
TARGETS = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter(each => each.type !== 'hidden' && each.checkVisibility({visibilityProperty: true}))
  .filter(each => !each.closest('.skip-link, .trap'))
  .map(each => {
    const pressed = each.matches('[type=checkbox], [type=radio]') && each.labels[0] || each;
    const boxes = [...pressed.getClientRects()].sort((a, b) => b.width * b.height - a.width * a.height);
    const {width, height} = boxes[0] || {width: 0, height: 0};
    return {
      what: `${each.localName}.${each.className} ${each.textContent.trim().slice(0, 30)}`,
      large: each.matches(`.button, button, select, textarea, input:not([type=checkbox]), .opt > a, .filters-summary,
        .answer, .switch-link, .tally-link, .chip, .chips-clear, summary,
        .wordmark, .site-nav-link, .site-footer-link, .pagination-link`),
      width: Math.round(10 * width) / 10, height: Math.round(10 * height) / 10,
    };
  })"""


@pytest.mark.parametrize("name", VISITS)
def test_targets_are_large_enough_for_a_finger(visit, name):
    page = visit(name, width=320, height=640, has_touch=True, is_mobile=True)
    page.evaluate(OPEN_ALL)
    targets = page.evaluate(TARGETS)
    assert len(targets) > 10
    assert [each for each in targets if each["height"] < 24 or each["width"] < 24] == []
    assert [each for each in targets if each["large"] and each["height"] < 44] == []


# ---- motion, forced colours, print

MOVING = """() => [
  ...document.getAnimations().filter(each => each.playState === 'running').map(each => each.effect.target.className),
  ...[...document.querySelectorAll('*')].filter(each => {
    const {transitionDuration, animationDuration, animationName, scrollBehavior} = getComputedStyle(each);
    const longest = Math.max(...transitionDuration.split(', ').map(parseFloat));
    return longest > .01 || (animationName !== 'none' && parseFloat(animationDuration) > .01)
      || scrollBehavior === 'smooth';
  }).map(each => `${each.localName}.${each.className}`),
]"""
VIEW_TRANSITIONS = """() => {
  const active = rules => [...rules].some(rule =>
    rule.constructor.name === 'CSSViewTransitionRule' ? rule.navigation !== 'none'
    : rule.styleSheet ? active(rule.styleSheet.cssRules)
    : rule.media ? matchMedia(rule.media.mediaText).matches && active(rule.cssRules)
    : false);
  return [...document.styleSheets].some(sheet => active(sheet.cssRules));
}"""


@pytest.mark.parametrize("name", KINDS)
def test_reduced_motion_is_no_motion(visit, name):
    page = visit(name, reduced_motion="reduce")
    assert page.evaluate(MOVING) == []
    assert page.evaluate(VIEW_TRANSITIONS) is False


UNBORDERED = """() => [...document.querySelectorAll('button, .button, input, select, textarea')].filter(each => {
  if (each.matches('[type=hidden], [type=checkbox], [type=radio]') || !each.checkVisibility()) return false;
  const {borderTopStyle, borderTopWidth} = getComputedStyle(each);
  return borderTopStyle === 'none' || parseFloat(borderTopWidth) < 1;
}).map(each => `${each.localName}.${each.className}`)"""

# The current one among links differs from the others in more than colour.
SAME_AS_OTHERS = """() => [...document.querySelectorAll('[aria-current]')].filter(current => {
  const list = current.closest('ul, ol, nav, div, fieldset');
  const names = ['content', 'fontWeight', 'textDecorationLine', 'borderTopWidth', 'borderBottomWidth', 'outlineStyle'];
  const styles = (...of) => names.map(name => getComputedStyle(...of)[name]).join();
  const look = link =>
    [styles(link), styles(link.parentElement), ...[...link.children].map(each => styles(each, '::before'))].join();
  const others = [...list.querySelectorAll('a:not([aria-current])')];
  return current.localName === 'a'
    && others.some(other => other.className === current.className && look(other) === look(current));
}).map(each => `${each.localName}.${each.className} ${each.textContent.trim()}`)"""


@pytest.mark.parametrize("name", KINDS)
def test_forced_colours_leave_borders_and_what_was_chosen(visit, name):
    page = visit(name, forced_colors="active")
    page.evaluate(OPEN_ALL)
    assert page.evaluate(UNBORDERED) == []
    assert page.evaluate(SAME_AS_OTHERS) == []


def test_count_in_title_and_heading_follows_a_choice(visit):
    page = visit("cases")
    box = page.get_by_role("checkbox", name=re.compile(r"^Groen, \d+"))
    count = re.search(r"Groen, (\d+)", page.locator("form").aria_snapshot())[1]
    box.check()
    page.get_by_role("button", name="Filters toepassen").click()
    page.wait_for_url("**sector=groen*")
    expect(page).to_have_title(re.compile(f"^{count} cases "))
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(f"^{count} cases "))


def test_print_of_the_longest_case_is_two_pages_without_what_paper_cannot_do(visit, portal):
    addresses = re.findall(r"<loc>https?://[^/]+(/cases/[\w-]+/)</loc>", fetch(portal, "/sitemap.xml")[1].decode())
    longest = max(addresses, key=lambda address: len(fetch(portal, address)[1]))
    page = visit("home")
    page.goto(longest)
    page.emulate_media(media="print")
    for selector in ("header nav", "footer nav", "form", "button", ".skip-link", "nav[aria-label=Kruimelpad]"):
        assert not any(each.is_visible() for each in page.locator(selector).all()), selector
    source = page.locator(".sources a").first
    expect(source).to_be_visible()
    assert source.get_attribute("href") in source.evaluate("link => getComputedStyle(link, '::after').content")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= 2
