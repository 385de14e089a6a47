"""The answer to a request that may come again under the same Idempotency-Key."""

from dataclasses import dataclass

from shared.core.errors import Invalid


@dataclass(frozen=True)
class Reply:
    """What a request was (SHA-256 of its order), and the bytes of its answer."""

    fingerprint: str
    body: bytes


def check_reply(reply: Reply, fingerprint: str) -> bytes:
    """The bytes of the answer, when the same order is sent again; Invalid for another one under the same key."""
    if reply.fingerprint != fingerprint:
        raise Invalid(
            "This Idempotency-Key was used for another request: take a fresh key for a new one.",
            "idempotency-key-reused",
        )
    return reply.body
