"""The checksum of one request's bytes, as tus has it."""

import hashlib
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.core.errors import AppError, BadRequest

if TYPE_CHECKING:
    from hashlib import _Hash

CHECKSUM_ALGORITHMS = ("sha256", "sha1")


class ChecksumMismatch(AppError):
    """The bytes are not those that the checksum was made from; 460 is tus's own status for it."""

    status, code, title = 460, "checksum-mismatch", "Checksum mismatch"


@dataclass(frozen=True)
class Checksum:
    """What a request says that the hash of its body is."""

    algorithm: str
    digest: bytes

    @classmethod
    def parse(cls, text: str) -> "Checksum":
        """The checksum in "algorithm digest", the digest in base64; BadRequest."""
        algorithm, _, value = text.partition(" ")
        if algorithm not in CHECKSUM_ALGORITHMS:
            raise BadRequest(f"Upload-Checksum may use {' or '.join(CHECKSUM_ALGORITHMS)}.", "bad-checksum")
        try:
            digest = b64decode(value, validate=True)
        except (NotBase64, ValueError):
            digest = b""
        if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
            raise BadRequest(
                f"Upload-Checksum must hold a whole {algorithm} digest in base64.", "bad-checksum"
            )
        return cls(algorithm, digest)

    def fresh(self) -> "_Hash":
        """A hash of the algorithm, over nothing yet."""
        return hashlib.new(self.algorithm, usedforsecurity=self.algorithm != "sha1")

    def check(self, received: "_Hash") -> None:
        """ChecksumMismatch when the bytes received are not those that the checksum was made from."""
        if received.digest() != self.digest:
            raise ChecksumMismatch(
                "The bytes do not match Upload-Checksum. None of them was kept: send them again."
            )
