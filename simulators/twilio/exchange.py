"""What happens to a message or call after the provider took it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from simulators.live_call import LiveCall
from simulators.town import Happened, Text, Town
from simulators.twilio import twiml
from simulators.twilio.player import Player
from simulators.twilio.records import Record, new_sid, rfc2822
from simulators.twilio.reports import Reports
from simulators.twilio.rules import Form
from simulators.twilio.webhooks import Webhooks

RING_SECONDS = 60.0  # Twilio's own, where the request names none
RING_SLACK = 5.0  # Twilio rings that much longer than it was told
VALIDITY_SECONDS = 36_000.0
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})


class Exchange:
    """One account's messages and calls.

    Args:
        town: Whose handsets are reached.
        account: The account's sid.
        webhooks: How the customer's server is called.
        calls_per_second: How many calls are dialled a second; the others wait, as at Twilio.

    Attributes:
        sms_url: Where texts from handsets go; set in Twilio's console in real life.
        violations: Everything the customer did against the rules, each a sentence.
    """

    def __init__(self, *, town: Town, account: str, webhooks: Webhooks, calls_per_second: float) -> None:
        self.town = town
        self.account = account
        self.webhooks = webhooks
        self.sms_url = ""
        self.violations: list[str] = []
        self.messages: dict[str, Record] = {}
        self.calls: dict[str, Record] = {}
        self._live: dict[str, LiveCall] = {}
        self._gap = timedelta(seconds=1 / calls_per_second)
        self._free_at: datetime | None = None

    # ------------------------------------------------------------ texts

    def take_message(self, form: Form) -> Record:
        """Take an SMS and deliver it by and by."""
        record = self._record("SM", form["To"], form["From"])
        record.body = form["Body"]
        self.messages[record.sid] = record
        validity = float(form.get("ValidityPeriod", VALIDITY_SECONDS))
        self.town.spawn(self._deliver(record, form.get("StatusCallback", ""), validity))
        return record

    async def _deliver(self, record: Record, address: str, validity: float) -> None:
        reception = self.town.handset(record.to).reception
        reports = Reports(self.webhooks, address, reception.callbacks)
        await self.town.clock.sleep(min(reception.text_delay / 2, validity))
        if reception.text_delay > validity:
            await self._message_state(record, reports, "failed", 30036)
            return
        await self._message_state(record, reports, "sent")
        await self.town.clock.sleep(reception.text_delay / 2)
        if reception.text_fails:
            status, code = reception.text_fails
            await self._message_state(record, reports, status, code)
            return
        self.town.text(
            Text(
                sid=record.sid,
                sender=record.sender,
                number=record.to,
                body=record.body,
                at=self.town.clock.now(),
            )
        )
        if not reception.lost_receipts:
            await self._message_state(record, reports, "delivered")

    async def _message_state(self, record: Record, reports: Reports, status: str, code: int | None = None) -> None:
        record.status, record.error, record.updated = status, code, self.town.clock.now()
        record.began = record.began or record.updated
        form = {
            "MessageSid": record.sid,
            "SmsSid": record.sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "AccountSid": self.account,
            "From": record.sender,
            "To": record.to,
            "ApiVersion": "2010-04-01",
        }
        if code:
            form["ErrorCode"] = str(code)
        await reports.send(form, last=record.is_final())

    async def text_from(self, sender: str, to: str, body: str) -> None:
        """Carry a text from a handset to the customer's server, and its answer back."""
        record = self._record("SM", to, sender)
        record.body, record.status, record.direction = body, "received", "inbound"
        self.messages[record.sid] = record
        form = {
            "MessageSid": record.sid,
            "SmsSid": record.sid,
            "SmsMessageSid": record.sid,
            "AccountSid": self.account,
            "From": sender,
            "To": to,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
        } | self._opt_out(sender, body)
        response = await self.webhooks.post(self.sms_url, form) if self.sms_url else None
        if response is None or not response.text.strip():
            return
        document = twiml.read(response.text)
        self.violations.extend(f"12200: {fault}" for fault in document.faults)
        if not self.town.handset(sender).reception.stopped:
            for words in document.messages:
                self._answer(sender, to, words)

    def _answer(self, to: str, sender: str, body: str) -> None:
        record = self._record("SM", to, sender)
        record.body, record.direction = body, "outbound-reply"
        self.messages[record.sid] = record
        self.town.spawn(self._deliver(record, "", VALIDITY_SECONDS))

    def _opt_out(self, sender: str, body: str) -> dict[str, str]:
        """STOP and START are the provider's own words; the customer is told."""
        word = body.strip().upper()
        if word not in STOP_WORDS | START_WORDS:
            return {}
        stopped = word in STOP_WORDS
        self.town.handset(sender).reception.stopped = stopped
        return {"OptOutType": "STOP" if stopped else "START"}

    # ------------------------------------------------------------ calls

    def take_call(self, form: Form) -> Record:
        """Take a call and dial it when its turn comes."""
        record = self._record("CA", form["To"], form["From"])
        self.calls[record.sid] = record
        self.town.spawn(self._dial(record, form))
        return record

    def end_call(self, record: Record, status: str) -> bool:
        """Cancel or complete a call on the customer's word; False if it is over already."""
        if record.is_final():
            return False
        if status == "canceled" and record.status == "in-progress":
            return True  # who has picked up is not cut off: Twilio cancels what is queued or rings, and leaves the rest
        record.status = status
        if live := self._live.get(record.sid):
            live.end(status)
        return True

    async def _turn(self) -> None:
        """Wait until this call may be dialled: so many a second for the whole account."""
        now = self.town.clock.now()
        mine = max(now, self._free_at or now)
        self._free_at = mine + self._gap
        await self.town.clock.sleep((mine - now).total_seconds())

    async def _dial(self, record: Record, form: Form) -> None:
        reception = self.town.handset(record.to).reception
        wanted = set(form.getlist("StatusCallbackEvent")) or {"completed"}
        reports = Reports(self.webhooks, form.get("StatusCallback", ""), reception.callbacks)
        await self._turn()
        steps = _CallReports(self, record, reports, wanted)
        if record.is_final():  # cancelled before it was dialled
            await steps.report("completed", record.status)
            return
        await steps.report("initiated", "initiated")
        await self.town.clock.sleep(reception.ring_delay)
        if record.is_final():
            await steps.report("completed", record.status)
            return
        if reception.call_fails:
            await steps.report("completed", "failed")
            return
        call = LiveCall(sid=record.sid, caller=record.sender, number=record.to, bell=self.town.bell)
        self._live[record.sid] = call
        if not self.town.ring(call):
            await steps.report("completed", "busy")
            return
        await self._ring(call, record, form, steps)

    async def _ring(self, call: LiveCall, record: Record, form: Form, steps: _CallReports) -> None:
        await steps.report("ringing", "ringing")
        ring = float(form.get("Timeout", RING_SECONDS)) + RING_SLACK
        if await call.until_answered(ring, self.town.clock):
            record.began = self.town.clock.now()
            self.town.tell(Happened.ANSWERED, call.number, sid=call.sid)
            await steps.report("answered", "in-progress")
            player = Player(
                call=call, town=self.town, webhooks=self.webhooks, form=steps.form, complain=self.violations.append
            )
            await player.play(form.get("Url", ""), form.get("Twiml", ""))
        call.end("no-answer")
        self.town.tell(Happened.OVER, call.number, call.verdict, call.sid)
        await steps.report("completed", call.verdict)

    def _record(self, prefix: str, to: str, sender: str) -> Record:
        return Record(sid=new_sid(prefix), account=self.account, to=to, sender=sender, created=self.town.clock.now())


class _CallReports:
    """The states of one call, told to the customer as far as they asked for them."""

    def __init__(self, exchange: Exchange, record: Record, reports: Reports, wanted: set[str]) -> None:
        self._exchange = exchange
        self._record = record
        self._reports = reports
        self._wanted = wanted
        self._sequence = 0

    def form(self) -> Mapping[str, str]:
        """The fields that every request of this call carries."""
        return {
            "CallSid": self._record.sid,
            "AccountSid": self._record.account,
            "From": self._record.sender,
            "To": self._record.to,
            "Caller": self._record.sender,
            "Called": self._record.to,
            "CallStatus": self._record.status,
            "Direction": "outbound-api",
            "ApiVersion": "2010-04-01",
        }

    async def report(self, event: str, status: str) -> None:
        """Set the state, and report it if it was asked for."""
        now = self._exchange.town.clock.now()
        self._record.status, self._record.updated = status, now
        if event == "completed":
            self._record.ended = now
        extra = {
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self._sequence),
            "Timestamp": rfc2822(now) or "",
        }
        if self._record.began and self._record.ended:
            extra["CallDuration"] = str(int((self._record.ended - self._record.began).total_seconds()))
        self._sequence += 1
        if event in self._wanted:
            await self._reports.send({**self.form(), **extra}, last=event == "completed")
