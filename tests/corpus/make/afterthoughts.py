"""Files that came to mind after the reader had been looked into: what a mended fault suggests to try next."""

from tests.corpus.make import layouts
from tests.corpus.make.cases import LEDGER_KINDS, case, cases
from tests.corpus.make.sheets import dirty


def _sheets() -> None:
    f = dirty("s93_summary_without_numbers.xlsx", "ledger", "no numbers of rows, and a sheet 汇总 that repeats the townships' sheets", "summaries made by copying",
              "every event once: a row alike in another sheet is the same row, within one sheet it is another")
    for name, start in (("城关镇", 0), ("云溪镇", 3)):
        s = f.sheet(name)
        s.header()
        s.all(cases(3, start=start, kinds=LEDGER_KINDS))
    s = f.sheet("汇总")
    s.header()
    for c in cases(6, kinds=LEDGER_KINDS):
        s.same(c)
    f = dirty("s94_hidden_copy.xlsx", "ledger", "no numbers of rows, and a hidden copy of the sheet", "a backup before sorting", "every event once; the hidden sheet is named",
              sheets_named=["备份"])
    s = f.sheet("3月")
    s.header()
    s.all(cases(4, kinds=LEDGER_KINDS))
    s = f.sheet("备份", hidden=True)
    s.header()
    for c in cases(4, kinds=LEDGER_KINDS):
        s._row(c, {}, None)
    f = dirty("s96_second_table_below.xlsx", "grid", "below the records stands another small table: 乡镇, 件数, 办结率", "a summary kept on the same sheet",
              "its rows are spoken of and are no records")
    s = f.sheet()
    s.header()
    s.all(cases(5))
    s.blank()
    s.loose("分乡镇统计")
    s.loose("乡镇", "件数", "办结率")
    s.loose("城关镇", 2, "100%")
    s.loose("云溪镇", 3, "66.7%")


def _rows() -> None:
    s = dirty("s95_total_on_top.xlsx", "grid", "three header rows, the columns numbered, 合计 above the records, 以下空白 below", "forms of the statistics office",
              "the records are in, the rest is listed").sheet()
    s.title("示例县2023年3月网格事件统计台账")
    s.put("网格事件", *[None] * 10)
    s.merge(2, 1, 2, 11)
    s.put("基本情况", None, None, None, None, None, None, None, "处理情况", None, None)
    s.merge(3, 1, 3, 8)
    s.merge(3, 9, 3, 11)
    s.header()
    s.aside(*[str(n) for n in range(1, 12)], kind="numbers")
    s.aside("合计", None, None, None, None, None, 12, kind="total")
    s.all(cases(5))
    s.bad(case(5), "发生时间", 发生时间="2023.2.29")
    s.aside("以下空白", kind="signature")
    s = dirty("s97_days_since_1904.xlsx", "grid", "a workbook that counts its days from 1904", "Excel on an old Macintosh", "the days are right",
              options={"date_1904": True}).sheet(day=layouts.real)
    s.header()
    s.all(cases(5))
    s.bad(case(5), "发生时间", 发生时间="无")


def _text() -> None:
    s = dirty("s98_comma_at_the_end.csv", "grid", "a comma at the end of every row, the header's too", "exports of platforms", "read as if it were not there",
              options={"bare": True, "eol": ",\r\n"}).sheet()
    s.header()
    s.all(cases(5))
    s.bad(case(5), "村（社区）", 村="无此村")
    s = dirty("s99_quote_not_closed_early.csv", "grid", "a quote opened in the third row and never closed", "texts that quote somebody", "no row is lost in silence: each is in or named",
              options={"bare": True}).sheet()
    s.header()
    s.all(cases(2))
    s.either(case(2), "*", 事件描述='"' + case(2).text)
    for c in cases(3, start=3):
        s.either(c, "*")


def _habits() -> None:
    s = dirty("u01_closed_next_month.xlsx", "grid", "the list of March, days without a year, closed in April", "lists made on the 3rd of the next month", "closed in April of the same year").sheet(day=layouts.month_day)
    s.title("示例县2023年3月网格事件台账")
    s.header()
    for n, day in enumerate((27, 28, 30)):
        s.good(case(n if n < 2 else 3).on(2023, 3, day))
    s.bad(case(4).on(2023, 3, 2), "发生时间", 发生时间="2月29日")
    s = dirty("u02_closed_next_year.xlsx", "grid", "the list of December, closed on 5 January without a year", "year ends", "January of the next year or an error, never January of the list's year").sheet(day=layouts.month_day)
    s.title("示例县2022年12月网格事件台账")
    s.header()
    s.good(case(0).on(2022, 12, 5))
    s.either(case(1).on(2022, 12, 30), "办结时间")
    s = dirty("u03_section_rows.xlsx", "grid", "一、城关镇 in a row of its own above its rows, the column of the township empty", "ledgers in sections", "the headings are listed; unique villages are in, 新华村 is an error").sheet()
    s.header()
    s.aside("一、城关镇", kind="title")
    s.good(case(0).at("东门村"), 所属乡镇=None)
    s.good(case(1).at("西门社区"), 所属乡镇=None)
    s.aside("二、云溪镇", kind="title")
    s.bad(case(2).at("新华村", "云溪镇"), "村（社区）", 所属乡镇=None)
    s.good(case(3).at("罗家坪村"), 所属乡镇=None)
    s = dirty("u04_numbered_in_advance.xlsx", "ledger", "序号 filled down to 12, rows only up to 5", "templates sent by the county", "the numbered empty rows are no records and no errors").sheet()
    s.header()
    s.all(cases(5, kinds=LEDGER_KINDS))
    for n in range(6, 13):
        s.aside(n, kind="blank")
    s = dirty("u05_merged_block.xlsx", "grid", "township and village merged as one block over three rows (two columns)", "visiting ledgers", "the block's text is no village: three errors, or the township alone is understood; the rows beside it are in").sheet()
    s.header()
    s.good(case(0))
    s.bad(case(1), "村（社区）", 所属乡镇="云溪镇", 村=None)
    s.bad(case(2), "村（社区）", 所属乡镇=None, 村=None)
    s.bad(case(3), "村（社区）", 所属乡镇=None, 村=None)
    s.merge(3, 4, 5, 5)
    s.good(case(4))
    s = dirty("u06_two_villages_in_a_cell.xlsx", "grid", "东门村、西门社区 in one cell; 东门村与城关村交界处", "boundary disputes", "an error: an incident lies in one place").sheet()
    s.header()
    for n, name in enumerate(["东门村、西门社区", "东门村/罗家坪村", "东门村与城关村交界处", "各村", "全县", "东门村 西门社区"]):
        s.bad(case(n), "村（社区）", 所属乡镇=None, 村=name)
    s.good(case(6))
    s = dirty("u07_short_township.xlsx", "grid", "云溪 for 云溪镇, 石桥 for 石桥乡, a township misspelt", "typing", "the short name is understood or an error; a misspelt one is an error, never the other 新华村").sheet()
    s.header()
    s.either(case(0).at("新华村", "云溪镇"), "*", 所属乡镇="云溪")
    s.either(case(1).at("新华村", "石桥乡"), "*", 所属乡镇="石桥")
    s.bad(case(2).at("新华村", "石桥乡"), "*", 所属乡镇="石乔乡")
    s.bad(case(3), "*", 所属乡镇="县直单位", 村="新华村")
    s.good(case(4))
    s = dirty("u08_short_for_village_or_township.xlsx", "petition", "云溪, 龙潭, 城关 where a township and a village have that name", "问题属地 of petitions",
              "an error with a proposal: the township is meant as often as the village").sheet(day=layouts.iso)
    s.header()
    for n, name in enumerate(["云溪", "龙潭", "城关"]):
        s.bad(case(n, "X"), "问题属地", 问题属地=name)
    s.good(case(3, "X").at("云溪村"))
    s.good(case(4, "X").at("云溪村"), 问题属地="雲溪村")
    s.good(case(5, "X").at("云溪村"), 问题属地="云溪镇云溪村")


def build() -> None:
    """Describe all files of this part."""
    for part in (_sheets, _rows, _text, _habits):
        part()
