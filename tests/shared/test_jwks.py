"""The identity provider's keys, from an identity provider that does odd things."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.local.issuerkey import public_jwk
from shared.errors import TryLater
from shared.jwks import KeySet

JWK = public_jwk(ec.generate_private_key(ec.SECP256R1()))


class Provider:
    """Answers each path with what stands in `answers`, and counts."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked = 0
        self.open = threading.Event()
        self.open.set()
        self.url = ""

    def answer(self, path: str) -> bytes:
        self.asked += 1
        self.open.wait(10)
        return json.dumps(self.answers.get(path)).encode()


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = found.answer(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield found
        found.open.set()
        server.shutdown()
        thread.join()


def test_a_named_address_of_keys_needs_no_discovery(provider: Provider) -> None:
    provider.answers["/keys"] = {"keys": [JWK]}
    assert KeySet("https://issuer.test", f"{provider.url}/keys").find(JWK["kid"]) is not None


def test_keys_of_unknown_kinds_are_passed_over(provider: Provider) -> None:
    odd = [
        {"kty": "oct", "k": "AAAA", "kid": "secret"},
        {"kty": "new", "kid": "n"},
        "junk",
        JWK | {"kid": None},
    ]
    encrypting = JWK | {"kid": "enc", "use": "enc"}
    provider.answers["/keys"] = {"keys": [*odd, encrypting, JWK]}
    keys = KeySet("https://issuer.test", f"{provider.url}/keys")
    found = [kid for kid in ("secret", "n", "enc", JWK["kid"]) if keys.find(kid)]
    assert found == [JWK["kid"]]


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"/keys": []},
        {"/keys": {"keys": []}},
        {"/keys": {"keys": [{"kty": "oct", "k": "AAAA", "kid": "secret"}]}},
    ],
)
def test_without_one_usable_key_nobody_is_refused_for_it(provider: Provider, answers: dict[str, Any]) -> None:
    provider.answers = answers
    with pytest.raises(TryLater, match="identity provider"):
        KeySet("https://issuer.test", f"{provider.url}/keys").find("any")


@pytest.mark.parametrize("uri", ["file:///etc/passwd", None, 7])
def test_discovery_leads_only_to_http_addresses(provider: Provider, uri: object) -> None:
    provider.answers["/.well-known/openid-configuration"] = {"issuer": provider.url, "jwks_uri": uri}
    with pytest.raises(TryLater):
        KeySet(provider.url).find("any")


def test_many_requests_at_once_ask_for_the_keys_once(provider: Provider) -> None:
    provider.answers["/keys"] = {"keys": [JWK]}
    keys = KeySet("https://issuer.test", f"{provider.url}/keys")
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(keys.find, [JWK["kid"]] * 8))
    assert provider.asked == 1


def test_a_slow_provider_holds_up_nobody_whose_key_is_known(provider: Provider) -> None:
    provider.answers["/keys"] = {"keys": [JWK]}
    keys = KeySet("https://issuer.test", f"{provider.url}/keys", pause=0)
    assert keys.find(JWK["kid"]) is not None
    provider.open.clear()
    keys.fresh = 0
    refreshing = _in_thread(lambda: keys.find("unknown"))
    _until(lambda: provider.asked == 2)
    assert keys.find(JWK["kid"]) is not None
    assert refreshing.is_alive()
    provider.open.set()
    refreshing.join()


def _in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def _until(holds: Callable[[], bool]) -> None:
    turn = threading.Event()
    for _ in range(500):
        if holds():
            return
        turn.wait(0.01)
    raise AssertionError("it never came true")
