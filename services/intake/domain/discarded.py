"""Bytes that belong to nothing any more: they lie on the disk, and count, until they are gone."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.intake.domain.evidence import Blob, FileOwnership
from services.intake.domain.rounds import EvidenceRules
from services.intake.domain.uploads import Gone, Upload
from shared.core.errors import TooLarge

TAKE_BACK = timedelta(minutes=10)
"""How long a file that was unlinked is kept for whoever takes that back, unless its room is needed before."""


@dataclass(frozen=True)
class Orphan:
    """The chunks of an upload that belong to nothing any more: so many bytes of an agency in a cycle.

    A request that lost its lease may still write some until `writable_until`.
    """

    id: str
    agency: str
    cycle: str
    bytes: int
    since: datetime
    writable_until: datetime
    rev: int = 0

    def without_bytes(self) -> "Orphan":
        """The orphan when its chunks have been deleted once; late ones may still come."""
        return replace(self, bytes=0)


@dataclass(frozen=True)
class Release:
    """A file that an agency has unlinked from a cycle, which may be taken back while this is kept.

    `ownership` is what it was before. `bytes` count in that cycle until they are deleted, unless somebody else owns
    them; none do where the agency keeps the file in another cycle.
    """

    id: str
    agency: str
    cycle: str
    sha256: str
    bytes: int
    since: datetime
    ownership: FileOwnership | None = None
    rev: int = 0

    def orphan(self, blob: Blob, now: datetime) -> Orphan:
        """The chunks of the file, which go on counting where the file did."""
        return Orphan(blob.upload, self.agency, self.cycle, blob.size, now, now)


def orphan_of(upload: Upload, now: datetime) -> Orphan:
    """The chunks of an upload whose bytes are not kept; all of them count, of one that nobody ever wrote to none."""
    size = upload.length if upload.fence else 0
    return Orphan(upload.id, upload.agency, upload.cycle, size, now, max(now, upload.lease_until))


def release_id(agency: str, sha256: str, cycle: str) -> str:
    """The id under which it is known that an agency unlinked a file from a cycle."""
    return f"{agency}.{sha256}.{cycle}"


def release_of(ownership: FileOwnership, cycle: str, now: datetime) -> Release:
    """The release of a file that is unlinked from a cycle."""
    id = release_id(ownership.agency, ownership.sha256, cycle)
    counting = 0 if ownership.without(cycle).cycles else ownership.size
    return Release(id, ownership.agency, cycle, ownership.sha256, counting, now, ownership)


def check_kept(release: Release | None, blob: Blob | None) -> FileOwnership:
    """What was unlinked, while its bytes are still here; Gone once they went, for their time or for their room."""
    if release is None or release.ownership is None or blob is None:
        raise Gone(
            "This file cannot be taken back any more: it was unlinked too long ago, its room was needed, or it was "
            "not unlinked from this cycle. Send it again.",
            "file-gone",
        )
    return release.ownership


def taken_back(release: Release, before: FileOwnership, now: FileOwnership | None) -> FileOwnership:
    """The ownership with the cycle that a file was unlinked from; `now` is the agency's present one, if any."""
    kept = now or replace(before, cycles=())
    return kept.with_arrival(release.cycle, before.at)


def check_room(release: Release, before: FileOwnership, used: int, rules: EvidenceRules) -> None:
    """Refuse to take back a file for which the cycle has no room any more; `used` counts what the release does."""
    if used - release.bytes + before.size > rules.quota_bytes:
        left = max(rules.quota_bytes - used + release.bytes, 0)
        raise TooLarge(
            f"Your agency has {left} of its {rules.quota_bytes} bytes left in this cycle; this file needs "
            f"{before.size}. Unlink or end something that you do not need.",
            "quota-exceeded",
            {"quota_bytes": rules.quota_bytes, "left_bytes": left},
        )
