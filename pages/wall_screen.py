"""Wall screen 大屏: with ``embed=true`` the wall itself, otherwise the desk's part of it."""

from govdesk.rules.access import allows
from govdesk.ui import faults, session
from govdesk.ui.header import draw_header
from govdesk.ui.i18n import t
from govdesk.ui.wall import control, screen

if session.is_embedded():
    screen.draw_wall()
else:
    draw_header("wall.title", "wall.purpose")
    if allows(session.scope(), "view_wall"):
        control.draw_control(session.scope())
    else:
        faults.draw_refusal(t("wall.refused"))
