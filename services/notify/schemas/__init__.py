"""What notify reads and writes as JSON: …Input is sent, …Query stands in an address, …Schema is answered."""

from services.notify.schemas.deliveries import (
    DeliveryDetailSchema,
    DeliveryQuery,
    DeliverySchema,
    RetriedSchema,
    place_at,
    place_of,
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
    "place_at",
    "place_of",
]
