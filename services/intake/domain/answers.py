"""The agency's own answer to one indicator."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from shared.core.errors import Conflict, Invalid
from shared.instrument import Edition, parse_value, require_indicator
from shared.instrument.exact import exact

MOST_FILES = 5000
"""Different files that one self-assessment may name, as many as a seal lists."""
MOST_WRITTEN = 16 * 1024 * 1024
"""Bytes of all versions of one answer: three thousand saves of five kilobytes."""
EACH = 200
"""Bytes that a version, and each file that it names, takes besides its texts."""


@dataclass(frozen=True)
class Exhibit:
    """A file that an answer rests on, by hash and the agency's name for it; size in bytes when known."""

    sha256: str
    name: str
    size: int | None = None


@dataclass(frozen=True)
class Answer:
    """A value with its words and evidence; `value` is exact text, empty until one is chosen, `rev` counts from 1.

    `subject` is what the agency names as assessed, for the indicators where it does. `written` is how many bytes
    all its versions have, about.
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
    written: int = 0
    rev: int = 0

    @property
    def is_valued(self) -> bool:
        """Whether a value was chosen: before that it counts as no answer, however much was written."""
        return self.value != ""


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


def used_at(named: Mapping[str, Sequence[Exhibit]], but: str) -> dict[str, tuple[str, ...]]:
    """At which indicators each file is named, by SHA-256, but for one of them."""
    found: dict[str, tuple[str, ...]] = {}
    for code, exhibits in named.items():
        for exhibit in exhibits if code != but else ():
            found[exhibit.sha256] = (*found.get(exhibit.sha256, ()), code)
    return found


def check_files_named(others: Set[str], stored: Answer | None, wanted: Answer) -> int:
    """How many files a self-assessment names with the wanted answer, `others` being those of its other answers.

    Invalid when these are more than a seal lists, unless the stored answer named no fewer.
    """
    before, named = (
        len(others | {exhibit.sha256 for exhibit in (answer.evidence if answer else ())})
        for answer in (stored, wanted)
    )
    if named > max(MOST_FILES, before):
        raise Invalid(
            f"With this answer the self-assessment names {named} different files; a seal lists at most {MOST_FILES}. "
            "Join some of them into one, or leave out what does not support a value.",
            "too-many-files",
            {"named": named, "limit": MOST_FILES},
        )
    return named


def valued(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """Of answers by indicator those with a value: the others are drafts, which count as none."""
    return {code: answer for code, answer in answers.items() if answer.is_valued}


def unanswered(codes: Sequence[str], answers: Mapping[str, Answer]) -> list[str]:
    """The indicators without a value, none of which may be missing at a seal."""
    return [code for code in codes if code not in valued(answers)]


def next_version(stored: Answer | None, wanted: Answer) -> Answer:
    """The answer as the version after the stored one; Conflict when all its versions together become too many."""
    texts = (wanted.facts, wanted.analysis, wanted.subject or "", *(each.name for each in wanted.evidence))
    size = sum(len(text.encode()) for text in texts) + EACH * (1 + len(wanted.evidence))
    written = (stored.written if stored else 0) + size
    if written > MOST_WRITTEN:
        raise Conflict(
            f"The versions of this answer have {MOST_WRITTEN} bytes together already: no further one is kept.",
            "too-many-versions",
        )
    return replace(wanted, written=written)


def check_answer(edition: Edition, answer: Answer, raw: object) -> Answer:
    """The answer with its value as exact text; Invalid when the edition does not allow it.

    `raw` is the value as it was sent: a number or a text.
    """
    source = require_indicator(edition, answer.indicator).source
    if source and source.converts:
        raise Invalid(
            f"The value of indicator {answer.indicator} is given by an index of another ministry: leave it empty.",
            "value-given",
        )
    parse_value(edition, answer.indicator, raw)
    return replace(check_words(edition, answer), value=str(exact(raw)))


def check_words(edition: Edition, answer: Answer) -> Answer:
    """The answer, whatever its value; Invalid for what the edition does not allow beside that."""
    if answer.subject and not require_indicator(edition, answer.indicator).agency_subject:
        raise Invalid(
            f"Indicator {answer.indicator} is the same for all agencies: leave `subject` out.", "no-subject"
        )
    hashes = [exhibit.sha256 for exhibit in answer.evidence]
    if len(set(hashes)) < len(hashes):
        raise Invalid("The same file stands twice in this answer's evidence.", "evidence-twice")
    return answer
