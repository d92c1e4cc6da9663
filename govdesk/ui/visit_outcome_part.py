"""Part of the page of visits: what the 90 days after a visit came to, as a person says who knows."""

from functools import partial

import pandas as pd
import streamlit as st

from govdesk.actions.record_outcome import record_outcome
from govdesk.clock import today
from govdesk.rules.access import allows
from govdesk.rules.visit_orders import OUTCOME_DAYS, OUTCOMES, is_over
from govdesk.storage.engine import get_engine
from govdesk.ui import clicks
from govdesk.ui.cards import build_notice
from govdesk.ui.formats import is_known, write_day
from govdesk.ui.i18n import t
from govdesk.ui.markup import clean_text, show
from govdesk.ui.setting import Setting

FORM = "visit_outcome"
_LONGEST = 40


def draw_outcome_form(setting: Setting, visits: pd.DataFrame) -> None:
    """Draw the form below the list of `visits` (rows of `queries.visits.list_visits`), for who may record.

    Only visits of which something can be said: the 90 days are over, or an escalation followed; those nobody has
    spoken about come first.
    """
    if clicks.tell(FORM, "visit_orders") is not None:
        show(build_notice(t("visit_orders.outcome_sent")))
    if not allows(setting.scope, "record_outcome"):
        return
    told = [is_over(day, today()) or n > 0 for day, n in zip(
        visits["visited_on"].dt.date, visits["n_escalations"], strict=True)]
    rows = visits[pd.Series(told, index=visits.index, dtype=bool)]
    if rows.empty:
        return
    rows = rows.assign(is_said=rows["recorded_outcome"].notna()).sort_values(
        ["is_said", "visited_on"], ascending=[True, True])
    n_open = int((~rows["is_said"]).sum())
    names = {int(row.id): f"{write_day(row.visited_on)} {clean_text(row.place, _LONGEST)}" for row in rows.itertuples()}
    with st.expander(t("visit_orders.outcome_title", n=n_open, days=OUTCOME_DAYS)):
        chosen = st.selectbox(t("visit_orders.outcome_visit"), list(names), index=None, key="visit_outcome_which",
                              format_func=lambda one: names.get(one, str(one)), placeholder=t("frame.choose"))
        if chosen is None:
            return
        visit = rows[rows["id"] == chosen].iloc[0]
        was = str(visit["recorded_outcome"]) if is_known(visit["recorded_outcome"]) else None
        start = was or str(visit["derived"])
        st.radio(t("visit_orders.outcome"), OUTCOMES, horizontal=True, key=f"visit_outcome_{chosen}",
                 index=OUTCOMES.index(start) if start in OUTCOMES else None,
                 format_func=lambda one: t(f"visits.outcome_{one}"))
        st.button(t("visit_orders.outcome_save"), key="visit_outcome_save", on_click=clicks.do,
                  args=(FORM, partial(_record, setting, int(chosen), was)))


def _record(setting: Setting, visit_id: int, was: str | None) -> bool:
    outcome = st.session_state.get(f"visit_outcome_{visit_id}")
    record_outcome(get_engine(), by=setting.scope, visit_id=visit_id, outcome=outcome, was=was)
    return True
