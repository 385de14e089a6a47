"""The agency's own files: listed, given out, unlinked."""

from operator import attrgetter
from typing import Any

import flask

from services.intake import commands, queries
from services.intake.api import downloads
from services.intake.blobs.chunks import ChunkStore
from services.intake.domain import File
from services.intake.schemas import FileSchema
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict
from shared.core.people import AGENCY_ROLES

BYTES = "application/octet-stream"

blp = web.Blueprint("evidence", __name__, url_prefix="/evidence", description="Files that the agency owns.")


@blp.route("/<participation>")
@blp.arguments(web.PageQuery, location="query")
@blp.response(200, web.page_of(FileSchema))
@audience(*AGENCY_ROLES)
def list_files(query: dict[str, Any], participation: str) -> dict[str, Any]:
    """The agency's own files, by SHA-256."""
    after, limit = web.page_args(query)
    rows = web.query(queries.list_files, participation, caller(), after, limit)
    return web.by_id(rows, query, attrgetter("sha256"))


@blp.route("/<participation>/<sha256>")
@blp.response(200, content_type=BYTES)
@audience(*AGENCY_ROLES)
def get_file(participation: str, sha256: str) -> flask.Response:
    """One of the agency's own files, or one range of its bytes."""
    return send_file(web.query(queries.get_own_file, participation, sha256, caller()), "own")


@blp.route("/<participation>/<sha256>", methods=["DELETE"])
@blp.response(204)
@web.document_errors(Conflict)
@audience(*AGENCY_ROLES)
def unlink_file(participation: str, sha256: str) -> flask.Response:
    """Unlink a file from this cycle, where no saved answer and no submission names it; it counts no more in it."""
    web.run(commands.unlink_file, participation, sha256)
    return flask.Response(status=204)


def send_file(file: File, how: str) -> flask.Response:
    """Hand a file out, and write down beforehand who was given what."""
    if downloads.is_known(file):
        return flask.Response(status=304, headers={"ETag": downloads.etag(file)})
    part = downloads.wanted_part(file)
    if flask.request.method != "HEAD":
        opened = "{}-{}".format(*part) if part else "all"
        web.run(commands.record_opening, file.ownership.agency, file.ownership.sha256, how, opened)
    return downloads.respond(ChunkStore(flask.current_app.extensions["nilai"].db), file, part)
