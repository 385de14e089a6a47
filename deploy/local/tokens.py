"""Access tokens of the local issuer: `nilai token --as NAME` prints one."""

import json
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import click

from deploy.local.config import HOME, Ports, SetupError
from shared.core.errors import AppError


def local_issuer() -> str:
    """The address of this checkout's issuer, as it was started last."""
    try:
        return f"http://127.0.0.1:{(Ports.recorded(HOME) or Ports()).issuer}"
    except SetupError as error:
        raise click.ClickException(str(error)) from error


class TokenRefusedError(AppError):
    """The issuer gave no token; the text says why."""


def fetch(name: str, issuer: str, seconds: int = 3600) -> str:
    """An access token in that name from the local issuer."""
    if not issuer.startswith(("http://", "https://")):
        raise TokenRefusedError(f"{issuer!r} is not an http address.")
    form = urlencode({"grant_type": "client_credentials", "as": name, "expires_in": seconds}).encode()
    try:
        with urlopen(issuer.rstrip("/") + "/token", form, timeout=10) as answer:  # noqa: S310  # http, see above
            return str(json.load(answer)["access_token"])
    except HTTPError as error:
        with error:
            raise TokenRefusedError(_reason(error.read(10_000), error.code)) from error
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise TokenRefusedError(
            f"The issuer {issuer} does not answer ({reason}). Is it up? `make up` starts it."
        ) from error


def _reason(body: bytes, status: int) -> str:
    try:
        return str(json.loads(body)["error_description"])
    except (ValueError, KeyError, TypeError):
        return f"The issuer answered with {status}; is it the local one?"


@click.command("token")
@click.option("--as", "name", required=True, metavar="NAME", help="Whose token, such as ministry.")
@click.option("--issuer", envvar="OIDC_ISSUER", default=local_issuer, help="Whose; else this checkout's.")
@click.option("--seconds", default=3600, show_default=True, help="How long it is valid.")
def token(name: str, issuer: str, seconds: int) -> None:
    """Print an access token of the local issuer, and nothing else."""
    try:
        click.echo(fetch(name, issuer, seconds))
    except TokenRefusedError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    token()
