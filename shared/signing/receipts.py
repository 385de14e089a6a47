"""Receipts: signed documents that anybody can check offline, with the public keys only.

A receipt is {type, kind, subject, root, count, at, edition {id, hash, guide_version}, further fields, kid,
signature}. The signature, base64 of 64 bytes, is Ed25519 over the canonical JSON of all the other fields;
`root` is the hex Merkle root of `count` leaves, each canonical JSON too. A proof shows one leaf's place under
that root: {type, leaf, index, count, path (hex, lowest first), root}, for an
answer with its explanation where that is to be shown.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from shared.core.canonical import JSON, NotCanonicalError, exact, parse_timestamp, timestamp
from shared.core.errors import Invalid
from shared.signing import merkle
from shared.signing.keys import PublicKey, SigningKey

TYPE = "nilai.receipt.v1"
PROOF_TYPE = "nilai.proof.v1"
PURPOSE = "receipts"
SIGNERS = {"submission": "intake", "score": "scoring", "result": "scoring"}
"""Which service's key may vouch for which kind."""

_FIXED = ("type", "kind", "subject", "root", "count", "at", "edition", "kid", "signature")


class ReceiptInvalid(Invalid):
    """The receipt, or the proof under it, does not hold; the sentence says what is wrong, of a receipt `reason` too."""

    code, title = "receipt-invalid", "Receipt not valid"


@dataclass(frozen=True)
class Edition:
    """What a receipt says of the instrument: its id, the hash of its content, the version of its guide."""

    id: str
    hash: str
    guide_version: str


def explanation_hash(explanation: JSON) -> str:
    """Give SHA-256 (hex) of the canonical JSON of what was explained: a text, or its named parts."""
    return sha256(exact(explanation)).hexdigest()


def answer_leaf(indicator: str, value: str | None, explanation_sha256: str, evidence: Iterable[str]) -> bytes:
    """Give the leaf of one answer; `evidence` are the SHA-256 (hex) of the files that it rests on."""
    return exact(
        {
            "kind": "answer",
            "indicator": indicator,
            "value": value,
            "explanation_sha256": explanation_sha256,
            "evidence": sorted(evidence),
        }
    )


def file_leaf(sha256: str, name: str, size: int) -> bytes:
    """Give the leaf of one file; `size` in bytes."""
    return exact({"kind": "file", "sha256": sha256, "name": name, "size": size})


def leaves(
    answers: Iterable[tuple[str, str | None, str, Iterable[str]]], files: Iterable[tuple[str, str, int]]
) -> list[bytes]:
    """Give a submission's leaves: its answers in the order given (the edition's), then its files by hash.

    Answers are (indicator, value, explanation_sha256, evidence), files (sha256, name, size).
    """
    return [*(answer_leaf(*answer) for answer in answers), *(file_leaf(*file) for file in sorted(files))]


@dataclass(frozen=True)
class Title:
    """What a receipt is for: the kind of document (one of SIGNERS), the id of its subject, the moment."""

    kind: str
    subject: str
    at: datetime


def document(title: Title, leaves: Sequence[bytes], edition: Edition, **further: JSON) -> dict[str, Any]:
    """Give what a receipt says, yet unsigned: {type, kind, subject, root, count, at, edition, **further}.

    Raises ValueError for an unknown kind, and for a `further` field with the name of a fixed one.
    """
    if title.kind not in SIGNERS or not further.keys().isdisjoint(_FIXED):
        raise ValueError(f"no receipt of kind {title.kind!r} with the fields {sorted(further)}")
    return {
        "type": TYPE,
        "kind": title.kind,
        "subject": title.subject,
        "root": merkle.root(leaves).hex(),
        "count": len(leaves),
        "at": timestamp(title.at),
        "edition": {"id": edition.id, "hash": edition.hash, "guide_version": edition.guide_version},
        **further,
    }


def sign(document: Mapping[str, Any], key: SigningKey) -> dict[str, Any]:
    """Give {**document, kid, signature}; the same document and key give the same receipt.

    Raises ReceiptInvalid for a key that may not sign this; take the key in force at the document's `at`.
    """
    unsigned = {**document, "kid": key.kid}
    _check_key(unsigned, key.public)
    return {**unsigned, "signature": b64encode(key.sign(exact(unsigned))).decode()}


def verify(receipt: Mapping[str, Any], public_keys: Mapping[str, PublicKey]) -> None:
    """Check a receipt against the public keys by kid; raises ReceiptInvalid."""
    unsigned = {name: value for name, value in receipt.items() if name != "signature"}
    if receipt.get("type") != TYPE or receipt.get("kind") not in tuple(SIGNERS):
        raise _invalid("not-a-receipt", "this is not a receipt of a kind that is known")
    key = public_keys.get(str(receipt.get("kid")))
    if key is None:
        raise _invalid("key-unknown", "the receipt names a key that is not among the public keys")
    try:
        _check_key(unsigned, key)
        genuine = key.verifies(_signature(receipt), exact(unsigned))
    except (NotCanonicalError, ValueError) as problem:
        raise _invalid("malformed", f"the receipt is malformed: {problem}") from problem
    if not genuine:
        raise _invalid(
            "changed", "the signature does not fit: the receipt was changed, or another key signed it"
        )


def proof(leaves: Sequence[bytes], index: int, **shown: JSON) -> dict[str, Any]:
    """Show the place of leaf number `index` under the root: {type, leaf, index, count, path, root, **shown}.

    With `explanation=…` an answer's proof shows the explanation too, whose hash is in the leaf. Raises IndexError.
    """
    return {
        "type": PROOF_TYPE,
        "leaf": msgspec.json.decode(leaves[index]),
        "index": index,
        "count": len(leaves),
        "path": [step.hex() for step in merkle.path(leaves, index)],
        "root": merkle.root(leaves).hex(),
        **shown,
    }


def verify_proof(proof: Mapping[str, Any], receipt: Mapping[str, Any]) -> None:
    """Check that the proof's leaf is under the receipt's root; raises ReceiptInvalid.

    The receipt itself has to be checked by `verify`.
    """
    try:
        steps = [bytes.fromhex(step) for step in proof["path"]]
        found = merkle.root_of_path(exact(proof["leaf"]), proof["index"], receipt["count"], steps)
        explained = explanation_hash(proof["explanation"]) if "explanation" in proof else None
    except (KeyError, TypeError, ValueError) as problem:
        raise ReceiptInvalid(f"the proof is malformed: {problem}") from problem
    if found is None or found.hex() != receipt["root"] or any(len(step) != 32 for step in steps):
        raise ReceiptInvalid("the proof does not lead to the receipt's root: this is not what was handed in")
    if explained not in (None, proof["leaf"].get("explanation_sha256")):
        raise ReceiptInvalid("the explanation is not the one that was handed in")


def _check_key(unsigned: Mapping[str, Any], key: PublicKey) -> None:
    if (key.service, key.purpose) != (SIGNERS[unsigned["kind"]], PURPOSE):
        raise _invalid("key-of-another", f"the key {key.kid} may not vouch for a {unsigned['kind']}")
    at = parse_timestamp(str(unsigned.get("at")))
    if key.revoked and at >= key.revoked:
        raise _invalid(
            "key-revoked",
            f"the key {key.kid} was revoked: from {timestamp(key.revoked)} on its signatures count no more",
        )
    if not key.in_force(at):
        raise _invalid("key-not-in-force", f"the key {key.kid} was not in force at {unsigned['at']}")


def _invalid(reason: str, detail: str) -> ReceiptInvalid:
    return ReceiptInvalid(detail, extra={"reason": reason})


def _signature(receipt: Mapping[str, Any]) -> bytes:
    text = str(receipt.get("signature"))
    raw = b64decode(text, validate=True)
    if b64encode(raw).decode() != text:
        raise ValueError("its signature is not in the one right spelling of base64")
    return raw
