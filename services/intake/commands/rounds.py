"""Cycles, and the agencies that take part in them."""

from dataclasses import replace

from services.intake import domain, store
from services.intake.domain import Agency, Cycle, EditionRecord, Extension, Participation
from services.intake.domain.extensions import ExtensionOrder, check_extensions
from services.intake.store.participations import load_participations
from shared.core.canonical import timestamp
from shared.events.intake import CycleOpened, ParticipationSet
from shared.storage.transaction import Transaction
from shared.storage.versions import Expected, differs


def set_cycle(tx: Transaction, cycle: Cycle, expected_rev: Expected | None = None) -> Cycle:
    """Plan a cycle, or change one that is not open yet."""
    stored = store.find(tx, Cycle, cycle.id)
    wanted = domain.planned(stored, cycle)
    if not differs(stored, wanted, expected_rev):
        return stored or wanted
    domain.check_plan(stored, wanted, store.count_participants(tx, cycle.id))
    domain.check_published(store.find(tx, EditionRecord, wanted.edition), wanted.edition)
    tx.audit(f"cycle:{cycle.id}", "cycle.set", edition=wanted.edition)
    return store.save(tx, wanted)


def open_cycle(tx: Transaction, id: str) -> Cycle:
    """Open a cycle and publish it; again changes nothing."""
    cycle = domain.existing(store.find(tx, Cycle, id), f"cycle {id}")
    if cycle.opened_at:
        return cycle
    tx.audit(f"cycle:{id}", "cycle.opened")
    event = CycleOpened(
        cycle=id,
        title=cycle.title,
        edition=cycle.edition,
        opens=cycle.opens,
        deadline=cycle.deadline,
        bytes_until=cycle.bytes_until,
        clarification_days=cycle.clarification_days,
        shows_words=cycle.shows_words,
    )
    tx.emit(f"cycle:{id}", event)
    return store.save(tx, replace(cycle, opened_at=tx.now))


def set_participation(
    tx: Transaction, participation: Participation, expected_rev: Expected | None = None
) -> Participation:
    """Say how an agency takes part; a deadline that is left out stays as it is."""
    cycle_id, agency_id = participation.cycle, participation.agency
    cycle = domain.existing(store.find(tx, Cycle, cycle_id), f"cycle {cycle_id}")
    agency = domain.existing(store.find(tx, Agency, agency_id), f"agency {agency_id}")
    stored = store.find(tx, Participation, participation.id)
    wanted = domain.changed(stored, participation)
    if not differs(stored, wanted, expected_rev):
        return stored or wanted
    domain.check_taking_part(agency, wanted, tx.now)
    record = domain.check_published(store.find(tx, EditionRecord, cycle.edition), cycle.edition)
    domain.check_participation(cycle, store.get_edition(tx, record), stored, wanted)
    if cycle.opened_at is None:
        tx.audit(f"cycle:{cycle.id}", "cycle.joined", agency=wanted.agency)
    tx.audit(f"participation:{wanted.id}", "participation.set", activity=wanted.activity, visit=wanted.visit)
    return _save_and_publish(tx, cycle, wanted)


def extend(tx: Transaction, id: str, extension: Extension) -> Participation:
    """Give one agency more time; after its seal, more time for its bytes."""
    participation = domain.existing(store.find(tx, Participation, id), f"participation {id}")
    cycle = store.require(tx, Cycle, participation.cycle)
    longer = domain.extended(cycle, participation, extension)
    windows = domain.windows(cycle, longer)
    if participation.submission:
        submission = domain.with_bytes_until(
            store.require_submission(tx, participation.submission), windows.bytes_until
        )
        tx.audit(
            f"submission:{submission.id}",
            "submission.extended",
            bytes_until=timestamp(submission.bytes_until),
        )
        store.save_completion(tx, submission)
    tx.audit(
        f"participation:{id}",
        "participation.extended",
        deadline=timestamp(windows.deadline),
        reason=extension.reason,
    )
    return _save_and_publish(tx, cycle, longer)


def extend_several(tx: Transaction, order: ExtensionOrder) -> int:
    """Give several agencies more time, all of them or none; gives their number. NotFound, Invalid."""
    ids = list(dict.fromkeys(order.participations))
    found = load_participations(tx, ids)
    for id in ids:
        domain.existing(found.get(id), f"participation {id}")
    cycles = {one.cycle: store.require(tx, Cycle, one.cycle) for one in found.values()}
    check_extensions(cycles, found.values(), order.extension)
    for id in ids:
        extend(tx, id, order.extension)
    return len(ids)


def _save_and_publish(tx: Transaction, cycle: Cycle, participation: Participation) -> Participation:
    event = ParticipationSet(
        participation=participation.id,
        cycle=participation.cycle,
        agency=participation.agency,
        activity=participation.activity,
        visit=participation.visit,
        deadline=domain.windows(cycle, participation).deadline,
    )
    tx.emit(f"participation:{participation.id}", event)
    return store.save(tx, participation)
