"""Part of the model card: what it was made from, what the labels are, and how often each is true."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from govdesk.clock import today
from govdesk.queries.card_drift import read_fitted
from govdesk.ui.card_judge import LABELS
from govdesk.ui.card_view import CardView
from govdesk.ui.card_words import write, write_part, write_weeks
from govdesk.ui.cards import build_facts, build_panel_title, panel
from govdesk.ui.escalation_rates import draw_base_rates
from govdesk.ui.formats import NOTHING, write_count, write_instant
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import show, tag
from govdesk.ui.tables import Column, draw_table


def draw_data(view: CardView) -> None:
    """Draw sources, window and rows; the labels with their base rates; the kinds of escalation with theirs."""
    with panel("card-sources"):
        show(build_panel_title(t("model_card.sources_title")))
        show(tag("p", t("model_card.sources")))
        show(build_facts(_list_facts(view)))
    with panel("card-labels"):
        _draw_labels(view)
    with panel("card-rates"):
        draw_base_rates(view.setting, "card_base_rates")


def _list_facts(view: CardView) -> list[tuple[str, object]]:
    facts: list[tuple[str, object]] = []
    if view.figures is not None:
        found = view.figures
        facts += [
            (t("model_card.fact_backtest"), t("model_card.as_of", day=found.as_of)),
            (t("model_card.fact_window"), write_weeks(found.from_week, found.to_week)),
            (t("model_card.fact_places"), f"{found.n_places:,}"),
            (t("model_card.fact_made"), write_instant(found.at)),
        ]
    run = view.runs.get("elevated")
    if run is not None:
        facts += [(t("model_card.fact_run"), t("model_card.as_of", day=run.as_of)),
                  (t("model_card.fact_ranked"), t(f"model_card.scorer_{run.ranked_by}"))]
    fitted = load(read_fitted, view.setting.scope, "elevated", today())
    return facts + _list_training(read_classifier(fitted.content if fitted else None))


def read_classifier(text: str | None) -> Mapping[str, Any]:
    """Return a stored classifier as it was written; empty without one."""
    found: Mapping[str, Any] = json.loads(text) if text else {}
    return found


def _list_training(classifier: Mapping[str, Any]) -> list[tuple[str, object]]:
    if not classifier:
        return []
    versions = t("model_card.comma").join(f"{name} {number}" for name, number in classifier["versions"].items())
    return [
        (t("model_card.fact_training"), write_weeks(classifier["train_from_week"], classifier["train_to_week"] + 1)),
        (t("model_card.fact_rows"), write_count(classifier["n_rows"])),
        (t("model_card.fact_features"), str(len(classifier["features"]))),
        (t("model_card.fact_versions"), versions),
    ]


def _draw_labels(view: CardView) -> None:
    title = t("model_card.labels_title")
    show(build_panel_title(title, t("model_card.labels_note")))
    rows = pd.DataFrame([_describe(view, label) for label in LABELS])
    columns = (
        Column("name", t("model_card.label"), muted=lambda row: row["about"]),
        Column("n", t("model_card.least"), "rate"),
        Column("rate", t("model_card.base_rate"), "rate", muted=lambda row: row["backtest"]),
        Column("rate_fit", t("model_card.base_rate_fit"), "rate", muted=lambda row: row["fit"], is_narrow=False),
    )
    draw_table(rows, columns, export_name="card_labels", note=view.note(title, view.label),
               empty=t("model_card.headline_nothing"), prepare_export=_spell_out)


def _spell_out(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        name=[t("model_card.joined", one=name, other=about) for name, about in zip(
            rows["name"], rows["about"], strict=True)],
        rate=[f"{rate} ({of})" if of else rate for rate, of in zip(rows["rate"], rows["backtest"], strict=True)],
        rate_fit=[f"{rate} ({of})" if of else rate for rate, of in zip(rows["rate_fit"], rows["fit"], strict=True)])


def _describe(view: CardView, label: str) -> dict[str, object]:
    """Return one label: what makes a village positive, the count it takes, and how often that was so."""
    found, run = view.label_report(label), view.runs.get(label)
    rows, rate = found.get("rows", 0), found.get("base_rate")
    least = run.min_count if run is not None else found.get("min_count")
    fitted = load(read_fitted, view.setting.scope, label, today())
    classifier = read_classifier(fitted.content if fitted else None)
    own = label == "surge"
    return {
        "name": t(f"model_card.label_{label}"), "about": t(f"model_card.about_{label}", weeks=view.horizon),
        "n": t("model_card.own_count") if own else NOTHING if least is None else t("model_card.at_least", n=least),
        "rate": NOTHING if rate is None else write(rate),
        "backtest": "" if rate is None else t(
            "model_card.of_rows", part=write_part(round(rate * rows), rows), dates=found.get("dates", 0)),
        "rate_fit": write(classifier["base_rate"]) if classifier else NOTHING,
        "fit": t("model_card.of_training", rows=write_count(classifier["n_rows"])) if classifier else "",
    }
