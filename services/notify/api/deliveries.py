"""Deliveries: what became of each event, and another try by hand."""

from typing import Any

from services.notify import commands, queries
from services.notify.queries import Tracked
from services.notify.schemas import DeliveryPage, DeliveryQuery, DeliveryViewSchema, RetriedSchema
from shared.auth import audience, caller
from shared.web import Blueprint, look, page, position, run

DESCRIPTION = "Events on their way."

of_subscription = Blueprint("sent", __name__, url_prefix="/subscriptions", description=DESCRIPTION)
blp = Blueprint("deliveries", __name__, url_prefix="/deliveries", description=DESCRIPTION)


@of_subscription.route("/<id>/deliveries")
@audience("ministry", "machine")
@of_subscription.arguments(DeliveryQuery, location="query")
@of_subscription.response(200, DeliveryPage)
def list_deliveries(query: dict[str, Any], id: str) -> dict[str, Any]:
    """A subscription's deliveries, the latest first."""
    after = position(query["after"], int)
    before = int(after[0]) if after else None
    rows = look(queries.deliveries, caller(), id, query["state"], before, query["limit"] + 1)
    return page(rows, lambda one: (one.delivery.sequence,), query["limit"])


@of_subscription.route("/<id>/deliveries/retry", methods=["POST"])
@audience("ministry", "machine")
@of_subscription.response(202, RetriedSchema)
def retry_parked(id: str) -> dict[str, Any]:
    """Retry the parked deliveries of a subscription, up to 200 at a time, the latest first."""
    retried, more = run(commands.retry_parked, id)
    return {"retried": retried, "more": more}


@blp.route("/<id>")
@audience("ministry", "machine")
@blp.response(200, DeliveryViewSchema)
def get_delivery(id: str) -> Tracked:
    """One delivery with its latest attempts."""
    return look(queries.delivery, caller(), id)


@blp.route("/<id>/retry", methods=["POST"])
@audience("ministry", "machine")
@blp.response(202, DeliveryViewSchema)
def retry(id: str) -> Tracked:
    """Try again now, whatever became of it: the receiver gets it under the same webhook-id."""
    run(commands.retry, id)
    return look(queries.delivery, caller(), id)
