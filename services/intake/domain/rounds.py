"""Editions in use, and the cycles that are played with them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from shared.core.errors import Conflict, Invalid, NotFound
from shared.core.people import Caller

LARGEST_EDITION = 1_000_000
"""Bytes of an edition that still travels in one event."""
USUAL_CLARIFICATION_DAYS = 7
MOST_CLARIFICATION_DAYS = 90
"""For how many days an agency may answer a question of the assessors: unless a plan says otherwise, and at most."""


@dataclass(frozen=True)
class EditionRecord:
    """An edition as intake keeps it; `published_at` is None while it is a draft that may still change."""

    id: str
    hash: str
    guide_version: str
    loaded_at: datetime
    published_at: datetime | None = None
    rev: int = 0

    @property
    def state(self) -> str:
        """draft or published."""
        return "published" if self.published_at else "draft"


@dataclass(frozen=True)
class EditionContent:
    """An edition with its whole tree, as `shared.instrument.to_dict` writes it."""

    record: EditionRecord
    content: Mapping[str, Any]


@dataclass(frozen=True)
class EvidenceRules:
    """What files a cycle takes: bytes per file, bytes per agency, types by content."""

    max_file_bytes: int
    quota_bytes: int
    types: frozenset[str]


@dataclass(frozen=True)
class Cycle:
    """One year's round; `opened_at` is None until the ministry opens it.

    For `clarification_days` an agency may answer a question of the assessors; `shows_words` says whether it reads what
    they wrote once its result is published.
    """

    id: str
    title: str
    edition: str
    opens: datetime
    deadline: datetime
    bytes_until: datetime
    evidence: EvidenceRules
    clarification_days: int = USUAL_CLARIFICATION_DAYS
    shows_words: bool = True
    opened_at: datetime | None = None
    rev: int = 0

    @property
    def state(self) -> str:
        """planned or open."""
        return "open" if self.opened_at else "planned"


@dataclass(frozen=True)
class CyclePlan:
    """What a cycle is planned with."""

    title: str
    edition: str
    opens: datetime
    deadline: datetime
    bytes_until: datetime
    evidence: EvidenceRules
    clarification_days: int = USUAL_CLARIFICATION_DAYS
    shows_words: bool = True

    def of(self, id: str) -> Cycle:
        """The cycle of that id by this plan, not open yet."""
        return Cycle(id, **{part.name: getattr(self, part.name) for part in fields(self)})


def may_see_edition(caller: Caller, record: EditionRecord | None, id: str) -> EditionRecord:
    """The edition, when it is published or the caller is the ministry; NotFound otherwise."""
    if record is None or not (record.published_at or caller.has("ministry")):
        raise NotFound(f"There is no edition {id}, or it is not published yet.")
    return record


def is_loaded(record: EditionRecord, hash: str) -> bool:
    """Whether that very content stands under the edition's id already; Conflict once it is published."""
    if record.hash == hash:
        return True
    if record.published_at:
        raise Conflict(
            f"The edition {record.id} is published and never changes. Give other content an id of its own.",
            "edition-published",
        )
    return False


def check_edition_size(size: int) -> None:
    """Refuse an edition, of so many bytes, that does not fit into one event."""
    if size > LARGEST_EDITION:
        raise Invalid(
            f"The edition has {size} bytes; at most {LARGEST_EDITION} can be published.", "edition-too-large"
        )


def check_published(record: EditionRecord | None, id: str) -> EditionRecord:
    """The edition, when it is published; Invalid when there is none, Conflict while it is a draft."""
    if record is None:
        raise Invalid(f"There is no edition {id}.", "unknown-edition")
    if record.published_at is None:
        raise Conflict(f"The edition {id} is a draft: publish it first.", "edition-not-published")
    return record


def planned(stored: Cycle | None, wanted: Cycle) -> Cycle:
    """The cycle as the ministry wants it; whether it is open is not the plan's to say."""
    return replace(wanted, opened_at=stored.opened_at) if stored else wanted


def check_plan(stored: Cycle | None, wanted: Cycle, participants: int) -> None:
    """Refuse a plan that does not fit together, of an open cycle, or with another edition once agencies take part."""
    if stored and stored.opened_at:
        raise Conflict(f"The cycle {wanted.id} is open; it does not change any more.", "cycle-open")
    check_cycle(wanted)
    if stored and stored.edition != wanted.edition and participants:
        raise Conflict("Agencies take part already: the edition cannot change any more.", "cycle-in-use")


def check_cycle(cycle: Cycle) -> None:
    """Refuse a cycle whose times or sizes do not fit together; raises Invalid."""
    if not cycle.opens < cycle.deadline <= cycle.bytes_until:
        raise Invalid(
            "A cycle opens before its deadline, and bytes may come until the deadline or later.",
            "bad-windows",
        )
    if cycle.evidence.max_file_bytes > cycle.evidence.quota_bytes:
        raise Invalid("`max_file_bytes` is more than the whole `quota_bytes`.", "bad-sizes")
