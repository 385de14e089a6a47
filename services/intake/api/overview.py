"""A self-assessment at a glance, for the agency's own people."""

from typing import Any

from services.intake import queries
from services.intake.domain.progress import Progress
from services.intake.domain.readiness import Readiness
from services.intake.schemas import EarlierOrNoneSchema, ProgressSchema, ReadinessSchema
from shared import web
from shared.auth.guard import audience, caller
from shared.core.people import AGENCY_ROLES

blp = web.Blueprint(
    "overview", __name__, url_prefix="/self-assessments", description="A self-assessment at a glance."
)


@blp.route("/<participation>/progress")
@blp.response(200, ProgressSchema)
@audience(*AGENCY_ROLES)
def get_progress(participation: str) -> Progress:
    """How far a self-assessment is, node by node, and the index that its answers would give.

    Indicators without an answer count as the lowest level of their scale; `counted_as_lowest` names them.
    """
    return web.query(queries.get_progress, caller(), participation)


@blp.route("/<participation>/readiness")
@blp.response(200, ReadinessSchema)
@web.large
@audience(*AGENCY_ROLES)
def get_readiness(participation: str) -> Readiness:
    """What a seal by the caller would take now, and every gap.

    `manifest` is what the seal is asked with: whoever sends it as it stands here seals what is shown here, or is
    refused because something changed meanwhile.
    """
    return web.query(queries.get_readiness, caller(), participation)


@blp.route("/<participation>/answers/<indicator>/earlier")
@blp.response(200, EarlierOrNoneSchema)
@audience(*AGENCY_ROLES)
def get_earlier(participation: str, indicator: str) -> dict[str, Any]:
    """What the agency sealed of an indicator in the last cycle before this one."""
    return {"earlier": web.query(queries.get_earlier, caller(), participation, indicator)}
