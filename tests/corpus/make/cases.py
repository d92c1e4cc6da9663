"""Thirty invented events of the invented county 示例县: what the rows of every file say, before an office wrote them down."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

KINDS = {
    "邻里纠纷": ("dispute", "neighbour"), "土地山林": ("dispute", "land_forest"), "婚姻家庭": ("dispute", "family"),
    "拖欠工资": ("petition", "petition_wages"), "道路隐患": ("hazard", "hazard_road"),
    "消防隐患": ("hazard", "hazard_fire"), "水电故障": ("request", "request_water_power"),
    "道路维修": ("request", "request_road"), "打架斗殴": ("public_order", "order_fight"),
}
OUTCOMES = {"已办结": "settled", "达成协议": "agreement", "转办": "referred"}
#: name, township, code; names that occur once, so that a row is clear even without its township.
VILLAGES = [
    ("东门村", "城关镇", "058825100201"), ("罗家坪村", "云溪镇", "058825101204"), ("大坪村", "石桥乡", "058825102204"),
    ("双江口村", "龙潭镇", "058825103202"), ("西门社区", "城关镇", "058825100001"), ("云溪村", "云溪镇", "058825101201"),
    ("后里村", "龙潭镇", "058825103203"), ("北街社区", "城关镇", "058825100002"), ("大坪头村", "龙潭镇", "058825103201"),
]
OTHERS = {
    "新华村/云溪镇": "058825101203", "新华村/石桥乡": "058825102201", "石桥村/云溪镇": "058825101202",
    "城关村/城关镇": "058825100202", "䶮溪村/石桥乡": "058825102202", "𡐓头村/石桥乡": "058825102203",
    "龙潭社区/龙潭镇": "058825103001",
}
TEXTS = [
    ("邻里纠纷", "两户因滴水檐过界争吵"), ("道路隐患", "村口弯道缺警示桩"), ("土地山林", "承包地界石被移动"),
    ("水电故障", "三组变压器跳闸停电一夜"), ("拖欠工资", "修渠工程欠发工钱两个月"), ("道路维修", "通组路面塌陷半幅"),
    ("婚姻家庭", "赡养老人费用分摊起争执"), ("消防隐患", "仓库堆放柴草堵住通道"), ("打架斗殴", "集市摊位之争动手推搡"),
    ("邻里纠纷", "鸡鸭进菜园引起口角"), ("道路隐患", "桥栏杆断了两根"), ("土地山林", "退耕林地边界说法不一"),
    ("水电故障", "自来水管爆裂漫进院子"), ("拖欠工资", "砖厂工钱未按约定结清"), ("道路维修", "机耕道被雨水冲断"),
    ("婚姻家庭", "彩礼返还没有谈拢"), ("消防隐患", "老屋电线裸露搭在木梁"), ("打架斗殴", "酒后互殴被劝开"),
    ("邻里纠纷", "共用水井抽水时间不合"), ("道路隐患", "边坡落石压住排水沟"), ("土地山林", "田埂栽树遮光补偿不定"),
    ("水电故障", "路灯连续五晚不亮"), ("拖欠工资", "护林补助迟发一季"), ("道路维修", "村部门前路面积水"),
    ("婚姻家庭", "分家后老屋归属不清"), ("消防隐患", "灭火器过期未换"), ("打架斗殴", "放水先后引起扭打"),
    ("邻里纠纷", "夜间广场音响太大"), ("道路隐患", "校门口缺减速带"), ("土地山林", "坟山边界多年不清"),
]
LEDGER_KINDS = ("邻里纠纷", "土地山林", "婚姻家庭")


@dataclass(frozen=True)
class Case:
    """One event as it truly was."""

    ref: str
    kind: str
    text: str
    village: str
    town: str
    code: str
    day: date
    hm: tuple[int, int] = (9, 5)
    closed: date | None = None
    outcome: str | None = None
    people: int | None = 2

    def at(self, name: str, town: str | None = None) -> "Case":
        """Return the same event in another village."""
        if town is not None:
            return replace(self, village=name, town=town, code=OTHERS[f"{name}/{town}"])
        found = next(v for v in VILLAGES if v[0] == name)
        return replace(self, village=name, town=found[1], code=found[2])

    def on(self, year: int, month: int, day: int) -> "Case":
        """Return the same event on another day, closed four days later where it was closed."""
        new = date(year, month, day)
        return replace(self, day=new, closed=new + timedelta(days=4) if self.closed else None)


def case(n: int, prefix: str = "A", *, kinds: tuple[str, ...] = ()) -> Case:
    """Return event number `n` (from 0); the same number is always the same event."""
    pool = [t for t in TEXTS if not kinds or t[0] in kinds]
    kind, text = pool[n % len(pool)]
    if n >= len(pool):
        text = f"{text}（续{n // len(pool)}）"
    village, town, code = VILLAGES[n % len(VILLAGES)]
    day = date(2023, 3, 1) + timedelta(days=(n * 5) % 29)
    closed = day + timedelta(days=4) if n % 3 != 2 else None
    outcome = ("已办结", "达成协议")[n % 2] if closed else None
    return Case(f"{prefix}-{n + 1:03d}", kind, text, village, town, code, day, (8 + n % 9, (n * 7) % 60), closed,
                outcome, 1 + n % 4)


def cases(n: int, prefix: str = "A", start: int = 0, *, kinds: tuple[str, ...] = ()) -> list[Case]:
    """Return `n` events that follow each other."""
    return [case(start + i, prefix, kinds=kinds) for i in range(n)]
