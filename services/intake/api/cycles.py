"""Cycles: the yearly rounds."""

from typing import Any

from services.intake import commands, queries
from services.intake.domain import Cycle, CyclePlan
from services.intake.domain.control import PlaceFilter
from services.intake.domain.counts import Counts
from services.intake.queries import participations, rounds
from services.intake.queries.participations import Control
from services.intake.schemas import CountsSchema, CycleInput, CycleSchema
from services.intake.schemas.control import ControlSchema, PlacedQuery, PlacedSchema
from shared import web
from shared.auth.guard import ANYONE, audience
from shared.web.fields import CYCLE_ID

blp = web.Blueprint("cycles", __name__, url_prefix="/cycles", description="The yearly rounds.")


@blp.route("/<id>", methods=["PUT"])
@blp.arguments(CycleInput)
@blp.response(201, CycleSchema)
@blp.response(200, CycleSchema)
@web.document_headers(web.MAY_MATCH)
@audience("ministry")
def set_cycle(plan: CyclePlan, id: str) -> web.Versioned[Cycle]:
    """Plan a cycle (201), or change one that is not open yet; the edition must be published."""
    cycle = web.run(commands.set_cycle, plan.of(web.checked(id, CYCLE_ID)), web.seen())
    return web.versioned(cycle, cycle.rev)


@blp.route("/<id>/open", methods=["POST"])
@blp.response(200, CycleSchema)
@audience("ministry")
def open_cycle(id: str) -> web.Tagged[Cycle]:
    """Open a cycle: it does not change any more, and agencies may answer from `opens` on."""
    cycle = web.run(commands.open_cycle, id)
    return web.tagged(cycle, cycle.rev)


@blp.route("")
@blp.arguments(web.PageQuery, location="query")
@blp.response(200, web.page_of(CycleSchema))
@audience(ANYONE)
def list_cycles(query: dict[str, Any]) -> dict[str, Any]:
    """The cycles, by id."""
    after, limit = web.page_args(query)
    return web.by_id(web.query(queries.list_entities, Cycle, after, limit))


@blp.route("/<id>")
@blp.response(200, CycleSchema)
@audience(ANYONE)
def get_cycle(id: str) -> web.Tagged[Cycle]:
    """One cycle."""
    cycle = web.query(queries.get_entity, Cycle, id)
    return web.tagged(cycle, cycle.rev)


@blp.route("/<id>/counts")
@blp.response(200, CountsSchema)
@audience("ministry")
def get_counts(id: str) -> Counts:
    """How far the agencies of a cycle are: how many in which state, how many late, how many with which activity."""
    return web.query(rounds.get_counts, id)


@blp.route("/<id>/control")
@blp.response(200, ControlSchema)
@audience("ministry")
def get_control(id: str) -> Control:
    """How many agencies of a cycle are where, from answering to published, who is late, and who waits for whom."""
    return web.query(participations.get_control, id)


@blp.route("/<id>/agencies")
@blp.arguments(PlacedQuery, location="query")
@blp.response(200, web.page_of(PlacedSchema))
@audience("ministry")
def list_placed(query: dict[str, Any], id: str) -> dict[str, Any]:
    """Which agencies are at a place, such as `late`, `lapsed` or `stage.document.open`."""
    wanted = PlaceFilter(query["at"], tuple((query["q"] or "").split()))
    after, limit = web.page_args(query)
    found = web.query(participations.get_roll, id, wanted, after, limit)
    return web.by_id(found.rows, lambda row: row.view.participation.id)
