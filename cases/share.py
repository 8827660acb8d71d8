"""The picture that stands beside a link to the portal on other sites and in messages: 1200 by 630 pixels."""

import hashlib
from html import unescape
from io import BytesIO
from pathlib import Path

from django.core.cache import caches
from django.template.loader import render_to_string
from font_source_serif_pro import font_directory
from PIL import Image, ImageDraw, ImageFont

from discovery.versions import release

SIZE = (1200, 630)
MARGIN = 72
PETROL, SIGN, TEXT, QUIET, LINE = "#0b4f63", "#f0a673", "#ffffff", "#d9e8ec", "#4a8496"
TITLE_TOP, RULE, TITLE_SIZES = 186, 486, range(80, 43, -4)
SITE = ("Scholen en bedrijven stemmen onderwijs en stages af in de regio", ["Cases, experimenten en leerroutes"])


def words_of(case):
    """(title, lines) of what stands on the picture of a case."""
    values = {"place": case.place, "provinces": case.provinces.all(), "nationwide": case.nationwide}
    where = unescape(render_to_string("components/where.html", values)).strip()
    sectors = ", ".join(map(str, case.sectors.all())) or "Sector onbekend"
    years = "jaren onbekend" if case.years == "onbekend" else case.years
    return case.title, [where, f"{sectors} · {years}"]


def share_image(title, lines):
    """The picture with these words as PNG; drawn once for each release."""
    key = hashlib.sha256(repr((release(), title, lines)).encode()).hexdigest()
    return caches["share"].get_or_set(key, lambda: drawn(title, lines))


def drawn(title, lines):
    picture = Image.new("RGB", SIZE, PETROL)
    draw = ImageDraw.Draw(picture)
    picture.paste(sign(76), (MARGIN - 16, 60))  # there is air around it
    name = letters("Semibold", 40)
    draw.text((MARGIN + 66, 112), "Techniekpact ", TEXT, name, anchor="ls")
    draw.text((MARGIN + 66 + name.getlength("Techniekpact "), 112), "doel 9", SIGN, name, anchor="ls")
    font, wrapped = fitted(title)
    for number, line in enumerate(wrapped):
        draw.text((MARGIN, TITLE_TOP + number * height(font)), line, TEXT, font)
    draw.line((MARGIN, RULE, SIZE[0] - MARGIN, RULE), LINE, 2)
    font = letters("Regular", 33)
    for number, line in enumerate(lines):
        draw.text((MARGIN, RULE + 20 + number * 48), shortened(line, font), QUIET, font)
    file = BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def letters(weight, size):
    # The layout of Pillow itself and not that of a library which may or may not be there.
    file = Path(font_directory) / f"SourceSerifPro-{weight}.ttf"
    return ImageFont.truetype(str(file), size, layout_engine=ImageFont.Layout.BASIC)


def height(font):
    return round(font.size * 1.16)


def fitted(title):
    """The largest letters in which a title fits, with its lines; in the smallest it may be cut short."""
    for size in TITLE_SIZES:
        font = letters("Bold", size)
        room, wrapped = (RULE - 12 - TITLE_TOP) // height(font), lines_of(title, font)
        if len(wrapped) <= room and all(fits(line, font) for line in wrapped):
            return font, wrapped
    return font, [shortened(line, font) for line in [*wrapped[: room - 1], " ".join(wrapped[room - 1 :])]]


def fits(text, font):
    return font.getlength(text) <= SIZE[0] - 2 * MARGIN


def lines_of(text, font):
    lines: list[str] = []
    for word in text.split():
        if lines and fits(f"{lines[-1]} {word}", font):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def shortened(text, font):
    if fits(text, font):
        return text
    while not fits(f"{text}…", font):
        text = text[:-1]
    return f"{text.rstrip()}…"


def sign(size):
    """The sign of the portal (static/img/favicon.svg), drawn large and made small for smooth edges."""
    scale = 8
    picture = Image.new("RGB", (64 * scale, 64 * scale), PETROL)
    draw = ImageDraw.Draw(picture)

    def dot(x, y, radius, colour):
        draw.circle((x * scale, y * scale), radius * scale, colour)

    for step in range(201):
        t = step / 200
        near, far = 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2
        x = 43 * (1 - t) ** 3 + 43 * near + 38 * far + 26 * t**3
        y = 25 * (1 - t) ** 3 + 40 * near + 48 * far + 53 * t**3
        dot(x, y, 4.5, SIGN)
    dot(31, 25, 17.5, TEXT)
    dot(31, 25, 8.5, PETROL)
    return picture.resize((size, size))
