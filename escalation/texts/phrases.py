"""The small pieces of sentences: what happened, to whom, where; the way in, the health, who is on the way."""

from __future__ import annotations

from datetime import timedelta

from escalation.handoff import CRY, Known, SceneSafety
from escalation.texts.facts import Facts, NotComing, Texts
from escalation.texts.fitting import LONG_FACT, VITAL_FACT, limited

# An alarm younger than this is "now"; older ones are told with their age, so that nobody takes an old one for new.
AGE_WORTH_SAYING = 2  # minutes
MINUTES_SAID, HOURS_SAID = 120, 48  # from then on it is said in hours, and in days
# From this age on Chinese adds the word of respect for the old to the name.
OLD_AGE = 60  # years


def mark(message: str) -> str:
    """Mark a sentence for translation where it is written down but not yet said."""
    return message


# Verb phrases behind the name: "Wang Xiuying" + "pressed the help button".
_WHAT = {
    "sos": mark("pressed the help button"),
    CRY: mark("asks for help by telephone"),
    "assist": mark("asks for a helping hand, not urgent"),
    "press": mark("pressed the button"),
    "fall": mark("may have fallen"),
    "inactivity": mark("has not moved for unusually long"),
    "no_check_in": mark("did not check in"),
    "smoke": mark("has a smoke alarm at home"),
    "heat": mark("has a heat alarm at home"),
    "gas": mark("has a gas alarm at home"),
    "co": mark("has a carbon monoxide alarm at home"),
    "water": mark("has water leaking at home"),
    "intruder": mark("may have an intruder at home"),
    "door": mark("left the door open"),
    "bed_exit": mark("left the bed and did not come back"),
    "wander": mark("has gone out and may be lost"),
    "vital": mark("has a worrying reading"),
    "tamper": mark("has a device that is being tampered with"),
    "offline": mark("cannot be reached by the alarm"),
    "silent": mark("is silent: an alarm from there would not arrive"),
    "sim_ending": mark("is paid until {date} only: please renew it"),
    "sim_ended": mark("was paid until {date}: an alarm from there may not arrive"),
}
_NEEDS_HELP = mark("needs help")
_SIM = ("sim_ending", "sim_ended")
_BRIEF = {
    "sos": mark("SOS"),
    CRY: mark("SOS"),
    "fall": mark("fall"),
    "smoke": mark("smoke"),
    "heat": mark("heat"),
    "gas": mark("gas"),
    "co": mark("CO gas"),
    "water": mark("water"),
    "intruder": mark("intruder"),
    "vital": mark("vitals"),
    "wander": mark("lost"),
    "inactivity": mark("no movement"),
    "no_check_in": mark("no check-in"),
    "silent": mark("silent"),
    **dict.fromkeys(_SIM, mark("paid until {date}")),
}
_HELP = mark("help")
SILENT = "silent"
_SIM_OF_ONE = mark("The SIM card of an alarm device of {name}")
_SIM_OF_SEVERAL = mark("The SIM card of several alarm devices")
OF_DEVICES = frozenset({SILENT, *_SIM})
"""About devices and not about a person: only the desk is told."""
_GROUPS = {"gateway": mark("The gateway {name}"), "street": mark("The street {name}")}

PRESSED = frozenset({"sos", "assist", "press"})
"""What a person presses; a radar that sees a fall twice was pressed by nobody."""

_KNOWN = {Known.YES: mark("yes"), Known.NO: mark("no"), Known.UNKNOWN: mark("unknown")}
_SCENE = {
    SceneSafety.SAFE: mark("safe"),
    SceneSafety.UNSAFE: mark("unsafe"),
    SceneSafety.UNKNOWN: mark("unknown"),
}


def who(facts: Facts, texts: Texts, name: str | None = None) -> str:
    """The person, or the device where nobody is registered; ``name`` stands in for a shortened one."""
    if facts.kind == SILENT:
        return _silent(facts, texts)
    if facts.kind in _SIM:
        return texts.gettext(_SIM_OF_ONE if facts.name else _SIM_OF_SEVERAL).format(name=facts.name)
    if not facts.name and facts.was:
        return texts.gettext("Retired device of {name}").format(name=facts.was)
    if not facts.name:
        return texts.gettext("Unregistered device {device}").format(device=facts.device if name is None else name)
    shown = facts.name if name is None else name
    if facts.age is not None and facts.age < OLD_AGE:
        return shown
    # In Chinese the name of an old person is followed by a word of respect.
    return texts.gettext("{name}").format(name=shown)


def _silent(facts: Facts, texts: Texts) -> str:
    """Whose devices: a home's, a gateway's, a street's, or all."""
    scope, _, name = facts.device.partition(":")
    if facts.name:
        return texts.gettext("The alarm device {device} of {name}").format(device=facts.device, name=facts.name)
    if scope in _GROUPS and name:
        return texts.gettext(_GROUPS[scope]).format(name=name)
    return texts.gettext("Every alarm device")


def kind(facts: Facts, texts: Texts) -> str:
    """What happened, as a verb phrase."""
    return texts.gettext(_WHAT.get(facts.kind, _NEEDS_HELP)).format(date=_date(facts))


def _date(facts: Facts) -> str:
    """The last day that is paid for: what an incident about SIM cards is about."""
    return facts.device.removeprefix("sim:")


def what(facts: Facts, texts: Texts) -> str:
    """What happened, with its age where it is not new."""
    happened = kind(facts, texts)
    if facts.minutes < AGE_WORTH_SAYING:
        return happened
    return texts.gettext("{what} ({span} ago)").format(what=happened, span=span(facts.minutes, texts))


def span(minutes: int, texts: Texts) -> str:
    """A stretch of time as people say it: nobody counts 1560 minutes."""
    if minutes < MINUTES_SAID:
        return texts.gettext("{number} min").format(number=minutes)
    hours = round(minutes / 60)
    if hours < HOURS_SAID:
        return texts.gettext("{number} h").format(number=hours)
    return texts.gettext("{number} days").format(number=round(hours / 24))


def brief(facts: Facts, texts: Texts) -> str:
    """What happened, in a word."""
    return texts.gettext(_BRIEF.get(facts.kind, _HELP)).format(date=_date(facts))


def where(facts: Facts, texts: Texts) -> str:
    """The address, or that nobody knows it."""
    return facts.address or texts.gettext("address unknown")


_OCTANTS = (
    mark("north"),
    mark("north-east"),
    mark("east"),
    mark("south-east"),
    mark("south"),
    mark("south-west"),
    mark("west"),
    mark("north-west"),
)


def is_elsewhere(facts: Facts) -> bool:
    """Whether people are to go somewhere else than home: no key helps there."""
    return facts.away is not None and facts.away.fresh


def scene_place(facts: Facts, texts: Texts) -> str:
    """Where people are to go, as short as can be: the address, or, away from home, the position."""
    there = facts.away
    if there is None or not there.fresh:
        return where(facts, texts)
    position = f"{there.lat:.4f},{there.lon:.4f}"  # eleven metres, and two signs less in a segment of seventy
    if there.metres is None or there.octant is None:
        return texts.gettext("at {position}").format(position=position)
    return texts.gettext("NOT AT HOME, at {position} ({km} km {direction} of home)").format(
        position=position, km=_kilometres(there.metres), direction=texts.gettext(_OCTANTS[there.octant])
    )


def both_places(facts: Facts, texts: Texts) -> list[str]:
    """The other place, behind the core of a text: the home of who is away, or a position that is old."""
    there = facts.away
    if there is None:
        return []
    if there.fresh:
        return [texts.gettext("Home: {address}").format(address=facts.address)] if facts.address else []
    return [_last_seen(facts, texts)]


def spoken_place(facts: Facts, texts: Texts) -> list[str]:
    """Where, to be heard: nobody writes a coordinate down by ear, so the way from home is said, and the text has it."""
    there = facts.away
    address = texts.gettext("The address is {address}.").format(address=where(facts, texts))
    if there is None:
        return [address]
    if not there.fresh:
        return [address, _last_seen(facts, texts)]
    if there.metres is None or there.octant is None:
        return [texts.gettext("Where that is stands in our text message, as a position for a map.")]
    away = texts.gettext(
        "The person is not at home, but about {km} kilometres to the {direction} of it. "
        "Our text message has the position for a map."
    ).format(km=_kilometres(there.metres), direction=texts.gettext(_OCTANTS[there.octant]))
    return [away, texts.gettext("The home address is {address}.").format(address=where(facts, texts))]


def position_line(facts: Facts, texts: Texts) -> list[str]:
    """That the person is not at home, for the desk and the ambulance, with the position."""
    there = facts.away
    if there is None:
        return []
    if not there.fresh:
        return [_last_seen(facts, texts)]
    position = f"{there.lat:.5f}, {there.lon:.5f}"
    if there.metres is None or there.octant is None:
        return [texts.gettext("The device is at {position} (WGS-84).").format(position=position)]
    return [
        texts.gettext("NOT AT HOME: the device is at {position} (WGS-84), {km} km {direction} of home.").format(
            position=position, km=_kilometres(there.metres), direction=texts.gettext(_OCTANTS[there.octant])
        )
    ]


def _last_seen(facts: Facts, texts: Texts) -> str:
    there = facts.away
    assert there is not None
    return texts.gettext("The device was last seen {span} before at {position} (WGS-84).").format(
        span=span(round(there.age_s / 60), texts), position=f"{there.lat:.5f}, {there.lon:.5f}"
    )


def _kilometres(metres: float) -> str:
    km = metres / 1000
    return f"{km:.1f}" if km < 10 else f"{km:.0f}"  # noqa: PLR2004 - a tenth of ten kilometres sends nobody astray


def drill(facts: Facts, texts: Texts) -> str:
    """That this is a drill, if it is."""
    return texts.gettext("DRILL. ") if facts.drill else ""


def head(facts: Facts, texts: Texts) -> str:
    """Who is speaking; a drill says so before anything else."""
    return texts.gettext("alarmd: ") + drill(facts, texts)


def known(value: Known, texts: Texts) -> str:
    """Yes, no or unknown."""
    return texts.gettext(_KNOWN[value])


def scene(value: SceneSafety, texts: Texts) -> str:
    """Safe, unsafe or unknown."""
    return texts.gettext(_SCENE[value])


def complaint(kind_of_signal: str, texts: Texts) -> str:
    """What happened, for the record."""
    return texts.gettext(_WHAT.get(kind_of_signal, _NEEDS_HELP))


def labelled(pairs: list[tuple[str, str]], texts: Texts) -> list[str]:
    """``Label: value.`` for each value that is there."""
    return [
        texts.gettext("{label}: {value}.").format(label=texts.gettext(label), value=value.rstrip(" .。;；"))
        for label, value in pairs
        if value
    ]


def health(facts: Facts, texts: Texts) -> list[str]:
    """The medical facts; call only for somebody who may know them."""
    pairs = [
        (mark("Allergies"), facts.allergies),
        (mark("Conditions"), facts.conditions),
        (mark("Medication"), facts.medication),
        (mark("Mobility"), facts.mobility),
    ]
    return labelled([(label, limited(text, LONG_FACT)) for label, text in pairs], texts)


def way_in(facts: Facts, texts: Texts) -> list[str]:
    """Access and room; call only for somebody who may know them."""
    return labelled([(mark("Way in"), limited(facts.access, VITAL_FACT)), (mark("Room"), facts.room)], texts)


def doubts(facts: Facts, texts: Texts) -> list[str]:
    """What a careful person should know about the alarm itself."""
    said = []
    if facts.suspect:
        said.append(texts.gettext("The signal was garbled; it is treated as a real alarm."))
    said += lateness(facts, texts) + no_ambulance(facts, texts)
    if facts.presses > 1:
        sentence = texts.gettext("Reported {count} times.")
        if facts.kind in PRESSED:
            sentence = texts.gettext("Pressed {count} times.")
        said.append(sentence.format(count=facts.presses))
    return said


def no_ambulance(facts: Facts, texts: Texts) -> list[str]:
    """That an ambulance they may have been told of does not come, or has not come in time."""
    if facts.ambulance_off:
        return [texts.gettext("The ambulance does not come after all.")]
    if facts.ambulance_late:
        return [texts.gettext("The ambulance that was confirmed has not come in time.")]
    return []


def lateness(facts: Facts, texts: Texts) -> list[str]:
    """That the alarm came late, and from when it is."""
    if facts.received_at is not None:
        far = facts.received_at.date() != facts.opened_at.date()
        form = "%m-%d %H:%M" if far else "%H:%M"
        sentence = texts.gettext("This alarm is late: pressed {pressed}, received {received}.")
        return [sentence.format(pressed=f"{facts.opened_at:{form}}", received=f"{facts.received_at:{form}}")]
    if not facts.late:
        return []
    return [texts.gettext("This alarm is late: help was asked for at {time}.").format(time=asked_at(facts))]


def asked_at(facts: Facts) -> str:
    """When help was asked for, by the clock there; with the day where that was not today."""
    today = (facts.opened_at + timedelta(minutes=facts.minutes)).date()
    return f"{facts.opened_at:%H:%M}" if facts.opened_at.date() == today else f"{facts.opened_at:%m-%d %H:%M}"


def coming(facts: Facts, texts: Texts, *, but: str = "") -> list[str]:
    """Who is on the way, leaving out the hearer; to the ambulance also who of those it was told of is not."""
    said = []
    for one in facts.coming:
        if one.id == but:
            continue
        if one.desk:
            said.append(texts.gettext("{name} at the desk has taken it.").format(name=one.name))
        elif one.follows:
            said.append(texts.gettext("{name} comes too, but later.").format(name=one.name))
        elif one.there:
            said.append(texts.gettext("{name} is already there.").format(name=one.name))
        elif one.minutes:
            said.append(
                texts.gettext("{name} is on the way, about {span}.").format(
                    name=one.name, span=span(one.minutes, texts)
                )
            )
        else:
            said.append(texts.gettext("{name} is on the way.").format(name=one.name))
    if facts.record is not None:
        return said + [_not_coming(one, texts) for one in facts.not_coming]
    return [*said, ambulance(facts, texts)] if facts.ambulance else said


def ambulance(facts: Facts, texts: Texts) -> str:
    """Where an ambulance is that has the case."""
    if facts.ambulance_there:
        return texts.gettext("The ambulance is already there.")
    return texts.gettext("The ambulance is on the way.")


def there(facts: Facts, texts: Texts, *, but: str = "") -> list[str]:
    """Who is at the door already, for who is asked to come too."""
    return [
        texts.gettext("{name} is already there.").format(name=one.name)
        for one in facts.coming
        if one.there and not one.desk and one.id != but
    ]


def _not_coming(one: NotComing, texts: Texts) -> str:
    if one.desk:
        return texts.gettext("{name} at the desk does not have it any more.").format(name=one.name)
    if one.overdue:
        return texts.gettext("{name} has not arrived in time.").format(name=one.name)
    return texts.gettext("{name} is not on the way any more.").format(name=one.name)


def has_it(facts: Facts, texts: Texts, *, but: str = "") -> str:
    """Who has it in hand, so that the hearer need not go; empty where nobody has. Who follows later does not count."""
    others = [one for one in facts.coming if one.id != but and not one.follows]
    for one in others:
        if one.there and not one.desk:
            return texts.gettext("{name} is already there.").format(name=one.name)
    for one in others:
        if not one.desk:
            return texts.gettext("{name} is already on the way.").format(name=one.name)
    if facts.ambulance:
        return ambulance(facts, texts)
    return texts.gettext("The desk has taken it.") if others else ""


def spelled(reference: str) -> str:
    """A reference character by character, so that a voice does not read 4821 as thousands."""
    return " ".join(c for c in reference.upper() if c.isalnum())
