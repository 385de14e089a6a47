"""The audit trail: per subject an append-only chain, where each entry carries the hash of the one before.

A row of the collection `audit` is {_id, subject, seq, at, actor, action, detail, correlation, prev, hash};
the subject's row in `heads` holds {audit_seq, audit_hash} of its last entry. All functions are pure.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

import msgspec

from shared.core.canonical import JSON, NotCanonicalError, exact, timestamp

Row = Mapping[str, Any]

START = ""
"""The hash before the first entry, which a new head holds with `audit_seq` 0."""

CAVEAT = (
    "This check cannot see a chain whose last entries were cut off, or that was rewritten or removed as a "
    "whole, when its head was rewritten to match: only checkpoints held elsewhere can show that."
)

KEPT = 100
"""How many breaches a report keeps in full."""

_UNATTESTED = frozenset({"_id", "hash"})


@dataclass(frozen=True)
class Breach:
    """The first broken link of one chain: `what` is changed, missing, out-of-order, cut-off, unheaded, unjoined."""

    subject: str
    seq: int
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.subject} #{self.seq}: {self.what}: {self.why}"


@dataclass(frozen=True)
class Report:
    """What a check has read, and the first broken link of each of the first KEPT broken chains."""

    chains: int
    entries: int
    broken: int
    breaches: tuple[Breach, ...]

    @property
    def ok(self) -> bool:
        """Whether every chain that was read holds."""
        return self.broken == 0

    def __add__(self, other: "Report") -> "Report":
        return Report(
            self.chains + other.chains,
            self.entries + other.entries,
            self.broken + other.broken,
            (*self.breaches, *other.breaches[: KEPT - len(self.breaches)]),
        )

    def lines(self) -> Iterator[str]:
        """Say the outcome in sentences, with what such a check cannot see."""
        yield f"{self.entries} entries in {self.chains} chains read, {self.broken} chains broken"
        yield from map(str, self.breaches)
        if self.broken > len(self.breaches):
            yield f"and {self.broken - len(self.breaches)} broken chains more"
        yield CAVEAT


NOTHING = Report(0, 0, 0, ())


@dataclass(frozen=True)
class Entry:
    """Who did what to a subject and when; `seq` counts the subject's entries from 1, `detail` is plain JSON."""

    subject: str
    seq: int
    at: datetime
    actor: str
    action: str
    detail: Mapping[str, JSON]
    correlation: str


def link(entry: Entry, head_hash: str) -> dict[str, Any]:
    """Make the row that follows the head's hash (START at first); `at` is cut to milliseconds, as it is stored.

    Raises NotCanonicalError for a float or anything else in `detail` that has no exact JSON form, and for a moment
    without a zone.
    """
    row = {
        "_id": f"{entry.subject}#{entry.seq:08d}",
        "subject": entry.subject,
        "seq": entry.seq,
        "at": entry.at.replace(microsecond=entry.at.microsecond // 1000 * 1000),
        "actor": entry.actor,
        "action": entry.action,
        # What the caller holds may change before it is stored; what was hashed may not.
        "detail": msgspec.json.decode(exact(entry.detail)),
        "correlation": entry.correlation,
        "prev": head_hash,
    }
    row["hash"] = row_hash(row)
    return row


def row_hash(row: Row) -> str:
    """Give SHA-256 (hex) over the previous hash and the canonical JSON of every field but _id and hash."""
    attested = {name: value for name, value in row.items() if name not in _UNATTESTED}
    attested["at"] = timestamp(row["at"])
    return sha256(row["prev"].encode() + exact(attested)).hexdigest()


def verify(rows: Iterable[Row], head: Row | None) -> Report:
    """Check one subject's rows, in the order of `seq`, against each other and against the subject's head."""
    count, last, subject = 0, START, str(head["_id"]) if head else ""
    stream = iter(rows)
    for row in stream:
        subject = subject or _subject(row)
        breach = _broken_link(row, subject, count + 1, last, stream)
        if breach:
            return Report(1, count, 1, (breach,))
        count, last = count + 1, row["hash"]
    breach = _broken_head(head or {}, subject, count, last) if subject else None
    return Report(int(bool(subject)), count, int(bool(breach)), (breach,) if breach else ())


def verify_all(
    heads: Iterable[Row],
    rows: Iterable[Row],
    again: Callable[[str], tuple[Iterable[Row], Row | None]] | None = None,
) -> Report:
    """Check every chain in one pass, as `verify_each` does."""
    return sum((report for _, report in verify_each(heads, rows, again)), NOTHING)


def verify_each(
    heads: Iterable[Row],
    rows: Iterable[Row],
    again: Callable[[str], tuple[Iterable[Row], Row | None]] | None = None,
) -> Iterator[tuple[str, Report]]:
    """Check chain after chain, each with its subject, of heads sorted by `_id` and rows sorted by (`subject`, `seq`).

    Neither is ever held in memory. While commands run, the two streams differ in time: `again` then gives the
    rows and head of one subject, read in one snapshot, and only what is broken there too is reported.
    """
    for subject, head, chain in _chains(heads, rows):
        report = verify(chain, head)
        yield subject, verify(*again(subject)) if again and not report.ok else report


def _chains(heads: Iterable[Row], rows: Iterable[Row]) -> Iterator[tuple[str, Row | None, Iterable[Row]]]:
    """Pair each head with its rows; the rows must be read before the next pair is asked for."""
    first: Iterator[tuple[str, int, Any]] = ((str(head["_id"]), 0, head) for head in heads)
    second: Iterator[tuple[str, int, Any]] = (
        (subject, 1, chain) for subject, chain in groupby(rows, _subject)
    )
    for subject, parts in groupby(
        heapq.merge(first, second, key=lambda part: part[:2]), lambda part: part[0]
    ):
        head = None
        for _, is_chain, part in parts:
            if is_chain:
                yield subject, head, part
                break
            head = part
        else:
            yield subject, head, ()


def _subject(row: Row) -> str:
    subject = row.get("subject")
    return subject if isinstance(subject, str) else ""


def _broken_link(row: Row, subject: str, seq: int, last: str, later: Iterator[Row]) -> Breach | None:
    """Say what is wrong with the row that should be number `seq` after the hash `last`, if anything."""
    found = row.get("seq")
    if isinstance(found, int) and found < seq:
        return Breach(
            subject, found, "out-of-order", "it stands behind an entry of the same or a later number"
        )
    if isinstance(found, int) and found > seq:
        if any(row.get("seq") == seq for row in later):
            return Breach(subject, seq, "out-of-order", f"entry {found} stands before it")
        return Breach(subject, seq, "missing", f"entry {found} is there, this one is not")
    if row.get("_id") != f"{subject}#{seq:08d}" or row.get("hash") != _hash_or_none(row):
        return Breach(subject, seq, "changed", "its fields do not give the hash that was written with them")
    if row["prev"] != last:
        why = "it does not follow from the entry before: one of the two was replaced"
        return Breach(subject, seq, "changed", why)
    return None


def _hash_or_none(row: Row) -> str | None:
    try:
        at = row["at"]
        # The driver gives moments without a zone unless told otherwise; the database holds UTC only.
        return row_hash(row if at.tzinfo else {**row, "at": at.replace(tzinfo=UTC)})
    except (AttributeError, KeyError, TypeError, NotCanonicalError):
        return None


def _broken_head(head: Row, subject: str, count: int, last: str) -> Breach | None:
    seq = head.get("audit_seq", 0)
    if not isinstance(seq, int):
        return Breach(subject, count, "changed", "the head's count is not a number")
    if seq > count:
        return Breach(subject, count + 1, "cut-off", f"the head counts {seq} entries, {count} are there")
    if seq < count:
        return Breach(subject, seq + 1, "unheaded", f"{count} entries are there, the head counts {seq}")
    if head.get("audit_hash", START) != last:
        return Breach(subject, count, "changed", "its hash is not the one that the head holds")
    return None
