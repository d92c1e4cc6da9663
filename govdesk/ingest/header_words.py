"""What offices write above their columns, and in them: the words by which a mapping is proposed.

Collected from ledgers of townships, courts, 12345 hotlines, petition bureaus and grid apps. A number that only counts
the lines of a sheet (序号) is no number of a row: it begins at 1 in every file.
"""

from functools import cache

from govdesk.ingest.folding import plain_header

#: Field (or kind of record and field) → headers, the most usual first.
HEADER_WORDS: dict[str, str] = {
    "source_ref": (
        "编号 事件编号 案件编号 案号 工单编号 工单号 信访编号 信访件编号 信访件号 流水号 受理编号 "
        "登记编号 台账编号 纠纷编号 受理号 业务编号 单号 件号 上报编号 任务编号 任务号 记录编号 隐患编号 "
        "唯一编号 id event_id 案件号 工单流水号 事件号 事件id 调解编号 协议编号 卷宗号"
    ),
    "stream": "事件类型 业务类型 事件大类 大类 来件类型 事项类型 数据类型 条线 业务条线 一级分类 一级类别 事件性质",
    "category": (
        "类别 纠纷类型 纠纷类别 矛盾类型 矛盾纠纷类型 矛盾纠纷类别 事件类别 事件小类 小类 问题类别 "
        "问题类型 诉求类型 诉求类别 信访类别 内容分类 信访内容分类 案由 隐患类型 隐患类别 事项类别 "
        "二级分类 二级类别 类型 分类 纠纷种类 信访目的 问题分类 事件分类 诉求分类"
    ),
    "channel": (
        "来源 渠道 信息来源 事件来源 受理渠道 来源渠道 诉求来源 受理方式 上报方式 信访形式 信访方式 "
        "上报渠道 线索来源 工单来源 来电渠道 案件来源"
    ),
    "petition_kind": "访别 初重件 初重访 是否重复访 信访件性质 初次重复 信访类型 初重复 件性质",
    "lodged_level": "信访层级 上访层级 受理层级 登记层级 来访层级",
    "n_people": "涉及人数 人数 参与人数 上访人数 涉事人数 当事人数 来访人数 涉及人员数 涉访人数",
    "severity": "严重程度 等级 风险等级 紧急程度 事件等级 风险级别 隐患等级 重要程度 级别",
    "summary": (
        "内容 事件描述 纠纷简介 主要内容 简要情况 基本情况 问题描述 诉求内容 信访内容 摘要 案情简介 事由 "
        "反映内容 事件内容 事件经过 概况 主要诉求 纠纷简要情况 工单内容 隐患描述 信访事项 反映问题 "
        "情况说明 备注 描述"
    ),
    "occurred_on": (
        "发生日期 发生时间 事发时间 事发日期 纠纷发生时间 排查时间 排查日期 发现时间 发现日期 日期 时间 "
        "事件发生时间 案发时间 隐患发现时间 发生年月日"
    ),
    "reported_at": (
        "上报时间 上报日期 受理时间 受理日期 登记时间 登记日期 立案日期 立案时间 来电时间 信访时间 "
        "信访日期 来访时间 来访日期 接报时间 接件时间 收件日期 诉求时间 工单时间 提交时间 创建时间 "
        "收案日期 收案时间 来件时间 来件日期 接访时间 上访时间 报案时间 采集时间"
    ),
    "recorded_at": "录入时间 录入日期 入库时间 系统录入时间 建档时间 登录时间",
    "handling_unit": (
        "承办单位 办理单位 责任单位 处置部门 承办部门 主办单位 转办单位 化解单位 处理单位 交办单位 "
        "调处单位 责任部门 处理部门 办理部门 牵头单位 处置单位 去向 去向单位 主办部门"
    ),
    "concerns_unit": "被反映单位 被投诉单位 涉及单位 被反映部门 涉事单位",
    "repeat_of": "原编号 关联编号 原件编号 重复件编号 关联工单 原工单编号 初次编号",
    "due_at": "办理期限 截止时间 限办日期 应办结时间 办结期限 期限 办理时限 到期时间 截止日期 限时 应结日期",
    "first_answered_at": "首次答复时间 答复时间 回复时间 首次回复时间 答复日期 反馈时间",
    "closed_at": (
        "办结时间 办结日期 结案时间 结案日期 化解时间 化解日期 调结日期 完结时间 销号时间 整改完成时间 "
        "处结时间"
    ),
    "resolution_level": "化解层级 办结层级 调处层级 办理层级 解决层级 处置层级",
    "outcome": (
        "办理结果 化解结果 调处结果 处理结果 办结结果 结果 化解情况 调解结果 处置结果 是否化解 调处情况 "
        "结案方式"
    ),
    "weight": "权重 计数 冲正",
    "place.code": (
        "村代码 行政区划代码 区划代码 村编码 网格编码 网格代码 地区代码 村居代码 区域编码 区划编码 "
        "所属网格编码 place_code area_code"
    ),
    "place.name": (
        "村 村居 村社区 行政村 所属村 所在村 村名 社区 事发村 所属村居 所属村社区 所在村社区 村居名称 "
        "村(居)委会 网格 所属网格 发生地 发生地点 事发地点 所属区域 村民委员会 发生村 属地村 村级 地点 "
        "事发地 行政村名称 村名称 所属社区 所属网格名称 问题属地 来源地 发生区域"
    ),
    "place.parent": (
        "乡镇 镇街 乡镇街道 所属乡镇 镇 街道 所属镇街 属地乡镇 所属街道 属地 镇名 乡镇名称 所属乡镇街道 "
        "所在乡镇 乡(镇) 街镇 问题属地乡镇 辖区"
    ),
    "point.lon": "经度 lon lng longitude x坐标 坐标x 东经",
    "point.lat": "纬度 lat latitude y坐标 坐标y 北纬",
    "incident_ref": (
        "事件编号 案件编号 工单编号 纠纷编号 案号 信访编号 关联事件编号 所属事件 事件号 工单号 原事件编号"
    ),
    "steps.source_ref": "流转编号 步骤编号 环节编号 流水号 记录编号 操作编号",
    "steps.kind": "环节 流转环节 步骤 办理环节 操作 节点 当前环节 动作 办理节点 操作类型",
    "steps.occurred_at": "操作时间 办理时间 流转时间 时间 处理时间 环节时间 日期",
    "steps.note": "办理意见 意见 备注 说明 处理意见",
    "by_post": "经办岗位 办理岗位 岗位 操作岗位 回访岗位 调解岗位",
    "unit_code": (
        "办理单位 处理部门 单位 部门 单位代码 单位编码 责任单位 承办单位 建设单位 调解组织 处理单位 "
        "操作单位"
    ),
    "level": "层级 办理层级 调解层级 所在层级",
    "mediations.source_ref": "调解编号 协议编号 卷宗号 编号 调解案号",
    "mediations.channel": "调解类型 调解种类 调解性质 调解形式",
    "mediations.method": "调解方法 调解方式 诊法 诊疗方式",
    "mediations.started_on": "调解日期 调解时间 受理日期 开始日期 调解开始日期 首次调解日期",
    "mediations.ended_on": "结束日期 调结日期 调解结束日期 终结日期",
    "n_sessions": "调解次数 次数",
    "is_settled": "是否达成 是否成功 调解成功 是否达成协议 是否化解",
    "agreed_on": "协议日期 达成协议日期 签订日期 协议签订日期",
    "performance_due_on": "履行期限 应履行日期 约定履行日期",
    "performed_on": "履行日期 实际履行日期 履行完毕日期",
    "confirmed_on": "司法确认日期 确认日期 司法确认时间",
    "revisits.source_ref": "回访编号 编号",
    "revisited_on": "回访日期 回访时间",
    "result": "回访结果 结果 回访情况",
    "satisfaction": "满意度 满意程度 评价",
    "works.source_ref": "项目编号 工程编号 编号 项目代码",
    "works.name": "项目名称 工程名称 名称 项目",
    "works.kind": "项目类型 工程类型 类型 项目类别",
    "works.started_on": "开工日期 开工时间 开始日期 起始日期",
    "works.ended_on": "竣工日期 完工日期 竣工时间 完工时间 结束日期",
    "period_from": "起始日期 开始日期 统计起始日期 起 期初 从",
    "period_to": "截止日期 结束日期 统计截止日期 止 期末 至",
    "source_changes.on": "变更日期 启用日期 日期 生效日期",
    "source_changes.kind": "变更类型 变化类型 类型",
    "source_changes.note": "说明 备注 变更说明",
    "code": "代码 编码 单位代码 单位编码 岗位编码 岗位代码",
    "units.name": "单位名称 名称 部门名称 单位",
    "units.kind": "单位类型 类型 单位性质",
    "parent_code": "上级代码 上级单位代码 上级编码 主管单位代码",
    "title": "岗位名称 岗位 职务",
    "valid_from": "起始日期 设立日期 启用日期",
    "valid_to": "终止日期 撤销日期 停用日期",
    "post_code": "岗位编码 岗位代码 网格员岗位",
    "from_on": "空缺开始 空缺起始日期 起始日期 开始日期",
    "to_on": "空缺结束 补齐日期 结束日期",
    "capacities.kind": "力量类型 类型 队伍类型 人员类别",
    "capacities.n": "数量 人数 名额",
    "counted_on": "统计日期 截止日期 统计时间",
}

#: Columns that number the lines of one sheet, and nothing beyond it.
LINE_NUMBERS = frozenset(["序号", "行号", "no", "no.", "序列", "顺序号", "xh", "序"])

#: Words of a title, of a sheet's or a file's name → stream; the first found counts.
TITLE_STREAMS: tuple[tuple[str, str], ...] = (
    ("12345", "request"),
    ("热线", "request"),
    ("信访", "petition"),
    ("上访", "petition"),
    ("隐患", "hazard"),
    ("安全检查", "hazard"),
    ("治安", "public_order"),
    ("警情", "public_order"),
    ("纠纷", "dispute"),
    ("调解", "dispute"),
    ("法院", "dispute"),
    ("民事", "dispute"),
    ("收案", "dispute"),
    ("诉求", "request"),
    ("民生", "request"),
)

#: Words of a title → channel.
TITLE_CHANNELS: tuple[tuple[str, str], ...] = (
    ("12345", "hotline"), ("热线", "hotline"), ("法院", "court"), ("收案", "court"), ("法庭", "court"),
    ("警情", "police"), ("派出所", "police"), ("公安", "police"), ("网格", "grid_worker"), ("来访", "visit"),
    ("接访", "visit"), ("来信", "letter"),
)

#: Stream → (category, words that offices use for it). Only categories that the database has are proposed.
CATEGORY_WORDS: dict[str, dict[str, str]] = {
    "dispute": {
        "land_forest": "土地 山林 林地 山林土地 土地承包 林权 水利 田土 山界 土地流转 土地权属 权属",
        "works_compensation": "征地 征地拆迁 拆迁 征收 施工 征地补偿 工程 补偿",
        "housing_site": "宅基地 建房 房屋宅基地 宅基 房屋",
        "neighbour": "邻里 相邻 邻里关系 相邻关系 邻居",
        "family": "婚姻 家庭 婚姻家庭 离婚 赡养 继承 家事 抚养 彩礼",
        "labour": "劳动 劳资 劳动争议 工资 劳务 欠薪 工伤 劳动报酬",
        "medical": "医疗 医患 医疗纠纷 卫生",
        "traffic": "交通 交通事故 道路交通 机动车",
        "property": "物业 物业服务 小区",
        "consumer": "消费 消费维权 网购 电商 购物",
        "food_drug": "食品 药品 食药 食品安全",
        "environment": "环保 环境 污染 噪音 油烟",
        "debt": "债务 债权债务 借贷 民间借贷 合同 经济 借款 买卖合同",
        "village_affairs": "村务 财务 村务公开 村级事务 三资",
        "dispute_other": "其他 其它 其他类 其他纠纷",
    },
    "petition": {
        "petition_land": "土地 征地 拆迁 征收 农村土地 国土资源",
        "petition_welfare": "民政 低保 社保 社会保障 救助 优抚",
        "petition_wages": "欠薪 工资 劳动 农民工工资 劳动社保",
        "petition_conduct": "作风 干部作风 纪检 村干部 违纪",
        "petition_public_works": "基础设施 公共设施 道路 交通能源 城乡建设",
        "petition_legal": "涉法涉诉 政法 诉讼 法院 判决",
        "petition_other": "其他 其它 其他类",
    },
    "hazard": {
        "hazard_fire": "消防 火灾 用电 电气 消防安全",
        "hazard_road": "道路 交通 道路交通",
        "hazard_water": "防汛 溺水 水库 山塘 水域",
        "hazard_slope": "地质 滑坡 山体 地质灾害 崩塌",
        "hazard_building": "房屋 建筑 危房 自建房 工地",
        "hazard_other": "其他 其它",
    },
    "request": {
        "request_water_power": "供水 供电 停水 停电 水电 电力 水电气",
        "request_road": "道路 修路 路灯 道路维修 公路",
        "request_sanitation": "环境卫生 垃圾 卫生 环卫 污水 市容",
        "request_papers": "证照 办证 户籍 身份证 证明 政务服务",
        "request_care": "养老 救助 低保 残疾 社保 医保",
        "request_other": "其他 其它 咨询",
    },
    "public_order": {
        "order_fight": "打架 斗殴 打架斗殴 殴打",
        "order_injury": "伤害 故意伤害",
        "order_theft": "盗窃 偷盗 被盗",
        "order_fraud": "诈骗 电信诈骗 电诈 网络诈骗",
        "order_drugs_gambling": "赌博 吸毒 毒品 涉赌 涉毒",
        "order_other": "其他 其它",
    },
}

#: Words for degrees and yes and no, as the fields keep them. Severity 1 is the highest.
NUMBER_WORDS: dict[str, dict[str, str]] = {
    "severity": {
        "特别重大": "1", "特大": "1", "紧急": "1", "特急": "1", "重大": "2", "高": "2", "较大": "3", "中": "3",
        "较高": "2", "一般": "4", "低": "4", "普通": "4", "较低": "4", "一级": "1", "二级": "2", "三级": "3",
        "四级": "4",
    },
    "satisfaction": {
        "非常满意": "5", "满意": "4", "基本满意": "3", "一般": "3", "不满意": "2", "非常不满意": "1",
    },
}
BOOL_WORDS: dict[str, str] = {
    "是": "1", "否": "0", "成功": "1", "不成功": "0", "失败": "0", "已达成": "1", "未达成": "0", "已化解": "1",
    "未化解": "0", "√": "1", "有": "1", "无": "0",
}


@cache
def header_words(about: str, field: str) -> tuple[str, ...]:
    """Return what offices call a field, as compared, with its own name."""
    listed = HEADER_WORDS.get(f"{about}.{field}") or HEADER_WORDS.get(field, "")
    own = field.rpartition(".")[2]
    return tuple(dict.fromkeys(plain_header(word) for word in [*listed.split(), own, f"place_{own}"] if word))
