"""A file's bytes pass through in bounded memory, however large it is."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
import requests

from services.intake.domain import EvidenceRules
from shared.service import Service
from tests.intake.evidence_app import EVIDENCE, MIB, TYPES, open_round
from tests.intake.files import pdf
from tests.intake.server import Person, Server, running
from tests.intake.tus import BYTES, ROOT, Tus
from tests.support.stage import Stage

UP, DOWN = 2, 1
"""At a time: an agency's share of the files that come in, a person's of those that go out."""
FILES = 3
SIZE = 24 * MIB
ALLOWED = 8 * MIB


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(EVIDENCE)
    on.run(open_round, EvidenceRules(200 * MIB, 900 * MIB, TYPES))
    on.person("ani", "clerk", "kota-a")
    return on


@pytest.fixture
def server(intake: Stage) -> Iterator[Server]:
    with running(intake.settings) as server_running:
        yield server_running


@pytest.fixture
def ani(mint: Callable[[str], str]) -> Person:
    return Person(mint("ani"))


def status(worker: int, name: str) -> int:
    """A number of kB in what the system says of a process, in bytes."""
    lines = Path(f"/proc/{worker}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) * 1024


def growth(worker: int, work: Callable[[], None]) -> int:
    """By how many bytes a process grows at most while something is done."""
    Path(f"/proc/{worker}/clear_refs").write_text("5")
    before = status(worker, "VmRSS")
    work()
    return status(worker, "VmHWM") - before


def up(intake: Stage, ani: Person, server: Server, number: int, size: int) -> str:
    """Send one file in one PATCH; gives its SHA-256."""
    data = pdf(f"berkas {number}", size)
    place = Tus(intake.as_("ani")).place(f"{number}.pdf", len(data))
    headers = {**BYTES, **ani.headers, "Upload-Offset": "0"}
    answer = requests.patch(server.url + place, headers=headers, data=data, timeout=120)
    assert answer.status_code == 204, answer.text
    intake.run_jobs()
    return sha256(data).hexdigest()


def down(ani: Person, server: Server, expected: str) -> None:
    """Fetch one file whole, in small pieces."""
    url = f"{server.url}{ROOT}/evidence/2026.kota-a/{expected}"
    digest = sha256()
    with requests.get(url, headers=ani.headers, stream=True, timeout=120) as answer:
        for piece in answer.iter_content(64 * 1024):
            digest.update(piece)
    assert digest.hexdigest() == expected


def test_files_pass_in_at_most_eight_megabytes_each(intake: Stage, server: Server, ani: Person) -> None:
    down(ani, server, up(intake, ani, server, 99, MIB))
    kept: list[str] = []

    def send() -> None:
        with ThreadPoolExecutor(UP) as pool:
            kept.extend(pool.map(lambda number: up(intake, ani, server, number, SIZE), range(FILES)))

    def fetch() -> None:
        with ThreadPoolExecutor(DOWN) as pool:
            list(pool.map(lambda expected: down(ani, server, expected), kept))

    grown = {"up": growth(server.worker, send), "down": growth(server.worker, fetch)}
    assert grown["up"] <= UP * ALLOWED, grown
    assert grown["down"] <= DOWN * ALLOWED, grown
