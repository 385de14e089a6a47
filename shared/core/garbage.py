"""Python's collector of reference cycles, tuned for processes that load much once and then live long."""

import gc

YOUNG = 20_000
"""Objects made since the last look at the young ones; Python's own 700 has it look several times an event."""
OLDER, OLDEST = 50, 50
"""After how many looks at a generation the next older one is looked at too."""


def spare_what_was_loaded() -> None:
    """Have the collector pass over what the start has made, for ever, and look at what comes later less often.

    Called once by a process that is ready. Garbage in cycles waits longer for its end.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDEST)
