"""Uploads over real HTTP: by the client that others use, through broken connections and killed processes."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BytesIO
from random import Random

import pytest
import requests
from tusclient.client import TusClient

from services.intake.blobs.chunks import CHUNK
from services.intake.domain import EvidenceRules
from shared.core.settings import Settings
from shared.service import Service
from tests.intake.evidence_app import EVIDENCE, MIB, TYPES, open_round
from tests.intake.files import digest, pdf
from tests.intake.server import Person, Server, Slow, running
from tests.intake.tus import ROOT, Tus, checksum
from tests.support.stage import Stage
from tests.waiting import until

FILE = pdf() + Random(2026).randbytes(6 * MIB + 12345)
PIECE = 64 * 1024
SlowPatch = Callable[..., Slow]
URL = f"{ROOT}/uploads/2026.kota-a"


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(EVIDENCE)
    on.run(open_round, EvidenceRules(200 * MIB, 900 * MIB, TYPES))
    on.person("ani", "clerk", "kota-a")
    return on


@pytest.fixture(scope="module")
def server(settings_of: Callable[[str], Settings]) -> Iterator[Server]:
    with running(settings_of("intake")) as server_running:
        yield server_running


@pytest.fixture(scope="module")
def other(settings_of: Callable[[str], Settings]) -> Iterator[Server]:
    with running(settings_of("intake")) as server_running:
        yield server_running


@pytest.fixture
def doomed(intake: Stage) -> Iterator[Server]:
    with running(intake.settings) as server_running:
        yield server_running


@pytest.fixture
def ani(mint: Callable[[str], str]) -> Person:
    return Person(mint("ani"))


@pytest.fixture
def place(intake: Stage) -> str:
    return Tus(intake.as_("ani")).place("Laporan.pdf", len(FILE))


@pytest.fixture
def slow(ani: Person) -> Iterator[Callable[..., Slow]]:
    with ExitStack() as opened:

        def begin(server: Server, place: str, offset: int = 0, checked: bool = False) -> Slow:
            more = {"Upload-Checksum": checksum(FILE[offset:])} if checked else {}
            patch = Slow(server, ani.token, place, offset, len(FILE) - offset, more)
            opened.callback(patch.break_off)
            return patch

        yield begin


def kept(intake: Stage, ani: Person, server: Server) -> bytes:
    """The file's bytes, once what has arrived was inspected."""
    intake.run_jobs()
    url = f"{server.url}{ROOT}/evidence/2026.kota-a/{digest(FILE)}"
    answer = requests.get(url, headers=ani.headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.content


def client(ani: Person, server: Server) -> TusClient:
    return TusClient(server.url + URL, headers=ani.headers)


def go_on(ani: Person, server: Server, place: str) -> None:
    """Send the rest as soon as the upload is free."""
    answers: list[int] = []

    def sent() -> bool:
        offset = ani.offset(server, place)
        answers.append(ani.patch(server, place, offset, FILE[offset:]).status_code)
        return answers[-1] == 204

    until(sent)
    assert set(answers) <= {423, 409, 204}


@pytest.mark.parametrize("checked", [True, False])
def test_the_client_tuspy_sends_a_file(intake: Stage, ani: Person, server: Server, checked: bool) -> None:
    uploader = client(ani, server).uploader(
        file_stream=BytesIO(FILE),
        chunk_size=MIB + 77,
        metadata={"filename": "Laporan akhir.pdf", "sha256": digest(FILE)},
        upload_checksum=checked,
    )
    uploader.upload()
    assert uploader.offset == len(FILE)
    assert kept(intake, ani, server) == FILE


def test_the_client_tuspy_goes_on_at_another_process(
    intake: Stage, ani: Person, server: Server, other: Server
) -> None:
    first = client(ani, server).uploader(file_stream=BytesIO(FILE), metadata={"filename": "a.pdf"})
    first.upload(stop_at=3 * MIB + 5)
    url = str(first.url).replace(server.url, other.url)
    second = client(ani, other).uploader(file_stream=BytesIO(FILE), url=url)
    assert second.offset == 3 * MIB + 5
    second.upload()
    assert kept(intake, ani, other) == FILE


def test_what_came_before_a_connection_broke_is_kept(
    intake: Stage, ani: Person, server: Server, place: str, slow: SlowPatch
) -> None:
    patch = slow(server, place)
    patch.send(FILE[: 3 * MIB + 7])
    patch.break_off()
    until(lambda: ani.offset(server, place) == 3 * MIB + 7)
    go_on(ani, server, place)
    assert kept(intake, ani, server) == FILE


def test_what_came_of_a_checked_part_before_a_connection_broke_is_not_kept(
    intake: Stage, ani: Person, server: Server, place: str, slow: SlowPatch
) -> None:
    patch = slow(server, place, checked=True)
    patch.send(FILE[: 3 * MIB])
    until(lambda: intake.db["chunks"].count_documents({}) >= 5)
    patch.break_off()
    go_on(ani, server, place)
    assert intake.audited("participation:2026.kota-a")[-1] == "upload.arrived"
    assert kept(intake, ani, server) == FILE


def test_a_part_of_no_known_length_is_taken_to_its_end(
    intake: Stage, ani: Person, server: Server, place: str
) -> None:
    pieces = (FILE[start : start + MIB] for start in range(0, 3 * MIB, MIB))
    headers = {**ani.headers, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    answer = requests.patch(server.url + place, headers=headers, data=pieces, timeout=30)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(3 * MIB))


def test_a_part_of_no_known_length_that_is_too_long_is_refused(
    ani: Person, server: Server, intake: Stage
) -> None:
    place = Tus(intake.as_("ani")).place("a.pdf", 100)
    headers = {**ani.headers, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    answer = requests.patch(server.url + place, headers=headers, data=iter([b"x" * 101]), timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-many-bytes")
    assert ani.offset(server, place) == 0


def test_one_request_at_a_time_sends_bytes(
    intake: Stage, ani: Person, server: Server, other: Server, place: str, slow: SlowPatch
) -> None:
    patch, sent = slow(server, place), iter(range(CHUNK, len(FILE), PIECE))
    patch.send(FILE[:CHUNK])
    until(lambda: intake.db["chunks"].count_documents({}) == 1)

    def refused_while_bytes_come() -> bool:
        start = next(sent)
        patch.send(FILE[start : start + PIECE])
        answer = ani.patch(other, place, 0, FILE[:10])
        assert answer.status_code in {423, 409}
        return bool(answer.json()["code"] == "locked")

    until(refused_while_bytes_come)
    patch.send(FILE[next(sent) :])
    assert patch.status() == 204
    assert kept(intake, ani, other) == FILE


@pytest.mark.parametrize("checked", [True, False])
def test_a_newer_request_takes_over_from_one_that_stands_still(
    intake: Stage, ani: Person, server: Server, other: Server, place: str, slow: SlowPatch, checked: bool
) -> None:
    """A client of the usual defaults gives up after nine seconds."""
    stalled = slow(server, place, checked=checked)
    stalled.send(FILE[: 3 * MIB])
    until(lambda: intake.db["chunks"].count_documents({}) >= 5)
    fell_silent = time.monotonic()
    go_on(ani, other, place)
    assert time.monotonic() - fell_silent < 5
    assert stalled.status() == 409
    assert kept(intake, ani, other) == FILE


def test_what_came_of_a_request_that_stands_still_counts_and_it_may_go_on(
    intake: Stage, ani: Person, server: Server, place: str, slow: SlowPatch
) -> None:
    patch = slow(server, place)
    for cut in (MIB, 2 * MIB, 3 * MIB):
        patch.send(FILE[cut - MIB : cut])
        until(lambda cut=cut: ani.offset(server, place) == cut)  # type: ignore[misc]
    patch.send(FILE[3 * MIB :])
    assert patch.status() == 204
    assert kept(intake, ani, server) == FILE


def test_a_client_goes_on_within_five_seconds_after_a_process_was_killed(
    intake: Stage, ani: Person, doomed: Server, other: Server, place: str, slow: SlowPatch
) -> None:
    patch = slow(doomed, place)
    patch.send(FILE[:MIB])
    until(lambda: ani.offset(other, place) == MIB)
    patch.send(FILE[MIB : 2 * MIB])
    until(lambda: ani.offset(other, place) == 2 * MIB)
    patch.send(FILE[2 * MIB : 2 * MIB + PIECE])
    doomed.kill()
    killed = time.monotonic()
    go_on(ani, other, place)
    assert time.monotonic() - killed < 5
    assert kept(intake, ani, other) == FILE


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(
    intake: Stage, ani: Person, doomed: Server, other: Server, place: str, slow: SlowPatch
) -> None:
    patch = slow(doomed, place)
    sent = iter(range(0, len(FILE) // 2, PIECE))

    def acknowledged() -> int:
        start = next(sent)
        patch.send(FILE[start : start + PIECE])
        return ani.offset(other, place)

    until(acknowledged)
    doomed.kill()
    offset = ani.offset(other, place)
    assert 0 < offset < len(FILE)
    assert offset % CHUNK == 0
    go_on(ani, other, place)
    assert kept(intake, ani, other) == FILE


def test_a_checked_part_counts_for_nothing_when_the_process_is_killed(
    intake: Stage, ani: Person, doomed: Server, other: Server, place: str, slow: SlowPatch
) -> None:
    assert ani.patch(other, place, 0, FILE[:1000]).status_code == 204
    patch = slow(doomed, place, 1000, checked=True)
    patch.send(FILE[1000 : 4 * MIB])
    until(lambda: intake.db["chunks"].count_documents({}) >= 7)
    doomed.kill()
    assert ani.offset(other, place) == 1000
    go_on(ani, other, place)
    assert kept(intake, ani, other) == FILE
