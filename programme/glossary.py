import re
from functools import cached_property
from html import unescape

from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import mark_safe

from .models import Term
from .models.terms import folded

TAG = re.compile(r"""(</?([a-z][a-z0-9]*)(?:[^>"']|"[^"]*"|'[^']*')*>)""", re.IGNORECASE)
QUIET = {"a", "code", "pre", "h1", "h2", "h3", "h4", "h5", "h6"}  # in these nothing is explained
# A hyphen, an apostrophe and a point hold a word together: bol-bbl, bbl'er and techniekpact.nl are one word each.
WORD = re.compile(r"[\w-][\w@.'’-]*[\w-]|[\w-]")


class Glossary:
    """What one page has explained so far: each term is linked to its explanation at the first use, and then no more.

    A view makes one for its page and the templates hand it on. It reads the terms once, when the first text asks.
    A page about an instrument need not explain what that is: `about` is its slug.
    """

    def __init__(self, about=""):
        self.about = about
        self.explained: set[int] = set()

    @cached_property
    def terms(self):
        """{a way to write it: the term}"""
        terms = [term for term in Term.objects.all() if not term.instrument or term.instrument != self.about]
        return {folded(spelling): term for term in terms for spelling in term.spellings}

    @cached_property
    def longest(self):
        return max((len(WORD.findall(spelling)) for spelling in self.terms), default=0)

    def explain(self, text):
        """HTML, or a text that is yet to be escaped, with links; nothing else in it changes."""
        html = str(conditional_escape(text))
        parts, quiet, start = [], 0, 0
        for tag in TAG.finditer(html):
            between = html[start : tag.start()]
            parts += [between if quiet else self.linked(between), tag[1]]
            if tag[2].lower() in QUIET:
                quiet += -1 if tag[1].startswith("</") else 1
            start = tag.end()
        parts.append(html[start:] if quiet else self.linked(html[start:]))
        return mark_safe("".join(parts))  # noqa: S308  (linked() escapes what it puts beside its links)

    def linked(self, escaped):
        """A text between tags, with a link round each term that was not yet explained."""
        text = unescape(escaped)
        parts, done = [], 0
        for term, start, end in self.found(text):
            if term.pk not in self.explained:
                self.explained.add(term.pk)
                link = format_html('<a class="term" href="{}">{}</a>', term.get_absolute_url(), text[start:end])
                parts += [escape(text[done:start]), link]
                done = end
        return "".join([*parts, escape(text[done:])]) if parts else escaped

    def found(self, text):
        """(term, its start, its end) of each in a text. The longest counts, so that none is found within another."""
        words = [word.span() for word in WORD.finditer(text)]
        at = 0
        while at < len(words):
            start, size = words[at][0], 1
            for length in range(min(self.longest, len(words) - at), 0, -1):
                end = words[at + length - 1][1]
                term = self.terms.get(folded(text[start:end]))
                if term:
                    yield term, start, end
                    size = length
                    break
            at += size
