"""What a receiver answers, byte by byte: interim answers are passed over, incomplete ones count for nothing."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from services.notify.domain import WebhookResponse
from services.notify.webhooks.sending import post
from tests.notify.builders import QUICK, TRYING

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
DONE = b"HTTP/1.1 204 No Content\r\n\r\n"
Answer = Callable[[bytes], WebhookResponse]


def pieces(data: bytes) -> Iterator[bytes]:
    """A long answer now and then, so that one that is cut off is cut between two."""
    yield from (data[start : start + 4096] for start in range(0, len(data), 4096))


@contextmanager
def answering(parts: Iterator[bytes]) -> Iterator[str]:
    """A receiver that reads a request, says these bytes and ends the connection; gives its address."""

    def serve() -> None:
        line, _ = listening.accept()
        with line, suppress(OSError):
            line.settimeout(20)
            line.recv(65536)
            for part in parts:
                line.sendall(part)
            line.shutdown(socket.SHUT_WR)
            while line.recv(65536):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/hook"
        thread.join(30)


@pytest.fixture
def answer() -> Iterator[Answer]:
    with ExitStack() as after:

        def said(data: bytes) -> WebhookResponse:
            url = after.enter_context(answering(pieces(data)))
            return post(url, b"{}", {}, rules=TRYING, limits=QUICK)

        yield said


@pytest.mark.parametrize(
    "interim",
    [
        CONTINUE,
        HINTS,
        b"HTTP/1.1 102 Processing\r\n\r\n",
        CONTINUE + HINTS,
        HINTS * 10,
        b"HTTP/1.1 199 X\r\n\r\n",
    ],
)
@pytest.mark.parametrize(
    ("final", "status", "error"),
    [(DONE, 204, None), (b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", 500, "answered 500")],
)
def test_interim_answers_are_passed_over(
    answer: Answer, interim: bytes, final: bytes, status: int, error: str | None
) -> None:
    said = answer(interim + final)
    assert (said.status, said.error) == (status, error)


@pytest.mark.parametrize("interim", [CONTINUE, HINTS])
def test_interim_answers_without_end_are_no_answer(interim: bytes) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield interim

    began = time.monotonic()
    with answering(endless()) as url:
        said = post(url, b"{}", {}, rules=TRYING)
    assert (said.status, said.error) == (None, "50 interim answers came, and no final one")
    assert time.monotonic() - began < 5


WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize("cut", [0, 5, 9, 15, 17, 30, 43, 62, 63])
def test_an_answer_that_is_cut_inside_its_header_acknowledges_nothing(answer: Answer, cut: int) -> None:
    assert WHOLE.index(b"\r\n\r\n") == 60
    said = answer(WHOLE[:cut])
    assert said.status is None
    assert said.error == "the connection ended before the answer was complete"


@pytest.mark.parametrize("interim", [CONTINUE, HINTS])
@pytest.mark.parametrize("cut", [0, 3, 20])
def test_an_interim_answer_alone_acknowledges_nothing(answer: Answer, interim: bytes, cut: int) -> None:
    said = answer(interim + DONE[:cut])
    assert (said.status, said.error) == (None, "the connection ended before the answer was complete")


@pytest.mark.parametrize("body", [b"", b"o", b"ok"])
def test_the_status_counts_once_its_header_is_whole(answer: Answer, body: bytes) -> None:
    said = answer(WHOLE.removesuffix(b"ok") + body)
    assert (said.status, said.error, said.excerpt) == (200, None, body.decode())


@pytest.mark.parametrize(
    "nonsense",
    [
        b"hello there\r\n\r\n",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 2OO OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000,
        b"\x15\x03\x01\x00\x02\x02\x46",
    ],
)
def test_what_is_not_http_is_said_to_be_none(answer: Answer, nonsense: bytes) -> None:
    said = answer(nonsense)
    assert said.status is None
    assert said.error is not None
    assert said.error.startswith("this is not HTTP: ") or "before the answer was complete" in said.error


def test_a_body_in_chunks_and_one_without_end_are_begun_to_be_read(answer: Answer) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    assert answer(chunked).excerpt == "ok"
    assert answer(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 9000).excerpt == "x" * 500
