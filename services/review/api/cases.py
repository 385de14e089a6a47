"""Cases."""

from typing import Any

from services.review import queries
from services.review.schemas import CaseDetailSchema, CaseQuery, CaseSchema
from shared import web
from shared.auth.guard import audience, caller

blp = web.Blueprint("cases", __name__, url_prefix="/cases", description="Reviews of submissions.")


@blp.route("")
@blp.arguments(CaseQuery, location="query")
@blp.response(200, web.page_of(CaseSchema))
@audience("ministry", "assessor")
def list_cases(query: dict[str, Any]) -> dict[str, Any]:
    """All cases for the ministry; for an assessor those that it has or had tasks of."""
    after, limit = web.page_args(query)
    cases = web.query(queries.list_cases, caller(), query["cycle"], query["state"], after, limit)
    return web.by_id(cases)


@blp.route("/<id>")
@blp.response(200, CaseDetailSchema)
@web.large
@audience("ministry", "assessor")
def get_case(id: str) -> dict[str, Any]:
    """A case with what was handed in, how its stages ended, and the caller's own task.

    For the ministry, and for the assessor who holds a task of it now and has no conflict of interest.
    """
    return web.query(queries.get_case, caller(), id)
