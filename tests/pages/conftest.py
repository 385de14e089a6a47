"""Pages in a real browser, behind the real gateway."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from deploy.local.config import HOME, Ports
from services.intake.app import service
from shared.core.settings import Settings
from shared.service import Service
from tests.intake.rounds import Round, people
from tests.pages.agency import Office
from tests.pages.browser import Browser
from tests.serving import serving
from tests.support.gateway import Gateway, gateway
from tests.support.proxy import Proxy
from tests.support.stage import Stage

SHOTS = HOME / "screenshots"


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The distribution's Chromium without a window, one for all tests; every page gets a profile of its own."""
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(
            executable_path="/usr/bin/chromium-headless-shell",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield Browser(program, SHOTS)
        program.close()


@pytest.fixture(scope="package")
def front(
    settings_of: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """The gateway in front of intake alone, which is ready; the other services are away."""
    home = tmp_path_factory.mktemp("front")
    (home / "keys").mkdir()
    ports = Ports.free()
    with (
        serving("services.intake.app:create_app()", settings_of("intake")) as intake,
        gateway(home, {"intake": intake.port, "review": ports.review}) as running,
    ):
        yield running


@pytest.fixture(scope="package")
def door_front(
    settings_of: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """The gateway before intake, which knows the address at which people reach it."""
    port = Ports.free().gateway
    with before_intake(settings_of("intake"), tmp_path_factory.mktemp("agency"), port, port) as running:
        yield running


@pytest.fixture(scope="package")
def slow_front(
    settings_of: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Gateway, Proxy]]:
    """Such a gateway that people reach over a line which may be slow, or cut."""
    port = Ports.free().gateway
    line = Proxy(port)
    with before_intake(settings_of("intake"), tmp_path_factory.mktemp("slow"), port, line.port) as running:
        yield replace(running, port=line.port), line
    line.close()


@contextmanager
def before_intake(settings: Settings, home: Path, port: int, public: int) -> Iterator[Gateway]:
    """The gateway on one port before intake, which people reach by another, perhaps the same."""
    (home / "keys").mkdir()
    where = {"NILAI_URL": f"http://127.0.0.1:{public}", "OIDC_CLIENT_ID": "nilai"}
    with (
        serving("services.intake.app:create_app()", settings, **where) as intake,
        gateway(home, {"intake": intake.port, "gateway": port}) as running,
    ):
        yield running


@pytest.fixture
def office(chromium: Browser, stage: Callable[[Service], Stage], door_front: Gateway) -> Office:
    """A round in which the agency may answer; nothing is answered yet."""
    on = stage(service)
    people(on)
    round = Round(on)
    round.open()
    return Office(chromium, door_front, round)
