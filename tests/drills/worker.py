"""A worker of the toy service that kills itself, once, at a named point: `python -m tests.drills.worker POINT NTH`.

The points are seams of the real code; what happens up to each of them is the real thing.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from shared.core import settings, telemetry
from shared.messaging import broker, inbox, outbox
from shared.storage import transaction
from tests.shared.toys import TOY

POINTS: dict[str, tuple[Any, str, bool]] = {
    "before-handler": (inbox, "_handle_event", False),
    "mid-transaction": (transaction.Transaction, "_send", True),
    "after-commit": (inbox, "handle", True),
    "before-ack": (broker.Subscriber, "ack", False),
    "after-ack": (broker.Subscriber, "ack", True),
    "before-publish": (broker.Publisher, "publish", False),
    "after-publish": (outbox.Relay, "_mark_published", False),
}


def dies(function: Callable[..., Any], nth: int, after: bool) -> Callable[..., Any]:
    """The function, which on its nth call ends this process without a word, before or after its work."""
    calls = 0

    def wrapped(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        value = function(*args, **options) if after or calls < nth else None
        if calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return value

    return wrapped


def main(point: str, nth: int) -> int:
    """Run the worker; 0 as `nth` means: never die."""
    if nth:
        owner, name, after = POINTS[point]
        setattr(owner, name, dies(getattr(owner, name), nth, after))
    telemetry.configure("review")
    sys.setswitchinterval(0.0005)
    return TOY.worker(settings.load("review")).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
