"""Pages of evidence as images, and text that is looked for in them: what can be had, and what is said when not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.intake.domain.evidence import File
from shared.core.errors import AppError, NotFound

WIDTHS = (800, 1200, 1800, 2400)
"""How many pixels an image of a page may be wide."""
DRAWN = frozenset({"pdf", "png", "jpeg", "gif", "webp", "tiff"})
"""Types of files whose pages are drawn."""
SEARCHED = frozenset({"pdf"})
MEDIA_TYPES: Mapping[bytes, str] = {b"\x89PNG": "image/png", b"RIFF": "image/webp"}
"""By their first bytes, what a drawn page may be: whoever has the drawing process in hand gives nothing else."""
INSTEAD = "Download the file, and open it on your own computer."


class NotDrawn(AppError):
    """A page that cannot be shown as an image."""

    status, code, title = 422, "page-not-drawn", "Page cannot be shown"


@dataclass(frozen=True)
class PageImage:
    """Which image of which file is wanted."""

    agency: str
    sha256: str
    page: int
    width: int

    @property
    def id(self) -> str:
        """By what it is known: what one agency's file looks like says nothing of another's."""
        return f"{self.agency}.{self.sha256}.{self.page}.{self.width}"

    @property
    def tag(self) -> str:
        """What its ETag says: the bytes that it was drawn from, and how."""
        return f"{self.sha256}.{self.page}.{self.width}"


@dataclass(frozen=True)
class Box:
    """A place on a page, in fractions of its width and height from its upper left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Hit:
    """Where a text stands: a page, and a box for each line that it covers."""

    page: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Found:
    """What a search came upon, in the order of pages; `next` is the page at which to go on, None at the end.

    `has_text` is False when the pages that were looked through hold no text at all, as scanned ones do.
    """

    pages: int
    hits: tuple[Hit, ...]
    next: int | None
    has_text: bool


def check_drawn(file: File) -> str:
    """The type of a file whose pages can be drawn; NotDrawn otherwise."""
    if file.blob.type not in DRAWN:
        raise NotDrawn(f"Pages of files of this kind are not shown here. {INSTEAD}", "kind-not-drawn")
    return file.blob.type


def check_searched(file: File) -> None:
    """NotDrawn unless text can be looked for in the file."""
    if file.blob.type not in SEARCHED:
        raise NotDrawn(f"Text is looked for in PDF files only. {INSTEAD}", "kind-not-searched")


def media_type(image: bytes) -> str | None:
    """The media type of a drawn page; None when it is no image that we draw."""
    return MEDIA_TYPES.get(image[:4])


def refusal(cause: str, pages: int | None = None) -> AppError:
    """Why there is no image, from the word of the process that was to draw it; what it may not say is damage."""
    return _REFUSALS.get(cause, _damaged)(pages)


def _damaged(_: int | None) -> AppError:
    return NotDrawn(f"This file is damaged, so that it cannot be shown here. {INSTEAD}")


def _locked(_: int | None) -> AppError:
    return NotDrawn(f"This file is under a password, so that it cannot be shown here. {INSTEAD}")


def _too_large(_: int | None) -> AppError:
    return NotDrawn(f"This takes more time or memory than it may here. {INSTEAD}", "page-too-large")


def _no_page(pages: int | None) -> AppError:
    return NotFound(f"There is no such page: the file has {pages}.", "no-such-page", {"pages": pages})


LOCKED, TOO_LARGE, NO_PAGE, DAMAGED = "locked", "too-large", "no-page", "damaged"
_REFUSALS: Mapping[str, Callable[[int | None], AppError]] = {
    LOCKED: _locked,
    TOO_LARGE: _too_large,
    NO_PAGE: _no_page,
}
