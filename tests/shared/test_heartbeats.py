"""A service knows for how long it has heard nothing from a producer, and says so."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from deploy.local.servers import Servers
from services.intake.app import service as intake
from services.scoring.app import service as scoring
from shared.core.ids import utcnow
from shared.events import decode
from shared.events.intake import IntakeHeartbeat
from shared.messaging import broker, heartbeats, monitoring
from shared.messaging.broker import OutgoingEvent, Publisher
from shared.service import Service
from shared.storage.transaction import Transaction
from tests.shared.test_replays import consuming
from tests.shared.toys import TOY, agency
from tests.support.publishing import outgoing, publish
from tests.support.stage import Stage
from tests.waiting import until

LONG = timedelta(seconds=75)


@pytest.fixture
def on(stage: Callable[[Service], Stage], queues: str) -> Stage:
    return stage(scoring)


def silence(on: Stage) -> float:
    monitoring.update_gauges(on.store, on.settings)
    return REGISTRY.get_sample_value("nilai_producer_silence_seconds", {"producer": "intake"}) or 0.0


def readyz(on: Stage) -> tuple[int, dict[str, Any]]:
    answer = on.as_(None).get("/scoring/readyz")
    return answer.status_code, answer.get_json()


def beat(on: Stage) -> OutgoingEvent:
    return outgoing(on.envelope("service:intake", IntakeHeartbeat(until=utcnow()), sequence=1))


def test_a_silence_of_a_minute_is_said_and_ends_with_the_next_heartbeat(
    on: Stage, servers: Servers, queues: str
) -> None:
    heartbeats.begin(on.store)
    assert readyz(on) == (200, {"status": "ok"})
    on.db["heartbeats"].update_many({}, {"$set": {"until": utcnow() - LONG}})
    heartbeats.begin(on.store)
    code, silent = readyz(on)
    assert (code, silent["status"], set(silent["warnings"])) == (200, "ok", {"intake", "review"})
    assert "Nothing was heard from intake for 75 s" in silent["warnings"]["intake"]
    assert 75 <= silence(on) < 100
    with consuming(on):
        publish(servers, queues, [beat(on)])
        until(lambda: "intake" not in readyz(on)[1].get("warnings", {}))
    assert silence(on) < 60
    assert on.state().keys() & {"inbox", "deferred_events", "audit", "outbox"} == set()


def test_a_producer_that_was_never_heard_is_silent_from_the_first_look_on(on: Stage) -> None:
    assert on.store.query(heartbeats.find_silences) == {}
    heartbeats.begin(on.store)
    found = on.store.query(heartbeats.find_silences)
    assert found.keys() == {"intake", "review"}
    assert max(found.values()) < timedelta(seconds=30)


def test_a_heartbeat_from_the_future_buys_no_silence(on: Stage) -> None:
    heartbeats.record(on.store, "intake", utcnow() + timedelta(days=1000))
    (row,) = on.db["heartbeats"].find()
    assert row["until"] <= utcnow()


def test_an_older_heartbeat_takes_nothing_back(on: Stage) -> None:
    now = utcnow()
    heartbeats.record(on.store, "intake", now)
    heartbeats.record(on.store, "intake", now - LONG)
    assert on.store.query(heartbeats.find_silences)["intake"] < timedelta(seconds=60)


def test_a_relay_says_up_to_when_it_has_said_everything(
    stage: Callable[[Service], Stage], servers: Servers, queues: str
) -> None:
    toy = stage(intake)
    early = utcnow() - timedelta(hours=1)

    def tell(tx: Transaction) -> None:
        tx.emit("agency:a", agency("a"))
        tx.audit("agency:a", "told")

    toy.run(tell, at=early)
    with closing(Publisher(toy.settings.amqp_uri, queues)) as publisher:
        relay = toy.relay(publisher)
        relay.work()
        relay.work()
        heard = beats(servers, queues)
        assert [one.until for one in heard] == [early]
        again = toy.relay(publisher)
        again.work()
        (last,) = beats(servers, queues)
        assert utcnow() - last.until < timedelta(seconds=60)


def beats(servers: Servers, queues: str) -> list[IntakeHeartbeat]:
    found: list[object] = []
    queue = broker.queue(queues, "review")
    broker.drain(servers.amqp_admin_uri, queue, lambda one: found.append(decode(one.body).event))
    return [one for one in found if isinstance(one, IntakeHeartbeat)]


def test_a_heartbeat_that_the_broker_does_not_allow_holds_up_nothing(
    stage: Callable[[Service], Stage], servers: Servers, queues: str
) -> None:
    toy = stage(TOY)
    assert heartbeats.make(stage(scoring).store) is None
    with closing(Publisher(toy.settings.amqp_uri, "nobody-made-this.")) as publisher:
        assert toy.relay(publisher).work() == 0


def test_an_event_of_this_kind_cannot_be_emitted(stage: Callable[[Service], Stage]) -> None:
    def tell(tx: Transaction) -> None:
        tx.emit("service:intake", IntakeHeartbeat(until=tx.now))

    with pytest.raises(TypeError, match="heartbeat"):
        stage(intake).run(tell)


def test_a_deleted_queue_is_said_by_readiness_and_a_gauge_until_it_is_there_again(
    on: Stage, servers: Servers, queues: str
) -> None:
    monitoring.update_gauges(on.store, on.settings)
    assert readyz(on)[0] == 200
    for name in (broker.queue(queues, "scoring").name, broker.dead_letter_queue(queues, "scoring").name):
        with broker.connect(servers.amqp_admin_uri) as connection:
            connection.channel().queue_delete(name)
        monitoring.update_gauges(on.store, on.settings)
        code, gone = readyz(on)
        assert (code, gone["failed"]) == (503, ["queue"])
        assert f"The broker has no queue {queues}scoring" in gone["detail"]
    assert REGISTRY.get_sample_value("nilai_queues_missing") == 2
    broker.declare(servers.amqp_admin_uri, queues)
    monitoring.update_gauges(on.store, on.settings)
    assert readyz(on)[0] == 200
    assert REGISTRY.get_sample_value("nilai_queues_missing") == 0


def test_what_a_worker_saw_of_the_queues_long_ago_says_nothing(on: Stage) -> None:
    seen = {"missing": ["scoring"], "at": utcnow() - LONG}
    on.db["queues"].insert_one({"_id": "queues", **seen})
    assert readyz(on)[0] == 200
