"""What people of one agency see of each other, and what they tick for themselves."""

from dataclasses import asdict
from typing import Any

from services.intake import commands, queries
from services.intake.domain.ticks import TickChange, Ticks
from services.intake.schemas import (
    ActsSchema,
    PresenceInput,
    PresentSchema,
    TeamSchema,
    TicksInput,
    TicksSchema,
)
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict
from shared.core.people import AGENCY_ROLES

blp = web.Blueprint(
    "together", __name__, url_prefix="/self-assessments", description="An agency's people at one work."
)


@blp.route("/<participation>/ticks/<indicator>", methods=["PATCH"])
@blp.arguments(TicksInput)
@blp.response(200, TicksSchema)
@web.document_errors(Conflict)
@audience(*AGENCY_ROLES)
def set_ticks(change: TickChange, participation: str, indicator: str) -> Ticks:
    """Tick conditions of an indicator's levels for the agency itself; they are never sealed nor handed on."""
    return web.run(commands.set_ticks, participation, indicator, change)


@blp.route("/<participation>/presence", methods=["PUT"])
@blp.arguments(PresenceInput)
@blp.response(200, PresentSchema)
@audience(*AGENCY_ROLES)
def note_presence(sent: dict[str, Any], participation: str) -> dict[str, Any]:
    """Say that one has the self-assessment open, at an indicator or at none; gives who else has.

    It counts for 45 seconds: say it every 15. Nothing of it is audited or kept.
    """
    commands.note_presence(web.database(), caller(), participation, sent["indicator"])
    return _others(participation)


@blp.route("/<participation>/presence")
@blp.response(200, PresentSchema)
@audience(*AGENCY_ROLES)
def get_present(participation: str) -> dict[str, Any]:
    """Who else of the agency has the self-assessment open."""
    return _others(participation)


@blp.route("/<participation>/team")
@blp.response(200, TeamSchema)
@audience(*AGENCY_ROLES)
def get_team(participation: str) -> dict[str, Any]:
    """Who holds a role at the agency, with which roles: at most 100 people."""
    return {"team": web.query(queries.get_team, caller(), participation)}


@blp.route("/<participation>/acts")
@blp.response(200, ActsSchema)
@audience(*AGENCY_ROLES)
def get_acts(participation: str) -> dict[str, Any]:
    """Who did what last, the last 50 acts, and which indicators the caller edited."""
    found = web.query(queries.get_acts, caller(), participation)
    acts = [asdict(act) | {"name": found.names[act.person]} for act in found.acts]
    return {"acts": acts, "mine": found.mine}


def _others(participation: str) -> dict[str, Any]:
    found = queries.list_present(web.database(), caller(), participation)
    names = web.query(queries.shown_names, [one.person for one in found])
    return {"others": [asdict(one) | {"name": names[one.person]} for one in found]}
