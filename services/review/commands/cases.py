"""Opening a case, and noting that its result is published."""

from dataclasses import replace

import msgspec

from services.review import domain, store
from services.review.commands.events import case_subject, publish_case_opened
from services.review.commands.stages import close_stage
from services.review.domain import Case, Cycle, Material
from shared.events.intake import SubmissionCompleted
from shared.events.scoring import ResultPublished
from shared.instrument import Edition
from shared.messaging.inbox import MissingDependency, Superseded
from shared.storage.transaction import Transaction


def open_case(tx: Transaction, event: SubmissionCompleted) -> None:
    """Open the case of a completed submission; its first stage is the agency's own and over at once.

    Superseded when the case is open already, MissingDependency when an event that it needs has not come yet.
    """
    if store.find_case(tx, event.submission):
        raise Superseded(f"the case of {event.submission} is open already")
    store.require_agency(tx, event.agency)
    edition = store.require_edition(tx, event.edition)
    # The replica decides on the visit, not the event: the ministry may have changed its mind after the seal.
    participation = store.require_participation(tx, event.participation, event.participation_sequence)
    case = _case(tx, event, edition, store.require_cycle(tx, event.cycle))
    material = msgspec.convert(event, Material, from_attributes=True)
    store.add_material(tx, case.id, material)
    publish_case_opened(tx, case, domain.expected_stages(case, edition, participation.visit))
    close_stage(tx, case, domain.agency_ratings(case, material, edition.codes, tx.new_id), "agency")


def note_published(tx: Transaction, event: ResultPublished) -> None:
    """Let the agency's people read what the assessors wrote from the publication of the result on.

    Superseded when that is known, MissingDependency while there is no such case.
    """
    case = store.find_case(tx, event.submission)
    if case is None:
        raise MissingDependency(case_subject(event.submission))
    if case.published_at:
        raise Superseded(f"the result of {case.id} is known as published")
    store.save_case(tx, replace(case, published_at=event.published_at))
    tx.audit(case_subject(case.id), "result.noted", version=event.version)


def _case(tx: Transaction, event: SubmissionCompleted, edition: Edition, cycle: Cycle) -> Case:
    stages = edition.stages(event.activity)
    return Case(
        id=event.submission,
        participation=event.participation,
        cycle=event.cycle,
        agency=event.agency,
        edition=event.edition,
        edition_hash=edition.hash,
        activity=event.activity,
        stages=stages,
        stage=stages[0],
        opened_at=tx.now,
        clarification_days=cycle.clarification_days,
        shows_words=cycle.shows_words,
    )
