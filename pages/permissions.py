"""Permissions 权限: what this account may see and do, and what every other role may; for everybody to read."""

from govdesk.ui.cards import panel
from govdesk.ui.header import draw_header
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag
from govdesk.ui.permission_view import draw_matrix, draw_own
from govdesk.ui.setting import read_setting

setting = read_setting()
draw_header("permissions.title", "permissions.purpose")
draw_own(setting)
draw_matrix(setting)
with panel("permissions-how"):
    show(tag("h2", t("permissions.how_title"), class_="gd-panel-title"))
    show(tag("p", t("permissions.how"), class_="gd-muted gd-small"))
