"""Checking every audit chain of a service, asked for by a person and done by a worker, a slice at a time.

A row of the collection `verifications` is {_id, state, asked_at, asked_by, ended_at, after, chains, entries, broken,
breaches, error}: its state is `asked`, `done` or `ended` (given up or dropped), `after` the last subject that was
checked, the rest the report so far.
"""

import time
from collections.abc import Iterator

from shared.jobs import queue
from shared.jobs.queue import Defer, Job, Skip
from shared.storage import audit
from shared.storage.audit import Breach, Report
from shared.storage.documents import to_document
from shared.storage.joins import verify_joins
from shared.storage.mongo import Store
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction

JOB = "verification"
VERIFICATIONS = "verifications"
SUBJECT = "audit:verification"
SLICE_SECONDS = 20.0
ATTEMPT_SECONDS = 600.0
LONGEST_CHAIN = 20_000
"""Entries of one chain that are checked while somebody waits for the answer."""


def ask(tx: Transaction) -> str:
    """Ask for every chain to be checked; gives the id of the check, of the one under way where there is one."""
    for doc in tx.find(VERIFICATIONS, {"state": "asked"}, limit=1):
        return str(doc["_id"])
    id = tx.new_id()
    report = to_document(audit.NOTHING)
    asked = {"state": "asked", "asked_at": tx.now, "asked_by": tx.caller.id, "ended_at": None, "error": None}
    tx.put(VERIFICATIONS, {"_id": id, **asked, "after": "", **report})
    queue.add(tx, JOB, id, {"verification": id})
    tx.audit(SUBJECT, "verification.asked", verification=id)
    return id


def find_latest(reader: Reader, count: int) -> list[Doc]:
    """The last checks, the latest first."""
    return reader.find(VERIFICATIONS, {}, [("_id", -1)], count)


def report_of(doc: Doc) -> Report:
    """What a check has found so far."""
    breaches = tuple(Breach(**breach) for breach in doc["breaches"])
    return Report(doc["chains"], doc["entries"], doc["broken"], breaches)


def check_chain(tx: Transaction, subject: str) -> Report | None:
    """Check one chain as it is now; None when it is too long to wait for."""
    rows, head = read_chain(tx, subject, LONGEST_CHAIN + 1)
    return None if len(rows) > LONGEST_CHAIN else audit.verify(rows, head)


def read_chain(tx: Transaction, subject: str, limit: int = 0) -> tuple[list[Doc], Doc | None]:
    """A subject's entries and its head, of one moment."""
    return tx.find("audit", {"subject": subject}, [("seq", 1)], limit), tx.get("heads", subject)


def _work(store: Store, row: Doc) -> None:
    """Check chains for as long as a slice lasts; Defer when there are more, Skip when nobody waits for it any more."""
    doc = store.db[VERIFICATIONS].find_one({"_id": row["payload"]["verification"]})
    if doc is None or doc["state"] != "asked":
        raise Skip
    found, end = report_of(doc), time.monotonic() + SLICE_SECONDS
    for subject, report in _chains(store, doc["after"]):
        found += report
        if time.monotonic() > end:
            so_far = {"after": subject, **to_document(found)}
            store.db[VERIFICATIONS].update_one({"_id": doc["_id"]}, {"$set": so_far, "$inc": {"rev": 1}})
            raise Defer("there are more chains", 0.0)
    store.run(_end, doc["_id"], "done", found + verify_joins(store.db))


def _chains(store: Store, after: str) -> Iterator[tuple[str, Report]]:
    """The chains behind a subject, each checked."""

    def behind(field: str) -> Doc:
        return {field: {"$gt": after}} if after else {}

    return audit.verify_each(
        store.db["heads"].find(behind("_id")).sort("_id", 1),
        store.db["audit"].find(behind("subject")).sort([("subject", 1), ("seq", 1)]),
        lambda subject: store.run(read_chain, subject),
    )


def _end(
    tx: Transaction, id: str, state: str, report: Report | None = None, error: str | None = None
) -> None:
    doc = tx.get(VERIFICATIONS, id)
    if doc is None:
        return
    found = report or report_of(doc)
    tx.put(VERIFICATIONS, {**doc, **to_document(found), "state": state, "ended_at": tx.now, "error": error})
    counts = {"chains": found.chains, "entries": found.entries, "broken": found.broken}
    tx.audit(SUBJECT, f"verification.{state}", verification=id, **counts)


def _on_dead(store: Store, row: Doc) -> None:
    store.run(_end, row["payload"]["verification"], "ended", None, row["error"])


def _on_retry(tx: Transaction, row: Doc) -> None:
    doc = tx.get(VERIFICATIONS, row["payload"]["verification"])
    if doc and doc["state"] == "ended":
        tx.put(VERIFICATIONS, {**doc, "state": "asked", "ended_at": None, "error": None})


def _on_drop(tx: Transaction, row: Doc, reason: str) -> None:
    _end(tx, row["payload"]["verification"], "ended", None, reason)


VERIFYING = Job(
    _work, attempt_seconds=ATTEMPT_SECONDS, on_dead=_on_dead, on_retry=_on_retry, on_drop=_on_drop
)
