"""Counts and times of one run, kept while it goes on and printed as progress."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Phase:
    """A part of the round, in English and Indonesian, and how many seconds it took."""

    name: str
    nama: str
    seconds: float


@dataclass
class Tally:
    """What is known of this run so far."""

    began: float = field(default_factory=time.monotonic)
    phases: list[Phase] = field(default_factory=list)
    requests: Mapping[str, int] = field(default_factory=dict)
    bytes_sent: Mapping[str, int] = field(default_factory=dict)
    events: Mapping[str, int] = field(default_factory=dict)
    streams: int = 0
    defects: int = 0
    delivered: int = 0
    failed: int = 0
    retried: int = 0
    filled: int = 0
    verified: int = 0

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self.began

    @contextmanager
    def phase(self, name: str, nama: str) -> Iterator[None]:
        """Time a part of the round and say that it is over."""
        began = time.monotonic()
        print(f"  {self.seconds:5.1f} s  {name} …", end="", flush=True)
        try:
            yield
        except BaseException:
            print(" failed", flush=True)
            raise
        self.phases.append(Phase(name, nama, time.monotonic() - began))
        print(f" {self.phases[-1].seconds:.1f} s", flush=True)

    def say(self, words: str) -> None:
        """Say something of what has just been done."""
        print(f"           {words}", flush=True)


def types(events: Sequence[Any]) -> Mapping[str, int]:
    """How many events there are of each type."""
    return Counter(event["type"] for event in events)
