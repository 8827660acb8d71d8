"""The provinces as equal tiles, each about where it lies: a map that can be read, tapped and tabbed through."""

from dataclasses import replace

# The rows of the map from north to south, and the columns from west to east. The outline in
# templates/components/map_area.html is that of these tiles.
ROWS = [
    ["", "", "fryslan", "groningen"],
    ["", "noord-holland", "flevoland", "drenthe"],
    ["zuid-holland", "utrecht", "gelderland", "overijssel"],
    ["zeeland", "noord-brabant", "limburg", ""],
]
PLACES = {slug: (row, column) for row, slugs in enumerate(ROWS) for column, slug in enumerate(slugs) if slug}
SIDES = {"n": (-1, 0), "e": (0, 1), "s": (1, 0), "w": (0, -1)}


def drawn(choices):
    """The choices of a region, each with how it is drawn: a wall where the neighbour is of another landsdeel."""
    landsdeel = {choice.value: choice.parent for choice in choices if choice.value in PLACES}
    around = {PLACES[slug]: parent for slug, parent in landsdeel.items()}
    tiles, shapes = {}, dict.fromkeys(landsdeel.values(), "")
    for slug, parent in landsdeel.items():
        row, column = PLACES[slug]
        walls = [side for side, (down, right) in SIDES.items() if around.get((row + down, column + right)) != parent]
        tiles[slug] = " ".join([f"tile-row-{row + 1} tile-column-{column + 1}", *(f"wall-{side}" for side in walls)])
        shapes[parent] += f"M{column} {row}h1v1h-1z"
    return [replace(each, tile=tiles.get(each.value, ""), shape=shapes.get(each.value, "")) for each in choices]
