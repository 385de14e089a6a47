"""Whether the processes that a test starts measure what they cover."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_VARIABLE = "COVERAGE_PROCESS_CONFIG"


def without_measuring(env: Mapping[str, str]) -> dict[str, str]:
    """An environment in which a process does not measure: that doubles what its start takes."""
    return {name: value for name, value in env.items() if name != _VARIABLE}


@contextmanager
def unmeasured() -> Iterator[None]:
    """Let what is started in the block not measure; what whole systems do is covered by tests of their parts."""
    kept = os.environ.pop(_VARIABLE, None)
    try:
        yield
    finally:
        if kept is not None:
            os.environ[_VARIABLE] = kept
