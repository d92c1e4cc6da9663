"""The works projects of a place as a table."""

import pandas as pd

from govdesk.queries.places import PlaceFacts
from govdesk.ui.formats import is_known, write_day, write_term
from govdesk.ui.i18n import t
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table


def draw_works(works: pd.DataFrame, setting: Setting, place: PlaceFacts) -> None:
    """Draw the projects of `queries.surroundings.list_works`, the newest first."""
    going_on = t("village.works_going_on")
    rows = works.assign(
        kind_name=[write_term("works", kind, setting.words) for kind in works["kind"]],
        ended=[write_day(day) if is_known(day) else going_on for day in works["ended_on"]],
    ) if not works.empty else works
    columns = (
        Column("name", t("table.name"), muted=lambda row: row["place_name"] if is_known(row["place_name"]) else None),
        Column("kind_name", t("table.kind"), is_narrow=False),
        Column("started_on", t("village.works_started"), "day"),
        Column("ended", t("village.works_ended")),
    )
    draw_table(
        rows, columns, export_name=f"works_{place.code}", empty=t("village.works_empty"),
        note=setting.note(t("village.works_title"), f"{place.name} · {setting.day}"),
    )
