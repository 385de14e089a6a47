"""Who is asking and who may, with tokens of a real issuer process."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask.views import MethodView
from werkzeug.test import TestResponse

from deploy.local.issuerkey import load_key, public_jwk
from deploy.local.tokens import fetch
from shared.auth import guard, jwks
from shared.auth.guard import ANYONE, PUBLIC, Guard, audience
from shared.core.errors import TryLater
from shared.core.people import Caller, Grant
from shared.core.settings import load
from shared.web import problems, requests
from tests.support.issuer import issuer_running
from tests.support.routes import Route, routes, undeclared

KNOWN = {"ministry": Grant("ministry"), "officer-a": Grant("officer", "a")}
Get = Callable[..., TestResponse]
Mint = Callable[..., str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("issuer")


@pytest.fixture(scope="module")
def issuer(folder: Path) -> Iterator[str]:
    with issuer_running(folder) as url:
        yield url


def _find(issuer: str, subject: str) -> Caller:
    grants = (KNOWN[subject],) if subject in KNOWN else ()
    return Caller(issuer, subject, f"person:{subject}" if grants else None, grants)


def _views(app: flask.Flask) -> None:
    @app.get("/open")
    @audience(PUBLIC)
    def open_() -> str:
        return guard.caller().subject

    @app.get("/any")
    @audience(ANYONE)
    def any_() -> str:
        return guard.caller().id

    @app.route("/ministry", methods=["GET", "POST"])
    @audience("ministry", "machine")
    def ministry() -> str:
        return guard.caller().id


def make_app(issuer: str) -> flask.Flask:
    environ = {"MONGO_URI": "mongodb://127.0.0.1:1/", "NILAI_KEYS": "/nowhere", "OIDC_ISSUER": issuer}
    app = flask.Flask(__name__, static_folder=None)
    requests.init_app(app, secure=False)
    problems.register(app)
    _views(app)
    Guard(load("intake", environ), _find, lambda *_: 0, lambda _: False).protect(app)
    return app


@pytest.fixture(scope="module")
def app(issuer: str) -> flask.Flask:
    return make_app(issuer)


@pytest.fixture
def get(app: flask.Flask) -> Get:
    def send(path: str, token: str | None = None, method: str = "GET") -> TestResponse:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return app.test_client().open(path, method=method, headers=headers)

    return send


@pytest.fixture
def mint(issuer: str, folder: Path) -> Mint:
    """Tokens signed with the issuer's own key, wrong in one thing each."""
    key = load_key(folder)
    kid = public_jwk(key)["kid"]

    def sign(drop: str = "", headers: dict[str, Any] | None = None, **claims: Any) -> str:
        right = {"iss": issuer, "aud": "nilai", "sub": "ministry", "exp": time.time() + 60}
        said = {name: value for name, value in (right | claims).items() if name != drop}
        return jwt.encode(said, key, "ES256", headers={"kid": kid, "typ": "at+jwt"} | (headers or {}))

    return sign


def _code(answer: TestResponse) -> Any:
    assert answer.json is not None
    assert answer.content_type == "application/problem+json"
    return answer.json["code"]


def test_a_public_view_needs_no_token(get: Get) -> None:
    assert get("/open").text == "nobody"


def test_a_public_view_does_not_mind_a_bad_token(get: Get) -> None:
    assert get("/open", "junk").status_code == 200


def test_the_caller_is_who_the_token_says(get: Get, issuer: str) -> None:
    assert get("/any", fetch("stranger", issuer)).text == f"{issuer}|stranger"
    assert get("/ministry", fetch("ministry", issuer)).text == "person:ministry"


def test_without_a_token_the_answer_says_what_to_send(get: Get) -> None:
    answer = get("/any")
    assert (answer.status_code, _code(answer)) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="nilai"'
    assert "Bearer <token>" in answer.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("name", ["officer-a", "stranger"])
def test_who_lacks_the_role_is_refused(get: Get, issuer: str, method: str, name: str) -> None:
    answer = get("/ministry", fetch(name, issuer), method)
    assert answer.status_code == 403
    assert "insufficient_scope" in answer.headers["WWW-Authenticate"]
    if method != "HEAD":
        assert _code(answer) == "role-needed"
        assert "machine, ministry" in answer.text


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic bWU6bWU=", "token"])
def test_another_kind_of_authorization_is_refused(app: flask.Flask, header: str) -> None:
    answer = app.test_client().get("/any", headers={"Authorization": header})
    assert (answer.status_code, _code(answer)) == (401, "token-invalid")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"exp": time.time() - 60}, "token-expired"),
        ({"nbf": time.time() + 80_000}, "token-not-yet-valid"),
        ({"iss": "http://elsewhere.test"}, "token-wrong-issuer"),
        ({"aud": "other"}, "token-wrong-audience"),
        ({"drop": "exp"}, "token-incomplete"),
        ({"drop": "sub"}, "token-incomplete"),
        ({"drop": "aud"}, "token-incomplete"),
        ({"sub": 7}, "token-invalid"),
        ({"exp": "soon"}, "token-invalid"),
        ({"headers": {"kid": "other"}}, "token-unknown-key"),
    ],
)
def test_a_token_that_is_wrong_in_one_thing_is_refused(
    get: Get, mint: Mint, wrong: dict[str, Any], code: str
) -> None:
    assert get("/ministry", mint()).status_code == 200
    answer = get("/ministry", mint(**wrong))
    assert (answer.status_code, _code(answer)) == (401, code)
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_token_signed_by_another_key_is_refused(get: Get, issuer: str, folder: Path) -> None:
    kid = public_jwk(load_key(folder))["kid"]
    claims = {"iss": issuer, "aud": "nilai", "sub": "ministry", "exp": time.time() + 60}
    head = {"kid": kid, "typ": "at+jwt"}
    token = jwt.encode(claims, ec.generate_private_key(ec.SECP256R1()), "ES256", headers=head)
    assert _code(get("/ministry", token)) == "token-forged"


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_an_algorithm_that_proves_nothing_is_refused(
    get: Get, issuer: str, folder: Path, algorithm: str
) -> None:
    jwk = public_jwk(load_key(folder))
    claims = {"iss": issuer, "aud": "nilai", "sub": "ministry", "exp": time.time() + 60}
    secret = None if algorithm == "none" else jwk["x"] + jwk["y"]
    token = jwt.encode(claims, secret, algorithm, headers={"kid": jwk["kid"], "typ": "at+jwt"})  # type: ignore[arg-type]  # None: unsigned
    assert get("/ministry", token).status_code == 401


@pytest.mark.parametrize("token", ["a.b.c", "....", "é", "x" * 5000])
def test_noise_is_refused(get: Get, token: str) -> None:
    assert get("/any", token).status_code == 401


def test_unknown_routes_and_methods_are_told_without_a_token(get: Get) -> None:
    assert get("/nowhere").status_code == 404
    assert get("/open", method="DELETE").status_code == 405


def test_an_app_with_an_undeclared_route_is_never_made(issuer: str) -> None:
    environ = {"MONGO_URI": "mongodb://127.0.0.1:1/", "NILAI_KEYS": "/nowhere", "OIDC_ISSUER": issuer}
    app = flask.Flask(__name__, static_folder=None)
    app.add_url_rule("/forgotten", view_func=lambda: "secret", endpoint="forgotten", methods=["PUT"])
    assert undeclared(app) == ["PUT /forgotten"]
    with pytest.raises(LookupError, match="PUT /forgotten"):
        Guard(load("intake", environ), _find, lambda *_: 0, lambda _: False).protect(app)


def test_each_method_of_a_class_declares_for_itself() -> None:
    class Things(MethodView):
        @audience(PUBLIC)
        def get(self) -> str:
            return ""

        def delete(self) -> str:
            return ""

    app = flask.Flask(__name__, static_folder=None)
    app.add_url_rule("/things", view_func=Things.as_view("things"))
    assert undeclared(app) == ["DELETE /things"]


def test_routes_can_be_walked_with_their_audiences(app: flask.Flask) -> None:
    assert Route("POST", "/ministry", "ministry", frozenset({"ministry", "machine"})) in routes(app)
    assert undeclared(app) == []


@pytest.mark.parametrize("roles", [(), ("minister",), ("ministry", "Officer")])
def test_an_audience_of_unknown_roles_is_a_mistake(roles: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="audience"):
        audience(*roles)


def test_known_keys_stay_in_use_while_the_issuer_is_away(tmp_path: Path) -> None:
    with issuer_running(tmp_path) as url:
        keys = jwks.KeySet(url, fresh_seconds=0, pause_seconds=0)
        token = fetch("ministry", url)
        kid = jwt.get_unverified_header(token)["kid"]
        assert keys.find(kid) is not None
    assert keys.find(kid) is not None
    assert keys.find("other") is None


def test_a_key_made_later_is_found(tmp_path: Path) -> None:
    with issuer_running(tmp_path / "old") as url:
        keys = jwks.KeySet(url, pause_seconds=0)
        assert keys.find("unknown") is None
    port = int(url.rpartition(":")[2])
    with issuer_running(tmp_path / "new", port):
        assert keys.find(public_jwk(load_key(tmp_path / "new"))["kid"]) is not None
        assert keys.find(public_jwk(load_key(tmp_path / "old"))["kid"]) is None


def test_unknown_keys_do_not_drive_requests_to_the_issuer(tmp_path: Path) -> None:
    with issuer_running(tmp_path / "old") as url:
        keys = jwks.KeySet(url)
        assert keys.find("unknown") is None
    port = int(url.rpartition(":")[2])
    with issuer_running(tmp_path / "new", port):
        assert keys.find(public_jwk(load_key(tmp_path / "new"))["kid"]) is None


def test_an_issuer_that_never_answered_is_not_the_callers_fault(mint: Mint) -> None:
    app = make_app("http://127.0.0.1:9")
    answer = app.test_client().get("/any", headers={"Authorization": f"Bearer {mint()}"})
    assert (answer.status_code, _code(answer)) == (503, "issuer-away")
    assert answer.headers["Retry-After"] == "5"


def test_a_discovery_document_of_another_issuer_is_not_believed(issuer: str) -> None:
    keys = jwks.KeySet(issuer.replace("127.0.0.1", "localhost"))
    with pytest.raises(TryLater):
        keys.find("any")
