"""Facts put aside: what came too early, failed or was given up is a row of `waiting` until handled or dropped."""

import traceback
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from bson import Binary
from pymongo import UpdateOne

from shared.core import telemetry
from shared.core.ids import utcnow
from shared.events import Envelope, Unreadable, decode, encode
from shared.storage.mongo import Store
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction

RETRY_SECONDS = (1, 5, 30, 120, 600)
WAIT_SECONDS = 30
ALARM_AFTER = timedelta(minutes=10)
RISKY_DELIVERIES = 3
AT_WORK = timedelta(seconds=5)
"""How long an event that was begun is left to whoever began it."""
NEVER_SEEN = -1
FAR_OFF = timedelta(seconds=2 * max(RETRY_SECONDS))
WORDS, BYTES = 2000, 8 * 1024 * 1024

log = telemetry.logger(__name__)


class MissingDependency(Exception):
    """The event came before one that it needs: try again when `subject` changes.

    `overtaken`, where that may have happened already between the moment of this being raised and its row.
    """

    overtaken = False

    def __init__(self, subject: str) -> None:
        super().__init__(f"waits for {subject}")
        self.subject = subject


@dataclass(frozen=True)
class IncomingEvent:
    """An event to be handled, with its bytes as they came, and its row of `waiting` when it has one."""

    envelope: Envelope
    row: Doc | None = None
    body: bytes | None = None


def park(tx: Transaction, one: IncomingEvent, row: Doc | None, problem: Exception) -> str:
    """Put an event aside within the batch's transaction; gives waiting, retry or dead."""
    row = row or fresh(one.envelope, one.body or encode(one.envelope), tx.now)
    fields = _early(tx, problem) if isinstance(problem, MissingDependency) else _failed(tx, row, problem)
    tx.put("waiting", {**row, "begun": 0, "begun_at": None, **fields})
    return str(fields["state"])


def fresh(envelope: Envelope, body: bytes, now: datetime) -> Doc:
    """The row of an event that was never put aside before; its bytes are kept as they came, unknown fields included."""
    return {
        "_id": envelope.id,
        "type": envelope.type,
        "subject": envelope.subject,
        "correlation": envelope.correlation,
        "first_at": now,
        "tries": 0,
        "begun": 0,
        "begun_at": None,
        "waits_for": None,
        "next_at": None,
        "body": Binary(body),
    }


def words(problem: object, longest: int = WORDS) -> str:
    """What is said of a problem, in a form that the database can always keep."""
    return str(problem)[:longest].encode("utf-8", "backslashreplace").decode()


def _early(tx: Transaction, problem: MissingDependency) -> Doc:
    return {
        "state": "waiting",
        "waits_for": problem.subject,
        # Not what this batch makes of the head: a later event of the same batch may be the one that is waited for.
        "seen_rev": NEVER_SEEN if problem.overtaken else tx.stored_rev("heads", problem.subject),
        "error": words(problem),
        "next_at": tx.now + timedelta(seconds=WAIT_SECONDS),
    }


def _failed(tx: Transaction, row: Doc, problem: Exception) -> Doc:
    tries = row["tries"] + 1
    dead = tries > len(RETRY_SECONDS)
    log.error(
        "handler failed", extra={"event": row["_id"], "type": row["type"], "tries": tries, "dead": dead}
    )
    return {
        "state": "dead" if dead else "retry",
        "waits_for": None,
        "tries": tries,
        "error": words(f"{type(problem).__name__}: {words(problem)}"),
        "trace": words("".join(traceback.format_exception(problem))[-8000:], 8000),
        "next_at": None if dead else tx.now + timedelta(seconds=RETRY_SECONDS[tries - 1]),
    }


def due(store: Store, types: Collection[type], limit: int = 64) -> list[IncomingEvent]:
    """The events whose time has come, or whose subject changed since they were put aside.

    Those that this code cannot read, or that nobody handles any more, are dead from now on.
    """
    heard = []
    for row in store.query(_due, limit):
        try:
            envelope = decode(bytes(row["body"]))
        except Unreadable as problem:
            _give_up(store, row, f"Unreadable: {words(problem)}")
            continue
        if type(envelope.event) in types:
            heard.append(IncomingEvent(envelope, row))
        else:
            _give_up(store, row, f"nobody here hears {envelope.type}")
    return heard


def _due(reader: Reader, limit: int) -> list[Doc]:
    # What lies further ahead than any schedule was written by a clock that has been set back since.
    when = [{"next_at": {"$lte": reader.now}}, {"next_at": {"$gt": reader.now + FAR_OFF}}]
    where = {"state": {"$in": ["retry", "waiting"]}, "$or": when, **_idle(reader)}
    late = reader.find("waiting", where, [("next_at", 1)], limit)
    rows = {row["_id"]: row for row in [*_woken(reader, limit // 2), *late]}
    for row in rows.values():
        if reader.now - row["first_at"] > ALARM_AFTER:
            log.warning("an event waits too long", extra={"event": row["_id"], "for": row["waits_for"]})
    return list(rows.values())[:limit]


def _idle(reader: Reader) -> Doc:
    """What nobody is at work on now."""
    return {"$nor": [{"begun_at": {"$gt": reader.now - AT_WORK, "$lte": reader.now + AT_WORK}}]}


def _woken(reader: Reader, limit: int) -> list[Doc]:
    """Asked by subject, not by row: many that wait for one thing hide nobody who waits for another."""
    pair = {"_id": {"for": "$waits_for", "seen": "$seen_rev"}}
    pairs = [
        one["_id"]
        for one in reader.aggregate("waiting", [{"$match": {"state": "waiting"}}, {"$group": pair}])
    ]
    if not pairs:
        return []
    revs = _revisions(reader, {one["for"] for one in pairs})
    changed = [one for one in pairs if revs.get(one["for"], 0) != one["seen"]][:limit]
    if not changed:
        return []
    pairs_of = [{"waits_for": one["for"], "seen_rev": one["seen"]} for one in changed]
    where = {"state": "waiting", "$or": pairs_of, **_idle(reader)}
    return reader.find("waiting", where, [("first_at", 1)], limit)


def _revisions(reader: Reader, subjects: Iterable[str]) -> dict[str, int]:
    heads = reader.find("heads", {"_id": {"$in": sorted(subjects)}}, fields=["rev"])
    return {head["_id"]: head["rev"] for head in heads}


def begin(store: Store, heard: Sequence[IncomingEvent]) -> Iterator[list[IncomingEvent]]:
    """The due events in the company in which they may be handled; each piece is written down as begun before.

    An event that was begun before and neither handled nor put aside may have ended the process: it is handled alone,
    after a pause that grows, and is dead when that has ended too many.
    """
    first = [one for one in heard if not _begun(one)]
    if first:
        begun = {"$set": {"begun": 1, "begun_at": utcnow()}}
        store.db["waiting"].bulk_write([UpdateOne(_as_read(one), begun) for one in first])
        yield first
    for one in heard:
        if _begun(one) and _begin_again(store, one):
            yield [one]


def _begun(one: IncomingEvent) -> int:
    return int(one.row.get("begun", 0)) if one.row else 0


def _as_read(one: IncomingEvent) -> Doc:
    assert one.row is not None
    return {"_id": one.envelope.id, "rev": one.row["rev"]}


def _begin_again(store: Store, one: IncomingEvent) -> bool:
    assert one.row is not None
    times = _begun(one)
    if times > len(RETRY_SECONDS):
        _give_up(store, one.row, f"the process ended each of {times} times that it was begun")
        return False
    pause = timedelta(seconds=RETRY_SECONDS[times - 1])
    log.warning("an event was begun before", extra={"event": one.envelope.id, "times": times})
    again = {"state": "retry", "waits_for": None, "next_at": utcnow() + pause, "begun": times + 1}
    return store.db["waiting"].update_one(_as_read(one), {"$set": again}).matched_count == 1


def set_aside(store: Store, heard: Sequence[IncomingEvent]) -> None:
    """Make rows of messages that were delivered again and again: one of them may be what ends the process."""
    rows = [fresh(one.envelope, one.body or encode(one.envelope), utcnow()) for one in heard]
    due = {"state": "retry", "error": "delivered too often", "next_at": utcnow(), "begun": 1, "rev": 1}
    store.db["waiting"].bulk_write(
        [UpdateOne({"_id": row["_id"]}, {"$setOnInsert": {**row, **due}}, upsert=True) for row in rows]
    )


def _give_up(store: Store, row: Doc, reason: str) -> None:
    log.error("event given up", extra={"event": row["_id"], "type": row["type"], "reason": reason})
    store.db["waiting"].update_one(
        {"_id": row["_id"], "rev": row["rev"]},
        {"$set": {"state": "dead", "error": reason, "next_at": None}, "$inc": {"rev": 1}},
    )


def bury(store: Store, body: bytes, reason: str) -> None:
    """Keep a message that is not handled here as a dead row, where a person finds it; the same bytes make one row.

    An event that can be read may be replayed later; one that was handled already is left alone.
    """
    log.error("message given up", extra={"reason": reason, "size": len(body)})
    try:
        envelope = decode(body)
    except Unreadable:
        _add(store, _unreadable(body), reason)
        return
    if not store.db["inbox"].find_one({"_id": envelope.id}):
        _add(store, fresh(envelope, body, utcnow()), reason)


def _unreadable(body: bytes) -> Doc:
    return {
        "_id": f"bytes:{sha256(body).hexdigest()}",
        "type": "unreadable",
        "subject": "",
        "correlation": "",
        "first_at": utcnow(),
        "tries": 0,
        "waits_for": None,
        "next_at": None,
        "size": len(body),
        "body": Binary(body[:BYTES]),
    }


def _add(store: Store, row: Doc, reason: str) -> None:
    dead: dict[str, Any] = {**row, "state": "dead", "error": words(reason), "rev": 1}
    store.db["waiting"].update_one({"_id": row["_id"]}, {"$setOnInsert": dead}, upsert=True)
