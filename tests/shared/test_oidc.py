"""The client against providers that say something else than they should."""

import hashlib
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import flask
import jwt
import pytest
from werkzeug.serving import make_server

from deploy.local.issuer import Quiet
from deploy.local.issuerkey import load_key, public_jwk
from shared.auth.oidc import Provider, Secrets, SignInRefused
from shared.core.errors import TryLater
from shared.core.settings import load

SECRETS = Secrets("state", "nonce", "v" * 43)
BACK = "http://nilai.test/intake/signed-in"


@dataclass
class Odd:
    """A provider that answers as it is told to."""

    url: str
    folder: Path
    discovery: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, Any] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    asked: dict[str, str] = field(default_factory=dict)
    authorization: str | None = None

    def provider(self, **more: str) -> Provider:
        """A client of it."""
        environ = {"MONGO_URI": "mongodb://127.0.0.1:1/", "NILAI_KEYS": "/nowhere", "OIDC_ISSUER": self.url}
        return Provider(load("intake", environ | {"NILAI_MODE": "test", "OIDC_CLIENT_ID": "nilai"} | more))

    def app(self) -> flask.Flask:
        """What it answers."""
        app = flask.Flask(__name__, static_folder=None)
        key = load_key(self.folder)

        @app.get("/.well-known/openid-configuration")
        def discovery() -> Any:
            names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
            places = {name: f"{self.url}/{name}" for name in names}
            return {"issuer": self.url, **places, **self.discovery}

        @app.get("/jwks_uri")
        def jwks() -> Any:
            return {"keys": [public_jwk(key)]}

        @app.post("/token_endpoint")
        def token() -> Any:
            self.asked, self.authorization = (
                dict(flask.request.form),
                flask.request.headers.get("Authorization"),
            )
            now = int(time.time())
            right = {"iss": self.url, "aud": "nilai", "sub": "budi", "iat": now, "exp": now + 60}
            said = {**right, "nonce": "nonce", "name": "Budi", **self.claims}
            kept = {name: value for name, value in said.items() if value is not None}
            head = {"kid": public_jwk(key)["kid"], **self.headers}
            id_token = jwt.encode(kept, key, "ES256", headers=head)
            return {
                "access_token": "access",
                "token_type": "Bearer",
                "id_token": id_token,
                **self.tokens,
            }, self.status

        @app.get("/userinfo_endpoint")
        def userinfo() -> Any:
            return self.info

        return app


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[Odd]:
    server = make_server("127.0.0.1", 0, lambda *_: iter(()), threaded=True, request_handler=Quiet)
    found = Odd(f"http://127.0.0.1:{server.server_port}", tmp_path)
    server.app = found.app()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def finish(odd: Odd, **more: str) -> Any:
    return odd.provider(**more).finish(BACK, {"code": "code", "state": "state"}, SECRETS)


def test_what_is_right_is_taken_and_the_proof_is_sent(odd: Odd) -> None:
    half = hashlib.sha256(b"access").digest()[:16]
    odd.claims = {"at_hash": urlsafe_b64encode(half).rstrip(b"=").decode()}
    found = finish(odd)
    assert (found.issuer, found.subject, found.name) == (odd.url, "budi", "Budi")
    assert odd.asked["code_verifier"] == SECRETS.verifier
    assert (odd.asked["redirect_uri"], odd.asked["client_id"]) == (BACK, "nilai")
    begun = dict(parse_qsl(urlsplit(odd.provider().begin(BACK, SECRETS)).query))
    assert begun["code_challenge_method"] == "S256"
    assert SECRETS.verifier not in str(begun)
    finish(odd, OIDC_CLIENT_SECRET="s")
    assert odd.authorization == "Basic bmlsYWk6cw=="


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": "https://evil.example"}, "sign-in-invalid"),
        ({"aud": "another"}, "sign-in-invalid"),
        ({"aud": ["nilai", "another"]}, "sign-in-invalid"),
        ({"azp": "another"}, "sign-in-invalid"),
        ({"nonce": "other"}, "sign-in-invalid"),
        ({"nonce": None}, "sign-in-invalid"),
        ({"at_hash": "AAAA"}, "sign-in-invalid"),
        ({"exp": None}, "sign-in-invalid"),
        ({"exp": int(time.time()) - 3600}, "sign-in-clock"),
        ({"iat": int(time.time()) + 3600, "exp": int(time.time()) + 7200}, "sign-in-clock"),
        ({"sub": None}, "sign-in-invalid"),
        ({"sub": "x" * 301}, "sign-in-refused"),
    ],
)
def test_an_id_token_of_something_else_signs_nobody_in(odd: Odd, claims: dict[str, Any], code: str) -> None:
    odd.claims = claims
    with pytest.raises(SignInRefused) as refused:
        finish(odd)
    assert refused.value.cause_code == code


@pytest.mark.parametrize("id_token", ["", "x", "a.b.c", jwt.encode({"sub": "budi"}, "k" * 32, "HS256")])
def test_what_nobody_signed_is_no_id_token(odd: Odd, id_token: str) -> None:
    odd.tokens = {"id_token": id_token}
    with pytest.raises(SignInRefused):
        finish(odd)


def test_a_name_may_stand_in_userinfo_of_the_same_person_only(odd: Odd) -> None:
    odd.claims, odd.info = {"name": None}, {"sub": "budi", "name": " Budi\n\u202eContoh "}
    assert finish(odd).name == "Budi Contoh"
    odd.info = {"sub": "siti", "name": "Siti"}
    assert finish(odd).name == ""


def test_a_provider_that_is_away_or_odd_is_said(odd: Odd) -> None:
    odd.status, odd.tokens = 503, {"error": "temporarily_unavailable"}
    with pytest.raises(TryLater):
        finish(odd)
    odd.discovery = {"authorization_endpoint": "javascript:alert(1)"}
    with pytest.raises(TryLater):
        odd.provider().begin(BACK, SECRETS)
    odd.discovery = {"issuer": "https://evil.example"}
    with pytest.raises(TryLater):
        odd.provider().begin(BACK, SECRETS)
    assert odd.provider().farewell(BACK) is None


def test_the_services_may_reach_the_provider_at_another_address(odd: Odd) -> None:
    odd.discovery = {"issuer": "http://outside.test", "token_endpoint": "http://outside.test/token_endpoint"}
    odd.claims = {"iss": "http://outside.test"}
    inside = {"OIDC_ISSUER": "http://outside.test", "OIDC_INTERNAL_URL": odd.url}
    assert finish(odd, **inside, OIDC_JWKS_URL=f"{odd.url}/jwks_uri").subject == "budi"
