"""The self-assessment as people see it, and what may be uploaded for it."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from services.intake.domain.answers import Answer, unanswered
from services.intake.domain.participations import Participation, Windows, check_uploading, windows
from services.intake.domain.rounds import Cycle
from services.intake.domain.submissions import Submission
from services.intake.domain.uploads import UploadRules
from shared.core.errors import NotFound
from shared.core.people import AGENCY_ROLES, Caller
from shared.instrument import Edition, Node


@dataclass(frozen=True)
class NamedFile:
    """A file that some answer names, its size in bytes when known, and whether it has come."""

    sha256: str
    name: str
    size: int | None
    arrived: bool


@dataclass(frozen=True)
class Contents:
    """What only the agency's own people see: all codes, the answers, the codes without one, the named files, ticks."""

    codes: tuple[str, ...]
    answers: tuple[Answer, ...]
    missing: tuple[str, ...]
    files: tuple[NamedFile, ...]
    ticks: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class SelfAssessment:
    """How far a self-assessment is: `answered` of so many indicators; `contents` is None for the ministry."""

    participation: str
    edition: str
    state: str
    deadline: datetime
    answered: int
    of: int
    contents: Contents | None


def self_assessment(
    cycle: Cycle, participation: Participation, answered: int, of: int, contents: Contents | None
) -> SelfAssessment:
    """How far a self-assessment is, with its contents where these may be shown."""
    times: Windows = windows(cycle, participation)
    return SelfAssessment(
        participation.id, cycle.edition, participation.state, times.deadline, answered, of, contents
    )


def indicator_of(edition: Edition, code: str) -> Node:
    """The indicator of that code; NotFound when the edition has none."""
    if code not in edition.codes:
        raise NotFound(f"Edition {edition.id} has no indicator {code[:40]!r}.")
    return edition.node(code)


def is_own(caller: Caller, participation: Participation) -> bool:
    """Whether somebody is one of the agency's own people."""
    return caller.has(*AGENCY_ROLES, agency=participation.agency)


def named_hashes(answers: Mapping[str, Answer]) -> set[str]:
    """The hashes of the files that answers name."""
    return {exhibit.sha256 for answer in answers.values() for exhibit in answer.evidence}


def contents(
    codes: Sequence[str],
    answers: Mapping[str, Answer],
    arrived: Set[str],
    ticks: Mapping[str, tuple[str, ...]],
) -> Contents:
    """What the agency's own people see, given its answers by indicator, the hashes that have come, and its ticks."""
    exhibits = {exhibit.sha256: exhibit for answer in answers.values() for exhibit in answer.evidence}
    return Contents(
        codes=tuple(codes),
        answers=tuple(answers.values()),
        missing=tuple(unanswered(codes, answers)),
        files=tuple(
            NamedFile(exhibit.sha256, exhibit.name, exhibit.size, exhibit.sha256 in arrived)
            for exhibit in exhibits.values()
        ),
        ticks=ticks,
    )


def upload_rules(
    cycle: Cycle,
    participation: Participation,
    submission: Submission | None,
    replaceable: frozenset[str],
    arrived: datetime,
) -> UploadRules:
    """What may be uploaded for a participation by a request of that arrival; Conflict when nothing may.

    `replaceable` are the sealed files in whose place others may come.
    """
    check_uploading(cycle, participation, arrived)
    only = {file.sha256: file.size for file in submission.files} if submission else None
    return replace(rules_of(cycle, participation), only=only, replaceable=replaceable)


def rules_of(cycle: Cycle, participation: Participation) -> UploadRules:
    """What a cycle lets a participation upload, whatever was sealed."""
    return UploadRules(
        participation=participation.id,
        agency=participation.agency,
        cycle=participation.cycle,
        max_file_bytes=cycle.evidence.max_file_bytes,
        quota_bytes=cycle.evidence.quota_bytes,
        types=cycle.evidence.types,
    )
