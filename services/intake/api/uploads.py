"""Uploads by tus 1.0.0: creation, checksum, expiration, termination."""

from collections.abc import Iterator

import flask
from flask.sansio.blueprints import BlueprintSetupState

from services.intake import commands, domain, queries
from services.intake.api import incoming, tus
from services.intake.blobs.chunks import ChunkStore
from services.intake.blobs.leases import UploadLease, UploadLeases
from services.intake.blobs.receiving import Body, look_at, receive
from services.intake.commands import discarding
from services.intake.domain import Upload, UploadRequest
from services.intake.domain.finishing import Content
from shared import web
from shared.auth.guard import PUBLIC, audience, caller
from shared.core.errors import AppError, BadRequest, Conflict, Invalid, Locked, TooLarge, UnsupportedMedia
from shared.core.ids import utcnow
from shared.core.people import AGENCY_ROLES
from shared.storage.mongo import Store
from shared.storage.transaction import Origin
from shared.web.requests import correlation, trace
from shared.web.seats import ConcurrencyLimit

LIMIT = "nilai-upload-limit"

blp = web.Blueprint("uploads", __name__, url_prefix="/uploads", description="Resumable uploads: tus 1.0.0.")


@blp.record_once  # type: ignore[untyped-decorator]  # flask_smorest is untyped
def speak_tus(state: BlueprintSetupState) -> None:
    """Speak tus below the path at which this blueprint is registered."""
    app = state.app
    assert isinstance(app, flask.Flask)
    app.wsgi_app = tus.Wire(app.wsgi_app, f"{state.url_prefix}/")  # type: ignore[method-assign]


@blp.before_request  # type: ignore[untyped-decorator]  # flask_smorest is untyped
def check_tus_version() -> None:
    """Refuse other versions of tus."""
    if flask.request.method != "OPTIONS":
        tus.check_version(flask.request.headers)


@blp.after_request  # type: ignore[untyped-decorator]  # flask_smorest is untyped
def add_tus_versions(response: flask.Response) -> flask.Response:
    """Name the versions that are spoken to whoever speaks another."""
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
    upload = _begun(participation, tus.upload_request(flask.request.headers))
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
    if not upload.is_followed:
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
    web.query(queries.get_upload_rules, participation, caller(), web.arrived(), upload.clarification)
    offset = _check_patch(upload)
    body = Body(incoming.pieces(upload.length - offset), tus.checksum(flask.request.headers))
    return flask.Response(status=204, headers=tus.state_of(_send(upload, offset, body)))


@blp.route("/<participation>/<id>", methods=["DELETE"], provide_automatic_options=False)
@blp.response(204)
@web.document_headers(tus.RESUMABLE)
@web.document_errors(Conflict, domain.Gone, tus.VersionNeeded, Invalid)
@audience(*AGENCY_ROLES)
def end_upload(participation: str, id: str) -> flask.Response:
    """End an upload; the evidence that came of a complete one stays."""
    web.run(commands.end_upload, participation, id)
    return flask.Response(status=204)


def take_file(
    participation: str, name: str, length: int, pieces: Iterator[bytes], clarification: str | None
) -> Upload:
    """Take a whole file, of so many bytes, that one request brings: an upload that nobody goes on with if it breaks."""
    asked = {"clarification": clarification} if clarification is not None else {}
    upload = _begun(participation, UploadRequest.of(length, {"filename": name, **asked}, ""))
    try:
        after = _send(upload, 0, Body(pieces, None))
    except AppError:
        web.run(commands.end_upload, participation, upload.id)
        raise
    if after.state == "open":
        web.run(commands.end_upload, participation, upload.id)
        raise incoming.broken_off()
    return after


def _send(upload: Upload, offset: int, body: Body) -> Upload:
    """The upload after so much more of it has come; raises what it was refused with at first sight."""
    store = flask.current_app.extensions["nilai"]
    with _limit().acquire(upload.agency), UploadLeases(store.db).acquire(upload.id, offset) as lease:
        after = _receive(ChunkStore(store.db), lease, body)
    if after.refusal:
        raise domain.refused(after.refusal)
    return after


def _begun(participation: str, wanted: UploadRequest) -> Upload:
    """The upload begun, if need be in the room of what nobody needs any more and is still there."""
    try:
        return web.run(commands.begin_upload, participation, wanted)
    except TooLarge as refused:
        store = flask.current_app.extensions["nilai"]
        agency = web.query(queries.get_participation, caller(), participation).participation.agency
        if refused.cause_code != "quota-exceeded" or not discarding.make_room(store, agency):
            raise
    return web.run(commands.begin_upload, participation, wanted)


def _limit() -> ConcurrencyLimit:
    """The one limit of this process, made when it is needed first."""
    threads = flask.current_app.config["WEB_THREADS"]
    limit: ConcurrencyLimit = flask.current_app.extensions.setdefault(
        LIMIT, ConcurrencyLimit.of_uploads(threads)
    )
    return limit


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
    """The upload after this PATCH: a part longer, to be inspected, or refused at first sight."""
    end = receive(chunks, lease, body)
    if end < lease.upload.length:
        return lease.advance(end)
    return _arrive(lease.upload, look_at(chunks, lease))


def _arrive(upload: Upload, content: Content) -> Upload:
    """Arrive at the present time, so that nothing is written as of an arrival that may be hours ago."""
    store: Store = flask.current_app.extensions["nilai"]
    origin = Origin(caller=caller(), correlation=correlation(), at=utcnow(), trace=trace())
    return store.run(commands.receive_upload, upload, content, web.arrived(), origin=origin)
