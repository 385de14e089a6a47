"""The self-assessment of an agency."""

from typing import Any

from services.intake import commands, queries
from services.intake.domain import Answer, AnswerDraft, SelfAssessment
from services.intake.schemas import (
    AnswerInput,
    AnswerSchema,
    PatchesInput,
    PatchOutcomesSchema,
    SelfAssessmentSchema,
)
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict
from shared.core.people import AGENCY_ROLES

blp = web.Blueprint(
    "self-assessments", __name__, url_prefix="/self-assessments", description="The agency's own answers."
)


@blp.route("/<participation>")
@blp.response(200, SelfAssessmentSchema)
@web.large
@audience("ministry", *AGENCY_ROLES)
def get_self_assessment(participation: str) -> SelfAssessment:
    """Answers, missing codes and files for the agency's own people; for the ministry only how far it is."""
    return web.query(queries.get_self_assessment, caller(), participation)


@blp.route("/<participation>/answers/<indicator>", methods=["PUT"])
@blp.arguments(AnswerInput)
@blp.response(200, AnswerSchema)
@web.document_headers(web.IF_MATCH)
@audience(*AGENCY_ROLES)
def save_answer(draft: AnswerDraft, participation: str, indicator: str) -> web.Tagged[Answer]:
    """Save one answer over the version that If-Match names, "0" for the first."""
    answer = draft.of(participation, indicator)
    saved = web.run(commands.save_answer, answer, draft.value, web.if_match())
    return web.tagged(saved, saved.rev)


@blp.route("/<participation>/answers", methods=["PATCH"])
@blp.arguments(PatchesInput)
@blp.response(200, PatchOutcomesSchema)
@web.document_errors(Conflict)
@web.large
@audience(*AGENCY_ROLES)
def patch_answers(sent: dict[str, Any], participation: str) -> dict[str, Any]:
    """Change fields of several answers at once; each item has an outcome of its own.

    An item names the fields that were changed and, by `rev`, the version that was seen. Where somebody else has
    saved since, it is kept if they changed other fields; otherwise it is stale and nothing of it is kept. What is
    wrong with one item leaves the others alone; the request as a whole is refused only when nothing may be saved.
    """
    return {"answers": web.run(commands.patch_answers, participation, sent["answers"])}


@blp.route("/<participation>/answers/<indicator>/versions")
@blp.arguments(web.PageQuery, location="query")
@blp.response(200, web.page_of(AnswerSchema))
@audience(*AGENCY_ROLES)
def list_answer_versions(query: dict[str, Any], participation: str, indicator: str) -> dict[str, Any]:
    """Every saved version of one answer, oldest first."""
    after = web.parse_cursor(query["after"], int)
    start = int(after[0]) if after else 0
    rows = web.query(queries.list_answer_versions, caller(), participation, indicator, start, query["limit"])
    return web.page(rows, lambda row: (row.rev,))
