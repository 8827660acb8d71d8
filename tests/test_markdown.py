from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from publishing.markdown import ALLOWED, render_markdown

OURS = ("div", {"class": "table-scroll", "role": "group", "aria-label": "Tabel", "tabindex": "0"})


class Reader(HTMLParser):
    """The tags and attributes as a browser would make them; text is no concern here."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def tags(text):
    return Reader(render_markdown(text)).found


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<ScRiPt src=//kwaad.example>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<a href='javascript:alert(1)'>klik</a>",
        "<style>*{display:none}</style>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "[klik](javascript:alert(1))",
        "[klik](JaVaScRiPt:alert(1))",
        "[klik](java&#x09;script:alert(1))",
        "[klik](&#106;avascript:alert(1))",
        "[klik](vbscript:msgbox(1))",
        "[klik](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
        "[klik](file:///etc/passwd)",
        "[klik](mailto:iemand@example.org)",
        '[klik](https://a.example "x\\" onmouseover=\\"alert(1)")',
        "[klik](https://a.example'onclick='alert(1))",
        "<javascript:alert(1)>",
        "![plaatje](https://volg.example/pixel.gif)",
        "![plaatje](javascript:alert(1))",
        "[ref]\n\n[ref]: javascript:alert(1)",
        "```<script>\nalert(1)\n```",
        '```js" onmouseover="alert(1)\nx\n```',
        "`<script>alert(1)</script>`",
        "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
        "<!-- --><script>alert(1)</script>",
        "<?php echo 1 ?><![CDATA[<script>alert(1)</script>]]>",
        "\0<script\0>alert(1)</script>",
    ],
)
def test_html_is_harmless(text):
    found = [each for each in tags(text) if each != OURS]
    assert found  # the text itself is still shown
    for tag, attributes in found:
        assert tag in ALLOWED
        assert attributes.keys() <= ALLOWED[tag] | {"rel"}
        assert urlsplit(attributes.get("href", "")).scheme in {"", "http", "https"}


@pytest.mark.parametrize(
    "address", ["https://mbo.example/a?b=c&d=e", "http://mbo.example/", "/cases/case-1/", "#bronnen", "andere-case/"]
)
def test_good_link_stays(address):
    assert ("a", {"href": address, "rel": "noopener"}) in tags(f"[lees meer]({address})")


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# een\n\n## twee\n\n### drie", ["h3", "h4", "h5"]),
        ("## een\n\n#### twee\n\n## drie", ["h3", "h4", "h3"]),
        ("###### een", ["h3"]),
        ("Een\n===\n\nTwee\n---", ["h3", "h4"]),
        ("# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6", ["h3", "h4", "h5", "h6", "h6", "h6"]),
        ("### een\n\n# twee", ["h3", "h3"]),
        ("# een\n\n### twee\n\n## drie\n\n### vier", ["h3", "h4", "h4", "h5"]),
    ],
)
def test_headings_start_at_h3_and_skip_no_step(text, levels):
    assert [tag for tag, _ in tags(text) if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}] == levels


def test_heads_of_a_table_say_what_they_head():
    found = tags("| jaar | aantal |\n|:--|--:|\n| 2018 | 12 |")
    assert [attributes for tag, attributes in found if tag == "th"] == [{"scope": "col"}] * 2
    assert [attributes for tag, attributes in found if tag == "td"] == [{}] * 2


def test_html_is_shown_as_text():
    assert render_markdown("Een <b>vet</b> woord & meer") == "<p>Een &lt;b&gt;vet&lt;/b&gt; woord &amp; meer</p>\n"


@pytest.mark.parametrize("sign", ["<", "[", "*", "&", "_", "`", "![", "](", "> ", "- ", "| ", "\n", "\\", "<!--"])
def test_a_pathological_text_is_finished(sign):
    html = render_markdown(sign * (100_000 // len(sign)))
    assert len(html) < 1_000_000
    assert "<script" not in html
