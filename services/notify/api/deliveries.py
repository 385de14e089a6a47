"""Deliveries: what became of each event, and another try by hand."""

from typing import Any

from services.notify import commands, queries
from services.notify.domain import DeliveryFilter
from services.notify.queries import TrackedDelivery
from services.notify.schemas import (
    DeliveryDetailSchema,
    DeliveryQuery,
    DeliverySchema,
    RetriedSchema,
    place_at,
    place_of,
)
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict

blp = web.Blueprint("deliveries", __name__, description="Events on their way.")


@blp.route("/subscriptions/<id>/deliveries")
@blp.arguments(DeliveryQuery, location="query")
@blp.response(200, web.page_of(DeliverySchema))
@audience("ministry", "machine")
def list_deliveries(query: dict[str, Any], id: str) -> dict[str, Any]:
    """A subscription's deliveries, the latest first."""
    after = web.parse_cursor(query["after"], int, int, str)
    wanted = DeliveryFilter(query["state"], place_at(after) if after else None)
    rows = web.query(queries.list_deliveries, caller(), id, wanted, query["limit"])
    return web.page(rows, place_of)


@blp.route("/subscriptions/<id>/test", methods=["POST"])
@blp.response(202, DeliveryDetailSchema)
@web.document_errors(Conflict)
@web.counted("60/minute")
@audience("ministry", "machine")
def send_test_event(id: str) -> TrackedDelivery:
    """Deliver a test event `subscription.test.v1` with the sequence 0, signed and recorded like any other event.

    It stands in no stream and says nothing but that it is a test.
    """
    made = web.run(commands.send_test, id)
    return web.query(queries.get_delivery, caller(), made.id)


@blp.route("/subscriptions/<id>/deliveries/retry", methods=["POST"])
@blp.response(202, RetriedSchema)
@web.document_errors(Conflict)
@web.counted("60/minute")
@audience("ministry", "machine")
def retry_parked(id: str) -> dict[str, Any]:
    """Retry the parked deliveries of a subscription, up to 200 at a time, the latest first."""
    retried, more = web.run(commands.retry_parked, id)
    return {"retried": retried, "more": more}


@blp.route("/deliveries/<id>")
@blp.response(200, DeliveryDetailSchema)
@audience("ministry", "machine")
def get_delivery(id: str) -> TrackedDelivery:
    """One delivery with its latest attempts."""
    return web.query(queries.get_delivery, caller(), id)


@blp.route("/deliveries/<id>/retry", methods=["POST"])
@blp.response(202, DeliveryDetailSchema)
@web.document_errors(Conflict)
@web.counted("300/minute")
@audience("ministry", "machine")
def retry(id: str) -> TrackedDelivery:
    """Try again now, whatever became of it: the receiver gets it under the same webhook-id."""
    web.run(commands.retry, id)
    return web.query(queries.get_delivery, caller(), id)
