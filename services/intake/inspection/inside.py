"""What stands inside a file is looked at by the same door as the file: so deep, so many, so much of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from services.intake.domain.inspection import Inspection

DEEPEST = 4
MOST_FILE = 64 * 1024 * 1024
"""Bytes of one file inside another that are looked at."""
MOST_SECONDS = 10.0
"""Seconds of the processor after which no further file is looked at: a third of what a whole inspection may take."""


@dataclass
class Budget:
    """How many files and unpacked bytes may still be looked at, inside a file and all that it holds, and until when."""

    files: int = 500
    unpacked: int = 256 * 1024 * 1024
    until: float = field(default_factory=lambda: time.process_time() + MOST_SECONDS)

    @property
    def is_used_up(self) -> bool:
        """Whether no further file may be looked at."""
        return self.files <= 0 or self.unpacked <= 0 or time.process_time() > self.until


@dataclass(frozen=True)
class Inside:
    """The door, and how far one may still go through it."""

    inspect: Callable[[bytes, "Inside"], Inspection]
    depth: int = 0
    budget: Budget = field(default_factory=Budget)

    def look(self, read: Callable[[], bytes]) -> Inspection | None:
        """What one file inside is; None when it lies too deep, is too large, or one of too many."""
        if self.depth >= DEEPEST or self.budget.is_used_up:
            return None
        self.budget.files -= 1
        data = read()
        if len(data) >= MOST_FILE:
            return None
        return self.inspect(data, Inside(self.inspect, self.depth + 1, self.budget))
