"""What review consumes: replicas of intake's data, and the submissions to be reviewed."""

from services.review import commands, store
from shared.events.intake import (
    AgencySet,
    CycleOpened,
    EditionPublished,
    MemberSet,
    ParticipationSet,
    SubmissionCompleted,
)
from shared.messaging.inbox import Handler
from shared.replicas.editions import EDITIONS
from shared.replicas.members import MEMBERS
from shared.storage.transaction import Transaction


def on_cycle_opened(tx: Transaction, event: CycleOpened) -> None:
    """Keep a cycle's name and edition."""
    store.save_replica(tx, "cycles", event.cycle, title=event.title, edition=event.edition)
    tx.audit(f"cycle:{event.cycle}", "cycle.replicated")


def on_agency_set(tx: Transaction, event: AgencySet) -> None:
    """Keep an agency's name and group."""
    store.save_replica(tx, "agencies", event.agency, name=event.name, group=event.group)
    tx.audit(f"agency:{event.agency}", "agency.replicated")


def on_participation_set(tx: Transaction, event: ParticipationSet) -> None:
    """Keep an agency's activity in a cycle, and whether it is to be visited."""
    id = event.participation
    fields = {"cycle": event.cycle, "agency": event.agency, "activity": event.activity, "visit": event.visit}
    store.save_replica(tx, "participations", id, **fields)
    tx.audit(f"participation:{id}", "participation.replicated", visit=event.visit)


def on_submission_completed(tx: Transaction, event: SubmissionCompleted) -> None:
    """Open the case."""
    commands.open_case(tx, event)


def _touched_by_submission(event: SubmissionCompleted) -> list[tuple[str, str]]:
    return [
        ("cases", event.submission),
        ("heads", f"case:{event.submission}"),
        ("editions", event.edition),
        ("agencies", event.agency),
        ("participations", event.participation),
    ]


HANDLERS = {
    EditionPublished: EDITIONS,
    CycleOpened: Handler(
        on_cycle_opened, lambda event: [("cycles", event.cycle), ("heads", f"cycle:{event.cycle}")]
    ),
    AgencySet: Handler(
        on_agency_set, lambda event: [("agencies", event.agency), ("heads", f"agency:{event.agency}")]
    ),
    MemberSet: MEMBERS,
    ParticipationSet: Handler(
        on_participation_set,
        lambda event: [
            ("participations", event.participation),
            ("heads", f"participation:{event.participation}"),
        ],
    ),
    SubmissionCompleted: Handler(on_submission_completed, _touched_by_submission),
}
