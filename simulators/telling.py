"""The event log and the town's noises, told to somebody who watches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from alarmd.journal import LogEntry
from escalation.people import Role
from simulators.town import Happened, Happening

Names = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline: a sign, a sentence, and how it is shown (a style of rich, and a class of the page)."""

    sign: str
    words: str
    style: str = ""


_KINDS = {
    "sos": ("按下了求助键", "pressed the help button"),
    "fall": ("疑似跌倒", "may have fallen"),
}
_WHO = {
    "nearest": ("最近的人", "the nearest people"),
    "contacts": ("老人指定的人", "the people she named"),
    "circle": ("照护圈", "the care circle"),
    "desk": ("值班台", "the desk"),
    "ambulance": ("急救调度台", "the dispatch centre"),
    "everyone": ("所有人", "everybody"),
}
_VIA = {
    "voice": ("按键", "by key"),
    "sms": ("回短信", "by text"),
    "link": ("点链接", "by link"),
    "desk": ("值班台", "at the desk"),
}
_TAKEN_AT_THE_DESK = ("🤝", "值班台{name}已接手（{via}）", "{name} at the desk has taken it ({via})", "good")
# event: sign, Chinese, English, style
_LOG: Mapping[str, tuple[str, str, str, str]] = {
    "signal.repeated": ("🔁", "同一信号再次到达", "the same signal again", "dim"),
    "incident.opened": ("🚨", "{home}{kind}（事件 {incident}）", "{home} {kind} (incident {incident})", "alarm"),
    "incident.raised": ("🚨", "{home}又按了，第 {presses} 次", "{home} pressed again, {presses} times now", "alarm"),
    "incident.step": (
        "📣", "第 {step} 步，联系{contact}：{chosen}", "step {step}, asking {contact}: {chosen}", "step"
    ),
    "incident.gap": ("⚠️", "缺口：{gap}，立即下一步", "gap: {gap}; on to the next step at once", "warn"),
    "incident.accepted": ("🤝", "{name}答应去（{via}）", "{name} accepted ({via})", "good"),
    "incident.follows": ("🚶", "{name}也会来，但不等他，继续找人", "{name} comes too; others are asked", "good"),
    "incident.coming": ("🚶", "{name}在路上", "{name} is on the way", "good"),
    "incident.arrived": ("🏠", "{name}到了！（{via}）", "{name} has arrived! ({via})", "best"),
    "incident.declined": ("✋", "{name}去不了", "{name} cannot go", "warn"),
    "incident.overdue": ("⏰", "{name}过了时间还没有到，继续找人", "{name} is overdue: on to others", "warn"),
    "incident.closed": ("✅", "{name}结束了事件：{reason}", "{name} closed it: {reason}", "good"),
    "handoff.queued": ("🚑", "向急救调度台移交", "handing over to the dispatch centre", "step"),
    "handoff.accepted": ("🚑", "{name}确认接收，救护车出发", "{name} confirmed; the ambulance sets off", "best"),
    "handoff.rejected": ("🚑", "{name}不能接收", "{name} cannot take it", "warn"),
    "handoff.updated": ("🚑", "移交记录已更新", "hand-off record updated", "dim"),
    "provider.down": ("📵", "电话服务商不可用：{provider}", "phone provider down: {provider}", "warn"),
    "provider.back": ("📶", "电话服务商恢复：{provider}", "phone provider back: {provider}", "good"),
    "message.answered": ("📞", "{name}的电话接通了（还不算答应）", "{name}: phone taken, no answer yet", "dim"),
    "message.unanswered": ("📞", "{name}没有接", "{name} did not take the call", "dim"),
    "message.refused": ("↪️", "给{name}的{channel}没发出去：{why}", "{channel} to {name} refused: {why}", "warn"),
    "message.unknown": ("❔", "给{name}的{channel}不知是否发出", "{channel} to {name}: sent or not?", "warn"),
}  # fmt: skip
_CHANNELS = {"sms": ("短信", "text"), "voice": ("电话", "call"), "device": ("设备回复", "device reply")}


class Teller:
    """Tells in one language.

    Args:
        language: ``zh-CN`` or ``en``.
        names: The name of a person's id.
        home: The name of who lives there.
        numbers: The id of a telephone's owner, by number.
    """

    def __init__(self, *, language: str, names: Names, home: str, numbers: Mapping[str, str]) -> None:
        self._column = 0 if language.startswith("zh") else 1
        self._names = names
        self._home = home
        self._numbers = numbers

    def pick(self, pair: tuple[str, str]) -> str:
        """The one of two texts that is in this language."""
        return pair[self._column]

    def entry(self, entry: LogEntry) -> Line | None:
        """An entry of the event log; None where it is no news to a spectator."""
        if entry.event not in _LOG:
            return None
        at_desk = entry.event == "incident.accepted" and entry.data.get("role") == Role.DESK
        sign, chinese, english, style = _TAKEN_AT_THE_DESK if at_desk else _LOG[entry.event]
        return Line(sign, self.pick((chinese, english)).format_map(self._facts(entry)), style)

    def happening(self, happening: Happening) -> Line | None:
        """Something seen or heard at a telephone."""
        name = self._names(self._numbers.get(happening.number, happening.number))
        words = happening.words
        match happening.what:
            case Happened.RINGING:
                return Line("☎️", self.pick((f"{name}的电话响了", f"{name}'s phone rings")), "phone")
            case Happened.KEY:
                return Line("🔢", self.pick((f"{name}按了 {words}", f"{name} presses {words}")), "phone")
            case Happened.REPLY:
                return Line("💬", self.pick((f"{name}回短信：“{words}”", f'{name} texts: "{words}"')), "phone")
            case Happened.TEXT:
                first = words.splitlines()[0]
                return Line("✉️", self.pick((f"{name}收到短信：{first}", f"{name} gets a text: {first}")), "dim")
            case _:
                return None

    def _facts(self, entry: LogEntry) -> dict[str, Any]:
        data = entry.data
        chosen = data.get("chosen") or data.get("to") or []
        return {
            **{key: data.get(key, "?") for key in ("step", "presses", "provider", "raw", "reason")},
            "home": self._home,
            "incident": entry.incident or "",
            "kind": self.pick(_KINDS.get(str(data.get("kind")), (str(data.get("kind")),) * 2)),
            "contact": self.pick(_WHO.get(str(data.get("contact")), (str(data.get("contact")),) * 2)),
            "chosen": self.pick(("、", ", ")).join(str(one.get("name")) for one in chosen if isinstance(one, dict)),
            "name": data.get("name") or self._names(entry.actor) or entry.actor,
            "via": self.pick(_VIA.get(str(data.get("via")), (str(data.get("via")),) * 2)),
            "channel": self.pick(_CHANNELS.get(str(data.get("channel")), ("消息", "message"))),
            "why": data.get("code") or data.get("reason") or "",
            "gap": data.get("why") or data.get("contact") or "",
        }
