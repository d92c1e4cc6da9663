"""The base rates of the escalation parts on screen: rate from ten events on, counts below, the window beside them."""

from textwrap import dedent

import pytest
from sqlalchemy import insert, select
from streamlit.testing.v1 import AppTest

from govdesk.storage.engine import write_transaction
from govdesk.tables import EscalationEvent, Incident
from tests.support.screens import all_html

SCRIPT = """
    from govdesk.ui.escalation_rates import draw_base_rates
    from govdesk.ui.setting import read_setting
    draw_base_rates(read_setting())
"""


def _open(**params):
    page = AppTest.from_string(dedent(SCRIPT), default_timeout=60)
    for key, value in params.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return all_html(page)


def _add_events(engine, part, n):
    with write_transaction(engine) as connection:
        rows = connection.execute(select(Incident.id, Incident.occurred_on, Incident.recorded_at).where(
            Incident.week_occurred > 2940, Incident.week_occurred < 2960).limit(n)).all()
        assert len(rows) == n
        connection.execute(insert(EscalationEvent), [
            {"incident_id": row.id, "part": part, "occurred_on": row.occurred_on, "recorded_at": row.recorded_at,
             "rule_version": "x"} for row in rows])


@pytest.mark.parametrize(("lang", "few", "window"), [
    ("zh", "9 件，不算率", "624 个村周"), ("en", "9, too few for a rate", "624 village-weeks")])
def test_rate_from_ten_events_on(tiny_engine, lang, few, window):
    _add_events(tiny_engine, "violence", 12)
    _add_events(tiny_engine, "reopened_twice", 9)
    html = _open(lang=lang)
    assert ">19.23<" in html  # 12 events, 12 villages x 52 weeks
    assert few in html
    assert window in html


def test_no_event_says_which_command_derives_them(tiny_engine):
    assert "find-escalations --commit" in _open()
