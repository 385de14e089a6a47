"""Who is waited for by the questions of the assessors in a cycle."""

from services.intake.domain import Cycle
from services.intake.domain.awaited import Awaited, awaited_of
from services.intake.store import clarifications, participations
from shared.instrument import Edition
from shared.storage.reader import Reader


def get_awaited(reader: Reader, cycle: Cycle, edition: Edition) -> Awaited:
    """The agencies of a cycle that have a question to answer, and those whose answers wait for an assessor."""
    found = clarifications.list_stage_questions(reader, cycle.id)
    asked = participations.find_participations(reader, {one.participation for one in found})
    return awaited_of(found, asked, edition)
