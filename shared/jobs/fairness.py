"""The pace of groups: who is slow gets a part of the threads, so that who is quick always finds one."""

import random
import time
from collections.abc import Callable, Iterable
from threading import Lock

SLOW_SECONDS = 2.0
MOST_KNOWN = 10_000


class FairScheduler:
    """How the groups of one runner did of late: one is quick when its last try ended soon, slow otherwise.

    Those that are not known to be quick have three threads of four between them, and one that was not seen yet
    comes before all others.
    """

    def __init__(self, threads: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = max(1, threads * 3 // 4)
        self._clock = clock
        self._quick: dict[str, bool] = {}
        self._under_way: dict[str, tuple[str, float]] = {}
        self._lock = Lock()

    def admitted(self, groups: Iterable[str]) -> list[str]:
        """The groups of which a job may begin now, in the order in which they are to be asked for one."""
        with self._lock:
            self._note_the_late()
            begun = [group for group, _ in self._under_way.values()]
            full = sum(not self._quick.get(group) for group in begun) >= self._most
            able = [one for one in groups if self._quick.get(one) or not full]
            random.shuffle(able)
            return sorted(able, key=lambda one: one in self._quick)

    def begin(self, job: str, group: str) -> None:
        """Take note that a job of a group is under way."""
        with self._lock:
            self._under_way[job] = (group, self._clock())

    def end(self, job: str, done: bool) -> None:
        """Take note that a job has ended, if it ever began; a slow group becomes quick by one that was done only."""
        with self._lock:
            group, began = self._under_way.pop(job, (None, 0.0))
            seconds = self._clock() - began
            if group is not None and (done or seconds > SLOW_SECONDS or self._quick.get(group, True)):
                self._learn(group, seconds)

    def drop(self, job: str) -> None:
        """Take note that a job has ended without a try: that says nothing of its group."""
        with self._lock:
            self._under_way.pop(job, None)

    def _note_the_late(self) -> None:
        """Know who is slow before its job has ended."""
        now = self._clock()
        for group, began in self._under_way.values():
            if now - began > SLOW_SECONDS:
                self._learn(group, now - began)

    def _learn(self, group: str, seconds: float) -> None:
        self._quick.pop(group, None)
        self._quick[group] = seconds <= SLOW_SECONDS
        if len(self._quick) > MOST_KNOWN:
            del self._quick[next(iter(self._quick))]
