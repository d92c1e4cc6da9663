"""What changed in the week, in sentences and by stream, and what lasts: the section 变化与趋势 of a brief."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from govdesk.queries.brief_context import Context
from govdesk.queries.trend_changes import ALL
from govdesk.queries.weekly_changes import Change
from govdesk.rules.brief import (
    Column,
    Number,
    Picture,
    Pieces,
    Row,
    Section,
    Sentence,
    Table,
    Trace,
    mark,
    split_marked,
)
from govdesk.terms import Stream
from govdesk.words import say

#: Values of a change that are numbers of incidents or places.
_COUNTS = ("n", "previous", "n_there", "late", "with_due", "late_before", "n_series", "n_weeks", "needed")
#: Findings told at most: those that go on, then those that ended; what is only recording last.
MOST_FINDINGS = 4
PAST = 52


def write_changes(context: Context) -> Section:
    """Return the section on what changed."""
    sentences = [write_change(context, change, f"change.{place}") for place, change in enumerate(
        context.facts.changes, 1)]
    sentences += write_findings(context)
    course = Picture(
        "course", context.say("course_caption"), context.say("course_alt", n=len(context.facts.disputes)),
        context.trace("/dispute_trends", stream=Stream.DISPUTE.value), "flow")
    return Section("changes", context.say("title_changes"), tuple(sentences), pictures=(course,),
                   tables=(_write_streams(context),), note=context.say("no_cause"))


def write_change(context: Context, change: Change, key: str) -> Sentence:
    """Return a finding of the week with its numbers apart from its words."""
    values: dict[str, Any] = dict(change.values)
    numbers: dict[str, str | Number] = {}
    trace = _find_rows(context, change)
    n_weeks = int(change.link.get("weeks", "1")) if change.link.get("weeks", "1").isdecimal() else 1
    window = (context.week + 1 - n_weeks, context.week + 1)
    for name in _COUNTS:
        if isinstance(values.get(name), int):
            numbers[name] = context.numbers.count("weekly_change", values[name], window, trace)
            values[name] = mark(name)
    text = replace(change, values=values).sentence(context.language)
    return Sentence(key, split_marked(text, numbers))


def _find_rows(context: Context, change: Change) -> Trace:
    asked = change.link
    if change.key == "silence":
        return context.rows(weeks=9, only="silent")
    if change.key == "overdue":
        return context.rows(only="overdue")
    if not asked:
        return context.trace("/")
    weeks = int(asked["weeks"]) if asked.get("weeks", "").isdecimal() else 1
    return context.rows(weeks=weeks, place=asked.get("place"), streams=asked.get("streams"),
                        categories=asked.get("categories"))


def write_findings(context: Context) -> list[Sentence]:
    """Return the changes of level that last or ended within a year; or that none was found."""
    facts = context.facts
    trace = context.trace("/dispute_trends", stream=Stream.DISPUTE.value)
    window = (context.week + 1 - PAST, context.week + 1)
    told = [one for one in facts.findings if context.names_places or set(one.series) == {ALL}]
    real = [one for one in told if one.is_real]
    ordered = [*(one for one in real if one.lasts), *(one for one in real if not one.lasts),
               *(one for one in told if not one.is_real)]
    if not ordered:
        n = context.numbers.count("level_change", facts.n_series, window, trace)
        return [context.sentence("trend.none", "trend_none", n=n)]
    found = []
    for place, one in enumerate(ordered[:MOST_FINDINGS], 1):
        number = context.numbers.count("level_change", one.n, (one.week_from, one.week_to), trace, of=one.expected)
        text = one.sentence(context.language)
        found.append(Sentence(f"trend.{place}", _split_at(text, number, context)))
    return found


def _split_at(text: str, number: Number, context: Context) -> Pieces:
    """Return a finished sentence with its first count as a number; a full stop is added where it has none."""
    stop = context.say("stop")
    whole = text if text.endswith(stop.strip()) else text + stop
    before, found, after = whole.partition(number.text)
    return (before, number, after) if found else (whole, number)


def _write_streams(context: Context) -> Table:
    """Return incidents by stream: the week, the week before, the same week a year ago, the mean of 52 weeks."""
    streams, week, language = context.facts.streams, context.week, context.language
    rows = []
    for stream in (*(one.value for one in Stream if one.value in streams), ""):
        series = streams[stream] if stream else streams.sum(axis=1)
        trace = context.rows(streams=stream or None)
        past = series[series.index < week].tail(PAST)
        mean = float(past.mean()) if len(past) == PAST else None
        name = say(f"term.stream_{stream}", language) if stream else context.say("all_streams")
        rows.append(Row((
            name, *(context.numbers.count("stream_week", series.get(at), (at, at + 1), trace)
                    for at in (week, week - 1, week - PAST)),
            context.numbers.count("stream_week", mean, (week - PAST, week), trace, digits=1)), trace))
    labels: Mapping[str, bool] = {"col_stream": False, "col_week": True, "col_before": True, "col_year": True,
                                  "col_mean": True}
    return Table("streams", context.say("streams_title"), tuple(
        Column(context.say(name), is_number, 0 if is_number else 1) for name, is_number in labels.items()),
        tuple(rows))
