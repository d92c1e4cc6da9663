"""Early warning in a brief: the list with reasons and the baseline beside it, what past lists came to, how sure it is.

Villages are named in the version for internal use only; otherwise the list is told by township. No category of a single
record is written (`terms.SMALL_COUNT`).
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from govdesk.queries.brief_alerts import Verdict, count_listed, list_towns
from govdesk.queries.brief_context import Context
from govdesk.queries.risk_list import WeekList
from govdesk.rules.brief import Column, Number, Picture, Row, Section, Sentence, Table, Trace, mark
from govdesk.rules.next_step import Standing, choose_step
from govdesk.rules.plain_text import clean_line
from govdesk.terms import RATE_MINIMUM
from govdesk.words import say

#: Rows written out: villages, townships.
MOST_VILLAGES, MOST_TOWNS = 18, 14
#: Weeks of the escalations that a reason counts (`rules.risk_reasons.RECENT_WEEKS`).
RECENT = 26
BANDS = ("red", "orange", "yellow", "blue")


def write_warning(context: Context) -> Section:
    """Return the section with the list to act on."""
    week = context.facts.alerts.week
    title = context.say("title_warning")
    if week is None or not count_listed(week):
        return Section("warning", title, (context.sentence("warning.none", "warning_none"),))
    trace = context.trace("/early_warning", on=week.run.as_of)
    sentences = [say_list(context, week, trace, "warning.list"), say_caught(context, "warning.caught")]
    alerts = Picture("alerts", context.say("alerts_caption", day=week.run.as_of), context.say("alerts_alt"), trace,
                     "listed_villages")
    table = _write_villages(context, week) if context.is_internal else _write_towns(context, week)
    return Section("warning", title, tuple(sentences), pictures=(alerts,), tables=(table,),
                   note=context.say("warning_note", weeks=week.run.horizon_weeks))


def say_list(context: Context, week: WeekList, trace: Trace, key: str) -> Sentence:
    """Say how many villages are on the list, by band, and in which townships most of them lie."""
    towns = list_towns(week, context.facts.alerts.baseline)
    count = context.numbers.count
    window = (context.week + 1, context.week + 1 + week.run.horizon_weeks)
    sums = {band: int(towns[f"n_{band}"].sum()) for band in (*BANDS, "few")}
    numbers = {band: count("listed_villages", n, window, trace) for band, n in sums.items() if n}
    bands = context.say("comma").join(
        f"{context.say('cannot_tell') if band == 'few' else say(f'warning.name_{band}', context.language)} {mark(band)}"
        for band in numbers)
    most = towns.head(2)
    named = say("brief.comma", context.language).join(
        context.say("town_n", name=name, n=n) for name, n in zip(most["name"], most["n_listed"], strict=True))
    numbers |= {"n": count("listed_villages", count_listed(week), window, trace),
                "n_towns": count("listed_villages", len(towns), window, trace)}
    return context.sentence_of(key, "warning_list", numbers, towns=named, bands=bands)


def say_caught(context: Context, key: str) -> Sentence:
    """Say what such lists caught on the backtest, beside the clerk's habit with as many visits."""
    caught = context.facts.alerts.caught
    if caught is None:
        week = context.facts.alerts.week
        return context.sentence(key, "caught_area" if week is not None and week.is_own_only else "caught_none")
    trace = context.trace("/model_card")
    window = (context.week, context.week)
    ours = context.numbers.share("caught_share", caught.n_caught, caught.n_events, window, trace)
    habit = context.numbers.share("caught_share", caught.n_by_habit, caught.n_events, window, trace)
    verdict = context.say("caught_unsure") if not isfinite(caught.gain_low) else context.say(
        "caught_better" if caught.gain_low > 0 else "caught_worse" if caught.gain_high < 0 else "caught_same",
        low=f"{abs(100 * caught.gain_low):.1f}", high=f"{abs(100 * caught.gain_high):.1f}")
    return context.sentence(
        key, "caught", first=str(caught.first), last=str(caught.last), ours=ours, habit=habit, verdict=verdict,
        n=context.numbers.count("caught_share", caught.n_events, window, trace))


def _write_towns(context: Context, week: WeekList) -> Table:
    count, numbers = context.numbers.count, context.numbers
    window = (context.week + 1, context.week + 1 + week.run.horizon_weeks)
    rows = []
    for town in list_towns(week, context.facts.alerts.baseline).head(MOST_TOWNS).to_dict("records"):
        trace = context.trace("/early_warning", on=week.run.as_of, town=town["code"])
        bands = context.say("comma").join(
            f"{say(f'warning.name_{band}', context.language)} {town[f'n_{band}']}"
            for band in BANDS if town[f"n_{band}"])
        rows.append(Row((
            str(town["name"]), count("listed_villages", town["n_listed"], window, trace),
            bands or context.say("cannot_tell"),
            count("known_escalations", town["n_recent"], (context.week + 1 - RECENT, context.week + 1), trace),
            count("habit_rank", town["n_both"], window, trace),
            numbers.count("habit_rank", town["n_baseline"], window, trace)), trace))
    labels = (("col_town", False), ("col_listed", True), ("col_bands", False), ("col_recent", True),
              ("col_both", True), ("col_baseline", True))
    return Table("towns", context.say("towns_title"), tuple(
        Column(context.say(name, weeks=RECENT) if name == "col_recent" else context.say(name), is_number,
               1 if name in ("col_town", "col_bands") else 0) for name, is_number in labels), tuple(rows),
        context.say("towns_note"))


def _write_villages(context: Context, week: WeekList) -> Table:
    listed = week.rows[week.rows["list"].notna()]
    rows = [_write_village(context, week, number, row)
            for number, row in enumerate(listed.head(MOST_VILLAGES).to_dict("records"), 1)]
    left = len(listed) - len(rows)
    labels = (("col_number", 0, True), ("col_village", 3, False), ("col_band", 0, False), ("col_probability", 0, True),
              ("col_habit", 0, True), ("col_why", 6, False), ("col_step", 3, False))
    return Table("villages", context.say("villages_title"), tuple(
        Column(context.say(name), is_number, width) for name, width, is_number in labels), tuple(rows),
        " ".join(part for part in (context.say("villages_note", weeks=week.run.horizon_weeks),
                                   context.say("villages_rest", n=left) if left else "") if part))


def _write_village(context: Context, week: WeekList, number: int, row: Mapping[Any, Any]) -> Row:
    code = str(row["place_code"])
    trace = context.trace("/village", place=code)
    numbers = context.numbers
    window = (context.week + 1, context.week + 1 + week.run.horizon_weeks)
    band = row["band"] if isinstance(row["band"], str) else None
    probability: str | Number = context.say("cannot_tell")
    if band is not None:
        probability = numbers.ready_share("probability", float(row["probability"]), window, trace, digits=0)
    rank = row["baseline_rank"]
    habit: str | Number = context.say("unknown") if rank is None or rank != rank else numbers.count(  # noqa: PLR0124
        "habit_rank", int(rank), window, trace)
    step = choose_step(Standing(is_listed=True, band=band), week.run.as_of)
    until = "" if step.until is None else f"{step.until:%m-%d}"
    owner = context.facts.alerts.owners.get(code, say("warning.owner_none", context.language))
    name = context.say("village_of", village=row["name"], town=row["parent"] or "")
    return Row((
        str(number), name, say(f"warning.name_{band}", context.language) if band else context.say("cannot_tell"),
        probability, habit, write_reasons(row["reasons"], context.language),
        f"{say(f'warning.step_{step.kind}', context.language, until=until)} {owner}"), trace, band or "few")


def write_reasons(reasons: Sequence[Mapping[str, Any]] | Any, language: str) -> str:
    """Return the reasons of a village in a few words, without the category or course of any single record."""
    if not isinstance(reasons, list) or not reasons:
        return say("warning.reason_missing", language)
    texts = [_write_reason(reason, language) for reason in reasons if reason["kind"] != "same"]
    return say("warning.semicolon", language).join(texts[:2])


def _write_reason(reason: Mapping[str, Any], language: str) -> str:
    kind = str(reason["kind"])
    values = {name: str(reason[name]) for name in ("n", "weeks", "record_weeks", "n_records") if name in reason}
    if kind == "long" and reason["n_county"] is None:
        return say("warning.short_long_alone", language, **values)
    if kind == "long":
        mean = f"{reason['n_county'] / max(reason['n_places'], 1):.1f}"
        return say("brief.why_long", language, mean=mean, **values)
    if kind == "group":
        return say(f"warning.short_group_{reason['group']}", language, **values)
    one = next(iter(reason.get("facts", ())), None)
    written = "" if one is None else say("brief.why_record", language, on=one["on"], ref=clean_line(one["ref"], 30))
    return say(f"brief.why_{kind}", language, **values) + written


def write_outcome(context: Context) -> Section:
    """Return the section on what past lists came to."""
    last = context.facts.alerts.last
    title = context.say("title_outcome")
    if last is None:
        return Section("outcome", title, (context.sentence("outcome.none", "outcome_none"),))
    numbers, trace = context.numbers, context.trace("/model_card")
    listed = context.trace("/early_warning", on=last.as_of)
    week = context.last
    sentences = [context.sentence(
        "outcome.last", "outcome_last", day=str(last.as_of), ends=str(last.ends_on),
        n=numbers.count("listed_villages", last.n_listed, week, listed),
        visited=numbers.count("list_outcome", last.n_visited, week, context.trace("/visits"), of=last.n_listed),
        met=numbers.count("list_outcome", last.n_met, week, listed, of=last.n_listed))]
    if not last.n_over:
        sentences.append(context.sentence("outcome.over", "outcome_not_over", ends=str(last.ends_on)))
    else:
        over = (context.week - 26, context.week + 1)
        few = last.n_over_listed < RATE_MINIMUM
        sentences.append(context.sentence(
            "outcome.over", "outcome_over", lists=numbers.count("list_outcome", last.n_over, over, trace),
            listed=numbers.count("list_outcome", last.n_over_listed, over, trace),
            share=numbers.share("list_outcome", last.n_over_met, last.n_over_listed, over, trace),
            everywhere=numbers.share("list_outcome", last.n_over_positive, last.n_over_villages, over, trace),
            verdict=context.say("cannot_tell_few") if few else ""))
    return Section("outcome", title, tuple(sentences), note=context.say("outcome_note"))


def write_sureness(context: Context) -> Section:
    """Return the section on how sure all this is: the gate's verdict, the gain over the baseline, the placebo."""
    alerts = context.facts.alerts
    title = context.say("title_sureness")
    if not alerts.verdicts:
        return Section("sureness", title, (context.sentence("sure.none", "sure_none"),))
    trace = context.trace("/model_card")
    sentences = [context.sentence("sure.tested", "sure_tested", first=alerts.tested_from, last=alerts.tested_to)]
    sentences += [_say_verdict(context, one, trace) for one in alerts.verdicts]
    placebo = Picture("placebo", context.say("placebo_caption"), context.say("placebo_alt"), trace, "auc_gain")
    return Section("sureness", title, tuple(sentences), pictures=(placebo,), note=context.say("sure_note"))


def _say_verdict(context: Context, verdict: Verdict, trace: Trace) -> Sentence:
    window = (context.week, context.week)
    label = context.say(f"label_{verdict.label}")
    judged = context.say(f"verdict_{verdict.foresight.value}")
    if not isfinite(verdict.gain):
        return context.sentence(f"sure.{verdict.label}", "sure_unknown", label=label, verdict=judged)
    # With few dates there is no band of resampled ones.
    band = context.say("sure_band", low=_sign(verdict.low), high=_sign(verdict.high)) if isfinite(
        verdict.low) and isfinite(verdict.high) else context.say("sure_no_band")
    return context.sentence(
        f"sure.{verdict.label}", "sure_label", label=label, verdict=judged, band=band,
        gain=context.numbers.signed("auc_gain", verdict.gain, window, trace, digits=3),
        n=context.numbers.count("auc_gain", verdict.n_placebos, window, trace),
        as_good=context.numbers.count("auc_gain", verdict.n_as_good, window, trace, of=verdict.n_placebos),
        ranks=context.say("ranks_baseline" if verdict.is_replaced else "ranks_classifier"))


def _sign(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")
