"""Any table with any lines above and below gives back exactly its records, in every format."""

import csv
import io

import pytest
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govdesk.ingest.notes import SHEET
from govdesk.ingest.profiles import FileSection
from govdesk.ingest.readers import open_table
from govdesk.ingest.wanted_headers import WantedHeader

HEADER = ["编号", "发生时间", "乡镇", "村", "事件摘要"]
WANTED = tuple(WantedHeader((name,)) for name in HEADER[:4])
TITLES = st.sampled_from([["2023年3月网格事件台账"], ["单位：城关镇", "", "", "日期：2023年3月5日"], [], ["（内部资料）"], ["", "", "台账（续）"]])
ENDS = st.sampled_from([["合计", "", "", "", "12"], ["城关镇小计", "", "", "", "3"], [], HEADER, ["填表人：某甲", "", "审核人：某乙"], ["注：以上按时间排列。"],
                        ["共计12件"], ["第 2 页"]])
RECORD = st.tuples(
    st.integers(1, 10**6).map("A{}".format), st.dates().map(str), st.sampled_from(["城关镇", "石桥乡"]),
    st.sampled_from(["东门村", "合计村", "总计划村", "小计", "注水村"]), st.sampled_from(["路灯不亮", "合计三户反映", "注：不便回访", "共计3次来电", ""]))


def save(path, rows):
    if path.suffix in (".csv", ".tsv"):
        out = io.StringIO()
        csv.writer(out, delimiter="\t" if path.suffix == ".tsv" else ",").writerows(row + [""] * (5 - len(row)) for row in rows)
        path.write_bytes(out.getvalue().encode("gb18030" if path.suffix == ".tsv" else "utf-8"))
    elif path.suffix == ".xlsx":
        with xlsxwriter.Workbook(path, {"strings_to_numbers": False}) as book:
            sheet = book.add_worksheet("三月")
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    else:
        book = xlwt.Workbook()
        sheet = book.add_sheet("三月")
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write(at, column, cell)
        book.save(str(path))


def check(path, above, records, wanted=WANTED):
    """Compare what is read with the records, by value and by row."""
    rows = [*above, HEADER, *(list(item) if isinstance(item, tuple) else item for item in records)]
    save(path, rows)
    table = open_table(path, FileSection(), wanted=wanted)
    pieces = list(table.pieces)
    found = [(int(line) % SHEET, *row) for piece in pieces
             for line, *row in zip(piece.lines.tolist(), *(cells.tolist() for cells in piece.cells), strict=True)]
    first = len(above) + 2
    assert found == [(first + at, *item) for at, item in enumerate(records) if isinstance(item, tuple)]
    assert table.headers == HEADER
    aside = sorted(position % SHEET for piece in pieces for position, _ in piece.aside)
    last = max((at for at, row in enumerate(rows, 1) if any(row)), default=0)
    expected = [at for at in range(1, len(rows) + 1)
                if at != len(above) + 1 and not (at >= first and isinstance(records[at - first], tuple))]
    assert [at for at in aside if at <= last] == [at for at in expected if at <= last]
    assert not any(piece.errors for piece in pieces)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(above=st.lists(TITLES, max_size=4), records=st.lists(st.one_of(RECORD, RECORD, ENDS), max_size=15))
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".xlsx"])
def test_any_table_gives_back_exactly_its_records(tmp_path, suffix, above, records):
    check(tmp_path / f"table{suffix}", above, records)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(above=st.lists(TITLES, max_size=4), records=st.lists(st.one_of(RECORD, RECORD, ENDS), min_size=1, max_size=15))
def test_old_workbooks_do_the_same(tmp_path, above, records):
    check(tmp_path / "table.xls", above, records)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(above=st.lists(TITLES, max_size=4), records=st.lists(RECORD, min_size=3, max_size=12))
def test_without_a_profile_structure_finds_the_same(tmp_path, above, records):
    check(tmp_path / "table.xlsx", above, records, wanted=())
