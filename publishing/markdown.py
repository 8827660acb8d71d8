from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
HIGHEST_HEADING = 3  # a text stands under an h1 and the h2 of its section
ALLOWED: dict[str, set[str]] = {
    "a": {"href", "title"},
    "th": {"scope"},
    **{tag: set() for tag in ("blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "strong", "ul")},
    **{tag: set() for tag in ("h3", "h4", "h5", "h6", "table", "tbody", "td", "thead", "tr")},
}

SCROLLING = '<div class="table-scroll" role="group" aria-label="Tabel" tabindex="0">'


@lru_cache(maxsize=2048)
def render_markdown(text: str) -> SafeString:
    """Markdown as harmless HTML. HTML in the text is shown as text; a text is rendered once per process.

    Whatever headings an editor uses, the highest becomes h3 and no step is left out.
    """
    tokens = PARSER.parse(text)
    above: list[str] = []  # the tags of the headings that the text is under
    for token in tokens:
        if token.type == "heading_open":
            while above and above[-1] >= token.tag:
                above.pop()
            above.append(token.tag)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(HIGHEST_HEADING - 1 + len(above), 6)}"
        elif token.type == "th_open":
            token.attrs = {"scope": "col"}
    html = PARSER.renderer.render(tokens, PARSER.options, {})
    clean = nh3.clean(html, tags=set(ALLOWED), attributes=ALLOWED, url_schemes={"http", "https"}, link_rel="noopener")
    # A wide table scrolls in itself, by keyboard too, and not the page.
    scrolling = clean.replace("<table>", f"{SCROLLING}<table>").replace("</table>", "</table></div>")
    return mark_safe(scrolling)  # noqa: S308  (nh3 has just cleaned it)
