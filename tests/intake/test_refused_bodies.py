"""A refusal of a body that is still coming reaches whoever sends it, through the gateway and without it."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from services.intake.app import service
from shared.core.settings import Settings
from shared.service import Service
from tests.intake.server import Server, running
from tests.intake.tus import ROOT
from tests.support.gateway import Gateway, gateway
from tests.support.stage import Stage

TRIES = 300
BODY = os.urandom(3 * 2**20)
URL = f"{ROOT}/uploads/2026.kota-a/none"
TUS = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    """The database with what its servers may do in it."""
    return stage(service)


@pytest.fixture(scope="module")
def server(settings_of: Callable[[str], Settings]) -> Iterator[Server]:
    with running(settings_of("intake")) as found:
        yield found


@pytest.fixture(scope="module")
def front(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("gateway"), {"intake": server.port}) as found:
        yield found


def statuses(url: str, headers: dict[str, str]) -> set[int | str]:
    """What 300 senders of large bodies hear, eight at a time."""

    def hear(_: int) -> int | str:
        try:
            return requests.patch(url, BODY, headers=TUS | headers, timeout=60).status_code
        except requests.ConnectionError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        return set(pool.map(hear, range(TRIES)))


@pytest.mark.parametrize(("token", "status"), [(None, 401), ("bogus", 401), ("stranger", 403)])
def test_a_refusal_reaches_whoever_still_sends(
    intake: Stage, server: Server, front: Gateway, mint: Callable[[str], str], token: str | None, status: int
) -> None:
    given = mint(token) if token == "stranger" else token
    headers = {"Authorization": f"Bearer {given}"} if given else {}
    found = statuses(front.url + URL, headers)
    # Of one person the gateway takes eight large bodies at a time.
    assert status in found
    assert found <= ({status, 429} if token == "stranger" else {status})
    assert statuses(server.url + URL, headers) == {status}
