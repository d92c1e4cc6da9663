"""Files with one habit: how the text was written — encodings, spoilt characters, separators, containers, what is private."""

from dataclasses import replace

from tests.corpus.make import layouts
from tests.corpus.make.cases import case, cases
from tests.corpus.make.sheets import dirty

#: Simplified to traditional, for the characters that stand in the files.
TRADITIONAL = dict(zip("东门编号类发时间属乡镇区描述涉数报结备注邻纠纷头隐过争檐员达协议办摊赡养费执归拖资矿欠铺维罗双龙广场与设际后华闹桥溪网线务",
                       "東門編號類發時間屬鄉鎮區描述涉數報結備註鄰糾紛頭隱過爭簷員達協議辦攤贍養費執歸拖資礦欠鋪維羅雙龍廣場與設際後華鬧橋溪網線務", strict=True))
TRADITIONAL |= dict(zip("们湾众汇缺线块记证继变压电断杆栏险级组两渠", "們灣眾匯缺線塊記證繼變壓電斷桿欄險級組兩渠", strict=True))
TRADITIONAL |= dict(zip("个仓偿关内况减别劝动单卫县响园坟层带库开弯户护拢换来树桩殴沟没灭灯环码砖礼积简约续补认访诉说调谈账贷边还进连迟钱问闸项题鸡鸭冲",
                        "個倉償關內況減別勸動單衛縣響園墳層帶庫開彎戶護攏換來樹樁毆溝沒滅燈環碼磚禮積簡約續補認訪訴說調談賬貸邊還進連遲錢問閘項題雞鴨沖", strict=True))


def traditional(text: object) -> object:
    """Return a text as an office with traditional characters writes it."""
    return "".join(TRADITIONAL.get(c, c) for c in text) if isinstance(text, str) else text


def wide(text: str) -> str:
    """Return a text with its ASCII in full width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def latin(text: str) -> str:
    """Return UTF-8 read as Latin-1."""
    return text.encode().decode("latin-1")


def gbk(text: str) -> str:
    """Return UTF-8 read as GBK; what does not fit becomes U+FFFD, as an editor writes it."""
    return text.encode().decode("gbk", "replace")


def _encodings() -> None:
    for name, wrong, seen, options, form in [
        ("s57_gb18030.csv", "GB18030 with a village of four bytes", "Excel in Chinese Windows", {"encoding": "gb18030"}, ""),
        ("s58_gbk_tsv_called.xls", "a tab-separated text in GBK, called .xls", "exports of old systems", {"encoding": "gbk", "delimiter": "\t"}, "text"),
        ("s61_utf16_tab.csv", "UTF-16 with tabs", "Excel → Unicode text", {"encoding": "utf-16", "delimiter": "\t"}, ""),
        ("s62_utf8_bom.csv", "UTF-8 with a byte order mark", "Excel → CSV UTF-8", {"encoding": "utf-8-sig"}, ""),
        ("s71_semicolon.csv", "semicolons between the cells", "European settings of Excel", {"delimiter": ";"}, ""),
        ("s73_mac_line_ends.csv", "line ends of an old Macintosh", "CSV (Macintosh) in the save dialogue", {"eol": "\r"}, ""),
        ("s74_zipped.csv.gz", "GB18030 inside gzip", "nightly exports", {"encoding": "gb18030"}, "gz"),
        ("s81_dos_end.csv", "GBK, a Ctrl-Z at the end", "exports of DOS programs", {"encoding": "gbk", "tail": "\x1a"}, ""),
    ]:
        s = dirty(name, "grid", wrong, seen, "read; the bad row is named at its line", form=form, options=options).sheet()
        s.header()
        s.all(cases(5))
        if name == "s57_gb18030.csv":
            s.good(case(5).at("𡐓头村", "石桥乡"))
            s.good(case(6).at("䶮溪村", "石桥乡"))
        s.bad(case(7), "发生时间", 发生时间="2023年2月30日")
    for name, encoding in (("s59_web_page_called.xls", "utf-8"), ("s60_web_page_gbk_called.xls", "gbk")):
        s = dirty(name, "grid", f"a web page with one table ({encoding}), called .xls, the title spanning all columns", "\"导出Excel\" of many platforms",
                  "read like a workbook", form="html", options={"encoding": encoding}).sheet()
        s.title("示例县2023年3月网格事件台账")
        s.header()
        s.all(cases(4))
        s.bad(case(4), "村（社区）", 村="无此村")
    for name, form, options in (("s63_big5.csv", "csv", {"encoding": "big5"}), ("s64_traditional.xlsx", "xlsx", {})):
        s = dirty(name, "grid", "traditional characters in headers and cells" + (", Big5" if options else ""), "files by way of Hong Kong or Taiwan software, 003 of the sources",
                  "headers, kinds and villages are understood", form=form, options=options).sheet()
        s.header(shown=traditional)
        for c in cases(6):
            row = layouts.cells("grid", c, layouts.dots, 1)
            s.good(c, expect={"summary": None}, **{k: traditional(v) for k, v in row.items()})
        row = layouts.cells("grid", case(6), layouts.dots, 1) | {"村（社区）": "东们村"}
        s.bad(case(6), str(traditional("村（社区）")), **{k: traditional(v) for k, v in row.items()})
    s = dirty("s65_full_width.xlsx", "grid", "everything typed in full width: Ａ－００１, ２０２３．３．５, spaces between characters", "input methods left in full width", "as if in half width").sheet()
    s.header()
    for c in cases(5):
        s.good(c, 编号=wide(c.ref), 发生时间=wide(layouts.dots(c.day)), 涉及人数=wide(str(c.people)), 村=f"{c.village[0]}　{c.village[1:]}")
    s.bad(case(5), "发生时间", 发生时间="２０２３．２．３０")


def _spoilt() -> None:
    s = dirty("s66_utf8_as_latin1.csv", "grid", "the whole file is UTF-8 read as Latin-1 and saved again, headers included", "imports through a wrong driver",
              "provable: repaired, and said", options={"wrap": latin}).sheet()
    s.header()
    s.all(cases(5))
    s.bad(case(5), "发生时间", 发生时间="2023.2.30")
    s = dirty("s68_utf8_as_latin1_twice.csv", "grid", "the same, twice over", "two wrong drivers", "provable: repaired, and said",
              options={"wrap": lambda t: latin(latin(t))}).sheet()
    s.header()
    s.all(cases(5))
    f = dirty("s67_utf8_as_gbk_cells.xlsx", "grid", "single cells are UTF-8 read as GBK; some lost a byte on the way", "cells pasted from a web page",
              "complete ones are repaired, a village with a lost byte is an error, a text with one is reported")
    s = f.sheet()
    s.header()
    s.all(cases(2))
    for n, text in enumerate(["邻居争吵", "道路塌陷", "井水浑浊"], 2):
        assert gbk(text).encode("gbk").decode() == text
        s.good(case(n), expect={"summary": text}, 事件描述=gbk(text))
    s.bad(case(5), "村（社区）", 村=gbk("东门村"))
    row = s.good(case(6), expect={"summary": None}, 事件描述=gbk("桥断了"))
    f.named.append({"sheet": "Sheet1", "row": row, "column": "事件描述"})
    s.good(case(7), 事件描述=case(7).text)
    f = dirty("s69_lost_for_good.csv", "grid", "锟斤拷 and ???? where words were", "files converted twice", "a village is an error; a text is kept and reported; a kind is an error")
    s = f.sheet()
    s.header()
    s.all(cases(2))
    for n, text in enumerate(["锟斤拷锟斤拷锟斤拷", "ï¿½ï¿½ï¿½ï¿½", "\ufffd\ufffd\ufffd争吵"], 2):
        row = s.good(case(n), expect={"summary": None}, 事件描述=text)
        f.named.append({"row": row, "column": "事件描述"})
    s.bad(case(5), "村（社区）", 村="锟斤拷锟斤拷")
    s.bad(case(6), "事件类型", 事件类型="????")
    s.good(case(7), 事件描述=case(7).text + "？？？", expect={"summary": case(7).text})


def _separators() -> None:
    s = dirty("s70_quotes_and_breaks.csv", "grid", "commas, doubled quotes and line breaks inside cells", "texts pasted from a report",
              "one record stays one record; lines of the rows below are those of an editor").sheet()
    s.header()
    s.good(case(0), 事件描述='他说"不让过"，两户争吵', expect={"summary": "两户争吵"})
    s.good(case(1), 事件描述="一是路面塌陷,\n二是缺警示桩,\n三是无灯", expect={"summary": "二是缺警示桩"})
    s.bad(case(2), "发生时间", 发生时间="2023.2.30")
    s.good(case(3), 备注="第一行\n第二行")
    s.bad(case(4), "村（社区）", 村="某村,又名老街")
    s = dirty("s72_quote_not_closed.csv", "grid", "a quote opened in the last row and never closed", "exports that were cut off",
              "the rows before are in; the last is read rightly or named", options={"bare": True}).sheet()
    s.header()
    s.all(cases(5))
    s.either(case(5), "*", expect={"summary": case(5).text}, 事件描述='"' + case(5).text)
    s = dirty("s82_comma_too_many.csv", "grid", "a comma in a text without quotes: the cells behind it are one too far right", "CSV written by hand",
              "the row is an error, never a row of shifted cells", options={"bare": True, "padded": False}).sheet()
    s.header()
    s.all(cases(3))
    s.bad(case(3), "*", 事件描述="雨水倒灌,两户争吵")
    s.good(case(4))
    s.bad(case(6), "*", 事件类型="邻里纠纷,口角")


def _containers() -> None:
    s = dirty("s75_typed.parquet", "grid", "Parquet: real dates and numbers, blanks as null", "data platforms", "read with their types").sheet(day=layouts.real)
    s.header(["编号", "事件类型", "发生时间", "所属乡镇", "村（社区）", "事件描述", "涉及人数"])
    for c in cases(5):
        s.good(replace(c, closed=None, outcome=None), expect={"channel": None})
    s.bad(case(5), "发生时间", 发生时间=None)
    f = dirty("s76_old_workbook.xls", "grid", "a real workbook of Excel 97: title, merged township, a date cell, a second sheet with rows", "computers of township offices",
              "read like a new one")
    s = f.sheet("3月", day=layouts.real)
    s.title("示例县2023年3月网格事件台账")
    s.header()
    s.good(case(0).at("新华村", "石桥乡"))
    s.good(case(1).at("大坪村"), 所属乡镇=None)
    s.merge(3, 4, 4, 4)
    s.all(cases(2, start=2))
    s.bad(case(4), "村（社区）", 村="无此村")
    s.aside("合计", None, None, None, None, None, 12, kind="total")
    s = f.sheet("4月")
    s.header()
    s.all([c.on(2023, 4, 6) for c in cases(3, start=10)])


def _private() -> None:
    texts = [("当事人身份证11010519491231002X，电话13800138000", ["11010519491231002X", "13800138000"]),
             ("联系１３８００１３８０００核实", ["１３８００１３８０００", "13800138000"]),
             ("证号058825198001010010的住户反映停电", ["058825198001010019"]),
             ("拨打138-0013-8000无人接听", ["138-0013-8000", "0013-8000"]),
             ("身份证11010519491231002x（小写）来反映", ["11010519491231002x"]),
             ("手机+86 138 0013 8000已通知", ["138 0013 8000"]),
             ("座机010-55550123占线", ["55550123"])]
    f = dirty("s77_numbers_in_text.xlsx", "grid", "identity, mobile and landline numbers in the event's description", "every free text ever typed",
              "masked and counted; they stand nowhere afterwards", masked=7, never=[n for _, found in texts for n in found])
    s = f.sheet()
    s.header()
    for n, (text, _) in enumerate(texts):
        s.good(case(n), expect={"summary": None}, 事件描述=text)
    s.good(case(7), expect={"summary": "工单202303051234567001已转"}, 事件描述="工单202303051234567001已转")
    s.good(case(8), expect={"summary": "面积1380亩，投资13800元"}, 事件描述="面积1380亩，投资13800元")
    f = dirty("s78_columns_of_persons.xlsx", "grid", "columns 姓名, 身份证号, 联系电话, 家庭住址, 银行卡号 beside the event", "ledgers made for another purpose",
              "the columns are dropped with a notice, nothing of them stands anywhere", never=["张示例", "李示例", "11010519491231002X", "13800138000", "4111111111111111", "东门村八组66号"],
              columns_named=["姓名", "身份证号", "联系电话", "家庭住址", "银行卡号"])
    s = f.sheet(beside=lambda n: ["张示例" if n % 2 else "李示例", "11010519491231002X", "13800138000", "东门村八组66号", "4111111111111111"])
    s.header(after=["姓名", "身份证号", "联系电话", "家庭住址", "银行卡号"])
    s.all(cases(5))
    s.bad(case(5), "村（社区）", 村="东门村13800138000")
    f = dirty("s79_hostile.xlsx", "grid", "=cmd|…, <img onerror=…>, control and direction characters", "nobody's habit, everybody's risk", "text stays text; a village of that kind is an error")
    s = f.sheet()
    s.header()
    s.good(case(0), expect={"summary": "=cmd|'/C calc'!A0"}, 事件描述="=cmd|'/C calc'!A0")
    s.bad(case(1), "村（社区）", 村="<img src=x onerror=alert(1)>")
    s.good(case(2), 编号="A-003", 事件描述=f"{case(2).text[:3]}\u202e\u200b{case(2).text[3:]}")
    s.bad(case(3), "事件类型", 事件类型="=HYPERLINK(\"http://example.invalid\",\"点\")")
    s.good(case(4), expect={"summary": "<script>alert(1)</script>"}, 事件描述="<script>alert(1)</script>")
    s = dirty("s80_very_long.xlsx", "grid", "a description of 6,000 characters and one of 32,000", "whole reports pasted into a cell", "cut, with a warning").sheet()
    s.header()
    s.good(case(0), expect={"summary": "雨水倒灌"}, 事件描述="雨水倒灌" * 1500)
    s.good(case(1), expect={"summary": "路面塌陷"}, 事件描述="路面塌陷" * 8000)
    s.good(case(2))
    s.bad(case(3), "村（社区）", 村="东" * 300)


def build() -> None:
    """Describe all files of this part."""
    for part in (_encodings, _spoilt, _separators, _containers, _private):
        part()
