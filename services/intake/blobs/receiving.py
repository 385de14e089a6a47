"""The bytes of one PATCH, from the wire to the shelf; and what a file turns out to be when all have come."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from services.intake.blobs.chunks import ChunkStore, Writer
from services.intake.blobs.inspection import sniff
from services.intake.blobs.leases import UploadLease
from services.intake.domain import Checksum, ChecksumMismatch, Inspection
from shared.core.errors import BadRequest, TooLarge


class BrokenOff(BadRequest):
    """The client went away before all that it announced had come."""

    code = "broken-off"


@dataclass(frozen=True)
class Body:
    """What a PATCH carries; `pieces` raises BrokenOff when the client goes away."""

    pieces: Iterator[bytes]
    checksum: Checksum | None


def receive(shelf: ChunkStore, hold: UploadLease, body: Body) -> int:
    """Put the bytes of a PATCH on the shelf and give the offset after them, which is not acknowledged yet.

    Without a checksum what has come is acknowledged now and then, and when the client goes away; with one,
    nothing before all has come. Raises ChecksumMismatch, TooLarge, BrokenOff, LeaseLost.
    """
    upload = hold.upload
    writer = Writer(shelf, upload.id, hold.upload.fence, upload.offset)
    digest = body.checksum and body.checksum.fresh()
    end = upload.offset
    try:
        for piece in body.pieces:
            end += len(piece)
            if end > upload.length:
                raise TooLarge(
                    f"The file has {upload.length} bytes, as promised; these are more.", "too-many-bytes"
                )
            writer.write(piece)
            if digest:
                digest.update(piece)
            hold.beat(0 if digest else writer.shelved)
    except BrokenOff:
        if not digest:
            writer.flush()
            hold.advance(end)
        raise
    if body.checksum and digest and digest.digest() != body.checksum.digest:
        raise ChecksumMismatch(
            "The bytes do not match Upload-Checksum. None of them was kept: send them again."
        )
    writer.flush()
    return end


def examine(shelf: ChunkStore, hold: UploadLease) -> Inspection:
    """What the finished bytes are: read once, a chunk at a time."""
    upload, digest = hold.upload, sha256()
    for piece in shelf.read(upload.id, 0, upload.length):
        digest.update(piece)
        hold.beat()
    with shelf.open(upload.id, upload.length) as file:
        return sniff(file, upload.length, digest.hexdigest())
