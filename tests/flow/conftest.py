"""The whole system with its real processes, and one small round played through it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from uuid import uuid4

import pytest

from deploy.demo import play
from deploy.demo.ledger import Ledger
from deploy.demo.plan import Plan, load
from deploy.demo.play import DemoRun
from deploy.demo.receipts import Verifier
from deploy.demo.receiver import receiving
from deploy.demo.tally import Tally
from deploy.demo.world import Addresses, World
from deploy.local import processes
from deploy.local.config import TEST_HOME, Ports
from deploy.local.programs import GATEWAY, ISSUER, address
from shared.core.names import SERVICES
from tests.support.measuring import unmeasured

EDITION = "pemdi-8-2026"


@dataclass(frozen=True)
class Played:
    """A round that is over: what took part, what the receiver stored, what differed, where the logs are."""

    run: DemoRun
    ledger: Ledger
    findings: list[str]
    logs: Path


@pytest.fixture(scope="package")
def system() -> Iterator[tuple[Path, Addresses]]:
    """The home of a system of its own, all processes running, and its addresses."""
    home = TEST_HOME / f"flow-{uuid4().hex[:6]}"
    ports = Ports.free()
    try:
        with unmeasured():
            processes.up(home, ports)
        places = dict.fromkeys(SERVICES, address(ports, GATEWAY))
        yield home, Addresses(**places, issuer=address(ports, ISSUER))
    finally:
        processes.down(home)
        rmtree(home, ignore_errors=True)


def small(plan: Plan) -> Plan:
    """The part under the smallest edition, and a neighbour with the same levels who seals before its bytes came."""
    (first,) = (part for part in plan.parts if part.edition == EDITION)
    other = replace(
        first, agency="kab-tetangga", name="Tetangga", seals_before_bytes=True, receiver_sleeps=False
    )
    return replace(
        plan,
        parts=(first, other),
        years={EDITION: 2026},
        assessors=({"id": "a-1", "name": "A"}, {"id": "a-2", "name": "B", "employer": "kab-tetangga"}),
    )


@pytest.fixture(scope="package")
def played(system: tuple[Path, Addresses], tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A small round, played to its end."""
    home, addresses = system
    folder = tmp_path_factory.mktemp("round")
    world, file = World(addresses), folder / "received.jsonl"
    with receiving(file, ("127.0.0.1", 0), None) as receiver:
        officers = world.as_("ministry"), world.as_("ministry-2")
        run = DemoRun(world, small(load()), *officers, receiver, file, Tally())
        with play.subscribed(run):
            play.play(run)
            ledger, findings = play.verify(run, Verifier(folder, home / "keys/keys.json"))
    return Played(run, ledger, findings, home / "log")
