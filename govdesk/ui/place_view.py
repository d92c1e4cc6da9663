"""The parts of the village page: profile, figures, what is known, changes."""

from datetime import date, timedelta

import pandas as pd

from govdesk.clock import monday_of, week_of
from govdesk.queries.counts import open_series, weekly_series
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.known import Known, has_closings
from govdesk.queries.places import PlaceFacts, get_place, list_changes
from govdesk.queries.surroundings import list_source_changes
from govdesk.queries.turns import list_beginnings
from govdesk.tables.places import ALWAYS
from govdesk.ui.cards import Card
from govdesk.ui.formats import is_known, write_age, write_count, write_day, write_number, write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.place_compare import WEEKS, write_rate
from govdesk.ui.setting import Setting

SPARK = 26


def list_profile(place: PlaceFacts, setting: Setting) -> list[tuple[str, object]]:
    """Return label and value of the register's facts."""
    words = setting.words
    facts: list[tuple[str, object]] = [
        (t("village.level"), write_term("level", place.level, words)),
        (t("village.kind"), write_term("kind", place.kind, words)),
        (t("village.population"), _counted("village.people", place.population)),
        (t("village.households"), _counted("village.households_value", place.households)),
        (t("village.code"), place.code),
        (t("village.valid_since"),
         t("village.valid_always") if place.valid_from == ALWAYS else write_day(place.valid_from)),
    ]
    if place.valid_to is not None:
        facts.append((t("village.valid_to"), write_day(place.valid_to - timedelta(days=1))))
    if place.shape_kind is not None:
        facts.append((t("village.shape"), write_term("shape", place.shape_kind, words)))
    return facts


def _counted(key: str, n: int | None) -> str:
    return t(key, n=write_count(n)) if n is not None else write_count(None)


def list_cards(place: PlaceFacts, open_now: pd.DataFrame, setting: Setting) -> list[Card]:
    """Return the figures of the place: a year, a quarter, what is open, what is late."""
    week = setting.week
    filters = IncidentFilter(week + 1 - 2 * WEEKS, week + 1, place_code=place.code)
    weeks = load(weekly_series, setting.scope, filters).set_index("week")["n_incidents"]
    began = load(list_beginnings, setting.scope, place.level).set_index("code")["since"].get(place.code)
    if began is not None:  # a new name or a move is no beginning; before that nothing is known of it, which is not zero
        weeks = weeks[weeks.index >= week_of(began.date())]
    spark = tuple(weeks.reindex(range(week + 1 - SPARK, week + 1)).astype("float64"))
    year, is_whole = _sum_known(weeks, week + 1 - WEEKS, WEEKS)
    year_before, quarter_before = _sum(weeks, week + 1 - 2 * WEEKS, WEEKS), _sum(weeks, week - 25, 13)
    quarter, _ = _sum_known(weeks, week - 12, 13)
    stock = load(open_series, setting.scope, IncidentFilter(week + 1 - SPARK, week + 1, place_code=place.code))
    n_open, n_overdue, n_due = (
        int(open_now[name].sum()) if len(open_now) else 0 for name in ("n_open", "n_overdue", "n_with_due"))
    unit = t("table.incidents")
    rate = write_rate(year or 0, place.population) or t(
        "village.counts_only" if place.population else "village.no_population")
    stock_known = load(has_closings, setting.scope)
    return [
        Card(t("village.n_year"), write_count(year), unit,
             (_before("52", year_before) if is_whole else t("village.known_only", n=_n_known(weeks, week)), rate),
             spark,
             t("village.spark", title=t("village.n_year"))),
        Card(t("village.n_quarter"), write_count(quarter), unit,
             (_before("13", quarter_before),)),
        Card(t("village.n_open"), write_count(n_open if stock_known else None), unit if stock_known else "",
             (t("village.open_on", day=write_day(setting.day)) if stock_known else t("village.no_closings"),),
             tuple(stock["n_open"].astype("float64")) if stock_known else (),
             t("village.spark", title=t("village.n_open"))),
        Card(t("village.n_overdue"), write_count(n_overdue) if n_due else write_count(None), unit if n_due else "",
             (t("village.of_due", n=write_count(n_due)) if n_due else t("village.no_due"),)),
    ]


def _sum(weeks: "pd.Series[int]", first: int, n: int) -> int | None:
    """Return the sum of `n` weeks; None when one of them lies outside the recorded period."""
    window = weeks.reindex(range(first, first + n))
    return None if window.isna().any() else int(window.sum())


def _sum_known(weeks: "pd.Series[int]", first: int, n: int) -> tuple[int | None, bool]:
    """Return the sum of the known ones of `n` weeks, and whether all of them are known."""
    window = weeks.reindex(range(first, first + n))
    return (None if window.isna().all() else int(window.sum())), not window.isna().any()


def _n_known(weeks: "pd.Series[int]", week: int) -> int:
    return int(((weeks.index > week - WEEKS) & (weeks.index <= week)).sum())


def _before(n_weeks: str, n: int | None) -> str:
    """Say the count of the weeks before; unknown where one of them was not recorded."""
    return t(f"village.before_{n_weeks}", n=write_count(n)) if n is not None else t(f"village.unknown_{n_weeks}")


def list_known(known: Known, setting: Setting) -> list[tuple[str, object]]:
    """Return what is known and since when."""
    silent = (setting.day - known.last_on).days if known.last_on else None
    period = t("village.nil_none")
    if known.nil_from and known.nil_to:
        last = known.nil_to - timedelta(days=1)
        period = t("village.nil_period", from_day=write_day(known.nil_from), to_day=write_day(last))
    return [
        (t("village.n_total"), t("table.n_incidents", n=write_count(known.n_incidents))),
        (t("village.first_record"), write_day(known.first_on) if known.first_on else t("village.never")),
        (t("village.last_record"), write_day(known.last_on) if known.last_on else t("village.never")),
        (t("village.silent_weeks"), write_age(max(0, silent) if silent is not None else None, setting.words)),
        (t("village.nil_n"), t("village.nil_value", n=write_count(known.n_nil_returns))),
        (t("village.last_nil"), period),
    ]


def list_marks(place: PlaceFacts, setting: Setting) -> list[tuple[date, str]]:
    """Return the days on which the place, or the way of recording, changed, with a sentence each; oldest first."""
    marks = []
    for row in load(list_changes, setting.scope, place.code).to_dict("records"):
        names = (_name(row["from_code"], row["on"].date() - timedelta(days=1), setting),
                 _name(row["to_code"], row["on"].date(), setting))
        marks.append((row["on"].date(), t(
            "village.change_line", day=write_day(row["on"]), kind=write_term("change", row["kind"], setting.words),
            from_name=names[0], to_name=names[1], share=f"{write_number(100 * row['share'], 0)} %",
        )))
    for row in load(list_source_changes, setting.scope, place.code).to_dict("records"):
        about = f" · {write_term('stream', row['stream'], setting.words)}" if is_known(row["stream"]) else ""
        marks.append((row["on"].date(), t(
            "village.source_change_line", day=write_day(row["on"]),
            kind=write_term("source", row["kind"], setting.words)) + about))
    return sorted(marks)


def within_weeks(marks: list[tuple[date, str]], week_from: int, week_to: int) -> list[tuple[date, str]]:
    """Return the marks of a window of weeks, `week_to` exclusive."""
    return [mark for mark in marks if monday_of(week_from) <= mark[0] < monday_of(week_to)]


def _name(code: str, on: date, setting: Setting) -> str:
    place = load(get_place, setting.scope, code, on)
    return place.name if place else code
