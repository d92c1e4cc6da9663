"""Says that what a page shows was made by a definition of an escalation 激化 that no longer holds."""

from govdesk.queries.escalation_definition import list_made
from govdesk.ui.cards import build_notice
from govdesk.ui.formats import write_instant
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import show
from govdesk.ui.setting import Setting


def draw_definition_notice(setting: Setting) -> None:
    """Draw which of classifiers, scores, backtest and adopted figures are of an older definition, if any are."""
    older = [one for one in load(list_made, setting.scope) if one.is_old]
    if older:
        names = t("settings.and").join(t("escalation.made_one", what=t(f"escalation.made_{one.what}"),
                                         at=write_instant(one.at)) for one in older)
        show(build_notice(t("escalation.older", names=names), is_warning=True))
