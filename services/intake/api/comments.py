"""Notes that an agency's people leave each other."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from services.intake import commands, queries
from services.intake.domain.comments import Comment, CommentDraft
from services.intake.schemas import CommentInput, CommentMarkInput, CommentSchema, CommentsQuery
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict, Forbidden, PreconditionNeeded
from shared.core.people import AGENCY_ROLES

blp = web.Blueprint(
    "comments",
    __name__,
    url_prefix="/self-assessments",
    description="Notes of an agency's people to each other.",
)


@blp.route("/<participation>/comments", methods=["POST"])
@blp.arguments(CommentInput)
@blp.response(201, CommentSchema)
@web.document_headers(web.IDEMPOTENCY_KEY)
@web.document_errors(Conflict, PreconditionNeeded)
@audience(*AGENCY_ROLES)
def add_comment(draft: CommentDraft, participation: str) -> dict[str, Any]:
    """Leave a note at an indicator for the agency's own people; it is never sealed nor handed on."""
    key = web.idempotency_key()
    return _one(web.run(commands.add_comment, participation, draft, key))


@blp.route("/<participation>/comments")
@blp.arguments(CommentsQuery, location="query")
@blp.response(200, web.page_of(CommentSchema))
@audience(*AGENCY_ROLES)
def list_comments(query: dict[str, Any], participation: str) -> dict[str, Any]:
    """The notes, by id."""
    after, limit = web.page_args(query)
    found = web.query(queries.list_comments, caller(), participation, query["indicator"], after, limit)
    page = web.by_id(found)
    return {**page, "items": _said(found.rows)}


@blp.route("/<participation>/comments/<id>", methods=["PATCH"])
@blp.arguments(CommentMarkInput)
@blp.response(200, CommentSchema)
@web.document_errors(Conflict)
@audience(*AGENCY_ROLES)
def mark_comment(sent: dict[str, bool], participation: str, id: str) -> dict[str, Any]:
    """Mark a note as settled, or open it again."""
    return _one(web.run(commands.mark_comment, participation, id, sent["settled"]))


@blp.route("/<participation>/comments/<id>", methods=["DELETE"])
@blp.response(204)
@web.document_errors(Conflict, Forbidden)
@audience(*AGENCY_ROLES)
def withdraw_comment(participation: str, id: str) -> None:
    """Take one's own note away while it is open."""
    web.run(commands.withdraw_comment, participation, id)


def _one(comment: Comment) -> dict[str, Any]:
    (said,) = _said([comment])
    return said


def _said(comments: Iterable[Comment]) -> list[dict[str, Any]]:
    """Notes with the names of the people in them."""
    found = web.query(queries.discussion_of, comments)
    return [
        {
            **asdict(one),
            "by_name": found.names[one.by],
            "settled_by_name": found.names[one.settled_by] if one.settled_by else None,
        }
        for one in found.comments
    ]
