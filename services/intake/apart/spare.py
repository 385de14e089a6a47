"""A process apart that is there before anybody asks, so that whoever asks waits for no library to be loaded."""

import threading
from contextlib import suppress
from typing import BinaryIO

from services.intake.apart.process import Bounds, Process


class Spare:
    """One process of a program that waits for its order, and the next one after that: no two files meet in one."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._lock = threading.Lock()
        self._waiting: tuple[Process, Bounds] | None = None

    def ask(self, order: bytes, file: BinaryIO, size: int, bounds: Bounds) -> bytes:
        """What the program says of a file, by the process that waits or by one that starts now; raises as `ask`."""
        process = self._take(bounds) or Process(self._program, bounds)
        try:
            return process.ask(order, file, size, bounds)
        finally:
            process.end()
            self._put(bounds)

    def end(self) -> None:
        """End the process that waits."""
        waiting = self._swap(None)
        if waiting:
            waiting[0].end()

    def _take(self, bounds: Bounds) -> Process | None:
        """The process that waits, unless it is bounded otherwise or somebody ended it."""
        waiting = self._swap(None)
        if not waiting:
            return None
        process, its = waiting
        if process.is_there and (its.memory, its.cpu) == (bounds.memory, bounds.cpu):
            return process
        process.end()
        return None

    def _put(self, bounds: Bounds) -> None:
        """Have the next one begin; where that cannot be, whoever asks next finds out."""
        with suppress(OSError):
            left = self._swap((Process(self._program, bounds), bounds))
            if left:
                left[0].end()

    def _swap(self, waiting: tuple[Process, Bounds] | None) -> tuple[Process, Bounds] | None:
        with self._lock:
            before, self._waiting = self._waiting, waiting
        return before
