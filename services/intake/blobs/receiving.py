"""The bytes of one PATCH, from the wire to the chunk store; and what a file turns out to be when all have come."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from services.intake.blobs.chunks import ChunkStore, Writer
from services.intake.blobs.inspection import inspect_file
from services.intake.blobs.leases import UploadLease
from services.intake.domain import Checksum, Inspection, check_length
from shared.core.errors import BadRequest


class ConnectionBroken(BadRequest):
    """The client went away before all that it announced had come."""

    code = "broken-off"


@dataclass(frozen=True)
class Body:
    """What a PATCH carries; `pieces` raises ConnectionBroken when the client goes away."""

    pieces: Iterator[bytes]
    checksum: Checksum | None


def receive(chunks: ChunkStore, lease: UploadLease, body: Body) -> int:
    """Store the bytes of a PATCH and give the offset after them, which is not acknowledged yet.

    Without a checksum what has come is acknowledged now and then, and when the client goes away; with one,
    nothing before all has come. Raises ChecksumMismatch, TooLarge, ConnectionBroken, LeaseLost.
    """
    upload = lease.upload
    writer = Writer(chunks, upload.id, lease.upload.fence, upload.offset)
    digest = body.checksum and body.checksum.fresh()
    end = upload.offset
    try:
        for piece in body.pieces:
            end += len(piece)
            check_length(upload, end)
            writer.write(piece)
            if digest:
                digest.update(piece)
            lease.renew(0 if digest else writer.written)
    except ConnectionBroken:
        if not digest:
            writer.flush()
            lease.advance(end)
        raise
    if body.checksum and digest:
        body.checksum.check(digest)
    writer.flush()
    return end


def examine(chunks: ChunkStore, lease: UploadLease) -> Inspection:
    """What the finished bytes are: read once, a chunk at a time."""
    upload, digest = lease.upload, sha256()
    for piece in chunks.read(upload.id, 0, upload.length):
        digest.update(piece)
        lease.renew()
    with chunks.open(upload.id, upload.length) as file:
        return inspect_file(file, upload.length, digest.hexdigest())
