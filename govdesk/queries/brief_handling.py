"""What is open and how old, how well cases are closed, how good the data is: three sections of a brief."""

from datetime import timedelta

from govdesk.clock import monday_of
from govdesk.queries.brief_context import Context
from govdesk.queries.incidents import LATE_WEEKS
from govdesk.queries.old_cases import OLD_DAYS
from govdesk.rules.brief import Column, Number, Picture, Row, Section, Sentence, Table
from govdesk.rules.brief_indicators import REGISTERED, words_of
from govdesk.terms import SMALL_COUNT
from govdesk.words import say

#: Offices written out.
MOST_OFFICES = 8
#: Shares of the table of case quality: numerator, denominator, part of the page that explains it.
SHARES = (
    ("closed_share", "n_closed", "n", "times"), ("unresolved_share", "n_unresolved", "n_answered", "times"),
    ("quick_share", "n_quick", "n_closed", "habits"), ("month_end_share", "n_month_end", "n_closed", "habits"),
    ("reopened_share", "n_returned_90", "n_back_90", "returns"),
)


def write_stock(context: Context) -> Section:
    """Return the section on what is open, by office."""
    facts = context.facts
    title = context.say("title_stock")
    if facts.stock is None:
        return Section("stock", title, (context.sentence("stock.none", "no_closings"),))
    open_trace = context.rows(only="open")
    offices = facts.offices
    total = {name: int(offices[name].sum()) for name in ("n_open", "n_due", "n_late", "n_old")}
    week = context.last
    numbers = context.numbers
    sentences = [context.sentence(
        "stock.open", "stock_open", n=numbers.count("open_incidents", total["n_open"], week, open_trace),
        late=numbers.count("overdue_share", total["n_late"], week, context.rows(only="overdue"), of=total["n_due"]),
        due=numbers.count("overdue_share", total["n_due"], week, context.rows(only="overdue")),
        old=numbers.count("long_open", total["n_old"], week, open_trace, of=total["n_open"]), days=str(OLD_DAYS))]
    sentences.append(context.sentence(
        "stock.petitions", "stock_petitions", days=str(OLD_DAYS),
        n=numbers.count("old_cases", facts.n_old_cases, week, context.trace("/case_quality", section="old"))))
    stock = Picture("stock", context.say("stock_caption"), context.say("stock_alt", n=len(facts.stock)),
                    context.trace("/dispute_trends", stream="all"), "stock")
    return Section("stock", title, tuple(sentences), pictures=(stock,), tables=(_write_offices(context),))


def _write_offices(context: Context) -> Table:
    offices, numbers, week = context.facts.offices, context.numbers, context.last
    rows = []
    for office in offices.head(MOST_OFFICES).to_dict("records"):
        trace = context.rows(only="open", unit=office["unit"]) if office["unit"] else context.rows(only="open")
        name = office["name"] if office["unit"] else context.say("no_office")
        rows.append(Row((
            str(name), numbers.count("office_open", office["n_open"], week, trace),
            numbers.count("overdue_share", office["n_late"], week, trace, of=office["n_due"]),
            numbers.share("overdue_share", office["n_late"], office["n_due"], week, trace),
            numbers.count("long_open", office["n_old"], week, trace, of=office["n_open"]),
            numbers.count("open_age", office["oldest_days"], week, trace)), trace))
    left = offices.iloc[MOST_OFFICES:]
    if len(left):
        trace = context.rows(only="open")
        sums = {name: int(left[name].sum()) for name in ("n_open", "n_due", "n_late", "n_old")}
        rows.append(Row((
            context.say("offices_rest", n=len(left)), numbers.count("office_open", sums["n_open"], week, trace),
            numbers.count("overdue_share", sums["n_late"], week, trace, of=sums["n_due"]),
            numbers.share("overdue_share", sums["n_late"], sums["n_due"], week, trace),
            numbers.count("long_open", sums["n_old"], week, trace, of=sums["n_open"]),
            numbers.count("open_age", left["oldest_days"].max(), week, trace)), trace))
    columns = ("col_office", "col_open", "col_late", "col_late_share", "col_old", "col_oldest")
    return Table("offices", context.say("offices_title"), tuple(
        Column(context.say(name, days=OLD_DAYS) if name == "col_old" else context.say(name), bool(place),
               0 if place else 1) for place, name in enumerate(columns)), tuple(rows))


def write_quality(context: Context) -> Section:
    """Return the section on case quality: what the share of the closed hides."""
    quality, numbers = context.facts.quality, context.numbers
    sums, window = quality.now, quality.window
    rows, year = [], (window[0] - 52, window[1] - 52)
    for key, part, whole, section in SHARES:
        trace = context.trace("/case_quality", section=section)
        name = say(words_of(key), context.language)
        if not getattr(quality.recorded, REGISTERED[key].needs, True):
            rows.append(Row((name, context.say("not_recorded"), "", "", ""), trace))
            continue
        before = quality.before
        rows.append(Row((
            name, numbers.share(key, sums[part], sums[whole], window, trace),
            f"{sums[part]:,}/{sums[whole]:,}",
            numbers.share(key, before[part], before[whole], year, trace) if before else context.say("unknown"),
            f"{before[part]:,}/{before[whole]:,}" if before else ""), trace))
    columns = ("col_indicator", "col_now", "col_of", "col_then", "col_of")
    table = Table("quality", context.say("quality_title"), tuple(
        Column(context.say(name), bool(place), 0 if place else 1) for place, name in enumerate(columns)), tuple(rows),
        context.say("quality_note"))
    return Section("quality", context.say("title_quality"), (_say_closing(context),), tables=(table,))


def _say_closing(context: Context) -> Sentence:
    quality, numbers = context.facts.quality, context.numbers
    sums, window = quality.now, quality.window
    if not quality.recorded.closings or sums["n"] <= 0:
        return context.sentence("quality.none", "no_closings")
    times, returns = context.trace("/case_quality", section="times"), context.trace("/case_quality", section="returns")
    return context.sentence(
        "quality.closed", "quality_closed",
        rate=numbers.share("closed_share", sums["n_closed"], sums["n"], window, times),
        n_unresolved=numbers.count("unresolved_share", sums["n_unresolved"], window, times, of=sums["n_answered"]),
        returned=numbers.share("reopened_share", sums["n_returned_90"], sums["n_back_90"], window, returns))


def write_data(context: Context) -> Section:
    """Return the section on the data: late, missing, unclassified."""
    data, numbers = context.facts.data, context.numbers
    late_rows = context.rows(weeks=data.late_window[1] - data.late_window[0], to=data.late_window[1] - 1, only="late")
    found: list[Sentence] = []
    if data.n_arrived:
        found.append(context.sentence(
            "data.late", "data_late", share=numbers.share("late_share", data.n_late, data.n_arrived, data.late_window,
                                                          late_rows),
            n=numbers.count("late_share", data.n_late, data.late_window, late_rows, of=data.n_arrived),
            of=numbers.count("late_share", data.n_arrived, data.late_window, late_rows), weeks=str(LATE_WEEKS),
            first=f"{monday_of(data.late_window[0])}",
            last=f"{monday_of(data.late_window[1]) - timedelta(days=1)}"))
    else:
        found.append(context.sentence("data.late", "data_late_unknown"))
    reporting = context.trace("/case_quality", section="reporting")
    found.append(context.sentence(
        "data.missing", "data_missing", now=numbers.count(
            "reporting_share", data.n_silent_now, context.last, reporting, of=data.n_villages),
        of=numbers.count("reporting_share", data.n_villages, context.last, reporting),
        share=numbers.share("reporting_share", data.n_reported + data.n_nil, data.n_village_weeks, data.reporting,
                            reporting), weeks=str(data.reporting[1] - data.reporting[0]),
        hushed=numbers.count("silent_villages", data.n_hushed, (context.week - 8, context.week + 1),
                             context.rows(weeks=9, only="silent"))))
    found.append(_say_unclassified(context))
    return Section("data", context.say("title_data"), tuple(found),
                   note=context.say("data_note", n=SMALL_COUNT))


def _say_unclassified(context: Context) -> Sentence:
    data = context.facts.data
    trace = context.rows(weeks=data.recent[1] - data.recent[0], categories=data.unclassified)
    share: Number = context.numbers.share(
        "unclassified_share", data.n_unclassified, data.n_recent, data.recent, trace)
    return context.sentence(
        "data.unclassified", "data_unclassified", share=share, weeks=str(data.recent[1] - data.recent[0]),
        n=context.numbers.count("unclassified_share", data.n_unclassified, data.recent, trace, of=data.n_recent),
        of=context.numbers.count("unclassified_share", data.n_recent, data.recent, trace))
