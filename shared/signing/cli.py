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
from click.core import ParameterSource
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.core import reading
from shared.core.canonical import timestamp
from shared.signing.keys import LIST, KeysError, PublicKey, list_bytes, read_list

PURPOSES = {
    "intake": ("receipts", "sessions"),
    "scoring": ("receipts",),
    "notify": ("webhooks",),
    "review": ("links",),
}


def init(folder: Path, split: bool, start: datetime) -> list[PublicKey]:
    """Make one key for every service and purpose; raises KeysError, changing nothing, where keys are."""
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        if (folder / LIST).exists():
            raise KeysError(f"{folder / LIST} is there already: `nilai keys rotate` renews keys")
        return _complete(folder, [], split, start)


def ensure(folder: Path, split: bool, start: datetime) -> list[PublicKey]:
    """Make one key for every service and purpose that has none, as after an update; gives those that were made."""
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        known = read_list(folder) if (folder / LIST).exists() else []
        return _complete(folder, known, split, start)


def _complete(folder: Path, known: list[PublicKey], split: bool, start: datetime) -> list[PublicKey]:
    if split:
        for service in PURPOSES:
            (folder / service).mkdir(mode=0o700, exist_ok=True)
    there = {(key.service, key.purpose) for key in known}
    wanted = [(service, purpose) for service, purposes in PURPOSES.items() for purpose in purposes]
    made = [_make(folder, *one, start) for one in wanted if one not in there]
    if made:
        _publish(folder, [*known, *made])
    return made


def rotate(
    folder: Path, service: str, start: datetime, overlap: timedelta, stolen_since: datetime | None = None
) -> list[PublicKey]:
    """Add a new key that counts from `start` on; the one in force till then counts `overlap` longer.

    A key whose turn had not come yet never comes to count. What was `stolen_since` a moment is revoked from it on:
    every key that the service had. Raises KeysError, changing nothing, for a service without keys.
    """
    with _locked(folder):
        keys = read_list(folder)
        own = [key for key in keys if key.service == service]
        if not own:
            raise KeysError(f"{folder / LIST} lists no key of {service}")
        ended = [_ended(key, start + overlap, stolen_since) if key in own else key for key in keys]
        made = [_make(folder, service, purpose, start) for purpose in sorted({key.purpose for key in own})]
        _publish(folder, [*ended, *made])
    return made


def _ended(key: PublicKey, last: datetime, stolen_since: datetime | None) -> PublicKey:
    kept = key.until is not None and key.until <= last
    return _revoked(key if kept else replace(key, until=last), stolen_since)


def revoke(folder: Path, kid: str, since: datetime) -> PublicKey:
    """Have a key's signatures count no more from a moment on; one that was named before moves to an earlier one only.

    Raises KeysError, changing nothing, for a key that is not listed.
    """
    with _locked(folder):
        keys = read_list(folder)
        if kid not in {key.kid for key in keys}:
            raise KeysError(f"no key is called {kid!r} in {folder / LIST}")
        after = {key.kid: _revoked(key, since) if key.kid == kid else key for key in keys}
        _publish(folder, after.values())
    return after[kid]


def _revoked(key: PublicKey, since: datetime | None) -> PublicKey:
    if since is None or (key.revoked and key.revoked <= since):
        return key
    return replace(key, revoked=since)


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


class _Past(click.DateTime):
    """A moment with its zone that is over."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        at = reading.moment(value)
        if at is None:
            self.fail(f"{value!r} is no moment with its zone, such as 2026-11-28T09:30:00+07:00.", param, ctx)
        if at > datetime.now(UTC):
            self.fail(f"{value} is still to come.", param, ctx)
        return at.astimezone(UTC)


HOURS = _Hours(0, 87_600)

folder_option = click.option(
    "--folder",
    required=True,
    envvar="NILAI_KEYS",
    show_envvar=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the key files are; without it those that this machine's system has.",
)


@keys.command("init")
@folder_option
@click.option("--split", is_flag=True, help="A folder of its own for each service's secrets.")
def init_command(folder: Path, split: bool) -> None:
    """Make the first key of every service."""
    with _click_errors():
        _show(init(folder, split, datetime.now(UTC)))


@keys.command("ensure")
@folder_option
@click.option("--split", is_flag=True, help="A folder of its own for each service's secrets.")
def ensure_command(folder: Path, split: bool) -> None:
    """Make the keys that are missing: all at first, after an update those for what is new."""
    with _click_errors():
        _show(ensure(folder, split, datetime.now(UTC)))


@keys.command("rotate")
@folder_option
@click.option("--service", required=True, type=click.Choice(list(PURPOSES)))
@click.option("--in", "delay", type=HOURS, default=24.0, show_default=True, help="Until the new key counts.")
@click.option("--overlap", type=HOURS, default=1.0, show_default=True, help="The old key counts beside it.")
@click.option(
    "--stolen-since",
    metavar="MOMENT",
    type=_Past(),
    help="The moment since when somebody else may have the old keys.",
)
def rotate_command(
    folder: Path, service: str, delay: float, overlap: float, stolen_since: datetime | None
) -> None:
    """Give a service a new key.

    Hand out the new files and restart the services before the new key counts.

    After a theft, with --stolen-since: the new key counts at once, and from that moment on nothing counts that the
    service's old keys signed.
    """
    if stolen_since:
        ctx = click.get_current_context()
        if any(
            ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in ("delay", "overlap")
        ):
            raise click.UsageError(
                "With --stolen-since the new key counts at once: leave --in and --overlap out."
            )
        delay = overlap = 0.0
    start = datetime.now(UTC) + timedelta(hours=delay)
    with _click_errors():
        _show(rotate(folder, service, start, timedelta(hours=overlap), stolen_since))


@keys.command("revoke")
@folder_option
@click.option("--kid", required=True, help="The key, as `keys list` names it.")
@click.option(
    "--stolen-since",
    metavar="MOMENT",
    required=True,
    type=_Past(),
    help="Since when somebody else may have it.",
)
def revoke_command(folder: Path, kid: str, stolen_since: datetime) -> None:
    """Revoke a key, or move its revocation to an earlier moment; `rotate --stolen-since` makes a new one too."""
    with _click_errors():
        _show([revoke(folder, kid, stolen_since)])


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
        revoked = f", revoked from {timestamp(key.revoked)} on" if key.revoked else ""
        times = f"from {timestamp(key.start)} until {until}{revoked}"
        click.echo(f"{key.kid}  {key.service}/{key.purpose}  {times}")
