"""Editions of the instrument."""

from http import HTTPStatus
from operator import attrgetter
from typing import Any

from services.intake import commands, queries
from services.intake.api.answering import after_id, by_id
from services.intake.domain import EditionRecord
from services.intake.schemas import EditionDetail, EditionSchema, EditionText
from shared.auth import ANYONE, audience, caller
from shared.instrument import load
from shared.web import Blueprint, PageQuery, look, page_of, run

blp = Blueprint("editions", __name__, url_prefix="/editions", description="Editions of the instrument.")


@blp.route("", methods=["POST"])
@blp.arguments(EditionText)
@blp.response(201, EditionSchema)
@audience("ministry")
def load_edition(body: dict[str, Any]) -> tuple[EditionRecord, int]:
    """Load an edition as a draft.

    The same content again changes nothing (200); other content replaces a draft, and is refused once the edition
    is published.
    """
    record, new = run(commands.load_edition, load(body["yaml"]))
    return record, HTTPStatus.CREATED if new else HTTPStatus.OK


@blp.route("/<id>/publish", methods=["POST"])
@blp.response(200, EditionSchema)
@audience("ministry")
def publish_edition(id: str) -> EditionRecord:
    """Publish an edition: it never changes again, and all services are told."""
    return run(commands.publish_edition, id)


@blp.route("")
@blp.arguments(PageQuery, location="query")
@blp.response(200, page_of(EditionSchema))
@audience(ANYONE)
def editions(query: dict[str, Any]) -> dict[str, Any]:
    """The editions; drafts for the ministry only."""
    rows = look(queries.editions, caller(), after_id(query), query["limit"])
    return by_id(rows, query, attrgetter("id"))


@blp.route("/<id>")
@blp.response(200, EditionDetail)
@audience(ANYONE)
def edition(id: str) -> dict[str, Any]:
    """An edition with its whole tree."""
    return look(queries.edition, caller(), id)
