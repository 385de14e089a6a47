"""The rival of the hop: Celery at its best setting (threads, 8), written the usual way, doing the same work.

One task is one event: a majority transaction with inbox, state, head, audit entry and outbox row, each sent as it is
made, and then one confirmed publish.
"""

import os
from datetime import UTC, datetime
from typing import Any

from bson import Binary
from celery import Celery
from kombu import Connection, Exchange, Queue, pools
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.events import decode
from shared.storage import audit
from shared.storage.preparation import SHARED_INDEXES

PREFIX = os.environ["BENCH_PREFIX"]
app = Celery("rival", broker=os.environ["BENCH_AMQP"])
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    task_queues=[
        Queue(
            f"{PREFIX}rival",
            Exchange(f"{PREFIX}rival", type="direct"),
            routing_key="rival",
            queue_arguments={"x-queue-type": "quorum"},
        )
    ],
    task_default_queue=f"{PREFIX}rival",
    task_default_exchange=f"{PREFIX}rival",
    task_default_routing_key="rival",
    worker_detect_quorum_queues=True,
    worker_prefetch_multiplier=16,
    broker_transport_options={"confirm_publish": True},
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
)

_client: MongoClient[dict[str, Any]] = MongoClient(os.environ["BENCH_MONGO"], tz_aware=True)
_db = _client[os.environ["BENCH_DATABASE"]]
_broker = Connection(os.environ["BENCH_AMQP"], transport_options={"confirm_publish": True})


def prepare() -> None:
    """Make the collections and the queue that published events go to."""
    for collection in ("inbox", "agencies", "heads", "audit", "outbox", "done"):
        _db.create_collection(collection)
        if models := SHARED_INDEXES.get(collection):
            _db[collection].create_indexes(list(models))
    Queue(f"{PREFIX}published", queue_arguments={"x-queue-type": "quorum"})(_broker.channel()).declare()


def done() -> int:
    """How many events were handled and published."""
    return _db.done.count_documents({})


def clean() -> None:
    """Take everything away."""
    _client.drop_database(_db.name)
    channel = _broker.channel()
    for queue in ("published", "rival"):
        channel.queue_delete(f"{PREFIX}{queue}")
    _client.close()


@app.task(name="count")  # type: ignore[untyped-decorator]  # celery is untyped
def count(body: str) -> None:
    """Handle one event."""
    event = decode(body.encode())
    out = Binary(body.encode())

    def work(session: ClientSession) -> None:
        now = datetime.now(UTC)
        if _db.inbox.find_one({"_id": event.id}, session=session):
            return
        subject = event.subject
        state = _db.agencies.find_one({"_id": event.event.agency}, session=session) or {"count": 0}
        head = _db.heads.find_one({"_id": subject}, session=session) or {"seq": 0, "hash": "", "event_seq": 0}
        entry = audit.Entry(
            subject=subject,
            seq=head["seq"] + 1,
            at=now,
            actor="rival",
            action="agency.counted",
            detail={"name": event.event.name},
            correlation="",
        )
        row = audit.link(entry, head["hash"])
        _db.agencies.replace_one(
            {"_id": event.event.agency},
            {"count": state["count"] + 1, "name": event.event.name},
            upsert=True,
            session=session,
        )
        _db.heads.replace_one(
            {"_id": subject},
            {"seq": row["seq"], "hash": row["hash"], "event_seq": head["event_seq"] + 1},
            upsert=True,
            session=session,
        )
        _db.audit.insert_one(row, session=session)
        _db.inbox.insert_one({"_id": event.id, "at": now}, session=session)
        published = {"subject": subject, "sequence": head["event_seq"] + 1, "at": now, "body": out}
        _db.outbox.insert_one({"_id": event.id, **published}, session=session)

    with _client.start_session() as session:
        session.with_transaction(work, ReadConcern("snapshot"), WriteConcern("majority"))
    with pools.producers[_broker].acquire(block=True) as producer:
        producer.publish(
            body,
            exchange="",
            routing_key=f"{PREFIX}published",
            delivery_mode=2,
            mandatory=True,
            message_id=event.id,
        )
    _db.done.insert_one({"_id": event.id})
