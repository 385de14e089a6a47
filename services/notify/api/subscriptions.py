"""Subscriptions: to look at, to change, to end."""

from typing import Any

from services.notify import commands, queries
from services.notify.domain import ChangeOrder, Subscription
from services.notify.schemas import ChangeInput, SubscriptionDetailSchema, SubscriptionSchema
from services.notify.webhooks import rules_of
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict
from shared.core.settings import Settings

DESCRIPTION = "Who gets what."

blp = web.Blueprint("subscriptions", __name__, url_prefix="/subscriptions", description=DESCRIPTION)


@blp.route("")
@blp.arguments(web.PageQuery, location="query")
@blp.response(200, web.page_of(SubscriptionSchema))
@audience("ministry", "machine")
def list_subscriptions(query: dict[str, Any]) -> dict[str, Any]:
    """All subscriptions for the ministry, its own for a machine client."""
    after, limit = web.page_args(query)
    return web.by_id(web.query(queries.list_subscriptions, caller(), after, limit))


@blp.route("/<id>")
@blp.response(200, SubscriptionDetailSchema)
@audience("ministry", "machine")
def get_subscription(id: str) -> web.Tagged[dict[str, Any]]:
    """One subscription, and how its receiver does."""
    subscription, health = web.query(queries.get_subscription, caller(), id)
    return web.tagged({**vars(subscription), "health": health}, subscription.rev, health)


@blp.route("/<id>/enable", methods=["POST"])
@blp.response(200, SubscriptionSchema)
@web.document_errors(Conflict)
@audience("ministry", "machine")
def enable_subscription(id: str) -> web.Tagged[Subscription]:
    """Deliver again from the next event on, once the address has answered a test event, which is sent at once.

    What came between stands in the stream, and parked deliveries can be retried.
    """
    subscription = web.run(commands.enable, id)
    return web.tagged(subscription, subscription.rev)


@blp.route("/<id>", methods=["DELETE"])
@blp.response(204)
@audience("ministry", "machine")
def close_subscription(id: str) -> None:
    """Close for good; its stream can still be read."""
    web.run(commands.close, id)


def changes(settings: Settings) -> web.Blueprint:
    """The route that may name another address: where that may lie is a setting."""
    blp = web.Blueprint("changes", __name__, url_prefix="/subscriptions", description=DESCRIPTION)

    @blp.route("/<id>", methods=["PATCH"])
    @blp.arguments(ChangeInput)
    @blp.response(200, SubscriptionSchema)
    @web.document_headers(web.IF_MATCH)
    @audience("ministry", "machine")
    def change_subscription(order: ChangeOrder, id: str) -> web.Tagged[Subscription]:
        """Change the address or the types, or switch it on or off; the scope never changes.

        What waits goes to a new address as soon as that has answered a test event, whatever the old one answered;
        what is being sent to the old one at that moment goes to the new one as soon as that has failed.
        """
        subscription = web.run(commands.change, id, order, web.if_match(), rules_of(settings))
        return web.tagged(subscription, subscription.rev)

    return blp
