"""How many PATCHes one process receives at a time: slow senders leave threads for everybody else."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from shared.core.errors import Locked, TryLater


class ConcurrencyLimit:
    """Three quarters of a process's threads for uploads, and half of these for one agency."""

    def __init__(self, threads: int) -> None:
        self._all = max(1, threads * 3 // 4)
        self._each = max(1, self._all // 2)
        self._running: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def acquire(self, agency: str) -> Iterator[None]:
        """Count one more while it lasts; Locked or TryLater when there are too many."""
        with self._lock:
            self._check(agency)
            self._running[agency] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[agency] -= 1

    def _check(self, agency: str) -> None:
        # 423 and 503 are what tus clients try again after a while.
        if self._running[agency] >= self._each:
            raise Locked(
                f"Your agency is sending {self._each} files at the same time already: go on when one of them is here.",
                "too-many-at-once",
            )
        if self._running.total() >= self._all:
            raise TryLater("Too many files are coming in at the moment: go on in a few seconds.")
