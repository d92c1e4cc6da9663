"""Turns the steps, mediations and revisits of one incident into moments of its timeline."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from govdesk.queries.incidents import IncidentFacts
from govdesk.ui.clock_words import write_amount
from govdesk.ui.formats import is_known, write_day, write_instant, write_term
from govdesk.ui.posts import name_post
from govdesk.ui.timeline import Moment
from govdesk.words import say

Row = Mapping[str, Any]


def collect_moments(
    facts: IncidentFacts, steps: pd.DataFrame, mediations: pd.DataFrame, revisits: pd.DataFrame, words: str,
    titles: Mapping[str, str] | None = None,
) -> list[Moment]:
    """Return everything that is known to have happened to an incident, unsorted.

    The report itself and the closing stand there even where no step tells them.

    Parameters
    ----------
    titles : mapping of str to str, optional
        What the posts are called that steps are signed with (`queries.post_titles`).
    """
    titles = titles or {}
    # A revisit recorded in the product is a step and a row with its result: one moment.
    asked = {row["step_id"]: row for row in _rows(revisits) if is_known(row["step_id"])}
    taken = {row["id"]: row for row in _rows(steps)}
    moments = [_step(row, words, asked.get(row["id"]), titles, taken.get(row["of_step"]))
               for row in taken.values()]
    told = set(steps["kind"])
    if facts.closed_at is not None and "close" not in told:
        details = _said(
            words, ("incident.at_level", "level", _worded("resolution", facts.resolution_level, words)),
            ("incident.with_outcome", "outcome", _worded("outcome", facts.outcome, words)),
        )
        moments.append(Moment(facts.closed_at, write_term("step", "close", words), details))
    if "report" not in told:
        moments.append(Moment(
            facts.reported_at, write_term("step", "report", words), recorded_at=facts.recorded_at,
            is_recorded_assumed=facts.is_recorded_assumed,
        ))
    for row in _rows(mediations):
        moments.extend(_mediation(row, words, titles))
    shown = set(steps["id"])
    moments.extend(_revisit(row, words, titles) for row in _rows(revisits) if row["step_id"] not in shown)
    return moments


def _rows(frame: pd.DataFrame) -> Iterable[dict[str, Any]]:
    found: list[dict[str, Any]] = frame.to_dict("records")
    return found


def _said(words: str, *pairs: tuple[str, str, Any]) -> tuple[str, ...]:
    """Return the sentences whose value is known: (key, placeholder, value)."""
    return tuple(say(key, words, **{name: value}) for key, name, value in pairs if is_known(value))


def _worded(group: str, code: Any, words: str) -> str | None:
    return write_term(group, code, words) if is_known(code) else None


#: Kind of step to the group of words of its reason.
_REASONS = {"pause": "pause", "close": "quick", "revisit": "revisit"}
#: Steps whose amount is what is added to a limit, not the limit.
_EXTENDING = ("ask_extend", "extend")


def _step(row: Row, words: str, asked: Row | None, titles: Mapping[str, str], answered: Row | None) -> Moment:
    found = None if asked is None else _revisit(asked, words, titles)
    details = (*(() if found is None else found.details[:1]), *_said(
        words,
        ("incident.by_unit", "unit", row["unit_name"] if is_known(row["unit_name"]) else row["unit_code"]),
        ("incident.by_post", "post", _name_post(row["by_post"], titles, words)),
        ("incident.at_level", "level", _worded("resolution", row["level"], words)),
        ("incident.with_outcome", "outcome", _worded("outcome", row["outcome"], words)),
        ("board.step_reason", "reason", None if found is not None else _worded(
            _REASONS.get(row["kind"], "pause"), row["reason"], words)),
        ("board.step_promised", "day", write_day(row["promised_on"]) if is_known(row["promised_on"]) else None),
        ("board.step_urged", "who", say(f"clock.urge_{row['urge_level']}", words)
         if is_known(row["urge_level"]) else None),
        ("board.step_extension" if row["kind"] in _EXTENDING else "board.step_limit", "limit",
         write_amount(row["time_limit"], words) if is_known(row["time_limit"]) else None),
        ("board.step_answers", "did", None if answered is None else _tell(answered, titles, words)),
        ("incident.due_set", "at", write_instant(row["due_at"]) if is_known(row["due_at"]) else None),
        ("incident.severity_set", "severity", row["severity"]),
        ("incident.remark", "note", row["note"]),
    ))
    return Moment(
        row["occurred_at"].to_pydatetime(), write_term("step", row["kind"], words) if found is None else found.title,
        details,
        row["recorded_at"].to_pydatetime(), bool(row["is_recorded_assumed"]),
    )


def _name_post(code: Any, titles: Mapping[str, str], words: str) -> str | None:
    """Return what a post is called; the first local accounts are titled by their role."""
    if not is_known(code):
        return None
    return name_post(titles.get(code, code), words)


def _tell(row: Row, titles: Mapping[str, str], words: str) -> str:
    """Return the step that another answers: what, by whom, when."""
    who = _name_post(row["by_post"], titles, words)
    said = (write_term("step", row["kind"], words), who, write_instant(row["occurred_at"]))
    return " · ".join(part for part in said if part)


def _day(value: pd.Timestamp) -> date:
    return date(value.year, value.month, value.day)


def _mediation(row: Row, words: str, titles: Mapping[str, str]) -> list[Moment]:
    """Return the beginning, and where it is over the end, with what was agreed and kept."""
    title = say(
        "incident.mediation_started", words, channel=write_term("mediation", row["channel"], words),
        method=write_term("method", row["method"], words),
    )
    who = _said(
        words,
        ("incident.at_level", "level", _worded("resolution", row["level"], words)),
        ("incident.by_unit", "unit", row["unit_name"] if is_known(row["unit_name"]) else row["unit_code"]),
        ("incident.by_post", "post", _name_post(row["by_post"], titles, words)),
    )
    started = Moment(_day(row["started_on"]), title, who)
    if not is_known(row["ended_on"]):
        return [started]
    settled = row["is_settled"]
    result = "going_on" if not is_known(settled) else "settled" if settled else "not_settled"
    ended = say("incident.mediation_ended", words, result=say(f"incident.mediation_{result}", words))
    facts = _said(
        words,
        ("incident.sessions", "n", row["n_sessions"]),
        *((f"incident.{name}", "day", write_day(row[name]) if is_known(row[name]) else None)
          for name in ("agreed_on", "performance_due_on", "performed_on", "confirmed_on")),
    )
    return [started, Moment(_day(row["ended_on"]), ended, facts)]


def _revisit(row: Row, words: str, titles: Mapping[str, str]) -> Moment:
    answer = (
        say("incident.satisfaction", words, n=row["satisfaction"]) if is_known(row["satisfaction"])
        else say("incident.no_answer", words)
    )
    title = say("incident.revisit_done", words, result=write_term("revisit", row["result"], words))
    return Moment(_day(row["revisited_on"]), title,
                  (answer, *_said(words, ("incident.by_post", "post", _name_post(row["by_post"], titles, words)))))
