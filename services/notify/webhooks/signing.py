"""What a receiver trusts: `id.timestamp.body`, signed anew at each attempt (Standard Webhooks 1.0).

`v1a` is Ed25519 by notify's own key, which needs no shared secret but signs for every subscription, so a receiver
accepts only its own `data.stream`; `v1` is HMAC-SHA256 by the subscription's.
That secret is kept nowhere: it is derived, each time, from a deterministic signature (RFC 8032) of notify's key
over a salt, so a copy of the database alone signs nothing, and no page or log can show it again.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from services.notify.domain import Secret
from shared.signing.keys import KeyRing, KeysError, PublicKey

PURPOSE = "webhooks"


def secret(ring: KeyRing, made: Secret) -> str:
    """The HMAC secret (`whsec_…`, 32 bytes); KeysError when the key that it is derived from is gone."""
    return f"whsec_{b64encode(_secret(ring, made)).decode()}"


def public_key(key: PublicKey) -> str:
    """A key as receivers take it (`whpk_…`)."""
    return f"whpk_{b64encode(key.raw).decode()}"


def headers(ring: KeyRing, secrets: Iterable[Secret], id: str, body: bytes, at: datetime) -> dict[str, str]:
    """The three headers of one attempt, signed by every key and every secret that is valid at that moment."""
    stamp = str(int(at.timestamp()))
    message = b".".join((id.encode(), stamp.encode(), body))
    newest = ring.signing(PURPOSE, at)
    others = (
        key
        for key in ring.secrets.values()
        if key.public.purpose == PURPOSE and key.public.in_force(at) and key.kid != newest.kid
    )
    signatures = [("v1a", key.sign(message)) for key in (newest, *others)]
    signatures += [
        ("v1", hmac.digest(_secret(ring, secret), message, "sha256"))
        for secret in secrets
        if secret.valid(at)
    ]
    return {
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(
            f"{kind},{b64encode(signature).decode()}" for kind, signature in signatures
        ),
    }


def _secret(ring: KeyRing, made: Secret) -> bytes:
    key = ring.secrets.get(made.kid)
    if key is None:
        raise KeysError(
            f"the secret file of {made.kid} is gone, which subscriptions still sign with: "
            "give the service its old files back, or rotate these subscriptions' secrets with keep_hours 0"
        )
    return sha256(key.sign(f"nilai.webhooks.secret.v1.{made.salt}".encode())).digest()
