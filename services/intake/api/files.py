"""The agency's own files: listed, given out, unlinked."""

from contextlib import ExitStack
from operator import attrgetter
from typing import Any

import flask

from services.intake import commands, queries
from services.intake.api import downloads
from services.intake.blobs.chunks import ChunkStore
from services.intake.domain import File, FileOwnership, Gone
from services.intake.schemas import FileSchema
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict, Locked, TooLarge
from shared.core.people import AGENCY_ROLES
from shared.web import seats

blp = web.Blueprint("evidence", __name__, url_prefix="/evidence", description="Files that the agency owns.")


@blp.route("/<participation>")
@blp.arguments(web.PageQuery, location="query")
@blp.response(200, web.page_of(FileSchema))
@audience(*AGENCY_ROLES)
def list_files(query: dict[str, Any], participation: str) -> dict[str, Any]:
    """The agency's own files, by SHA-256."""
    after, limit = web.page_args(query)
    rows = web.query(queries.list_files, participation, caller(), after, limit)
    return web.by_id(rows, attrgetter("sha256"))


@blp.route("/<participation>/<sha256>")
@blp.response(200)
@downloads.document
@web.document_errors(Locked)
@audience(*AGENCY_ROLES)
def get_file(participation: str, sha256: str) -> flask.Response:
    """One of the agency's own files, or one range of its bytes."""
    return send_file(web.query(queries.get_own_file, participation, sha256, caller()), "own")


@blp.route("/<participation>/<sha256>", methods=["DELETE"])
@blp.response(204)
@web.document_errors(Conflict)
@audience(*AGENCY_ROLES)
def unlink_file(participation: str, sha256: str) -> flask.Response:
    """Unlink a file from this cycle, where no saved answer and no submission names it.

    For ten minutes that can be taken back (POST …/take-back). The file counts until its bytes are gone: after that
    time, or as soon as the agency needs their room for another file.
    """
    web.run(commands.unlink_file, participation, sha256)
    return flask.Response(status=204)


@blp.route("/<participation>/<sha256>/take-back", methods=["POST"])
@blp.response(200, FileSchema)
@web.document_errors(Gone, TooLarge)
@audience(*AGENCY_ROLES)
def take_file_back(participation: str, sha256: str) -> FileOwnership:
    """Take back that a file was unlinked from this cycle, while its bytes are still here; again changes nothing."""
    return web.run(commands.take_file_back, participation, sha256)


def send_file(file: File, how: str) -> flask.Response:
    """Hand a file out, and write down beforehand who was given what."""
    chunks = ChunkStore(flask.current_app.extensions["nilai"].db)
    if downloads.is_known(file):
        return flask.Response(status=304, headers={"ETag": downloads.etag(file)})
    part = downloads.wanted_part(file)
    if flask.request.method == "HEAD":
        return downloads.respond(file, part, ())
    with ExitStack() as taken:
        taken.enter_context(seats.going_out().acquire(caller().id))
        opened = "{}-{}".format(*part) if part else "all"
        web.run(commands.record_opening, file.ownership.agency, file.ownership.sha256, how, opened)
        seat = taken.pop_all()
    response = downloads.respond(file, part, downloads.body(chunks, file, part, seat))
    response.call_on_close(seat.close)
    return response
