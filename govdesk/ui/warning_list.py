"""The list itself: one row a village; under it, on demand, what the score is made of and what is known beside it."""

from collections.abc import Mapping
from typing import Any

from govdesk.clock import floor_monday, today
from govdesk.queries.risk_list import NEW_WEEKS, QUIET, USUAL
from govdesk.rules.access import allows
from govdesk.ui.formats import NOTHING, is_known, write_day
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, address, clean_text, join, link, tag
from govdesk.ui.warning_details import build_details, find_change
from govdesk.ui.warning_view import View
from govdesk.ui.warning_words import (
    split_known,
    write_known_short,
    write_odds,
    write_order,
    write_percent,
    write_reasons,
    write_reasons_short,
    write_step,
)

#: Columns: header, and whether it is a number.
_COLUMNS = (("position", False), ("village", False), ("probability", True), ("usual", True), ("why", False),
            ("change", True), ("step", False))


def build_band(band: object) -> Html:
    """Return the mark of a band: its colour and its letter."""
    code = band if isinstance(band, str) else "few"
    words = t(f"warning.name_{code}") if code != "few" else t("warning.few")
    return tag("span", t(f"warning.band_{code}"), class_=f"gd-band gd-band-{code}", title=words)


def build_list(view: View) -> Html:
    """Return both lists as one table."""
    weeks = view.week.run.horizon_weeks
    head = tag("tr", *(tag("th", t(f"warning.col_{name}", h=weeks) if name == "probability" else
                           t(f"warning.col_{name}"), scope="col", class_="gd-num" if is_number else None)
                       for name, is_number in _COLUMNS))
    bodies = [_build_body(view, name) for name in (USUAL, QUIET)]
    table = tag("table", tag("thead", head), *[body for body in bodies if body is not None],
                class_="gd-table gd-warnings")
    return tag("div", table, class_="gd-scroll")


def tell_new(view: View) -> str:
    """Say how many villages were on none of the lists of the weeks before; nothing where there are no such lists."""
    week = view.week
    if not week.n_before or view.listed.empty:
        return ""
    n, k = int(view.listed["is_new"].sum()), len(view.listed)
    return t("warning.new" if n else "warning.new_none", n=n, k=k, weeks=NEW_WEEKS, lists=week.n_before)


def _build_body(view: View, name: str) -> Html | None:
    rows = view.listed[(view.listed["list"] == name).to_numpy()].to_dict("records")
    if not rows:
        return None
    run = view.week.run
    about = t(f"warning.about_{name}", n=len(rows), h=run.horizon_weeks, c=run.min_count or 1)
    title = tag("tr", tag("th", tag("strong", t(f"warning.list_{name}")), " ",
                          tag("span", about, class_="gd-muted gd-small"), colspan=len(_COLUMNS), scope="rowgroup"))
    return tag("tbody", title, *(line for row in rows for line in _build_rows(view, row)))


def _build_rows(view: View, row: Mapping[str, Any]) -> tuple[Html, Html]:
    cells = (_position(row), _village(row), _probability(row), _usual(row), _why(view, row), _change(view, row),
             _step(view, row))
    line = tag("tr", *(tag("td", cell, class_="gd-num" if is_number else None)
                       for cell, (_, is_number) in zip(cells, _COLUMNS, strict=True)))
    more = tag("tr", tag("td", build_details(view, row), colspan=len(_COLUMNS)), class_="gd-warning-more")
    return line, more


def _small(*children: object) -> Html:
    return tag("div", *children, class_="gd-muted gd-small")


def _position(row: Mapping[str, Any]) -> Html:
    return join([tag("span", str(row["position"]), class_="gd-position"), " ", build_band(row["band"])])


def _village(row: Mapping[str, Any]) -> Html:
    name = link(clean_text(row["name"], 40), address("/village", place=row["place_code"]))
    parent = clean_text(row["parent"], 40) if is_known(row["parent"]) else ""
    new = tag("span", t("warning.mark_new"), class_="gd-warning-new") if row["is_new"] else None
    return join([tag("strong", name), _small(parent, " " if parent else "", new) if parent or new else None])


def _probability(row: Mapping[str, Any]) -> Html:
    low, high = (write_percent(row[end]).removesuffix(" %") for end in ("low", "high"))
    return join([tag("strong", write_percent(row["probability"]), class_="gd-warning-p"), _small(f"{low}–{high} %")])


def _usual(row: Mapping[str, Any]) -> Html:
    n = row["baseline_rank"]
    habit = t("warning.by_habit", n=n) if is_known(n) else t("warning.by_habit_none")
    return join([write_percent(row["usual_level"]), _small(habit)])


def _why(view: View, row: Mapping[str, Any]) -> Html:
    """Return the first reason, and small below it the others in short; what is known beside the score has its own line.

    All reasons in sentences stand in the details.
    """
    first = write_reasons(row["reasons"][:1], view.words)[0]
    others = write_reasons_short(row["reasons"][1:], view.words)
    known, _ = split_known(view.known.get(str(row["place_code"]), ()), row["contributions"])
    beside = write_known_short(known, view.setting.day)
    return join([tag("div", first), _small(others) if others else None,
                 _small(tag("b", t("warning.known_lead")), " ", beside) if beside else None])


def _change(view: View, row: Mapping[str, Any]) -> Html:
    change = find_change(view, row)
    if change is None:
        changes = view.changes.get(str(row["label"]))
        return _small(t("warning.change_withheld_short" if changes and changes.is_withheld else "warning.change_first"))
    if not is_known(change["probability_before"]) or not is_known(change["after"]):
        return join([NOTHING, _small(t("warning.change_none_short"))])
    moved = change["after"] - change["before"]
    return join([
        tag("div", t("warning.change_from", before=write_percent(change["probability_before"]),
                     after=write_percent(row["probability"]))),
        _small(write_odds(moved) if write_odds(moved) != "0.00" else t("warning.change_same"))])


def _step(view: View, row: Mapping[str, Any]) -> Html:
    code = str(row["place_code"])
    seen, owner = view.visited.get(code), view.owners.get(code)
    last = t("warning.last_visit", day=write_day(seen)) if seen else t("warning.never_visited")
    order, step = view.orders.get(code), view.step(row)
    if order is not None and order["state"] in ("late", "open"):  # whose it is and until when is settled
        return join([
            tag("strong", write_order(order), class_="gd-late" if order["state"] == "late" else None),
            _small(clean_text(order["owner"], 40)),
            _small(last, " · ", link(t("warning.record_visit"), address("/visits", order=order["id"])))])
    return join([
        tag("strong", write_step(step)),
        _small(clean_text(owner, 40) if owner else t("warning.owner_none")),
        _order(view, order) if order is None or step.kind != "visited" else None,
        _small(last, " · ", link(t("warning.record_visit"), address("/visits", place=code)))])


def _order(view: View, order: Mapping[str, Any] | None) -> Html | None:
    """Return what became of the visit order of a village; without one, for who orders, the way to order it."""
    if order is not None:
        return _small(write_order(order))
    if not allows(view.setting.scope, "order_visits") or view.week.run.as_of != floor_monday(today()):
        return None
    return _small(t("visit_orders.warning_none"), " · ", link(t("visit_orders.warning_order"), address("/visits")))
