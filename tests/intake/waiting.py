"""Waiting for a condition, not for a time."""

import time
from collections.abc import Callable

PATIENCE = 30.0


def until(condition: Callable[[], object]) -> None:
    """Return when the condition holds; AssertionError when it does not come to hold."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE} s in vain"
        time.sleep(0.05)
