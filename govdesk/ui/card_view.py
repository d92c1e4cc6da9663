"""One run of the model card: the newest backtest, the runs in force, and since when anything is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from govdesk.clock import monday_of, today
from govdesk.queries.card_figures import CardFigures, read_card_figures
from govdesk.queries.risk_runs import StoredRun, read_run
from govdesk.ui import session
from govdesk.ui.card_judge import LABELS, Verdict, find_judging_weeks, judge_label, list_labels
from govdesk.ui.card_words import write_weeks
from govdesk.ui.export import ExportNote
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.setting import Setting

#: Weeks ahead, where no run and no backtest says otherwise.
HORIZON = 4
SECTIONS = ("data", "accuracy", "calibration", "weights", "drift", "live", "objections")


@dataclass(frozen=True, slots=True)
class CardView:
    """What every part of the card starts from.

    Attributes
    ----------
    figures : CardFigures or None
        The newest backtest.
    runs : mapping of str to StoredRun
        The run in force of each label that has one.
    label, section : str
        What is looked at.
    """

    setting: Setting
    figures: CardFigures | None
    runs: Mapping[str, StoredRun]
    label: str
    section: str

    @property
    def report(self) -> Mapping[str, Any]:
        """The report of the backtest; empty without one."""
        return self.figures.report if self.figures else {}

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels that were judged."""
        return list_labels(self.report)

    @property
    def horizon(self) -> int:
        """Weeks ahead that a label looks at."""
        run = next(iter(self.runs.values()), None)
        return self.figures.horizon_weeks if self.figures else run.horizon_weeks if run else HORIZON

    @property
    def judging_days(self) -> tuple[date, date] | None:
        """Days of the first figure and of the first interval; None without a record."""
        first = self.setting.first_week
        if first is None:
            return None
        weeks = find_judging_weeks(first, self.horizon)
        return monday_of(weeks[0]), monday_of(weeks[1])

    @property
    def is_short(self) -> bool:
        """Whether the history is too short for any figure of a classifier."""
        days = self.judging_days
        return days is not None and monday_of(self.setting.week + 1) < days[0]

    def judge(self, label: str) -> Verdict:
        """Return what may be said of a label."""
        return judge_label(self.report, label)

    def label_report(self, label: str) -> Mapping[str, Any]:
        """Return the stored figures of a label; empty without any."""
        found: Mapping[str, Any] = self.report.get("labels", {}).get(label, {})
        return found

    def say_window(self, label: str) -> str:
        """Return in words over what a label's figures were taken."""
        if self.figures is None:
            return ""
        found = self.label_report(label)
        return t("model_card.window", window=write_weeks(self.figures.from_week, self.figures.to_week),
                 dates=found.get("dates", 0), places=f"{self.figures.n_places:,}", rows=f"{found.get('rows', 0):,}",
                 as_of=self.figures.as_of)

    def note(self, title: str, label: str | None = None) -> ExportNote:
        """Return what an export of a part says about itself."""
        words = t("model_card.use_short") if label is None else " · ".join(
            [t(f"model_card.label_{label}"), self.say_window(label), t("model_card.use_short")])
        return self.setting.note(title, words)


def read_view(setting: Setting) -> CardView:
    """Return the view that the address asks for."""
    figures = load(read_card_figures, setting.scope)
    runs = {label: run for label in LABELS if (run := load(read_run, setting.scope, label, today())) is not None}
    label = session.read_param("label", session.one_of(*LABELS), LABELS[0])
    section = session.read_param("section", session.one_of(*SECTIONS), SECTIONS[0])
    return CardView(setting, figures, runs, label, section)
