"""What the assessors ask an agency, and what it answers."""

from dataclasses import replace
from datetime import datetime

from services.intake import domain, store
from services.intake.domain import Cycle, EditionRecord, Participation
from services.intake.domain.clarifications import MOST_SHOWN, Asked, asked, clarification_of, in_order
from services.intake.store import clarifications as kept
from shared.core.people import Caller
from shared.instrument import Edition
from shared.storage.reader import Page, Reader


def list_clarifications(
    reader: Reader, caller: Caller, participation: str, after: str | None, limit: int
) -> Page[Asked]:
    """The questions to an agency by id, with their answers, for its own people."""
    found = domain.may_answer(caller, store.find(reader, Participation, participation))
    edition = edition_of(reader, found)
    answers = kept.find_clarification_answers(reader, participation)
    rows = kept.list_clarifications(reader, participation, after, limit)
    return rows.map(lambda one: asked(one, found, edition, answers.get(one.id), reader.now))


def get_clarification(reader: Reader, caller: Caller, participation: str, id: str) -> Asked:
    """A question to an agency with its answer, for its own people."""
    found = domain.may_answer(caller, store.find(reader, Participation, participation))
    return get_asked(reader, found, id, reader.now)


def get_asked(reader: Reader, participation: Participation, id: str, arrived: datetime) -> Asked:
    """A question to a participation as it is for a request of that arrival; NotFound."""
    one = clarification_of(participation, kept.find_clarification(reader, id))
    answer = kept.find_clarification_answer(reader, id)
    return asked(one, participation, edition_of(reader, participation), answer, arrived)


def list_asked(reader: Reader, participation: Participation, edition: Edition) -> tuple[Asked, ...]:
    """The questions to a participation: those to be answered first, by the edition's order; without their answers."""
    if participation.completed_at is None:
        return ()
    rows = kept.list_clarifications(reader, participation.id, None, MOST_SHOWN).rows
    return in_order((asked(one, participation, edition, None, reader.now) for one in rows), edition.codes)


def with_answers(reader: Reader, participation: str, found: tuple[Asked, ...]) -> tuple[Asked, ...]:
    """Questions with their answers."""
    answers = kept.find_clarification_answers(reader, participation) if found else {}
    return tuple(replace(one, answer=answers.get(one.clarification.id)) for one in found)


def edition_of(reader: Reader, participation: Participation) -> Edition:
    """The edition of a participation's cycle."""
    cycle = store.require(reader, Cycle, participation.cycle)
    return store.get_edition(reader, store.require(reader, EditionRecord, cycle.edition))
