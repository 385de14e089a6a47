"""A small OpenID provider for trying Nilai out: it lets anybody in, by its login page or with a token, in any name.

It refuses to start outside the modes local, test and try. Run it with `python -m deploy.local.issuer`.
"""

import hashlib
import ipaddress
import re
import signal
import sys
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import click
import flask
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from werkzeug.serving import WSGIRequestHandler, make_server

from deploy.local import login
from deploy.local.issuerkey import KID_ALGORITHM, load_key, public_jwk
from deploy.local.roster import display_name
from shared.core import reading

MODES = ("local", "test", "try")
USUAL_SECONDS = 3600
MOST_SECONDS = 12 * 3600
NAMES = (
    "a name has 1 to 64 small letters, digits, '.', '_' and '-', a letter or digit first, such as ministry"
)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

Answer = tuple[dict[str, Any], int, dict[str, str]]


class Quiet(WSGIRequestHandler):
    """Serves without a line per request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Write nothing."""


def create_app(issuer: str, key: EllipticCurvePrivateKey, audience: str = "nilai") -> flask.Flask:
    """The identity provider known as `issuer`, which signs with `key` for `audience`."""
    app = flask.Flask(__name__, static_folder=None)
    jwk = public_jwk(key)

    @app.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, Any]:
        return _discovery(issuer)

    @app.get("/jwks.json")
    def jwks() -> dict[str, Any]:
        return {"keys": [jwk]}

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    signer = Signer(issuer, audience, key, jwk["kid"])

    @app.post("/token")
    def token() -> Answer:
        form = flask.request.form
        if form.get("grant_type") == "authorization_code":
            return _redeemed(codes, form, flask.request.headers.get("Authorization", ""), signer)
        return _token(form, signer)

    @app.get("/userinfo")
    def userinfo() -> Answer:
        token = flask.request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            subject = jwt.decode(token, key.public_key(), [KID_ALGORITHM], audience=audience)["sub"]
        except jwt.PyJWTError:
            return _refusal("invalid_token", "Send the access token: Authorization: Bearer <token>.")
        return {"sub": subject, "name": display_name(subject)}, 200, {}

    codes = login.Codes()
    _add_login(app, issuer, codes)
    return app


def _discovery(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/jwks.json",
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "end_session_endpoint": f"{issuer}/end-session",
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile"],
        "authorization_response_iss_parameter_supported": True,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [KID_ALGORITHM],
    }


def _add_login(app: flask.Flask, issuer: str, codes: login.Codes) -> None:
    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Any:
        asked = flask.request.values
        if wrong := login.problem(asked):
            return wrong, 400, {"Content-Type": "text/plain; charset=utf-8"}
        if asked.get("prompt") == "none":
            return flask.redirect(login.leading_back(asked, issuer, error="login_required"), 303)
        name = flask.request.form.get("as", "").strip()
        if not _NAME.fullmatch(name):
            said = f"{name[:80]!r} is no name to sign in with: {NAMES}." if name else ""
            return login.page(asked, said)
        code = codes.give(login.login_of(asked, name))
        return flask.redirect(login.leading_back(asked, issuer, code=code), 303)

    @app.get("/end-session")
    def end_session() -> Any:
        """Nobody stays signed in here, so there is nothing to end."""
        return flask.redirect(flask.request.args.get("post_logout_redirect_uri", f"{issuer}/healthz"), 303)


@dataclass(frozen=True)
class Signer:
    """Signs what the issuer says."""

    issuer: str
    audience: str
    key: EllipticCurvePrivateKey
    kid: str

    def access_token(self, subject: str, seconds: int) -> str:
        """An access token in somebody's name."""
        return self._signed("at+jwt", self.audience, subject, seconds)

    def id_token(self, of: login.Login, access: str) -> str:
        """What a client learns of somebody who logged in."""
        half = hashlib.sha256(access.encode()).digest()[:16]
        more = {"nonce": of.nonce} if of.nonce else {}
        at_hash = urlsafe_b64encode(half).rstrip(b"=").decode()
        name = display_name(of.subject)
        return self._signed("JWT", of.client, of.subject, 300, name=name, at_hash=at_hash, **more)

    def _signed(self, typ: str, audience: str, subject: str, seconds: int, **more: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": audience, "sub": subject, "iat": now, "exp": now + seconds}
        return jwt.encode(claims | more, self.key, KID_ALGORITHM, headers={"kid": self.kid, "typ": typ})


def _redeemed(codes: login.Codes, form: Mapping[str, str], authorization: str, signer: Signer) -> Answer:
    """Tokens for a code of the login page."""
    found = codes.redeem(form, _client(form, authorization))
    if found is None:
        said = "The code is unknown, used or over, or was given to another client, address or challenge."
        return _refusal("invalid_grant", said)
    access = signer.access_token(found.subject, USUAL_SECONDS)
    answer = {"access_token": access, "token_type": "Bearer", "expires_in": USUAL_SECONDS}
    return {**answer, "id_token": signer.id_token(found, access)}, 200, {"Cache-Control": "no-store"}


def _client(form: Mapping[str, str], authorization: str) -> str:
    """The client that asks; whoever runs this issuer lets every one in, whatever its secret."""
    scheme, _, sent = authorization.partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", "")
    try:
        return unquote(b64decode(sent).decode().partition(":")[0])
    except ValueError:
        return ""


def _token(form: Mapping[str, str], signer: Signer) -> Answer:
    """A token in the name that the form asks for, or what is wrong with the form (RFC 6749, section 5)."""
    name, wished = form.get("as") or form.get("client_id", ""), form.get("expires_in", str(USUAL_SECONDS))
    if form.get("grant_type") != "client_credentials":
        return _refusal(
            "unsupported_grant_type",
            "Tokens are given for grant_type=client_credentials, or authorization_code after a login: send that.",
        )
    if not _NAME.fullmatch(name):
        return _refusal("invalid_client", f"{name[:80]!r} is no name that tokens are given in: {NAMES}.")
    seconds = reading.whole(wished)
    if seconds is None or not 1 <= seconds <= MOST_SECONDS:
        said = f"A token may be valid for 1 to {MOST_SECONDS} seconds, not {wished[:20]!r}."
        return _refusal("invalid_request", said)
    answer = {
        "access_token": signer.access_token(name, seconds),
        "token_type": "Bearer",
        "expires_in": seconds,
    }
    return answer, 200, {"Cache-Control": "no-store"}


def _refusal(error: str, description: str) -> Answer:
    return {"error": error, "error_description": description}, 400, {"Cache-Control": "no-store"}


def check_place(mode: str, host: str) -> None:
    """ClickException unless the issuer may run in this mode and listen on this address."""
    if mode not in MODES:
        raise click.ClickException(
            f"The local issuer gives anybody any name, so it starts only with NILAI_MODE={'|'.join(MODES)}, "
            f"not {mode or 'unset'!r}. In production set OIDC_ISSUER to the ministry's identity provider."
        )
    if mode != "try" and not ipaddress.ip_address(host).is_loopback:
        raise click.ClickException(
            f"In mode {mode} the local issuer listens on loopback only, not on {host}."
        )


@click.command()
@click.option("--mode", envvar="NILAI_MODE", default="", help="local, test or try.")
@click.option("--host", envvar="HOST", default="127.0.0.1", help="The address to listen on.")
@click.option("--port", envvar="PORT", default=8100, help="The port to listen on (0: a free one).")
@click.option("--issuer", envvar="OIDC_ISSUER", help="The name in tokens (default: http://HOST:PORT).")
@click.option("--folder", default=".local/issuer", type=click.Path(path_type=Path), help="Keeps the key.")
def main(mode: str, host: str, port: int, issuer: str | None, folder: Path) -> None:
    """Run the identity provider for trying out."""
    check_place(mode, host)
    key = load_key(folder)
    server = make_server(host, port, lambda *_: iter(()), threaded=True, request_handler=Quiet)
    issuer = (issuer or f"http://{host}:{server.server_port}").rstrip("/")
    server.app = create_app(issuer, key)
    # The first process of a container, which this is in one, ends by no signal that it does not handle.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    click.echo(f"Local issuer {issuer} on {host}:{server.server_port}: whoever reaches it can be anyone.")
    server.serve_forever()


if __name__ == "__main__":
    main()
