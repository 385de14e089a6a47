"""The gauges say what is there, and what the broker gave up becomes a dead event."""

from collections.abc import Callable

import pytest
from prometheus_client import REGISTRY

from deploy.local.servers import Servers
from shared.messaging import broker, monitoring
from shared.service import Service
from tests.shared.toys import BAD, TOY, agency
from tests.support.publishing import outgoing, publish, reject_for_good
from tests.support.stage import Stage
from tests.waiting import until


@pytest.fixture
def toy(stage: Callable[[Service], Stage], queues: str) -> Stage:
    return stage(TOY)


def gauge(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def deferred(toy: Stage) -> dict[str, float | None]:
    monitoring.update_gauges(toy.store, toy.settings)
    return {state: gauge("nilai_deferred_events", state=state) for state in ("waiting", "retry", "dead")}


def test_deferred_events_are_counted_by_their_state(toy: Stage) -> None:
    assert deferred(toy) == {"waiting": 0, "retry": 0, "dead": 0}
    toy.consume("agency:a", agency("a", BAD))
    for id in "bc":
        toy.consume(f"agency:{id}", agency(id, "MissingDependency"))
    assert deferred(toy) == {"waiting": 2, "retry": 1, "dead": 0}


def test_the_outbox_is_measured_by_what_is_not_published(toy: Stage) -> None:
    toy.consume("agency:a", agency("a"))
    monitoring.update_gauges(toy.store, toy.settings)
    assert gauge("nilai_outbox_pending") == 1
    assert (gauge("nilai_outbox_oldest_seconds") or 0) > 0
    toy.db["outbox"].update_many({}, {"$unset": {"pending": ""}})
    monitoring.update_gauges(toy.store, toy.settings)
    assert (gauge("nilai_outbox_pending"), gauge("nilai_outbox_oldest_seconds")) == (0, 0)


def test_what_the_broker_gave_up_is_dead_before_and_after_it_was_collected(
    toy: Stage, servers: Servers
) -> None:
    event = toy.envelope("agency:a", agency("a"))
    prefix = toy.settings.prefix
    publish(servers, prefix, [outgoing(event)])
    reject_for_good(toy.settings.amqp_uri, broker.queue(prefix, "review"))
    queue = broker.dead_letter_queue(prefix, "review").name
    until(lambda: broker.queue_depths(toy.settings.amqp_uri, [queue]) == {queue: 1})
    assert deferred(toy) == {"waiting": 0, "retry": 0, "dead": 1}
    assert toy.state().keys() == {"queues"}
    monitoring.collect_dead_letters(toy.store, toy.settings)
    assert broker.queue_depths(toy.settings.amqp_uri, [queue]) == {queue: 0}
    assert deferred(toy) == {"waiting": 0, "retry": 0, "dead": 1}
    (row,) = toy.db["deferred_events"].find()
    assert (row["_id"], row["state"]) == (event.key, "dead")
