"""The self-assessment of an agency."""

from typing import Any

from services.intake import commands, queries
from services.intake.domain import Answer, AnswerDraft, SelfAssessment
from services.intake.schemas import AnswerInput, AnswerSchema, SelfAssessmentSchema
from shared import web
from shared.auth.guard import audience, caller
from shared.core.people import AGENCY_ROLES

blp = web.Blueprint(
    "self-assessments", __name__, url_prefix="/self-assessments", description="The agency's own answers."
)


@blp.route("/<participation>")
@blp.response(200, SelfAssessmentSchema)
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


@blp.route("/<participation>/answers/<indicator>/versions")
@blp.arguments(web.PageQuery, location="query")
@blp.response(200, web.page_of(AnswerSchema))
@audience(*AGENCY_ROLES)
def list_answer_versions(query: dict[str, Any], participation: str, indicator: str) -> dict[str, Any]:
    """Every saved version of one answer, oldest first."""
    after = web.parse_cursor(query["after"], int)
    start = int(after[0]) if after else 0
    rows = web.query(
        queries.list_answer_versions, caller(), participation, indicator, start, query["limit"] + 1
    )
    return web.page(rows, lambda row: (row.rev,), query["limit"])
