"""The byte store: chunks of half a megabyte under an upload's id, written as they come, read one by one.

A chunk is {_id: "<upload>.<n>", n, fence, data}. A writer replaces what writers with lower fences left, and
never what one with a higher fence wrote. Only bytes below the upload's offset count.
"""

import io
from collections.abc import Iterator
from typing import BinaryIO

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from services.intake.domain import LeaseLost, file_not_found
from shared.core.pieces import PiecewiseFile
from shared.storage.mongo import with_timeout
from shared.storage.reader import Doc

CHUNK = 512 * 1024
READ_AHEAD = 64 * 1024


class ChunkStore:
    """The chunks of all uploads."""

    def __init__(self, db: Database[Doc]) -> None:
        self._chunks = db["chunks"]

    @with_timeout()
    def put(self, upload: str, n: int, fence: int, data: bytes) -> None:
        """Write one chunk with majority; LeaseLost when somebody with a higher fence wrote it already."""
        id = _id(upload, n)
        try:
            self._chunks.replace_one(
                {"_id": id, "fence": {"$lte": fence}},
                {"_id": id, "n": n, "fence": fence, "data": data},
                upsert=True,
            )
        except DuplicateKeyError:
            raise LeaseLost("Another request went on with this upload: ask for its offset.") from None

    @with_timeout()
    def get(self, upload: str, n: int) -> bytes:
        """One chunk; NotFound when it is not there."""
        found = self._chunks.find_one({"_id": _id(upload, n)}, {"data": 1})
        if found is None:
            raise file_not_found()
        return bytes(found["data"])

    def read(self, upload: str, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from start up to stop, one chunk at a time; no cursor stays open between two."""
        while start < stop:
            n, skip = divmod(start, CHUNK)
            piece = self.get(upload, n)[skip : skip + stop - start]
            if not piece:
                raise EOFError(f"the bytes of upload {upload} end at {start}, before {stop}")
            yield piece
            start += len(piece)

    def open(self, upload: str, size: int) -> BinaryIO:
        """The bytes as a file to seek and read in; holds about one chunk in memory."""
        return io.BufferedReader(_Reader(self, upload, size), READ_AHEAD)

    @with_timeout()
    def delete(self, upload: str) -> int:
        """Delete every chunk of an upload; gives how many there were."""
        return self._chunks.delete_many({"_id": {"$gte": _id(upload, 0), "$lt": f"{upload}/"}}).deleted_count


def _id(upload: str, n: int) -> str:
    return f"{upload}.{n:08d}"


class Writer:
    """Adds bytes to an upload after its offset; holds less than two chunks in memory."""

    def __init__(self, store: ChunkStore, upload: str, fence: int, offset: int) -> None:
        self._store, self._upload, self._fence = store, upload, fence
        self._n, kept = divmod(offset, CHUNK)
        self._buffer = bytearray(store.get(upload, self._n)[:kept] if kept else b"")
        self._flushed = kept

    @property
    def written(self) -> int:
        """Up to where whole chunks have been written."""
        return self._n * CHUNK

    def write(self, piece: bytes) -> None:
        """Take some bytes, and write every chunk that they fill."""
        self._buffer += piece
        while len(self._buffer) >= CHUNK:
            self._put(bytes(self._buffer[:CHUNK]))
            del self._buffer[:CHUNK]
            self._n += 1
            self._flushed = 0

    def flush(self) -> None:
        """Write the last, unfilled chunk, unless it is written so; this writer or a later one goes on in it."""
        if len(self._buffer) > self._flushed:
            self._put(bytes(self._buffer))
            self._flushed = len(self._buffer)

    def _put(self, data: bytes) -> None:
        self._store.put(self._upload, self._n, self._fence, data)


class _Reader(PiecewiseFile):
    """One chunk in memory, and a position."""

    def __init__(self, store: ChunkStore, upload: str, size: int) -> None:
        super().__init__(size)
        self._store, self._upload = store, upload
        self._current: tuple[int, bytes] = (-1, b"")

    def fetch(self, at: int, most: int) -> bytes:
        """Read up to the end of one chunk."""
        n, skip = divmod(at, CHUNK)
        stop = min(skip + most, self._size - n * CHUNK)
        return self._chunk(n)[skip:stop] if skip < stop else b""

    def _chunk(self, n: int) -> bytes:
        if self._current[0] != n:
            self._current = (n, self._store.get(self._upload, n))
        return self._current[1]
