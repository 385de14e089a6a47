"""How many events a second pass one hop: queue, one majority transaction with audit, confirmed publish.

Nilai's worker and Celery do the same work in turn, in the same run, on the same servers. Each worker is held while
its queue is filled and let go when the clock starts; it stops when the last effect is committed and confirmed.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import click

from deploy.local.config import TEST_HOME
from deploy.local.servers import Servers, with_servers
from shared.core.ids import new_id, utcnow
from shared.core.settings import environment, load
from shared.events import Envelope, encode
from shared.messaging import broker
from shared.messaging.broker import WINDOW, OutgoingEvent, Publisher
from shared.signing import cli as keys_cli
from tests.shared.toys import TOY, agency
from tests.support.database import drop_database, make_database

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 180.0
WARM = 200


class Hop(Protocol):
    """Somebody who takes events from a queue, one hop further."""

    process: "subprocess.Popen[bytes]"

    def send(self, batch: list[OutgoingEvent]) -> None:
        """Fill the queue."""

    def done(self) -> int:
        """How many events have passed."""


def events(number: int) -> list[OutgoingEvent]:
    """Events about so many agencies."""
    made = []
    for _ in range(number):
        event = agency(f"a{new_id()}", name="Pemerintah Kota Contoh")
        subject = f"agency:{event.agency}"
        envelope = Envelope(
            new_id(), "/nilai/intake", "agency.set.v1", subject, utcnow(), 1, new_id(), None, None, event
        )
        made.append(OutgoingEvent(envelope.id, envelope.type, encode(envelope)))
    return made


@contextmanager
def process(command: list[str], env: Mapping[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process while the block lasts."""
    with log.open("ab") as out:
        started = subprocess.Popen(command, env=environment() | dict(env), cwd=ROOT, stdout=out, stderr=out)
    try:
        yield started
    finally:
        started.send_signal(signal.SIGCONT)
        started.terminate()
        started.wait(60)


class Ours:
    """Nilai's worker with a toy handler."""

    def __init__(self, servers: Servers, folder: Path, stack: ExitStack) -> None:
        name = f"b{uuid4().hex[:8]}"
        env = {
            "NILAI_MODE": "test",
            **make_database(servers.mongo_admin_uri, name),
            "AMQP_URI": servers.service_env("review")["AMQP_URI"],
            "AMQP_ADMIN_URI": servers.amqp_admin_uri,
            "NILAI_PREFIX": f"{name}.",
            "NILAI_KEYS": str(folder),
            "OIDC_ISSUER": "http://127.0.0.1:1",
        }
        settings = load("review", env)
        TOY.make_ready(settings)
        self._store = TOY.store(settings)
        stack.callback(drop_database, servers.mongo_admin_uri, name)
        stack.callback(self._store.close)
        self._publisher = Publisher(servers.service_env("intake")["AMQP_URI"], settings.prefix)
        stack.callback(self._publisher.close)
        stack.callback(broker.delete, settings.amqp_admin_uri, settings.prefix)
        command = [
            sys.executable,
            "-c",
            "from shared.cli.service import main; from tests.shared.toys import TOY; main(TOY)",
            "worker",
        ]
        self.process = stack.enter_context(process(command, env, folder / "ours.log"))

    def send(self, batch: list[OutgoingEvent]) -> None:
        """Fill the queue."""
        for start in range(0, len(batch), WINDOW):
            self._publisher.publish(batch[start : start + WINDOW], replay_to="review")
        self._publisher.close()  # the broker ends a connection that is silent while the other one is measured

    def done(self) -> int:
        """How many events were handled and their own event confirmed."""
        return self._store.db["outbox"].count_documents({"published_at": {"$exists": True}})


class Theirs:
    """Celery's worker with a task that does the same."""

    def __init__(self, servers: Servers, folder: Path, stack: ExitStack, pool: str, threads: int) -> None:
        name = f"b{uuid4().hex[:8]}"
        env = {
            "BENCH_MONGO": servers.mongo_admin_uri,
            "BENCH_DATABASE": name,
            "BENCH_AMQP": servers.amqp_admin_uri,
            "BENCH_PREFIX": f"{name}.",
        }
        os.environ.update(env)
        from tests.bench import rival  # it reads the environment that was just made

        self._rival = rival
        rival.prepare()
        stack.callback(rival.clean)
        command = [
            *(sys.executable, "-m", "celery", "-A", "tests.bench.rival", "worker", f"--pool={pool}"),
            *(f"--concurrency={threads}", "--without-gossip", "--without-mingle", "--loglevel=error"),
        ]
        self.process = stack.enter_context(process(command, env, folder / "theirs.log"))

    def send(self, batch: list[OutgoingEvent]) -> None:
        """Fill the queue."""
        for event in batch:
            self._rival.count.delay(event.body.decode())

    def done(self) -> int:
        """How many events were handled and their own event confirmed."""
        return self._rival.done()


def measured(hop: Hop, number: int, held: bool = True) -> float:
    """Events a second, from letting the worker go to the last effect."""
    before = hop.done()
    batch = events(number)
    if held:
        hop.process.send_signal(signal.SIGSTOP)
    hop.send(batch)
    start = time.monotonic()
    hop.process.send_signal(signal.SIGCONT)
    while (passed := hop.done() - before) < number:
        if time.monotonic() - start > LIMIT_SECONDS or hop.process.poll() is not None:
            raise click.ClickException(f"only {passed} of {number} events came through")
        time.sleep(0.01)
    return number / (time.monotonic() - start)


@click.command()
@click.option("--events", "number", default=2000, show_default=True, help="Events in each round.")
@click.option("--rounds", default=5, show_default=True, help="Rounds of each, in turn.")
@click.option("--pool", default="threads", show_default=True, help="Celery's pool.")
@click.option("--threads", default=8, show_default=True, help="Celery's concurrency.")
@click.option(
    "--at-least", default=6.0, show_default=True, help="Exit with 1 when the medians' ratio is smaller."
)
def main(number: int, rounds: int, pool: str, threads: int, at_least: float) -> None:
    """Measure the hop against Celery, interleaved."""
    folder = Path(tempfile.mkdtemp(prefix="nilai-bench-"))
    keys_cli.init(folder, False, datetime(2020, 1, 1, tzinfo=UTC))
    rates: dict[str, list[float]] = {"nilai": [], "celery": []}
    with with_servers(TEST_HOME) as servers, ExitStack() as stack:
        hops: dict[str, Hop] = {
            "nilai": Ours(servers, folder, stack),
            "celery": Theirs(servers, folder, stack, pool, threads),
        }
        for name, hop in hops.items():
            measured(hop, WARM, held=False)
            click.echo(f"{name} is warm")
        for turn in range(rounds):
            for name, hop in hops.items():
                rates[name].append(measured(hop, number))
                click.echo(f"round {turn + 1}  {name:7} {rates[name][-1]:8.0f} events/s")
    for name, found in rates.items():
        click.echo(
            f"{name:7} median {statistics.median(found):8.0f}  from {min(found):.0f} to {max(found):.0f}"
        )
    ratio = statistics.median(rates["nilai"]) / statistics.median(rates["celery"])
    click.echo(
        f"nilai (contracts, audit, metrics on) passes {ratio:.1f} times as many as Celery ({pool}, {threads})"
    )
    sys.exit(0 if ratio >= at_least else 1)


if __name__ == "__main__":
    main()
