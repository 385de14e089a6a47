"""What changes evidence: an upload begins, finishes, ends or expires; a file is opened or unlinked; bytes too."""

from dataclasses import replace
from datetime import datetime

from services.intake import domain, queries, store
from services.intake.commands.completing import file_arrived
from services.intake.domain import Inspection, Participation, Upload, UploadRequest
from shared.replicas.members import find_caller
from shared.storage.transaction import Transaction


def begin_upload(tx: Transaction, participation: str, request: UploadRequest) -> Upload:
    """Begin an upload; its whole length counts against the quota from now on."""
    rules = queries.get_upload_rules(tx, participation, tx.caller, tx.now)
    domain.check_open_uploads(store.count_open_uploads(tx, rules.agency, rules.cycle))
    domain.check_upload_request(rules, request, store.get_used_bytes(tx, rules.agency, rules.cycle))
    upload = store.save_upload(tx, Upload.of(tx.new_id(), rules, request, tx.now))
    tx.audit(_root(upload), "upload.begun", upload=upload.id, name=upload.name, length=upload.length)
    return upload


def finish_upload(tx: Transaction, leased: Upload, inspection: Inspection, arrived: datetime) -> Upload:
    """Keep the finished bytes for the agency, or refuse them and say why in the upload that this gives.

    The time for files is held against the arrival of the PATCH, which may have taken hours; the caller's role
    is that of now.
    """
    upload = domain.check_lease(store.find(tx, Upload, leased.id), leased)
    caller = find_caller(tx, tx.caller.issuer, tx.caller.subject, tx.now)
    rules = queries.get_upload_rules(tx, upload.participation, caller, arrived)
    refusal = domain.refusal_of(rules, upload, inspection)
    done = store.save_upload(tx, domain.finished(upload, refusal, tx.now), inspection.sha256)
    if refusal:
        store.add_orphan(tx, upload.id)
        tx.audit(
            _root(upload), "upload.refused", upload=upload.id, sha256=inspection.sha256, code=refusal.code
        )
        return done
    _keep(tx, upload, inspection, arrived)
    tx.audit(
        _root(upload),
        "upload.finished",
        upload=upload.id,
        sha256=inspection.sha256,
        size=upload.length,
        type=inspection.type,
    )
    file_arrived(tx, upload.participation, inspection.sha256)
    return done


def _keep(tx: Transaction, upload: Upload, inspection: Inspection, arrived: datetime) -> None:
    """Save who owns the file; the bytes of a second upload of the same file are orphans, whoever sent the first."""
    blob, ownership = domain.kept_file(
        upload,
        inspection,
        store.find_blob(tx, inspection.sha256),
        store.find_ownership(tx, upload.agency, inspection.sha256),
        arrived,
    )
    store.save_blob(tx, blob)
    store.save_ownership(tx, ownership)
    if blob.upload != upload.id:
        store.add_orphan(tx, upload.id)


def end_upload(tx: Transaction, participation: str, id: str) -> None:
    """End an upload whose bytes nobody wants any more; a complete one stays, it is evidence now."""
    upload = queries.get_upload(tx, participation, id, tx.caller)
    domain.check_open(upload, tx.now)
    _end(tx, upload, "ended")


def expire_upload(tx: Transaction, id: str) -> bool:
    """End an upload that has waited too long; False when somebody went on with it meanwhile."""
    upload = store.require(tx, Upload, id)
    if not upload.is_expired(tx.now):
        return False
    _end(tx, upload, "expired")
    return True


def _end(tx: Transaction, upload: Upload, state: str) -> None:
    store.save_upload(tx, replace(upload, state=state))
    store.add_orphan(tx, upload.id)
    tx.audit(_root(upload), f"upload.{state}", upload=upload.id, offset=upload.offset)


def unlink_file(tx: Transaction, participation: str, sha256: str) -> None:
    """Unlink a file from a cycle where nothing names it; from the last one only when nothing names it anywhere.

    Bytes that are here so always count in some cycle.
    """
    ownership = queries.get_own_file(tx, participation, sha256, tx.caller).ownership
    left = ownership.without(store.require(tx, Participation, participation).cycle)
    participations = [found.id for found in store.list_participations_of(tx, ownership.agency)]
    searched = [participation] if left.cycles else participations
    domain.check_unused(store.list_naming(tx, searched, sha256))
    if left.cycles:
        store.save_ownership(tx, left)
    else:
        store.delete_ownership(tx, left)
    # One entry below each, so that a seal of any of them that counts on the file conflicts.
    for id in participations:
        tx.audit(f"participation:{id}", "file.unlinked", sha256=sha256, size=ownership.size)


def record_opening(tx: Transaction, agency: str, sha256: str, how: str, part: str) -> None:
    """Write down who was given which bytes of a file, in that file's own chain."""
    tx.audit(f"evidence:{agency}.{sha256}", "evidence.opened", how=how, part=part)


def delete_blob(tx: Transaction, sha256: str) -> bool:
    """Delete bytes that no agency owns; False when they are gone already, or one came to own them meanwhile."""
    blob = store.find_blob(tx, sha256)
    if blob is None or store.is_owned(tx, sha256):
        return False
    store.delete_blob(tx, blob)
    store.add_orphan(tx, blob.upload)
    tx.audit(f"blob:{sha256}", "blob.deleted", size=blob.size)
    return True


def delete_orphan(tx: Transaction, upload: str) -> None:
    """Write down that the orphaned chunks of an upload have been deleted."""
    store.delete_orphan(tx, upload)
    tx.audit(f"upload:{upload}", "chunks.deleted")


def _root(upload: Upload) -> str:
    return f"participation:{upload.participation}"
