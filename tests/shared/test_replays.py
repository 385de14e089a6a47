"""Replays go through the producer's relay, under its own user, to one consumer; a rebuilt replica is the producer's."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from deploy.local.servers import Servers
from services.intake.app import service as intake
from services.notify.app import service as notify
from services.review.app import service as review
from services.scoring.app import service as scoring
from shared.core.errors import NotFound
from shared.core.ids import utcnow
from shared.events import Envelope, decode
from shared.events.intake import AgencySet, MemberGrant, MemberSet
from shared.messaging import broker, replays
from shared.messaging.broker import Publisher
from shared.messaging.consumer import Consumer
from shared.messaging.outbox import Relay
from shared.service import Service
from shared.storage.transaction import Transaction
from tests.shared.toys import agency
from tests.support.stage import LONG_AGO, Stage
from tests.waiting import until

FORGED = 2**53 - 1


@pytest.fixture
def producer(stage: Callable[[Service], Stage], queues: str, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(replays, "LOOK_SECONDS", 0.0)
    return stage(intake)


@pytest.fixture
def relay(producer: Stage) -> Iterator[Relay]:
    publisher = Publisher(producer.settings.amqp_uri, producer.settings.prefix)
    yield producer.relay(publisher)
    publisher.close()


def set_agency(tx: Transaction, id: str, name: str) -> None:
    tx.emit(f"agency:{id}", agency(id, name=name))
    tx.audit(f"agency:{id}", "agency.set")


def set_member(tx: Transaction, person: str, *agencies: str) -> None:
    grants = tuple(MemberGrant(role="clerk", agency=id, since=LONG_AGO) for id in agencies)
    tx.emit(f"person:{person}", MemberSet(person=person, issuer="i", subject=person, grants=grants))
    tx.audit(f"person:{person}", "person.set")


def passes(relay: Relay, producer: Stage) -> None:
    """Let a relay work until nothing is left to be done."""
    db = producer.db
    while (
        relay.work() or db["outbox"].find_one({"pending": True}) or db["replays"].find_one({"state": "asked"})
    ):
        pass


def came(servers: Servers, prefix: str, service: str) -> list[tuple[str, Envelope, str]]:
    """What lies in a service's queue, which is empty afterwards: who published it, the event, for which rebuilding."""
    found: list[tuple[str, Envelope, str]] = []
    queue = broker.queue(prefix, service)
    broker.drain(
        servers.amqp_admin_uri, queue, lambda one: found.append((one.user, decode(one.body), one.rebuild))
    )
    return found


def names(events: list[tuple[str, Envelope, str]]) -> list[str]:
    return [one.event.name for _, one, _ in events if isinstance(one.event, AgencySet)]


def test_a_journal_is_replayed_to_one_consumer_by_the_producers_own_user(
    producer: Stage, relay: Relay, servers: Servers, queues: str
) -> None:
    for name in ("one", "two", "three"):
        producer.run(set_agency, "a", name)
    passes(relay, producer)
    for service in ("review", "scoring", "notify"):
        assert names(came(servers, queues, service)) == ["one", "two", "three"]
    id = producer.run(replays.ask, "scoring", 1)
    passes(relay, producer)
    again = came(servers, queues, "scoring")
    assert names(again) == ["one", "two", "three"]
    assert {(user, rebuild) for user, _, rebuild in again} == {("nilai_intake", "")}
    assert [came(servers, queues, service) for service in ("review", "notify")] == [[], []]
    assert producer.store.query(replays.require, id)["count"] == 3
    assert producer.audited(f"replay:{id}") == ["replay.asked"]


def test_what_is_older_than_asked_for_is_left_out_and_what_is_not_published_yet_comes_twice(
    producer: Stage, relay: Relay, servers: Servers, queues: str
) -> None:
    producer.run(set_agency, "a", "old")
    producer.db["outbox"].update_many({}, {"$unset": {"pending": ""}})
    producer.run(replays.ask, "scoring", 0)
    producer.run(set_agency, "a", "new")
    passes(relay, producer)
    assert names(came(servers, queues, "scoring")) == ["new", "new"]


def test_a_replay_goes_on_where_it_was_when_the_queue_takes_more(
    producer: Stage, relay: Relay, servers: Servers, queues: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replays, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(replays, "WINDOW_BYTES", 1)
    for name in ("one", "two", "three"):
        producer.run(set_agency, "a", name)
    producer.db["outbox"].update_many({}, {"$unset": {"pending": ""}})
    id = producer.run(replays.ask, "scoring", 1)
    assert relay.work() == 1
    target = broker.replay_exchange(queues, "scoring")
    with broker.connect(servers.amqp_admin_uri) as connection:
        bound = broker.queue(queues, "scoring")(connection.channel())
        bound.unbind_from(target, routing_key="agency.set.v1")
        relay.work()
        assert "queue is full, or there is none" in producer.store.query(replays.require, id)["problem"]
        bound.bind_to(target, routing_key="agency.set.v1")
    passes(relay, producer)
    done = producer.store.query(replays.require, id)
    assert (done["state"], done["count"], done["problem"]) == ("done", 3, None)
    assert names(came(servers, queues, "scoring")) == ["one", "two", "three"]


def test_a_replay_that_the_broker_does_not_allow_holds_up_nothing_else(
    producer: Stage, relay: Relay, servers: Servers, queues: str
) -> None:
    producer.run(set_agency, "a", "one")
    with broker.connect(servers.amqp_admin_uri) as connection:
        connection.channel().exchange_delete(broker.replay_exchange(queues, "scoring").name)
    id = producer.run(replays.ask, "scoring", 1)
    assert relay.work() >= 1
    assert names(came(servers, queues, "review")) == ["one"]
    assert "does not allow it" in producer.store.query(replays.require, id)["problem"]
    with pytest.raises(NotFound):
        producer.store.query(replays.require, "none")


@contextmanager
def consuming(on: Stage) -> Iterator[None]:
    stop = threading.Event()
    consumer = Consumer(on.settings, on.store, on.handlers, threading.Event())
    thread = threading.Thread(target=consumer.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


def rebuild(producer: Stage, relay: Relay, consumer: str) -> None:
    producer.run(replays.ask, consumer, None)
    passes(relay, producer)


def test_a_rebuilding_ends_when_its_end_was_said(
    producer: Stage, relay: Relay, servers: Servers, queues: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replays, "PAUSE_SECONDS", 0.0)
    id = producer.run(replays.ask, "scoring", None)
    target = broker.replay_exchange(queues, "scoring")
    with broker.connect(servers.amqp_admin_uri) as connection:
        bound = broker.queue(queues, "scoring")(connection.channel())
        bound.unbind_from(target, routing_key="intake.heartbeat.v1")
        relay.work()
        assert producer.store.query(replays.require, id)["state"] == "asked"
        bound.bind_to(target, routing_key="intake.heartbeat.v1")
    passes(relay, producer)
    assert producer.store.query(replays.require, id)["state"] == "done"
    (marker,) = [event for _, event, rebuilding in came(servers, queues, "scoring") if rebuilding]
    assert marker.event.rebuilding == id


def forge(on: Stage, subject: str, event: Any) -> None:
    """What somebody with intake's password sends."""
    assert on.consume(subject, event, sequence=FORGED) == "done"


def officer(person: str) -> MemberSet:
    grants = (MemberGrant(role="ministry", agency=None, since=LONG_AGO),)
    return MemberSet(person=person, issuer="i", subject=person, grants=grants)


def people(on: Stage) -> dict[str, list[str]]:
    rows = on.db["people"].find().sort("_id", 1)
    return {row["_id"]: [grant["agency"] for grant in row["grants"]] for row in rows}


@pytest.mark.parametrize("service", [review, scoring, notify], ids=lambda service: service.name)
def test_a_replica_is_rebuilt_by_one_command_whatever_sequence_it_holds(
    producer: Stage, relay: Relay, stage: Callable[[Service], Stage], queues: str, service: Service
) -> None:
    on = stage(service)
    producer.run(set_agency, "a", "Kota A")
    producer.run(set_member, "sari", "a", "b")
    producer.run(set_member, "sari", "a")
    with consuming(on):
        passes(relay, producer)
        until(lambda: people(on) == {"sari": ["a"]} and on.db["agencies"].count_documents({}) == 1)
        forge(on, "person:sari", officer("sari"))
        forge(on, "person:evil", officer("evil"))
        forge(on, "agency:a", agency("a", name="Forged"))
        producer.run(set_member, "sari")
        passes(relay, producer)
        until(lambda: on.db["inbox"].find_one({"outcome": "superseded"}) or service is notify)
        assert people(on) == {"sari": [None], "evil": [None]}
        on.db["people"].update_one(
            {"_id": "evil"}, {"$set": {"replicated_at": utcnow() - timedelta(hours=1)}}
        )
        rebuild(producer, relay, service.name)
        until(lambda: people(on) == {"sari": []})
        until(lambda: [row["name"] for row in on.db["agencies"].find()] == ["Kota A"])
        producer.run(set_member, "sari", "c")
        producer.run(set_member, "new", "d")
        passes(relay, producer)
        until(lambda: people(on) == {"sari": ["c"], "new": ["d"]})
    assert on.deferred() == []
    assert on.audited("replica:people:evil") == ["replica.removed"]


def test_a_rebuilding_is_told_no_stream_a_second_time(
    producer: Stage, relay: Relay, stage: Callable[[Service], Stage], queues: str
) -> None:
    on = stage(notify)
    producer.run(set_agency, "a", "Kota A")
    with consuming(on):
        passes(relay, producer)
        until(lambda: on.db["inbox"].count_documents({}) == 1)
        before = on.db["audit"].count_documents({})
        rebuild(producer, relay, "notify")
        until(lambda: on.db["audit"].count_documents({}) == before + 1)
    assert on.db["inbox"].count_documents({}) == 1
