"""Model card 模型卡: what the early warning can be relied on for, and what not."""

from govdesk.queries.comparing import may_see_county
from govdesk.rules.access import allows
from govdesk.ui import faults
from govdesk.ui.card_objections_part import draw_objections
from govdesk.ui.card_parts import draw_counting, draw_parts
from govdesk.ui.card_verdict import draw_few_dates, draw_limits, draw_ranked_by, draw_short, draw_verdict
from govdesk.ui.card_view import HORIZON, read_view
from govdesk.ui.cards import panel
from govdesk.ui.definition_notice import draw_definition_notice
from govdesk.ui.escalation_rates import draw_base_rates
from govdesk.ui.header import draw_header, draw_notices
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.setting import read_setting
from govdesk.ui.trail import note_page

setting = read_setting()
may_read = allows(setting.scope, "view_model_card")
draw_header("model_card.title", "model_card.purpose")
if not may_read:
    faults.draw_refusal(t("model_card.refused", role=t(f"term.role_{setting.scope.role}")))
    if allows(setting.scope, "object_to_score"):  # who is scored may object without reading the figures
        draw_limits(HORIZON)
        draw_objections(setting)
elif not load(may_see_county, setting.scope, setting.day):
    faults.draw_refusal(t("model_card.refused_area"))
    draw_limits(HORIZON)
    draw_objections(setting)
elif setting.as_of is None:
    faults.draw_empty(t("model_card.no_records"),
                      command="python manage.py import-incidents FILE --profile P.toml --commit")
else:
    view = read_view(setting)
    note_page("model_card")
    draw_notices()
    draw_definition_notice(setting)
    if view.is_short:
        draw_short(view)
        draw_limits(view.horizon)
        with panel("card-rates"):
            draw_base_rates(setting, "card_base_rates")
        draw_objections(setting)
        draw_counting("data")
    elif not view.labels:
        faults.draw_empty(t("model_card.no_backtest"), t("model_card.no_backtest_next"),
                          command="python manage.py backtest --commit")
        draw_limits(view.horizon)
        draw_objections(setting)
    else:
        draw_verdict(view)
        draw_few_dates(view)
        draw_ranked_by(view)
        draw_limits(view.horizon)
        draw_parts(view)
