"""Bodies that do not come as announced, against a real gunicorn: nothing is done by half, or too early."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPResponse
from typing import Any

import pytest

from services.intake.app import service
from shared.core.settings import Settings
from shared.service import Service
from tests.serving import Server, serving
from tests.shared.body_app import SILENCE, TOTAL
from tests.support.stage import Stage

ROOT = "/intake/api/v1"
AGENCY = json.dumps({"name": "Kota A", "group": "Kota", "since": "2001-01-01T00:00:00Z"}).encode()
LINES = [f"kota-{n},Kota {n},Kota,2001-01-01T00:00:00Z,\n" for n in range(640)]
JSON = "application/json"
Told = tuple[int, str]


class Wire:
    """A request whose body is sent as the test says."""

    def __init__(self, server: Server, token: str, start: str, kind: str, length: int | None) -> None:
        framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
        head = f"{start} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\nContent-Type: {kind}"
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        self.send(f"{head}\r\n{framing}\r\n\r\n".encode())

    def send(self, data: bytes) -> None:
        """Send some bytes."""
        self.socket.sendall(data)

    def end(self) -> None:
        """Say that nothing more comes, and still listen."""
        self.socket.shutdown(socket.SHUT_WR)

    def hears_nothing(self, seconds: float) -> bool:
        """Listen for so long; whether no answer came."""
        self.socket.settimeout(seconds)
        try:
            self.socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(30)
        return False

    def answer(self) -> tuple[int, Any]:
        """Status and content of the answer."""
        with self.socket, HTTPResponse(self.socket) as found:
            found.begin()
            return found.status, json.loads(found.read())

    def published(self) -> Told:
        """Status and code of a refusal."""
        status, content = self.answer()
        return status, content["code"]


@pytest.fixture(scope="module")
def server(settings_of: Callable[[str], Settings]) -> Iterator[Server]:
    with serving("tests.shared.body_app:create_app()", settings_of("intake")) as one:
        yield one


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(service)
    on.person("chief", "ministry")
    return on


Send = Callable[..., Wire]


@pytest.fixture
def begin(server: Server, intake: Stage, mint: Callable[[str], str]) -> Send:
    """Begins a request of the ministry; without a length its body is chunked."""

    def send(start: str = f"PUT {ROOT}/agencies/kota-a", kind: str = JSON, length: int | None = None) -> Wire:
        return Wire(server, mint("chief"), start, kind, length)

    return send


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def agencies(on: Stage) -> int:
    return on.db["agencies"].count_documents({})


def test_a_table_that_is_cut_at_the_end_of_a_line_sets_nothing(begin: Send, intake: Stage) -> None:
    table = "".join(["id,name,group,since,until\n", *LINES]).encode()
    wire = begin(f"POST {ROOT}/agencies/import", "text/csv", len(table))
    wire.send(table[: table.index(b"kota-320,")])
    wire.end()
    assert wire.published() == (400, "broken-off")
    assert agencies(intake) == 0


@pytest.mark.parametrize("chunked", [False, True])
def test_content_that_ends_before_it_was_to_is_not_carried_out(
    begin: Send, intake: Stage, chunked: bool
) -> None:
    wire = begin(length=None if chunked else 500)
    wire.send(chunk(AGENCY) if chunked else AGENCY)
    wire.end()
    assert wire.published() == (400, "broken-off")
    assert agencies(intake) == 0


@pytest.mark.parametrize("chunked", [False, True])
def test_what_comes_whole_is_carried_out(begin: Send, intake: Stage, chunked: bool) -> None:
    wire = begin(length=None if chunked else len(AGENCY))
    wire.send(chunk(AGENCY[:10]) + chunk(AGENCY[10:]) + chunk(b"") if chunked else AGENCY)
    assert wire.answer()[0] == 201
    assert agencies(intake) == 1


@pytest.mark.parametrize("over", [False, True])
def test_chunks_over_the_limit_are_refused_and_never_cut(begin: Send, intake: Stage, over: bool) -> None:
    limit = intake.settings.body_limit
    wire = begin()
    wire.send(chunk(AGENCY + b" " * (limit - len(AGENCY) + over)) + chunk(b""))
    assert wire.answer()[0] == (413 if over else 201)
    assert agencies(intake) == (0 if over else 1)


@pytest.mark.parametrize("bad", [b"zz\r\n", b"5\r\nabcdefgh\r\n", b"\r\n"])
def test_chunks_that_cannot_be_read_are_the_senders_fault(begin: Send, bad: bytes) -> None:
    wire = begin()
    wire.send(bad)
    assert wire.published() == (400, "bad-chunks")


def test_who_holds_the_body_back_is_judged_by_its_last_byte(begin: Send, intake: Stage) -> None:
    late, early = begin(length=len(AGENCY)), begin(f"PUT {ROOT}/agencies/kota-b", length=len(AGENCY))
    late.send(AGENCY[:-1])
    early.send(AGENCY[:-1])
    assert late.hears_nothing(0.5)
    moment = datetime.now(UTC) - timedelta(milliseconds=1)
    early.send(AGENCY[-1:])
    assert early.answer()[0] == 201
    (entry,) = intake.db["audit"].find({"subject": "agency:kota-b"})
    assert entry["at"] >= moment
    intake.db["people"].delete_many({})
    late.send(AGENCY[-1:])
    assert late.published() == (403, "role-needed")
    assert agencies(intake) == 1


def test_a_small_body_on_a_slow_line_is_waited_for(begin: Send) -> None:
    wire = begin(length=len(AGENCY))
    for piece in (AGENCY[:20], AGENCY[20:40], AGENCY[40:]):
        assert wire.hears_nothing(SILENCE / 3)
        wire.send(piece)
    assert wire.answer()[0] == 201


def test_who_is_silent_holds_no_thread_for_long(begin: Send, server: Server) -> None:
    began = time.monotonic()
    wires = [begin(length=500) for _ in range(16)]
    assert [wire.published() for wire in wires] == [(408, "too-slow")] * 16
    assert time.monotonic() - began < 2 * SILENCE + 2
    assert server.lives()


@pytest.mark.parametrize("chunked", [False, True])
def test_who_sends_a_byte_now_and_then_holds_no_thread_for_long(begin: Send, chunked: bool) -> None:
    wire = begin(length=None if chunked else 500)
    began = time.monotonic()
    while wire.hears_nothing(SILENCE / 3):
        wire.send(b"1\r\n{\r\n" if chunked else b"{")
    assert TOTAL - 1 < time.monotonic() - began < TOTAL + 2
    assert wire.published() == (408, "too-slow")
