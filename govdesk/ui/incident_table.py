"""A list of incidents as a table, the same wherever it stands: what, where, since when, how late."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from govdesk.clock import week_of
from govdesk.ui import formats
from govdesk.ui.export import hide_small_categories
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, address, tag
from govdesk.ui.setting import Setting, name_categories
from govdesk.ui.tables import Column, draw_table


def name_incidents(incidents: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Return the incidents with words instead of codes; the codes stay beside them for links and exports."""
    categories = name_categories(setting.words)
    words = setting.words
    return incidents.assign(
        stream_name=[formats.write_term("stream", code, words) for code in incidents["stream"]],
        category_name=[categories.get(code, code) for code in incidents["category"]],
        status_name=[formats.write_term("status", code, words) for code in incidents["status"]],
        where=[
            " ".join(dict.fromkeys(part for part in parts if formats.is_known(part)))
            for parts in zip(incidents["township_name"], incidents["place_name"], strict=True)
        ],
    )


def draw_incidents(
    incidents: pd.DataFrame, setting: Setting, *, export_name: str, title: str, filters: str, empty: str,
    n_shown: int = 12,
) -> None:
    """Draw incidents of `queries.incidents.list_incidents`, each with a link to its page."""

    def prepare(rows: pd.DataFrame) -> pd.DataFrame:
        weeks = rows.assign(week=[week_of(day.date()) for day in rows["occurred_on"]])
        return hide_small_categories(
            weeks, place="place_code", week="week", category="category_name", n=None, words=setting.words,
        )

    rows = name_incidents(incidents, setting) if not incidents.empty else incidents
    draw_table(
        rows, _columns(), export_name=export_name, note=setting.note(title, filters), empty=empty,
        prepare_export=prepare, n_shown=n_shown,
    )


def _columns() -> tuple[Column, ...]:
    return (
        Column("source_ref", t("table.number"), href=lambda row: address("/incident", id=row["id"])),
        Column("stream_name", t("table.stream"), is_narrow=False),
        Column("category_name", t("table.category")),
        Column("where", t("table.place"), href=lambda row: address("/village", place=row["place_code"])),
        Column("occurred_on", t("table.occurred_on"), "day", is_narrow=False),
        Column("status_name", t("table.status"), is_narrow=False),
        Column("handling_unit_name", t("table.unit"), is_narrow=False),
        Column("due_at", t("table.due"), "day", muted=_late, is_narrow=False),
        Column("age_days", t("table.age"), "age"),
    )


def _late(row: Mapping[str, Any]) -> Html | None:
    return tag("span", t("table.overdue_mark"), class_="gd-late") if row.get("is_overdue") else None
