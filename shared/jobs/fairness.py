"""Fairness between groups: slow groups get a part of the threads, so that quick ones always find one."""

import random
import time
from collections.abc import Callable, Iterable
from threading import Lock

SLOW_SECONDS = 2.0
MAX_GROUPS = 10_000


class FairScheduler:
    """How the groups of one runner did of late: one is quick when its last attempt ended soon, slow otherwise.

    Those that are not known to be quick have three threads of four between them, and one that was not seen yet
    comes before all others. `clock` gives seconds.
    """

    def __init__(self, threads: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._slow_limit = max(1, threads * 3 // 4)
        self._clock = clock
        self._quick: dict[str, bool] = {}
        self._running: dict[str, tuple[str, float]] = {}
        self._lock = Lock()

    def admit(self, groups: Iterable[str]) -> list[str]:
        """The groups of which a job may begin now, in the order in which they are to be asked for one."""
        with self._lock:
            self._learn_running()
            slow = sum(not self._quick.get(group) for group, _ in self._running.values())
            full = slow >= self._slow_limit
            able = [group for group in groups if self._quick.get(group) or not full]
            random.shuffle(able)
            return sorted(able, key=lambda group: group in self._quick)

    def begin(self, job: str, group: str) -> None:
        """Note that a job of a group runs now."""
        with self._lock:
            self._running[job] = (group, self._clock())

    def end(self, job: str, done: bool) -> None:
        """Note that a job has ended, if it ever began; a slow group becomes quick by one that was done only."""
        with self._lock:
            group, began = self._running.pop(job, (None, 0.0))
            seconds = self._clock() - began
            if group is not None and (done or seconds > SLOW_SECONDS or self._quick.get(group, True)):
                self._learn(group, seconds)

    def drop(self, job: str) -> None:
        """Note that a job has ended without an attempt: that says nothing of its group."""
        with self._lock:
            self._running.pop(job, None)

    def _learn_running(self) -> None:
        """Know who is slow before its job has ended."""
        now = self._clock()
        for group, began in self._running.values():
            if now - began > SLOW_SECONDS:
                self._learn(group, now - began)

    def _learn(self, group: str, seconds: float) -> None:
        self._quick.pop(group, None)
        self._quick[group] = seconds <= SLOW_SECONDS
        if len(self._quick) > MAX_GROUPS:
            del self._quick[next(iter(self._quick))]
