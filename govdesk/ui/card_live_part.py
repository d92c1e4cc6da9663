"""Part of the model card: what became of past lists, last month's errors, and what a lot of unlisted villages shows."""

from collections.abc import Sequence
from datetime import timedelta
from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from govdesk.clock import monday_of, today, week_label, week_of
from govdesk.queries.live_misses import list_misses
from govdesk.queries.live_results import LiveResults, read_live_results
from govdesk.queries.places import list_places
from govdesk.terms import Level, VisitFinding, VisitReason
from govdesk.ui.card_view import CardView
from govdesk.ui.card_words import write_part, write_percent, write_weeks
from govdesk.ui.cards import Card, build_cards, build_notice, build_panel_title, panel
from govdesk.ui.formats import NOTHING, write_count, write_number
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load, load_properties
from govdesk.ui.markup import address, clean_text, show, tag
from govdesk.ui.sample_misses_part import draw_sample_misses
from govdesk.ui.tables import Column, draw_table
from models.date_bands import BLOCK, MIN_DATES, band_of_share, overlap_of_dates
from models.share_interval import wilson_interval

#: Weeks of "last month", and misses that are explained.
MONTH, MOST_MISSES = 4, 20
#: Under so many a share is given as counts, and has no interval.
FEWEST = 10


def draw_live(view: CardView) -> None:
    """Draw the results of the lists whose horizon is over."""
    properties = load_properties()
    known_to = view.setting.week + 1
    found = load(read_live_results, view.setting.scope, known_to, f"{properties.title_zh}|{properties.kind}")
    if found is None:
        show(tag("p", t("model_card.live_none"), class_="gd-empty"))
        return
    with panel("card-live"):
        show(build_panel_title(t("model_card.live_title"), _say_window(found)))
        if found.n_running:
            show(tag("p", t("model_card.live_running", n=found.n_running, day=found.first_over,
                            weeks=found.horizon_weeks), class_="gd-muted gd-small"))
        if found.runs.empty:
            show(build_notice(t("model_card.live_not_over", day=found.first_over)))
        else:
            show(build_cards(_list_cards(found)))
            few = len(found.runs) < MIN_DATES
            how = t("model_card.live_bands_few" if few else "model_card.live_bands", n=len(found.runs), least=MIN_DATES,
                    weeks=found.horizon_weeks, block=BLOCK)
            show(tag("p", t("model_card.live_note", weeks=found.horizon_weeks), " ", how, class_="gd-muted gd-small"))
            _draw_runs(view, found)
    with panel("sample-misses"):
        draw_sample_misses(view.setting)
    with panel("card-misses"):
        _draw_misses(view, found)
    if len(found.alarms):
        with panel("card-alarms"):
            _draw_alarms(view, found)


def _say_window(found: LiveResults) -> str:
    if found.runs.empty:
        return ""
    days = found.runs["as_of"].dt.date
    return t("model_card.live_window", n=len(found.runs), first=days.min(), last=days.max(),
             known=monday_of(found.known_to) - timedelta(days=1))


def _list_cards(found: LiveResults) -> list[Card]:
    """Return the figures: listed with one coming, without the visited, events caught, the lot, said against seen."""
    sums = found.runs.drop(columns="as_of").sum()
    judged = found.events[found.events["is_judged"]]
    n_events = int(judged["n_events"].sum())
    caught = int(judged.loc[judged["is_caught"], "n_events"].sum())
    visits = found.visits.set_index("reason").loc[VisitReason.SAMPLE.value]
    weekly = found.runs.iloc[::-1]  # the oldest list first
    overlap = overlap_of_dates(
        np.array([week_of(day) for day in weekly["as_of"].dt.date], dtype=float), found.horizon_weeks)
    return [
        _share("live_found", sums["n_found"], sums["n_listed"],
               _say_band(weekly["n_found"], weekly["n_listed"], sums["n_listed"] / overlap),
               t("model_card.live_everywhere", share=write_part(sums["n_positive"], sums["n_villages"]))),
        _share("live_untreated", sums["n_found_untreated"], sums["n_untreated"],
               _say_band(weekly["n_found_untreated"], weekly["n_untreated"], sums["n_untreated"] / overlap),
               t("model_card.live_treated", part=write_count(sums["n_found_treated"]),
                 n=write_count(sums["n_treated"]))),
        _share("live_caught", caught, n_events, _say_band(*_sum_weeks(judged), judged["place_code"].nunique()),
               t("model_card.live_missed", n=write_count(n_events - caught))),
        # The lot draws other villages every week: each of them is a look of its own.
        _share("live_lot", sums["n_found_drawn"], sums["n_drawn"],
               _say_band(weekly["n_found_drawn"], weekly["n_drawn"], sums["n_drawn"])),
        _share("live_lot_visits", visits["n_found"], visits["n_visits"],
               _say_interval(visits["n_found"] / max(visits["n_visits"], 1), visits["n_visits"], visits["n_visits"]),
               t("model_card.live_known", n=write_count(visits["n_known"]))),
        Card(t("model_card.live_expected"), write_number(sums["n_expected"], 0), "",
             (t("model_card.live_observed", n=write_count(sums["n_elevated"]), of=write_count(sums["n_told"])),)),
    ]


def _share(key: str, part: float, whole: float, *notes: str) -> Card:
    """Return a share as a card; of fewer than 10 the two counts."""
    part, whole = int(part), int(whole)
    value = NOTHING if not whole else f"{part}/{whole}" if whole < FEWEST else write_percent(part / whole)
    of = t(f"model_card.{key}_of", part=f"{part:,}", whole=f"{whole:,}")
    return Card(t(f"model_card.{key}"), value, "", (of, *(note for note in notes if note)))


def _sum_weeks(judged: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the events caught and all events by week, weeks without any among them."""
    counts = judged.assign(n_caught=judged["n_events"].where(judged["is_caught"], 0)).groupby("week")[
        ["n_caught", "n_events"]].sum()
    weeks = range(int(counts.index.min()), int(counts.index.max()) + 1) if len(counts) else []
    counts = counts.reindex(weeks, fill_value=0)
    return counts["n_caught"], counts["n_events"]


def _say_band(part: pd.Series, whole: pd.Series, n_alone: float) -> str:
    """Say how sure a share over dates is: by resampled dates, or for few dates by the looks that do not overlap."""
    total = float(whole.sum())
    if total < FEWEST:
        return t("model_card.live_few") if total else ""
    low, high = band_of_share(part.to_numpy(float), whole.to_numpy(float))
    if isnan(low):
        return _say_interval(float(part.sum()) / total, n_alone, total)
    return t("model_card.live_band", low=write_percent(low), high=write_percent(high))


def _say_interval(share: float, n_alone: float, whole: float) -> str:
    """Say Wilson's interval of a share, seen in `n_alone` looks of their own, of `whole`."""
    if whole < FEWEST:
        return t("model_card.live_few") if whole else ""
    ends = wilson_interval([share * n_alone], [n_alone]).iloc[0]
    return t("model_card.wilson", low=write_percent(ends["low"]), high=write_percent(ends["high"]))


def _draw_runs(view: CardView, found: LiveResults) -> None:
    rows = found.runs.assign(
        day=found.runs["as_of"],
        found_text=_join(found.runs, "n_found", "n_listed"),
        untreated_text=_join(found.runs, "n_found_untreated", "n_untreated"),
        treated_text=_join(found.runs, "n_found_treated", "n_treated"),
        drawn_text=_join(found.runs, "n_found_drawn", "n_drawn"),
        all_text=_join(found.runs, "n_positive", "n_villages"),
        expected_text=[f"{write_number(said, 1)} / {write_count(seen)}" for said, seen in zip(
            found.runs["n_expected"], found.runs["n_elevated"], strict=True)])
    columns = (
        Column("day", t("model_card.list_of"), "day"), Column("found_text", t("model_card.live_found"), "rate"),
        Column("untreated_text", t("model_card.live_untreated"), "rate"),
        Column("treated_text", t("model_card.live_visited"), "rate", is_narrow=False),
        Column("drawn_text", t("model_card.live_lot"), "rate", is_narrow=False),
        Column("all_text", t("model_card.live_all"), "rate", is_narrow=False),
        Column("expected_text", t("model_card.live_expected_observed"), "rate", is_narrow=False))
    draw_table(rows, columns, export_name="card_live", n_shown=8, empty=t("model_card.live_none"),
               note=view.setting.note(t("model_card.live_title"), _say_window(found)))


def _join(rows: pd.DataFrame, part: str, whole: str) -> list[str]:
    return [f"{a:,}/{b:,}" for a, b in zip(rows[part], rows[whole], strict=True)]


def _draw_misses(view: CardView, found: LiveResults) -> None:
    """Draw last month's misses, the largest explained by what was known then."""
    title = t("model_card.misses_title")
    window = write_weeks(found.known_to - MONTH, found.known_to)
    show(build_panel_title(title, window))
    month = found.events[found.events["is_judged"] & (found.events["week"] >= found.known_to - MONTH)]
    missed = month[~month["is_caught"]]
    total = int(month["n_events"].sum())
    if not total:
        show(tag("p", t("model_card.misses_no_events"), class_="gd-empty"))
        return
    show(tag("p", t("model_card.misses_line", n=total, caught=total - int(missed["n_events"].sum()),
                    missed=int(missed["n_events"].sum()), villages=missed["place_code"].nunique()),
             class_="gd-card-line"))
    if missed.empty:
        return
    cases = tuple(missed[["place_code", "week", "n_events"]].itertuples(index=False, name=None))
    rows = load(list_misses, view.setting.scope, found.known_to, cases)
    rows = rows.assign(
        name=[clean_text(name, 30) for name in rows["place"]],
        week_text=[week_label(int(week)) for week in rows["week"]],
        why_text=[t(f"model_card.why_{why}") + (t("model_card.why_treated") if treated else "")
                  for why, treated in zip(rows["why"], rows["is_treated"], strict=True)],
        rank_text=_tell_ranks(rows.to_dict("records")),
        known=_tell_known(rows.to_dict("records")))
    columns = (
        Column("name", t("table.place"), href=lambda row: address("/village", place=row["place_code"])),
        Column("week_text", t("model_card.miss_week")), Column("n_events", t("model_card.miss_events"), "count"),
        Column("known", t("model_card.miss_known")), Column("rank_text", t("model_card.miss_rank")),
        Column("why_text", t("model_card.miss_why")))
    draw_table(rows, columns, export_name="card_misses", n_shown=MOST_MISSES, empty=t("model_card.misses_no_events"),
               note=view.setting.note(title, window))


def _tell_ranks(rows: Sequence[dict[Any, Any]]) -> list[str]:
    return [t("model_card.rank_then", day=monday_of(int(row["best_week"])), rank=row["best_rank"],
              of=write_count(row["n_places"]), p=write_percent(row["probability"]))
            if row["why"] != "no_score" else t("model_card.no_rank_then", day=monday_of(int(row["best_week"])))
            for row in rows]


def _tell_known(rows: Sequence[dict[Any, Any]]) -> list[str]:
    return [t("model_card.known_then", n13=row["n_13"], n52=row["n_52"], events=row["n_events_52"])
            if row["n_52"] else t("model_card.nothing_known_then") for row in rows]


def _tell_alarms(alarms: pd.DataFrame) -> str:
    """Say how many listings came to nothing: false alarms, and apart from them the treated ones by what was met."""
    treated = alarms[alarms["is_treated"]]
    line = t("model_card.alarms_line", n=len(alarms), untreated=len(alarms) - len(treated))
    if treated.empty:
        return line
    met = treated["found"].value_counts()
    return line + t("model_card.alarms_treated", n=len(treated), **{
        name: int(met.get(code, 0)) for name, code in (
            ("found", VisitFinding.FOUND), ("known", VisitFinding.ALREADY_KNOWN),
            ("nothing", VisitFinding.NOTHING_FOUND))})


def _draw_alarms(view: CardView, found: LiveResults) -> None:
    """Draw last month's listed villages in which nothing happened: the other kind of error."""
    title = t("model_card.alarms_title")
    days = found.alarms["as_of"].dt.date
    window = t("model_card.alarms_window", first=days.min(), last=days.max(), weeks=found.horizon_weeks)
    show(build_panel_title(title, window))
    show(tag("p", _tell_alarms(found.alarms)))
    villages = load(list_places, view.setting.scope, Level.VILLAGE, today())
    names = dict(zip(villages["code"], villages["name"], strict=True))
    rows = found.alarms.assign(
        name=[clean_text(names.get(code, code), 30) for code in found.alarms["place_code"]],
        list_text=[t(f"model_card.list_{one}") for one in found.alarms["list"]],
        visit_text=[t(f"visits.found_{one}") if one else t("model_card.not_visited")
                    for one in found.alarms["found"]])
    columns = (
        Column("as_of", t("model_card.list_of"), "day"),
        Column("name", t("table.place"), href=lambda row: address("/village", place=row["place_code"])),
        Column("list_text", t("model_card.which_list")), Column("position", t("model_card.position"), "count"),
        Column("visit_text", t("model_card.visit")))
    draw_table(rows, columns, export_name="card_alarms", n_shown=10, empty=t("model_card.live_none"),
               note=view.setting.note(title, window))
