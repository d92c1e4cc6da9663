"""Thirty files that join three faults each, as the files of a real month do; every one has bad rows as well."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.corpus.make import layouts
from tests.corpus.make.cases import LEDGER_KINDS, Case, case
from tests.corpus.make.sheets import Dirty, Sheet, dirty
from tests.corpus.make.singles_text import latin, traditional, wide

WORDS = {
    "title": "title line", "unit": "title and unit line", "two headers": "two header rows", "spaced": "headers set wide", "again": "headers repeated",
    "left": "blank columns on the left", "subtotals": "小计 rows", "total": "合计 below", "blanks": "blank rows", "signed": "signature lines",
    "merged": "merged township", "months": "a sheet a month", "instructions": "instructions first", "hidden": "a hidden sheet", "filter": "hidden rows",
    "mixed days": "days in five spellings", "month day": "year in the title only", "serials": "days as serial numbers", "numerals": "days in Chinese numerals",
    "real days": "real date cells", "wide": "full-width digits", "zeros": "leading zeros", "long": "long numbers of rows", "prefix": "township before the village",
    "spaces": "spaces in village names", "traditional": "traditional characters", "nothing": "words for nothing", "private": "numbers of persons in the text",
    "persons": "columns of persons", "breaks": "line breaks in cells", "twice": "rows twice", "contrary": "a number twice with different content",
    "gb18030": "GB18030", "gbk tsv": "GBK with tabs called .xls", "utf16": "UTF-16", "page": "a web page called .xls", "gz": "gzip", "biff": "Excel 97",
    "latin": "UTF-8 read as Latin-1", "semicolon": "semicolons", "bom": "byte order mark", "mac": "Macintosh line ends", "faults": "#REF! in cells", "stray": "stray cells on the right",
    "restart": "序号 that restarts", "ambiguous": "新华村 without township", "ruined": "numbers of rows ruined by Excel", "totalwords": "records that begin with 合计",
}
FORMS = {"gb18030": (".csv", "csv", {"encoding": "gb18030"}), "gbk tsv": (".xls", "text", {"encoding": "gbk", "delimiter": "\t"}),
         "utf16": (".csv", "csv", {"encoding": "utf-16", "delimiter": "\t"}), "page": (".xls", "html", {}), "gz": (".csv.gz", "gz", {}),
         "biff": (".xls", "xls", {}), "latin": (".csv", "csv", {"wrap": latin}), "semicolon": (".csv", "csv", {"delimiter": ";"}),
         "bom": (".csv", "csv", {"encoding": "utf-8-sig"}), "mac": (".csv", "csv", {"eol": "\r"})}
UPPER = {"grid": ([("基本情况", 5), ("处理情况", 6)]), "ledger": ([("基本情况", 6), ("化解情况栏", 3)]), "court": ([("收案情况", 6), ("办理情况", 2)]),
         "hotline": ([("来电", 5), ("办理", 1)]), "petition": ([("登记", 7), ("办理", 1)]), "police": ([("接警", 4), ("地点情况", 3)])}
MAIN_DATE = {"grid": "发生时间", "ledger": "排查时间", "hotline": "来电时间", "petition": "登记时间", "police": "接警日期", "court": "收案日期"}
KIND = {"grid": "事件类型", "ledger": "纠纷类型", "hotline": "诉求类型", "petition": "内容分类", "police": "警情类别", "court": "案由"}
PLACE = {"grid": "村（社区）", "ledger": "村（社区）", "hotline": "村代码", "petition": "问题属地", "police": "发生地", "court": "所在村"}
TOWN = {"grid": "所属乡镇", "ledger": "乡镇", "police": "乡镇", "court": "所在乡镇"}
REF = {"grid": "编号", "hotline": "工单编号", "petition": "信访件编号", "police": "接警单号", "court": "案号"}
TEXT = {"grid": "事件描述", "ledger": "纠纷简要情况", "hotline": "诉求内容", "petition": "信访事项概况", "police": "简要警情", "court": "争议概况"}
MIXED: list[Callable] = [layouts.dots, layouts.slashes, layouts.chinese, layouts.compact, layouts.iso]


@dataclass
class Plan:
    """One file being made."""

    made: Dirty
    features: tuple[str, ...]
    start: int
    count: int = 0
    month: int = 3
    town_row: int | None = None
    town_name: str | None = None
    refs: list[str] = field(default_factory=list)

    def has(self, *names: str) -> bool:
        return any(n in self.features for n in names)

    def next(self) -> Case:
        profile = self.made.profile
        c = case(self.start + self.count, "K", kinds=LEDGER_KINDS if profile == "ledger" else ())
        self.count += 1
        return c if self.month == 3 else c.on(2023, self.month, min(c.day.day, 24))

    def over(self, c: Case) -> tuple[dict, dict]:
        """Return the cells that this file writes in its own way, and what the database then says."""
        p, n = self.made.profile, self.count
        over: dict = {}
        expect: dict = {}
        days = MIXED[n % 5] if self.has("mixed days") else None
        if days and p in ("grid", "ledger", "court"):
            over[MAIN_DATE[p]] = days(c.day)
        if self.has("wide"):
            over[MAIN_DATE[p]] = wide(layouts.cells(p, c, layouts.dots, n)[MAIN_DATE[p]])
            if p in REF:
                over[REF[p]] = wide(c.ref)
        if self.has("zeros") and p in REF:
            over[REF[p]] = expect["source_ref"] = f"000{n:03d}"
        if self.has("long") and p in REF:
            over[REF[p]] = expect["source_ref"] = f"2023030599{n:08d}"
        if self.has("prefix"):
            over[PLACE[p]] = f"{c.town}{c.village}"
        if self.has("spaces"):
            over[PLACE[p]] = f" {c.village[0]} {c.village[1:]}　"
        if self.has("traditional"):
            over = {k: traditional(v) for k, v in {**layouts.cells(p, c, layouts.dots, n), **over}.items()}
            expect["summary"] = None
        if self.has("nothing"):
            closing = {"grid": ["办结时间", "办理结果"], "ledger": ["化解时间", "化解情况"], "court": ["结案日期", "调解结果"], "petition": ["办结时间"], "hotline": ["办结时间"]}[p]
            if not c.closed:
                over |= {h: ["无", "—", "/", "不详"][n % 4] for h in closing}
        if self.has("private"):
            over[TEXT[p]] = f"{c.text}，电话13800138000" if n % 2 else f"{c.text}，身份证11010519491231002X"
            expect["summary"] = c.text
            self.made.masked += 1
        if self.has("breaks"):
            over[TEXT[p]] = f"{c.text}\n已上门两次"
            expect["summary"] = c.text
        if self.has("totalwords") and n % 2:
            over[TEXT[p]] = expect["summary"] = f"合计{n}户：{c.text}"
        return over, expect


def _good(plan: Plan, s: Sheet, c: Case | None = None) -> None:
    c = c or plan.next()
    over, expect = plan.over(c)
    p = plan.made.profile
    if plan.has("merged") and p in TOWN:
        same = plan.town_name == c.town and plan.town_row == len(s.rows)
        row = s.good(c, expect=expect, **over, **({TOWN[p]: None} if same else {}))
        if same:
            column = s.headers.index(TOWN[p]) + 1
            old = next((m for m in s.merges if m[1] == column + s.left and m[2] == row - 1 and m[0] > 1), None)
            top = old[0] if old else row - 1
            if old:
                s.merges.remove(old)
            s.merge(top, column, row, column)
        plan.town_name, plan.town_row = c.town, row
    else:
        s.good(c, expect=expect, **over)


def _bads(plan: Plan, s: Sheet) -> None:
    p = plan.made.profile
    shown = traditional if plan.has("traditional") else str
    for what in (("place", "day"), ("kind", "place"), ("day", "no day"))[plan.start % 3]:
        c = plan.next()
        column, value = {"place": (PLACE[p], "无此村" if p != "hotline" else "058825888888"), "day": (MAIN_DATE[p], "2023.2.30"),
                         "kind": (KIND[p], "说不清"), "no day": (MAIN_DATE[p], None)}[what]
        over, _ = plan.over(c)
        if plan.has("private"):
            plan.made.masked -= 1
        if p == "police" and what == "no day":
            over["接警时刻"] = None
        s.bad(c, str(shown(column)), **{**over, column: value})


def _above(plan: Plan, s: Sheet, month: str = "3月", *, again: bool = False) -> None:
    if plan.has("title", "unit", "month day"):
        s.title(f"示例县2023年{month}台账")
    if plan.has("unit"):
        s.aside("填报单位：示例县综治中心", None, None, "填报日期：2023年4月3日", kind="unit")
    if plan.has("two headers"):
        cells: list[object] = []
        at = 1
        for word, width in UPPER[plan.made.profile]:
            cells += [word] + [None] * (width - 1)
        row = s.put(*cells)
        for _, width in UPPER[plan.made.profile]:
            if width > 1:
                s.merge(row, at, row, at + width - 1)
            at += width
    shown: Callable = str
    if plan.has("spaced"):
        shown = lambda h: f"{h[0]} {h[1:]}" if len(h) < 4 else f"{h[:2]}\n{h[2:]}"  # noqa: E731
    if plan.has("traditional"):
        shown = traditional
    after = ["姓名", "联系电话"] if plan.has("persons") else []
    s.header(shown=shown, after=after, again=again)


def _body(plan: Plan, s: Sheet, rows: int) -> None:
    p = plan.made.profile
    for n in range(rows):
        if plan.has("merged") and p in TOWN and n % 2:
            c = plan.next()
            twin = next(v for v in (("西门社区", "城关镇"), ("云溪村", "云溪镇"), ("大坪村", "石桥乡"), ("后里村", "龙潭镇")) if v[1] == plan.town_name)
            _good(plan, s, c.at(twin[0]))
        else:
            _good(plan, s)
        if plan.has("blanks") and n == 1:
            s.blank()
        if plan.has("again") and n == 2:
            s.header(again=True, shown=traditional if plan.has("traditional") else str)
        if plan.has("subtotals") and n % 3 == 2:
            s.aside("小计", None, None, 3, kind="total")
        if plan.has("filter") and n in (1, 2):
            s.hidden_rows.append(len(s.rows))
    if plan.has("twice"):
        c = plan.next()
        over, expect = plan.over(c)
        s.good(c, expect=expect, **over)
        if p in REF:
            s.same(c, **over)
        else:
            s.good(c, expect=expect, **over)
    if plan.has("contrary"):
        first, second = plan.next(), plan.next()
        s.either(first, REF[p])
        s.bad(second, REF[p], **{REF[p]: first.ref})
    if plan.has("ambiguous"):
        s.good(plan.next().at("新华村", "石桥乡"))
        s.bad(plan.next().at("新华村", "石桥乡"), PLACE[p], **{TOWN[p]: None})
    if plan.has("faults"):
        s.bad(plan.next(), PLACE[p], **{PLACE[p]: "#N/A"})
    if plan.has("ruined"):
        s.bad(plan.next(), REF[p], **{REF[p]: "2.02303E+17"})
    if plan.has("restart"):
        s.n = 0
        for _ in range(3):
            _good(plan, s)
    _bads(plan, s)
    _good(plan, s)


def _below(plan: Plan, s: Sheet) -> None:
    if plan.has("total", "totalwords"):
        s.aside("合计", None, None, "共9件", kind="total")
    if plan.has("signed"):
        s.aside("填表人：诸葛示例", None, None, "审核人：", "13800138000", kind="signature")
        plan.made.never += ["诸葛示例", "13800138000"]


def _triple(number: int, profile: str, *features: str) -> None:
    ending, form, options = next((FORMS[f] for f in features if f in FORMS), (".xlsx", "", {}))
    name = f"t{number:02d}_{profile}_{'_'.join(features).replace(' ', '_')}{ending}"
    made = dirty(name, profile, "; ".join(WORDS[f] for f in features), "a month's file of one office", "good rows in, bad rows named, the rest listed", form=form, options=dict(options))
    plan = Plan(made, features, number)
    if plan.has("private"):
        made.never += ["13800138000", "11010519491231002X"]
    look: dict = {"day": layouts.month_day if plan.has("month day") else layouts.serial if plan.has("serials") else
                  layouts.numerals if plan.has("numerals") else layouts.real if plan.has("real days") else layouts.dots}
    if plan.has("left"):
        look["left"] = 1
    if plan.has("filter"):
        look |= {"filtered": True, "freeze": 1}
    if plan.has("persons"):
        look["beside"] = lambda n: ["张示例", "13800138000"]
        made.never += ["张示例", "13800138000"]
        made.columns_named += ["姓名", "联系电话"]
    if plan.has("stray"):
        look["beside"] = lambda n: [None, "已核" if n % 2 else None]
    if plan.has("instructions"):
        s = made.sheet("填表说明")
        for line in ("填表说明", "一、每月3日前上报。", "二、村名填写全称。"):
            s.put(line)
        made.sheets_named.append("填表说明")
    if plan.has("hidden"):
        s = made.sheet("旧", hidden=True, **look)
        s.header()
        for n in range(2):
            s._row(case(20 + n, "OLD").on(2022, 3, 4), {}, None)
        made.sheets_named.append("旧")
    for month in ("2月", "3月") if plan.has("months") else ("3月",):
        plan.month = int(month[0])
        s = made.sheet(month, **look)
        _above(plan, s, month)
        _body(plan, s, 5 if plan.has("months") else 7)
        _below(plan, s)


def build() -> None:
    """Describe all files of this part."""
    for number, (profile, *features) in enumerate([
        ("grid", "unit", "mixed days", "total"), ("grid", "two headers", "merged", "serials"), ("grid", "title", "gb18030", "nothing"),
        ("grid", "again", "blanks", "private"), ("grid", "months", "title", "contrary"), ("grid", "page", "title", "total"),
        ("grid", "biff", "real days", "subtotals"), ("grid", "latin", "unit", "twice"), ("grid", "gbk tsv", "prefix", "signed"),
        ("grid", "traditional", "again", "wide"), ("grid", "hidden", "filter", "zeros"), ("grid", "left", "spaced", "ambiguous"),
        ("ledger", "title", "restart", "month day"), ("ledger", "unit", "merged", "signed"), ("ledger", "gb18030", "breaks", "subtotals"),
        ("ledger", "two headers", "blanks", "numerals"), ("ledger", "persons", "spaces", "total"), ("ledger", "months", "month day", "twice"),
        ("hotline", "utf16", "long", "private"), ("hotline", "bom", "ruined", "total"), ("hotline", "instructions", "nothing", "wide"),
        ("petition", "unit", "prefix", "again"), ("petition", "gz", "breaks", "twice"), ("petition", "semicolon", "private", "total"),
        ("police", "real days", "merged", "blanks"), ("police", "mac", "title", "spaces"), ("police", "stray", "subtotals", "faults"),
        ("court", "two headers", "numerals", "signed"), ("court", "traditional", "title", "twice"), ("court", "instructions", "mixed days", "totalwords"),
        ("grid", "instructions", "month day", "merged"), ("ledger", "biff", "unit", "private"),
    ], 1):
        _triple(number, profile, *features)
