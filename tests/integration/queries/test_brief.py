"""The weekly brief says what the tables hold, names villages only inside, and never tells of a cause."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine, func, select

from govdesk.clock import monday_of, week_of
from govdesk.queries.brief_alerts import Verdict, judge, read_alert_facts
from govdesk.queries.brief_facts import NoBriefError
from govdesk.queries.brief_text import write_brief
from govdesk.queries.brief_warning import write_reasons
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.incidents import count_incidents, list_incidents
from govdesk.queries.known import EVER
from govdesk.queries.trend_findings import Finding
from govdesk.rules.access import SYSTEM
from govdesk.rules.brief import Edit
from govdesk.rules.brief_indicators import REGISTERED
from govdesk.storage.engine import read_transaction
from govdesk.tables import Category, Incident, Place
from govdesk.ui.rows_behind import RowsRequest
from models.admission import Foresight
from models.candidate_features import CANDIDATE_GROUPS
from tests.support import brief_county, scored_county, tiny_county

WEEK = week_of(scored_county.AS_OF) - 1
LANGUAGES_AND_VERSIONS = [("zh", False), ("zh", True), ("en", False), ("en", True)]
CAUSES = re.compile(r"因为|由于|导致|造成|引起|because|caused|due to|owing to", re.IGNORECASE)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return brief_county.read_once()[0]


@pytest.fixture(scope="module")
def facts(engine):
    return brief_county.read_once()[1]


def _texts(brief):
    for section in brief.sections:
        yield from (section.title, section.note)
        yield from (one.text for one in section.sentences)
        for table in section.tables:
            yield from (table.title, table.note)
            for row in table.rows:
                yield from (cell if isinstance(cell, str) else cell.text for cell in row.cells)


def _scalar(engine, statement):
    with read_transaction(engine) as connection:
        return connection.scalar(statement)


def test_leaders_page_holds_what_matters(facts):
    lead = brief_county.write(facts).sections[0]
    assert 5 <= len(lead.sentences) <= 7
    assert [card.number.indicator for card in lead.cards] == ["new_disputes", "open_incidents", "overdue_share"]
    assert [one.name for one in lead.pictures] == ["map"]
    assert 2 <= len(lead.tables[0].rows) <= 6


def test_new_disputes_and_open_by_office_are_those_of_the_tables(engine, facts):
    seen = select(func.sum(Incident.weight)).where(Incident.is_counted == 1)
    disputes = _scalar(engine, seen.where(Incident.stream == "dispute", Incident.week_occurred == WEEK)) or 0
    brief = brief_county.write(facts)
    number = next(one for one in brief.sections[0].sentences if one.key == "lead.new").numbers[0]
    assert number.value == disputes
    is_open = (Incident.recorded_at <= facts.as_of) & (
        Incident.closed_at.is_(None) | (Incident.closed_at > facts.as_of))
    n_open = _scalar(engine, seen.where(is_open))
    assert facts.offices["n_open"].sum() == n_open == facts.figures["open_incidents"].value
    late = _scalar(engine, seen.where(is_open, Incident.due_at < facts.as_of)) or 0
    assert facts.offices["n_late"].sum() == late


def test_late_and_unclassified_are_those_of_the_tables(engine, facts):
    data = facts.data
    window = (Incident.week_occurred >= data.late_window[0]) & (Incident.week_occurred < data.late_window[1])
    seen = select(func.sum(Incident.weight)).where(
        Incident.is_counted == 1, window, Incident.is_recorded_assumed.is_(False))
    assert data.n_arrived == (_scalar(engine, seen) or 0)
    assert data.n_late == (_scalar(engine, seen.where(Incident.week_known - Incident.week_occurred >= 2)) or 0)
    assert data.n_late > 0
    assert data.n_villages == 12


def test_codes_open_as_many_rows_as_they_say(engine, facts):
    data, office = facts.data, facts.offices.iloc[0]
    with read_transaction(engine) as connection:
        late = count_incidents(connection, SYSTEM, IncidentFilter(*data.late_window), only_late=True,
                               as_of=facts.as_of)
        listed = list_incidents(connection, SYSTEM, IncidentFilter(*data.late_window), only_late=True,
                                as_of=facts.as_of)
        of_office = IncidentFilter(EVER.week_from, EVER.week_to, units=(office["unit"],))
        n_open = count_incidents(connection, SYSTEM, of_office, only_open=True, as_of=facts.as_of)
    assert late == listed["weight"].sum() == data.n_late
    assert n_open == office["n_open"]


@pytest.mark.parametrize(("language", "is_internal"), LANGUAGES_AND_VERSIONS)
def test_every_number_is_registered_and_leads_to_rows(facts, language, is_internal):
    brief = brief_county.write(facts, language, is_internal=is_internal)
    numbers = list(brief.numbers())
    assert len(numbers) > 60
    traces = brief.traces()
    for one in numbers:
        assert one.indicator in REGISTERED
        assert one.window[0] <= one.window[1]
        assert traces[one.trace.code] == one.trace.address
        assert re.fullmatch(r"B\d-\d\d", one.trace.code)
        assert one.trace.address.startswith("/")
    assert len(set(traces)) == len(traces)


def test_addresses_are_those_of_the_rows_behind(facts):
    brief = brief_county.write(facts)
    number = next(one for one in brief.sections[0].sentences if one.key == "lead.new").numbers[0]
    assert number.trace.address == RowsRequest(1, streams=("dispute",), to=WEEK).address()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_villages_are_named_inside_only(engine, facts, language):
    with read_transaction(engine) as connection:
        names = set(connection.scalars(select(Place.name).where(Place.level.in_(["village", "grid"]))))
    general = " ".join(_texts(brief_county.write(facts, language)))
    inside = " ".join(_texts(brief_county.write(facts, language, is_internal=True)))
    assert not [name for name in names if name in general]
    assert [name for name in names if name in inside]


def test_no_single_record_shows_its_category(engine, facts):
    with read_transaction(engine) as connection:
        words = {row[0] for row in connection.execute(select(Category.name_zh))}
    table = next(one for section in brief_county.write(facts, is_internal=True).sections for one in section.tables
                 if one.key == "villages")
    cells = " ".join(cell for row in table.rows for cell in row.cells if isinstance(cell, str))
    assert not [word for word in words if word in cells]


@pytest.mark.parametrize(("language", "is_internal"), LANGUAGES_AND_VERSIONS)
def test_nothing_is_said_of_causes(facts, language, is_internal):
    said = " ".join(_texts(brief_county.write(facts, language, is_internal=is_internal)))
    said = said.replace("因预警走访", "")  # why somebody went there is recorded
    assert not CAUSES.search(said)


def test_sentences_have_keys_that_are_the_same_in_both_languages(facts):
    keys = [[one.key for one in brief_county.write(facts, language).sentences()] for language in ("zh", "en")]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == len(keys[0])


def test_earlier_week_is_told_as_of_the_saturday_after(engine):
    facts = brief_county.read(engine, WEEK - 8)
    assert facts.day == monday_of(WEEK - 7) + timedelta(days=5)
    assert facts.disputes.index[-1] == WEEK - 8
    assert brief_county.write(facts).window.startswith(str(monday_of(WEEK - 8).year))


@pytest.mark.parametrize(("week", "why"), [(WEEK + 9, "not_over"), (10, "not_recorded")])
def test_week_to_come_or_before_records_is_refused(engine, week, why):
    with pytest.raises(NoBriefError) as refused:
        brief_county.read(engine, week)
    assert refused.value.args[0] == why


def test_county_without_scores_says_what_cannot_be_told(tmp_path):
    bare = create_engine(f"sqlite:///{tmp_path / 'bare.db'}")
    tiny_county.build(bare, n_incidents=60, weeks=30)
    found = brief_county.read(bare)
    said = " ".join(_texts(brief_county.write(found)))
    assert "还没有为这一周评分" in said
    assert "还没有回测" in said
    assert "去年同周 不详" in said


def test_empty_database_has_no_brief(tmp_path):
    bare = create_engine(f"sqlite:///{tmp_path / 'bare.db'}")
    tiny_county.build(bare, n_incidents=0)
    with pytest.raises(NoBriefError):
        brief_county.read(bare)


def test_edit_takes_the_place_of_its_sentence(facts):
    plain = brief_county.write(facts)
    first = plain.sections[0].sentences[1]
    edit = Edit("改写的一句。", first.original, "研判员", facts.as_of)
    edited = write_brief(facts, "zh", edits={first.key: edit})
    assert edited.sections[0].sentences[1].text == "改写的一句。"
    assert edited.sections[0].sentences[1].original == first.original


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("group", sorted(CANDIDATE_GROUPS))
def test_reasons_of_groups_are_told_without_their_records(group, language):
    first = {"kind": "recent", "n": 2, "weeks": 26, "facts": []}
    reason = {"kind": "group", "group": group, "n": 17, "weeks": 13, "on": "2026-11-02",
              "facts": [{"incident": 1, "ref": "R-9", "on": "2026-11-02"}]}
    told = write_reasons([first, reason], language)
    assert "17" in told
    assert "R-9" not in told


def test_foresight_is_judged_without_the_groups_let_in():
    def figures(gain):
        return {"scores": {}, "differences": {"classifier": {"auc": {"value": gain, "low": gain - 0.01, "high": gain + 0.01}}}}

    placebo = {"elevated": {"gains": [0.02] * 20}}
    plain = judge({"labels": {"elevated": figures(0.03)}, "placebo": placebo}, "elevated")
    grouped = judge({"labels": {"elevated": figures(0.03) | {"without_groups": figures(0.015)}}, "placebo": placebo}, "elevated")
    assert (plain.foresight, plain.gain) == (Foresight.DEMONSTRATED, 0.03)
    assert (grouped.foresight, grouped.gain, grouped.n_as_good) == (Foresight.BETTER_RATES_ONLY, 0.015, 20)


def test_city_without_townships_names_its_villages_inside_only(facts):
    finding = next(iter(facts.findings), None) or Finding(
        "lasting", True, "rise", ("990101001001",), WEEK - 20, WEEK + 1, True, 2.0, 1.5, 2.6, 80, 40, "likely",
        {"where": {"zh": "第1镇1村", "en": "Village 1"}, "what": {"zh": "矛盾纠纷", "en": "Disputes"}})
    city = replace(facts, level="village", findings=(finding,))
    said = [" ".join(_texts(brief_county.write(city, is_internal=inside))) for inside in (False, True)]
    assert finding.sentence("zh") not in said[0]
    assert finding.sentence("zh") in said[1]


def test_where_nothing_is_ever_closed_nobody_is_asked_to_close_it(facts):
    lead = brief_county.write(replace(facts, stock=None, n_old_cases=53)).sections[0]
    assert "53" not in " ".join(str(row.cells[0]) for row in lead.tables[0].rows)


@pytest.mark.parametrize(("language", "words"), [("zh", "回测日期太少，没有区间"), ("en", "too few dates for an interval")])
def test_gain_without_an_interval_says_so(facts, language, words):
    verdict = Verdict("elevated", Foresight.BETTER_RATES_ONLY, -0.26, float("nan"), float("nan"), 20, 1, (0.1,), False)
    few = replace(facts, alerts=replace(facts.alerts, verdicts=(verdict,)))
    texts = [one.text for one in write_brief(few, language).sentences()]
    assert not any("nan" in text for text in texts)
    assert any(words in text and "−0.260" in text for text in texts)


def test_window_of_the_backtest_ends_on_the_day_that_the_model_card_names(engine, monkeypatch):
    report = {"from": "2023-11-06", "to": "2026-11-02", "labels": {}}  # weeks [from, to)
    monkeypatch.setattr("govdesk.queries.brief_alerts.read_newest_report", lambda _: report)
    with read_transaction(engine) as connection:
        found = read_alert_facts(connection, SYSTEM, WEEK, "seed")
    assert (found.tested_from, found.tested_to) == ("2023-11-06", "2026-11-01")
