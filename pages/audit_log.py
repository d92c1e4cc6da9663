"""Audit 审计: who saw or changed what, when and from where, and whether it still is what was sealed."""

from govdesk.rules.access import allows
from govdesk.ui import faults
from govdesk.ui.audit_view import draw_chain, draw_entries, draw_filters, read_view
from govdesk.ui.cards import panel
from govdesk.ui.header import draw_header, draw_notices
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag
from govdesk.ui.setting import read_setting
from govdesk.ui.trail import note_page

setting = read_setting()
draw_header("audit.title", "audit.purpose")
if not allows(setting.scope, "view_audit"):
    faults.draw_refusal(t("audit.refused", role=t(f"term.role_{setting.scope.role}")))
else:
    note_page("audit_log")
    view = read_view(setting)
    draw_notices()
    with panel("audit-chain"):
        draw_chain(view)
    with panel("audit-entries"):
        draw_filters(view)
        draw_entries(view)
    with panel("audit-how"):
        show(tag("h2", t("audit.counting_title"), class_="gd-panel-title"))
        show(tag("p", t("audit.counting"), class_="gd-muted gd-small"))
