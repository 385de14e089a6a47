"""Streams: what a receiver that finds a gap in the sequence asks for."""

from typing import Any

import flask
import msgspec

from services.notify import queries
from services.notify.schemas import EventsQuery, EventsSchema
from shared import web
from shared.auth.guard import audience, caller

blp = web.Blueprint("streams", __name__, url_prefix="/streams", description="Everything, in sequence.")


@blp.route("/<id>/events")
@blp.arguments(EventsQuery, location="query")
@blp.response(200, EventsSchema)
@audience("ministry", "machine")
def list_events(query: dict[str, Any], id: str) -> flask.Response:
    """The events of a stream after a number, in sequence, byte for byte as in their webhooks."""
    found = web.query(queries.list_events, caller(), id, query["after"], query["limit"])
    items = [msgspec.Raw(body) for _, body in found.rows]
    following = found.rows[-1][0] if found.more else None
    content = msgspec.json.encode({"items": items, "next": following})
    return flask.Response(content, mimetype="application/json")
