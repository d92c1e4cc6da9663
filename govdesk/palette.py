"""The colours and sizes of everything that is drawn: screens, map, charts and exports alike.

The desk's tokens are repeated in `.streamlit/config.toml`, which cannot import them; a test holds the two equal.
"""

PAGE = "#F5F7F9"
CARD = "#FFFFFF"
LINE = "#E3E7ED"
INK = "#1B2430"
MUTED = "#5B6776"
ACCENT = "#1F5FA8"
LINK = "#174A86"
MARK = "#FFF3D1"
MARK_INK = "#6B4E00"

#: Quantity on the map, from little to much.
CLASSES = ("#EEF3F7", "#CFE0EA", "#9CC3D5", "#5A9DBB", "#2B6C92")
#: Nothing was recorded; too few for a rate; no figure at all.
NONE_RECORDED = "#FFFFFF"
TOO_FEW = "#E3E7ED"
NO_FIGURE = "#D5D1C8"
#: The same on the map, warm where figures are blue, so that neither is taken for the lowest class.
TOO_FEW_ON_MAP = "#EADFC9"
NO_FIGURE_ON_MAP = "#CBC5B9"

#: Warning bands; never shown without their letter.
BAND_RED = "#C8322B"
BAND_ORANGE = "#B85C00"
BAND_YELLOW = "#F2C744"
BAND_BLUE = "#2F6DB5"

#: One hue a stream, told apart by colour-blind readers too (Okabe and Ito 2008, darkened to 4.5 : 1 on white).
STREAMS = {
    "dispute": "#B85C00", "petition": "#7A4FA3", "hazard": "#C8322B", "request": "#1F5FA8", "public_order": "#00755A",
}

#: Landscape beneath the places.
CONTEXT = {
    "relief": "#E4E2D8", "settlement": "#D9D3C7", "road": "#C3A878", "river": "#A9CBE6", "lake": "#BFDCF0",
}
OUTLINE = "#46566A"
TOWNSHIP_LINE = "#6E7D8F"
VILLAGE_LINE = "#C3CDD8"

#: The wall: dark, every text at least 7 : 1 on a card.
WALL_PAGE = "#0B1320"
WALL_CARD = "#111D2D"
WALL_LINE = "#1C2B3F"
WALL_INK = "#E8EEF5"
WALL_MUTED = "#A9B9C9"
WALL_ACCENT = "#8CC8FF"
WALL_CLASS_0 = "#182635"
WALL_CLASS_1 = "#1E3B50"
WALL_CLASS_2 = "#27566F"
WALL_CLASS_3 = "#3A7C97"
WALL_CLASS_4 = "#6FB3C9"
WALL_RED = "#FF9A8F"
WALL_ORANGE = "#FFB86B"
WALL_YELLOW = "#F2D15C"
WALL_BLUE = "#9CC7F5"
WALL_MARK = "#4A3B00"
WALL_MARK_INK = "#FFE08A"

FONT = "'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', sans-serif"


def rgba(colour: str, alpha: int = 255) -> list[int]:
    """Return ``#RRGGBB`` as four numbers of 0–255, as a map layer wants them.

    Examples
    --------
    >>> rgba("#1F5FA8", 128)
    [31, 95, 168, 128]
    """
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)] + [alpha]


def spread_classes(n_classes: int) -> tuple[str, ...]:
    """Return the colours of `n_classes` classes of a quantity, from the lightest to the darkest.

    Examples
    --------
    >>> spread_classes(2)
    ('#EEF3F7', '#2B6C92')
    """
    if n_classes <= 1:
        return (CLASSES[2],)
    last = len(CLASSES) - 1
    return tuple(CLASSES[round(i * last / (n_classes - 1))] for i in range(min(n_classes, len(CLASSES))))
