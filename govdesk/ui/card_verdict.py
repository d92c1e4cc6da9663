"""The top of the model card: what can be relied on, in one sentence and one picture; what it does and does not do."""

from math import isfinite

import pandas as pd
import streamlit as st

from govdesk.ui.card_charts import build_gains
from govdesk.ui.card_judge import CLASSIFIER, find_score
from govdesk.ui.card_view import CardView
from govdesk.ui.card_words import is_proven, tell_best, tell_ground, tell_verdict, write_percent
from govdesk.ui.cards import build_notice, build_panel_title, panel
from govdesk.ui.downloads import draw_downloads
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, join, show, tag
from govdesk.ui.tables import Column
from models.evaluation import LEAST_DATES

DOES = ("score", "made_of", "use")
DOES_NOT = ("persons", "petitions", "award", "unseen", "too_few", "cause")


def draw_verdict(view: CardView) -> None:
    """Draw what can be relied on: how many it finds, the verdict of each label, and the gains beside the placebos."""
    with panel("card-verdict"):
        left, right = st.columns([6, 5], gap="medium")
        with left:
            show(build_headline(view))
            show(tag("ul", *(build_verdict(view, label) for label in view.labels), class_="gd-sentences"))
            show(tag("p", view.say_window(view.labels[0]), class_="gd-muted gd-small"))
        with right:
            _draw_gains(view)


def build_headline(view: CardView) -> Html:
    """Return the one sentence: of the villages that escalated, how many stood in the first tenth of what ranks now."""
    label = view.labels[0]
    run = view.runs.get(label)
    ranker = CLASSIFIER if run is None else run.ranked_by
    found = {name: find_score(view.report, label, name, "capture_at_10") for name in (
        ranker, *(one for one in (CLASSIFIER, "eb52", "last_4_weeks") if one != ranker))}
    own = found.pop(ranker)
    if not isfinite(own.value):
        return tag("p", t("model_card.headline_nothing"), class_="gd-card-headline")
    others = t("model_card.comma").join(
        t("model_card.headline_other", name=t(f"model_card.scorer_{name}"), share=write_percent(figure.value))
        for name, figure in found.items())
    of = t(f"model_card.of_{label}", weeks=view.horizon, n=view.label_report(label).get("min_count", 1))
    interval = (t("model_card.headline_interval", low=write_percent(own.low), high=write_percent(own.high))
                if own.has_interval else t("model_card.no_interval"))
    return join([
        tag("p", t("model_card.headline", of=of, share=write_percent(own.value)), class_="gd-card-headline"),
        tag("p", t("model_card.headline_beside", name=t(f"model_card.scorer_{ranker}"), interval=interval,
                   others=others), class_="gd-card-line"),
    ])


def build_verdict(view: CardView, label: str) -> Html:
    """Return the line of one label: its name, the verdict in bold, the numbers it rests on, who ranks."""
    verdict = view.judge(label)
    best = tell_best(verdict)
    return tag(
        "li", tag("span", t(f"model_card.label_{label}"), class_="gd-card-label"), " ",
        tag("b", tell_verdict(verdict), class_="gd-card-proven" if is_proven(verdict) else None),
        tag("div", tell_ground(verdict), class_="gd-muted gd-small"),
        tag("div", best, class_="gd-small gd-card-warn") if best else None)


def _draw_gains(view: CardView) -> None:
    title = t("model_card.gains_title")
    show(build_panel_title(title))
    verdicts = [view.judge(label) for label in view.labels]
    known = [one for one in verdicts if isfinite(one.gain.value)]
    if not known:
        show(tag("p", t("model_card.headline_nothing"), class_="gd-empty"))
        return
    rows = pd.DataFrame([{
        "name": t(f"model_card.label_{one.label}"), "value": one.gain.value, "low": one.gain.low,
        "high": one.gain.high, "text": tell_ground(one), "placebo_low": min(one.placebos, default=float("nan")),
        "placebo_high": max(one.placebos, default=float("nan")), "n_placebos": len(one.placebos),
        "verdict": tell_verdict(one)} for one in known])
    seeds = pd.DataFrame([(t(f"model_card.label_{one.label}"), gain) for one in known for gain in one.placebos],
                         columns=["name", "gain"])
    alt = t("model_card.gains_alt", text=t("model_card.stop").join(
        f"{row['name']} {row['text']}" for row in rows.to_dict("records")))
    drawn, spec = build_gains(rows, seeds, view.setting.words, alt=alt)
    sent = drawn[["name", "value", "low", "high", "text"]]
    st.vega_lite_chart(sent, spec, theme=None, width="stretch", key="card_gains")
    show(tag("p", t("model_card.gains_note"), class_="gd-muted gd-small"))
    columns = (
        Column("name", t("model_card.label")), Column("value", t("model_card.gain"), "number"),
        Column("low", t("model_card.low"), "number"), Column("high", t("model_card.high"), "number"),
        Column("placebo_low", t("model_card.placebo_low"), "number"),
        Column("placebo_high", t("model_card.placebo_high"), "number"),
        Column("n_placebos", t("model_card.n_placebos"), "count"), Column("verdict", t("model_card.verdict")))
    draw_downloads(rows, columns, name="card_gains", note=view.note(title, view.labels[0]), chart=(sent, spec))


def draw_limits(weeks: int) -> None:
    """Draw the sentence on use, and in plain words what the warning does and what it does not."""
    show(build_notice(t("model_card.use")))
    left, right = st.columns(2)
    for place, name, items in ((left, "does", DOES), (right, "does_not", DOES_NOT)):
        with place, panel(f"card-{name}", fills=True):
            show(build_panel_title(t(f"model_card.{name}")))
            show(tag("ul", *(tag("li", t(f"model_card.{name}_{item}", weeks=weeks)) for item in items),
                     class_="gd-card-list"))


def draw_ranked_by(view: CardView) -> None:
    """Say who ranks the list in force: the classifier, or the baseline."""
    if not view.runs:
        show(build_notice(t("model_card.no_run"), is_warning=True))
    beaten = [run for run in view.runs.values() if run.ranked_by != CLASSIFIER]
    if beaten:
        names = t("model_card.and").join(t(f"model_card.label_{run.label}") for run in beaten)
        show(build_notice(t("model_card.ranked_by_baseline", as_of=beaten[0].as_of, labels=names), is_warning=True))


def draw_few_dates(view: CardView) -> None:
    """Say from when on there are intervals, where there are none yet."""
    n, days = view.label_report(view.labels[0]).get("dates", 0), view.judging_days
    if n < LEAST_DATES and days is not None:
        show(build_notice(t("model_card.interval_from", n=n, day=days[1], least=LEAST_DATES), is_warning=True))


def draw_short(view: CardView) -> None:
    """Draw what a county with a short history gets: the baseline, and since when a classifier can be judged."""
    days = view.judging_days
    if days is None:
        return
    weeks = view.setting.week + 1 - (view.setting.first_week or 0)
    with panel("card-verdict"):
        show(tag("p", t("model_card.short_headline", day=days[0]), class_="gd-card-headline"))
        show(tag("p", t("model_card.short_why", weeks=weeks), class_="gd-card-line"))
        show(tag("ul", tag("li", t("model_card.short_now")),
                 tag("li", t("model_card.short_first", day=days[0], weeks=view.horizon)),
                 tag("li", t("model_card.short_interval", day=days[1])), class_="gd-card-list"))
