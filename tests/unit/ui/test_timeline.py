"""The timeline: order, lateness, nothing lost."""

from datetime import UTC, date, datetime, timedelta

from govdesk.ui.timeline import Moment, build_timeline, find_delay, sort_moments

AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def test_moments_stand_in_the_order_they_happened():
    moments = [Moment(AT + timedelta(days=2), "c"), Moment(date(2026, 11, 2), "b"), Moment(AT, "a")]
    assert [moment.title for moment in sort_moments(moments)] == ["a", "b", "c"]


def test_late_recording_is_said():
    made = build_timeline([Moment(AT, "上报", recorded_at=AT + timedelta(days=9))], "zh")
    assert "晚 9 天" in made
    assert "gd-late" in made


def test_recording_on_the_same_day_is_not_late():
    assert "gd-late" not in build_timeline([Moment(AT, "上报", recorded_at=AT + timedelta(hours=3))], "zh")


def test_assumed_recording_is_never_called_late():
    moment = Moment(AT, "x", recorded_at=AT + timedelta(days=30), is_recorded_assumed=True)
    assert find_delay(moment) == timedelta(0)
    assert "gd-late" not in build_timeline([moment], "zh")


def test_withdrawn_step_is_shown_struck_out():
    assert "<del>" in build_timeline([Moment(AT, "结案", is_withdrawn=True)], "zh")


def test_hostile_remark_is_text():
    made = build_timeline([Moment(AT, "x", ("<img src=x onerror=alert(1)>",))], "en")
    assert "<img" not in made
