"""One stolen broker password is one service: what its user forges has no effect anywhere, and all of it is visible."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from struct import pack
from threading import Event, Thread
from typing import Any

import amqp
import msgspec
import pytest
from amqp.exceptions import AMQPError
from prometheus_client import REGISTRY

from deploy.local.servers import Servers
from services.intake.app import service as intake
from services.notify.app import service as notify
from services.review.app import service as review
from services.scoring.app import service as scoring
from shared.core.errors import Conflict
from shared.core.names import SERVICES
from shared.events import contracts, encode
from shared.messaging import broker, operations
from shared.messaging.consumer import Consumer
from shared.messaging.monitoring import collect_dead_letters, update_gauges
from shared.service import Service
from tests.shared.toys import agency
from tests.shared.webapp import log_lines
from tests.support.publishing import outgoing, publish, reject_for_good
from tests.support.stage import Stage
from tests.waiting import until

SAMPLES = Path(__file__).parents[1] / "contracts/samples"
ALL: Mapping[str, Service] = {one.name: one for one in (intake, review, scoring, notify)}
TYPES = {contract.type: contract for contract in contracts()}
MEGABYTE = 1024 * 1024


@dataclass
class Thief:
    """Somebody with the broker password of one service."""

    name: str
    servers: Servers
    prefix: str

    def send(self, body: bytes, key: str, exchange: str = "nilai.events", **properties: Any) -> bool:
        """Publish, by a connection of its own; gives whether the broker took it."""
        properties = {"user_id": f"nilai_{self.name}", "delivery_mode": 2, **properties}
        message = amqp.Message(body, **properties)
        with suppress(AMQPError, OSError), broker.connect(self.uri) as connection:
            channel = connection.channel()
            channel.confirm_select()
            channel.basic_publish_confirm(message, f"{self.prefix}{exchange}" if exchange else "", key)
            return True
        return False

    @property
    def uri(self) -> str:
        return self.servers.service_env(self.name)["AMQP_URI"]

    @property
    def own_types(self) -> list[str]:
        return [type for type, contract in TYPES.items() if contract.producer == self.name]

    @property
    def foreign_types(self) -> list[str]:
        return [type for type, contract in TYPES.items() if contract.producer != self.name]


@dataclass
class World:
    """All four services, each with its consumer at work."""

    servers: Servers
    prefix: str
    stages: Mapping[str, Stage]

    def state(self) -> dict[str, dict[str, int]]:
        """What each service knows, but for what it refused."""
        counts = {name: stage.state() for name, stage in self.stages.items()}
        return {
            name: {key: n for key, n in found.items() if key != "deferred_events"}
            for name, found in counts.items()
        }

    def refused(self, service: str) -> list[dict[str, Any]]:
        """What a service did not believe."""
        rows = self.stages[service].store.db["deferred_events"].find()
        return [row for row in rows if (row["type"], row["state"]) == ("refused", "dead")]

    def drained(self) -> bool:
        """Whether every queue is empty."""
        names = [f"{self.prefix}{name}" for name in SERVICES]
        return set(broker.queue_depths(self.servers.amqp_admin_uri, names).values()) == {0}

    def honest(self, id: str) -> None:
        """An event of intake's own, after which everything before it was consumed."""
        event = self.stages["review"].envelope(f"agency:{id}", agency(id))
        publish(self.servers, self.prefix, [outgoing(event)])
        until(lambda: all(id in self.agencies(name) for name in ("review", "scoring", "notify")))

    def agencies(self, service: str) -> set[str]:
        return {row["_id"] for row in self.stages[service].store.db["agencies"].find()}


@pytest.fixture
def world(servers: Servers, queues: str, stage: Callable[[Service], Stage]) -> Iterator[World]:
    stages = {name: stage(service) for name, service in ALL.items()}
    stop = Event()
    threads = [
        Thread(target=Consumer(one.settings, one.store, one.handlers, Event()).run, args=(stop,))
        for one in stages.values()
    ]
    for thread in threads:
        thread.start()
    yield World(servers, queues, stages)
    alive = [thread.is_alive() for thread in threads]
    stop.set()
    for thread in threads:
        thread.join(30)
    assert alive == [True] * len(threads)


@pytest.fixture(params=SERVICES)
def thief(request: pytest.FixtureRequest, servers: Servers, queues: str) -> Thief:
    return Thief(request.param, servers, queues)


def sample(type: str, **changes: object) -> bytes:
    found = msgspec.json.decode((SAMPLES / f"{type}.json").read_bytes())
    return msgspec.json.encode({**found, **changes})


def hears(service: str, type: str) -> bool:
    return service in TYPES[type].consumers


def test_no_service_tells_what_another_tells_not_even_by_copies(world: World, thief: Thief) -> None:
    """The broker's own rights are left out by the prefix, as on one that somebody set up without them."""
    before = world.state()
    for type in thief.foreign_types:
        source = f"/nilai/{TYPES[type].producer}"
        for own in thief.own_types[:1]:
            for headers in ({"CC": [type]}, {"BCC": [type]}, {"CC": [], "BCC": [type]}):
                assert thief.send(sample(type), own, application_headers=headers)
            assert thief.send(
                sample(type, source=f"/nilai/{thief.name}"), own, application_headers={"CC": [type]}
            )
            assert thief.send(sample(type, subject="person:me"), own)
        assert thief.send(sample(type), type)
        assert thief.send(sample(type, source=source, id="x" * 36), type)
        assert not thief.send(sample(type), type, user_id=f"nilai_{TYPES[type].producer}")
        thief.send(sample(type), type, user_id=None)
        thief.send(sample(type), f"{thief.prefix}review", exchange="")
        for consumer in SERVICES:
            thief.send(sample(type), type, exchange=f"nilai.replay.{consumer}")
    until(world.drained)
    world.honest("honest")
    after = world.state()
    assert {name for name in SERVICES if after[name] != before[name]} == {"review", "scoring", "notify"}
    for name in ("review", "scoring", "notify"):
        assert world.agencies(name) == {"honest"}
        assert world.stages[name].store.db["inbox"].count_documents({}) == 1
        foreign = [type for type in thief.foreign_types if hears(name, type)]
        assert len(world.refused(name)) >= len(foreign)
    for stage in world.stages.values():
        update_gauges(stage.store, stage.settings)
        dead = REGISTRY.get_sample_value("nilai_deferred_events", {"state": "dead"})
        assert dead == stage.db["deferred_events"].count_documents({})
    assert all(len(row["body"]) <= 4096 for name in SERVICES for row in world.refused(name))


def large(megabytes: float) -> bytes:
    return b"\xff" * int(megabytes * MEGABYTE)


def nested(levels: int) -> bytes:
    return sample("agency.set.v1").replace(
        b'"data":{', b'"data":{"future":' + b"[" * levels + b"]" * levels + b",", 1
    )


class Raw(amqp.Message):  # type: ignore[misc]  # amqp is untyped
    """A message whose properties are bytes of our own: the publisher's user, and one header or message id."""

    def __init__(self, body: bytes, user: str, header: bytes = b"", id: bytes = b"") -> None:
        super().__init__(body)
        flags = (1 << 13 if header else 0) | (1 << 7 if id else 0) | (1 << 4)
        table = pack(">I", len(header)) + header if header else b""
        said = bytes([len(id)]) + id if id else b""
        self.raw = pack(">H", flags) + table + said + bytes([len(user)]) + user.encode()

    def _serialize_properties(self) -> bytes:
        return self.raw


BODIES = {
    "subject of 8.5 MB": (
        sample("agency.set.v1", subject="s" * int(8.5 * MEGABYTE)),
        "refused",
        "8913394 bytes",
    ),
    "17 MB": (large(17), "refused", "17825792 bytes"),
    "8 MB": (large(8), "unreadable", "malformed"),
    "subject of 7 MB": (
        sample("agency.set.v1", subject="s" * 7 * MEGABYTE),
        "unreadable",
        "subject is longer",
    ),
    "id of 300 bytes": (sample("agency.set.v1", id="i" * 300), "unreadable", "id is longer"),
    "correlation of 1 MB": (
        sample("agency.set.v1", correlationid="c" * MEGABYTE),
        "unreadable",
        "correlationid",
    ),
    "another source": (sample("agency.set.v1", source="/nilai/review"), "refused", "'/nilai/review'"),
    "another type": (sample("member.set.v1"), "refused", "calls itself member.set.v1"),
    "deep": (nested(32), "unreadable", "nested deeper than 32"),
    "deeper": (nested(500_000), "unreadable", "RecursionError"),
    "sequence of 2^63": (sample("agency.set.v1", sequence=str(2**63)), "unreadable", "sequence"),
    "sequence of 4,301 digits": (sample("agency.set.v1", sequence="9" * 4301), "unreadable", "sequence"),
    "no zone": (sample("agency.set.v1", time="2026-01-01T00:00:00"), "unreadable", "time"),
    "nothing": (b"", "unreadable", "truncated"),
}


def test_what_is_too_large_or_no_event_is_a_row_that_can_be_listed(world: World) -> None:
    thief, on = Thief("intake", world.servers, world.prefix), world.stages["scoring"]
    for body, _, _ in BODIES.values():
        assert thief.send(body, "agency.set.v1")
    world.honest("honest")
    rows = {row["sha256"]: row for row in on.deferred()}
    assert [name for name, (body, *_) in BODIES.items() if sha256(body).hexdigest() not in rows] == []
    for body, kind, reason in BODIES.values():
        row = rows[sha256(body).hexdigest()]
        assert (row["type"], row["state"], row["size"]) == (kind, "dead", len(body))
        assert reason in row["error"]
        assert len(row["error"]) <= 2000
        assert body.startswith(bytes(row["body"]))
    listed = on.store.query(operations.find_all, operations.STATES)
    assert [(one["_id"], "body" in one) for one in listed] == [(row["_id"], False) for row in on.deferred()]


def depth_is(on: Stage, queue: str, count: int) -> bool:
    return broker.queue_depths(on.settings.amqp_uri, [queue]) == {queue: count}


def test_what_the_broker_gave_up_is_believed_no_sooner_and_its_size_stops_nobody(
    servers: Servers, queues: str, stage: Callable[[Service], Stage]
) -> None:
    on, thief = stage(scoring), Thief("review", servers, queues)
    queue, dead = broker.queue(queues, "scoring"), broker.dead_letter_queue(queues, "scoring").name
    forged = sample("member.set.v1")
    died = {"queue": queue.name, "routing-keys": ["member.set.v1"]}
    attempts: dict[bytes, dict[str, Any]] = {
        large(17): {},
        forged: {"application_headers": {"CC": ["member.set.v1"]}},
        forged[:-1] + b" }": {"application_headers": {"x-death": [died]}},
    }
    for count, (body, properties) in enumerate(attempts.items(), 1):
        assert thief.send(body, "assessor.set.v1", **properties)
        reject_for_good(on.settings.amqp_uri, queue)
        until(partial(depth_is, on, dead, count))
    collect_dead_letters(on.store, on.settings)
    assert broker.queue_depths(on.settings.amqp_uri, [dead]) == {dead: 0}
    rows = on.deferred()
    assert {row["type"] for row in rows} == {"refused"}
    assert {row["size"] for row in rows} == {len(body) for body in attempts}
    for row in rows:
        with pytest.raises(Conflict, match="can only be dropped"):
            on.run(operations.retry, row["_id"], on.settings.amqp_users)
        on.run(operations.drop, row["_id"], "forged")
    assert on.deferred() == []
    assert on.db["inbox"].count_documents({}) == 0


RAW: list[dict[str, bytes]] = [
    {"header": b"\x04when" + b"T" + pack(">Q", 2**62)},  # a date in the year 10^11
    {"header": b"\x04hole" + b"F\x00\x00\xff\xff"},  # a table that ends before it ends
    {"id": b"\xff\xfe"},  # an id that is no text
]
HEADERS: dict[str, dict[str, Any]] = {
    "a bomb to be decompressed": {"application_headers": {"compression": "application/x-gzip"}},
    "a compression that is none": {"application_headers": {"compression": "nonsense"}},
    "a count of deliveries": {"application_headers": {"x-delivery-count": "many"}},
    "a rebuilding": {"application_headers": {"rebuild": {"a": [1, 2]}}},
    "an encoding that is none": {"content_encoding": "nonsense", "content_type": "nonsense"},
}


def test_no_property_of_a_message_ends_a_consumer_or_keeps_its_neighbours_waiting(world: World) -> None:
    thief = Thief("intake", world.servers, world.prefix)
    bomb = zlib.compress(large(300))
    with log_lines() as lines:
        for name, properties in HEADERS.items():
            assert thief.send(
                bomb if "bomb" in name else sample("agency.set.v1"), "agency.set.v1", **properties
            )
        for raw in RAW:
            with suppress(AMQPError, OSError), broker.connect(thief.uri) as connection:
                message = Raw(sample("agency.set.v1"), "nilai_intake", **raw)
                connection.channel().basic_publish(message, f"{world.prefix}nilai.events", "agency.set.v1")
        world.honest("honest")
        assert "broker unavailable" not in [line["message"] for line in lines()]
    assert len(world.refused("scoring")) == 1


def test_the_id_of_a_true_event_is_not_taken_by_a_forged_one(world: World) -> None:
    event = world.stages["review"].envelope("agency:a", agency("a"))
    thief = Thief("scoring", world.servers, world.prefix)
    assert thief.send(encode(event), event.type)
    until(lambda: world.refused("review"))
    (row,) = world.refused("review")
    world.stages["review"].run(operations.drop, row["_id"], "forged")
    publish(world.servers, world.prefix, [outgoing(event)])
    until(lambda: world.agencies("review") == {"a"})
