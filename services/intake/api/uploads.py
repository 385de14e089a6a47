"""Uploads by tus 1.0.0: creation, checksum, expiration, termination."""

from collections.abc import Iterator

import flask
from werkzeug.exceptions import ClientDisconnected

from services.intake import commands, domain, queries
from services.intake.api import tus
from services.intake.blobs.chunks import ChunkStore
from services.intake.blobs.leases import LEASE_SECONDS, UploadLease, UploadLeases
from services.intake.blobs.limits import ConcurrencyLimit
from services.intake.blobs.receiving import Body, ConnectionBroken, examine, receive
from services.intake.domain import Inspection, Upload
from shared import web
from shared.auth.guard import PUBLIC, audience, caller
from shared.core.errors import BadRequest, Conflict, Invalid, Locked, TooLarge, UnsupportedMedia
from shared.core.ids import utcnow
from shared.core.people import AGENCY_ROLES
from shared.storage.mongo import Store
from shared.storage.transaction import Origin
from shared.web.requests import correlation, trace

PIECE = 32 * 1024
LEASE = "UPLOAD_LEASE_SECONDS"
"""The application's configuration may set another length for leases under this name."""
LIMIT = "nilai-upload-limit"

blp = web.Blueprint("uploads", __name__, url_prefix="/uploads", description="Resumable uploads: tus 1.0.0.")


@blp.before_request  # type: ignore[untyped-decorator]  # flask_smorest is untyped
def check_tus_version() -> None:
    """Refuse other versions of tus."""
    if flask.request.method != "OPTIONS":
        tus.check_version(flask.request.headers)


@blp.after_request  # type: ignore[untyped-decorator]  # flask_smorest is untyped
def add_tus_version(response: flask.Response) -> flask.Response:
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
    """What of tus is supported here."""
    return flask.Response(status=204, headers=tus.CAPABILITIES)


@blp.route("/<participation>", methods=["POST"], provide_automatic_options=False)
@blp.response(201)
@web.document_headers(*tus.CREATION)
@web.document_errors(BadRequest, Conflict, tus.VersionNeeded, TooLarge, Invalid)
@audience(*AGENCY_ROLES)
def begin_upload(participation: str) -> flask.Response:
    """Begin an upload: Upload-Length, and Upload-Metadata with `filename` and perhaps `sha256`."""
    if flask.request.content_length:
        raise BadRequest("Begin with an empty body, then send the bytes by PATCH.", "body-not-taken")
    upload = web.run(commands.begin_upload, participation, tus.upload_request(flask.request.headers))
    location = f"{flask.request.path}/{upload.id}"
    return flask.Response(status=201, headers={"Location": location, **tus.expiry(upload.expires)})


@blp.route("/<participation>/<id>", methods=["HEAD"], provide_automatic_options=False)
@blp.response(200)
@web.document_headers(tus.RESUMABLE)
@web.document_errors(Conflict, domain.Gone, tus.VersionNeeded, Invalid)
@audience(*AGENCY_ROLES)
def get_upload(participation: str, id: str) -> flask.Response:
    """How far an upload is."""
    upload = web.query(queries.get_upload, participation, id, caller())
    if upload.state != "done":
        domain.check_open(upload, web.arrived())
    headers = {"Upload-Length": str(upload.length), "Upload-Metadata": upload.metadata}
    return flask.Response(status=200, headers={**tus.state_of(upload), **headers})


@blp.route("/<participation>/<id>", methods=["PATCH"], provide_automatic_options=False)
@blp.response(204)
@web.document_headers(*tus.APPENDING, content=tus.MEDIA_TYPE)
@web.document_errors(Conflict, domain.Gone, tus.VersionNeeded, Invalid, Locked, domain.ChecksumMismatch)
@audience(*AGENCY_ROLES)
def send_bytes(participation: str, id: str) -> flask.Response:
    """Send bytes from Upload-Offset on; with Upload-Checksum all of them count or none."""
    upload = web.query(queries.get_upload, participation, id, caller())
    web.query(queries.get_upload_rules, participation, caller(), web.arrived())
    offset = _check_patch(upload)
    body = Body(_pieces(upload.length - offset), tus.checksum(flask.request.headers))
    store = flask.current_app.extensions["nilai"]
    leases = UploadLeases(store.db, _lease_seconds())
    _limit_silence()
    with _limit().acquire(upload.agency), leases.acquire(upload.id, offset) as lease:
        after = _receive(ChunkStore(store.db), lease, body)
    if after.refusal:
        raise domain.refused(after.refusal)
    return flask.Response(status=204, headers=tus.state_of(after))


@blp.route("/<participation>/<id>", methods=["DELETE"], provide_automatic_options=False)
@blp.response(204)
@web.document_headers(tus.RESUMABLE)
@web.document_errors(Conflict, domain.Gone, tus.VersionNeeded, Invalid)
@audience(*AGENCY_ROLES)
def end_upload(participation: str, id: str) -> flask.Response:
    """End an upload that is not complete."""
    web.run(commands.end_upload, participation, id)
    return flask.Response(status=204)


def _lease_seconds() -> float:
    seconds: float = flask.current_app.config.get(LEASE, LEASE_SECONDS)
    return seconds


def _limit() -> ConcurrencyLimit:
    """The one limit of this process, made when it is needed first."""
    threads = flask.current_app.config["WEB_THREADS"]
    limit: ConcurrencyLimit = flask.current_app.extensions.setdefault(LIMIT, ConcurrencyLimit(threads))
    return limit


def _limit_silence() -> None:
    """Take a client that sends nothing for four leases for gone, or a lost connection would keep its thread."""
    if line := flask.request.environ.get("gunicorn.socket"):
        line.settimeout(4 * _lease_seconds())


def _check_patch(upload: Upload) -> int:
    """The offset that a PATCH names; refuses before a byte is read what could not be kept there."""
    request = flask.request
    domain.check_open(upload, web.arrived())
    if request.mimetype != tus.MEDIA_TYPE:
        raise UnsupportedMedia(f"Send the bytes as Content-Type: {tus.MEDIA_TYPE}.")
    offset = tus.number(request.headers, "Upload-Offset")
    if offset == upload.offset:
        domain.check_length(upload, offset + (request.content_length or 0))
    return offset


def _receive(chunks: ChunkStore, lease: UploadLease, body: Body) -> Upload:
    """The upload after this PATCH: a part longer, done, or refused."""
    end = receive(chunks, lease, body)
    if end < lease.upload.length:
        return lease.advance(end)
    return _finish(lease.upload, examine(chunks, lease))


def _finish(upload: Upload, inspection: Inspection) -> Upload:
    """Finish at the present time, so that nothing is written as of an arrival that may be hours ago."""
    store: Store = flask.current_app.extensions["nilai"]
    origin = Origin(caller=caller(), correlation=correlation(), at=utcnow(), trace=trace())
    return store.run(commands.finish_upload, upload, inspection, web.arrived(), origin=origin)


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
        raise ConnectionBroken(
            "The connection broke before all announced bytes came: ask for the offset, and go on."
        )
