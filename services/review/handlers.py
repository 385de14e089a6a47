"""What review hears: copies of intake's things, and the submissions to be reviewed."""

from services.review import commands, store
from shared.editions import EDITIONS
from shared.events.intake import (
    AgencySet,
    CycleOpened,
    EditionPublished,
    MemberSet,
    ParticipationSet,
    SubmissionCompleted,
)
from shared.hearing import Hears, newest
from shared.members import MEMBERS
from shared.transaction import Transaction


def on_cycle_opened(tx: Transaction, fact: CycleOpened) -> None:
    """Keep a cycle's name and edition."""
    heard = newest(tx, store.copy(tx, "cycles", fact.cycle))
    store.keep_copy(tx, "cycles", fact.cycle, heard, title=fact.title, edition=fact.edition)
    tx.audit(f"cycle:{fact.cycle}", "cycle.copied")


def on_agency_set(tx: Transaction, fact: AgencySet) -> None:
    """Keep an agency's name and group."""
    heard = newest(tx, store.copy(tx, "agencies", fact.agency))
    store.keep_copy(tx, "agencies", fact.agency, heard, name=fact.name, group=fact.group)
    tx.audit(f"agency:{fact.agency}", "agency.copied")


def on_participation_set(tx: Transaction, fact: ParticipationSet) -> None:
    """Keep an agency's activity in a cycle, and whether it is to be visited."""
    id = fact.participation
    heard = newest(tx, store.copy(tx, "participations", id))
    parts = {"cycle": fact.cycle, "agency": fact.agency, "activity": fact.activity, "visit": fact.visit}
    store.keep_copy(tx, "participations", id, heard, **parts)
    tx.audit(f"participation:{id}", "participation.copied", visit=fact.visit)


def on_submission_completed(tx: Transaction, fact: SubmissionCompleted) -> None:
    """Open the case."""
    commands.open_case(tx, fact)


def _case(fact: SubmissionCompleted) -> list[tuple[str, str]]:
    return [
        ("cases", fact.submission),
        ("heads", f"case:{fact.submission}"),
        ("editions", fact.edition),
        ("agencies", fact.agency),
        ("participations", fact.participation),
    ]


HANDLERS = {
    EditionPublished: EDITIONS,
    CycleOpened: Hears(
        on_cycle_opened, lambda fact: [("cycles", fact.cycle), ("heads", f"cycle:{fact.cycle}")]
    ),
    AgencySet: Hears(
        on_agency_set, lambda fact: [("agencies", fact.agency), ("heads", f"agency:{fact.agency}")]
    ),
    MemberSet: MEMBERS,
    ParticipationSet: Hears(
        on_participation_set,
        lambda fact: [
            ("participations", fact.participation),
            ("heads", f"participation:{fact.participation}"),
        ],
    ),
    SubmissionCompleted: Hears(on_submission_completed, _case),
}
