"""The local issuer's signing key: made once, kept in a file that only its owner reads."""

import hashlib
import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm

from deploy.local.config import SetupError

KID_ALGORITHM = "ES256"


def load_key(folder: Path) -> ec.EllipticCurvePrivateKey:
    """The key kept in the folder; makes it there the first time, also when two processes come at once."""
    file = folder / "key.pem"
    if not file.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _offer(file)
    try:
        key = load_pem_private_key(file.read_bytes(), None)
    except ValueError:
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SetupError(f"{file} holds no elliptic curve key: delete it to get a new one")
    return key


def _offer(file: Path) -> None:
    """Put a new key there unless somebody was faster: a link appears whole or not at all."""
    draft = file.with_name(f".{secrets.token_hex(8)}.pem")
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(pem)
    try:
        file.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def public_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """The public half as a JSON Web Key, its kid the thumbprint of RFC 7638."""
    jwk = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    members = msgspec.json.encode({name: jwk[name] for name in ("crv", "kty", "x", "y")}, order="sorted")
    kid = urlsafe_b64encode(hashlib.sha256(members).digest()).rstrip(b"=").decode()
    return {"kty": jwk["kty"], "crv": jwk["crv"], "x": jwk["x"], "y": jwk["y"]} | {
        "kid": kid,
        "use": "sig",
        "alg": KID_ALGORITHM,
    }
