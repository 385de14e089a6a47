"""Scores: to read."""

from typing import Any

from services.scoring import queries
from services.scoring.domain import Score, ScoreFilter
from services.scoring.schemas import ScoreQuery, ScoreSchema, ScoreSummarySchema
from shared import web
from shared.auth.guard import audience, caller
from shared.core.people import AGENCY_ROLES

blp = web.Blueprint("scores", __name__, url_prefix="/scores", description="Computed indices.")


@blp.route("")
@blp.arguments(ScoreQuery, location="query")
@blp.response(200, web.page_of(ScoreSummarySchema))
@audience("ministry", *AGENCY_ROLES)
def list_scores(query: dict[str, Any]) -> dict[str, Any]:
    """The scores that the caller may see, oldest submission first; an agency sees its self-assessment's."""
    wanted = ScoreFilter.of(query["agency"], query["cycle"], query["stage"])
    return web.by_id(web.query(queries.list_scores, caller(), wanted, *web.page_args(query)))


@blp.route("/<id>")
@blp.response(200, ScoreSchema)
@audience("ministry", *AGENCY_ROLES)
def get_score(id: str) -> Score:
    """One score with every node's index, weight and contribution; a final one with its receipt."""
    return web.query(queries.get_score, caller(), id)
