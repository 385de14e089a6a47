"""Editions of the instrument."""

from http import HTTPStatus
from typing import Any

from services.intake import commands, queries
from services.intake.domain import EditionContent, EditionRecord
from services.intake.schemas import EditionContentSchema, EditionInput, EditionSchema
from shared import web
from shared.auth.guard import ANYONE, audience, caller
from shared.core.errors import Conflict
from shared.instrument import Edition

blp = web.Blueprint("editions", __name__, url_prefix="/editions", description="Editions of the instrument.")


@blp.route("", methods=["POST"])
@blp.arguments(EditionInput)
@blp.response(201, EditionSchema)
@blp.response(200, EditionSchema)
@web.document_errors(Conflict)
@audience("ministry")
def load_edition(edition: Edition) -> tuple[EditionRecord, int]:
    """Load an edition as a draft.

    The same content again changes nothing (200); other content replaces a draft, and is refused once the edition
    is published.
    """
    record, new = web.run(commands.load_edition, edition)
    return record, HTTPStatus.CREATED if new else HTTPStatus.OK


@blp.route("/<id>/publish", methods=["POST"])
@blp.response(200, EditionSchema)
@audience("ministry")
def publish_edition(id: str) -> EditionRecord:
    """Publish an edition: it never changes again, and all services get it."""
    return web.run(commands.publish_edition, id)


@blp.route("")
@blp.arguments(web.PageQuery, location="query")
@blp.response(200, web.page_of(EditionSchema))
@audience(ANYONE)
def list_editions(query: dict[str, Any]) -> dict[str, Any]:
    """The editions, by id; drafts for the ministry only."""
    after, limit = web.page_args(query)
    return web.by_id(web.query(queries.list_editions, caller(), after, limit))


@blp.route("/<id>")
@blp.response(200, EditionContentSchema)
@audience(ANYONE)
def get_edition(id: str) -> EditionContent:
    """An edition with its whole tree."""
    return web.query(queries.get_edition, caller(), id)
