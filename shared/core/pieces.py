"""A file to be read whose bytes are fetched piece by piece, from wherever they are."""

import io
from abc import abstractmethod
from typing import Any


class PiecewiseFile(io.RawIOBase):
    """A file of a known size and a position in it; whoever extends it says how a piece is fetched."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size, self._at = size, 0

    @abstractmethod
    def fetch(self, at: int, most: int) -> bytes:
        """Some bytes from a place on, `most` at most, none at the end."""

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go somewhere; ValueError before the beginning."""
        at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if at < 0:
            raise ValueError("there is nothing before the beginning")
        self._at = at
        return at

    def readinto(self, into: Any) -> int:
        """Read a piece."""
        piece = self.fetch(self._at, len(into))
        into[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
