"""Images of pages that were drawn, kept in a folder for who asks next until newer ones need their room.

They are known by their agency too: how soon an image comes says nothing of what another agency handed in. They stand
beside the database, so that neither its log nor a backup carries what can be drawn again.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from services.intake.domain.page_images import PageImage
from shared.core import telemetry

log = telemetry.logger(__name__)

DRAWN_BY = "1"
"""Another number whenever pages are drawn otherwise, so that nobody is given what an older version drew."""
MOST_BYTES = 256 * 1024 * 1024


class PageImages:
    """The drawn pages of all files, as many as the folder may hold; where there is no folder none is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def find(self, wanted: PageImage) -> bytes | None:
        """The image of a page, where it is kept."""
        with suppress(OSError):
            return self._place(self._folder, wanted).read_bytes() if self._folder else None
        return None

    def add(self, wanted: PageImage, data: bytes) -> None:
        """Keep the image of a page; where that cannot be done it is drawn again."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _draft(self._folder) as draft:
                draft.write_bytes(data)
                draft.replace(self._place(self._folder, wanted))
            _make_room(self._folder)
        except OSError as why:
            log.warning("page not kept", extra={"why": str(why)})

    @staticmethod
    def _place(folder: Path, wanted: PageImage) -> Path:
        return folder / sha256(f"{DRAWN_BY}.{wanted.id}".encode()).hexdigest()


@contextmanager
def _draft(folder: Path) -> Iterator[Path]:
    """A file that nobody looks for, and that goes unless it was given another name."""
    handle, name = tempfile.mkstemp(dir=folder)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _make_room(folder: Path) -> None:
    """Remove the oldest as long as all together are too large; another process may do the same."""
    found = []
    for entry in os.scandir(folder):
        with suppress(FileNotFoundError):
            said = entry.stat()
            found.append((said.st_mtime_ns, said.st_size, entry.path))
    excess = sum(size for _, size, _ in found) - MOST_BYTES
    for _, size, path in sorted(found):
        if excess <= 0:
            return
        Path(path).unlink(missing_ok=True)
        excess -= size
