"""On the page of one incident: what can be done with it now, and the links to what is done elsewhere."""

from govdesk.queries.incidents import IncidentFacts
from govdesk.rules.access import allows
from govdesk.ui import step_panel
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.i18n import t
from govdesk.ui.markup import address, join, link, show, tag
from govdesk.ui.redrawing import work_alone
from govdesk.ui.setting import Setting


@work_alone
def draw_actions(setting: Setting, facts: IncidentFacts) -> None:
    """Draw the steps that can be taken now; what was merged away or withdrawn offers none, and no link either."""
    with panel("actions"):
        show(build_panel_title(t("board.panel_title")))
        step_panel.draw_outcome(setting)
        if not facts.is_counted or facts.weight < 0:
            show(tag("p", t("steps.error_not_live"), class_="gd-muted"))
            return
        if allows(setting.scope, "view_board"):
            step_panel.draw_panel(setting, facts.id, facts.source_ref)
        links = []
        if allows(setting.scope, "register_record"):
            links.append(link(t("incident.mediate"), address(
                "/register", kind="mediation", incident=facts.source_ref)))
        if allows(setting.scope, "call_units"):
            links.append(link(t("incident.call"), address("/calls", incident=facts.id)))
        if links:
            show(tag("p", join(links, " · "), class_="gd-small"))
