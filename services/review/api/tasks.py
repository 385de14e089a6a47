"""Tasks: what an assessor claims, does and finishes."""

from typing import Any

from services.review import commands, queries
from services.review.domain import Rating, Task
from services.review.schemas import (
    FenceSchema,
    LeaseSchema,
    MarkedSchema,
    MarksSchema,
    RatingSchema,
    ReleaseSchema,
    SavedSchema,
    TaskQuery,
    TaskSchema,
)
from shared.auth import audience, caller
from shared.web import Blueprint, look, page, page_of, position, run

blp = Blueprint("tasks", __name__, url_prefix="/tasks", description="The work of assessors.")


@blp.route("")
@blp.arguments(TaskQuery, location="query")
@blp.response(200, page_of(TaskSchema))
@audience("ministry", "assessor")
def list_tasks(query: dict[str, Any]) -> dict[str, Any]:
    """Tasks to be claimed (`open`), held by the caller (`mine`), or all that the caller may know of (`all`)."""
    after = position(query["after"], str)
    start = str(after[0]) if after else None
    rows = look(queries.tasks, caller(), query["state"], query["cycle"], start, query["limit"] + 1)
    return page(rows, lambda one: (one["id"],), query["limit"])


@blp.route("/<id>/claim", methods=["POST"])
@blp.response(200, LeaseSchema)
@audience("assessor")
def claim(id: str) -> Task:
    """Lease a task; of two claimants one gets it.

    Claimed once more by its holder, it gets a new fence, and what is sent with the old one is refused.
    """
    return run(commands.claim, id)


@blp.route("/<id>/heartbeat", methods=["POST"])
@blp.arguments(FenceSchema)
@blp.response(200, LeaseSchema)
@audience("assessor")
def heartbeat(sent: dict[str, Any], id: str) -> Task:
    """Renew the lease."""
    return run(commands.heartbeat, id, sent)


@blp.route("/<id>/release", methods=["POST"])
@blp.arguments(ReleaseSchema)
@blp.response(200, LeaseSchema)
@audience("assessor")
def release(sent: dict[str, Any], id: str) -> Task:
    """Give the task back; what was saved is there again for who claims it once more."""
    return run(commands.release, id, sent)


@blp.route("/<id>/ratings/<indicator>", methods=["PUT"])
@blp.arguments(RatingSchema)
@blp.response(200, SavedSchema)
@audience("assessor")
def put_rating(sent: dict[str, Any], id: str, indicator: str) -> Rating:
    """Save a rating as the next version.

    With a lease that is lost, 409 "lost-lease" gives back what was sent, in `yours`.
    """
    return run(commands.rate, id, indicator, sent)


@blp.route("/<id>/clarifications", methods=["PUT"])
@blp.arguments(MarksSchema)
@blp.response(200, MarkedSchema)
@audience("assessor")
def put_marks(sent: dict[str, Any], id: str) -> Task:
    """Mark what the next stage has to clarify, in place of what was marked before."""
    return run(commands.mark, id, sent)


@blp.route("/<id>/finish", methods=["POST"])
@blp.arguments(FenceSchema)
@blp.response(200, LeaseSchema)
@audience("assessor")
def finish(sent: dict[str, Any], id: str) -> Task:
    """Commit the ratings and close the stage; 422 lists in `missing` what was not rated completely."""
    return run(commands.finish, id, sent)
