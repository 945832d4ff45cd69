"""An event loop without threads, sockets or waiting: time jumps to the next thing that is due.

On it run the world and the processes of one simulated machine. What belongs to a process carries it in its context, so
that a process can be held (the machine stalls) or killed at any of its steps: nothing of it runs ever again, no
``finally`` and no cancellation, as after a power cut.
"""

from __future__ import annotations

import asyncio
import heapq
import warnings
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVar

T = TypeVar("T")

SPINS = 200_000  # steps without any time passing: somebody goes round and round


class StuckError(Exception):
    """Nothing is due any more, or somebody spins."""


class Process:
    """One run of a program: everything it has in memory ends with it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.held_until = 0.0
        self.dies_in: int | None = None  # so many steps from now
        self.on_death: Callable[[], None] = lambda: None
        self.tasks: list[asyncio.Task[Any]] = []
        self.context = copy_context()
        self.context.run(_PROCESS.set, self)
        self.held: deque[asyncio.Handle] = deque()

    def kill(self) -> None:
        """From now on nothing of it runs."""
        if self.alive:
            self.alive = False
            self.on_death()


_PROCESS: ContextVar[Process | None] = ContextVar("process", default=None)


class VirtualLoop(asyncio.AbstractEventLoop):
    """Runs what is ready in the order in which it became ready."""

    def __init__(self) -> None:
        self._now = 0.0
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._timer_count = 0
        self._tasks: list[asyncio.Task[Any]] = []
        self._processes: list[Process] = []
        self.problems: list[str] = []
        self.steps = 0

    # ------------------------------------------------------------ what asyncio asks of a loop

    def time(self) -> float:
        return self._now

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_soon(  # type: ignore[override]  # without the parts that typeshed packs into a TypeVarTuple
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(  # type: ignore[override]  # as above
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]  # as above
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._timer_count += 1
        heapq.heappush(self._timers, (when, self._timer_count, handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is passed over when its time comes."""

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]  # no generators, no eager start
        self, coro: Coroutine[Any, Any, T], *, name: str | None = None, context: Context | None = None
    ) -> asyncio.Task[T]:
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        process = _PROCESS.get() if context is None else context.get(_PROCESS)
        tasks = self._tasks if process is None else process.tasks
        tasks.append(task)
        if len(tasks) % 256 == 0:
            tasks[:] = [one for one in tasks if not one.done()]
        return task

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Nobody hears of this exception: a defect, unless it came of a process that was killed."""
        error = context.get("exception")
        self.problems.append(f"{context.get('message', '')}: {error!r}")

    # ------------------------------------------------------------ running

    def process(self, name: str) -> Process:
        """A new process."""
        made = Process(name)
        self._processes.append(made)
        return made

    def hold(self, process: Process, seconds: float) -> None:
        """Let nothing of a process run for so long, as when the machine was put to sleep."""
        process.held_until = max(process.held_until, self._now + seconds)
        self.call_at(process.held_until, self._release, process, context=Context())

    def _release(self, process: Process) -> None:
        if self._now >= process.held_until:
            self._ready.extendleft(reversed(process.held))
            process.held.clear()

    def run_until(self, moment: float) -> None:
        """Run until that time.

        Raises:
            StuckError: Somebody spins.
        """
        self.call_at(moment, lambda: None, context=Context())
        asyncio._set_running_loop(self)
        spins = 0
        try:
            while self._ready or self._now < moment:
                if not self._ready:
                    spins = 0
                    self._pass_time()
                    continue
                spins += 1
                if spins > SPINS:
                    raise StuckError(f"somebody spins at {self._now:.3f} s: {self._ready[0]!r}")
                self._run(self._ready.popleft())
        finally:
            asyncio._set_running_loop(None)

    def _pass_time(self) -> None:
        self._now = max(self._now, self._timers[0][0])
        while self._timers and self._timers[0][0] <= self._now:
            handle = heapq.heappop(self._timers)[2]
            if not handle.cancelled():
                self._ready.append(handle)

    def _run(self, handle: asyncio.Handle) -> None:
        if handle.cancelled():
            return
        process: Process | None = handle._context.get(_PROCESS)  # type: ignore[attr-defined]  # typeshed has no such field
        if process is not None:
            if not process.alive:
                _hear(handle)
                return
            if self._now < process.held_until:
                process.held.append(handle)
                return
            if process.dies_in is not None:
                process.dies_in -= 1
                if process.dies_in < 0:
                    process.kill()
                    _hear(handle)
                    return
        self.steps += 1
        handle._run()

    def end(self) -> None:
        """Let go of everything that still waits, without letting it do anything more."""
        for process in self._processes:
            process.alive = False
        # A `finally` that begins a task finds this loop, and no other that somebody has left set; it is let go as well.
        asyncio._set_running_loop(self)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what a dead process would have done in its `finally` is not awaited
                while tasks := self._take_tasks():
                    for task in tasks:
                        _let_go(task)
        finally:
            asyncio._set_running_loop(None)
        self._ready.clear()
        self._timers.clear()

    def _take_tasks(self) -> list[asyncio.Task[Any]]:
        """All that there are, of every process; they are nobody's then."""
        found: list[asyncio.Task[Any]] = []
        for tasks in (self._tasks, *(process.tasks for process in self._processes)):
            found += tasks
            tasks.clear()
        return found


def _hear(handle: asyncio.Handle) -> None:
    """What would have told a dead process of an exception: nobody else need hear it."""
    for one in handle._args or ():
        if isinstance(one, asyncio.Future) and one.done() and not one.cancelled():
            one.exception()


def _let_go(task: asyncio.Task[Any]) -> None:
    if task.done():
        if not task.cancelled():
            task.exception()  # seen, so that it is not reported when it is forgotten
        return
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # it is meant
    coroutine = task.get_coro()
    assert coroutine is not None
    with suppress(BaseException):  # a `finally` of a dead process that awaits something waits for ever
        coroutine.close()
