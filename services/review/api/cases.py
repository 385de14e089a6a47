"""Cases."""

from typing import Any

from services.review import queries
from services.review.schemas import CaseQuery, CaseSchema, CaseViewSchema
from shared.auth import audience, caller
from shared.web import Blueprint, look, page, page_of, position

blp = Blueprint("cases", __name__, url_prefix="/cases", description="Reviews of submissions.")


@blp.route("")
@blp.arguments(CaseQuery, location="query")
@blp.response(200, page_of(CaseSchema))
@audience("ministry", "assessor")
def list_cases(query: dict[str, Any]) -> dict[str, Any]:
    """All cases for the ministry; for an assessor those that it has or had tasks of."""
    after = position(query["after"], str)
    where = {"cycle": query["cycle"], "state": query["state"]}
    rows = look(queries.cases, caller(), where, str(after[0]) if after else None, query["limit"] + 1)
    return page(rows, lambda one: (one.id,), query["limit"])


@blp.route("/<id>")
@blp.response(200, CaseViewSchema)
@audience("ministry", "assessor")
def get_case(id: str) -> dict[str, Any]:
    """A case with what was handed in, how its stages ended, and the caller's own task.

    For the ministry, and for the assessor who holds a task of it now and has no conflict of interest.
    """
    return look(queries.case, caller(), id)
