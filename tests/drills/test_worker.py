"""Workers are killed at named points and the broker is taken away: every effect happens exactly once."""

import signal
from collections.abc import Callable

import pytest

from deploy.local import servers as local
from shared.events.review import AssessorSet
from shared.messaging import broker, operations
from shared.messaging.broker import OutgoingEvent, Publisher, topology
from shared.storage.transaction import Transaction
from tests.drills.conftest import Drill, agencies, assert_exactly_once
from tests.drills.worker import POINTS
from tests.shared.toys import BAD, DEADLY, agency
from tests.support.publishing import publish, reject_for_good
from tests.support.stage import LONG_AGO
from tests.waiting import until


@pytest.mark.parametrize("point", sorted(POINTS))
def test_a_worker_killed_at_a_named_point_leaves_every_effect_exactly_once(drill: Drill, point: str) -> None:
    events = agencies(drill, 150)
    drill.publish(events)
    doomed = drill.worker(point, 2)
    assert doomed.wait(60) == -signal.SIGKILL
    drill.worker()
    assert_exactly_once(drill, events)


def test_three_workers_share_the_work_and_each_event_delivered_three_times_has_one_effect(
    drill: Drill,
) -> None:
    events = agencies(drill, 100)
    drill.publish([*events, *events, *events])
    for _ in range(3):
        drill.worker()
    assert_exactly_once(drill, events)


def test_commands_go_on_while_the_broker_is_away_and_everything_is_published_afterwards(drill: Drill) -> None:
    worker = drill.worker()
    until(lambda: drill.stage.db["leases"].count_documents({"_id": "relay"}) == 1)
    local.stop_broker(drill.servers.home)
    try:
        for number in range(200):
            drill.stage.run(_set, f"w{number}")
        assert drill.unpublished() == 200
    finally:
        local.start_broker(drill.servers.home)
    until(lambda: drill.unpublished() == 0)
    assert worker.poll() is None
    assert {event.assessor for event in drill.stage.published(AssessorSet)} == {
        f"w{number}" for number in range(200)
    }
    until(lambda: told_to(drill, "scoring").count("assessor.set.v1") == 200)


def test_a_broker_killed_while_events_travel_loses_none(drill: Drill) -> None:
    events = agencies(drill, 400)
    drill.publish(events[:200])
    worker = drill.worker()
    until(lambda: len(drill.counts()) > 10 and drill.queues_outlive_a_crash())
    local.kill_broker(drill.servers.home)
    local.start_broker(drill.servers.home)
    drill.publish(events[200:])
    assert_exactly_once(drill, events)
    assert worker.poll() is None


def test_a_poison_event_and_garbage_are_deferred_while_their_neighbours_pass(drill: Drill) -> None:
    good = agencies(drill, 20)
    poison = drill.stage.envelope("agency:poison", agency("poison", BAD))
    drill.publish([*good[:10], poison, *good[10:]])
    garbage = OutgoingEvent("garbage", "agency.set.v1", b"\xff not an event")
    publish(drill.servers, drill.env["NILAI_PREFIX"], [garbage])
    drill.worker()
    waiting = drill.stage.db["deferred_events"]
    until(lambda: len(drill.counts()) == 20 and waiting.count_documents({}) == 2)
    reasons = {row["_id"]: row["error"] for row in waiting.find()}
    assert reasons.pop(poison.key) == "ValueError: this event cannot be handled"
    (unreadable,) = reasons.values()
    assert unreadable.startswith("DecodeError")
    until(lambda: drill.in_queue() == 0)


def test_what_the_broker_dead_lettered_is_a_dead_event_and_can_be_retried(drill: Drill) -> None:
    event = agencies(drill, 1)[0]
    prefix = drill.stage.settings.prefix
    drill.publish([event])
    reject_for_good(drill.env["AMQP_URI"], broker.queue(prefix, "review"))
    name = broker.dead_letter_queue(prefix, "review").name
    until(lambda: broker.queue_depths(drill.servers.amqp_admin_uri, [name]) == {name: 1})
    drill.worker()
    waiting = drill.stage.db["deferred_events"]
    until(lambda: waiting.count_documents({"_id": event.key, "state": "dead"}))
    assert broker.queue_depths(drill.servers.amqp_admin_uri, [name]) == {name: 0}
    drill.stage.run(operations.retry, event.key, drill.stage.settings.amqp_users)
    until(lambda: drill.counts() == {"a0": 1})
    assert waiting.count_documents({}) == 0


def supervised(drill: Drill, done: Callable[[], bool]) -> int:
    """Start a worker anew whenever it has died, until it is done; gives how often."""
    starts = 0

    def step() -> bool:
        nonlocal starts
        if not drill.processes or drill.processes[-1].poll() is not None:
            drill.worker()
            starts += 1
        make_due(drill)
        return done()

    until(step)
    return starts


def make_due(drill: Drill) -> None:
    """Let the time until the next try pass."""
    drill.stage.db["deferred_events"].update_many({"state": "retry"}, {"$set": {"next_at": LONG_AGO}})


def test_an_event_that_ends_every_process_is_dead_while_its_neighbours_pass(drill: Drill) -> None:
    good = agencies(drill, 60)
    deadly = drill.stage.envelope("agency:deadly", agency("deadly", DEADLY))
    drill.publish([*good[:10], deadly, *good[10:]])
    waiting = drill.stage.db["deferred_events"]
    dead = {"_id": deadly.key, "state": "dead"}
    starts = supervised(drill, lambda: waiting.count_documents(dead) == 1 and len(drill.counts()) == 60)
    assert starts < topology.DELIVERY_LIMIT
    assert set(drill.counts().values()) == {1}
    assert [row["error"] for row in waiting.find()] == ["the process ended in each of 6 attempts"]
    drill.stage.run(operations.retry, deadly.key, drill.stage.settings.amqp_users)
    assert waiting.count_documents(dead) == 0
    more = [drill.stage.envelope(f"agency:m{number}", agency(f"m{number}")) for number in range(5)]
    drill.publish(more)
    supervised(drill, lambda: waiting.count_documents(dead) == 1 and len(drill.counts()) == 65)
    assert set(drill.counts().values()) == {1}


def test_a_retried_event_is_handled_by_the_running_worker(drill: Drill) -> None:
    event = drill.stage.envelope("agency:b", agency("b", BAD))
    drill.stage.consume_all(event)
    row = drill.stage.db["deferred_events"].find_one()
    assert row is not None
    healed = bytes(row["body"]).replace(b'"group":"bad"', b'"group":"Kota"')
    drill.stage.db["deferred_events"].update_one(
        {}, {"$set": {"state": "dead", "next_at": None, "body": healed}}
    )
    drill.worker()
    drill.stage.run(operations.retry, event.key, drill.stage.settings.amqp_users)
    until(lambda: drill.counts() == {"b": 1})
    assert drill.stage.db["deferred_events"].count_documents({}) == 0


def test_a_worker_told_to_stop_finishes_what_it_has_and_gives_the_rest_back(drill: Drill) -> None:
    events = agencies(drill, 300)
    drill.publish(events)
    first = drill.worker()
    until(lambda: len(drill.counts()) > 0)
    first.terminate()
    assert first.wait(20) == 0
    assert drill.stage.db["leases"].count_documents({"_id": "relay"}) == 0
    drill.worker()
    assert_exactly_once(drill, events)


def test_an_unroutable_event_stays_unpublished(drill: Drill) -> None:
    drill.stage.run(_set, "w")
    publisher = Publisher(drill.servers.amqp_admin_uri, "nobody-is-bound-here.")
    with broker.connect(drill.servers.amqp_admin_uri) as connection:
        topic = broker.exchange("nobody-is-bound-here.")(connection.channel())
        topic.declare()
        assert drill.stage.relay(publisher).turn() == 0
        topic.delete()
    publisher.close()
    assert drill.unpublished() == 1


def _set(tx: Transaction, name: str) -> None:
    tx.put("agencies", {"_id": name, "count": 1})
    tx.audit(f"agency:{name}", "agency.counted")
    tx.emit(f"agency:{name}", AssessorSet(assessor=name, issuer="toy", subject=name, since=LONG_AGO))


def told_to(drill: Drill, service: str) -> list[str]:
    """The types of what waits in the queue of a service, where it stays."""
    found = []
    with broker.connect(drill.servers.amqp_admin_uri) as connection:
        channel = connection.channel()
        while (message := channel.basic_get(drill.env["NILAI_PREFIX"] + service)) is not None:
            found.append(message.properties["type"])
    return found
