"""Case quality 办结质量: what "94 % closed" hides."""

from govdesk.rules.access import require
from govdesk.ui import faults
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.header import draw_header, draw_notices
from govdesk.ui.i18n import t
from govdesk.ui.markup import show
from govdesk.ui.quality_finding import draw_cards, draw_finding
from govdesk.ui.quality_parts import begin_part, draw_parts
from govdesk.ui.quality_state import draw_controls, read_choice, read_names
from govdesk.ui.quality_view import make_view, read_facts
from govdesk.ui.setting import read_setting

setting = read_setting()
draw_header("quality.title", "quality.purpose")
require(setting.scope, "view_overview")
if setting.as_of is None:
    faults.draw_empty(t("quality.empty"), command="python manage.py import-incidents FILE --profile P.toml --commit")
else:
    names = read_names(setting)
    choice = read_choice(names)
    draw_notices()
    draw_controls(choice, names)
    view = make_view(setting, choice, names, setting.as_of)
    begin_part(view)
    facts = read_facts(view)
    with panel("finding"):
        show(build_panel_title(t("quality.finding_title"), view.words))
        draw_finding(view, facts)
    draw_cards(view, facts)
    draw_parts(view, facts)
