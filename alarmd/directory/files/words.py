"""The words of files in other spellings and in Chinese: each means one of alarmd's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from alarmd.directory.files.signs import folded
from config.faults import closest
from config.wording import said


def lexicon(words: Mapping[str, str]) -> Mapping[str, str]:
    """Each of the words after one of alarmd's own, to that one."""
    return {word: own for own, theirs in words.items() for word in theirs.split()}


_ROLE = lexicon(
    {
        "family": "家属 家人 亲属 亲戚 子女 儿子 女儿 儿媳 女婿 孙子 孙女 老伴 配偶 relative son daughter",
        "neighbour": "邻居 邻里 街坊 neighbor",
        "volunteer": "志愿者 义工 志愿者人员",
        "community_worker": (
            "社工 社区工作者 社区工作人员 居委会 居委干部 网格员 楼组长 楼长 社区干部 social_worker care_worker"
        ),
        "nurse": "护士 社区护士",
        "doctor": "医生 大夫 家庭医生 社区医生 全科医生 physician gp",
        "keyholder": "持钥匙人 钥匙保管人 有钥匙 钥匙持有人 持钥匙者 key_holder",
        "desk": "值班员 值班台 坐席 调度员 话务员 值班 operator",
    }
)
_TRAVEL = lexicon(
    {
        "walk": "步行 走路 徒步 走 on_foot foot walking",
        "bicycle": "自行车 骑车 骑行 单车 电动车 电瓶车 电动自行车 bike cycle e_bike ebike",
        "car": "开车 汽车 驾车 轿车 自驾 drive driving",
    }
)
_TIER = lexicon(
    {
        "street": "街道 乡镇 镇",
        "community": "社区 居委会 小区 村",
        "point": "点位 站点 服务点 楼组 网格 点",
    }
)
_CATEGORY = lexicon(
    {
        "living_alone": "独居 独居老人 alone lives_alone",
        "empty_nest": "空巢 空巢老人",
        "left_behind": "留守 留守老人",
        "destitute": "特困 特困人员 五保",
        "very_old": "高龄 高龄老人",
        "severe_disability": "重度残疾 重残",
        "loss_of_function": "失能 失能老人",
        "bereaved_only_child": "失独 失独老人 计生特殊家庭",
        "share_medical": "可告知病情 同意告知病情 病情可共享",
    }
)
_DEVICE = lexicon(
    {
        "button": "按钮 按键 呼叫按钮 紧急按钮 一键呼叫 求助按钮",
        "pendant": "挂坠 吊坠 胸牌",
        "cord": "拉绳 拉线 拉绳报警器 拉绳开关",
        "wearable": "穿戴 可穿戴 手环",
        "watch": "手表 智能手表",
        "fall": "跌倒 跌倒检测 跌倒雷达 跌倒报警 雷达",
        "smoke": "烟雾 烟感 烟雾报警器 烟雾探测器",
        "heat": "温感 热感",
        "gas": "燃气 燃气报警器 煤气 天然气",
        "co": "一氧化碳",
        "water": "水浸 漏水 水浸传感器",
        "intruder": "入侵 防盗",
        "door": "门磁 门",
        "motion": "人体 人体感应 红外 人体传感器 活动",
        "bed": "床垫 床 离床 睡眠带 床带",
        "vital": "体征 生命体征 血压计 血氧仪",
        "keypad": "键盘",
        "gateway": "网关",
        "sensor": "传感器",
    }
)
_YES = ("yes", "y", "true", "t", "1", "x", "ja", "oui", "sí", "是", "有", "对", "√", "✓", "✔", "☑", "有钥匙")
_NO = (
    "no",
    "n",
    "false",
    "f",
    "0",
    "",
    "nein",
    "non",
    "nej",
    "否",
    "无",
    "没有",
    "不",
    "不是",
    "×",
    "✗",
    "没",
    "-",
    "无钥匙",
)
YES, NO = frozenset(_YES), frozenset(_NO)

_BY_COLUMN: Mapping[str, Mapping[str, str]] = {
    "role": _ROLE,
    "travel": _TRAVEL,
    "tier": _TIER,
    "categories": _CATEGORY,
    "kind": _DEVICE,
}
_LANGUAGES = lexicon(
    {
        "zh-CN": "中文 汉语 普通话 简体中文 国语 chinese cn mandarin",
        "en": "英文 英语 english",
    }
)
_DAYS = {"一": "Mo", "二": "Tu", "三": "We", "四": "Th", "五": "Fr", "六": "Sa", "日": "Su", "天": "Su", "末": "Sa-Su"}
_DAY_WORDS = (
    (re.compile(r"每天|每日|全周|天天"), "Mo-Su"),
    (re.compile(r"工作日"), "Mo-Fr"),
    (re.compile(r"(?:法定)?节假日(?:休息|除外|不值班)|(?:法定)?节日休息"), "; PH off"),
    (re.compile(r"(?:全天|24\s*小时|二十四小时)"), "00:00-24:00"),
    (re.compile(r"(?:周|星期|礼拜)([一二三四五六日天末])"), r"<\1>"),
)
_ALWAYS = frozenset({"随时", "一直", "全天候", "任何时间", "任何时候", "24小时"})
_SHIFT_NAME = re.compile(r"(?:夜班|早班|中班|晚班|白班|日班)[:：]?\s*(?=\d)")
_BREAK = re.compile(
    r"[,，]?\s{0,9}[（(]?\s{0,9}午休[:：]?\s{0,9}(\d{1,2}:\d{2}\s{0,9}[-–~至到]\s{0,9}\d{1,2}:\d{2})\s{0,9}(?:除外)?\s{0,9}[)）]?"
)
_ALL_BUT = re.compile(r"除(?:了)?(?:周|星期|礼拜)([一二三四五六日天])(?:以)?外[,，]?\s*(?:每天|每日|天天|都)?")
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2})(?::(\d{2})|[点时](?:(半)|(\d{1,2})分?)?)(?!\d)")


def meant(column: str, text: str, allowed: Iterable[str]) -> str:
    """Which of the allowed words a text means, whatever its case, language or spelling; empty where none."""
    word = folded(text).strip("*.")
    for choice in allowed:
        if word == choice.casefold():
            return choice
    found = _BY_COLUMN.get(column, {}).get(word, "")
    return found if found in allowed else ""


def nearest(text: str, allowed: Iterable[str]) -> str:
    """``did you mean …?``, or the list of what is allowed."""
    choices = list(allowed)
    if near := closest(text, choices):
        return said("did you mean {near!r}?", near=near)
    return said("allowed: {choices}", choices=", ".join(choices))


def chinese(column: str) -> Mapping[str, str]:
    """One Chinese word for each of alarmd's own, for an empty workbook's lists."""
    found: dict[str, str] = {}
    for theirs, ours in _BY_COLUMN.get(column, {}).items():
        if not theirs.isascii():
            found.setdefault(ours, theirs)
    return found


def language(text: str) -> str:
    """A language tag that alarmd speaks; empty where it speaks no such language."""
    if found := _LANGUAGES.get(folded(text)):
        return found
    primary = folded(text).partition("_")[0]
    return {"zh": "zh-CN", "en": "en"}.get(primary, "")


def hours(text: str) -> str:
    """``周一至周五 8:00-18:00`` as opening hours are written: ``Mo-Fr 08:00-18:00``; other texts as they are."""
    if text.startswith("ics:") or not re.search(r"[周星礼每工节全点时天直班午]", text):
        return text
    if text.strip() in _ALWAYS:
        return "24/7"
    plain = _BREAK.sub(r"; \1 off", _SHIFT_NAME.sub("", text))
    plain = _ALL_BUT.sub(lambda found: _all_but(found[1]), plain)
    for pattern, ours in _DAY_WORDS:
        plain = pattern.sub(ours, plain)
    plain = re.sub(r"次日|翌日|第二天", "", plain)
    while (further := re.sub(r"<([一二三四五六日天])>([一二三四五六日天])(?![点时])", r"<\1>,<\2>", plain)) != plain:
        plain = further
    plain = re.sub(r"<(.)>", lambda found: _DAYS[found[1]], plain)
    plain = re.sub(r"\s{0,9}(?:至|到|~|～|—|–|－)\s{0,9}", "-", plain)
    plain = plain.replace("、", ",").replace("，", ",").replace("；", ";").replace("：", ":")
    plain = re.sub(r"(?:和|及|与)", ",", plain)
    plain = _CLOCK.sub(_time, plain)
    plain = re.sub(r"(?<=[a-z])(?=\d)", " ", plain)
    plain = re.sub(r"\s{0,9}(?:,\s{0,9}){0,9}(?:;\s{0,9})+", "; ", plain).strip(" ;")
    return plain if plain.isascii() else text  # what is not understood whole is not guessed at


def _all_but(day: str) -> str:
    """The days of a week without one, as ranges: ``<一>-<六>`` without Sunday."""
    without = "日" if day == "天" else day
    week = "一二三四五六日"
    return ",".join(f"<{one}>" for one in week if one != without)


def _time(found: re.Match[str]) -> str:
    minutes = found[2] or ("30" if found[3] else found[4] or "0")
    return f"{int(found[1]):02}:{int(minutes):02}"
