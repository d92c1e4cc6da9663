"""The log: one line an event, nothing that somebody typed can make another one, nothing about a person in it."""

import io
import json
import logging
import sqlite3

import pytest
from sqlalchemy.exc import IntegrityError

from govdesk import logs

SPOKEN = "张三 手机13812345678 身份证 43052519800101001X"
FORGED = "x\n2026-11-22T02:00:00.000Z ERROR govdesk.ui: forged\r\u2028\u2029\x1b[31m\x85\u202e"


@pytest.fixture
def written(monkeypatch):
    """Return a function that sets up the log in a format, writes, and gives the lines."""
    def write(log_format, act):
        stream = io.StringIO()
        monkeypatch.setattr("sys.stderr", stream)
        logs.set_up(log_format)
        try:
            act(logging.getLogger("govdesk.test"))
        finally:
            for handler in [one for one in logging.getLogger().handlers if isinstance(one, logs._Handler)]:
                logging.getLogger().removeHandler(handler)
        return stream.getvalue().splitlines()

    return write


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_one_line_an_event_whatever_was_typed(written, log_format):
    lines = written(log_format, lambda log: log.error("file %s", FORGED))
    assert len(lines) == 1
    assert not set(lines[0]) & set("\r\u2028\u2029\x1b\x85\u202e")
    assert lines[0].count("ERROR") == 2 if log_format == "text" else json.loads(lines[0])["level"] == "ERROR"


def test_json_line_holds_its_parts(written):
    told = json.loads(written("json", lambda log: log.warning("given up after %s tries: %s", 8, "timeout"))[0])
    assert told["message"] == "given up after 8 tries: timeout"
    assert (told["level"], told["logger"]) == ("WARNING", "govdesk.test")
    assert told["at"].endswith("Z")


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("error", [
    ValueError(SPOKEN), KeyError(SPOKEN),
    IntegrityError("INSERT INTO incidents (summary) VALUES (?)", (SPOKEN,), sqlite3.IntegrityError(SPOKEN))])
def test_exception_is_told_without_what_it_says(written, log_format, error):
    def act(log):
        try:
            raise error
        except Exception:
            log.exception("the form could not be kept")

    lines = written(log_format, act)
    assert len(lines) == 1
    assert type(error).__name__ in lines[0]
    assert "test_logs.py" in lines[0]
    for part in ("张三", "1381234", "4305251"):
        assert part not in lines[0]


def test_long_numbers_are_left_out_of_messages(written):
    line = written("text", lambda log: log.info("told %s, batch 4711, reference 1a2b3c4d", SPOKEN))[0]
    assert "13812345678" not in line
    assert "43052519800101001X" not in line
    assert "batch 4711" in line
    assert "1a2b3c4d" in line


def test_disk_full_keeps_its_reason(written):
    def act(log):
        try:
            raise OSError(28, "No space left on device", "/data/张三.csv")
        except OSError:
            log.exception("not written")

    line = written("text", act)[0]
    assert "No space left on device" in line
    assert "张三" not in line


def test_arguments_that_do_not_fit_lose_no_event():
    record = logging.LogRecord("govdesk.test", logging.ERROR, "x.py", 1, "two %s and %s", (1,), None)
    assert "two %s and %s" in logs.TextLines().format(record)


def test_set_up_again_writes_each_event_once(written):
    def act(log):
        logs.set_up("text")
        log.error("once")

    assert len(written("text", act)) == 1


def test_loggers_of_libraries_write_through_ours(written):
    other = logging.getLogger("uvicorn.error.of_a_test")
    other.propagate = False
    other.addHandler(logging.StreamHandler(io.StringIO()))
    lines = written("json", lambda log: other.error("stopped\nforged"))
    assert [json.loads(line)["logger"] for line in lines] == ["uvicorn.error.of_a_test"]
    assert other.handlers == []


def test_warnings_are_counted_by_logger(written):
    before = logs.COUNTED["govdesk.test", "WARNING"]
    written("text", lambda log: (log.warning("a"), log.info("b")))
    assert logs.COUNTED["govdesk.test", "WARNING"] == before + 1
