"""A file that a plain form of a browser brings, where no script sends it in pieces: it goes on as it comes."""

from collections.abc import Iterator

import flask
from werkzeug.datastructures import Headers
from werkzeug.sansio.multipart import Data, Event, File, MultipartDecoder, NeedData

from services.intake.api import incoming, uploads
from services.intake.domain import Upload
from shared.core.errors import BadRequest, Invalid, UnsupportedMedia

MEDIA_TYPE = "multipart/form-data"
MOST_HELD = 256 * 1024
"""Bytes that are held at a time: what comes before the file, and a piece of it."""


def take_form(participation: str, clarification: str | None = None) -> Upload:
    """Take the one file of the present request's form, for the answer to a question if one is named.

    BadRequest, Invalid, UnsupportedMedia and what uploads raise.
    """
    form = _Form(flask.request.headers)
    return uploads.take_file(participation, form.name, form.length, form.bytes(), clarification)


class _Form:
    """A form whose last field is a file: `name` and `length` are known as soon as its head has come."""

    def __init__(self, headers: Headers) -> None:
        boundary = flask.request.mimetype_params.get("boundary", "")
        announced = flask.request.content_length
        if flask.request.mimetype != MEDIA_TYPE or not boundary or announced is None:
            raise UnsupportedMedia(f"Send the file by a form, as {MEDIA_TYPE} of a known length.")
        self._decoder = MultipartDecoder(boundary.encode(), MOST_HELD)
        self._pieces = incoming.pieces(announced)
        self._came = 0
        self.name = self._find_file().filename
        # The file begins after the line break that waits in the buffer, and the form ends with one boundary.
        end = len(f"\r\n--{boundary}--\r\n")
        self.length = announced - (self._came - len(self._decoder.buffer) + 2) - end
        if not self.name or self.length <= 0:
            raise Invalid("No file was chosen, or an empty one: choose one with content.", "empty-file")

    def _find_file(self) -> File:
        for event in self._events():
            if isinstance(event, File):
                return event
        raise BadRequest("The form has no file in it.", "no-file")

    def bytes(self) -> Iterator[bytes]:
        """The bytes of the file, with an empty piece for each pause."""
        for event in self._events():
            yield event.data if isinstance(event, Data) else b""

    def _events(self) -> Iterator[Event]:
        """What comes of the form, with a NeedData for each pause; BadRequest where it cannot be read."""
        while True:
            event = self._next()
            if isinstance(event, NeedData):
                piece = next(self._pieces, None)
                if piece is None:
                    return
                if not piece:
                    yield event
                self._came += len(piece)
                self._decoder.receive_data(piece)
            elif not isinstance(event, Data) or event.data:
                yield event

    def _next(self) -> Event:
        try:
            return self._decoder.next_event()
        except ValueError as problem:
            raise BadRequest(f"The form cannot be read: {problem}.", "bad-form") from problem
