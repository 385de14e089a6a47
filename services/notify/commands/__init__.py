"""What can be changed in notify: one function, one transaction."""

from services.notify.commands.deliveries import (
    park,
    record,
    retry,
    retry_parked,
    revive,
    suspend,
)
from services.notify.commands.publishing import publish
from services.notify.commands.replicas import replicate_agency
from services.notify.commands.subscriptions import change, close, enable, rotate, subscribe

__all__ = [
    "change",
    "close",
    "enable",
    "park",
    "publish",
    "record",
    "replicate_agency",
    "retry",
    "retry_parked",
    "revive",
    "rotate",
    "subscribe",
    "suspend",
]
