"""The clock, and ids that carry its time."""

import os
import threading
import time
from datetime import UTC, datetime

_lock = threading.Lock()
_last = [0]


def utcnow() -> datetime:
    """The time in UTC, cut to the milliseconds that the database keeps."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def new_id() -> str:
    """A UUID of version 7 as 32 hexadecimal digits, above every other that this process made (RFC 9562, 5.7)."""
    milliseconds, noise = time.time_ns() // 1_000_000, int.from_bytes(os.urandom(10), "big")
    high = milliseconds << 16 | 0x7000 | noise >> 68
    with _lock:
        _last[0] = max(_last[0] + 1, high << 64 | 0b10 << 62 | noise & (1 << 62) - 1)
        return f"{_last[0]:032x}"


def first_id(at: datetime) -> str:
    """The smallest id that `new_id` could have given at that time: ids below it are older."""
    return f"{int(at.timestamp() * 1000) << 16 | 0x7000:016x}{0b10 << 62:016x}"
