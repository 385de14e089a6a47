"""Heartbeats: up to which moment a producer has said everything, so that silence is told from nothing to say."""

from datetime import datetime, timedelta

import pymongo

from shared.core.ids import new_id, utcnow
from shared.events import Contract, Envelope, contract_of, contracts, encode
from shared.events.contract import HEARTBEAT
from shared.messaging.broker import OutgoingEvent
from shared.storage.leases import ANSWER_SECONDS
from shared.storage.mongo import Store
from shared.storage.reader import Reader

HEARTBEATS = "heartbeats"
EVERY_SECONDS = 15.0
SILENT_AFTER = timedelta(minutes=1)


def is_heartbeat(event: object) -> bool:
    """Whether this is a heartbeat, and no event to be handled."""
    return contract_of(event).kind == HEARTBEAT


def contract_of_producer(service: str) -> Contract | None:
    """The contract of a service's heartbeat, or None where it has none."""
    return next((one for one in contracts() if (one.kind, one.producer) == (HEARTBEAT, service)), None)


def heard_producers(service: str) -> list[str]:
    """The services whose heartbeats this one hears."""
    return [one.producer for one in contracts() if one.kind == HEARTBEAT and service in one.consumers]


def make(store: Store, rebuilding: str = "", since: datetime | None = None) -> OutgoingEvent | None:
    """This service's heartbeat at this moment; None where it has none."""
    contract = contract_of_producer(store.service)
    if contract is None:
        return None
    event = contract.event_class(until=_published_until(store), rebuilding=rebuilding, since=since)
    id, source, subject = new_id(), f"/nilai/{store.service}", f"service:{store.service}"
    envelope = Envelope(id, source, contract.type, subject, utcnow(), 1, id, None, None, event)
    return OutgoingEvent(id, contract.type, encode(envelope))


def _published_until(store: Store) -> datetime:
    with pymongo.timeout(ANSWER_SECONDS):
        now = utcnow()
        oldest = store.db["outbox"].find_one({"pending": True}, {"at": 1}, sort=[("at", 1)])
    at: datetime = oldest["at"] if oldest else now
    return at


def record(store: Store, producer: str, until: datetime) -> None:
    """Keep up to when a producer was heard; a moment that lies ahead counts as now."""
    heard = {"$max": {"until": min(until, utcnow())}}
    store.db[HEARTBEATS].update_one({"_id": producer}, heard, upsert=True)


def begin(store: Store) -> None:
    """Count the silence of a producer that was never heard from now on."""
    for producer in heard_producers(store.service):
        store.db[HEARTBEATS].update_one({"_id": producer}, {"$setOnInsert": {"until": utcnow()}}, upsert=True)


def find_silences(reader: Reader) -> dict[str, timedelta]:
    """For how long each producer has not been heard."""
    return {row["_id"]: max(reader.now - row["until"], timedelta(0)) for row in reader.find(HEARTBEATS, {})}


def find_warnings(reader: Reader) -> dict[str, str]:
    """What to say of the producers that are silent for too long, by their name."""
    return {
        producer: f"Nothing was heard from {producer} for {silence.total_seconds():.0f} s: what it has changed since, "
        "such as a role that it revoked, is not known here."
        for producer, silence in find_silences(reader).items()
        if silence > SILENT_AFTER
    }
