"""Waiting for a condition, not for a time."""

import time
from collections.abc import Callable

PATIENCE = 120.0
PAUSE, LONGEST_PAUSE = 0.01, 0.1


def until(condition: Callable[[], object]) -> None:
    """Return as soon as the condition holds; AssertionError when it does not come to hold."""
    end, pause = time.monotonic() + PATIENCE, PAUSE
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE:g} s in vain"
        time.sleep(pause)
        pause = min(LONGEST_PAUSE, 1.5 * pause)
