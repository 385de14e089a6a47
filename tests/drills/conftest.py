"""A database and a broker of the drills' own, which they may stop and kill, and workers of the toy service."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.local.config import TEST_HOME
from deploy.local.servers import Servers, with_servers
from shared.core.names import SERVICES
from shared.core.settings import environment, load
from shared.events import Envelope
from shared.messaging import broker
from tests.shared.toys import TOY, agency
from tests.support.database import drop_database, make_database
from tests.support.measuring import without_measuring
from tests.support.publishing import outgoing, publish
from tests.support.stage import Stage
from tests.waiting import until

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="package")
def own_servers() -> Iterator[Servers]:
    """Servers that nobody else uses."""
    with with_servers(TEST_HOME / f"drill-{uuid4().hex[:6]}", keep_data=False) as running:
        yield running


@dataclass
class Drill:
    """A toy service on the drill's servers, with worker processes."""

    servers: Servers
    stage: Stage
    env: dict[str, str]
    logs: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def worker(self, point: str = "never", nth: int = 0) -> subprocess.Popen[bytes]:
        """Start a worker process, which dies at the nth passing of a point."""
        with (self.logs / f"{len(self.processes)}.log").open("wb") as log:
            command = [sys.executable, "-m", "tests.drills.worker", point, str(nth)]
            env = without_measuring(environment() | self.env)
            process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def publish(self, events: Sequence[Envelope]) -> None:
        """Have the broker confirm events, as a relay would."""
        publish(self.servers, self.env["NILAI_PREFIX"], [outgoing(event) for event in events])

    def counts(self) -> dict[str, int]:
        """How often each agency was counted."""
        return {row["_id"]: row["count"] for row in self.stage.db["agencies"].find()}

    def unpublished(self) -> int:
        """How many events are still in the outbox."""
        return self.stage.db["outbox"].count_documents({"pending": True})

    def in_queue(self) -> int:
        """How many messages are ready in the toy's queue."""
        name = self.env["NILAI_PREFIX"] + "review"
        return broker.queue_depths(self.servers.amqp_admin_uri, [name])[name]

    def queues_outlive_a_crash(self) -> bool:
        """Whether the broker has written down which log is whose: some take a second from their declaration."""
        folder = self.servers.home / "rabbitmq/data/nilai@localhost/quorum/nilai@localhost"
        written = (folder / "names.dets").read_bytes()
        names = [re.escape(self.env["NILAI_PREFIX"] + name).encode() for name in SERVICES]
        return all(re.search(name + end, written) for name in names for end in (rb"\.dead", rb"(?!\.dead)"))

    def end(self) -> None:
        """End every worker."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(30)


@pytest.fixture
def drill(
    own_servers: Servers, mint: Callable[[str], str], key_folder: Path, issuer: str, tmp_path: Path
) -> Iterator[Drill]:
    """The toy service, prepared, with no worker yet."""
    name = f"d{uuid4().hex[:8]}"
    env = {
        "NILAI_MODE": "test",
        **make_database(own_servers.mongo_admin_uri, name),
        "AMQP_URI": own_servers.service_env("review")["AMQP_URI"],
        "AMQP_ADMIN_URI": own_servers.amqp_admin_uri,
        "NILAI_PREFIX": f"{name}.",
        "NILAI_KEYS": str(key_folder),
        "OIDC_ISSUER": issuer,
    }
    stage = Stage(TOY, load("review", env), mint)
    TOY.make_ready(stage.settings)
    drill = Drill(own_servers, stage, env, tmp_path)
    yield drill
    drill.end()
    broker.delete(own_servers.amqp_admin_uri, stage.settings.prefix)
    stage.close()
    drop_database(own_servers.mongo_admin_uri, name)


def agencies(drill: Drill, number: int) -> list[Envelope]:
    """Events about so many agencies."""
    return [drill.stage.envelope(f"agency:a{number}", agency(f"a{number}")) for number in range(number)]


def assert_exactly_once(drill: Drill, events: Sequence[Envelope]) -> None:
    """Wait for the end of all work; then every event has had its effect, and had it once."""
    inbox, outbox, audit = (drill.stage.db[name] for name in ("inbox", "outbox", "audit"))
    until(lambda: inbox.count_documents({}) == len(events) and drill.unpublished() == 0)
    assert drill.counts() == {event.event.agency: 1 for event in events}
    assert outbox.count_documents({}) == len(events)
    assert audit.count_documents({}) == len(events)
    until(lambda: drill.in_queue() == 0)
