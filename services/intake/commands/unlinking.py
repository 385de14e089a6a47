"""What takes evidence away: a file is unlinked, and taken back; bytes that nobody owns go."""

from services.intake import domain, queries, store
from services.intake.commands.completing import file_arrived
from services.intake.domain import Blob, Cycle, FileOwnership, Participation
from services.intake.domain.discarded import (
    Orphan,
    check_kept,
    check_room,
    release_id,
    release_of,
    taken_back,
)
from shared.storage.transaction import Transaction


def unlink_file(tx: Transaction, participation: str, sha256: str) -> None:
    """Unlink a file from a cycle where nothing names it; from the last one only when nothing names it anywhere.

    Bytes that are here so always count in some cycle.
    """
    ownership = queries.get_own_file(tx, participation, sha256, tx.caller).ownership
    cycle = store.require(tx, Participation, participation).cycle
    left = ownership.without(cycle)
    participations = [found.id for found in store.list_participations_of(tx, ownership.agency)]
    searched = [participation] if left.cycles else participations
    domain.check_unused(store.list_naming(tx, searched, sha256))
    if left.cycles:
        store.save_ownership(tx, left)
    else:
        store.delete_ownership(tx, left)
    store.save_release(tx, release_of(ownership, cycle, tx.now))
    # One entry below each, so that a seal of any of them that counts on the file conflicts.
    for id in participations:
        tx.audit(f"participation:{id}", "file.unlinked", sha256=sha256, size=ownership.size)


def take_file_back(tx: Transaction, participation: str, sha256: str) -> FileOwnership:
    """Take back that a file was unlinked from a cycle, while its bytes are still here; again changes nothing."""
    found = store.find(tx, Participation, participation)
    agency = domain.check_own(tx.caller, found.agency if found else None)
    cycle = store.require(tx, Cycle, store.require(tx, Participation, participation).cycle)
    now, blob = store.find_ownership(tx, agency, sha256), store.find_blob(tx, sha256)
    if now and cycle.id in now.cycles:
        return now
    id = release_id(agency, sha256, cycle.id)
    release = store.find_release(tx, id)
    before = check_kept(release, blob)
    assert release is not None
    assert blob is not None
    check_room(release, before, store.get_used_bytes(tx, agency, cycle.id), cycle.evidence)
    after = taken_back(release, before, now)
    store.save_ownership(tx, after)
    store.save_blob(tx, blob)  # so that whoever deletes it at the same time conflicts
    store.delete_release(tx, id)
    for one in store.list_participations_of(tx, agency):
        tx.audit(f"participation:{one.id}", "file.taken-back", sha256=sha256, size=after.size)
    file_arrived(tx, participation, sha256)
    return after


def release_file(tx: Transaction, id: str) -> bool:
    """Let the bytes of a file that was unlinked for good go, unless somebody wants it; False when that is done."""
    release = store.find_release(tx, id)
    if release is None:
        return False
    store.delete_release(tx, id)
    blob = store.find_blob(tx, release.sha256)
    if blob and not store.is_wanted(tx, release.sha256):
        _delete_blob(tx, blob, release.orphan(blob, tx.now))
    else:
        tx.audit(f"blob:{release.sha256}", "blob.kept")
    return True


def delete_blob(tx: Transaction, sha256: str) -> bool:
    """Delete bytes that no agency wants; False when they are gone already, or one came to want them meanwhile."""
    blob = store.find_blob(tx, sha256)
    if blob is None or store.is_wanted(tx, sha256):
        return False
    _delete_blob(tx, blob, Orphan(blob.upload, "", "", blob.size, tx.now, tx.now))
    return True


def _delete_blob(tx: Transaction, blob: Blob, orphan: Orphan) -> None:
    store.delete_blob(tx, blob)
    store.save_orphan(tx, orphan)
    tx.audit(f"blob:{blob.sha256}", "blob.deleted", size=blob.size)


def discount_orphan(tx: Transaction, upload: str) -> None:
    """Count the orphaned chunks of an upload no more: they have been deleted, and only late ones may still come."""
    orphan = store.find_orphan(tx, upload)
    if orphan and orphan.bytes:
        store.save_orphan(tx, orphan.without_bytes())
        tx.audit(f"upload:{upload}", "chunks.deleted", bytes=orphan.bytes)


def delete_orphan(tx: Transaction, upload: str) -> None:
    """Write down that no chunks of an upload can come any more."""
    store.delete_orphan(tx, upload)
    tx.audit(f"upload:{upload}", "chunks.forgotten")
