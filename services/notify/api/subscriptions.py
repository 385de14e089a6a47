"""Subscriptions: to look at, to change, to end."""

from typing import Any

from services.notify import commands, queries
from services.notify.domain import Subscription
from services.notify.schemas import ChangeBody, SubscriptionSchema, SubscriptionViewSchema
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict

DESCRIPTION = "Who gets what."

blp = web.Blueprint("subscriptions", __name__, url_prefix="/subscriptions", description=DESCRIPTION)


@blp.route("")
@blp.arguments(web.PageQuery, location="query")
@blp.response(200, web.page_of(SubscriptionSchema))
@audience("ministry", "machine")
def list_subscriptions(query: dict[str, Any]) -> dict[str, Any]:
    """All subscriptions for the ministry, its own for a machine client."""
    after, limit = web.page_args(query)
    return web.by_id(web.query(queries.subscriptions, caller(), after, limit), query)


@blp.route("/<id>")
@blp.response(200, SubscriptionViewSchema)
@audience("ministry", "machine")
def get_subscription(id: str) -> web.Tagged[dict[str, Any]]:
    """One subscription, and how its receiver does."""
    one, health = web.query(queries.subscription, caller(), id)
    return web.tagged({**vars(one), "health": health}, one.rev)


@blp.route("/<id>/enable", methods=["POST"])
@blp.response(200, SubscriptionSchema)
@web.document_errors(Conflict)
@audience("ministry", "machine")
def enable_subscription(id: str) -> web.Tagged[Subscription]:
    """Deliver again from the next event on; those between stand in the stream, and parked ones can be retried."""
    one = web.run(commands.enable, id)
    return web.tagged(one, one.rev)


@blp.route("/<id>", methods=["DELETE"])
@blp.response(204)
@audience("ministry", "machine")
def close_subscription(id: str) -> None:
    """Close for good; its stream can still be read."""
    web.run(commands.close, id)


def change(private: bool) -> web.Blueprint:
    """The route that may name another address; with `private`, one of this machine."""
    blp = web.Blueprint("changes", __name__, url_prefix="/subscriptions", description=DESCRIPTION)

    @blp.route("/<id>", methods=["PATCH"])
    @blp.arguments(ChangeBody)
    @blp.response(200, SubscriptionSchema)
    @web.document_headers(web.IF_MATCH)
    @audience("ministry", "machine")
    def change_subscription(sent: dict[str, Any], id: str) -> web.Tagged[Subscription]:
        """Change the address or the types, or switch it on or off; the scope never changes.

        What waits goes to a new address at once, whatever the old one answered; what is being sent to the old
        one at that moment goes to the new one as soon as that has failed.
        """
        one = web.run(commands.change, id, sent, web.if_match(), commands.CATALOGUE, private)
        return web.tagged(one, one.rev)

    return blp
