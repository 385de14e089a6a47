"""Cycles, and the agencies that take part in them."""

from dataclasses import replace
from datetime import datetime

from services.intake import store
from services.intake.domain import (
    Agency,
    Cycle,
    EditionRecord,
    Extension,
    Participation,
    Submission,
    changed,
    check_activity,
    check_change,
    check_cycle,
    check_exists,
    extended,
    windows,
)
from shared.core.canonical import timestamp
from shared.core.errors import Conflict, Invalid, NotFound
from shared.events.intake import CycleOpened, ParticipationSet
from shared.storage.transaction import Transaction
from shared.storage.versions import differs


def set_cycle(tx: Transaction, cycle: Cycle, expected: int | None = None) -> Cycle:
    """Plan a cycle, or change one that is not open yet."""
    stored = store.get(tx, Cycle, cycle.id)
    wanted = replace(cycle, opened_at=stored.opened_at) if stored else cycle
    if not differs(stored, wanted, expected):
        return stored or wanted
    if stored and stored.opened_at:
        raise Conflict(f"The cycle {cycle.id} is open; it does not change any more.", "cycle-open")
    check_cycle(wanted)
    _published(tx, wanted.edition)
    if stored and stored.edition != wanted.edition and store.participants(tx, cycle.id):
        raise Conflict("Agencies take part already: the edition cannot change any more.", "cycle-in-use")
    tx.audit(f"cycle:{cycle.id}", "cycle.set", edition=wanted.edition)
    return store.save(tx, wanted)


def _published(tx: Transaction, id: str) -> EditionRecord:
    record = store.get(tx, EditionRecord, id)
    if record is None:
        raise Invalid(f"There is no edition {id}.", "unknown-edition")
    if record.published_at is None:
        raise Conflict(f"The edition {id} is a draft: publish it first.", "edition-not-published")
    return record


def open_cycle(tx: Transaction, id: str) -> Cycle:
    """Open a cycle and tell it; again changes nothing."""
    cycle = store.get(tx, Cycle, id)
    if cycle is None:
        raise NotFound(f"There is no cycle {id}.")
    if cycle.opened_at:
        return cycle
    tx.audit(f"cycle:{id}", "cycle.opened")
    told = CycleOpened(
        cycle=id,
        title=cycle.title,
        edition=cycle.edition,
        opens=cycle.opens,
        deadline=cycle.deadline,
        bytes_until=cycle.bytes_until,
    )
    tx.emit(f"cycle:{id}", told)
    return store.save(tx, replace(cycle, opened_at=tx.now))


def set_participation(tx: Transaction, wanted: Participation, expected: int | None = None) -> Participation:
    """Say how an agency takes part; a deadline that is left out stays as it is."""
    cycle, agency = _found(tx, wanted)
    stored = store.get(tx, Participation, wanted.id)
    if stored:
        wanted = changed(stored, wanted)
    if not differs(stored, wanted, expected):
        return stored or wanted
    if not wanted.submission:  # what was sealed while the agency existed goes on, and its visit may change
        check_exists(agency, tx.now)
    edition = store.edition(tx, _published(tx, cycle.edition))
    check_activity(edition, wanted)
    if stored:
        check_change(edition, stored, wanted)
    if wanted.deadline and wanted.deadline <= cycle.opens:
        raise Invalid(f"The deadline must be later than {timestamp(cycle.opens)}.", "bad-windows")
    if cycle.opened_at is None:
        tx.audit(f"cycle:{cycle.id}", "cycle.joined", agency=wanted.agency)
    tx.audit(f"participation:{wanted.id}", "participation.set", activity=wanted.activity, visit=wanted.visit)
    return _tell(tx, cycle, wanted)


def _found(tx: Transaction, wanted: Participation) -> tuple[Cycle, Agency]:
    cycle, agency = store.get(tx, Cycle, wanted.cycle), store.get(tx, Agency, wanted.agency)
    if cycle is None or agency is None:
        missing = f"cycle {wanted.cycle}" if cycle is None else f"agency {wanted.agency}"
        raise NotFound(f"There is no {missing}.")
    return cycle, agency


def extend(tx: Transaction, id: str, extension: Extension) -> Participation:
    """Give one agency more time; after its seal, more time for its bytes."""
    participation = store.get(tx, Participation, id)
    cycle = store.get(tx, Cycle, participation.cycle) if participation else None
    if participation is None or cycle is None:
        raise NotFound("There is no such participation.")
    longer = extended(cycle, participation, extension)
    _extend_bytes(tx, participation, windows(cycle, longer).bytes_until)
    tx.audit(
        f"participation:{id}",
        "participation.extended",
        deadline=timestamp(windows(cycle, longer).deadline),
        reason=extension.reason,
    )
    return _tell(tx, cycle, longer)


def _extend_bytes(tx: Transaction, participation: Participation, until: datetime) -> None:
    submission = store.get(tx, Submission, participation.submission) if participation.submission else None
    if submission is None:
        return
    if submission.completed_at:
        raise Conflict(
            "The submission is complete already: there is nothing to wait for.", "already-completed"
        )
    tx.audit(f"submission:{submission.id}", "submission.extended", bytes_until=timestamp(until))
    store.save(tx, replace(submission, bytes_until=until))


def _tell(tx: Transaction, cycle: Cycle, participation: Participation) -> Participation:
    told = ParticipationSet(
        participation=participation.id,
        cycle=participation.cycle,
        agency=participation.agency,
        activity=participation.activity,
        visit=participation.visit,
        deadline=windows(cycle, participation).deadline,
    )
    tx.emit(f"participation:{participation.id}", told)
    return store.save(tx, participation)
