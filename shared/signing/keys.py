"""Ed25519 keys, one per service and purpose, each in force for a time, under a name (kid) of its own.

A folder of keys holds the public list `keys.json`, [{kid, service, purpose, from, until, public}], `public`
being the base64 of the 32 raw bytes, and beside it the secrets of its owner as `<kid>.pem`, PKCS 8, mode 600. A key
that somebody else may have says `revoked` too: the moment from which its signatures count no more.
"""

from base64 import b64decode, b64encode
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from shared.core.canonical import NotCanonicalError, parse_timestamp, timestamp
from shared.core.errors import AppError

LIST = "keys.json"


class KeysError(AppError):
    """The key files cannot be used, or no key is there for what is asked; the sentence says which and why."""

    code, title = "keys-unusable", "Keys missing or unusable"


@dataclass(frozen=True)
class PublicKey:
    """What everybody may know of a key: whose it is, what for, from when until when (None: open).

    From `revoked` on (None: never) its signatures count no more, whoever made them.
    """

    kid: str
    service: str
    purpose: str
    start: datetime
    until: datetime | None
    raw: bytes
    revoked: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """Whether a signature made at that moment counts."""
        ends = [end for end in (self.until, self.revoked) if end is not None]
        return self.start <= at and all(at < end for end in ends)

    @property
    def verifier(self) -> Ed25519PublicKey:
        """The key as libraries take it."""
        return Ed25519PublicKey.from_public_bytes(self.raw)

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether this key's secret signed exactly these bytes."""
        try:
            self.verifier.verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """A secret with its public half; it does not show the secret when printed."""

    public: PublicKey
    secret: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"SigningKey({self.public.kid})"

    @property
    def kid(self) -> str:
        """The name under which the public half is listed."""
        return self.public.kid

    def sign(self, message: bytes) -> bytes:
        """Give the 64 bytes of the signature."""
        return self.secret.sign(message)


@dataclass(frozen=True)
class KeyRing:
    """The public keys of all services, and the secrets of the one that holds the ring."""

    service: str
    publics: Mapping[str, PublicKey]
    secrets: Mapping[str, SigningKey]

    @classmethod
    def load(cls, folder: Path, service: str) -> "KeyRing":
        """Read a folder of keys; raises KeysError for a list or a secret that cannot be used.

        A secret that is not there is no problem until somebody wants to sign with it.
        """
        publics = {key.kid: key for key in read_list(folder)}
        own = (key for key in publics.values() if key.service == service)
        secrets = {
            key.kid: _read_secret(folder, key) for key in own if _secret_path(folder, key.kid).exists()
        }
        return cls(service, publics, secrets)

    def public(self, kid: str) -> PublicKey:
        """Give the public key of that name; raises KeysError when nobody listed it."""
        try:
            return self.publics[kid]
        except KeyError:
            raise KeysError(f"no key is called {kid!r} in {LIST}") from None

    def signing(self, purpose: str, at: datetime) -> SigningKey:
        """Give the newest secret for a purpose that is in force at a moment; raises KeysError when none is.

        `at` is the time that stands in what is signed, so that who checks it finds the key in force. A revoked key
        signs nothing, whatever the time: nobody could tell its signature from the thief's.
        """
        usable = [
            key
            for key in self.secrets.values()
            if key.public.purpose == purpose and key.public.in_force(at) and key.public.revoked is None
        ]
        if not usable:
            raise KeysError(
                f"{self.service} has no key for {purpose} in force at {timestamp(at)}: "
                "make one with `nilai keys init` or `nilai keys rotate`, and give the service its new files"
            )
        return max(usable, key=lambda key: key.public.start)


class PublicKeys:
    """The public keys that a folder lists, read anew when the list has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: tuple[tuple[int, int, int], Mapping[str, PublicKey]] | None = None

    def read(self) -> Mapping[str, PublicKey]:
        """The keys by their names; raises KeysError."""
        stamp, known = self._stamp(), self._known
        if known is None or known[0] != stamp:
            known = self._known = (stamp, {key.kid: key for key in read_list(self._folder)})
        return known[1]

    def _stamp(self) -> tuple[int, int, int]:
        try:
            found = (self._folder / LIST).stat()
        except OSError:
            return (0, 0, 0)  # reading it says what is wrong
        return (found.st_ino, found.st_size, found.st_mtime_ns)


class _Listed(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, rename={"start": "from"}):
    kid: str
    service: str
    purpose: str
    start: str
    until: str | None
    public: str
    revoked: str | None = None


def read_list(folder: Path) -> list[PublicKey]:
    """Read the public list of a folder; raises KeysError."""
    path = folder / LIST
    try:
        listed = msgspec.json.decode(path.read_bytes().removeprefix(BOM_UTF8), type=list[_Listed])
        keys = [_from_listed(key) for key in listed]
    except OSError as problem:
        raise KeysError(f"cannot read {path}: {problem.strerror}; `nilai keys init` makes it") from problem
    except (msgspec.MsgspecError, NotCanonicalError, ValueError) as problem:
        raise KeysError(f"{path} is not a list of keys: {problem}") from problem
    if len({key.kid for key in keys}) < len(keys):
        raise KeysError(f"{path} lists a kid twice")
    return keys


def list_bytes(keys: Iterable[PublicKey]) -> bytes:
    """Write the public list as `read_list` reads it, one key after the other, for people too."""
    return msgspec.json.format(msgspec.json.encode([_to_listed(key) for key in keys]), indent=2) + b"\n"


def _from_listed(listed: _Listed) -> PublicKey:
    raw = b64decode(listed.public, validate=True)
    if len(raw) != 32:
        raise ValueError(f"the public key of {listed.kid} is not 32 bytes long")
    start = parse_timestamp(listed.start)
    until, revoked = (
        None if text is None else parse_timestamp(text) for text in (listed.until, listed.revoked)
    )
    return PublicKey(listed.kid, listed.service, listed.purpose, start, until, raw, revoked)


def _to_listed(key: PublicKey) -> _Listed:
    until, revoked = (timestamp(at) if at else None for at in (key.until, key.revoked))
    public = b64encode(key.raw).decode()
    return _Listed(key.kid, key.service, key.purpose, timestamp(key.start), until, public, revoked)


def _secret_path(folder: Path, kid: str) -> Path:
    return folder / f"{kid}.pem"


def _read_secret(folder: Path, public: PublicKey) -> SigningKey:
    path = _secret_path(folder, public.kid)
    try:
        if path.stat().st_mode & 0o007:
            raise KeysError(f"everybody on this machine can read {path}: run `chmod 600 {path}`")
        secret = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as problem:
        raise KeysError(f"cannot read {path}: {problem.strerror}") from problem
    except (ValueError, TypeError) as problem:
        raise KeysError(f"{path} holds no secret key") from problem
    if not isinstance(secret, Ed25519PrivateKey) or secret.public_key().public_bytes_raw() != public.raw:
        raise KeysError(f"{path} is not the secret of the public key that {LIST} lists under this name")
    return SigningKey(public, secret)
