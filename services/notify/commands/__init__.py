"""What can be changed in notify: each function is one command, run in one transaction by its caller."""

from services.notify.commands.deliveries import park, record, retry, retry_parked, suspend
from services.notify.commands.publishing import CATALOGUE, copy_agency, publish
from services.notify.commands.subscriptions import change, close, enable, rotate, subscribe

__all__ = [
    "CATALOGUE",
    "change",
    "close",
    "copy_agency",
    "enable",
    "park",
    "publish",
    "record",
    "retry",
    "retry_parked",
    "rotate",
    "subscribe",
    "suspend",
]
