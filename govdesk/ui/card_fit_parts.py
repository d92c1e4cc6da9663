"""Parts of the model card: the calibration curve, the weights of the classifier in force, and drift."""

from datetime import timedelta
from math import isfinite

import pandas as pd
import streamlit as st

from govdesk import palette
from govdesk.clock import monday_of, today
from govdesk.queries.card_drift import read_drift, read_fitted
from govdesk.ui.card_charts import build_bars, build_curve, build_dots
from govdesk.ui.card_data_part import read_classifier
from govdesk.ui.card_judge import CLASSIFIER, Figure, find_score, read_figure
from govdesk.ui.card_view import CardView
from govdesk.ui.card_words import name_feature, write, write_figure, write_part, write_percent, write_weeks
from govdesk.ui.cards import Card, build_cards, build_panel_title, panel
from govdesk.ui.change_marks import list_marks, say_marks
from govdesk.ui.downloads import draw_downloads
from govdesk.ui.formats import NOTHING, write_count
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import show, tag
from govdesk.ui.tables import Column, draw_table
from models.drift import SHIFTED, Drift
from models.evaluation import LEAST_DATES, can_claim_ece
from models.features import OWN_FEATURES

#: What a feature is about, in the order shown; a feature that is none of these is a candidate that was let in.
GROUPS = ("own", "count", "county", "season", "candidate")
#: What is said of a feature's wandering.
DRIFTS = (Drift.STEADY.value, Drift.SHIFTED.value, Drift.CANNOT_TELL.value, "calendar")
_GROUP_COLOURS = (palette.ACCENT, "#7A4FA3", palette.CLASSES[3], palette.CLASSES[2], palette.BAND_ORANGE)


def group_of(feature: str) -> str:
    """Return what a feature is about: own history, the label's count, the county, the season, or a candidate."""
    if feature in OWN_FEATURES:
        return "own"
    if feature == "log_min_count":
        return "count"
    return next((name for name in ("county", "season") if feature.startswith(name)), "candidate")


def _build_ece(view: CardView, ece: Figure) -> Card:
    """Return the card of the ECE beside what chance alone makes; on too few rows it is not told at all."""
    by_chance = read_figure(view.label_report(view.label).get("ece_by_chance")).value
    chance = t("model_card.ece_by_chance", chance=write(by_chance)) if isfinite(by_chance) else ""
    if not can_claim_ece(by_chance if isfinite(by_chance) else None):
        return Card(t("model_card.figure_ece"), NOTHING, "", (t("model_card.ece_not_told"), chance))
    value, interval = write_figure("ece", ece)
    return Card(t("model_card.figure_ece"), value, "", (interval or t("model_card.no_interval"), chance,
                                                        t("model_card.ece_note")))


def draw_calibration(view: CardView) -> None:
    """Draw what was said against what happened, with slope and ECE."""
    label = view.label
    curve = view.figures.curves.get(label) if view.figures else None
    if curve is None or curve.empty:
        show(tag("p", t("model_card.label_not_judged"), class_="gd-empty"))
        return
    slope, ece = (find_score(view.report, label, CLASSIFIER, name) for name in ("slope", "ece"))
    title = t("model_card.curve_title", label=t(f"model_card.label_{label}"))
    with panel("card-curve"):
        show(build_panel_title(title, view.say_window(label)))
        show(tag("p", t(f"model_card.curve_{_read_slope(slope.value)}"), class_="gd-card-line"))
        left, right = st.columns([3, 2], gap="medium")
        with left:
            alt = t("model_card.curve_alt", title=title, text=t("model_card.comma").join(
                f"{write_percent(said)}→{write_percent(seen)}"
                for said, seen in zip(curve["predicted"], curve["observed"], strict=True)))
            drawn, spec = build_curve(curve, view.setting.words, alt=alt)
            st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key="card_curve")
        with right:
            show(build_cards([
                Card(t("model_card.figure_slope"), write_figure("slope", slope)[0], "",
                     (write_figure("slope", slope)[1] or t("model_card.no_interval"), t("model_card.slope_note"))),
                _build_ece(view, ece)]))
            has_interval = bool(curve["low"].notna().any())
            show(tag("p", t("model_card.curve_note") if has_interval else t("model_card.curve_no_interval",
                                                                           n=LEAST_DATES),
                     class_="gd-muted gd-small"))
        _draw_curve_table(view, curve, title)


def _read_slope(slope: float) -> str:
    """Return whether the probabilities say too much, too little, or what happens."""
    if not isfinite(slope):
        return "unknown"
    return "too_bold" if slope < 0.9 else "too_shy" if slope > 1.15 else "fits"


def _draw_curve_table(view: CardView, curve: pd.DataFrame, title: str) -> None:
    rows = curve.assign(
        said=[write_percent(one) for one in curve["predicted"]],
        seen=[write_percent(y / n) if n >= 10 else f"{y}/{n}" for y, n in zip(
            curve["n_positive"], curve["n"], strict=True)],
        interval=[f"[{write_percent(low)}, {write_percent(high)}]" if isfinite(low) else ""
                  for low, high in zip(curve["low"], curve["high"], strict=True)])
    columns = (
        Column("bin", t("model_card.bin"), "count"), Column("n", t("model_card.bin_rows"), "count"),
        Column("said", t("model_card.said"), "rate"), Column("n_positive", t("model_card.n_positive"), "count"),
        Column("seen", t("model_card.happened"), "rate", muted=lambda row: row["interval"] or None))
    with st.expander(t("model_card.curve_table")):
        draw_table(rows, columns, export_name=f"card_curve_{view.label}", note=view.note(title, view.label),
                   empty=t("model_card.label_not_judged"))


def draw_weights(view: CardView) -> None:
    """Draw the coefficients of the classifier in force, grouped by what they are about."""
    fitted = load(read_fitted, view.setting.scope, view.label, today())
    found = read_classifier(fitted.content if fitted else None)
    if fitted is None or not found:
        show(tag("p", t("model_card.weights_empty"), class_="gd-empty"))
        return
    title = t("model_card.weights_title", label=t(f"model_card.label_{view.label}"))
    rows = pd.DataFrame({"feature": found["features"], "value": found["coefficients"]})
    rows["group"] = [group_of(one) for one in rows["feature"]]
    rows["order"] = [GROUPS.index(one) for one in rows["group"]]
    rows = rows.sort_values("order", kind="stable").reset_index(drop=True)
    rows = rows.assign(name=[name_feature(one) for one in rows["feature"]],
                       part=[t(f"model_card.group_of_{one}") for one in rows["group"]],
                       text=[write(one, is_signed=True) for one in rows["value"]])
    own = float(rows.loc[rows["group"] == "own", "value"].abs().sum())
    total = float(rows["value"].abs().sum())
    with panel("card-weights"):
        note = t("model_card.weights_note" if fitted.is_in_force else "model_card.weights_idle_note",
                 as_of=fitted.as_of, rows=write_count(found["n_rows"]),
                 window=write_weeks(found["train_from_week"], found["train_to_week"] + 1))
        show(build_panel_title(title, note))
        share = write_percent(own / total) if total > 0 else "—"
        show(tag("p", t("model_card.weights_line", share=share), class_="gd-card-line"))
        colours = {t(f"model_card.group_of_{name}"): colour
                   for name, colour in zip(GROUPS, _GROUP_COLOURS, strict=True)}
        alt = t("model_card.dots_alt", title=title, text=t("model_card.comma").join(
            f"{name} {text}" for name, text in zip(rows["name"], rows["text"], strict=True)))
        drawn, spec = build_bars(rows[["name", "value", "part", "text"]], t("model_card.axis_weight"), colours, alt=alt,
                                 number="+.2f")
        st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key="card_weights")
        show(tag("p", t("model_card.weights_read"), class_="gd-muted gd-small"))
        columns = (Column("name", t("model_card.feature")), Column("part", t("model_card.about")),
                   Column("feature", t("model_card.feature_code")), Column("value", t("model_card.weight"), "number"))
        draw_downloads(rows, columns, name=f"card_weights_{view.label}", note=view.note(title, view.label),
                       chart=(drawn, spec))


def draw_drift(view: CardView) -> None:
    """Draw whether the features, and the calibration, still are what they were."""
    with panel("card-drift"):
        _draw_stability(view)
    with panel("card-quarters"):
        _draw_quarters(view)


def _draw_stability(view: CardView) -> None:
    title = t("model_card.drift_title")
    found = load(read_drift, view.setting.scope, view.label, today())
    if found is None:
        show(build_panel_title(title))
        show(tag("p", t("model_card.drift_empty"), class_="gd-empty"))
        return
    window = t("model_card.drift_window", old=write_weeks(*found.reference), n_old=f"{found.n_reference:,}",
               new=write_weeks(*found.recent), n_new=f"{found.n_recent:,}", places=f"{found.n_places:,}")
    show(build_panel_title(title, t(f"model_card.label_{view.label}")))
    # The season's values are the calendar's own: a quarter always differs from whole years, and nothing has shifted.
    verdicts = ["calendar" if group_of(feature) == "season" else str(one) for feature, one in zip(
        found.rows["feature"], found.rows["verdict"], strict=True)]
    rows = found.rows.assign(
        name=[name_feature(one) for one in found.rows["feature"]], verdict=verdicts,
        part=[t(f"model_card.drift_{one}") for one in verdicts], value=found.rows["psi"],
        tested=[t("model_card.test_passed" if one else "model_card.test_failed") for one in found.rows["self_test"]],
        text=[write(one) for one in found.rows["psi"]], usual_text=[write(one) for one in found.rows["usual"]])
    counts = rows["verdict"].value_counts()
    show(tag("p", t("model_card.drift_line", n=len(rows), **{
        one: int(counts.get(one, 0)) for one in DRIFTS}), class_="gd-card-line"))
    colours = {t(f"model_card.drift_{one}"): colour for one, colour in zip(
        DRIFTS, (palette.CLASSES[3], palette.BAND_ORANGE, palette.NO_FIGURE, palette.CLASSES[1]), strict=True)}
    alt = t("model_card.dots_alt", title=title, text=t("model_card.comma").join(
        f"{name} {text} {part}" for name, text, part in zip(rows["name"], rows["text"], rows["part"], strict=True)))
    known = rows.loc[rows["value"].notna(), ["name", "value", "usual", "part", "text"]].reset_index(drop=True)
    drawn, spec = build_bars(known, t("model_card.axis_drift"), colours, alt=alt, marks=("usual",), rule=SHIFTED)
    st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key="card_drift")
    show(tag("p", t("model_card.drift_note", shifted=SHIFTED), class_="gd-muted gd-small"))
    columns = (Column("name", t("model_card.feature")), Column("text", t("model_card.drift_psi"), "rate"),
               Column("usual_text", t("model_card.drift_usual"), "rate"),
               Column("tested", t("model_card.drift_test")), Column("part", t("model_card.verdict")))
    draw_table(rows, columns, export_name=f"card_drift_{view.label}", note=view.setting.note(title, window),
               empty=t("model_card.drift_empty"))
    show(tag("p", window, class_="gd-muted gd-small"))


def _draw_quarters(view: CardView) -> None:
    title = t("model_card.quarters_title")
    show(build_panel_title(title, view.say_window(view.label)))
    found = view.figures.quarters.get(view.label) if view.figures else None
    if found is None or found.empty:
        show(tag("p", t("model_card.label_not_judged"), class_="gd-empty"))
        return
    names = [t("model_card.quarter", from_day=monday_of(int(a)), to_day=monday_of(int(b)) - timedelta(days=1))
             for a, b in zip(found["week_from"], found["week_to"], strict=True)]
    marks = list_marks(view.setting, range(int(found["week_from"].min()), int(found["week_to"].max())))
    names = [name + (" ‡" if any(a <= mark.week < b for mark in marks) else "")
             for name, a, b in zip(names, found["week_from"], found["week_to"], strict=True)]
    slopes = [write(one, digits=2) for one in found["slope"]]
    rows = found.assign(name=names, slope_text=slopes, seen=[write_part(y, n) for y, n in zip(
        found["n_positive"], found["n_rows"], strict=True)],
        interval=[write_interval_of(a, b) for a, b in zip(found["slope_low"], found["slope_high"], strict=True)],
        ratio_text=[write(one, digits=2) if n >= 10 else f"{n}" for one, n in zip(
            found["ratio"], found["n_positive"], strict=True)])
    known = rows[rows["slope"].notna()]
    if len(known):
        drawn = pd.DataFrame({"name": known["name"], "value": known["slope"], "low": known["slope_low"],
                              "high": known["slope_high"], "is_ours": True, "text": known["slope_text"]})
        alt = t("model_card.dots_alt", title=title, text=t("model_card.comma").join(
            f"{name} {text}" for name, text in zip(known["name"], known["slope_text"], strict=True)))
        drawn, spec = build_dots(drawn.reset_index(drop=True), t("model_card.axis_slope"), alt=alt, rule=1.0)
        st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key="card_quarters")
    said = say_marks(marks)
    show(tag("p", t("model_card.quarters_note"), f" {said}" if said else None, class_="gd-muted gd-small"))
    columns = (
        Column("name", t("model_card.quarter_head")), Column("n_rows", t("model_card.bin_rows"), "count"),
        Column("n_expected", t("model_card.n_expected"), "number"),
        Column("n_positive", t("model_card.n_positive"), "count"), Column("ratio_text", t("model_card.ratio"), "rate"),
        Column("slope_text", t("model_card.figure_slope"), "rate", muted=lambda row: row["interval"] or None))
    draw_table(rows, columns, export_name=f"card_quarters_{view.label}", note=view.note(title, view.label),
               empty=t("model_card.label_not_judged"))


def write_interval_of(low: float, high: float) -> str:
    """Return an interval of slopes, or nothing."""
    return f"[{write(low, digits=2)}, {write(high, digits=2)}]" if isfinite(low) and isfinite(high) else ""
