"""Notes that people of one agency leave each other at an indicator: theirs alone, no part of a seal."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from services.intake.domain.access import existing
from shared.core.errors import Conflict, Forbidden, Invalid
from shared.instrument import Edition

LONGEST_COMMENT = 2000
"""Characters."""
MOST_COMMENTS = 500
"""Of one self-assessment: ten at each of fifty indicators."""


@dataclass(frozen=True)
class Comment:
    """A note at an indicator, by whom and when; open until somebody of the agency marks it as settled."""

    id: str
    participation: str
    indicator: str
    text: str
    by: str
    at: datetime
    settled_by: str | None = None
    settled_at: datetime | None = None
    rev: int = 0

    @property
    def is_open(self) -> bool:
        """Whether somebody has to look at it still."""
        return self.settled_at is None


@dataclass(frozen=True)
class CommentDraft:
    """A note as it was sent."""

    indicator: str
    text: str

    def of(self, participation: str, author: str, key: str, now: datetime) -> Comment:
        """The note of an author; the same key is the same note, so that a request may come again."""
        id = sha256(f"{author}\n{participation}\n{key}".encode()).hexdigest()[:32]
        return Comment(id, participation, self.indicator, self.text, author, now)


@dataclass(frozen=True)
class Discussion:
    """Notes in their order, with the names under which the people in them are shown."""

    comments: tuple[Comment, ...]
    names: Mapping[str, str]


def comments_subject(participation: str) -> str:
    """The subject whose head and audit chain the notes of a self-assessment have; neither answers nor a seal wait."""
    return f"comments:{participation}"


def check_same(stored: Comment, wanted: Comment) -> Comment:
    """The note that an earlier request with the same key left; Invalid when that was another one."""
    if (stored.indicator, stored.text) != (wanted.indicator, wanted.text):
        raise Invalid(
            "This Idempotency-Key was used for another comment: take a fresh key for a new one.",
            "idempotency-key-reused",
        )
    return stored


def check_new(edition: Edition, wanted: Comment, count: int) -> None:
    """Refuse a note at what the edition does not have, and more notes than a self-assessment takes."""
    if wanted.indicator not in edition.codes:
        raise Invalid(f"Edition {edition.id} has no indicator {wanted.indicator!r}.", "unknown-indicator")
    if count >= MOST_COMMENTS:
        raise Conflict(
            f"This self-assessment has {count} comments, as many as it takes: withdraw some of yours first.",
            "too-many-comments",
            {"limit": MOST_COMMENTS},
        )


def comment_of(participation: str, found: Comment | None) -> Comment:
    """The note, where it is one of that self-assessment; NotFound otherwise."""
    own = found if found and found.participation == participation else None
    return existing(own, "such comment in this self-assessment")


def marked(stored: Comment, settled: bool, person: str, now: datetime) -> Comment:
    """The note as settled by that person or as open again; who settled it first stays."""
    if settled is not stored.is_open:
        return stored
    return replace(stored, settled_by=person if settled else None, settled_at=now if settled else None)


def check_withdrawal(stored: Comment, person: str) -> None:
    """Refuse to take a note away to all but its author, and to them once it is settled."""
    if stored.by != person:
        raise Forbidden("Only whoever wrote a comment may withdraw it: mark it as settled.", "not-the-author")
    if not stored.is_open:
        raise Conflict(
            "This comment is settled, so it stays: reopen it first to withdraw it.", "comment-settled"
        )
