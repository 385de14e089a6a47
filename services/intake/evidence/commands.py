"""What changes evidence: an upload begins, finishes, is ended or expires; a file is opened or let go; bytes too."""

from dataclasses import replace
from datetime import datetime

from services.intake import store as intake
from services.intake.commands import file_arrived
from services.intake.domain import Participation
from services.intake.evidence import domain, queries, store
from services.intake.evidence.domain import Blob, Found, Possession, Promise, Refusal, Upload
from services.intake.queries import upload_rules
from shared.replicas.members import find_caller
from shared.storage.transaction import Transaction


def begin(tx: Transaction, participation: str, promise: Promise) -> Upload:
    """Begin an upload; its whole length counts against the quota from now on."""
    rules = upload_rules(tx, participation, tx.caller, tx.now)
    domain.check_under_way(store.under_way(tx, rules.agency, rules.cycle))
    domain.check_promise(rules, promise, store.used_bytes(tx, rules.agency, rules.cycle))
    upload = Upload(
        id=tx.new_id(),
        participation=rules.participation,
        agency=rules.agency,
        cycle=rules.cycle,
        name=promise.name,
        length=promise.length,
        sha256=promise.sha256,
        metadata=promise.metadata,
        offset=0,
        state="open",
        fence=0,
        lease_until=tx.now,
        expires=tx.now + domain.IDLE,
    )
    store.save_upload(tx, upload)
    tx.audit(_root(upload), "upload.begun", upload=upload.id, name=upload.name, length=upload.length)
    return upload


def finish(tx: Transaction, held: Upload, found: Found, arrived: datetime) -> Upload:
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
    upload = store.upload(tx, held.id)
    if upload is None or upload.state != "open" or upload.fence != held.fence:
        raise domain.LeaseLost("Another request went on with this upload: ask for its offset.")
    return upload


def _refuse(tx: Transaction, upload: Upload, found: Found, why: Refusal) -> Upload:
    refused = replace(upload, state="refused", refusal=why, lease_until=tx.now)
    store.save_upload(tx, refused, found.sha256)
    store.save_litter(tx, upload.id)
    tx.audit(_root(upload), "upload.refused", upload=upload.id, sha256=found.sha256, code=why.code)
    return refused


def _keep(tx: Transaction, upload: Upload, found: Found, arrived: datetime) -> None:
    """Make the possession, or add the cycle to the one that there is, whose name stays; the first arrival counts.

    The bytes of a second upload of the same file are litter, whoever sent the first.
    """
    kept = store.blob(tx, found.sha256)
    store.save_blob(tx, kept or Blob(found.sha256, upload.id, upload.length, str(found.kind)))
    if kept:
        store.save_litter(tx, upload.id)
    of = store.possession(tx, upload.agency, found.sha256) or Possession(
        agency=upload.agency,
        sha256=found.sha256,
        size=upload.length,
        type=str(found.kind),
        name=upload.name,
        at=arrived,
        cycles=(),
    )
    store.save_possession(
        tx, replace(of, at=min(of.at, arrived), cycles=tuple(sorted({*of.cycles, upload.cycle})))
    )


def end(tx: Transaction, participation: str, id: str) -> None:
    """End an upload whose bytes nobody wants any more; a complete one stays, it is evidence now."""
    upload = queries.upload(tx, participation, id, tx.caller)
    domain.check_going_on(upload, tx.now)
    _end(tx, upload, "ended")


def expire(tx: Transaction, id: str) -> bool:
    """End an upload that has waited too long; False when somebody went on with it meanwhile."""
    upload = store.upload(tx, id)
    if upload is None or upload.state != "open" or upload.expires > tx.now:
        return False
    _end(tx, upload, "expired")
    return True


def _end(tx: Transaction, upload: Upload, state: str) -> None:
    store.save_upload(tx, replace(upload, state=state))
    store.save_litter(tx, upload.id)
    tx.audit(_root(upload), f"upload.{state}", upload=upload.id, offset=upload.offset)


def let_go(tx: Transaction, participation: str, sha256: str) -> None:
    """Let a file go from a cycle where nothing names it; from the last one only when nothing names it anywhere.

    Bytes that are here so always count in some cycle.
    """
    possession = queries.own_file(tx, participation, sha256, tx.caller).possession
    cycle = intake.need(tx, Participation, participation).cycle
    if cycle not in possession.cycles:
        raise domain.nothing_there()
    all_of_them = [one.id for one in intake.participations_of(tx, possession.agency)]
    others = tuple(one for one in possession.cycles if one != cycle)
    domain.check_unused(intake.naming(tx, [participation] if others else all_of_them, sha256))
    if others:
        store.save_possession(tx, replace(possession, cycles=others))
    else:
        store.delete_possession(tx, possession)
    # One entry below each, so that a seal of any of them that counts on the file conflicts.
    for one in all_of_them:
        tx.audit(f"participation:{one}", "file.let-go", sha256=sha256, size=possession.size)


def note_opening(tx: Transaction, agency: str, sha256: str, how: str, part: str) -> None:
    """Write down who was given which bytes of a file, in that file's own chain."""
    tx.audit(f"evidence:{agency}.{sha256}", "evidence.opened", how=how, part=part)


def drop_blob(tx: Transaction, sha256: str) -> bool:
    """Let bytes go that no agency possesses; False when one came to possess them meanwhile."""
    blob = store.blob(tx, sha256)
    if blob is None or store.is_possessed(tx, sha256):
        return False
    store.delete_blob(tx, blob)
    tx.audit(f"blob:{sha256}", "blob.dropped", size=blob.size)
    return True


def swept(tx: Transaction, upload: str) -> None:
    """Write down that the chunks of an upload have been deleted."""
    store.delete_litter(tx, upload)
    tx.audit(f"upload:{upload}", "chunks.deleted")


def _root(upload: Upload) -> str:
    return f"participation:{upload.participation}"
