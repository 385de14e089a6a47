"""What a receiver checks by Standard Webhooks 1.0: `id.timestamp.body` under Ed25519 (v1a) and HMAC (v1)."""

import hmac
import time
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TOLERANCE_SECONDS = 300


@dataclass(frozen=True)
class Keys:
    """What the receiver was given when it subscribed: the secret (whsec_…) and the public keys (whpk_…)."""

    secret: str
    public: Sequence[str]


def flaw(keys: Keys, headers: Mapping[str, str], body: bytes, now: float | None = None) -> str | None:
    """Say what is wrong with a webhook; None when both signatures hold and it is fresh."""
    id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not stamp.isdecimal() or abs((now or time.time()) - int(stamp)) > TOLERANCE_SECONDS:
        return f"its timestamp {stamp!r} is not of these five minutes"
    message = b".".join((id.encode(), stamp.encode(), body))
    given = [one.partition(",") for one in headers.get("webhook-signature", "").split()]
    secret = b64decode(keys.secret.removeprefix("whsec_"))
    digest = hmac.digest(secret, message, "sha256")
    if not any(hmac.compare_digest(b64decode(text), digest) for kind, _, text in given if kind == "v1"):
        return "no v1 signature fits the secret"
    signatures = [b64decode(text) for kind, _, text in given if kind == "v1a"]
    if not any(_signed(key, one, message) for key in keys.public for one in signatures):
        return "no v1a signature fits a public key"
    return None


def _signed(key: str, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(key.removeprefix("whpk_"))).verify(signature, message)
    except InvalidSignature:
        return False
    return True
