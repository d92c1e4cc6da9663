"""Part of case quality: offices that close within minutes, or in batches at the month's end. Offices, never people."""

import pandas as pd

from govdesk.queries.closing_months import count_closings_by_month
from govdesk.queries.quick_reasons import count_quick_reasons
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.i18n import t, term
from govdesk.ui.markup import show, tag
from govdesk.ui.quality_view import Facts, View
from govdesk.ui.quality_words import draw_not_recorded, name_of, write_interval, write_of, write_rate
from govdesk.ui.tables import Column, draw_table
from models.closing_habits import LAST_DAYS_SHARE, MIN_CLOSED, MIN_MONTHS, find_closing_habits
from models.share_interval import wilson_interval

#: Offices shown at once; found ones come first.
SHOWN = 12


def draw_habits(view: View, facts: Facts) -> None:
    """Draw both shares of all together, then one table a habit with what it may mean."""
    if not view.recorded.closings:
        draw_not_recorded("quick_share", "month_end_share")
        return
    sums, n_closed = facts.sums, facts.sums["n_closed"]
    show(tag("p", t(
        "quality.habits_all", quick=name_of("quick_share"), end=name_of("month_end_share"),
        quick_rate=write_rate(sums["n_quick"], n_closed), end_rate=write_rate(sums["n_month_end"], n_closed),
        n=f"{n_closed:,}", usual=f"{100 * LAST_DAYS_SHARE:.1f} %")))
    _draw_reasons(view, sums["n_quick"])
    if not view.recorded.units:
        show(tag("p", t("quality.no_units"), class_="gd-empty"))
        return
    habits = find_closing_habits(view.load_held(count_closings_by_month))
    for habit in ("quick", "month_end"):
        with panel(f"habit_{habit}"):
            _draw_habit(view, habits[habits["habit"] == habit].reset_index(drop=True), habit)


def _draw_reasons(view: View, n_quick: int) -> None:
    """Say why they were closed so soon, as far as somebody was asked."""
    given = view.load(count_quick_reasons)
    if n_quick <= 0 or given.empty:
        return
    reasons = " · ".join(f"{term('quick', reason)} {n:,}" for reason, n in
                         given[["reason", "n"]].itertuples(index=False, name=None))
    show(tag("p", t("quality.quick_reasons", n=f"{n_quick:,}", given=f"{int(given['n'].sum()):,}", reasons=reasons),
             class_="gd-small"))


def _draw_habit(view: View, offices: pd.DataFrame, habit: str) -> None:
    found = int(offices["is_found"].sum())
    title = t(f"quality.habit_{habit}_found", n=found) if found else t(f"quality.habit_{habit}_none")
    show(build_panel_title(title, t("quality.habit_note", n=MIN_CLOSED, months=MIN_MONTHS)))
    show(tag("p", t(f"quality.habit_{habit}_meaning"), class_="gd-small"))
    draw_table(_write(offices, view), _columns(habit), export_name=f"quality_{habit}", note=view.note(title),
               empty=t("quality.nothing_in_window"), n_shown=max(SHOWN, found))


def _write(offices: pd.DataFrame, view: View) -> pd.DataFrame:
    interval = wilson_interval(offices["n_found"], offices["n_closed"])
    return offices.assign(
        name=[view.names.units.get(code, code) for code in offices["unit"]],
        share_text=[write_rate(n, of) for n, of in zip(offices["n_found"], offices["n_closed"], strict=True)],
        of=[write_of(n, of) for n, of in zip(offices["n_found"], offices["n_closed"], strict=True)],
        interval=[write_interval(low, high) for low, high in zip(interval["low"], interval["high"], strict=True)],
        usual=[write_interval(one, one).split("–")[0] + " %" if pd.notna(one) else "—" for one in offices["expected"]],
        verdict=[t(f"quality.habit_reason_{reason}") for reason in offices["reason"]],
        limit=[t("quality.minutes", n=f"{one:.0f}") if pd.notna(one) else "" for one in offices["minutes"]])


def _columns(habit: str) -> tuple[Column, ...]:
    limit = (Column("limit", t("quality.limit"), is_narrow=False),) if habit == "quick" else ()
    return (
        Column("name", t("table.unit")), *limit, Column("n_closed", t("quality.n_closed"), "count", is_narrow=False),
        Column("n_found", t("quality.n_such"), "count"), Column("share_text", t("quality.share"), "rate"),
        Column("interval", t("quality.interval"), "rate", is_narrow=False),
        Column("usual", t("quality.usual"), "rate", is_narrow=False), Column("verdict", t("quality.verdict")))
