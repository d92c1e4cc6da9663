"""What a scene of the wall is: tiles of plain HTML, each with the instant that its data is of.

A scene is text alone (HTML and SVG): a chart or a map that is a program would grow in a browser that runs for weeks.
The frame (`wall.frame`) draws the boxes, titles, stamps and the grey of what is late; a scene gives the insides.
Sizes are in ``vh``: nothing below 1.6 vh on any screen, figures 7 vh, labels 2.2 vh.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from govdesk.rules.access import Scope
from govdesk.terms import DataKind
from govdesk.ui.markup import Html


@dataclass(frozen=True, slots=True)
class WallView:
    """What a scene is built from.

    Attributes
    ----------
    scope : Scope
        Whose eyes: the area of the account, always with the role of a wall, whoever's browser shows it.
    words : str
        Language.
    now : datetime
        The present instant, UTC. Never a part of what is asked of `loaders.load`, which would keep one answer for each
        tick: ask by `day`, and count minutes afterwards.
    day : date
        The county's day now.
    kind : DataKind
        Sample or real.
    as_of : datetime or None
        When the newest record became known, UTC; None in a database without incidents.
    """

    scope: Scope
    words: str
    now: datetime
    day: date
    kind: DataKind
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Tile:
    """One box of a scene.

    Attributes
    ----------
    name : str
        Of this tile among those of its scene, ASCII: class ``w-tile-<name>`` of its box.
    title : str
        Words over it.
    body : Html
        Its inside, made with `ui.markup`; it must fit its box, what does not is cut off.
    area : str
        CSS ``grid-area`` in the layout of its scene.
    as_of : datetime or None
        UTC instant that its data is of; None where there is no data.
    stale_after : timedelta or None
        Older than this it greys and says since when; None: it never does.
    note : str
        Small words at its foot: window, denominator.
    """

    name: str
    title: str
    body: Html
    area: str
    as_of: datetime | None
    stale_after: timedelta | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the wall shows at a time.

    Attributes
    ----------
    name : str
        As in the address (``scenes=``) and in `scenes.SCENES`.
    title : str
        Words in the head of the wall, short.
    tiles : tuple of Tile
        In the order in which they are read.
    layout : str
        CSS class of the grid that holds the tiles: `scene_css` gives its ``grid-template`` (areas, columns, rows), and
        another one for a standing screen under ``@media (orientation: portrait)``.
    """

    name: str
    title: str
    tiles: tuple[Tile, ...]
    layout: str = ""
