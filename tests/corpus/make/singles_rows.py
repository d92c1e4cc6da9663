"""Files with one habit: what stands above, between, below and beside the records."""

from tests.corpus.make import layouts
from tests.corpus.make.cases import LEDGER_KINDS, case, cases
from tests.corpus.make.sheets import Formula, Sheet, dirty

GRID = "示例县2023年3月网格事件台账"
UNIT = ("填报单位：示例县综治中心", None, None, None, "填报日期：2023年4月3日")


def _unit(s: Sheet) -> None:
    s.aside(*UNIT, kind="unit")


def _titles() -> None:
    s = dirty("s01_title_line.xlsx", "grid", "a merged title line above the headers", "nearly every township's ledger",
              "the title is listed and not imported; row numbers in errors stay Excel's").sheet()
    s.title(GRID)
    s.header()
    s.all(cases(6))
    s.bad(case(6), "发生时间", 发生时间="2023.2.31")
    s = dirty("s02_title_unit_line.xlsx", "grid", "title, then a line with unit and date, then headers",
              "forms of the political and legal committee", "both lines listed; the date in the unit line is no record").sheet()
    s.title(GRID)
    _unit(s)
    s.header()
    s.all(cases(5))
    s.bad(case(5), "村（社区）", 村="不存在村")
    s = dirty("s03_four_lines_above.xlsx", "grid", "attachment number, title, blank line, unit line above the headers",
              "附件1 of an official notice", "four lines listed, header found in row 5").sheet()
    s.aside("附件1", kind="title")
    s.title(GRID)
    s.blank()
    _unit(s)
    s.header()
    s.all(cases(4))
    s.bad(case(4), "事件类型", 事件类型="其它杂项")
    s = dirty("s04_title_csv.csv", "grid", "the same lines above, saved as CSV: commas all along", "Excel → save as CSV",
              "lines listed; line numbers as in an editor").sheet()
    s.aside(GRID, kind="title")
    _unit(s)
    s.blank()
    s.header()
    s.all(cases(5))
    s.bad(case(5), "发生时间", 发生时间="")


def _headers() -> None:
    s = dirty("s05_two_header_rows.xlsx", "court", "two header rows, the upper merged over groups (收案情况, 办理情况)",
              "court registers", "the lower names are the headers").sheet()
    s.title("示例县人民法院诉前调解登记簿（2023年）")
    s.put("收案情况", None, None, None, None, None, "办理情况", None)
    s.merge(2, 1, 2, 6)
    s.merge(2, 7, 2, 8)
    s.header()
    s.all(cases(6, "2023-示民调"))
    s.bad(case(6, "2023-示民调"), "收案日期", 收案日期="另行通知")
    f = dirty("s06_two_headers_merged_down.xlsx", "grid", "two header rows; single columns merged downwards, 地点 over 乡镇 and 村",
              "statistics forms", "merged-down headers count for their column, group words do not disturb")
    s = f.sheet()
    s.put("编号", "事件类型", "发生时间", "地点", None, "事件描述", "涉及人数", "上报渠道", "办理情况", None, "备注")
    s.header(shown=lambda h: h if h in ("所属乡镇", "村（社区）", "办结时间", "办理结果") else "")
    s.merge(1, 4, 1, 5)
    s.merge(1, 9, 1, 10)
    for column in (1, 2, 3, 6, 7, 8, 11):
        s.merge(1, column, 2, column)
    s.all(cases(5))
    s.bad(case(5), "办理结果", 办理结果="看情况")
    s = dirty("s07_spaced_headers.xlsx", "grid", "headers set wide and broken: 发 生 时 间, 事件⏎描述, 村 (社区)",
              "headers made to look even", "spaces and line breaks in a header do not matter").sheet()
    wide = {"发生时间": "发 生 时 间", "事件描述": "事件\n描述", "村（社区）": "村 (社区)", "编号": "编　号", "所属乡镇": "所属\n乡镇 "}
    s.header(shown=lambda h: wide.get(h, h))
    s.all(cases(5))
    s = dirty("s08_header_repeated.xlsx", "grid", "the header row again after every page of 5 rows", "printed ledgers typed in again",
              "repeated headers listed, not imported, no error").sheet()
    s.header()
    s.all(cases(5))
    s.header(again=True)
    s.all(cases(5, start=5))
    s.header(again=True)
    s.bad(case(10), "村（社区）", 村=None)
    s.good(case(11))
    s = dirty("s09_title_and_header_again.xlsx", "grid", "title, unit line and header again in the middle: two printed pages pasted together",
              "monthly ledgers copied below each other", "both blocks of rows are in").sheet()
    for start in (0, 4):
        s.title(GRID if not start else "示例县2023年3月网格事件台账（续表）")
        _unit(s)
        s.header(again=start > 0)
        s.all(cases(4, start=start))
    s = dirty("s10_trailing_columns.xlsx", "grid", "stray words in columns that have no header", "a clerk's own remarks beside the table",
              "rows in; the stray cells do not become anything").sheet(beside=lambda n: [None, "已电话核实" if n % 2 else None, "√" if n == 3 else None])
    s.header()
    s.all(cases(6))
    s = dirty("s11_twice_note_column.xlsx", "grid", "two columns named 备注, neither needed", "forms extended by the county",
              "rows in: a doubled header that nobody reads does no harm").sheet(beside=lambda n: ["县级备注"])
    s.header(after=["备注"])
    s.all(cases(5))
    f = dirty("s12_twice_needed_column.xlsx", "grid", "two columns named 发生时间 with different dates", "reporting time and event time under one word",
              "refused with the header's name: which one is meant is not guessed", refused="发生时间")
    s = f.sheet(beside=lambda n: [f"2023.4.{n}"])
    s.header(after=["发生时间"])
    for c in cases(4):
        s._row(c, {}, None)


def _merged() -> None:
    s = dirty("s13_merged_township.xlsx", "grid", "one township name merged over many rows", "ledgers sorted by township",
              "every row knows its township; 新华村 goes to the right one of two").sheet()
    s.header()
    places = [("石桥村", "云溪镇"), ("新华村", "云溪镇"), ("䶮溪村", "石桥乡"), ("新华村", "石桥乡"), ("𡐓头村", "石桥乡")]
    for n, (village, town) in enumerate(places):
        s.good(case(n).at(village, town), 所属乡镇=town if n in (0, 2) else None)
    s.merge(2, 4, 3, 4)
    s.merge(4, 4, 6, 4)
    s = dirty("s14_merged_village_and_day.xlsx", "ledger", "village and day merged over the rows of one visit", "visiting ledgers",
              "merged cells count for every row they cover").sheet()
    s.title("示例县2023年3月矛盾纠纷排查化解台账")
    s.header()
    found = [c.at("罗家坪村").on(2023, 3, 8) for c in cases(3, kinds=LEDGER_KINDS)]
    s.good(found[0])
    s.good(found[1], 乡镇=None, 村=None, 排查时间=None)
    s.good(found[2], 乡镇=None, 村=None, 排查时间=None)
    for column in (2, 3, 5):
        s.merge(3, column, 5, column)
    s.bad(case(3, kinds=LEDGER_KINDS), "村（社区）", 村=None)
    s = dirty("s15_merge_lost_in_csv.csv", "grid", "merged township saved as CSV: only the first row has it", "Excel → CSV",
              "villages whose name is unique are in; 新华村 without township is an error, never filled from above").sheet()
    s.header()
    s.good(case(0).at("罗家坪村"))
    s.good(case(1).at("云溪村"), 所属乡镇=None)
    s.bad(case(2).at("新华村", "云溪镇"), "村（社区）", 所属乡镇=None)
    s.good(case(3).at("大坪村"))
    s.bad(case(4).at("新华村", "石桥乡"), "村（社区）", 所属乡镇=None)
    s = dirty("s16_two_parties_one_event.xlsx", "grid", "one event over two rows (a row a party), the event's cells merged", "ledgers with a row a person",
              "one event, once; the second row is the same event, not an error").sheet(beside=lambda n: ["甲方" if n % 2 else "乙方"])
    s.header(after=["当事方"])
    for n in range(3):
        s.good(case(n))
        s.same(case(n), **dict.fromkeys(layouts.HEADERS["grid"]))
        for column in range(1, 12):
            if s.rows[-2][column - 1] is not None:
                s.merge(len(s.rows) - 1, column, len(s.rows), column)


def _totals() -> None:
    s = dirty("s17_total_below.xlsx", "grid", "a 合计 row with sums below", "every monthly form", "the total is listed, not imported").sheet()
    s.header()
    s.all(cases(5))
    s.aside("合计", "5件", None, None, None, None, Formula("=SUM(G2:G6)", 11), kind="total")
    s = dirty("s18_subtotals.xlsx", "grid", "小计 after every township, 总计 below", "ledgers sorted by township",
              "subtotals and total listed; rows of all townships in").sheet()
    s.header()
    for town, names in (("城关镇", ["东门村", "西门社区"]), ("龙潭镇", ["双江口村", "后里村", "大坪头村"])):
        for n, name in enumerate(names):
            s.good(case(n + (5 if town == "龙潭镇" else 0)).at(name))
        s.aside(None, None, None, f"{town}小计", None, None, 2 * len(names), kind="total")
    s.aside("总计", None, None, None, None, None, 10, kind="total")
    s = dirty("s19_sum_sentence.csv", "grid", "the sum as a sentence: 共计12件，其中已办结8件", "hotline offices", "the sentence is listed").sheet()
    s.header()
    s.all(cases(5))
    s.aside("共计5件，其中已办结3件。", kind="total")
    s = dirty("s20_total_words_in_records.xlsx", "grid", "records whose text begins with 合计, 共计 or 总计", "wage claims: 合计拖欠3万元",
              "they are records and are in; only the last row is a total").sheet()
    s.header()
    for n, text in enumerate(["合计拖欠工钱三万元", "共计十二户缺水", "总计三处路面塌陷", "小计分歧引起口角"]):
        s.good(case(n), expect={"summary": text}, 事件描述=text)
    s.good(case(4), 备注="合计见附表")
    s.aside("合  计", None, None, None, None, None, 12, None, None, None, kind="total")


def _blanks() -> None:
    s = dirty("s21_blank_rows.xlsx", "grid", "blank rows between blocks, one with only spaces", "ledgers cut by hand",
              "blank rows listed, numbers of the rows below stay right").sheet()
    s.header()
    s.all(cases(2))
    s.blank()
    s.blank()
    s.all(cases(2, start=2))
    s.aside("  ", "　", " ", kind="blank")
    s.bad(case(4), "发生时间", 发生时间="2023.13.5")
    s.good(case(5))
    s = dirty("s22_blank_columns.xlsx", "grid", "two blank columns left of the table, two blank rows above", "tables set in the middle of the page",
              "found all the same").sheet(left=2)
    s.blank()
    s.blank()
    s.header()
    s.all(cases(5))
    s.bad(case(5), "村（社区）", 村="某某村")
    s = dirty("s23_signatures.xlsx", "grid", "signature lines at the end, with a name and a number to call", "every form that is printed and stamped",
              "listed, not imported; name and number stand nowhere, not even in the report", never=["诸葛示例", "13800138000"]).sheet()
    s.header()
    s.all(cases(4))
    s.blank()
    s.aside("填表人：诸葛示例", None, None, "审核人：", None, None, "联系电话：13800138000", kind="signature")
    s.aside("注：1.本表每月3日前报县综治中心；2.办结时间未办结的不填。", kind="signature")
    s = dirty("s24_blank_formatted_rows.xlsx", "grid", "empty cells with borders down to row 65,000", "a column formatted as a whole",
              "read at once; the formatted rows are nothing").sheet(formatted_to=65_006)
    s.header()
    s.all(cases(4))
    s.bad(case(4), "村（社区）", 村="无名村")


def _sheets() -> None:
    f = dirty("s25_sheet_a_month.xlsx", "grid", "one sheet a month: 1月, 2月, 3月", "one workbook a year", "rows of all three sheets are in; errors name the sheet")
    for month in (1, 2, 3):
        s = f.sheet(f"{month}月")
        s.title(f"示例县2023年{month}月网格事件台账")
        s.header()
        s.all([c.on(2023, month, 5 + i) for i, c in enumerate(cases(3, start=3 * month))])
        if month == 2:
            s.bad(case(15), "发生时间", 发生时间="2023.2.30")
    f = dirty("s26_instructions_first.xlsx", "grid", "the first sheet is 填表说明, the second has the rows", "templates sent by the county",
              "the second sheet's rows are in, the first is named", sheets_named=["填表说明"])
    s = f.sheet("填表说明")
    for line in ("填表说明", "一、本表由各乡镇综治中心填写，每月3日前上报。", "二、发生时间填写到日，格式为2023.3.5。", "三、村（社区）填写全称。"):
        s.put(line)
    s = f.sheet("台账")
    s.header()
    s.all(cases(4))
    s.bad(case(4), "村（社区）", 村="东方红大队")
    f = dirty("s27_hidden_sheet.xlsx", "grid", "a hidden sheet with last year's rows", "workbooks copied from month to month",
              "what is hidden is not imported, and the report says so", sheets_named=["旧数据"])
    s = f.sheet("旧数据", hidden=True)
    s.header()
    for c in cases(3, "OLD"):
        s._row(c.on(2022, 3, 5), {}, None)
    s = f.sheet("2023年")
    s.header()
    s.all(cases(4))
    f = dirty("s28_empty_and_other_sheets.xlsx", "grid", "rows, an empty sheet, and a sheet with another layout (statistics)", "Sheet2, Sheet3 left by Excel",
              "first sheet in; the sheet that does not fit is named, never lost in silence", sheets_named=["统计"])
    s = f.sheet("台账")
    s.header()
    s.all(cases(5))
    f.sheet("Sheet2")
    s = f.sheet("统计")
    for row in (("乡镇", "件数", "办结率"), ("城关镇", 12, "91.7%"), ("云溪镇", 8, "100%")):
        s.put(*row)
    s = dirty("s29_hidden_rows_filter.xlsx", "grid", "a filter is set: three rows hidden, one column hidden, first row frozen", "ledgers in use",
              "hidden rows are records: all are in").sheet(hidden_rows=[3, 4, 6], hidden_columns=[6], filtered=True, freeze=1)
    s.header()
    s.all(cases(7))
    f = dirty("s30_sheets_same_rows.xlsx", "grid", "the sheet 汇总 repeats what the townships' sheets say", "summaries made by copying",
              "every event once; the repeated rows are counted as the same, no error")
    for name, start in (("城关镇", 0), ("云溪镇", 3)):
        s = f.sheet(name)
        s.header()
        s.all(cases(3, start=start))
    s = f.sheet("汇总")
    s.header()
    for c in cases(6):
        s.same(c)


def build() -> None:
    """Describe all files of this part."""
    for part in (_titles, _headers, _merged, _totals, _blanks, _sheets):
        part()
