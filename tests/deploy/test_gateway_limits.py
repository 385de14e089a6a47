"""What strangers who hold connections, bodies and answers back can do to others: nothing that anybody notices."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from statistics import median

import pytest
import requests

from deploy.local import process
from tests.support.gateway import Gateway, gateway
from tests.support.toyservice import BIG, CHALLENGE, toy_service
from tests.waiting import until

SOON = 1.0
MANY = 150
ADDRESSES = tuple(f"127.0.0.{last}" for last in range(2, 10))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway in front of a service with eight threads."""
    with toy_service() as port, gateway(tmp_path_factory.mktemp("gateway"), {"intake": port}) as found:
        yield found


Open = Callable[..., socket.socket]


@pytest.fixture
def held(running: Gateway) -> Iterator[Open]:
    """Opens connections that stay open until the test ends."""
    with ExitStack() as stack:

        def opened(source: str, sent: bytes, buffer: int = 65536) -> socket.socket:
            client = stack.enter_context(running.connect(source, buffer))
            with suppress(ConnectionError):
                client.sendall(sent)
            return client

        yield opened


def request(method: str, path: str, *headers: str) -> bytes:
    """The head of a request."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: h", *headers, "", ""]).encode()


def write(running: Gateway, size: int = 200) -> float:
    """The seconds that an honest write takes."""
    began = time.monotonic()
    good = {"Authorization": "Bearer good"}
    answer = requests.put(f"{running.url}/intake/import", b"x" * size, headers=good, timeout=30)
    assert (answer.status_code, answer.text) == (200, str(size))
    return time.monotonic() - began


def read_all(client: socket.socket) -> int:
    """Read until nothing comes any more; gives the number of bytes."""
    return sum(len(part) for part in iter(lambda: client.recv(65536), b""))


def held_bytes(running: Gateway) -> int:
    """How much of bodies lies in files, which nginx unlinks as soon as it has made them."""
    files = (
        file for pid in process.find(running.folder.parent) for file in Path(f"/proc/{pid}/fd").iterdir()
    )
    return sum(size_of_body(file) for file in files)


def size_of_body(file: Path) -> int:
    """The bytes of an open file when it holds a body and is still open."""
    try:
        return file.stat().st_size if "/gateway/body/" in str(file.readlink()) else 0
    except FileNotFoundError:
        return 0


@pytest.mark.parametrize("token", [None, "bogus"])
@pytest.mark.parametrize(
    "framing", ["Content-Length: 1900000", "Content-Length: 9000", "Transfer-Encoding: chunked"]
)
@pytest.mark.parametrize("sources", [("127.0.0.1",), ADDRESSES])
def test_unfinished_bodies_of_strangers_keep_no_honest_write_waiting(
    running: Gateway, held: Open, sources: tuple[str, ...], framing: str, token: str | None
) -> None:
    known = [f"Authorization: Bearer {token}"] if token else []
    head = request("PUT", "/intake/import", framing, *known)
    part = (
        b"8000\r\n" + b"x" * 32768 if "chunked" in framing else b"x" * 8000 * (1 + 3 * ("1900000" in framing))
    )
    for source in sources:
        for _ in range(MANY):
            held(source, head + part)
    assert median(write(running, size) for size in (200, 9000, 200_000) * 3) < SOON
    assert held_bytes(running) == 0


@pytest.mark.parametrize("size", [10_000, 1_500_000])
def test_a_large_body_of_a_stranger_is_refused_in_the_services_words_and_not_read(
    running: Gateway, size: int
) -> None:
    for headers, code, detail, challenge in (
        (
            {},
            "unauthenticated",
            "Send an access token: Authorization: Bearer <token>.",
            'Bearer realm="nilai"',
        ),
        ({"Authorization": "Bearer bogus"}, "token-expired", "It is over.", CHALLENGE),
    ):
        answer = requests.put(f"{running.url}/intake/import", b"x" * size, headers=headers, timeout=30)
        assert answer.status_code == 401
        told = answer.json()
        assert (told["code"], told["detail"], told["type"]) == (code, detail, f"urn:nilai:problem:{code}")
        assert answer.headers["WWW-Authenticate"] == challenge


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("id", ("Anda belum masuk", "kembali ke halaman sebelumnya")),
        ("en", ("You have not signed in", "go back to")),
    ],
)
def test_who_sends_a_large_form_without_a_session_reads_how_to_send_it_again(
    running: Gateway, lang: str, words: tuple[str, str]
) -> None:
    headers = {"Accept": "text/html", "Accept-Language": lang}
    answer = requests.post(f"{running.url}/intake/import", b"x" * 20_000, headers=headers, timeout=30)
    assert answer.status_code == 401
    assert all(word in answer.text for word in words)


@pytest.mark.parametrize(
    ("cookie", "status"),
    [("nilai=good", 200), ("lang=id; nilai=good", 200), ("nilai=bogus", 401), ("lang=id; xnilai=good", 401)],
)
def test_a_large_body_in_a_session_is_taken(running: Gateway, cookie: str, status: int) -> None:
    headers = {"Cookie": cookie}
    answer = requests.put(f"{running.url}/intake/import", b"x" * 20_000, headers=headers, timeout=30)
    assert answer.status_code == status


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "in-chunks"])
@pytest.mark.parametrize(
    ("path", "megabytes", "status"),
    [
        ("intake/api/v1/self-assessments/2026.a/seal", 7, 200),
        ("intake/api/v1/self-assessments/2026.a/seal", 9, 413),
        ("intake/import", 7, 413),
    ],
)
def test_a_seal_may_be_larger_than_any_other_body(
    running: Gateway, path: str, megabytes: int, status: int, whole: bool
) -> None:
    body = b"x" * (megabytes << 20)
    sent = body if whole else (body[at : at + 65536] for at in range(0, len(body), 65536))
    good = {"Authorization": "Bearer good"}
    answer = requests.post(f"{running.url}/{path}", sent, headers=good, timeout=60)
    assert answer.status_code == status


def test_who_holds_too_many_large_bodies_back_is_told_so_and_nobody_else(
    running: Gateway, held: Open
) -> None:
    head = request("PUT", "/intake/import", "Content-Length: 1000000", "Authorization: Bearer good")
    for _ in range(12):
        held("127.0.0.1", head)
    good = {"Authorization": "Bearer good"}

    def another() -> requests.Response:
        return requests.put(f"{running.url}/intake/import", b"x" * 20_000, headers=good, timeout=30)

    until(lambda: another().status_code != 200)
    answer = another()
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-requests")
    assert answer.headers["Retry-After"] == "2"
    assert write(running) < SOON
    assert b"is more than 255 bytes" not in running.log.read_bytes()


def test_many_slow_readers_keep_no_honest_request_waiting(running: Gateway, held: Open) -> None:
    for _ in range(200):
        held("127.0.0.1", request("GET", f"/intake/big?size={BIG}"), 4096)
    until(lambda: write(running) < SOON)  # the service is asked for 400 MB at once
    assert median(write(running) for _ in range(10)) < SOON


def test_who_takes_nothing_of_an_answer_for_half_a_minute_is_cut(running: Gateway, held: Open) -> None:
    client = held("127.0.0.1", request("GET", f"/intake/taken-slowly/big?size={BIG}"), 4096)
    client.settimeout(None)
    until(lambda: b'"path":"/intake/taken-slowly' in running.log.read_bytes())
    with pytest.raises(ConnectionResetError):
        read_all(client)


@pytest.mark.parametrize(
    "shown",
    [(), ("Authorization: Bearer bogus",), ("Cookie: nilai=bogus",)],
    ids=["nothing", "token", "session"],
)
@pytest.mark.parametrize(
    "framing", ["Content-Length: 100000", "Content-Length: 9", "Transfer-Encoding: chunked"]
)
def test_strangers_hold_no_seat_of_uploads(
    running: Gateway, held: Open, shown: tuple[str, ...], framing: str
) -> None:
    head = request("PATCH", "/intake/api/v1/uploads/a/b", framing, *shown)
    for _ in range(80):
        held("127.0.0.2", head)
    assert send_part(running, "good").status_code == 200


def send_part(running: Gateway, who: str) -> requests.Response:
    """What somebody gets who sends a part of a file."""
    url, known = f"{running.url}/intake/api/v1/uploads/a/b", {"Authorization": f"Bearer {who}"}
    return requests.patch(url, b"x", headers=known, timeout=30)


def test_who_holds_many_parts_of_files_back_leaves_seats_to_others(tmp_path: Path) -> None:
    head = request(
        "PATCH", "/intake/api/v1/uploads/a/import", "Content-Length: 9", "Authorization: Bearer good"
    )
    with (
        toy_service(threads=16) as port,
        gateway(tmp_path, {"intake": port}) as running,
        ExitStack() as stack,
    ):
        for _ in range(12):
            stack.enter_context(running.connect("127.0.0.2", 65536)).sendall(head)
        until(lambda: send_part(running, "good").status_code == 429)
        assert send_part(running, "other").status_code == 200
