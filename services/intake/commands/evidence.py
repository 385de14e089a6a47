"""What changes evidence: an upload begins, arrives, finishes, ends or expires; a file is opened."""

from dataclasses import replace
from datetime import datetime

from services.intake import domain, queries, store
from services.intake.commands.completing import file_arrived
from services.intake.domain import Cycle, Participation, Upload, UploadRequest, finishing, replacements
from services.intake.domain.discarded import orphan_of, release_id
from services.intake.domain.finishing import Content
from services.intake.domain.inspection import Examined, Refusal
from shared.jobs import queue
from shared.replicas.members import find_caller
from shared.storage.transaction import Transaction


def begin_upload(tx: Transaction, participation: str, request: UploadRequest) -> Upload:
    """Begin an upload; its whole length counts against the quota from now on."""
    rules = queries.get_upload_rules(tx, participation, tx.caller, tx.now, request.clarification)
    domain.check_open_uploads(store.count_open_uploads(tx, rules.agency, rules.cycle))
    domain.check_upload_request(rules, request, store.get_used_bytes(tx, rules.agency, rules.cycle))
    replacements.check_listed(rules, request)
    upload = store.save_upload(tx, Upload.of(tx.new_id(), rules, request, tx.now))
    tx.audit(_root(upload), "upload.begun", upload=upload.id, name=upload.name, length=upload.length)
    return upload


def receive_upload(tx: Transaction, leased: Upload, content: Content, arrived: datetime) -> Upload:
    """Have the bytes of an upload that has come completely inspected, or refuse them at first sight; gives it so.

    The time for files is held against the arrival of the PATCH, which may have taken hours; the caller's role
    is that of now.
    """
    upload = domain.check_lease(store.find(tx, Upload, leased.id), leased)
    caller = find_caller(tx, tx.caller.issuer, tx.caller.subject, tx.now)
    rules = queries.get_upload_rules(tx, upload.participation, caller, arrived, upload.clarification)
    refusal = finishing.arrival_refusal(rules, upload, content)
    if refusal:
        return _refuse(tx, finishing.refused_upload(upload, content.sha256, refusal, tx.now))
    tx.audit(_root(upload), "upload.arrived", upload=upload.id, sha256=content.sha256, size=upload.length)
    queue.add(tx, finishing.JOB, upload.id, {"upload": upload.id}, group=upload.agency)
    return store.save_upload(tx, finishing.arrived(upload, content.sha256, arrived))


def finish_upload(tx: Transaction, id: str, examined: Examined) -> None:
    """Keep the bytes for the agency, or refuse them, by what their inspection found; again changes nothing."""
    upload = store.require(tx, Upload, id)
    if upload.state != "inspecting":
        return
    types = store.require(tx, Cycle, upload.cycle).evidence.types
    done = finishing.inspected(upload, types, examined.inspection)
    if done.replaces and not done.refusal:
        done = _replace(tx, done)
    if done.refusal:
        _refuse(tx, done)
        return
    store.save_upload(tx, done)
    _keep(tx, done, examined)
    tx.audit(
        _root(done),
        "upload.finished",
        upload=done.id,
        sha256=done.content_sha256,
        size=done.length,
        type=done.type,
        pages=done.pages,
        findings=[finding.code for finding in done.findings],
    )
    file_arrived(tx, done.participation, str(done.content_sha256))


def _replace(tx: Transaction, upload: Upload) -> Upload:
    """Let inspected bytes take the place of a sealed file; gives the upload, refused when another one has it."""
    participation = store.require(tx, Participation, upload.participation)
    submission = store.require_submission(tx, str(participation.submission))
    after = replacements.replaced(submission, upload, tx.now)
    if isinstance(after, Refusal):
        return finishing.refused_upload(upload, str(upload.content_sha256), after, tx.now)
    store.save_completion(tx, after)
    detail = {"sha256": upload.replaces, "by": upload.content_sha256, "name": upload.name}
    tx.audit(f"submission:{submission.id}", "file.replaced", **detail)
    tx.audit(_root(upload), "file.replaced", submission=submission.id, **detail)
    return upload


def _refuse(tx: Transaction, upload: Upload) -> Upload:
    assert upload.refusal is not None
    store.save_orphan(tx, orphan_of(upload, tx.now))
    tx.audit(
        _root(upload),
        "upload.refused",
        upload=upload.id,
        sha256=upload.content_sha256,
        code=upload.refusal.code,
    )
    return store.save_upload(tx, upload)


def _keep(tx: Transaction, upload: Upload, examined: Examined) -> None:
    """Save who owns the file; the bytes of a second upload of the same file are orphans, whoever sent the first."""
    sha256 = str(upload.content_sha256)
    stored, owned = store.find_blob(tx, sha256), store.find_ownership(tx, upload.agency, sha256)
    blob, ownership = finishing.kept_file(upload, examined, stored, owned)
    store.save_blob(tx, blob)
    store.save_ownership(tx, ownership)
    store.delete_release(
        tx, release_id(upload.agency, sha256, upload.cycle)
    )  # else its bytes would count twice
    if blob.upload != upload.id:
        store.save_orphan(tx, orphan_of(upload, tx.now))


def end_upload(tx: Transaction, participation: str, id: str) -> None:
    """End an upload whose bytes nobody wants any more; what came of a complete one stays, it is evidence now."""
    upload = queries.get_upload(tx, participation, id, tx.caller)
    after = domain.ended(upload, tx.now)
    if after != upload:
        _end(tx, upload, after)


def expire_upload(tx: Transaction, id: str) -> bool:
    """End an upload that has waited too long; False when somebody went on with it meanwhile."""
    upload = store.require(tx, Upload, id)
    if not upload.is_expired(tx.now):
        return False
    _end(tx, upload, replace(upload, state="expired"))
    return True


def _end(tx: Transaction, upload: Upload, after: Upload) -> None:
    store.save_upload(tx, after)
    if upload.state == "open":
        store.save_orphan(tx, orphan_of(upload, tx.now))
    action = "ended" if after.dismissed else after.state
    tx.audit(_root(upload), f"upload.{action}", upload=upload.id, offset=upload.offset)


def record_opening(tx: Transaction, agency: str, sha256: str, how: str, part: str) -> None:
    """Write down who was given which bytes of a file, in that file's own chain: once for each opening.

    A reader asks for one range after the other; what the same person is given of it soon after is the same opening.
    """
    id = domain.opening_id(tx.caller, agency, sha256, how)
    if domain.is_open(store.find_opening(tx, id), tx.now):
        return
    store.save_opening(tx, id)
    tx.audit(f"evidence:{agency}.{sha256}", "evidence.opened", how=how, part=part)


def _root(upload: Upload) -> str:
    return f"participation:{upload.participation}"
