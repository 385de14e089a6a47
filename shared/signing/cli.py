"""`nilai keys`: make the key files of an installation, renew them, show what there is."""

import fcntl
import math
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.core.canonical import timestamp
from shared.signing.keys import LIST, KeysError, PublicKey, list_bytes, read_list

PURPOSES = {"intake": "receipts", "scoring": "receipts", "notify": "webhooks", "review": "links"}


def init(folder: Path, split: bool, start: datetime) -> list[PublicKey]:
    """Make one key for every service and purpose; raises KeysError, changing nothing, where keys are."""
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        if (folder / LIST).exists():
            raise KeysError(f"{folder / LIST} is there already: `nilai keys rotate` renews keys")
        if split:
            for service in PURPOSES:
                (folder / service).mkdir(mode=0o700, exist_ok=True)
        keys = [_make(folder, service, purpose, start) for service, purpose in PURPOSES.items()]
        _publish(folder, keys)
    return keys


def rotate(folder: Path, service: str, start: datetime, overlap: timedelta) -> list[PublicKey]:
    """Add a new key that counts from `start` on; the one in force till then counts `overlap` longer.

    A key whose turn had not come yet never comes to count. Raises KeysError, changing nothing, for a service
    without keys.
    """
    with _locked(folder):
        keys = read_list(folder)
        own = [key for key in keys if key.service == service]
        if not own:
            raise KeysError(f"{folder / LIST} lists no key of {service}")
        last = start + overlap
        ended = [
            replace(key, until=last) if key in own and (key.until is None or key.until > last) else key
            for key in keys
        ]
        made = [_make(folder, service, purpose, start) for purpose in sorted({key.purpose for key in own})]
        _publish(folder, [*ended, *made])
    return made


def _make(folder: Path, service: str, purpose: str, start: datetime) -> PublicKey:
    secret = Ed25519PrivateKey.generate()
    raw = secret.public_key().public_bytes_raw()
    kid = f"{service}-{purpose}-{sha256(raw).hexdigest()[:12]}"
    pem = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    own = folder / service
    _write((own if own.is_dir() else folder) / f"{kid}.pem", pem, 0o600)
    return PublicKey(kid, service, purpose, start, None, raw)


def _publish(folder: Path, keys: Iterable[PublicKey]) -> None:
    """Write the public list for every service and last, as the mark of completion, for all."""
    content = list_bytes(keys)
    for service in PURPOSES:
        if (folder / service).is_dir():
            _write(folder / service / LIST, content, 0o644)
    _write(folder / LIST, content, 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Put a whole file in place at once, never readable by more people than `mode` says."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as problem:
        raise KeysError(f"cannot open {folder}: {problem.strerror}") from problem
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@click.group()
def keys() -> None:
    """Make, renew and show the keys that sign receipts, webhooks and links."""


class _Hours(click.FloatRange):
    """Hours from now, up to ten years."""

    name = "hours"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        hours: float = super().convert(value, param, ctx)
        if math.isnan(hours):
            self.fail(f"{value} is no number of hours.", param, ctx)
        return hours


HOURS = _Hours(0, 87_600)

folder_option = click.option(
    "--folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the key files are.",
)


@keys.command("init")
@folder_option
@click.option("--split", is_flag=True, help="A folder of its own for each service's secrets.")
def init_command(folder: Path, split: bool) -> None:
    """Make the first key of every service."""
    with _click_errors():
        _show(init(folder, split, datetime.now(UTC)))


@keys.command("rotate")
@folder_option
@click.option("--service", required=True, type=click.Choice(list(PURPOSES)))
@click.option("--in", "delay", type=HOURS, default=24.0, show_default=True, help="Until the new key counts.")
@click.option("--overlap", type=HOURS, default=1.0, show_default=True, help="The old key counts beside it.")
def rotate_command(folder: Path, service: str, delay: float, overlap: float) -> None:
    """Give a service a new key.

    Hand out the new files and restart the services before the new key counts.
    After a theft: --in 0 --overlap 0.
    """
    with _click_errors():
        _show(rotate(folder, service, datetime.now(UTC) + timedelta(hours=delay), timedelta(hours=overlap)))


@keys.command("list")
@folder_option
def list_command(folder: Path) -> None:
    """Show the public keys."""
    with _click_errors():
        _show(read_list(folder))


@contextmanager
def _click_errors() -> Iterator[None]:
    try:
        yield
    except KeysError as problem:
        raise click.ClickException(problem.detail) from problem
    except OSError as problem:
        raise click.ClickException(f"{problem.filename}: {problem.strerror}") from problem


def _show(shown: Iterable[PublicKey]) -> None:
    for key in shown:
        until = timestamp(key.until) if key.until else "further notice"
        click.echo(f"{key.kid}  {key.service}/{key.purpose}  from {timestamp(key.start)} until {until}")
