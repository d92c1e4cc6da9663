"""Import batches 导入批次: what came in, from which file, what was wrong with it, and how to take it back."""

from govdesk.queries.batches import count_batches
from govdesk.rules.access import allows
from govdesk.ui import faults
from govdesk.ui.batch_list import draw_list, read_choice
from govdesk.ui.batch_view import draw_batch
from govdesk.ui.header import draw_header, draw_notices
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.setting import read_setting

setting = read_setting()
draw_header("import_batches.title", "import_batches.purpose")
if not allows(setting.scope, "view_imports"):
    faults.draw_refusal(t("import_batches.refused", role=t(f"term.role_{setting.scope.role}")))
else:
    choice = read_choice(setting)
    draw_notices()
    if not load(count_batches, setting.scope, with_single=True):
        key = "empty" if setting.scope.area_code is None else "empty_area"
        faults.draw_empty(t(f"import_batches.{key}"), t("import_batches.empty_next"),
                          command="python manage.py import-incidents FILE --profile P.toml --commit")
    elif choice.batch is not None:
        draw_batch(setting, choice.batch, choice.level, choice.page)
    else:
        draw_list(setting, choice)
