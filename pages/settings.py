"""Settings 设置: what an administrator may change on screen, what differs from the files, by whom and since when."""

from govdesk.rules.access import allows
from govdesk.ui import faults
from govdesk.ui.cards import panel
from govdesk.ui.header import draw_header, draw_notices
from govdesk.ui.i18n import t
from govdesk.ui.setting import read_setting
from govdesk.ui.setting_capacity_part import draw_capacity_setting
from govdesk.ui.setting_category_part import draw_categories
from govdesk.ui.setting_duty_part import draw_duty_list
from govdesk.ui.setting_escalation_part import draw_escalation
from govdesk.ui.setting_forms import choose_part
from govdesk.ui.setting_places_part import draw_places
from govdesk.ui.setting_units_part import draw_organisation

PARTS = {"duty": draw_duty_list, "units": draw_organisation, "categories": draw_categories,
         "capacity": draw_capacity_setting, "escalation": draw_escalation,
         "places": draw_places}

setting = read_setting()
draw_header("settings.title", "settings.purpose")
if not allows(setting.scope, "change_settings"):
    faults.draw_refusal(t("settings.refused", role=t(f"term.role_{setting.scope.role}")))
else:
    draw_notices()
    part = choose_part(list(PARTS))
    with panel(f"settings-{part}"):
        PARTS[part](setting)
