"""Fixtures for every test: real servers, an identity provider, and stages for services."""

import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import uuid4
from zlib import crc32

import hypothesis
import pytest
import requests
from pymongo.monitoring import register
from werkzeug.serving import make_server
from xdist.scheduler import LoadScopeScheduling

from deploy.local.config import TEST_HOME
from deploy.local.issuer import Quiet, create_app
from deploy.local.issuerkey import load_key
from deploy.local.servers import Servers, with_servers
from shared.core.settings import Settings, load
from shared.messaging import broker
from shared.service import Service
from shared.signing import cli as keys_cli
from tests.support.collector import Collector, collecting
from tests.support.database import drop_database, make_database
from tests.support.questions import Counter
from tests.support.stage import Stage

# How long an example takes says how busy the machine is, and nothing of the code.
hypothesis.settings.register_profile("nilai", deadline=None)
hypothesis.settings.load_profile("nilai")

NO_PURE_FIXTURE = {"servers", "own_servers", "other", "system", "issuer", "app", "collector"}
NO_PURE_MODULE = {
    "subprocess",
    "socket",
    "threading",
    "time",
    "processes",
    "servers",
    "lint_imports",
    "thirdparty",
}
LONGEST_FIRST = ("tests/drills", "tests/flow", "tests/local", "tests/contracts", "tests/pages")
"""Where the longest files lie: what is short fills the end, so that no worker is left with a long one."""
SHARES = {"tests/flow": 1, "tests/drills": 1, "tests/pages": 2}
"""Folders whose servers and browsers are started once for each share: a browser alone keeps half a processor busy."""


def pytest_configure() -> None:
    """Heed Ctrl-C, and let all that is started heed it: a shell in whose background the tests run has it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark pure tests `fast`, and put the longest first."""
    for item in items:
        if is_pure(item):
            item.add_marker("fast")
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST_FIRST))


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist is untyped here
    """Gives a whole file to one worker, and some folders in as many shares as `SHARES` says.

    Marks of `xdist_group` would say the same; xdist 3.8 loses them under pytest 9.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = file.rpartition("/")[0]
        if folder not in SHARES:
            return file
        return f"{folder}/{crc32(file.encode()) % SHARES[folder]}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    """Share the tests out by file."""
    return ByFile(config, log)


def is_pure(item: pytest.Item) -> bool:
    """Whether a test needs no server, no process and no clock, by its fixtures and by what its module imports."""
    fixtures: set[str] = set(getattr(item, "fixturenames", ()))
    imported = set(vars(getattr(item, "module", None)))
    marked = item.get_closest_marker("slow")
    return not (fixtures & NO_PURE_FIXTURE or imported & NO_PURE_MODULE or marked)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The database and the broker of all tests."""
    with with_servers(TEST_HOME) as running:
        yield running


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an identity provider that gives a token to whoever asks."""
    server = make_server("127.0.0.1", 0, lambda *_: iter(()), threaded=True, request_handler=Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    server.app = create_app(address, load_key(tmp_path_factory.mktemp("issuer")))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def mint(issuer: str) -> Callable[[str], str]:
    """Gives an access token for a subject."""

    @cache
    def token(name: str) -> str:
        form = {"grant_type": "client_credentials", "as": name}
        answer = requests.post(f"{issuer}/token", data=form, timeout=10)
        return str(answer.json()["access_token"])

    return token


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of signing keys for all services."""
    folder = tmp_path_factory.mktemp("keys")
    keys_cli.init(folder, False, datetime(2020, 1, 1, tzinfo=UTC))
    return folder


@pytest.fixture(scope="session")
def run_id() -> str:
    """What keeps this test process's databases and queues apart from every other's."""
    return f"t{uuid4().hex[:8]}"


@pytest.fixture(scope="session")
def database_of(servers: Servers, run_id: str) -> Iterator[Callable[[str], dict[str, str]]]:
    """Gives the variables by which a service of this test run enters its database, with the rights of production."""
    made: dict[str, dict[str, str]] = {}

    def database(service: str) -> dict[str, str]:
        name = f"{run_id}_{service}"
        if name not in made:
            made[name] = make_database(servers.mongo_admin_uri, name)
        return made[name]

    yield database
    for name in made:
        drop_database(servers.mongo_admin_uri, name)


@pytest.fixture(scope="session")
def settings_of(
    servers: Servers,
    issuer: str,
    key_folder: Path,
    run_id: str,
    database_of: Callable[[str], dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Settings]:
    """Gives the settings of a service in this test run; changes may be handed in as environment variables."""

    pages = tmp_path_factory.mktemp("pages")

    def settings(service: str, **changes: str) -> Settings:
        environment = database_of(service) | {
            "NILAI_MODE": "test",
            "AMQP_URI": servers.service_env(service)["AMQP_URI"],
            "AMQP_ADMIN_URI": servers.amqp_admin_uri,
            "NILAI_PREFIX": f"{run_id}.",
            "NILAI_KEYS": str(key_folder),
            "OIDC_ISSUER": issuer,
            "OIDC_CLIENT_ID": "nilai",
            "PAGE_CACHE": str(pages / "kept"),
        }
        return load(service, environment | changes)

    return settings


@pytest.fixture(scope="session")
def _stages(settings_of: Callable[..., Settings], mint: Callable[[str], str]) -> Iterator[dict[int, Stage]]:
    known: dict[int, Stage] = {}
    yield known
    for one in known.values():
        one.close()


@pytest.fixture
def stage(
    _stages: dict[int, Stage], settings_of: Callable[..., Settings], mint: Callable[[str], str]
) -> Callable[[Service], Stage]:
    """Gives the stage of a service, its database empty at first."""

    def on(service: Service) -> Stage:
        key = hash((service.name, tuple(sorted(service.indexes))))
        known = _stages.get(key)
        if known is None:
            settings = settings_of(service.name)
            known = _stages[key] = Stage(service, settings, mint)
            known.prepare()
        known.grant(service)
        known.empty()
        return Stage(service, known.settings, mint, known)

    return on


@pytest.fixture(scope="session")
def counter() -> Counter:
    """What counts for all connections that are made from now on; the driver forgets no listener."""
    made = Counter()
    register(made)
    return made


@pytest.fixture
def collector() -> Iterator[Collector]:
    """The address of an OTLP collector, and what it was sent."""
    with collecting() as found:
        yield found


@pytest.fixture
def queues(servers: Servers, run_id: str) -> Iterator[str]:
    """The prefix under which the exchange and all queues stand, empty, while the test lasts."""
    prefix = f"{run_id}."
    broker.declare(servers.amqp_admin_uri, prefix)
    yield prefix
    broker.delete(servers.amqp_admin_uri, prefix)
