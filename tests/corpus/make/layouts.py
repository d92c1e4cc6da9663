"""How each office lays its list out: headers in order, and what a case writes under each."""

from collections.abc import Callable
from datetime import date

from tests.corpus.make.cases import KINDS, OUTCOMES, Case

NUMERALS = "〇一二三四五六七八九"


def dots(day: date) -> str:
    return f"{day.year}.{day.month}.{day.day}"


def slashes(day: date) -> str:
    return f"{day.year}/{day.month}/{day.day}"


def iso(day: date) -> str:
    return day.isoformat()


def compact(day: date) -> str:
    return f"{day:%Y%m%d}"


def chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def month_day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _small(n: int) -> str:
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{NUMERALS[tens]}十"
    return head + (NUMERALS[ones] if ones or not tens else "")


def numerals(day: date) -> str:
    year = "".join(NUMERALS[int(c)] for c in str(day.year))
    return f"{year}年{_small(day.month)}月{_small(day.day)}日"


def serial(day: date) -> int:
    return (day - date(1899, 12, 30)).days


def real(day: date) -> date:
    return day


DayStyle = Callable[[date], object]
HEADERS = {
    "grid": ["编号", "事件类型", "发生时间", "所属乡镇", "村（社区）", "事件描述", "涉及人数", "上报渠道", "办结时间", "办理结果", "备注"],
    "ledger": ["序号", "乡镇", "村（社区）", "纠纷类型", "排查时间", "纠纷简要情况", "化解时间", "化解情况", "备注"],
    "hotline": ["工单编号", "来电时间", "诉求类型", "诉求内容", "村代码", "办结时间"],
    "petition": ["信访件编号", "登记时间", "信访形式", "内容分类", "问题属地", "信访人数", "信访事项概况", "办结时间"],
    "police": ["接警单号", "接警日期", "接警时刻", "警情类别", "乡镇", "发生地", "简要警情"],
    "court": ["案号", "案由", "收案日期", "所在乡镇", "所在村", "争议概况", "结案日期", "调解结果"],
    "mediations": ["调解编号", "事件编号", "调解方式", "调解层级", "开始日期", "结束日期", "是否成功"],
    "nil_returns": ["报告编号", "乡镇", "村（社区）", "起始日期", "截止日期"],
}
DATES = {"发生时间", "办结时间", "排查时间", "化解时间", "收案日期", "结案日期", "登记时间", "来电时间", "接警日期"}
PETITION_FORMS = {"来访": "visit", "来信": "letter", "网上": "online"}
PETITION_KINDS = {"土地征收": "petition_land", "民政低保": "petition_welfare", "拖欠工资": "petition_wages"}
HOTLINE_KINDS = {"水电故障": "request_water_power", "道路维修": "request_road", "环境卫生": "request_sanitation"}
POLICE_KINDS = {"打架斗殴": "order_fight", "盗窃": "order_theft", "电信诈骗": "order_fraud"}
COURT_KINDS = {"相邻关系": "neighbour", "离婚": "family", "民间借贷": "debt"}
COURT_OUTCOMES = {"调解成功": "agreement", "司法确认": "confirmed"}


def _nth(options: dict, c: Case) -> str:
    return list(options)[int(c.ref.rsplit("-", 1)[1]) % len(options)]


def cells(profile: str, c: Case, day: DayStyle, number: int) -> dict[str, object]:
    """Return header → cell of a case in the layout of a profile."""
    hm = f"{c.hm[0]:02d}:{c.hm[1]:02d}"
    closed = day(c.closed) if c.closed else None
    common = {"乡镇": c.town, "所属乡镇": c.town, "所在乡镇": c.town, "村（社区）": c.village, "所在村": c.village,
              "发生地": c.village, "问题属地": c.village, "村代码": c.code, "涉及人数": c.people, "信访人数": c.people,
              "编号": c.ref, "工单编号": c.ref, "信访件编号": c.ref, "接警单号": c.ref, "案号": c.ref, "序号": number,
              "事件描述": c.text, "纠纷简要情况": c.text, "诉求内容": c.text, "信访事项概况": c.text, "简要警情": c.text,
              "争议概况": c.text, "办结时间": closed, "化解时间": closed, "结案日期": closed, "办理结果": c.outcome,
              "化解情况": {"已办结": "已化解"}.get(c.outcome, c.outcome), "备注": None, "事件类型": c.kind, "纠纷类型": c.kind,
              "发生时间": day(c.day), "排查时间": day(c.day), "收案日期": day(c.day), "来电时间": f"{dots(c.day)} {hm}",
              "登记时间": f"{iso(c.day)} {hm}", "接警日期": day(c.day), "接警时刻": hm, "上报渠道": "网格员",
              "诉求类型": _nth(HOTLINE_KINDS, c), "信访形式": _nth(PETITION_FORMS, c), "内容分类": _nth(PETITION_KINDS, c),
              "警情类别": _nth(POLICE_KINDS, c), "案由": _nth(COURT_KINDS, c),
              "调解结果": _nth(COURT_OUTCOMES, c) if c.closed else None}
    return {header: common[header] for header in HEADERS[profile]}


def truth(profile: str, c: Case) -> dict[str, object]:
    """Return what must stand in the database of a case that came through this layout."""
    at = f"{c.day.isoformat()} {c.hm[0]:02d}:{c.hm[1]:02d}"
    found: dict[str, object] = {"source_ref": c.ref, "summary": c.text, "place_code": c.code}
    if profile == "grid":
        found |= {"stream": KINDS[c.kind][0], "category": KINDS[c.kind][1], "occurred_on": c.day.isoformat(),
                  "n_people": c.people, "channel": "grid_worker"}
    elif profile == "ledger":
        del found["source_ref"]
        found |= {"stream": "dispute", "category": KINDS[c.kind][1], "occurred_on": c.day.isoformat()}
    elif profile == "hotline":
        found |= {"stream": "request", "category": HOTLINE_KINDS[_nth(HOTLINE_KINDS, c)], "reported_at": at}
    elif profile == "petition":
        found |= {"stream": "petition", "category": PETITION_KINDS[_nth(PETITION_KINDS, c)], "reported_at": at,
                  "channel": PETITION_FORMS[_nth(PETITION_FORMS, c)], "n_people": c.people}
    elif profile == "police":
        found |= {"stream": "public_order", "category": POLICE_KINDS[_nth(POLICE_KINDS, c)], "reported_at": at}
    else:
        found |= {"stream": "dispute", "category": COURT_KINDS[_nth(COURT_KINDS, c)], "occurred_on": c.day.isoformat()}
    if c.closed and profile not in ("police",):
        found["closed_on"] = c.closed.isoformat()
        if profile in ("grid", "ledger"):
            found["outcome"] = OUTCOMES[c.outcome or ""]
        elif profile == "court":
            found["outcome"] = COURT_OUTCOMES[_nth(COURT_OUTCOMES, c)]
    return found
