"""The worker as it runs: a process between the real broker, the real database and a real receiver."""

import subprocess
import sys
from pathlib import Path

from shared.core.settings import Settings, environment
from shared.events import encode
from shared.messaging.broker import OutgoingEvent, Publisher
from tests.notify.builders import Notify, agency
from tests.notify.receiver import Receiver, says
from tests.waiting import until

ROOT = Path(__file__).parents[2]


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


def test_an_event_comes_from_the_broker_to_its_receivers_and_notify_hears_what_it_tells_itself(
    notify: Notify, receiver: Receiver, queues: str, tmp_path: Path
) -> None:
    receiver.scripts["/gone"] = [says(410)]
    gone = notify.subscribe(url=receiver.url("/gone"), types=["agency.set.v1"])
    watch = notify.subscribe(url=receiver.url("/watch"))
    event = notify.stage.envelope("agency:bkpm", agency("bkpm"), correlation="journey-7-of-notify")
    settings = notify.stage.settings
    publisher = Publisher(settings.amqp_uri, queues)
    publisher.publish([OutgoingEvent(event.id, "agency.set.v1", encode(event))])
    publisher.close()
    log = tmp_path / "worker.log"
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-m", "services.notify", "worker"],
            env=_environment(settings),
            cwd=ROOT,
            stdout=file,
            stderr=file,
        ) as worker,
    ):
        try:
            until(lambda: len(receiver.at("/watch")) == 2)
        finally:
            worker.terminate()
    assert worker.returncode == 0, log.read_text()
    for got in receiver.at("/watch"):
        got.verify(watch["secret"])
    told = {got.sequence: got.payload for got in receiver.at("/watch")}
    assert told[1]["type"] == "agency.set.v1"
    assert told[2]["type"] == "subscription.disabled.v1"
    assert told[2]["data"]["subscription"] == gone["id"]
    lines = [line for line in log.read_text().splitlines() if '"webhook"' in line]
    assert len(lines) == 3
    assert all("journey-7-of-notify" in line for line in lines)
