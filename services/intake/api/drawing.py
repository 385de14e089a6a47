"""Pages of files as images, and text that is looked for in them: drawn one after the other, and kept."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import flask

from services.intake import commands
from services.intake.blobs.chunks import ChunkStore
from services.intake.blobs.page_images import PageImages
from services.intake.domain import File, page_images
from services.intake.domain.page_images import Found, PageImage
from services.intake.queries import LinkedFile
from services.intake.rendering import process
from shared import web
from shared.auth.guard import ViewFunction, caller
from shared.core import telemetry
from shared.core.errors import Forbidden, Locked, NotFound, TryLater
from shared.web.components import IF_NONE_MATCH
from shared.web.seats import ConcurrencyLimit

log = telemetry.logger(__name__)

SEATS = "nilai-drawing"
PATIENCE = 10.0
"""Seconds that a request waits for its turn to have something drawn."""
_KEPT = ("ETag", "Cache-Control")


class Seats:
    """How many requests of one process wait or draw at a time, and how many of those draw.

    Half of the threads are left for everybody else, and no more is drawn at a time than processors can bear; of both
    a person has half.
    """

    def __init__(self, threads: int) -> None:
        self._waiting = ConcurrencyLimit(threads // 2, "being drawn")
        self._drawing = ConcurrencyLimit(threads // 8, "being drawn")

    @contextmanager
    def acquire(self, who: str) -> Iterator[None]:
        """Wait for one's turn; Locked or TryLater when that takes too long, or too many wait."""
        with self._waiting.acquire(who), self._drawing.acquire(who, PATIENCE):
            yield


def document(view: ViewFunction) -> ViewFunction:
    """Declare what a view answers that sends an image."""
    for answer in (
        web.document_answer(200, *_KEPT, content=tuple(page_images.MEDIA_TYPES.values())),
        web.document_answer(304, *_KEPT),
        web.document_headers(IF_NONE_MATCH),
        web.document_errors(Forbidden, Locked, NotFound, page_images.NotDrawn, TryLater),
    ):
        view = answer(view)
    return view


def send_page(images: PageImages, linked: LinkedFile, page: int, width: int) -> flask.Response:
    """Hand the image of a page out, and write down beforehand who was given what."""
    file = linked.file
    wanted = PageImage(file.ownership.agency, file.ownership.sha256, page, width)
    type = page_images.check_drawn(file)
    response = flask.Response(status=304)
    if not flask.request.if_none_match.contains_weak(wanted.tag):
        data = images.find(wanted) or _draw(images, file, type, wanted)
        _record(file, "page", page)
        response = flask.Response(data, content_type=page_images.media_type(data))
    response.headers["ETag"] = f'"{wanted.tag}"'
    response.headers["Cache-Control"] = f"private, max-age={linked.seconds(web.arrived())}"
    response.vary.update(("Authorization", "Cookie"))
    return response


def find_text(linked: LinkedFile, text: str, start: int) -> Found:
    """Where a text stands in a file, from that page on; it is written down who looked."""
    page_images.check_searched(linked.file)
    with _seats().acquire(caller().id), _open(linked.file) as opened:
        found = process.find(opened, linked.file.blob.size, start, text, process.BOUNDS)
    _record(linked.file, "find", start)
    return found


def _draw(images: PageImages, file: File, type: str, wanted: PageImage) -> bytes:
    with _seats().acquire(caller().id):
        # Who waited may have waited for somebody who had the same page drawn.
        if (found := images.find(wanted)) is not None:
            return found
        began = time.monotonic()
        with _open(file) as opened:
            data = process.draw(opened, file.blob.size, type, wanted, process.BOUNDS)
    log.info("page drawn", extra={"type": type, "ms": round(1000 * (time.monotonic() - began))})
    images.add(wanted, data)
    return data


def _open(file: File) -> BinaryIO:
    return ChunkStore(web.database().db).open(file.blob.upload, file.blob.size)


def _record(file: File, how: str, page: int) -> None:
    web.run(commands.record_opening, file.ownership.agency, file.ownership.sha256, how, str(page))


def _seats() -> Seats:
    app = flask.current_app
    found: Seats = app.extensions.setdefault(SEATS, Seats(app.config["WEB_THREADS"]))
    return found
