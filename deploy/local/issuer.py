"""A small identity provider for trying Nilai out: it gives anybody a token in any name.

It refuses to start outside the modes local, test and try. Run it with `python -m deploy.local.issuer`.
"""

import ipaddress
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import flask
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from werkzeug.serving import WSGIRequestHandler, make_server

from deploy.local.issuerkey import KID_ALGORITHM, load_key, public_jwk

MODES = ("local", "test", "try")
USUAL_SECONDS = 3600
MOST_SECONDS = 12 * 3600
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
        return {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/jwks.json",
            "token_endpoint": f"{issuer}/token",
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["none"],
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [KID_ALGORITHM],
        }

    @app.get("/jwks.json")
    def jwks() -> dict[str, Any]:
        return {"keys": [jwk]}

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/token")
    def token() -> Answer:
        return _token(flask.request.form, {"iss": issuer, "aud": audience}, key, jwk["kid"])

    return app


def _token(
    form: Mapping[str, str], claims: Mapping[str, str], key: EllipticCurvePrivateKey, kid: str
) -> Answer:
    """A token in the name that the form asks for, or what is wrong with the form (RFC 6749, section 5)."""
    name, wished = form.get("as") or form.get("client_id", ""), form.get("expires_in", str(USUAL_SECONDS))
    if form.get("grant_type") != "client_credentials":
        return _refusal("unsupported_grant_type", "Send grant_type=client_credentials.")
    if not _NAME.fullmatch(name):
        return _refusal("invalid_client", "Send as=NAME: small letters, digits, '.', '_', '-'.")
    if not wished.isdecimal() or not 1 <= int(wished) <= MOST_SECONDS:
        return _refusal("invalid_request", f"expires_in must be 1 to {MOST_SECONDS} seconds.")
    now = int(time.time())
    payload = {**claims, "sub": name, "iat": now, "exp": now + int(wished)}
    signed = jwt.encode(payload, key, KID_ALGORITHM, headers={"kid": kid, "typ": "at+jwt"})
    answer = {"access_token": signed, "token_type": "Bearer", "expires_in": int(wished)}
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
    click.echo(f"Local issuer {issuer} on {host}:{server.server_port}: whoever reaches it can be anyone.")
    server.serve_forever()


if __name__ == "__main__":
    main()
