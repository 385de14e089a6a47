"""Searching in what one may see."""

from typing import Any

from services.intake import queries
from services.intake.schemas import FoundSchema, SearchQuery
from shared import web
from shared.auth.guard import audience, caller
from shared.core.people import AGENCY_ROLES
from shared.web.language import chosen

blp = web.Blueprint("search", __name__, url_prefix="/search", description="Searching in what one may see.")


@blp.route("")
@blp.arguments(SearchQuery, location="query")
@blp.response(200, FoundSchema)
@audience("ministry", *AGENCY_ROLES)
def get_found(query: dict[str, str]) -> dict[str, Any]:
    """What says all the words: at most 50 of a kind.

    For an agency's people indicators (in the language of Accept-Language), answers, files and comments of its last
    three self-assessments; for officers of the ministry agencies and people.
    """
    return {"found": web.query(queries.find_all, caller(), query["q"], chosen())}
