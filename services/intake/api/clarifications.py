"""Questions of the assessors to an agency, and its answers."""

from typing import Any

from services.intake import commands, queries
from services.intake.domain.clarification_answers import ClarificationAnswer, ClarificationDraft
from services.intake.domain.clarifications import SENDERS, Asked
from services.intake.schemas import (
    ClarificationAnswerInput,
    ClarificationAnswerSchema,
    ClarificationSchema,
)
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict, PreconditionNeeded
from shared.core.people import AGENCY_ROLES

blp = web.Blueprint(
    "clarifications",
    __name__,
    url_prefix="/self-assessments",
    description="Questions of the assessors, answered in words and with files that come after the seal.",
)


@blp.route("/<participation>/clarifications")
@blp.arguments(web.PageQuery, location="query")
@blp.response(200, web.page_of(ClarificationSchema))
@audience(*AGENCY_ROLES)
def list_clarifications(query: dict[str, Any], participation: str) -> dict[str, Any]:
    """What the assessors asked the agency, by id."""
    after, limit = web.page_args(query)
    rows = web.query(queries.list_clarifications, caller(), participation, after, limit)
    return web.by_id(rows, lambda row: row.clarification.id)


@blp.route("/<participation>/clarifications/<id>")
@blp.response(200, ClarificationSchema)
@audience(*AGENCY_ROLES)
def get_clarification(participation: str, id: str) -> Asked:
    """One question, and the answer so far."""
    return web.query(queries.get_clarification, caller(), participation, id)


@blp.route("/<participation>/clarifications/<id>/answer", methods=["PUT"])
@blp.arguments(ClarificationAnswerInput)
@blp.response(200, ClarificationAnswerSchema)
@web.document_headers(web.IF_MATCH)
@web.document_errors(Conflict, PreconditionNeeded)
@audience(*AGENCY_ROLES)
def save_clarification_answer(
    draft: ClarificationDraft, participation: str, id: str
) -> web.Tagged[ClarificationAnswer]:
    """Save the answer over the version that If-Match names, "0" for the first, while the question is open.

    Files for it are uploaded as always, with `clarification` in Upload-Metadata.
    """
    saved = web.run(commands.save_clarification_answer, participation, id, draft, web.if_match())
    return web.tagged(saved, saved.rev)


@blp.route("/<participation>/clarifications/<id>/send", methods=["POST"])
@blp.response(200, ClarificationAnswerSchema)
@web.document_headers(web.IF_MATCH)
@web.document_errors(Conflict, PreconditionNeeded)
@audience(*SENDERS)
def send_clarification_answer(participation: str, id: str) -> web.Tagged[ClarificationAnswer]:
    """Send the answer for good, in the version that If-Match names; all files that it names must be here.

    Nothing of it can be changed afterwards. Sent again, it gives the same answer.
    """
    sent = web.run(commands.send_clarification_answer, participation, id, web.if_match())
    return web.tagged(sent, sent.rev)
