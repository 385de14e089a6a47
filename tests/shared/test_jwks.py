"""The identity provider's keys, from an identity provider that does odd things."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.local.issuerkey import public_jwk
from shared.auth.jwks import WAIT_SECONDS, KeySet
from shared.core.errors import TryLater
from tests.support.provider import Provider, provider_running
from tests.waiting import until

JWK = public_jwk(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture
def provider() -> Iterator[Provider]:
    with provider_running() as found:
        yield found


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


@pytest.mark.parametrize(
    "odd",
    [
        JWK | {"kid": ["x"]},
        JWK | {"kid": {}},
        JWK | {"kid": "a", "alg": ["ES256"]},
        JWK | {"kid": "a", "use": ["sig"]},
        JWK | {"kid": "a", "x": 7},
        JWK | {"kid": "a", "crv": {}},
        JWK | {"kid": "a", "kty": ["EC"]},
        None,
        [[]],
    ],
)
def test_an_odd_key_beside_a_good_one_is_passed_over(provider: Provider, odd: object) -> None:
    provider.answers["/keys"] = {"keys": [odd, JWK]}
    keys = KeySet("https://issuer.test", f"{provider.url}/keys")
    assert [kid for kid in ("a", "x", JWK["kid"]) if keys.find(kid)] == [JWK["kid"]]


@pytest.mark.parametrize("odd", [{"keys": None}, {"keys": 7}, {"keys": {"a": 1}}, {"keys": "abc"}, {}, []])
def test_a_document_that_is_no_key_set_leaves_the_known_keys_in_use(provider: Provider, odd: object) -> None:
    provider.answers["/keys"] = {"keys": [JWK]}
    keys = KeySet("https://issuer.test", f"{provider.url}/keys", pause_seconds=0)
    assert keys.find(JWK["kid"]) is not None
    provider.answers["/keys"] = odd
    assert keys.find("other") is None
    assert provider.asked == 2
    assert keys.find(JWK["kid"]) is not None


def test_many_requests_at_once_ask_for_the_keys_once(provider: Provider) -> None:
    provider.answers["/keys"] = {"keys": [JWK]}
    keys = KeySet("https://issuer.test", f"{provider.url}/keys")
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(keys.find, [JWK["kid"]] * 8))
    assert provider.asked == 1


def test_a_slow_provider_holds_up_nobody_whose_key_is_known(provider: Provider) -> None:
    provider.answers["/keys"] = {"keys": [JWK]}
    keys = KeySet("https://issuer.test", f"{provider.url}/keys", fresh_seconds=0, pause_seconds=0)
    assert keys.find(JWK["kid"]) is not None
    provider.open.clear()
    with took(under=0.5):
        assert [keys.find(JWK["kid"]) for _ in range(20)] == [keys.find(JWK["kid"])] * 20
    until(lambda: provider.asked == 2)


def test_all_who_wait_for_a_slow_provider_wait_together_for_a_second(provider: Provider) -> None:
    provider.answers["/keys"] = {"keys": [JWK]}
    keys = KeySet("https://issuer.test", f"{provider.url}/keys")
    provider.open.clear()
    with took(WAIT_SECONDS, WAIT_SECONDS + 1), ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: refusal(keys), range(16)))
    assert found == ["issuer-away"] * 16
    assert provider.asked == 1
    with took(under=0.5):  # the fetch is older than anybody waits for
        assert refusal(keys) == "issuer-away"
    provider.open.set()
    until(lambda: refusal(keys) is None)


def test_whoever_has_an_unknown_key_waits_no_longer(provider: Provider) -> None:
    provider.answers["/keys"] = {"keys": [JWK]}
    keys = KeySet("https://issuer.test", f"{provider.url}/keys", pause_seconds=0)
    assert keys.find(JWK["kid"]) is not None
    provider.open.clear()
    with took(WAIT_SECONDS, WAIT_SECONDS + 1), ThreadPoolExecutor(4) as pool:
        assert list(pool.map(keys.find, ["unknown"] * 16)) == [None] * 16
    assert provider.asked == 2


def test_the_pause_begins_when_the_fetch_has_ended(provider: Provider) -> None:
    provider.answers["/keys"] = {"keys": [JWK]}
    keys = KeySet("https://issuer.test", f"{provider.url}/keys", pause_seconds=WAIT_SECONDS)
    assert keys.find(JWK["kid"]) is not None
    provider.open.clear()
    until(lambda: keys.find("unknown") is None and provider.asked == 2)
    provider.open.set()
    until(lambda: keys._fetch is None)
    assert keys.find("unknown") is None
    assert provider.asked == 2


@pytest.mark.parametrize("piece", [b"HTTP/1.1 200 OK\r\nX-Drip: ", b"HTTP/1.0 200 OK\r\n\r\n{"])
def test_a_provider_that_drips_is_left(piece: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        keys = KeySet("https://issuer.test", f"http://127.0.0.1:{server.getsockname()[1]}", limit_seconds=0.5)
        with took(WAIT_SECONDS / 4, WAIT_SECONDS + 1):
            waiting = _in_thread(lambda: refusal(keys))
            line, _ = server.accept()
            with line:
                line.sendall(piece)
                until(lambda: _gone(line))
            waiting.join()
        until(lambda: keys._fetch is None)


def _in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def _gone(line: socket.socket) -> bool:
    """Whether the other side has left; it gets a byte more if not."""
    try:
        line.sendall(b" ")
    except OSError:
        return True
    return False


def refusal(keys: KeySet) -> str | None:
    """The code of what is said to a token with some kid."""
    try:
        keys.find("any")
    except TryLater as error:
        return error.cause_code
    return None


@contextmanager
def took(over: float = 0, under: float = 60) -> Iterator[None]:
    """What is done inside takes so many seconds."""
    began = time.monotonic()
    yield
    assert over <= time.monotonic() - began < under


def test_a_thread_that_could_not_be_had_is_asked_for_again(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    provider.answers["/keys"] = {"keys": [JWK]}
    keys = KeySet("https://issuer.test", f"{provider.url}/keys")
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(TryLater):
            keys.find(JWK["kid"])
    assert keys.find(JWK["kid"]) is not None
