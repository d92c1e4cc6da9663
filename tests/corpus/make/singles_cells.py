"""Files with one habit: what stands in the cells — dates, places, numbers, values that mean nothing, rows twice."""

from datetime import date, datetime

from tests.corpus.make import layouts
from tests.corpus.make.cases import LEDGER_KINDS, Case, case, cases
from tests.corpus.make.sheets import Fault, Formula, dirty

D = date(2023, 3, 5)


def _on(n: int, *day: int) -> Case:
    return case(n).on(*(day or (2023, 3, 5)))


def _dates() -> None:
    s = dirty("s31_dates_of_all_kinds.xlsx", "grid", "fourteen spellings of one day in one column", "a ledger filled by fourteen villages",
              "all are 5 March 2023").sheet()
    s.header()
    spelt = ["2023.3.5", "2023/3/5", "2023-03-05", "20230305", "2023年3月5日", "2023年03月05日", "二〇二三年三月五日", "二○二三年三月五日",
             "２０２３年３月５日", "2023．3．5", "2023.3.5.", "2023年3月5", " 2023.3.5 ", "2023-3-5 9:05", "2023年3月5日下午3时20分", D, "2023、3、5", "2023 年 3 月 5 日"]
    for n, text in enumerate(spelt):
        if text == "2023、3、5":
            s.either(_on(n), "发生时间", 发生时间=text)
        else:
            s.good(_on(n), 发生时间=text)
    s = dirty("s32_days_that_are_none.xlsx", "grid", "31 February, month 13, 2023年3月 without a day, a span of days, words, 0000-00-00", "dates typed by hand",
              "every one is an error at its cell, none is bent into a date").sheet()
    s.header()
    for n, text in enumerate(["2023.2.31", "2023.13.5", "2023年3月", "2023.3.5-2023.3.7", "三月份", "不详", "0000-00-00", "2023", "同月", "31.2.2023", "2023.3.0"]):
        s.bad(case(n), "发生时间", 发生时间=text)
    s.good(case(11))
    s = dirty("s33_year_only_in_title.xlsx", "grid", "3月5日, 3.12, 三月八日: the year stands in the title only", "monthly ledgers", "the year of the title").sheet(day=layouts.month_day)
    s.title("示例县2023年3月网格事件台账")
    s.header()
    s.all(cases(4))
    s.good(_on(4), 发生时间="3.5", 办结时间="3.9")
    s.good(_on(5, 2023, 3, 12), 发生时间="3/12")
    s.good(_on(6, 2023, 3, 8), 发生时间="三月八日")
    s.good(_on(7, 2023, 3, 8), 发生时间="3月8号")
    s = dirty("s34_no_year_anywhere.xlsx", "grid", "3月5日 and nothing in the file says the year", "extracts sent by chat", "an error a row: no year is guessed").sheet(day=layouts.iso)
    s.header()
    s.bad(case(0), "发生时间", 发生时间="3月5日")
    s.bad(case(1), "发生时间", 发生时间="3.5")
    s.good(case(2))
    s = dirty("s35_two_years_in_title.xlsx", "grid", "3月5日 under the title 2022—2023年度", "yearly ledgers", "an error a row: two years are possible").sheet(day=layouts.iso)
    s.title("示例县2022—2023年度网格事件台账")
    s.header()
    s.bad(case(0), "发生时间", 发生时间="3月5日")
    s.bad(case(2), "发生时间", 发生时间="11月5日")
    s.good(case(1))
    s = dirty("s36_serial_dates.xlsx", "grid", "45000: the day as Excel counts it, as number and as text", "columns formatted as text after typing", "15 March 2023").sheet()
    s.header()
    s.good(_on(0, 2023, 3, 15), day=layouts.real, 发生时间=45000)
    s.good(_on(1, 2023, 3, 15), day=layouts.real, 发生时间="45000")
    s.good(_on(2, 2023, 3, 16), day=layouts.serial)
    s.good(_on(3, 2023, 3, 16), day=layouts.real, 发生时间=45001.5)
    s.bad(case(4), "发生时间", 发生时间=450)
    s = dirty("s37_month_day_as_number.xlsx", "grid", "3.5 typed as a number under a title with the year", "the commonest slip of all",
              "3.1 may be 1 or 10 March: an error; 3.15 is 15 March or an error, never 3 January").sheet(day=layouts.iso)
    s.title("2023年3月网格事件台账")
    s.header()
    s.bad(_on(0, 2023, 3, 10), "发生时间", 发生时间=3.1)
    s.bad(_on(1, 2023, 3, 20), "发生时间", 发生时间=3.2)
    s.either(_on(2, 2023, 3, 15), "发生时间", 发生时间=3.15)
    s.either(_on(3, 2023, 3, 5), "发生时间", 发生时间=3.5)
    s.good(case(4))
    s = dirty("s38_times.xlsx", "petition", "time of day in six spellings", "petition registers", "the instant is kept, in Chinese time").sheet()
    s.header()
    spelt = {"2023年3月5日下午3时20分": "15:20", "2023-3-5 9:05": "09:05", "2023.3.5 15：20": "15:20", "2023/3/5 下午3:20": "15:20",
             "2023年3月5日 9时5分": "09:05", "2023-03-05T09:05:00": "09:05", "2023年3月5日上午9点": "09:00"}
    for n, (text, hm) in enumerate(spelt.items()):
        s.good(case(n, "X").on(2023, 3, 5), expect={"reported_at": f"2023-03-05 {hm}"}, 登记时间=text)
    s.good(case(7, "X").on(2023, 3, 5), expect={"reported_at": "2023-03-05 15:20"}, 登记时间=datetime(2023, 3, 5, 15, 20))  # noqa: DTZ001
    s.bad(case(8, "X"), "登记时间", 登记时间="2023.3.5 25:70")
    s = dirty("s39_day_and_time_apart.xlsx", "police", "day and time in two columns, the day a real date, the time text", "police lists", "joined").sheet(day=layouts.real)
    s.header()
    s.all(cases(4, "J"))
    s.good(case(4, "J"), day=layouts.dots)
    s.bad(case(5, "J"), "接警日期", 接警日期="2023.4.31")
    s = dirty("s40_numerals.xlsx", "court", "all dates in Chinese numerals, 廿 among them", "court records", "read; 三月廿五日 is read or named").sheet(day=layouts.numerals)
    s.header()
    s.all([c.on(2023, 3, d) for c, d in zip(cases(6, "2023-示民调"), (1, 10, 11, 20, 21, 30), strict=True)])
    s.either(case(6, "2023-示民调").on(2023, 3, 25), "收案日期", 收案日期="二〇二三年三月廿五日")
    s.bad(case(7, "2023-示民调"), "收案日期", 收案日期="二〇二三年三月三十二日")
    s = dirty("s41_december_in_january.xlsx", "grid", "12月28日 in the list of January 2023 (handed in late)", "lists of January",
              "the year is not clear: an error, never December 2023").sheet(day=layouts.month_day)
    s.title("示例县2023年1月网格事件台账")
    s.aside("填报单位：云溪镇", None, None, None, "填报日期：2023年2月2日", kind="unit")
    s.header()
    s.good(case(2).on(2023, 1, 6))
    s.good(case(5).on(2023, 1, 20))
    s.bad(case(8).on(2022, 12, 28), "发生时间")


def _places() -> None:
    s = dirty("s42_village_spellings.xlsx", "grid", "one village in many spellings", "the same village typed by five offices",
              "spellings that say exactly one village are in; the village's committee is in or proposed; what only resembles is an error").sheet()
    s.header()
    for n, name in enumerate(["东门村", "東門村", "东门 村", " 东门村", "东　门　村", "城关镇东门村", "示例县城关镇东门村"]):
        s.good(case(n).at("东门村"), 村=name)
    for n, name in enumerate(["东门", "东门村委会", "东门村民委员会"], 7):
        s.either(case(n).at("东门村"), "村（社区）", 村=name)
    for n, name in enumerate(["东门社区居委会", "东门大队", "东们村", "东门村第九组老街"], 10):
        s.bad(case(n), "村（社区）", 村=name)
    s = dirty("s43_same_name_two_townships.xlsx", "grid", "新华村 in two townships; once with the township, once without, once with the wrong one", "names like 新华, 团结, 红星",
              "with its township it is in, without or with a wrong one it is an error").sheet()
    s.header()
    s.good(case(0).at("新华村", "云溪镇"))
    s.good(case(1).at("新华村", "石桥乡"))
    s.bad(case(2), "村（社区）", 所属乡镇=None, 村="新华村")
    s.bad(case(3), "村（社区）", 所属乡镇="城关镇", 村="新华村")
    s.good(case(4).at("新华村", "石桥乡"), 所属乡镇=None, 村="石桥乡新华村")
    s.bad(case(5), "村（社区）", 所属乡镇="云溪镇", 村="石桥乡新华村")
    s = dirty("s44_names_like_townships.xlsx", "grid", "城关村, 云溪村, 石桥村: names that begin like a township, one like another township's", "central villages",
              "each in its own village; 石桥 alone is an error, 城关镇 alone too").sheet()
    s.header()
    s.good(case(0).at("城关村", "城关镇"))
    s.good(case(1).at("云溪村"))
    s.good(case(2).at("石桥村", "云溪镇"))
    s.good(case(3).at("石桥村", "云溪镇"), 村="云溪镇石桥村")
    s.bad(case(4), "村（社区）", 所属乡镇="石桥乡", 村="石桥")
    s.bad(case(5), "村（社区）", 所属乡镇="城关镇", 村="城关镇")
    s.bad(case(6), "村（社区）", 所属乡镇="石桥乡", 村="大坪头村")
    s = dirty("s45_rare_characters.xlsx", "grid", "villages with characters outside GBK and outside the first plane", "地名 with 䶮, 𡐓", "in").sheet()
    s.header()
    s.good(case(0).at("䶮溪村", "石桥乡"))
    s.good(case(1).at("𡐓头村", "石桥乡"))
    s.good(case(2).at("𡐓头村", "石桥乡"), 所属乡镇=None)
    s.bad(case(3), "村（社区）", 所属乡镇="石桥乡", 村="？头村")
    s = dirty("s46_place_unknown.xlsx", "petition", "township and village in one column, aliases, groups, a hospital", "问题属地 of petitions",
              "township with village is in; aliases and other words are errors").sheet(day=layouts.iso)
    s.header()
    s.good(case(0, "X").at("东门村"), 问题属地="城关镇东门村")
    s.good(case(1, "X").at("新华村", "石桥乡"), 问题属地="石桥乡新华村")
    s.good(case(2, "X").at("云溪村"), 问题属地="云溪村")
    for n, name in enumerate(["新华村", "老街口", "县人民医院", "云溪镇", "石桥乡东门村"], 3):
        s.bad(case(n, "X"), "问题属地", 问题属地=name)
    s.either(case(8, "X").at("东门村"), "问题属地", 问题属地="城关镇东门村三组")
    s = dirty("s47_codes_without_zero.xlsx", "hotline", "12-digit place codes, some stored as numbers: the leading zero is gone, some with blanks", "codes opened in Excel",
              "text codes are in; a code that lost its zero is an error, not a guess").sheet()
    s.header()
    s.all(cases(3, "H"))
    s.good(case(3, "H"), 村代码=f" {case(3).code}　")
    s.good(case(4, "H"), 村代码="".join(chr(ord(c) + 0xFEE0) for c in case(4).code))
    s.bad(case(5, "H"), "村代码", 村代码=int(case(5).code))
    s.good(case(6, "H"), expect={"place_code": "058825100"}, 村代码="058825100")
    s.bad(case(7, "H"), "村代码", 村代码="058825999999")


def _numbers() -> None:
    s = dirty("s48_numbers_as_text.xlsx", "grid", "numbers of people as text, full-width, with 人; numbers as row numbers", "mixed typing",
              "numbers are numbers, the number of a row is text without .0").sheet()
    s.header()
    s.good(case(0), expect={"n_people": 3}, 涉及人数="3")
    s.good(case(1), expect={"n_people": 12}, 涉及人数="１２")
    s.good(case(2), expect={"n_people": 5}, 涉及人数="5人")
    s.good(case(3), expect={"n_people": 4}, 涉及人数=4.0)
    s.good(case(4), expect={"source_ref": "20230305001"}, 编号=20230305001)
    s.good(case(5), expect={"source_ref": "000123"}, 编号="000123")
    s.good(case(6), expect={"source_ref": "202303050000012"}, 编号=202303050000012)
    s = dirty("s49_ids_excel_ruined.xlsx", "hotline", "18-digit numbers that Excel turned into 1.23457E+17, as text and as number", "12345 exports opened and saved",
              "the number is lost: an error a row; 18 digits kept as text are in").sheet()
    s.header()
    s.good(case(0, "H"), expect={"source_ref": "202303051234567001"}, 工单编号="202303051234567001")
    s.good(case(1, "H"), expect={"source_ref": "202303051234567002"}, 工单编号="202303051234567002")
    s.bad(case(2, "H"), "工单编号", 工单编号="1.23457E+17")
    s.bad(case(3, "H"), "工单编号", 工单编号=202303051234567000.0)
    s.bad(case(4, "H"), "工单编号", 工单编号="2.02303E+17")
    s = dirty("s50_ids_spaced_and_wide.xlsx", "grid", "numbers of rows with blanks around and in full width; one row twice that way", "typed ids",
              "blanks and width do not make another row").sheet()
    s.header()
    s.good(case(0), 编号="A-001 ")
    s.good(case(1), 编号="　A-002")
    s.good(case(2), 编号="Ａ－００３")
    s.same(case(2), 编号="A-003")
    s.good(case(3))
    s = dirty("s51_duplicates.xlsx", "grid", "a row twice with equal content, a number twice with different content", "lists sent again and joined",
              "equal: once, counted; different: the second is an error naming both").sheet()
    s.header()
    s.all(cases(3))
    s.same(case(1))
    s.either(case(3), "编号")
    s.bad(case(4), "编号", 编号="A-004")
    s.good(case(5))
    s = dirty("s52_number_restarts.xlsx", "ledger", "序号 starts again at 1 in every township; no other number", "handwritten ledgers",
              "rows are known by their content; two rows alike are two rows, and stay two").sheet()
    s.header()
    for c in cases(3, kinds=LEDGER_KINDS):
        s.good(c)
    s.n = 0
    for c in cases(4, start=3, kinds=LEDGER_KINDS):
        s.good(c)
    s.good(case(3, kinds=LEDGER_KINDS), 序号=5)
    s.bad(case(7, kinds=LEDGER_KINDS), "纠纷类型", 纠纷类型="其他")


def _nothing() -> None:
    s = dirty("s53_words_for_nothing.xlsx", "grid", "无, —, /, 空, 不详, 暂无, - where nothing is meant", "cells that must not stay blank",
              "nothing in an optional cell; in a needed one an error").sheet()
    s.header()
    for n, word in enumerate(["无", "—", "/", "空", "不详", "暂无", "-", "——"]):
        s.good(Case(**{**case(n).__dict__, "closed": None, "outcome": None, "people": None}), 办结时间=word, 办理结果=word, 涉及人数=word, 备注=word)
    for n, word in enumerate(["不详", "无", "/", "—"], 8):
        s.bad(case(n), "村（社区）", 村=word)
    s.bad(case(12), "发生时间", 发生时间="无")
    s.bad(case(13), "事件类型", 事件类型="—")
    s = dirty("s54_formulas_and_faults.xlsx", "grid", "formulas with kept values; #REF!, #N/A, #VALUE! in cells", "ledgers with look-ups",
              "the kept value counts; a fault in a cell that is read is an error there, in 备注 nothing").sheet()
    s.header()
    s.good(case(0), 涉及人数=Formula("=1+0", case(0).people))
    s.good(case(1), 村=Formula('=VLOOKUP("a",X!A:B,2,0)', case(1).village))
    s.good(case(2), 备注=Fault("#REF!"))
    s.bad(case(3), "村（社区）", 村=Fault("#N/A"))
    s.bad(case(4), "发生时间", 发生时间=Fault("#REF!"))
    s.bad(case(5), "办结时间", 办结时间=Fault("#VALUE!"))
    s.bad(case(6), "村（社区）", 村="#N/A")


def _others() -> None:
    f = dirty("s55_mediations.xlsx", "mediations", "mediation register with title, total and an event nobody knows", "people's mediation committees",
              "known events' sittings are in, the unknown event is an error")
    s = f.sheet()
    s.title("2023年3月人民调解登记表")
    s.header()
    for n in range(4):
        on = f"2023-03-{n + 5:02d}"
        row = s.put(f"M-{n + 1}", f"B-00{n + 1}", ["坐堂", "上门", "联合"][n % 3], "村级", on.replace("-0", ".").replace("-", "."), None, "是" if n % 2 else "否")
        f.good.append({"sheet": "Sheet1", "row": row, "source_ref": f"M-{n + 1}", "incident_ref": f"B-00{n + 1}", "started_on": on})
    row = s.put("M-5", "B-099", "坐堂", "村级", "2023.3.9", None, "是")
    f.bad.append({"sheet": "Sheet1", "row": row, "column": "事件编号"})
    row = s.put("M-6", "B-006", "电话", "村级", "2023.3.9", None, "是")
    f.bad.append({"sheet": "Sheet1", "row": row, "column": "调解方式"})
    s.aside("合计", 6, kind="total")
    f = dirty("s56_nil_returns.csv", "nil_returns", "monthly nil returns in GB18030 with a total and a village of two townships", "零报告",
              "months are read, the ambiguous village is an error", options={"encoding": "gb18030"})
    s = f.sheet()
    s.aside("示例县2023年3月矛盾纠纷零报告汇总表", kind="title")
    s.header()
    for n, (town, village, code) in enumerate([("城关镇", "东门村", "058825100201"), ("石桥乡", "䶮溪村", "058825102202"), ("云溪镇", "新华村", "058825101203")]):
        row = s.put(f"N-{n + 1}", town, village, "2023年3月1日", "2023年4月1日")
        f.good.append({"row": row, "source_ref": f"N-{n + 1}", "place_code": code, "period_from": "2023-03-01", "period_to": "2023-04-01"})
    row = s.put("N-4", "", "新华村", "2023年3月1日", "2023年4月1日")
    f.bad.append({"row": row, "column": "村（社区）"})
    s.aside("合计：4个村（社区）零报告", kind="total")


def build() -> None:
    """Describe all files of this part."""
    for part in (_dates, _places, _numbers, _nothing, _others):
        part()
