"""Uploads by tus 1.0.0: creation, checksum, expiration, termination."""

from collections.abc import Iterator

import flask
from werkzeug.exceptions import ClientDisconnected

from services.intake import commands, domain, queries
from services.intake.api import tus
from services.intake.blobs.chunks import ChunkStore
from services.intake.blobs.leases import LEASE_SECONDS, UploadLease, UploadLeases
from services.intake.blobs.limits import ConcurrencyLimit
from services.intake.blobs.receiving import Body, BrokenOff, examine, receive
from services.intake.domain import Inspection, Upload
from services.intake.queries import upload_rules
from shared import web
from shared.auth.guard import PUBLIC, audience, caller
from shared.core.errors import BadRequest, Conflict, Invalid, Locked, TooLarge, UnsupportedMedia
from shared.core.ids import utcnow
from shared.core.people import AGENCY_ROLES
from shared.storage.mongo import Store
from shared.web.requests import correlation, trace

PIECE = 32 * 1024
LEASE = "UPLOAD_LEASE_SECONDS"
"""The application's configuration may set another length for leases under this name."""
LIMIT = "nilai-upload-seats"

blp = web.Blueprint("uploads", __name__, url_prefix="/uploads", description="Resumable uploads: tus 1.0.0.")


@blp.before_request  # type: ignore[untyped-decorator]  # flask_smorest is untyped
def speak_tus() -> None:
    """Refuse other versions of tus."""
    if flask.request.method != "OPTIONS":
        tus.check_version(flask.request.headers)


@blp.after_request  # type: ignore[untyped-decorator]  # flask_smorest is untyped
def say_version(response: flask.Response) -> flask.Response:
    """Name the version in every answer."""
    response.headers["Tus-Resumable"] = tus.VERSION
    if response.status_code == tus.VersionNeeded.status:
        response.headers["Tus-Version"] = tus.VERSION
    return response


@blp.route(
    "/<participation>/<id>",
    methods=["OPTIONS"],
    endpoint="get_upload_capabilities",
    provide_automatic_options=False,
)
@blp.route("/<participation>", methods=["OPTIONS"], provide_automatic_options=False)
@blp.response(204)
@audience(PUBLIC)
def get_capabilities(participation: str, id: str = "") -> flask.Response:
    """What of tus is spoken here."""
    return flask.Response(status=204, headers=tus.CAPABILITIES)


@blp.route("/<participation>", methods=["POST"], provide_automatic_options=False)
@blp.response(201)
@web.document_headers(*tus.BEGINNING)
@web.document_errors(BadRequest, Conflict, tus.VersionNeeded, TooLarge, Invalid)
@audience(*AGENCY_ROLES)
def begin_upload(participation: str) -> flask.Response:
    """Begin an upload: Upload-Length, and Upload-Metadata with `filename` and perhaps `sha256`."""
    if flask.request.content_length:
        raise BadRequest("Begin with an empty body, then send the bytes by PATCH.", "body-not-taken")
    upload = web.run(commands.begin_upload, participation, tus.upload_request(flask.request.headers))
    place = f"{flask.request.path}/{upload.id}"
    return flask.Response(status=201, headers={"Location": place, **tus.expiry(upload.expires)})


@blp.route("/<participation>/<id>", methods=["HEAD"], provide_automatic_options=False)
@blp.response(200)
@web.document_headers(tus.SPOKEN)
@web.document_errors(Conflict, domain.Gone, tus.VersionNeeded, Invalid)
@audience(*AGENCY_ROLES)
def get_upload(participation: str, id: str) -> flask.Response:
    """How far an upload is."""
    upload = web.query(queries.get_upload, participation, id, caller())
    if upload.state != "done":
        domain.check_going_on(upload, web.arrived())
    told = {"Upload-Length": str(upload.length), "Upload-Metadata": upload.metadata}
    return flask.Response(status=200, headers={**tus.state_of(upload), **told})


@blp.route("/<participation>/<id>", methods=["PATCH"], provide_automatic_options=False)
@blp.response(204)
@web.document_headers(*tus.ADDING, content=tus.MEDIA_TYPE)
@web.document_errors(Conflict, domain.Gone, tus.VersionNeeded, Invalid, Locked, domain.ChecksumMismatch)
@audience(*AGENCY_ROLES)
def send_bytes(participation: str, id: str) -> flask.Response:
    """Send bytes from Upload-Offset on; with Upload-Checksum all of them count or none."""
    upload = web.query(queries.get_upload, participation, id, caller())
    web.query(upload_rules, participation, caller(), web.arrived())
    offset = _check_patch(upload)
    body = Body(_pieces(upload.length - offset), tus.checksum(flask.request.headers))
    store = flask.current_app.extensions["nilai"]
    holder = UploadLeases(store.db, _lease())
    _limit_silence()
    seats = flask.current_app.extensions.setdefault(
        LIMIT, ConcurrencyLimit(flask.current_app.config["WEB_THREADS"])
    )
    with seats.take(upload.agency), holder.hold(upload.id, offset) as hold:
        after = _receive(ChunkStore(store.db), hold, body)
    if after.refusal:
        raise domain.refused(after.refusal)
    return flask.Response(status=204, headers=tus.state_of(after))


@blp.route("/<participation>/<id>", methods=["DELETE"], provide_automatic_options=False)
@blp.response(204)
@web.document_headers(tus.SPOKEN)
@web.document_errors(Conflict, domain.Gone, tus.VersionNeeded, Invalid)
@audience(*AGENCY_ROLES)
def end_upload(participation: str, id: str) -> flask.Response:
    """End an upload that is not complete."""
    web.run(commands.end_upload, participation, id)
    return flask.Response(status=204)


def _lease() -> float:
    seconds: float = flask.current_app.config.get(LEASE, LEASE_SECONDS)
    return seconds


def _limit_silence() -> None:
    """Have whoever says nothing for four leases read as gone, or a lost connection would keep its thread."""
    if line := flask.request.environ.get("gunicorn.socket"):
        line.settimeout(4 * _lease())


def _check_patch(upload: Upload) -> int:
    """The offset that a PATCH names; refuses before a byte is read what could not be kept there."""
    request = flask.request
    domain.check_going_on(upload, web.arrived())
    if request.mimetype != tus.MEDIA_TYPE:
        raise UnsupportedMedia(f"Send the bytes as Content-Type: {tus.MEDIA_TYPE}.")
    offset = tus.number(request.headers, "Upload-Offset")
    if offset == upload.offset and offset + (request.content_length or 0) > upload.length:
        raise TooLarge(f"The file has {upload.length} bytes, as promised; these are more.", "too-many-bytes")
    return offset


def _receive(shelf: ChunkStore, hold: UploadLease, body: Body) -> Upload:
    """The upload after this PATCH: a part longer, done, or refused."""
    end = receive(shelf, hold, body)
    if end < hold.upload.length:
        return hold.advance(end)
    return _finish(hold.upload, examine(shelf, hold))


def _finish(upload: Upload, found: Inspection) -> Upload:
    """Finish at the present time, so that nothing is written as of an arrival that may be hours ago."""
    store: Store = flask.current_app.extensions["nilai"]
    return store.run(
        commands.finish_upload,
        upload,
        found,
        web.arrived(),
        caller=caller(),
        correlation=correlation(),
        at=utcnow(),
        trace=trace(),
    )


def _pieces(room: int) -> Iterator[bytes]:
    """The request's body in small pieces; its limit is the upload's own, not that of other requests."""
    request = flask.request
    request.max_content_length = room + 1
    received, announced = 0, request.content_length
    try:
        while piece := request.stream.read(PIECE):
            received += len(piece)
            yield piece
    except ClientDisconnected:
        announced = received + 1
    if announced is not None and received < announced:
        raise BrokenOff(
            "The connection broke before all announced bytes came: ask for the offset, and go on."
        )
