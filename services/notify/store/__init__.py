"""How notify's values are kept: documents here, frozen values of the domain everywhere else."""

from services.notify.store.deliveries import (
    add_attempt,
    add_delivery,
    count_parked,
    find_delivery,
    find_due,
    find_health,
    list_attempts,
    list_deliveries,
    list_healths,
    require_delivery,
    save_delivery,
    save_health,
)
from services.notify.store.indexes import INDEXES, RIGHTS
from services.notify.store.replicas import is_agency_known, is_entitled
from services.notify.store.streams import add_entry, draw_sequence, list_bodies, require_body
from services.notify.store.subscriptions import (
    find_subscription,
    list_open_names,
    list_open_subscriptions,
    list_subscriptions,
    save_subscription,
)

__all__ = [
    "INDEXES",
    "RIGHTS",
    "add_attempt",
    "add_delivery",
    "add_entry",
    "count_parked",
    "draw_sequence",
    "find_delivery",
    "find_due",
    "find_health",
    "find_subscription",
    "is_agency_known",
    "is_entitled",
    "list_attempts",
    "list_bodies",
    "list_deliveries",
    "list_healths",
    "list_open_names",
    "list_open_subscriptions",
    "list_subscriptions",
    "require_body",
    "require_delivery",
    "save_delivery",
    "save_health",
    "save_subscription",
]
