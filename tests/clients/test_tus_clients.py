"""The tus clients of browsers, run under Node.js with their own defaults, against a running server."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests

from deploy.local.npm import NODE
from services.intake.domain import EvidenceRules
from shared.core.settings import Settings
from shared.service import Service
from tests.clients.stalling import stalling
from tests.intake.evidence_app import EVIDENCE, MIB, TYPES, open_round
from tests.intake.files import PNG, digest, pdf
from tests.intake.server import Server, running
from tests.intake.tus import ROOT, TUS
from tests.support.stage import Stage

SCRIPT = Path(__file__).parent / "upload.mjs"
FILE = pdf() + Random(2026).randbytes(3 * MIB)
PDF = "application/pdf"


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(EVIDENCE)
    on.run(open_round, EvidenceRules(20 * MIB, 200 * MIB, TYPES))
    on.person("ani", "clerk", "kota-a")
    return on


@pytest.fixture(scope="module")
def server(settings_of: Callable[[str], Settings]) -> Iterator[Server]:
    with running(settings_of("intake")) as server_running:
        yield server_running


@dataclass
class Browser:
    """Somebody who sends files with a client that others wrote."""

    stage: Stage
    token: str
    server: Server
    folder: Path
    files: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, data: bytes, **meta: str | None) -> None:
        """Choose a file, which stands here under its hash."""
        path = self.folder / digest(data)
        path.write_bytes(data)
        self.files.append({"name": name, "type": PDF, "path": str(path), "meta": meta})

    def send(self, client: str, url: str = "", **more: bool) -> list[dict[str, str]]:
        """Send what was chosen; gives each file's name with `url` or `error`, by its name."""
        order = {"endpoint": f"{url or self.server.url}{ROOT}/uploads/2026.kota-a", "token": self.token}
        ran = subprocess.run(
            [NODE, SCRIPT, client],
            input=json.dumps(order | {"files": self.files} | more),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        self.stage.run_jobs()
        sent: list[dict[str, str]] = json.loads(ran.stdout)
        return sorted(sent, key=lambda file: file["name"])

    def get(self, path: str) -> requests.Response:
        """Ask for something."""
        return requests.get(
            self.server.url + ROOT + path, headers={"Authorization": f"Bearer {self.token}"}, timeout=30
        )

    def names(self) -> dict[str, str]:
        """The kept files' names by their hash."""
        return {file["sha256"]: file["name"] for file in self.get("/evidence/2026.kota-a").json()["items"]}

    def kept(self, data: bytes) -> bool:
        """Whether a file can be had as it was sent."""
        return self.get(f"/evidence/2026.kota-a/{digest(data)}").content == data


@pytest.fixture
def browser(intake: Stage, server: Server, mint: Callable[[str], str], tmp_path: Path) -> Browser:
    return Browser(intake, mint("ani"), server, tmp_path)


@pytest.mark.parametrize("override", [False, True])
def test_tus_js_client_sends_a_file(browser: Browser, override: bool) -> None:
    browser.add("Laporan akhir.pdf", FILE)
    (sent,) = browser.send("tus-js-client", override=override)
    assert "error" not in sent
    assert browser.names() == {digest(FILE): "Laporan akhir.pdf"}
    assert browser.kept(FILE)


def test_uppy_sends_files_with_what_it_tells_of_them(browser: Browser) -> None:
    browser.add("a.pdf", FILE, relativePath=None, caption="Rapat, dua hari")
    browser.add("b.png", PNG, relativePath="map/b.png")
    assert [file["name"] for file in browser.send("uppy") if "error" not in file] == ["a.pdf", "b.png"]
    assert browser.names() == {digest(FILE): "a.pdf", digest(PNG): "b.png"}
    assert browser.kept(FILE)


def test_a_finished_upload_that_its_client_ends_stays_evidence(browser: Browser) -> None:
    browser.add("a.pdf", FILE)
    (sent,) = browser.send("tus-js-client", remove=True)
    headers = {**TUS, "Authorization": f"Bearer {browser.token}"}
    assert requests.delete(sent["url"], headers=headers, timeout=30).status_code == 410
    assert requests.head(sent["url"], headers=headers, timeout=30).status_code == 410
    assert browser.kept(FILE)


@pytest.mark.parametrize("client", ["tus-js-client", "uppy"])
@pytest.mark.parametrize("data", [b"x", b"\0"])
def test_the_smallest_files_say_why_they_are_refused(browser: Browser, client: str, data: bytes) -> None:
    browser.add("a.pdf", data)
    (sent,) = browser.send(client)
    assert "'a.pdf' was refused: by its content it is" in sent["error"]


@pytest.mark.parametrize("client", ["tus-js-client", "uppy"])
def test_a_client_goes_on_after_its_connection_was_lost_and_nobody_told_the_server(
    browser: Browser, server: Server, client: str
) -> None:
    browser.add("a.pdf", FILE)
    with stalling(server.port, after=2 * MIB) as network:
        (sent,) = browser.send(client, network.url)
        assert network.lost.is_set()
    assert "error" not in sent
    assert browser.kept(FILE)
