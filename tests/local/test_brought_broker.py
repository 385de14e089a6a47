"""A broker that somebody brought: `prepare` makes the services' users there, with the rights of production."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import amqp
import pytest
import urllib3
from kombu import Connection

from deploy.local import rabbit
from deploy.local.config import Ports, listens
from deploy.local.servers import Servers, with_servers
from shared.core.errors import Conflict
from shared.core.names import SERVICES
from shared.core.settings import Settings, load
from shared.events import contracts
from shared.messaging import broker
from shared.messaging.broker import Management, OutgoingEvent, Publisher
from tests.shared.toys import TOY
from tests.support.database import with_passwords_of
from tests.waiting import until

PASSWORDS = dict.fromkeys(("admin", *SERVICES), "s€cret/@:")


@dataclass
class Brought:
    """A broker with an admin and nobody else."""

    port: int
    url: str
    keys: Path

    @property
    def admin_uri(self) -> str:
        return self.uri("admin")

    def uri(self, user: str) -> str:
        return f"amqp://{user}:s%E2%82%ACcret%2F%40%3A@127.0.0.1:{self.port}//"

    def ask(self, method: str, path: str) -> Any:
        login = b64encode(f"admin:{PASSWORDS['admin']}".encode()).decode()
        answer = urllib3.request(
            method, f"{self.url}/api/{path}", headers={"Authorization": f"Basic {login}"}, timeout=10
        )
        return answer.json() if answer.data else None

    def settings(self, service: str, servers: Servers, **changes: str) -> Settings:
        return load(
            service,
            {
                "NILAI_MODE": "test",
                "MONGO_URI": servers.mongo_admin_uri,
                "MONGO_DATABASE": f"brought_{service}",
                "AMQP_URI": self.uri(f"nilai_{service}"),
                "AMQP_ADMIN_URI": self.admin_uri,
                "AMQP_MANAGEMENT_URL": self.url,
                "NILAI_KEYS": str(self.keys),
                "NILAI_ACCEPT_NEW_KEYS": "yes",
                "OIDC_ISSUER": "http://127.0.0.1:1",
                **changes,
            },
        )


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory, key_folder: Path) -> Iterator[Brought]:
    home, ports = tmp_path_factory.mktemp("brought"), Ports.free()
    rabbit.write_folder(home, ports, rabbit.definitions(PASSWORDS, any_prefix=False), ports.notify)
    rabbit.launch(home, ports)
    broker = Brought(ports.amqp, f"http://127.0.0.1:{ports.notify}", key_folder)
    until(lambda: listens(ports.amqp) and listens(ports.notify))
    for service in SERVICES:
        broker.ask("DELETE", f"users/nilai_{service}")
    yield broker
    rabbit.stop(home)


@pytest.fixture
def prepared(brought: Brought, servers: Servers) -> Brought:
    for name in SERVICES:
        settings = brought.settings(name, servers)
        replace(TOY, name=name).make_ready(settings)
    return brought


def test_prepare_makes_the_users_with_the_rights_of_the_embedded_broker(prepared: Brought) -> None:
    wanted = rabbit.definitions(PASSWORDS, any_prefix=False)
    for kind, path in (("permissions", "permissions"), ("topic_permissions", "topic-permissions")):
        found = [one for one in prepared.ask("GET", path) if one["user"] != "admin"]
        expected = [one for one in wanted[kind] if one["user"] != "admin"]
        assert sorted(map(repr_of, found)) == sorted(map(repr_of, expected))
    assert {one["name"]: one["tags"] for one in prepared.ask("GET", "users") if one["name"] != "admin"} == {
        f"nilai_{name}": [] for name in SERVICES
    }


def repr_of(row: dict[str, str]) -> str:
    return repr(sorted(row.items()))


@pytest.mark.parametrize("service", SERVICES)
def test_there_too_nobody_tells_what_another_tells(prepared: Brought, service: str) -> None:
    own = [one.type for one in contracts() if one.producer == service]
    with Connection(prepared.uri(f"nilai_{service}")) as connection:
        for exchange in ("nilai.events", *(f"nilai.replay.{name}" for name in SERVICES)):
            for contract in contracts():
                channel = connection.channel()
                channel.confirm_select()
                consumed = exchange == "nilai.events" or exchange.rpartition(".")[2] in broker.consumers_of(
                    service
                )
                if contract.type in own and consumed:
                    channel.basic_publish_confirm(amqp.Message(b"{}"), exchange, contract.type)
                else:
                    with pytest.raises(amqp.AccessRefused):
                        channel.basic_publish_confirm(amqp.Message(b"{}"), exchange, contract.type)


def test_what_is_made_twice_stays_and_a_new_password_counts(prepared: Brought, servers: Servers) -> None:
    settings = prepared.settings("review", servers)
    newer = replace(settings, amqp_uri=settings.amqp_uri.replace("s%E2%82%ACcret", "newer"))
    with pytest.raises(Conflict, match="does not let 'nilai_review' in"):
        broker.check_login(newer.amqp_uri)
    TOY.make_ready(newer)
    broker.check_login(newer.amqp_uri)
    TOY.make_ready(settings)
    broker.check_login(settings.amqp_uri)


def test_users_of_other_names_are_made_and_believed(brought: Brought, servers: Servers) -> None:
    names = {f"AMQP_USER_{name.upper()}": f"ministry/{name}" for name in SERVICES}
    uri = brought.uri("ministry%2Freview")
    settings = brought.settings("review", servers, AMQP_URI=uri, NILAI_PREFIX="named.", **names)
    TOY.make_ready(settings)
    publisher = Publisher(uri, settings.prefix)
    assert publisher.publish([OutgoingEvent("a", "assessor.set.v1", b"{}")]).confirmed == {"a"}
    publisher.close()
    users: list[str] = []
    broker.drain(brought.admin_uri, broker.queue("named.", "scoring"), lambda came: users.append(came.user))
    assert users == [settings.amqp_users["review"]] == ["ministry/review"]
    broker.delete(brought.admin_uri, "named.")
    brought.ask("DELETE", "users/ministry%2Freview")


def test_prepare_says_what_to_do_when_it_cannot_make_the_user(brought: Brought, servers: Servers) -> None:
    brought.ask("DELETE", "users/nilai_scoring")
    for changes, words in (
        ({"AMQP_MANAGEMENT_URL": ""}, "Set AMQP_MANAGEMENT_URL"),
        ({"AMQP_MANAGEMENT_URL": "http://127.0.0.1:9"}, "rabbitmq-plugins enable rabbitmq_management"),
        ({"AMQP_ADMIN_URI": brought.admin_uri.replace("s%E2", "x")}, "401"),
    ):
        with pytest.raises(Conflict, match=words):
            replace(TOY, name="scoring").make_ready(brought.settings("scoring", servers, **changes))


def test_an_admin_never_becomes_a_services_user(brought: Brought, servers: Servers) -> None:
    settings = brought.settings("review", servers)
    with pytest.raises(Conflict, match="administrator"):
        Management.of(brought.url, brought.admin_uri).set_user(brought.admin_uri, broker.rights("", "review"))
    TOY.make_ready(settings)


def test_the_local_system_finds_the_api_of_a_broker_that_it_is_pointed_at(
    brought: Brought, servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for service in SERVICES:
        brought.ask("DELETE", f"users/nilai_{service}")
    monkeypatch.setenv("MONGO_URI", servers.mongo_admin_uri)
    monkeypatch.setenv("AMQP_URI", brought.admin_uri)
    monkeypatch.setenv("AMQP_MANAGEMENT_URL", brought.url)
    with_passwords_of(servers, tmp_path / "home")
    with with_servers(tmp_path / "home") as found:
        for service in SERVICES:
            broker.check_login(found.service_env(service)["AMQP_URI"])
        assert found.amqp_management_url == brought.url
    assert Management.of(brought.url, brought.admin_uri).answers()
    monkeypatch.delenv("AMQP_MANAGEMENT_URL")
    api = Management.of("", brought.admin_uri)
    assert api.url == "http://127.0.0.1:15672"
    assert Management.of("", "amqps://admin@broker.example//").url == "https://broker.example:15671"
    assert not Management.of("http://127.0.0.1:9", brought.admin_uri).answers()
