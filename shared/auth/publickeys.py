"""The public keys of a JWK set (RFC 7517): which algorithms each verifies, or why it is not used."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

LEAST_RSA_BITS = 2048
_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
ALGORITHMS = (*_RSA, *_CURVES.values(), "EdDSA")
"""Those of which a public key can be published; none with a shared secret."""


@dataclass(frozen=True)
class PublicKey:
    """A key with its id (None: it has none) and the algorithms that it verifies; `problem` says why it is not used."""

    id: str | None
    key: Any
    algorithms: tuple[str, ...]
    problem: str | None = None


def read_keys(document: Mapping[str, Any]) -> tuple[PublicKey, ...]:
    """The signature keys of a JWK set; what is no such key is passed over. ValueError when there is none."""
    entries = document.get("keys")
    keys = tuple(_keys(entries)) if isinstance(entries, list) else ()
    if not keys:
        raise ValueError("its JWK set has no key that verifies signatures")
    return keys


def choose(keys: Sequence[PublicKey], id: str | None, algorithm: str) -> PublicKey | None:
    """The key that a token means: of that id, or the only key if that has none.

    A token without an id means the only key, or the only one that verifies its algorithm.
    """
    named = [key for key in keys if key.id == id] if id else list(keys)
    fitting = [key for key in named if algorithm in key.algorithms]
    if not id:
        return _only(named) or _only(fitting)
    unnamed = [] if len(keys) > 1 else [key for key in keys if not key.id]
    return next(iter([*fitting, *named, *unnamed]), None)


def _only(keys: Sequence[PublicKey]) -> PublicKey | None:
    return keys[0] if len(keys) == 1 else None


def _keys(entries: Sequence[Any]) -> Iterator[PublicKey]:
    for entry in entries:
        if isinstance(entry, dict) and entry.get("use") in (None, "sig"):
            try:
                yield _read(entry)
            except (jwt.PyJWTError, TypeError, ValueError, AttributeError):  # odd members fail in many ways
                continue


def _read(entry: Mapping[str, Any]) -> PublicKey:
    id, said = entry.get("kid"), entry.get("alg")
    if id is not None and (not isinstance(id, str) or not id):
        raise ValueError("a kid is a text")
    # PyJWK wants an algorithm to begin with; which one a token may have is ours to say.
    key = jwt.PyJWK.from_dict({name: value for name, value in entry.items() if name != "alg"}).key
    fitting = _algorithms(key)
    algorithms = tuple(one for one in fitting if said in (None, one))
    if not algorithms:
        raise ValueError("no algorithm that verifies signatures")
    return PublicKey(id, key, algorithms, _problem(key))


def _algorithms(key: Any) -> tuple[str, ...]:
    if isinstance(key, rsa.RSAPublicKey):
        return _RSA
    if isinstance(key, ec.EllipticCurvePublicKey):
        return tuple(name for curve, name in _CURVES.items() if key.curve.name == curve)
    return ("EdDSA",) if isinstance(key, ed25519.Ed25519PublicKey) else ()


def _problem(key: Any) -> str | None:
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        return f"an RSA key of {key.key_size} bits; at least {LEAST_RSA_BITS} are needed"
    return None
