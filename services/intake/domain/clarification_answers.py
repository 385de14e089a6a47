"""What an agency answers to a question of the assessors: drafts, and the version that is sent for good."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.intake.domain.answers import EACH, MOST_WRITTEN, Exhibit
from shared.core.errors import Conflict
from shared.signing.receipts import explanation_hash

LONGEST_WORDS = 10_000
"""Characters of an answer."""
MOST_NAMED = 50
"""Files that one answer names."""


@dataclass(frozen=True)
class ClarificationDraft:
    """An answer as it was sent in to be saved."""

    words: str
    evidence: tuple[Exhibit, ...] = ()

    @property
    def hashes(self) -> frozenset[str]:
        """The files that it names, by SHA-256."""
        return frozenset(exhibit.sha256 for exhibit in self.evidence)

    def naming(self, exhibit: Exhibit) -> "ClarificationDraft":
        """The draft that names a file too, once."""
        return replace(self, evidence=(*self.without(exhibit.sha256).evidence, exhibit))

    def without(self, sha256: str) -> "ClarificationDraft":
        """The draft that names a file no more."""
        return replace(self, evidence=tuple(each for each in self.evidence if each.sha256 != sha256))


@dataclass(frozen=True)
class ClarificationAnswer:
    """What an agency answers, which has the question's id; for good once `sent_at` says when.

    `question` and `version` are what was asked when it was sent; `written` is how many bytes all versions have, about.
    """

    id: str
    participation: str
    submission: str
    indicator: str
    words: str
    evidence: tuple[Exhibit, ...] = ()
    saved_at: datetime | None = None
    saved_by: str = ""
    sent_at: datetime | None = None
    sent_by: str = ""
    question: str = ""
    version: int = 0
    written: int = 0
    rev: int = 0

    @property
    def words_sha256(self) -> str:
        """The hash of its words."""
        return explanation_hash({"words": self.words})

    def as_saved(self, by: "ClarificationAnswer") -> "ClarificationAnswer":
        """These words and files as if another version's author had saved them at its time."""
        return replace(self, saved_at=by.saved_at, saved_by=by.saved_by, written=by.written)


def next_draft(
    stored: ClarificationAnswer | None, wanted: ClarificationAnswer, person: str, now: datetime
) -> ClarificationAnswer:
    """The answer as the version after the stored one; Conflict when all its versions together become too many."""
    texts = (wanted.words, *(each.name for each in wanted.evidence))
    size = sum(len(text.encode()) for text in texts) + EACH * (1 + len(wanted.evidence))
    written = (stored.written if stored else 0) + size
    if written > MOST_WRITTEN:
        raise Conflict(
            f"The versions of this answer have {MOST_WRITTEN} bytes together already: no further one is kept.",
            "too-many-versions",
        )
    return replace(wanted, written=written, saved_at=now, saved_by=person)
