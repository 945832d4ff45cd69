"""What alarmd sends as text messages, and what it answers to those that come in."""

from __future__ import annotations

from collections.abc import Callable

from escalation.incident import Purpose, Standing
from escalation.people import Candidate, Role
from escalation.texts import fitting, handing_over, phrases
from escalation.texts.facts import Facts, Texts, clean, may_know_access, may_know_health, standing_for, took_it
from escalation.texts.fitting import Form

_WORDS_SHOWN = 300


def sms(purpose: Purpose, facts: Facts, who: Candidate, texts: Texts, *, standing: Standing = Standing.ASKED) -> str:
    """The text message for one person.

    The first segment carries the name, the address (cut where it must be; it then follows in full), what happened and
    the reply with the code.

    Args:
        purpose: Why it is sent.
        facts: What is known; the hearer is told only what they need (see `facts`).
        who: Whom it is for.
        texts: Their language.
        standing: How they stand to the incident now.
    """
    return _WRITERS[purpose](_Message(facts, who, texts, standing_for(purpose, standing)))


class _Message:
    """One message being written."""

    def __init__(self, facts: Facts, who: Candidate, texts: Texts, standing: Standing) -> None:
        self.facts = facts
        self.who = who
        self.texts = texts
        self.standing = standing

    def form(self, sentence: str, **more: str) -> Form:
        """A way to say the core; ``sentence`` is already translated."""

        def say(name: str, place: str) -> str:
            return sentence.format(
                head=phrases.head(self.facts, self.texts),
                drill=phrases.drill(self.facts, self.texts),
                who=phrases.who(self.facts, self.texts, name),
                what=phrases.what(self.facts, self.texts),
                brief=phrases.brief(self.facts, self.texts),
                where=place,
                code=self.facts.code,
                **more,
            )

        return say

    def write(self, forms: list[Form], tail: list[str], first: list[str] | None = None) -> str:
        """Fit the core, with the rest behind it; ``first`` of that is what must never be pushed out."""
        name = self.facts.name or self.facts.device
        place = phrases.scene_place(self.facts, self.texts)
        tail = phrases.both_places(self.facts, self.texts) + tail
        away = self.facts.away is not None and self.facts.away.fresh
        return fitting.fitted(forms, name, place, tail, self._full_address, first=first or (), from_the_end=away)

    def _full_address(self, place: str) -> str:
        return self.texts.gettext("Full address: {address}").format(address=place)

    def link(self) -> list[str]:
        """The hearer's page, where there is one."""
        return [self.facts.link] if self.facts.link else []

    def behind(self) -> list[str]:
        """Behind the core of what is said later: that the alarm came late, and the page."""
        return phrases.lateness(self.facts, self.texts) + self.link()

    def everything(self) -> list[str]:
        """All that this person may know, behind the core."""
        facts, texts = self.facts, self.texts
        said = phrases.doubts(facts, texts)
        if may_know_access(self.who, self.standing):
            said += phrases.way_in(facts, texts)
        if facts.phone:
            said.append(texts.gettext("Phone at home: {phone}").format(phone=facts.phone))
        if may_know_health(self.who, facts, self.standing):
            said += phrases.health(facts, texts)
        return said + phrases.coming(facts, texts, but=self.who.id) + self.link()


def _ask(message: _Message) -> str:
    _ = message.texts.gettext
    tail = phrases.doubts(message.facts, message.texts)
    tail += phrases.there(message.facts, message.texts, but=message.who.id)
    if message.who.has_key and not phrases.is_elsewhere(message.facts):
        tail.append(_("You have a key."))
    return message.write(
        [
            message.form(_('{head}{who} {what}, {where}. Reply "1 {code}" = I go, "2 {code}" = I cannot')),
            message.form(_('{drill}{who}: {brief}. {where}. "1 {code}"=go 2=no')),
        ],
        tail + message.link(),
    )


def _details(message: _Message) -> str:
    _ = message.texts.gettext
    if message.who.role is Role.DESK:
        core = _('{head}{who} {what}, {where}. It is yours now. Cannot after all? Reply "2 {code}"')
        return message.write([message.form(core), _bare(message)], message.everything())
    return message.write(
        [
            message.form(
                _('{head}Thank you for going! {who}, {where}. Reply "3 {code}" when there, "2 {code}" if you cannot')
            ),
            message.form(_('{drill}Thanks! {who}, {where}. "3 {code}"=there 2=no')),
        ],
        message.everything(),
    )


def _bare(message: _Message) -> Form:
    return message.form(message.texts.gettext('{drill}{who}: {brief}. {where}. "1 {code}"=go 2=no'))


def _taken(message: _Message) -> str:
    _ = message.texts.gettext
    facts = message.facts
    waited_for = [one for one in facts.coming if one.id != message.who.id and not one.follows]
    there = [one.name for one in waited_for if one.there and not one.desk]
    others = [one.name for one in waited_for if not one.desk]
    if message.who.role is Role.DESK:
        has_it = phrases.has_it(facts, message.texts, but=message.who.id) or _("Somebody else has taken it already.")
        full = message.form(_("{head}{who}: {taken} You need not take it. Thank you!"), taken=has_it)
    elif there:
        full = message.form(_("{head}{name} is with {who} already. You need not go. Thank you!"), name=there[0])
    elif not others and not facts.ambulance and any(one.desk for one in waited_for):
        full = message.form(_("{head}The desk has taken the alarm of {who}. You need not go. Thank you!"))
    elif others:
        full = message.form(_("{head}{name} is on the way to {who}. You need not go. Thank you!"), name=others[0])
    elif facts.ambulance_there:
        full = message.form(_("{head}The ambulance is with {who} already. You need not go. Thank you!"))
    elif facts.ambulance:
        full = message.form(_("{head}The ambulance is on the way to {who}. You need not go. Thank you!"))
    else:
        full = message.form(_("{head}Somebody is on the way to {who}. You need not go. Thank you!"))
    return full(message.facts.name or message.facts.device, "")


def _again(message: _Message) -> str:
    _ = message.texts.gettext
    sentence = _(
        "{head}{who} is still waiting, {where}. "
        'Reply "3 {code}" = I am there, "1 {code}" = still coming, "2 {code}" = I cannot'
    )
    short = _('{drill}{who}, {where}. "3 {code}"=there 1=coming 2=no')
    if message.who.role is Role.DESK:
        sentence = _(
            "{head}The alarm of {who}, {where}, is still open, and you have it. "
            'Reply "1 {code}" = I still have it, "2 {code}" = I cannot'
        )
        short = _('{drill}{who}: still open. {where}. "1 {code}"=mine 2=no')
    return message.write([message.form(sentence), message.form(short)], message.behind())


def _raised(message: _Message) -> str:
    _ = message.texts.gettext
    count = str(message.facts.presses)
    if message.who.role is Role.DESK:
        sentence = _(
            "{head}DESK. {who} asked for help again ({count} times), {where}. "
            'Reply "1 {code}" = I take it, "2 {code}" = I cannot'
        )
        short = _('{drill}{who}: {brief} x{count}. {where}. "1 {code}"=go 2=no')
    elif took_it(message.standing):
        sentence = _('{head}{who} asked for help again ({count} times), {where}. Reply "3 {code}" when there')
        short = _('{drill}{who}: {brief} x{count}. {where}. "3 {code}"=there')
    else:
        sentence = _(
            '{head}{who} asked for help again ({count} times), {where}. Reply "1 {code}" = I go, "2 {code}" = I cannot'
        )
        short = _('{drill}{who}: {brief} x{count}. {where}. "1 {code}"=go 2=no')
    return message.write([message.form(sentence, count=count), message.form(short, count=count)], message.behind())


def _closed(message: _Message) -> str:
    sentence = message.texts.gettext("{head}The alarm of {who} is closed. Thank you!")
    return message.form(sentence)(message.facts.name or message.facts.device, "")


def _desk(message: _Message) -> str:
    _ = message.texts.gettext
    return message.write(
        [
            message.form(_('{head}DESK. {who} {what}, {where}. Reply "1 {code}" = I take it, "2 {code}" = I cannot')),
            _bare(message),
        ],
        message.link() if message.facts.kind in phrases.OF_DEVICES else message.everything(),
    )


def _aftercare(message: _Message) -> str:
    _ = message.texts.gettext
    return message.write(
        [
            message.form(
                _("{head}{who}, {where}: still open after {span}. Please ask how things are, then close {incident}"),
                span=phrases.span(message.facts.minutes, message.texts),
                incident=message.facts.incident,
            ),
            message.form(_("{drill}{who}, {where}: please ask and close {incident}"), incident=message.facts.incident),
        ],
        phrases.lateness(message.facts, message.texts) + phrases.coming(message.facts, message.texts),
    )


def _handoff(message: _Message) -> str:
    _ = message.texts.gettext
    if message.who.role is Role.DESK and message.who.id in message.facts.goes_too:  # "1" means there: I go
        return message.write(
            [
                message.form(
                    _('{head}CALL THE AMBULANCE: {who} {what}, {where}. Handed over: reply "ambulance called {code}"')
                ),
                message.form(_('{drill}CALL AMBULANCE! {who}, {where}. "ambulance called {code}"')),
            ],
            handing_over.written(message.facts, message.texts),
            handing_over.before_all(message.facts, message.texts),
        )
    if message.who.role is Role.DESK:
        return message.write(
            [
                message.form(_('{head}CALL THE AMBULANCE: {who} {what}, {where}. Handed over: reply "1 {code}"')),
                message.form(_('{drill}CALL AMBULANCE! {who}, {where}. "1 {code}"=done')),
            ],
            handing_over.written(message.facts, message.texts),
            handing_over.before_all(message.facts, message.texts),
        )
    return message.write(
        [
            message.form(_('{head}HAND-OFF. {who} {what}, {where}. Taken over: reply "1 {code}". Cannot: "2 {code}"')),
            message.form(_('{drill}{who}: {brief}. {where}. "1 {code}"=taken 2=no')),
        ],
        handing_over.written(message.facts, message.texts),
        handing_over.before_all(message.facts, message.texts),
    )


def _handoff_update(message: _Message) -> str:
    _ = message.texts.gettext
    version = str(message.facts.record.version if message.facts.record else 2)
    sentence = _("{head}UPDATE {version} of {incident}: {who} {what}, {where}.")
    short = _("{drill}UPDATE {version}: {who}, {where}. {code}")
    if message.who.role is Role.DESK and message.facts.passes_on:
        sentence = _("{head}TELL THE AMBULANCE, update {version} of {incident}: {who} {what}, {where}.")
        short = _("{drill}TELL AMBULANCE {version}: {who}, {where}. {code}")
    more = {"version": version, "incident": message.facts.incident}
    return message.write(
        [message.form(sentence, **more), message.form(short, **more)],
        handing_over.written(message.facts, message.texts),
        handing_over.before_all(message.facts, message.texts),
    )


def _handoff_cancel(message: _Message) -> str:
    _ = message.texts.gettext
    sentence = _("{head}CANCELLED {incident}: {who}, {where}. No ambulance is needed any more.")
    short = _("{drill}CANCELLED: {who}, {where}. {code}")
    reason = message.facts.record.reason if message.facts.record else ""
    tail = phrases.labelled([(phrases.mark("Reason"), clean(reason))], message.texts)
    if message.who.role is Role.DESK:
        tail.append(_("If you have called the ambulance, please tell it so."))
    incident = message.facts.incident
    return message.write([message.form(sentence, incident=incident), message.form(short)], tail)


def _said(message: _Message) -> str:
    """Who wrote, about whom, and their own words."""
    _ = message.texts.gettext
    facts = message.facts
    words = facts.words if len(facts.words) <= _WORDS_SHOWN else facts.words[:_WORDS_SHOWN] + "…"
    sentence = _("{head}{by} writes about {who}: “{words}” ({incident}, {where})")
    if facts.by_key:
        sentence = _("{head}{by} says about {who}: “{words}” ({incident}, {where})")
    if facts.closed:
        sentence = _("{head}AFTER THE CLOSE {by} says about {who}: “{words}” Please ring back ({incident}, {where})")
    return message.form(sentence, by=facts.by, words=words, incident=facts.incident)(
        facts.name or facts.device, phrases.scene_place(facts, message.texts)
    )


def said_at_home(by: str, phone: str, address: str, words: str, texts: Texts) -> str:
    """What the desk reads where no alarm is open.

    Args:
        by: Who wrote, by name.
        phone: From which number.
        address: Where they live; empty for others.
        words: What.
        texts: The reader's language.
    """
    shown = words if len(words) <= _WORDS_SHOWN else words[:_WORDS_SHOWN] + "…"
    sentence = texts.gettext("alarmd: {by} ({phone}) wrote: “{words}” No alarm is open. {address}")
    return sentence.format(by=clean(by), phone=phone, words=clean(shown), address=clean(address)).strip()


def crowding(sender: str, count: int, texts: Texts) -> str:
    """What the desk reads of one sender that opens alarms faster than any ward.

    Args:
        sender: The door's user.
        count: How many it has opened at once.
        texts: The reader's language.
    """
    sentence = texts.gettext(
        "alarmd: the password of {sender} opens alarms very fast ({count} and more). Is it stolen, or is there a great "
        "emergency? All are kept and rung; alarms of others are rung before its further ones."
    )
    return sentence.format(sender=clean(sender)[:60], count=count)


def texting_fast(by: str, phone: str, texts: Texts) -> str:
    """What the desk reads of a telephone that writes more than people do.

    Args:
        by: Whose it is, by name.
        phone: Its number.
        texts: The reader's language.
    """
    sentence = texts.gettext(
        "alarmd: very many texts come from {by} ({phone}). From now on they reach you together, once a minute; all are "
        "on record. Is somebody else using that number?"
    )
    return sentence.format(by=clean(by), phone=phone)


def _moved(message: _Message) -> str:
    sentence = message.texts.gettext("{head}{who} has moved: now {where}.")
    place = phrases.scene_place(message.facts, message.texts)
    said = message.form(sentence)(message.facts.name or message.facts.device, place)
    return "\n".join([said, *phrases.both_places(message.facts, message.texts)])


def _handoff_refused(message: _Message) -> str:
    _ = message.texts.gettext
    if message.facts.handing_over:
        sentence = _(
            "{head}The hand-off of {who}, {where}, was REFUSED by one it was rung at. Others are still rung. {code}"
        )
        short = _("{drill}HAND-OFF REFUSED by one: {who}, {where}. {code}")
    else:
        sentence = _(
            "{head}The hand-off of {who}, {where}, was REFUSED by everybody it was rung at. "
            "RING THE AMBULANCE yourself. {code}"
        )
        short = _("{drill}HAND-OFF REFUSED by all, ring the ambulance: {who}, {where}. {code}")
    return message.write([message.form(sentence), message.form(short)], message.link())


def _verify(message: _Message) -> str:
    question = message.texts.gettext("A device in your home has noticed something unusual. Are you well?")
    return phrases.head(message.facts, message.texts) + question


_WRITERS: dict[Purpose, Callable[[_Message], str]] = {
    Purpose.ASK: _ask,
    Purpose.DETAILS: _details,
    Purpose.TAKEN: _taken,
    Purpose.AGAIN: _again,
    Purpose.RAISED: _raised,
    Purpose.CLOSED: _closed,
    Purpose.DESK: _desk,
    Purpose.HANDOFF: _handoff,
    Purpose.HANDOFF_UPDATE: _handoff_update,
    Purpose.HANDOFF_CANCEL: _handoff_cancel,
    Purpose.HANDOFF_REFUSED: _handoff_refused,
    Purpose.AFTERCARE: _aftercare,
    Purpose.VERIFY: _verify,
    Purpose.SAID: _said,
    Purpose.MOVED: _moved,
}
