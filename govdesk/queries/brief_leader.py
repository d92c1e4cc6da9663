"""The leader's page of a brief: the sentences that matter, the map, three figures, and what to do next week."""

from datetime import timedelta

from govdesk.clock import monday_of
from govdesk.queries.brief_alerts import count_listed
from govdesk.queries.brief_context import Context
from govdesk.queries.brief_stock import OLD_DAYS
from govdesk.queries.brief_trends import write_change
from govdesk.queries.brief_warning import say_list
from govdesk.queries.figures import Figure
from govdesk.rules.brief import (
    Card,
    Column,
    Number,
    Picture,
    Row,
    Section,
    Sentence,
    Table,
    Trace,
    fill,
    write_plain,
)
from govdesk.rules.next_step import SOON, THIS_WEEK
from govdesk.terms import Stream
from govdesk.words import say

#: Sentences on the page, and of these changes of the week.
MOST_SENTENCES, MOST_CHANGES = 7, 2
#: Weeks of the map.
MAP_WEEKS = 4
CARDS = ("new_disputes", "open_incidents", "overdue_share")
#: More of what came in without a category than this is something to be done about.
UNCLASSIFIED_LIMIT = 0.05


def write_leader(context: Context) -> Section:
    """Return the leader's page."""
    sentences = [write_change(context, change, f"lead.change.{place}") for place, change in enumerate(
        context.facts.changes[:MOST_CHANGES], 1)]
    sentences += [one for one in (_say_new(context), _say_late(context), _say_open(context), _say_list(context),
                                  _say_quality(context), _say_reporting(context)) if one is not None]
    cards = tuple(_write_card(context, context.facts.figures[key]) for key in CARDS)
    trace = context.trace("/incident_map", streams=Stream.DISPUTE.value, weeks=MAP_WEEKS)
    picture = Picture("map", context.say("map_caption", weeks=MAP_WEEKS), context.say("map_alt"), trace, "new_disputes")
    return Section("leader", context.say("title_leader"), tuple(sentences[:MOST_SENTENCES]), cards, (picture,),
                   (_write_actions(context),))


def _trace_figure(context: Context, key: str) -> Trace:
    if key == "new_disputes":
        return context.rows(streams=Stream.DISPUTE.value)
    return context.rows(only="overdue" if key == "overdue_share" else "open")


def _write_card(context: Context, figure: Figure) -> Card:
    trace, key = _trace_figure(context, figure.key), figure.key
    number: Number
    if figure.unit == "share":
        number = context.numbers.share(key, figure.numerator, figure.denominator, figure.window, trace)
    else:
        number = context.numbers.count(key, figure.value, figure.window, trace, of=figure.denominator)
    unit = "" if figure.unit == "share" or number.value is None else context.say(f"unit_{figure.unit}")
    return Card(say(f"figure.{key}", context.language), number, unit, figure.notes(context.language), figure.spark)


def _before(context: Context, figure: Figure, name: str, trace: Trace) -> Number:
    value = figure.comparison.get(name)
    if figure.unit == "share":
        return context.numbers.ready_share(figure.key, value, figure.window, trace)
    return context.numbers.count(figure.key, value, figure.window, trace)


def _say_new(context: Context) -> Sentence:
    figure = context.facts.figures["new_disputes"]
    trace = _trace_figure(context, figure.key)
    if figure.value is None:
        return context.sentence("lead.new", "lead_new_unknown")
    return context.sentence(
        "lead.new", "lead_new", n=context.numbers.count(figure.key, figure.value, figure.window, trace),
        of=context.numbers.count("stream_week", figure.denominator, figure.window, context.rows()),
        before=_before(context, figure, "last_week", trace),
        year=_before(context, figure, "same_week_last_year", trace))


def _say_open(context: Context) -> Sentence:
    figure = context.facts.figures["open_incidents"]
    trace = _trace_figure(context, figure.key)
    if figure.value is None:
        return context.sentence("lead.open", "no_closings")
    count = context.numbers.count
    old = int(context.facts.offices["n_old"].sum())
    return context.sentence(
        "lead.open", "lead_open", n=count(figure.key, figure.value, figure.window, trace),
        before=_before(context, figure, "last_week", trace), days=str(OLD_DAYS),
        age=count("open_age", figure.comparison.get("median_age_days"), figure.window, trace),
        oldest=count("open_age", figure.comparison.get("oldest_days"), figure.window, trace),
        old=count("long_open", old, figure.window, trace, of=figure.value))


def _say_late(context: Context) -> Sentence:
    figure = context.facts.figures["overdue_share"]
    trace = _trace_figure(context, figure.key)
    if not figure.denominator:
        return context.sentence("lead.late", "lead_late_unknown")
    count, offices = context.numbers.count, context.facts.offices
    values = {
        "of": count(figure.key, figure.denominator, figure.window, trace),
        "late": count(figure.key, figure.numerator, figure.window, trace, of=figure.denominator),
        "share": context.numbers.share(figure.key, figure.numerator, figure.denominator, figure.window, trace),
        "before": _before(context, figure, "last_week", trace)}
    worst = offices[(offices["unit"] != "") & (offices["n_late"] > 0)].head(1).to_dict("records")
    if not worst:
        return context.sentence("lead.late", "lead_late", **values)
    office = worst[0]
    n = count("overdue_share", office["n_late"], figure.window,
              context.rows(only="overdue", unit=office["unit"]), of=office["n_due"])
    return context.sentence("lead.late", "lead_late_office", office=str(office["name"]), n=n, **values)


def _say_list(context: Context) -> Sentence:
    week = context.facts.alerts.week
    if week is None or not count_listed(week):
        return context.sentence("lead.list", "warning_none")
    return say_list(context, week, context.trace("/early_warning", on=week.run.as_of), "lead.list")


def _say_quality(context: Context) -> Sentence | None:
    quality = context.facts.quality
    sums, before, window = quality.now, quality.before, quality.window
    if not quality.recorded.reopenings or not sums["n_back_90"]:
        return None
    year = (window[0] - 52, window[1] - 52)
    share = context.numbers.share
    returns, habits = (context.trace("/case_quality", section=one) for one in ("returns", "habits"))
    then = share("reopened_share", before["n_returned_90"], before["n_back_90"], year, returns) if before else (
        context.say("unknown"))
    return context.sentence(
        "lead.quality", "lead_quality", then=then,
        returned=share("reopened_share", sums["n_returned_90"], sums["n_back_90"], window, returns),
        of=context.numbers.count("reopened_share", sums["n_back_90"], window, returns),
        quick=share("quick_share", sums["n_quick"], sums["n_closed"], window, habits))


def _say_reporting(context: Context) -> Sentence | None:
    figure, data = context.facts.figures["covered_places"], context.facts.data
    if figure.value is None:
        return None
    trace = context.trace("/case_quality", section="reporting")
    return context.sentence(
        "lead.reporting", "lead_reporting",
        n=context.numbers.count(figure.key, figure.value, figure.window, trace, of=figure.denominator),
        of=context.numbers.count(figure.key, figure.denominator, figure.window, trace),
        hushed=context.numbers.count("silent_villages", data.n_hushed, (context.week - 8, context.week + 1),
                                     context.rows(weeks=9, only="silent")))


def _write_actions(context: Context) -> Table:
    """Return what to do next week: rules from the facts, with who and until when."""
    monday = monday_of(context.week + 1)
    soon, friday = (f"{monday + timedelta(days=days):%m-%d}" for days in (SOON, THIS_WEEK))
    rows = [*_visit(context, soon, friday), *_urge(context, friday), *_settle(context, friday),
            *_ask(context, friday), *_classify(context, friday)]
    columns = (Column(context.say("col_action"), width=1), Column(context.say("col_who")),
               Column(context.say("col_until")))
    return Table("actions", context.say("actions_title", first=f"{monday:%m-%d}",
                                        last=f"{monday + timedelta(days=6):%m-%d}"), columns, tuple(rows))


def _act(
    context: Context, key: str, who: str, until: str, trace: Trace, indicator: str, **values: str | int
) -> Row:
    window = (context.week + 1, context.week + 2)
    filled = {name: value if isinstance(value, str) else context.numbers.count(indicator, value, window, trace)
              for name, value in values.items()}
    pieces = fill(f"brief.{key}", context.language, filled)
    return Row((write_plain(pieces), context.say(who), until), trace,
               numbers=tuple(one for one in pieces if isinstance(one, Number)))


def _visit(context: Context, soon: str, friday: str) -> list[Row]:
    week = context.facts.alerts.week
    if week is None or not count_listed(week):
        return []
    listed = week.rows[week.rows["list"].notna()]
    trace = context.trace("/early_warning", on=week.run.as_of)
    n_red = int((listed["band"] == "red").sum())
    if not n_red:
        return [_act(context, "act_visit_all", "who_towns", friday, trace, "listed_villages", n=len(listed))]
    others = len(listed) - n_red
    rest = [_act(context, "act_visit_rest", "who_towns", friday, trace, "listed_villages", n=others)] if others else []
    return [_act(context, "act_visit_red", "who_towns", soon, trace, "listed_villages", red=n_red), *rest]


def _urge(context: Context, friday: str) -> list[Row]:
    offices = context.facts.offices
    late = offices[(offices["unit"] != "") & (offices["n_late"] > 0)].head(3)
    if late.empty:
        return []
    named = context.say("comma").join(
        context.say("office_n", name=name, n=n) for name, n in zip(late["name"], late["n_late"], strict=True))
    return [_act(context, "act_urge", "who_centre", friday, context.rows(only="overdue"), "overdue_share",
                 offices=named)]


def _settle(context: Context, friday: str) -> list[Row]:
    n = context.facts.n_old_cases
    if not n or context.facts.stock is None:  # where nothing is ever closed, open means nothing
        return []
    trace = context.trace("/case_quality", section="old")
    return [_act(context, "act_settle", "who_offices", friday, trace, "old_cases", n=n, days=str(OLD_DAYS))]


def _ask(context: Context, friday: str) -> list[Row]:
    n = context.facts.data.n_hushed
    trace = context.rows(weeks=9, only="silent")
    return [_act(context, "act_ask", "who_clerk", friday, trace, "silent_villages", n=n)] if n else []


def _classify(context: Context, friday: str) -> list[Row]:
    data = context.facts.data
    if not data.n_recent or data.n_unclassified / data.n_recent <= UNCLASSIFIED_LIMIT:
        return []
    trace = context.rows(weeks=data.recent[1] - data.recent[0], categories=data.unclassified)
    return [_act(context, "act_classify", "who_clerk", friday, trace, "unclassified_share", n=data.n_unclassified)]
