"""One shape for everything that goes wrong: RFC 9457 problem details, or a page where a person looks."""

from collections.abc import Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any

import flask
from werkzeug.exceptions import HTTPException

from shared.core import telemetry
from shared.core.errors import (
    AppError,
    BadRequest,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    TryLater,
    UnsupportedMedia,
)
from shared.web.pointers import field_problems
from shared.web.requests import correlation

log = telemetry.logger(__name__)

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 500
"""Fields of one request that are named as wrong."""
INTERNAL = (
    "Something went wrong on our side. Look whether your request was carried out before you send it again. "
    "Quote the correlation id when you report this."
)
UNCERTAIN = {AppError.code, "outcome-unknown"}
"""Codes of errors after which something may have been changed all the same."""
INDONESIAN = {
    400: "Permintaan tidak dapat dibaca",
    401: "Silakan masuk terlebih dahulu",
    403: "Tidak diizinkan",
    404: "Halaman tidak ditemukan",
    405: "Cara akses tidak tersedia",
    408: "Permintaan datang terlalu lambat",
    409: "Bertentangan dengan keadaan saat ini",
    413: "Terlalu besar",
    422: "Isian tidak sesuai",
    503: "Silakan coba beberapa saat lagi",
}


def register(app: flask.Flask) -> None:
    """Answer every error of the application with a problem."""
    app.register_error_handler(AppError, _of_app_error)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _of_surprise)


def _of_app_error(error: AppError) -> flask.Response:
    _note(error)
    response = answer(error.status, error.cause_code, error.title, error.detail, error.extra)
    if error.status == HTTPStatus.UNAUTHORIZED:
        proof = (
            ""
            if error.cause_code == error.code
            else f', error="invalid_token", error_description="{error.detail}"'
        )
        response.headers["WWW-Authenticate"] = f'Bearer realm="nilai"{proof}'
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "5"
    if isinstance(error, Forbidden) and error.cause_code == "role-needed":
        response.headers["WWW-Authenticate"] = 'Bearer realm="nilai", error="insufficient_scope"'
    return response


def _note(error: AppError) -> None:
    """Log what is ours to mend as an error; that another system is unavailable is a warning."""
    fields = {"code": error.cause_code}
    if isinstance(error, TryLater):
        log.warning(error.detail, extra=fields, exc_info=error if error.__cause__ else None)
    elif error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error(error.detail, extra=fields, exc_info=error)


def _of_http(error: HTTPException) -> flask.Response:
    """The problem of an error that Flask, werkzeug or webargs raised."""
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return flask.current_app.make_response(error.get_response())
    data = getattr(error, "data", {})
    messages = data.get("messages")
    errors = islice(field_problems(messages or {}, data.get("schema")), MOST_ERRORS)
    extra = {"errors": list(errors)} if messages else {}
    detail = "Some fields are not as they should be: see errors." if messages else error.description
    code, title = _name(HTTPStatus(error.code))
    response = answer(error.code, code, title, detail or title, extra)
    kept = {"content-type", "content-length"}
    response.headers.update({name: value for name, value in error.get_headers() if name.lower() not in kept})
    return response


def _name(status: HTTPStatus) -> tuple[str, str]:
    """The code and title of a status: ours where we have the same cause, else HTTP's own words."""
    for ours in (BadRequest, NotFound, TooLarge, UnsupportedMedia, Invalid):
        if ours.status == status:
            return ours.code, ours.title
    return status.phrase.lower().replace(" ", "-"), status.phrase


def _of_surprise(error: Exception) -> flask.Response:
    log.error("unexpected error", exc_info=error)
    return answer(HTTPStatus.INTERNAL_SERVER_ERROR, AppError.code, AppError.title, INTERNAL)


def answer(
    status: int, code: str, title: str, detail: str, extra: Mapping[str, Any] | None = None
) -> flask.Response:
    """A response that says what went wrong, as JSON or as a page, whichever its reader prefers."""
    problem: dict[str, Any] = {
        "type": f"urn:nilai:problem:{code}",
        "title": title,
        "status": int(status),
        "detail": detail,
        "instance": flask.request.path,
        "code": code,
        "correlation": correlation(),
    }
    problem |= {name: value for name, value in (extra or {}).items() if name not in problem}
    if _prefers_page():
        title_id = INDONESIAN.get(status, "Terjadi kesalahan")
        page = flask.render_template(
            "error.html", problem=problem, title_id=title_id, uncertain=code in UNCERTAIN
        )
        response = flask.make_response(page)
    else:
        response = flask.current_app.response_class(flask.json.dumps(problem), mimetype=MEDIA_TYPE)
    response.status_code = status
    response.vary.add("Accept")
    return response


def _prefers_page() -> bool:
    wanted = flask.request.accept_mimetypes
    return wanted["text/html"] > max(wanted["application/json"], wanted[MEDIA_TYPE])
