"""What waits for its turn: senders take turns, and each sender's devices do, so that nobody waits behind a flood."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Rounds(Generic[_T]):
    """A line for each device of each sender."""

    def __init__(self) -> None:
        self._of: OrderedDict[Hashable, OrderedDict[Hashable, deque[_T]]] = OrderedDict()
        self._many = 0

    def __len__(self) -> int:
        """How many wait."""
        return self._many

    def put(self, sender: Hashable, device: Hashable, one: _T) -> None:
        """Let one wait behind those of the same device."""
        self._of.setdefault(sender, OrderedDict()).setdefault(device, deque()).append(one)
        self._many += 1

    def next(self) -> _T:
        """Whose turn it is.

        Raises:
            KeyError: Nothing waits.
        """
        sender, devices = self._of.popitem(last=False)
        device, line = devices.popitem(last=False)
        one = line.popleft()
        self._many -= 1
        if line:
            devices[device] = line
        if devices:
            self._of[sender] = devices
        return one
