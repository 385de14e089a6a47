"""The embedded servers give each service the rights of production and no more."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import amqp
import pytest
from kombu import Connection
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.local.servers import Servers
from shared.core.names import SERVICES
from shared.core.settings import load
from shared.events import contracts
from shared.events.review import AssessorSet
from shared.messaging import broker
from shared.messaging.broker import Publisher
from shared.service import Service
from shared.storage.reader import Doc
from shared.storage.transaction import Transaction
from tests.shared.toys import TOY, agency
from tests.support.rights import CALLS, READING_AND_ADDING, refused
from tests.support.stage import LONG_AGO, Stage


@pytest.fixture(scope="module")
def prepared(servers: Servers) -> Servers:
    """The test servers with the exchange and queues of production, without a prefix."""
    broker.declare(servers.amqp_admin_uri, "")
    return servers


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    """Each service in turn."""
    return str(request.param)


@pytest.fixture
def channel(prepared: Servers, service: str) -> Iterator[amqp.Channel]:
    """A channel of one service's own user."""
    with Connection(prepared.service_env(service)["AMQP_URI"]) as connection:
        channel = connection.channel()
        channel.confirm_select()
        yield channel


def publish(channel: amqp.Channel, exchange: str, key: str) -> None:
    channel.basic_publish_confirm(amqp.Message("{}"), exchange, key)


def test_a_service_works_in_its_own_database_and_no_other(
    servers: Servers, service: str, issuer: str, key_folder: Path
) -> None:
    given = servers.service_env(service) | {
        "MONGO_ADMIN_URI": servers.prepare_env(service)["MONGO_ADMIN_URI"]
    }
    described: Service = import_module(f"services.{service}.app").service
    described.make_ready(
        load(
            service,
            given | {"NILAI_KEYS": str(key_folder), "OIDC_ISSUER": issuer, "NILAI_ACCEPT_NEW_KEYS": "yes"},
        )
    )
    with MongoClient[Doc](given["MONGO_URI"]) as client:
        own = client[given["MONGO_DATABASE"]]
        assert refused(own, "audit") == CALLS.keys() - READING_AND_ADDING
        assert READING_AND_ADDING.isdisjoint(refused(own, "heads"))
        for other in {*SERVICES} - {service}:
            assert refused(client[f"nilai_{other}"], "audit") == CALLS.keys()


def test_a_service_cannot_publish_what_another_publishes(channel: amqp.Channel, service: str) -> None:
    other = next(one.type for one in contracts() if one.producer != service)
    with pytest.raises(amqp.AccessRefused, match="access to topic"):
        publish(channel, "nilai.events", other)


def test_a_service_cannot_write_past_the_exchange(channel: amqp.Channel) -> None:
    with pytest.raises(amqp.AccessRefused):
        publish(channel, "", "review")


def test_a_service_cannot_read_another_queue(channel: amqp.Channel, service: str) -> None:
    other = next(one for one in SERVICES if one != service)
    with pytest.raises(amqp.AccessRefused):
        channel.basic_get(other)


def test_a_service_cannot_change_the_topology(channel: amqp.Channel) -> None:
    with pytest.raises(amqp.AccessRefused):
        channel.queue_declare("another", durable=True)


def test_what_a_service_publishes_reaches_its_consumers_and_only_they_read_it(prepared: Servers) -> None:
    contract = next(one for one in contracts() if one.producer == "intake" and "review" in one.consumers)
    with Connection(prepared.service_env("intake")["AMQP_URI"]) as producer:
        channel = producer.channel()
        channel.confirm_select()
        publish(channel, "nilai.events", contract.type)
    with Connection(prepared.service_env("review")["AMQP_URI"]) as consumer_connection:
        message = consumer_connection.channel().basic_get("review", no_ack=True)
    assert message.delivery_info["routing_key"] == contract.type
    with Connection(prepared.amqp_admin_uri) as admin:
        for consumer in contract.consumers:
            admin.channel().queue_purge(consumer)


def test_nobody_enters_as_guest(servers: Servers) -> None:
    guest = Connection(f"amqp://guest:guest@127.0.0.1:{servers.ports.amqp}//")
    with pytest.raises(amqp.AccessRefused):
        guest.connect()


def test_nobody_enters_the_database_without_a_password(servers: Servers) -> None:
    client = MongoClient[dict[str, object]](f"127.0.0.1:{servers.ports.mongo}")
    with client, pytest.raises(OperationFailure):
        client["nilai_intake"]["rights"].find_one()


def test_a_type_that_the_broker_does_not_let_a_service_publish_holds_up_no_other(
    prepared: Servers, stage: Callable[[Service], Stage]
) -> None:
    toy = stage(TOY)

    def tell(tx: Transaction) -> None:
        for number in range(3):
            tx.emit(
                f"assessor:{number}",
                AssessorSet(assessor=f"{number}", issuer="toy", subject="n", since=LONG_AGO),
            )
        tx.context = replace(tx.context, service="intake")
        tx.emit("agency:a", agency("a"))
        tx.audit("agency:a", "contract")

    toy.run(tell)
    publisher = Publisher(prepared.service_env("review")["AMQP_URI"], "")
    relay = toy.relay(publisher)
    assert [relay.turn(), relay.turn()] == [3, 0]
    publisher.close()
    assert [row["type"] for row in toy.db["outbox"].find({"pending": True})] == ["agency.set.v1"]
    with broker.connect(prepared.amqp_admin_uri) as connection:
        for service in SERVICES:
            connection.channel().queue_purge(broker.queue("", service).name)
