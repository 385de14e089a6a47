"""Subscriptions: to look at, to change, to end."""

from typing import Any

from services.notify import commands, queries
from services.notify.domain import Subscription
from services.notify.schemas import (
    ChangeBody,
    SubscriptionPage,
    SubscriptionSchema,
    SubscriptionViewSchema,
)
from shared.auth import audience, caller
from shared.web import (
    IF_MATCH,
    Blueprint,
    PageQuery,
    etag,
    if_match,
    look,
    page,
    position,
    run,
    takes,
)

Answer = tuple[Any, dict[str, str]]

DESCRIPTION = "Who gets what."

blp = Blueprint("subscriptions", __name__, url_prefix="/subscriptions", description=DESCRIPTION)


@blp.route("")
@audience("ministry", "machine")
@blp.arguments(PageQuery, location="query")
@blp.response(200, SubscriptionPage)
def list_subscriptions(query: dict[str, Any]) -> dict[str, Any]:
    """All subscriptions for the ministry, its own for a machine client."""
    after = position(query["after"], str)
    start = str(after[0]) if after else None
    rows = look(queries.subscriptions, caller(), start, query["limit"] + 1)
    return page(rows, lambda one: (one.id,), query["limit"])


@blp.route("/<id>")
@audience("ministry", "machine")
@blp.response(200, SubscriptionViewSchema)
def get_subscription(id: str) -> Answer:
    """One subscription, and how its receiver does."""
    one, health = look(queries.subscription, caller(), id)
    return {**vars(one), "health": health}, {"ETag": etag(one.rev)}


@blp.route("/<id>/enable", methods=["POST"])
@audience("ministry", "machine")
@blp.response(200, SubscriptionSchema)
def enable(id: str) -> Answer:
    """Deliver again from the next event on; those between stand in the stream, and parked ones can be retried."""
    return _answer(run(commands.enable, id))


@blp.route("/<id>", methods=["DELETE"])
@audience("ministry", "machine")
@blp.response(204)
def close(id: str) -> None:
    """Close for good; its stream can still be read."""
    run(commands.close, id)


def change(private: bool) -> Blueprint:
    """The route that may name another address; with `private`, one of this machine."""
    blp = Blueprint("changes", __name__, url_prefix="/subscriptions", description=DESCRIPTION)

    @blp.route("/<id>", methods=["PATCH"])
    @audience("ministry", "machine")
    @blp.arguments(ChangeBody)
    @blp.response(200, SubscriptionSchema)
    @takes(IF_MATCH)
    def patch(sent: dict[str, Any], id: str) -> Answer:
        """Change the address or the types, or switch it on or off; the scope never changes."""
        return _answer(run(commands.change, id, sent, if_match(), commands.CATALOGUE, private))

    return blp


def _answer(one: Subscription) -> Answer:
    return one, {"ETag": etag(one.rev)}
