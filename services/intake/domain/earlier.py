"""What an agency answered in the cycle before, beside what it answers now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake.domain.answers import Answer
from services.intake.domain.participations import Participation
from services.intake.domain.rounds import Cycle
from services.intake.domain.submissions import Submission
from shared.instrument import Edition


@dataclass(frozen=True)
class NamedExhibit:
    """A file that an earlier answer named."""

    sha256: str
    name: str


@dataclass(frozen=True)
class EarlierAnswer:
    """An answer as it was sealed in an earlier cycle."""

    indicator: str
    value: str
    facts: str
    analysis: str
    subject: str | None
    evidence: tuple[NamedExhibit, ...]


@dataclass(frozen=True)
class Earlier:
    """What an agency sealed of an indicator, or of those that live on in it, in the last cycle before this one.

    `index` is the published one of that cycle. The final value of an indicator is not known to intake: it is None.
    """

    cycle: str
    edition: str
    submission: str
    sealed_at: datetime
    index: str | None
    final_value: None
    answers: tuple[EarlierAnswer, ...]


def last_before(cycle: Cycle, sealed: Sequence[tuple[Participation, Cycle]]) -> Participation | None:
    """Of the sealed participations of an agency that of the last cycle which opened before this one."""
    before = [(other.opens, other.id, found) for found, other in sealed if other.opens < cycle.opens]
    return max(before, key=lambda one: one[:2])[2] if before else None


def codes_then(edition: Edition, indicator: str, then: str) -> tuple[str, ...]:
    """The indicators of an earlier edition that one of this edition is compared with.

    The same edition has the same codes; an edition before is asked by the crosswalk. Without one codes mean nothing.
    """
    if edition.id == then:
        return (indicator,)
    if edition.crosswalk and edition.crosswalk.edition == then:
        return tuple(edition.crosswalk.codes.get(indicator, ()))
    return ()


def earlier(participation: Participation, submission: Submission, saved: Mapping[str, Answer]) -> Earlier:
    """What was sealed of the saved versions of some answers."""
    return Earlier(
        submission.cycle,
        submission.edition,
        submission.id,
        submission.sealed_at,
        participation.result.index if participation.result else None,
        None,
        tuple(_answer(answer) for answer in saved.values()),
    )


def _answer(answer: Answer) -> EarlierAnswer:
    files = tuple(NamedExhibit(exhibit.sha256, exhibit.name) for exhibit in answer.evidence)
    return EarlierAnswer(answer.indicator, answer.value, answer.facts, answer.analysis, answer.subject, files)
