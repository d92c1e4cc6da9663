"""Data quality 数据质量: how fast and how completely townships and sources report, and when that changed."""

from govdesk.rules.access import allows
from govdesk.ui import faults
from govdesk.ui.data_quality_parts import draw_all, draw_cards
from govdesk.ui.data_quality_view import read_measures
from govdesk.ui.header import draw_header, draw_notices
from govdesk.ui.i18n import t
from govdesk.ui.setting import read_setting
from govdesk.ui.triage_part import draw_followed

setting = read_setting()
draw_header("data_quality.title", "data_quality.purpose")
if not allows(setting.scope, "view_data_quality"):
    faults.draw_refusal(t("data_quality.refused", role=t(f"term.role_{setting.scope.role}")))
elif setting.as_of is None:
    faults.draw_empty(t("data_quality.empty"),
                      command="python manage.py import-incidents FILE --profile P.toml --commit")
else:
    found = read_measures(setting, setting.as_of)
    draw_cards(found)
    draw_all(setting, found)
    draw_followed(setting)
    draw_notices()
