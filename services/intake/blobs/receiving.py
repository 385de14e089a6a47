"""The bytes of one PATCH, from the wire to the chunk store; and what they are at first sight when all have come."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from services.intake.blobs.chunks import ChunkStore, Writer
from services.intake.blobs.leases import UploadLease
from services.intake.domain import Checksum, check_length, file_types
from services.intake.domain.finishing import Content
from shared.core.errors import BadRequest


class ConnectionBroken(BadRequest):
    """The client went away before all that it announced had come."""

    code = "broken-off"


@dataclass(frozen=True)
class Body:
    """What a PATCH carries; `pieces` has an empty one for each moment of silence.

    It raises ConnectionBroken when the client goes away.
    """

    pieces: Iterator[bytes]
    checksum: Checksum | None


def receive(chunks: ChunkStore, lease: UploadLease, body: Body) -> int:
    """Store the bytes of a PATCH and give the offset after them, which is not acknowledged yet.

    Without a checksum what has come is acknowledged now and then, when the client falls silent, and when it goes
    away; with one, nothing before all has come. While it is silent another request may have the upload. Raises
    ChecksumMismatch, TooLarge, ConnectionBroken, LeaseLost.
    """
    upload = lease.upload
    writer = Writer(chunks, upload.id, lease.upload.fence, upload.offset)
    digest = body.checksum and body.checksum.fresh()
    end = upload.offset
    try:
        for piece in body.pieces:
            if not piece:
                lease.let_go(0 if digest else _flushed(writer, end))
                continue
            end += len(piece)
            check_length(upload, end)
            writer.write(piece)
            if digest:
                digest.update(piece)
            lease.renew(0 if digest else writer.written)
    except ConnectionBroken:
        if not digest:
            lease.advance(_flushed(writer, end))
        raise
    if body.checksum and digest:
        body.checksum.check(digest)
    return _flushed(writer, end)


def _flushed(writer: Writer, end: int) -> int:
    writer.flush()
    return end


def look_at(chunks: ChunkStore, lease: UploadLease) -> Content:
    """What the finished bytes are at first sight: read once, a chunk at a time."""
    upload, digest, head = lease.upload, sha256(), b""
    for piece in chunks.read(upload.id, 0, upload.length):
        head = head or piece[: file_types.HEAD]
        digest.update(piece)
        lease.renew()
    return Content(digest.hexdigest(), file_types.identify(head))
