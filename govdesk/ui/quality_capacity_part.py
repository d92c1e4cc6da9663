"""Part of case quality: legal guides, legal advisers and volunteer mediators by place; numbers, nobody in person."""

from govdesk.ui.capacity import draw_capacity
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag
from govdesk.ui.quality_view import View
from govdesk.ui.quality_words import name_of


def draw_capacity_part(view: View) -> None:
    """Draw who could mediate where; of the page's filters only the place means anything here."""
    show(tag("p", t("quality.capacity_note", rate=name_of("capacity_rate"), coverage=name_of("capacity_coverage")),
             class_="gd-muted gd-small"))
    draw_capacity(view.setting, view.filters)
