"""Words that offices use for our codes, beside the words of the screens; only those that mean one thing."""

from govdesk.ingest.folding import fold
from govdesk.ingest.record_fields import Field
from govdesk.words import LANGUAGES, read_words

#: Group of a field (`record_fields`) → code → words.
_OFFICE_WORDS: dict[str, dict[str, str]] = {
    "stream": {
        "dispute": "纠纷 矛盾 矛盾纠纷类 纠纷类 民间纠纷 矛盾纠纷排查 矛盾纠纷调处",
        "petition": "信访件 信访事项 信访类 信访案件 来信来访",
        "hazard": "安全隐患 风险隐患 隐患排查 隐患类 事故隐患 安全生产隐患",
        "request": "诉求 群众诉求 诉求类 民生 民生类 民生事项 群众求助 求助",
        "public_order": "治安类 治安案件 社会治安 警情 治安警情 治安事件",
    },
    "petition": {
        "first": "首访 初访 初信 初信初访 初次 初次访 初次来访 首次 首次信访 初件 初次件",
        "repeat": "重访 重信 重信重访 重复 重复信访 重复来访 重复件",
        "group": "集访 群访 集体 集体上访 集体信访 群体访",
        "skip_level": "越级 越级上访 越级信访 越级走访",
    },
    "channel": {
        "grid_worker": "网格员 网格 网格上报 网格员巡查 网格巡查 网格员采集",
        "visit": "来访接待 接访 来访登记 窗口来访",
        "hotline": "12345 12345热线 12345政务热线 12345政务服务便民热线 12345市民热线 12345平台 政务热线 市民热线 "
                   "便民热线 政务服务热线 热线电话",
        "letter": "信件 群众来信 写信 来信登记",
        "online": "网络 互联网 网站 网上信访 网信 网上投诉 网上登记",
        "app": "手机app 手机端 移动端 移动应用",
        "police": "公安机关 派出所 公安局 110 110接警 110警情 110指挥中心",
        "court": "人民法院 法庭 人民法庭",
        "other": "其他 其它 其他来源 其它渠道 其他方式",
    },
    "resolution": {
        "group": "组级 村民小组 小组",
        "village": "村级 社区 村社区 村(社区) 村（居） 村居 社区级",
        "township": "镇 乡 乡级 镇级 乡镇级 镇街 乡镇街道 街道 乡(镇) 乡镇(街道)",
        "county": "县级 县区 区县 县区级 县市区",
        "beyond": "市级 省级 市级以上 国家级 中央",
    },
    "outcome": {
        "settled": "已化解 化解成功 已解决 调解成功 已调处",
        "agreement": "达成调解协议 签订协议 签订调解协议 已达成协议",
        "confirmed": "已司法确认",
        "referred": "移交 已移交 已移送 移送司法 转交",
        "not_settled": "未解决 调解不成 调解失败 调解不成功 未调处 化解不成",
        "withdrawn": "撤诉 已撤回 撤销 自行撤回",
    },
    "step": {
        "report": "登记 上报登记",
        "triage": "研判 分流研判",
        "dispatch": "派发 交办 转派 转办 派件",
        "accept": "接单 已签收 签收受理",
        "answer": "回复 已答复",
        "pause": "挂起 暂缓",
        "resume": "恢复办理 解除挂起",
        "extend": "延期申请 申请延期 延期办理",
        "urge": "催办",
        "refer_up": "上报县级 报上级",
        "close": "办结 已办结 已结案 结件 办结归档",
        "revisit": "回访评价 电话回访",
        "reopen": "退回 重办 退回重新办理 重新办理",
    },
    "revisit": {
        "settled": "已化解 已解决 确已解决",
        "not_settled": "未解决 仍未化解",
        "not_reached": "未联系到 联系不上 无法联系 无人接听",
    },
    "works": {
        "farmland": "高标准农田建设", "road": "公路 道路工程 修路", "water": "水利工程", "housing": "住房建设 房屋",
        "other": "其他 其它",
    },
    "source": {"other": "其他 其它", "new_app": "新系统 新平台", "new_form": "新表 新报表", "grid_split": "网格调整"},
}


def code_words(wanted: Field) -> dict[str, str]:
    """Return folded word → code of a field's codes: offices' words, those of the screens, and the codes themselves."""
    known = {code.value for code in wanted.codes or ()}
    words = {fold(word): code for code, listed in _OFFICE_WORDS.get(wanted.group, {}).items() if code in known
             for word in listed.split()}
    for code in sorted(known):
        for language in LANGUAGES:
            word = read_words(language).get(f"term.{wanted.group}_{code}")
            if word is not None:
                words[fold(word)] = code
    words.update({code: code for code in known})
    return words
