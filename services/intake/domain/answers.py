"""The agency's own answer to one indicator."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.core.errors import Invalid
from shared.instrument import Edition, parse_value
from shared.instrument.exact import exact


@dataclass(frozen=True)
class Exhibit:
    """A file that an answer rests on, by hash and the agency's name for it; size in bytes when known."""

    sha256: str
    name: str
    size: int | None = None


@dataclass(frozen=True)
class Answer:
    """A value with its words and evidence; `value` is exact text, `rev` counts the saves from 1.

    `subject` is what the agency names as assessed, for the indicators where it does.
    """

    id: str
    participation: str
    indicator: str
    value: str
    facts: str
    analysis: str
    evidence: tuple[Exhibit, ...] = ()
    subject: str | None = None
    saved_at: datetime | None = None
    saved_by: str = ""
    rev: int = 0


@dataclass(frozen=True)
class AnswerDraft:
    """An answer as it was sent: `value` is a number or a text, not read yet."""

    value: str | float
    facts: str
    analysis: str
    evidence: tuple[Exhibit, ...] = ()
    subject: str | None = None

    def of(self, participation: str, indicator: str) -> Answer:
        """The answer to an indicator, its value not read yet."""
        id = answer_id(participation, indicator)
        return Answer(
            id, participation, indicator, "", self.facts, self.analysis, self.evidence, self.subject
        )


def answer_id(participation: str, indicator: str) -> str:
    """The id of an answer."""
    return f"{participation}.{indicator}"


def answer_subject(participation: str, indicator: str) -> str:
    """The subject whose head and audit chain an answer has: one of its own, so that saves do not wait for others."""
    return f"answer:{answer_id(participation, indicator)}"


def check_answer(edition: Edition, answer: Answer, raw: object) -> Answer:
    """The answer with its value as exact text; Invalid when the edition does not allow it.

    `raw` is the value as it was sent: a number or a text.
    """
    parse_value(edition, answer.indicator, raw)
    if answer.subject and not edition.node(answer.indicator).agency_subject:
        raise Invalid(
            f"Indicator {answer.indicator} is the same for all agencies: leave `subject` out.", "no-subject"
        )
    hashes = [exhibit.sha256 for exhibit in answer.evidence]
    if len(set(hashes)) < len(hashes):
        raise Invalid("The same file stands twice in this answer's evidence.", "evidence-twice")
    return replace(answer, value=str(exact(raw)))
