"""What the doors of notify read and write as JSON."""

from services.notify.schemas.deliveries import (
    DeliveryDetailSchema,
    DeliveryQuery,
    DeliverySchema,
    RetriedSchema,
)
from services.notify.schemas.secrets import KeySchema, RotationInput, SecretSchema
from services.notify.schemas.streams import EventsQuery, EventsSchema
from services.notify.schemas.subscriptions import (
    ChangeInput,
    SubscriptionDetailSchema,
    SubscriptionInput,
    SubscriptionSchema,
)

__all__ = [
    "ChangeInput",
    "DeliveryDetailSchema",
    "DeliveryQuery",
    "DeliverySchema",
    "EventsQuery",
    "EventsSchema",
    "KeySchema",
    "RetriedSchema",
    "RotationInput",
    "SecretSchema",
    "SubscriptionDetailSchema",
    "SubscriptionInput",
    "SubscriptionSchema",
]
