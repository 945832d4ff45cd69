"""Who asks for help in an evening, and how: buttons, some of which count again from 1, detectors, and texts."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Coroutine
from typing import Any

from tests.simulation.devices import ASKS_AGAIN, GIVES_UP, Broker, Door, Press
from tests.simulation.machine import Machine
from tests.simulation.people import CRIES, Person
from tests.simulation.phones import Phones
from tests.simulation.town import HOMES, SAYS

NATIVE = "alarmd"
BAND = "alarmd/band-1"
RADAR = "alarmd/radar-1"
BAD, WELL = {"systolic": 71}, {"systolic": 128}


class Presses:
    """Every press of an evening.

    Args:
        machine: Where they come.
        door: How devices of alarmd's own family come in.
        broker: How the others do.
        phones: How texts do.
        dice: Decides all.
        until: When trouble ends.
    """

    def __init__(
        self, *, machine: Machine, door: Door, broker: Broker, phones: Phones, dice: random.Random, until: float
    ) -> None:
        self.machine = machine
        self.loop = machine.loop
        self.door = door
        self.broker = broker
        self.phones = phones
        self.dice = dice
        self.until = until
        self.all: list[Press] = []
        self._refs: Counter[str] = Counter()

    def begin(self) -> None:
        """Let them happen."""
        for moment in sorted(self.dice.uniform(1.0, self.until) for _ in range(self.dice.randint(1, 5))):
            self._spawn(self._pressing(moment, self.dice.choice(list(HOMES))))
        self._spawn(self._noise())
        for person in self.phones.people.values():
            if person.homes and self.dice.random() < 0.2:
                self._spawn(self._cries(person, self.dice.uniform(1.0, self.until)))

    def _spawn(self, story: Coroutine[Any, Any, None]) -> None:
        self.phones.spawn(story)

    async def _noise(self) -> None:
        """Signs of life, low batteries, tests, stored copies, rubbish."""
        while self.loop.time() < self.until:
            await asyncio.sleep(self.dice.uniform(5.0, 90.0))
            kind = self.dice.choice(["heartbeat", "battery_low", "test", "retained", "rubbish", "cancel"])
            topic = f"alarmd/v1/{self.dice.choice(['pendant-1', 'watch-2', 'pendant-3'])}/signal"
            if kind == "rubbish":
                self.broker.publish("zigbee2mqtt/kitchen_plug", "\x00{", None)
            elif kind == "retained":
                self.broker.publish("zigbee2mqtt/bed_button", '{"action":"","battery":80}', None, retain=True)
            else:
                ref = f"n{self.dice.randrange(10**6)}"
                self.door.send(topic, json.dumps({"ref": ref, "type": kind}), None)

    async def _pressing(self, moment: float, device: str) -> None:
        """Somebody presses, once or several times; some again after everything is over."""
        await asyncio.sleep(moment)
        for _ in range(self.dice.choice([1, 1, 1, 2, 4, 8])):
            self._press(device)
            pauses = [2.0, 15.0, 60.0, 400.0, self.dice.uniform(1.0, 600.0)]
            await asyncio.sleep(self.dice.choice(pauses))
            if self.loop.time() > self.until:
                return

    def _press(self, device: str) -> None:
        family, _, address = device.partition("/")
        kind = self.dice.choice(SAYS.get(device, ("sos",)))
        ref = None if family != NATIVE or device in {BAND, RADAR} else self._ref(device)
        press = Press(self.loop.time(), device, ref, kind="vital" if device == BAND else kind)
        self.all.append(press)
        self.machine.story.tell(device, f"PRESSED {press.kind} {ref or ''}")
        if device == BAND:
            self._spawn(self._band(press, address))
        elif family == NATIVE:
            self._spawn(self._button(press, address))
        else:
            self._spawn(self._zigbee(press, address))

    def _ref(self, device: str) -> str:
        """As firmware does: a number that counts, and that begins again with every new battery."""
        if self.dice.random() < 0.15:
            self.machine.story.tell(device, "a new battery: it counts from 1 again")
            self._refs[device] = 0
            self.door.hearing.pop(device.removeprefix("alarmd/"), None)
        self._refs[device] += 1
        return str(self._refs[device])

    async def _button(self, press: Press, address: str) -> None:
        """A device of alarmd's own family: repeats until it hears that it was kept."""
        until_acknowledged = self.dice.random() < 0.3 or press.ref is None
        said = {"ref": press.ref} if press.ref else {}
        message = json.dumps(said | ({} if press.kind == "sos" and self.dice.random() < 0.2 else {"type": press.kind}))
        while self.loop.time() - press.at < GIVES_UP:
            acknowledged = await self.door.send(f"alarmd/v1/{address}/signal", message, press)
            if acknowledged and until_acknowledged:
                return
            await asyncio.sleep(self.dice.uniform(*ASKS_AGAIN))
            if press.ref in self.door.hearing.get(address, ()):
                return

    async def _band(self, press: Press, address: str) -> None:
        """A band that measures a reading of which one is enough, and says it until it is acknowledged."""
        topic = f"alarmd/v1/{address}/signal"
        bad = json.dumps({"type": "measurement", "measurements": BAD})
        acknowledged = False
        while self.loop.time() - press.at < GIVES_UP and not acknowledged:
            acknowledged = await self.door.send(topic, bad, press)
            await asyncio.sleep(self.dice.uniform(*ASKS_AGAIN))
        if self.dice.random() < 0.5:
            self.door.send(topic, json.dumps({"type": "measurement", "measurements": WELL}), None)

    async def _zigbee(self, press: Press, address: str) -> None:
        """A button behind a gateway: twin topics, and what the radio repeats."""
        for _ in range(self.dice.choice([1, 1, 2, 4])):
            twins = [
                (f"zigbee2mqtt/{address}", '{"action":"emergency","battery":87}'),
                (f"zigbee2mqtt/{address}/action", "emergency"),
            ]
            self.dice.shuffle(twins)
            for topic, payload in twins[: self.dice.randint(1, 2)]:
                retain = self.dice.random() < 0.2 and not topic.endswith("action")
                self.broker.publish(topic, payload, press, retain=retain)
            await asyncio.sleep(self.dice.uniform(0.1, 1.0))

    async def _cries(self, person: Person, moment: float) -> None:
        """A resident asks for help by text, in her own words: as good as a press, for one of those who live there."""
        await asyncio.sleep(moment)
        press = Press(self.loop.time(), " ".join(f"sms/{home}" for home in person.homes), None, kind="cry")
        self.all.append(press)
        self.phones.send_text(person.number, self.dice.choice(CRIES), lambda: self._heard(press))

    def _heard(self, press: Press) -> None:
        press.acked_at = self.loop.time()
