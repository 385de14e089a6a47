"""Cycles: the yearly rounds."""

from operator import attrgetter
from typing import Any

from services.intake import commands, queries
from services.intake.api.answering import after_id, by_id, checked, seen, tagged, versioned
from services.intake.domain import Cycle
from services.intake.schemas import CYCLE_ID, CycleBody, CycleSchema
from shared.auth import ANYONE, audience
from shared.web import IF_MATCH, Blueprint, PageQuery, look, page_of, run, takes

blp = Blueprint("cycles", __name__, url_prefix="/cycles", description="The yearly rounds.")


@blp.route("/<id>", methods=["PUT"])
@blp.arguments(CycleBody)
@blp.response(200, CycleSchema)
@takes(IF_MATCH | {"required": False})
@audience("ministry")
def set_cycle(body: dict[str, Any], id: str) -> tuple[Cycle, int, dict[str, str]]:
    """Plan a cycle (201), or change one that is not open yet; the edition must be published."""
    cycle = run(commands.set_cycle, Cycle(id=checked(id, CYCLE_ID), **body), seen())
    return versioned(cycle, cycle.rev)


@blp.route("/<id>/open", methods=["POST"])
@blp.response(200, CycleSchema)
@audience("ministry")
def open_cycle(id: str) -> tuple[Cycle, dict[str, str]]:
    """Open a cycle: it does not change any more, and agencies may answer from `opens` on."""
    return tagged(run(commands.open_cycle, id))


@blp.route("")
@blp.arguments(PageQuery, location="query")
@blp.response(200, page_of(CycleSchema))
@audience(ANYONE)
def cycles(query: dict[str, Any]) -> dict[str, Any]:
    """The cycles."""
    return by_id(look(queries.many, Cycle, after_id(query), query["limit"]), query, attrgetter("id"))


@blp.route("/<id>")
@blp.response(200, CycleSchema)
@audience(ANYONE)
def cycle(id: str) -> tuple[Cycle, dict[str, str]]:
    """One cycle."""
    return tagged(look(queries.one, Cycle, id))
