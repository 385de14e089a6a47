"""The gateway as it runs: who it says is asking, what it refuses by itself, where it keeps what it needs."""

import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from deploy.local import nginx, process
from deploy.local.config import Ports, listens
from tests.support.gateway import Gateway, gateway
from tests.support.toyservice import toy_service


@pytest.fixture(scope="module")
def service() -> Iterator[int]:
    """The port of something that plays a service."""
    with toy_service() as port:
        yield port


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose path is unusual."""
    home = tmp_path_factory.mktemp("some $where & else")
    (home / "keys").mkdir()
    (home / "keys/keys.json").write_text("{}")
    return home


@pytest.fixture(scope="module")
def running(home: Path, service: int) -> Iterator[Gateway]:
    """A gateway in front of intake only, which believes one address of the loopback range."""
    with gateway(home, {"intake": service}, NILAI_TRUSTED_PROXIES="127.0.0.9 10.0.0.0/8") as found:
        yield found


def ask(running: Gateway, source: str, forwarded: str | None, path: str = "/intake/x") -> str:
    """What the service heard of a request from this address."""
    with running.connect(source) as client:
        header = f"X-Forwarded-For: {forwarded}\r\n" if forwarded else ""
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{header}\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    return answer.partition(b"\r\n\r\n")[2].decode()


@pytest.mark.parametrize(
    ("source", "forwarded", "heard"),
    [
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7", "127.0.0.1"),
        ("127.0.0.9", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.9", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.9", "203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("127.0.0.9", "nonsense", "127.0.0.9"),
        ("127.0.0.9", "2001:db8::7", "2001:db8::7"),
    ],
)
def test_only_a_trusted_proxy_is_believed_about_who_asks(
    running: Gateway, source: str, forwarded: str | None, heard: str
) -> None:
    assert ask(running, source, forwarded) == f"{heard} /intake/x"


def test_what_pages_load_comes_from_intake(running: Gateway) -> None:
    assert ask(running, "127.0.0.1", None, "/assets/nilai.0123.css") == "127.0.0.1 /assets/nilai.0123.css"


@pytest.mark.parametrize(
    "setting", ["", "127.0.0.9 proxy.example", "127.0.0.9; include /etc/passwd", "machine"]
)
def test_a_proxy_that_is_no_address_is_refused_at_the_start(home: Path, setting: str) -> None:
    environment = nginx.environment(home, Ports.free()) | {"NILAI_TRUSTED_PROXIES": setting}
    command = [*nginx.START, "-t"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)
    good = setting in ("", "machine")
    assert (done.returncode == 0) == good, done.stderr
    assert ("NILAI_TRUSTED_PROXIES" in done.stderr) != good


def problem(answer: requests.Response) -> tuple[Any, ...]:
    """Status and code of a problem."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def test_a_service_that_is_away_and_an_address_that_is_nowhere_are_problems(running: Gateway) -> None:
    away = requests.get(f"{running.url}/review/api/v1/cases", timeout=10)
    assert problem(away) == (503, "service-away")
    assert away.headers["Retry-After"] == "5"
    assert "Tus-Resumable" not in away.headers
    for path in (
        "/nowhere",
        "/intake/metrics",
        "/intakes/",
        "/keys/intake-1.pem",
        "/../keys/keys.json",
        "/guides/a/b",
    ):
        assert problem(requests.get(running.url + path, timeout=10)) == (404, "not-found")


def test_the_public_keys_are_given_to_anybody(running: Gateway) -> None:
    assert requests.get(f"{running.url}/keys.json", timeout=10).json() == {}


def test_whoever_opens_the_one_address_is_led_on(running: Gateway) -> None:
    answer = requests.get(f"{running.url}/", timeout=10, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/intake/")


@pytest.mark.parametrize("path", ["", "/", "/agency"])
def test_whoever_looks_for_the_guides_is_led_to_them(running: Gateway, path: str) -> None:
    answer = requests.get(f"{running.url}/guides{path}", timeout=10, allow_redirects=False)
    there = f"/intake/guides/{path.strip('/')}"
    assert (answer.status_code, answer.headers["Location"]) == (302, there)


def test_a_gateway_that_lost_its_parent_is_known_by_its_home_and_ended(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    ports = Ports.free()
    for one, port in ((home, ports.gateway), (other, ports.intake)):
        listen = {"GATEWAY_LISTEN": f"127.0.0.1:{port}"}
        process.spawn(one, nginx.ROLE, nginx.START, nginx.environment(one, ports) | listen)
        process.wait(partial(listens, port), 30, one, nginx.ROLE)
    assert set(process.find(home).values()) == {nginx.ROLE}
    process.end(home)
    assert process.find(home) == {}
    assert listens(ports.intake)
    process.kill(other)
    assert process.find(other) == {}


@pytest.mark.parametrize("size", [100, 3_000_000])
def test_a_chunk_of_any_size_hears_that_its_service_is_away(home: Path, size: int) -> None:
    with gateway(home, {}) as alone:
        for _ in range(20):
            url, proof = f"{alone.url}/intake/api/v1/uploads/a/b", {"Authorization": "Bearer x"}
            answer = requests.patch(url, b"x" * size, headers=proof, timeout=30)
            assert problem(answer) == (503, "service-away")
            assert answer.headers["Tus-Resumable"] == "1.0.0"


@pytest.mark.parametrize(
    ("headers", "lang", "words"),
    [
        ({}, "id", "Halaman tidak ditemukan"),
        ({"Accept-Language": "en-GB,en;q=0.9"}, "en", "Page not found"),
        ({"Accept-Language": "en", "Cookie": "lang=id"}, "id", "Halaman tidak ditemukan"),
        ({"Cookie": "lang=en"}, "en", "Page not found"),
    ],
)
def test_a_person_reads_an_error_of_the_gateway_as_a_page(
    running: Gateway, headers: dict[str, str], lang: str, words: str
) -> None:
    wishes = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "X-Request-Id": "incident-9"}
    answer = requests.get(f"{running.url}/nowhere", headers=wishes | headers, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert (f'<html lang="{lang}">' in answer.text, f"<h1>{words}</h1>" in answer.text) == (True, True)
    assert "<code>incident-9</code>" in answer.text
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"]
    style = requests.get(f"{running.url}/gateway.css", timeout=10)
    assert (style.status_code, style.headers["Content-Type"]) == (200, "text/css")


def test_a_person_whose_service_is_away_reads_when_to_try_again(running: Gateway) -> None:
    answer = requests.get(f"{running.url}/review/x", headers={"Accept": "text/html"}, timeout=10)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Silakan coba beberapa saat lagi" in answer.text


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/problem+json, text/html"])
def test_a_program_gets_a_problem(running: Gateway, accept: str) -> None:
    answer = requests.get(f"{running.url}/nowhere", headers={"Accept": accept}, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
