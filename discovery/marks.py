"""Marks in a card the words by which it was found."""

import re

from django.utils.safestring import mark_safe

# A tag (with all of a <dt> or <b>, which is a label and not a text), or an entity, or a word.
PIECE = re.compile(r"<(?:dt|b)\b.*?</(?:dt|b)>|<[^>]*>|&\w+;|&#\w+;|[^\W_]+(?:['’-][^\W_]+)*", re.DOTALL)


def marked(html, match):
    """`html`, which is safe, with <mark> around the words that `match` finds."""
    known: dict[str, str] = {}

    def mark(found):
        piece = found[0]
        if piece[0] in "<&":
            return piece
        if piece not in known:
            known[piece] = f"<mark>{piece}</mark>" if match.finds(piece) else piece
        return known[piece]

    return mark_safe(PIECE.sub(mark, html))  # noqa: S308  (only adds <mark>)
