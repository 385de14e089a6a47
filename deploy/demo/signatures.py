"""What a receiver checks by Standard Webhooks 1.0: v1 (HMAC) and freshness by its library, v1a (Ed25519) here."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError


@dataclass(frozen=True)
class Keys:
    """What the receiver was given when it subscribed: the secret (whsec_…) and the public keys (whpk_…)."""

    secret: str
    public: Sequence[str]


def find_defect(keys: Keys, headers: Mapping[str, str], body: bytes) -> str | None:
    """Say what is wrong with a webhook; None when both signatures hold and it is of these five minutes."""
    try:
        Webhook(keys.secret).verify(body, dict(headers), json_parse=False)
        signed = any(_is_signed(key, headers, body) for key in keys.public)
    except (WebhookVerificationError, ValueError) as error:
        return f"v1: {error}"
    return None if signed else "v1a: no signature fits a public key"


def _is_signed(key: str, headers: Mapping[str, str], body: bytes) -> bool:
    message = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    public = Ed25519PublicKey.from_public_bytes(b64decode(key.removeprefix("whpk_")))
    for kind, _, signature in (given.partition(",") for given in headers["webhook-signature"].split()):
        try:
            if kind == "v1a":
                public.verify(b64decode(signature), message)
                return True
        except InvalidSignature:
            continue
    return False
