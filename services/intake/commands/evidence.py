"""What changes evidence: an upload begins, finishes, is ended or expires; a file is opened or let go; bytes too."""

from dataclasses import replace
from datetime import datetime

from services.intake import domain, queries, store
from services.intake.commands.completing import file_arrived
from services.intake.domain import (
    Blob,
    FileOwnership,
    Inspection,
    Participation,
    Refusal,
    Upload,
    UploadRequest,
)
from services.intake.queries import upload_rules
from shared.replicas.members import find_caller
from shared.storage.transaction import Transaction


def begin_upload(tx: Transaction, participation: str, request: UploadRequest) -> Upload:
    """Begin an upload; its whole length counts against the quota from now on."""
    rules = upload_rules(tx, participation, tx.caller, tx.now)
    domain.check_under_way(store.count_open_uploads(tx, rules.agency, rules.cycle))
    domain.check_upload_request(rules, request, store.get_used_bytes(tx, rules.agency, rules.cycle))
    upload = Upload(
        id=tx.new_id(),
        participation=rules.participation,
        agency=rules.agency,
        cycle=rules.cycle,
        name=request.name,
        length=request.length,
        sha256=request.sha256,
        metadata=request.metadata,
        offset=0,
        state="open",
        fence=0,
        lease_until=tx.now,
        expires=tx.now + domain.IDLE,
    )
    store.save_upload(tx, upload)
    tx.audit(_root(upload), "upload.begun", upload=upload.id, name=upload.name, length=upload.length)
    return upload


def finish_upload(tx: Transaction, held: Upload, found: Inspection, arrived: datetime) -> Upload:
    """Keep the finished bytes for the agency, or refuse them and say why in the upload that this gives.

    The time for files is held against the arrival of the PATCH, which may have taken hours; the caller's role
    is that of now.
    """
    upload = _open_upload(tx, held)
    caller = find_caller(tx, tx.caller.issuer, tx.caller.subject, tx.now)
    rules = upload_rules(tx, upload.participation, caller, arrived)
    if why := domain.why_refused(rules, upload, found):
        return _refuse(tx, upload, found, why)
    _keep(tx, upload, found, arrived)
    done = replace(upload, state="done", offset=upload.length, lease_until=tx.now)
    store.save_upload(tx, done, found.sha256)
    tx.audit(
        _root(upload),
        "upload.finished",
        upload=upload.id,
        sha256=found.sha256,
        size=upload.length,
        type=found.kind,
    )
    file_arrived(tx, upload.participation, found.sha256)
    return done


def _open_upload(tx: Transaction, held: Upload) -> Upload:
    upload = store.find_upload(tx, held.id)
    if upload is None or upload.state != "open" or upload.fence != held.fence:
        raise domain.LeaseLost("Another request went on with this upload: ask for its offset.")
    return upload


def _refuse(tx: Transaction, upload: Upload, inspection: Inspection, why: Refusal) -> Upload:
    refused = replace(upload, state="refused", refusal=why, lease_until=tx.now)
    store.save_upload(tx, refused, inspection.sha256)
    store.save_orphan(tx, upload.id)
    tx.audit(_root(upload), "upload.refused", upload=upload.id, sha256=inspection.sha256, code=why.code)
    return refused


def _keep(tx: Transaction, upload: Upload, found: Inspection, arrived: datetime) -> None:
    """Make the possession, or add the cycle to the one that there is, whose name stays; the first arrival counts.

    The bytes of a second upload of the same file are litter, whoever sent the first.
    """
    kept = store.find_blob(tx, found.sha256)
    store.save_blob(tx, kept or Blob(found.sha256, upload.id, upload.length, str(found.kind)))
    if kept:
        store.save_orphan(tx, upload.id)
    of = store.find_ownership(tx, upload.agency, found.sha256) or FileOwnership(
        agency=upload.agency,
        sha256=found.sha256,
        size=upload.length,
        type=str(found.kind),
        name=upload.name,
        at=arrived,
        cycles=(),
    )
    store.save_ownership(
        tx, replace(of, at=min(of.at, arrived), cycles=tuple(sorted({*of.cycles, upload.cycle})))
    )


def end_upload(tx: Transaction, participation: str, id: str) -> None:
    """End an upload whose bytes nobody wants any more; a complete one stays, it is evidence now."""
    upload = queries.get_upload(tx, participation, id, tx.caller)
    domain.check_going_on(upload, tx.now)
    _end(tx, upload, "ended")


def expire_upload(tx: Transaction, id: str) -> bool:
    """End an upload that has waited too long; False when somebody went on with it meanwhile."""
    upload = store.find_upload(tx, id)
    if upload is None or upload.state != "open" or upload.expires > tx.now:
        return False
    _end(tx, upload, "expired")
    return True


def _end(tx: Transaction, upload: Upload, state: str) -> None:
    store.save_upload(tx, replace(upload, state=state))
    store.save_orphan(tx, upload.id)
    tx.audit(_root(upload), f"upload.{state}", upload=upload.id, offset=upload.offset)


def unlink_file(tx: Transaction, participation: str, sha256: str) -> None:
    """Let a file go from a cycle where nothing names it; from the last one only when nothing names it anywhere.

    Bytes that are here so always count in some cycle.
    """
    possession = queries.get_own_file(tx, participation, sha256, tx.caller).ownership
    cycle = store.need(tx, Participation, participation).cycle
    if cycle not in possession.cycles:
        raise domain.file_not_found()
    all_of_them = [one.id for one in store.participations_of(tx, possession.agency)]
    others = tuple(one for one in possession.cycles if one != cycle)
    domain.check_unused(store.naming(tx, [participation] if others else all_of_them, sha256))
    if others:
        store.save_ownership(tx, replace(possession, cycles=others))
    else:
        store.delete_ownership(tx, possession)
    # One entry below each, so that a seal of any of them that counts on the file conflicts.
    for one in all_of_them:
        tx.audit(f"participation:{one}", "file.unlinked", sha256=sha256, size=possession.size)


def record_opening(tx: Transaction, agency: str, sha256: str, how: str, part: str) -> None:
    """Write down who was given which bytes of a file, in that file's own chain."""
    tx.audit(f"evidence:{agency}.{sha256}", "evidence.opened", how=how, part=part)


def delete_blob(tx: Transaction, sha256: str) -> bool:
    """Let bytes go that no agency possesses; False when one came to possess them meanwhile."""
    blob = store.find_blob(tx, sha256)
    if blob is None or store.is_owned(tx, sha256):
        return False
    store.delete_blob(tx, blob)
    tx.audit(f"blob:{sha256}", "blob.dropped", size=blob.size)
    return True


def forget_orphan(tx: Transaction, upload: str) -> None:
    """Write down that the chunks of an upload have been deleted."""
    store.delete_orphan(tx, upload)
    tx.audit(f"upload:{upload}", "chunks.deleted")


def _root(upload: Upload) -> str:
    return f"participation:{upload.participation}"
