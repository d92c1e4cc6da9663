"""The page of handovers: what is handed over, notes, two signatures, the earlier ones; empty, refused, hostile."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from govdesk.actions.handover import leave_note, sign_in, sign_out
from govdesk.rules.access import Scope
from govdesk.settings import ROOT
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.tables import Account, Handover, Incident, Place, Unit
from govdesk.terms import DataKind, Role
from govdesk.ui import handover_acts
from tests.support import tiny_county
from tests.support.screens import all_html, open_page

COUNTY, NOW = tiny_county.COUNTY, tiny_county.NOW
HOSTILE = "<img src=x onerror=alert(1)>"
CENTRE, CENTRE_2 = Scope("local_centre", Role.CENTRE), Scope("desk2", Role.CENTRE)


@pytest.fixture
def county(empty_engine):
    tiny_county.build(empty_engine, n_incidents=60)
    with write_transaction(empty_engine) as connection:
        connection.execute(insert(Account), [
            {"code": "desk2", "title": "副班", "role": "centre", "unit_code": None, "is_active": True, "area_code": None},
            {"code": "town", "title": "第1镇岗", "role": "township", "unit_code": None, "is_active": True, "area_code": f"{COUNTY}001"},
            {"code": "landlead", "title": "局领导", "role": "leader", "unit_code": "U-LAND", "is_active": True, "area_code": None}])
        connection.execute(update(Incident).where(Incident.id <= 20).values(
            closed_at=None, week_closed=None, status="accepted", due_at=NOW - timedelta(hours=2)))
    return empty_engine


def _widget(page, kind, prefix):
    return next(one for one in getattr(page, kind) if one.key.startswith(prefix))


def _has(page, prefix):
    return any(one.key.startswith(prefix) for one in page.button)


def test_shift_is_annotated_signed_and_signed_for(county):
    page = open_page("handover", account="local_centre")
    html = all_html(page)
    assert "超期在办" in html
    assert "/incident?id=1" in html
    assert "只列前 15 条" in html
    assert 'href="/dispatch_board?inbox=late"' in html  # the rest opens
    assert '<span class="gd-handover-due">已过 ' in html  # that it is past stands in words, and is not broken
    assert "还没有交过班" in html
    subject = next(option for option in _widget(page, "selectbox", "handover_about_").options if option.startswith("事件 T0000001"))
    _widget(page, "selectbox", "handover_about_").select(subject).run()
    _widget(page, "text_area", "handover_note_").input("明早复查，电话 13800138000").run()
    _widget(page, "button", "handover_leave_").click().run()
    html = all_html(page)
    assert "备注已留下" in html
    assert "明早复查" in html
    assert "13800138000" not in html
    assert _widget(page, "text_area", "handover_note_").value == ""
    _widget(page, "text_area", "handover_remark_").input("夜间平稳").run()
    _widget(page, "button", "handover_out_").click().run()
    html = all_html(page)
    assert "已签字交班" in html
    assert html.index("要交给下一班的") < html.index("尚无人接班")  # what must be known stands before what is signed
    assert html.count('href="/dispatch_board?inbox=late"') == 1  # not from what was signed: the board has gone on
    _widget(page, "button", "handover_in_1").click().run()
    assert "交班的岗位不能自己接班" in all_html(page)
    page = open_page("handover", account="desk2")
    _widget(page, "button", "handover_in_1").click().run()
    html = all_html(page)
    assert "已签字接班" in html
    assert "副班 于 2026-11-22 10:00 接班" in html
    assert "夜间平稳" in html
    assert not _has(page, "handover_in_")


def test_whoever_comes_second_is_told(county, monkeypatch):
    sign_out(county, by=CENTRE, seen_id=None, form_key="form-0001")
    page = open_page("handover", account="desk2")
    with write_transaction(county) as connection:
        connection.execute(insert(Account).values(code="desk3", title="三班", role="centre", is_active=True))

    def second(*args, **values):
        monkeypatch.setattr(handover_acts, "sign_in", sign_in)
        sign_in(county, by=Scope("desk3", Role.CENTRE), handover_id=1)
        return sign_in(*args, **values)

    monkeypatch.setattr(handover_acts, "sign_in", second)
    _widget(page, "button", "handover_in_1").click().run()
    assert "这次交班已由三班于 2026-11-22 10:00 接班，没有重复签字" in all_html(page)


def test_signature_of_what_has_changed_meanwhile_is_refused(county):
    page = open_page("handover", account="local_centre")
    _widget(page, "text_area", "handover_remark_").input("平稳").run()
    sign_out(county, by=CENTRE_2, seen_id=None, form_key="form-0001")
    _widget(page, "button", "handover_out_").click().run()
    assert "副班已于 2026-11-22 10:00 交过班" in all_html(page)
    assert _widget(page, "text_area", "handover_remark_").value == "平稳"
    _widget(page, "button", "handover_again").click().run()
    _widget(page, "button", "handover_out_").click().run()
    assert "已签字交班" in all_html(page)


def test_earlier_handover_stays_as_it_was(county):
    sign_out(county, by=CENTRE, seen_id=None, form_key="form-0001")
    with write_transaction(county) as connection:
        connection.execute(update(Incident).values(is_counted=0))
    html = all_html(open_page("handover", account="local_centre"))
    assert "T0000001" in html.split("以往交接")[1]
    assert "T0000001" not in html.split("以往交接")[0]


def test_unit_concerned_reads_nothing_of_it(county):
    with write_transaction(county) as connection:
        connection.execute(update(Incident).where(Incident.id == 1).values(concerns_unit="U-LAND"))
    leave_note(county, by=CENTRE, subject="incident", subject_id=1, note="另有反映")
    sign_out(county, by=CENTRE, seen_id=None, form_key="form-0001")
    assert "T0000001" in all_html(open_page("handover", account="local_centre"))
    html = all_html(open_page("handover", account="landlead"))
    assert "T0000001" not in html
    assert "另有反映" not in html


@pytest.mark.parametrize(("account", "lang", "words"), [
    ("local_analyst", "zh", "交接班只给值班岗位看"), ("local_clerk", "en", "Handovers are for posts on duty")])
def test_refused_roles(county, account, lang, words):
    html = all_html(open_page("handover", account=account, lang=lang))
    assert words in html
    assert "T0000001" not in html


def test_leader_reads_and_signs_nothing(county):
    sign_out(county, by=CENTRE, seen_id=None, form_key="form-0001")
    page = open_page("handover", account="local_leader", lang="en")
    assert "Nobody has signed for it" in all_html(page)
    assert not _has(page, "handover_")


def test_township_hands_over_its_own(county):
    html = all_html(open_page("handover", account="town"))
    assert "第1镇 · " in html
    with read_transaction(county) as connection:
        others = connection.scalars(select(Incident.source_ref).where(Incident.place_code.not_like(f"{COUNTY}001%"), Incident.id <= 20)).all()
    assert others
    assert not [number for number in others if number in html]


def test_database_without_incidents_and_without_places(empty_engine):
    create_database(empty_engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai"))
    assert "import-places" in all_html(open_page("handover", account="local_centre"))


def test_nothing_to_hand_over_is_said(empty_engine):
    tiny_county.build(empty_engine, n_incidents=0)
    html = all_html(open_page("handover", lang="en"))
    assert "None: Calls not answered" in html
    assert "The first handover looks back 24 hours" in html


def test_old_data_is_said(county):
    with write_transaction(county) as connection:
        connection.execute(update(Incident).values(recorded_at=NOW - timedelta(days=3)))
    assert "此后没有新记录" in all_html(open_page("handover", account="local_centre"))


def test_hostile_text_is_text(county):
    leave_note(county, by=CENTRE, note=HOSTILE)
    with write_transaction(county) as connection:
        connection.execute(update(Place).where(Place.level != "county").values(name=HOSTILE))
        connection.execute(update(Unit).values(name=HOSTILE))
        connection.execute(update(Incident).values(source_ref=HOSTILE + "1").where(Incident.id == 1))
    sign_out(county, by=CENTRE, seen_id=None, remark=HOSTILE, form_key="form-0001")
    with write_transaction(county) as connection:
        connection.execute(update(Handover).values(out_by=HOSTILE))
    html = all_html(open_page("handover", account="local_centre"))
    assert "<img" not in html
    assert "&lt;img" in html


def test_page_is_short():
    assert len((ROOT / "pages" / "handover.py").read_text(encoding="utf-8").splitlines()) <= 150
