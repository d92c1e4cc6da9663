"""A part of a page that is redrawn alone meets a database that is away as calmly as the page."""

import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from govdesk.ui import redrawing


@pytest.mark.parametrize(("make", "asked"), [("redraw_alone", "is_current"), ("work_alone", "begin")])
def test_database_that_is_away_before_the_part_is_drawn_ends_in_a_sentence(monkeypatch, make, asked):
    """Outside of it Streamlit writes the error into the log, with its message and the lines around it."""
    met, drawn = [], []

    def fail():
        statement = "SELECT"
        raise OperationalError(statement, None, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr(redrawing.st, "fragment", lambda draw: draw)
    monkeypatch.setattr(redrawing.session, "go_on", lambda: None)
    monkeypatch.setattr(redrawing.loaders, asked, fail)
    monkeypatch.setattr(redrawing.faults, "draw_error", met.append)
    getattr(redrawing, make)(lambda: drawn.append(1))()
    assert [type(error) for error in met] == [OperationalError]
    assert drawn == []
