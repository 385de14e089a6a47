"""What can be asked of notify."""

from services.notify.queries.deliveries import TrackedDelivery, get_delivery, get_outgoing, list_deliveries
from services.notify.queries.subscriptions import (
    SubscriptionRow,
    get_subscription,
    get_subscription_row,
    get_tested,
    list_events,
    list_subscription_rows,
    list_subscriptions,
)

__all__ = [
    "SubscriptionRow",
    "TrackedDelivery",
    "get_delivery",
    "get_outgoing",
    "get_subscription",
    "get_subscription_row",
    "get_tested",
    "list_deliveries",
    "list_events",
    "list_subscription_rows",
    "list_subscriptions",
]
