"""The worker as it runs: a process between the real broker, the real database and a real receiver."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local.servers import Servers
from services.notify.jobs import AT_ONCE
from shared.core.settings import Settings, environment
from tests.notify.builders import Notify, agency
from tests.notify.receiver import Receiver, hangs, says
from tests.support.publishing import outgoing, publish
from tests.waiting import until

ROOT = Path(__file__).parents[2]
SOON = 10.0
"""Seconds in which a subscriber hears again after the worker of its deliveries was killed."""


def _environment(settings: Settings) -> dict[str, str]:
    return environment() | {
        "NILAI_MODE": "test",
        "MONGO_URI": settings.mongo_uri,
        "MONGO_DATABASE": settings.mongo_database,
        "AMQP_URI": settings.amqp_uri,
        "NILAI_PREFIX": settings.prefix,
        "NILAI_KEYS": str(settings.keys),
        "OIDC_ISSUER": settings.oidc_issuer,
        "ALLOW_PRIVATE_TARGETS": "yes",
    }


@contextmanager
def running(settings: Settings, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker at work inside, told to stop at the end."""
    command = [sys.executable, "-m", "services.notify", "worker"]
    with (
        log.open("ab") as file,
        subprocess.Popen(command, env=_environment(settings), cwd=ROOT, stdout=file, stderr=file) as worker,
    ):
        try:
            yield worker
        finally:
            worker.terminate()


def test_an_event_comes_from_the_broker_to_its_receivers_and_notify_consumes_what_it_publishes_itself(
    notify: Notify, receiver: Receiver, queues: str, servers: Servers, tmp_path: Path
) -> None:
    receiver.scripts["/gone"] = [says(410)]
    gone = notify.subscribe(url=receiver.url("/gone"), types=["agency.set.v1"])
    watch = notify.subscribe(url=receiver.url("/watch"))
    event = notify.stage.envelope("agency:bkpm", agency("bkpm"), correlation="journey-7-of-notify")
    settings = notify.stage.settings
    publish(servers, queues, [outgoing(event)])
    log = tmp_path / "worker.log"
    with running(settings, log) as worker:
        until(lambda: len(receiver.at("/watch")) == 2)
    assert worker.returncode == 0, log.read_text()
    for got in receiver.at("/watch"):
        got.verify(watch["secret"])
    seen = {got.sequence: got.payload for got in receiver.at("/watch")}
    assert seen[1]["type"] == "agency.set.v1"
    assert seen[2]["type"] == "subscription.disabled.v1"
    assert seen[2]["data"]["subscription"] == gone["id"]
    lines = [line for line in log.read_text().splitlines() if '"webhook"' in line]
    assert len(lines) == 3
    assert all("journey-7-of-notify" in line for line in lines)


@pytest.mark.parametrize("host", [None, "another-host"], ids=["next on its host", "next elsewhere"])
def test_a_subscriber_hears_soon_again_after_the_worker_was_killed_with_both_deliveries_under_way(
    notify: Notify, receiver: Receiver, queues: str, tmp_path: Path, host: str | None
) -> None:
    receiver.scripts["/hook"] = [hangs, hangs]
    notify.subscribe(url=receiver.url("/hook"))
    for name in ("bkpm", "bps", "bssn"):
        notify.stage.consume(f"agency:{name}", agency(name))
    settings, log = notify.stage.settings, tmp_path / "worker.log"
    with running(settings, log) as doomed:
        until(lambda: len(receiver.at("/hook")) == AT_ONCE)
        doomed.kill()
    killed = time.monotonic()
    if host:
        for rows in (notify.stage.db["jobs"], notify.stage.db["slots"]):
            rows.update_many({"token": {"$ne": None}}, {"$set": {"runner": f"{host}:1:1"}})
    with running(settings, log):
        until(lambda: len(receiver.at("/hook")) == AT_ONCE + 3)
        assert time.monotonic() - killed < SOON
    assert {got.sequence for got in receiver.at("/hook")} == {1, 2, 3}
