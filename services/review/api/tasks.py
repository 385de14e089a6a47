"""Tasks: what an assessor claims, does and finishes."""

from dataclasses import asdict
from typing import Any

from services.review import commands, queries
from services.review.domain import (
    Clarification,
    LeaseOrder,
    MarkOrder,
    QuestionOrder,
    Rating,
    RatingOrder,
    ReleaseOrder,
    Task,
)
from services.review.domain.patches import PatchOrder
from services.review.schemas import (
    ClarificationSchema,
    LeaseInput,
    LeaseSchema,
    MarkedTaskSchema,
    MarksInput,
    QuestionInput,
    RatingInput,
    RatingOutcomesSchema,
    RatingPatchesInput,
    ReleaseInput,
    SavedRatingSchema,
    TaskQuery,
    TaskSchema,
)
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict

blp = web.Blueprint(
    "tasks",
    __name__,
    url_prefix="/tasks",
    description='The work of assessors. Who lost the lease gets 409 "lost-lease", with what was sent in `yours`.',
)


@blp.route("")
@blp.arguments(TaskQuery, location="query")
@blp.response(200, web.page_of(TaskSchema))
@audience("ministry", "assessor")
def list_tasks(query: dict[str, Any]) -> dict[str, Any]:
    """Tasks to be claimed (`open`), held by the caller (`mine`), or all that the caller may know of (`all`)."""
    after, limit = web.page_args(query)
    tasks = web.query(queries.list_tasks, caller(), query["state"], query["cycle"], after, limit)
    return web.by_id(tasks)


@blp.route("/<id>/release", methods=["POST"])
@blp.arguments(ReleaseInput)
@blp.response(200, LeaseSchema)
@web.document_errors(Conflict)
@audience("assessor")
def release_task(order: ReleaseOrder, id: str) -> Task:
    """Give the task back; what the caller rated and marked is there again when it claims the task once more."""
    return web.run(commands.release, id, order)


@blp.route("/<id>/ratings/<indicator>", methods=["PUT"])
@blp.arguments(RatingInput)
@blp.response(200, SavedRatingSchema)
@web.document_errors(Conflict)
@audience("assessor")
def rate(order: RatingOrder, id: str, indicator: str) -> Rating:
    """Save a rating as the next version.

    It may lack texts: those are needed when the task is finished.
    """
    return web.run(commands.rate, id, indicator, order)


@blp.route("/<id>/ratings", methods=["PATCH"])
@blp.arguments(RatingPatchesInput)
@blp.response(200, RatingOutcomesSchema)
@web.document_errors(Conflict)
@web.large
@audience("assessor")
def patch_ratings(order: PatchOrder, id: str) -> dict[str, Any]:
    """Change fields of several ratings at once; each item has an outcome of its own.

    An item names the fields that were changed and, by `version`, the version that was seen. Where another window has
    saved since, it is kept if that changed other fields; otherwise it is stale and nothing of it is kept. What is
    wrong with one item leaves the others alone; the request as a whole is refused only when nothing may be saved.
    """
    return {"ratings": web.run(commands.patch_ratings, id, order)}


@blp.route("/<id>/clarifications", methods=["PUT"])
@blp.arguments(MarksInput)
@blp.response(200, MarkedTaskSchema)
@web.document_errors(Conflict)
@audience("assessor")
def mark_clarifications(order: MarkOrder, id: str) -> Task:
    """Mark what the next stage has to clarify, in place of what was marked before.

    The next stage rates the marked indicators only; with none marked, it ends at once with the values of this one.
    """
    return web.run(commands.mark, id, order)


@blp.route("/<id>/clarifications/<indicator>", methods=["PUT"])
@blp.arguments(QuestionInput)
@blp.response(200, MarkedTaskSchema)
@web.document_errors(Conflict)
@audience("assessor")
def ask(order: QuestionOrder, id: str, indicator: str) -> Task:
    """Mark one indicator for the next stage with a question, or take its mark back; the other marks stay."""
    return web.run(commands.ask, id, indicator, order)


@blp.route("/<id>/questions/<indicator>", methods=["PUT"])
@blp.arguments(QuestionInput)
@blp.response(200, ClarificationSchema)
@web.document_errors(Conflict)
@audience("assessor")
def revise_question(order: QuestionOrder, id: str, indicator: str) -> dict[str, Any]:
    """Ask the agency anew what this task goes by at an indicator, in these words and with its whole time again.

    Without words the question is taken back. Once the agency has answered, it stays as it is (`question-answered`).
    """
    asked: Clarification = web.run(commands.revise_question, id, indicator, order)
    return {**asdict(asked), "state": asked.state(web.arrived())}


@blp.route("/<id>/finish", methods=["POST"])
@blp.arguments(LeaseInput)
@blp.response(200, LeaseSchema)
@web.document_errors(Conflict)
@audience("assessor")
def finish_task(order: LeaseOrder, id: str) -> Task:
    """Commit the ratings and close the stage; 422 "unrated" lists in `missing` what was not rated completely.

    Nothing of it can be changed afterwards. Sent again with the same fence, it gives the same answer.
    """
    return web.run(commands.finish, id, order)
