"""What Chinese names and values mean: ``一键报警``, ``离床``, ``电量低``, ``未触发``.

Chinese has no blanks between its words, so a name is searched for the pieces that carry its meaning, the most exact
first: ``紧急呼叫`` is a call for help and not an ordinary call, ``坠床`` is a fall and no bed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from devices.signal import SignalType

T = SignalType
_LONGEST: Final = 64
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_ORDER: Final = (
    (T.DOOR, r"安全出口|安全门|消防通道"),
    (T.TEST, r"测试|自检|试报|巡检"),
    (T.BATTERY_LOW, r"低电|欠压|缺电|电(?:量|池|压)(?:过|偏|较|即将)?(?:低|不足|耗尽|没电)"),
    (T.TAMPER, r"拆除|防拆|拆机|拆卸|拆动|脱落|摘除|剪断|撬"),
    (T.CO, r"一氧化碳"),
    (T.SMOKE, r"烟(?!道)|火警|火灾|着火|明火|火焰"),
    (T.GAS, r"燃气|煤气|天然气|可燃气|液化气|瓦斯|甲烷"),
    (T.WATER, r"水浸|浸水|漏水|溢水|进水|水漫"),
    (T.FALL, r"跌倒|摔倒|摔跤|跌落|倒地|坠床|滑倒"),
    (T.BED_EXIT, r"离床|离开床|下床|离枕"),
    (T.VITAL, r"(?:心率|心跳|心律|血压|血氧|呼吸|体温|脉搏|血糖)\w{0,4}?(?:异常|过|偏|超|暂停|骤停|报警|告警|预警)"),
    (T.INACTIVITY, r"久坐|久卧|久滞|滞留|(?:无|未|没有)(?:人员)?活动|长时间(?:未|无|没|不动|静止)|未(?:出门|起床)"),
    (T.NO_CHECK_IN, r"未(?:签到|打卡|报平安)"),
    (T.CHECK_IN, r"签到|打卡|报平安"),
    (T.WANDER, r"走失|走丢|越界|围栏|离开区域|离开范围"),
    (T.INTRUDER, r"入侵|闯入|盗"),
    (T.SOS, r"求助|求救|呼救|紧急|一键(?:报警|告警|呼|求|救)|急救|救命|报警(?:按钮|按键|器)|遇险"),
    (T.HEAT, r"高温|过热|温度过高|温感"),
    (T.MAINS_LOST, r"断电|停电|掉电|市电(?:中断|断)|外电(?:断|中断)"),
    (T.MAINS_BACK, r"恢复供电|复电|市电恢复"),
    (T.PRESS, r"呼叫|按钮|按键|拉绳|按下|门铃"),
    (T.DOOR, r"门|窗(?!帘)"),
    (T.MOTION, r"移动|红外|振动|震动"),
    (T.PRESENCE, r"有人|人体存在|存在|在床|床"),
)
_PATTERNS: Final = tuple((kind, re.compile(pieces)) for kind, pieces in _ORDER)
_OVER: Final = re.compile(r"取消|解除|撤销|撤防|恢复|复位|消除|结束|消警")
_TROUBLE: Final = re.compile(r"故障|失败|错误|损坏|损毁")
_GONE: Final = re.compile(r"离线|掉线|失联|断网")
_SETTING: Final = re.compile(
    r"电话|号码|联系人|姓名|开关|使能|阈值|灵敏|音量|时长|时间|间隔|次数|浓度|数值|配置|设置|模式|列表|铃声|静音|版本"
)
_PRIVATE: Final = re.compile(r"电话|手机|号码|联系人|姓名|身份证|密码|邮箱|护照|社保")
_CALM: Final = re.compile(r"在床|正常|无|未|没|否|关|安全|待机|空闲|静默|已(?:解除|恢复|处理)")
_LOUD: Final = re.compile(r"报警|告警|警报|预警|触发|发生|异常|检测到|发现|按下|拉下|是$|有|开")


def is_chinese(text: str) -> bool:
    """Whether there is anything here for this module."""
    return not text.isascii() and _HAN.search(text[:_LONGEST]) is not None


@lru_cache(maxsize=4096)  # the names that a fleet sends for ever; bounded against made-up ones
def kind_of(name: str) -> SignalType | None:
    """What a name is about, whether it happened or not; None if nobody knows."""
    if not is_chinese(name):
        return None
    return next((kind for kind, pattern in _PATTERNS if pattern.search(name[:_LONGEST])), None)


def is_over(name: str) -> bool:
    """Whether a name says that something ended: ``解除报警``."""
    return is_chinese(name) and _OVER.search(name[:_LONGEST]) is not None


def is_trouble(name: str) -> bool:
    """Whether the device speaks of its own trouble: ``传感器故障``."""
    return is_chinese(name) and _TROUBLE.search(name[:_LONGEST]) is not None


def is_gone(name: str) -> bool:
    """Whether a name says that something can no longer be reached: ``离线``."""
    return is_chinese(name) and _GONE.search(name[:_LONGEST]) is not None


def is_setting(name: str) -> bool:
    """Whether a property only sets or counts something: ``紧急联系人电话``, ``跌倒检测开关``."""
    return is_chinese(name) and _SETTING.search(name[:_LONGEST]) is not None


def is_private(name: str) -> bool:
    """Whether what a name holds belongs to a person: ``联系人电话``, ``身份证号``."""
    return is_chinese(name) and _PRIVATE.search(name[:_LONGEST]) is not None


def truth(value: str) -> bool | None:
    """Yes, no, or None for a word that says neither: ``已触发``, ``未触发``, ``三号楼``."""
    if not is_chinese(value):
        return None
    return False if _CALM.match(value) or _OVER.search(value[:_LONGEST]) else True if _LOUD.search(value) else None
