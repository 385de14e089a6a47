"""What review consumes: replicas of intake's data, the submissions to be reviewed, and results once published."""

from services.review import commands
from shared.events.intake import (
    AgencySet,
    AppointmentAccepted,
    ClarificationAnswered,
    CycleOpened,
    EditionPublished,
    ExternalIndexSet,
    MemberSet,
    ParticipationSet,
    SessionEnded,
    SubmissionCompleted,
)
from shared.events.scoring import ResultPublished
from shared.messaging.inbox import Handler
from shared.replicas.agencies import AGENCIES
from shared.replicas.cycles import CYCLES
from shared.replicas.editions import EDITIONS
from shared.replicas.members import MEMBERS
from shared.replicas.saving import save_replica
from shared.replicas.sessions import ENDED_SESSIONS
from shared.storage.transaction import Transaction


def on_participation_set(tx: Transaction, event: ParticipationSet) -> None:
    """Keep an agency's activity in a cycle, and whether it is to be visited."""
    id = event.participation
    fields = {"cycle": event.cycle, "agency": event.agency, "activity": event.activity, "visit": event.visit}
    save_replica(tx, "participations", id, **fields)
    tx.audit(f"participation:{id}", "participation.replicated", visit=event.visit)


def on_external_index_set(tx: Transaction, event: ExternalIndexSet) -> None:
    """Keep what another ministry's index says of an agency for a year."""
    id = f"{event.agency}.{event.source}.{event.year}"
    fields = {name: getattr(event, name) for name in ("agency", "source", "year", "index", "provenance")}
    save_replica(tx, "external_indices", id, **fields)
    tx.audit(f"external_index:{id}", "external_index.replicated", index=event.index)


def _reads_of_index(event: ExternalIndexSet) -> list[tuple[str, str]]:
    id = f"{event.agency}.{event.source}.{event.year}"
    return [("external_indices", id), ("heads", f"external_index:{id}")]


def _reads_of_submission(event: SubmissionCompleted) -> list[tuple[str, str]]:
    return [
        ("cases", event.submission),
        ("heads", f"case:{event.submission}"),
        ("editions", event.edition),
        ("agencies", event.agency),
        ("cycles", event.cycle),
        ("participations", event.participation),
    ]


HANDLERS = {
    EditionPublished: EDITIONS,
    CycleOpened: CYCLES,
    AgencySet: AGENCIES,
    MemberSet: MEMBERS,
    SessionEnded: ENDED_SESSIONS,
    ParticipationSet: Handler(
        on_participation_set,
        lambda event: [
            ("participations", event.participation),
            ("heads", f"participation:{event.participation}"),
        ],
        "participations",
    ),
    AppointmentAccepted: Handler(
        commands.appoint_invited,
        lambda event: [("agencies", event.employer)] if event.employer else [],
    ),
    ExternalIndexSet: Handler(on_external_index_set, _reads_of_index, "external_indices"),
    ClarificationAnswered: Handler(
        commands.note_answer,
        lambda event: [
            ("clarifications", event.clarification),
            ("heads", f"clarification:{event.clarification}"),
        ],
    ),
    SubmissionCompleted: Handler(commands.open_case, _reads_of_submission),
    ResultPublished: Handler(
        commands.note_published,
        lambda event: [("cases", event.submission), ("heads", f"case:{event.submission}")],
    ),
}
