"""What notify does: each function is one command, run in one transaction by its caller."""

from services.notify.commands.deliveries import (
    park,
    record,
    retry,
    retry_parked,
    revive,
    send_test,
    suspend,
)
from services.notify.commands.publishing import publish
from services.notify.commands.subscriptions import (
    change,
    close,
    enable,
    give_up_test,
    record_test,
    revive_test,
    rotate,
    subscribe,
)

__all__ = [
    "change",
    "close",
    "enable",
    "give_up_test",
    "park",
    "publish",
    "record",
    "record_test",
    "retry",
    "retry_parked",
    "revive",
    "revive_test",
    "rotate",
    "send_test",
    "subscribe",
    "suspend",
]
