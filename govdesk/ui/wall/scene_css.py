"""The style of what is inside the tiles, and the grids of the scenes; the frame's own is in `frame_css`.

The grid element is ``.w-scene.<layout>``, a tile ``.w-tile.w-tile-<name>`` with ``.w-tile-body`` in it; colours are the
variables ``--gd-wall-…`` of `palette` (page, card, line, ink, muted, accent, class-0 … class-4, red, orange, yellow,
blue).
"""

CSS = """
.w-one { grid-template: "main" 1fr / 1fr; }
"""
