"""One shape for everything that goes wrong: RFC 9457 problem details, or a page where a person looks."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from itertools import islice
from typing import Any

import flask
from werkzeug.exceptions import HTTPException

from shared.auth.sessions import wants_page
from shared.core import telemetry
from shared.core.errors import (
    AppError,
    BadRequest,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    TooMany,
    TryLater,
    UnsupportedMedia,
)
from shared.web import apologies, sentences
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


def register(app: flask.Flask) -> None:
    """Answer every error of the application with a problem."""
    app.register_error_handler(AppError, of_app_error)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _of_surprise)


def of_app_error(error: AppError) -> flask.Response:
    """The response that says what an error of ours was."""
    _note(error)
    response = answer(error.status, error.cause_code, error.title, error.detail, error.extra)
    if error.status == HTTPStatus.UNAUTHORIZED:
        proof = (
            ""
            if error.cause_code == error.code
            else f', error="invalid_token", error_description="{_quotable(error.detail)}", '
            f'error_uri="urn:nilai:problem:{error.cause_code}"'
        )
        response.headers["WWW-Authenticate"] = f'Bearer realm="nilai"{proof}'
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "5"
    if isinstance(error, Forbidden) and error.cause_code == "role-needed":
        response.headers["WWW-Authenticate"] = 'Bearer realm="nilai", error="insufficient_scope"'
    return response


def _quotable(detail: str) -> str:
    """A text that may stand in a header between quotation marks (RFC 6750, section 3)."""
    return re.sub(r"[^ !#-\[\]-~]", "'", detail)


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
    errors = list(islice(field_problems(messages or {}, data.get("schema")), MOST_ERRORS))
    code, title = _name(HTTPStatus(error.code))
    detail = _in_short(errors) if errors else _description(error)
    response = answer(error.code, code, title, detail, {"errors": errors} if errors else {})
    kept = {"content-type", "content-length"}
    response.headers.update({name: value for name, value in error.get_headers() if name.lower() not in kept})
    return response


def _in_short(errors: Sequence[Mapping[str, str]]) -> str:
    """The first thing that is wrong, and how many more are."""
    first, rest = errors[0], len(errors) - 1
    where = f"`{first['pointer']}`" if first["pointer"] else "The content"
    more = f" {rest} more {'stands' if rest == 1 else 'stand'} in `errors`." if rest else ""
    return f"{where}: {first['detail']}{more}"


def _description(error: HTTPException) -> str:
    """What is wrong with a request that no view of ours took; werkzeug speaks to people at browsers."""
    request = flask.request
    said = {
        HTTPStatus.BAD_REQUEST: "The request cannot be read as HTTP says: look at its line and its headers.",
        HTTPStatus.NOT_FOUND: f"Nothing is at {request.path[:200]}: look at the API's documentation (…/docs).",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not for this address; Allow names what is.",
    }
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    return said.get(status, error.description or status.phrase)


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
        "detail": sentences.for_reader(code, detail, extra),
        "instance": flask.request.path,
        "code": code,
        "correlation": correlation(),
    }
    problem |= {name: value for name, value in (extra or {}).items() if name not in problem}
    if wants_page():
        page = apologies.page(problem, detail, is_uncertain=code in UNCERTAIN)
        response = flask.make_response(page)
    else:
        response = flask.current_app.response_class(flask.json.dumps(problem), mimetype=MEDIA_TYPE)
    response.status_code = status
    response.vary.add("Accept")
    return response
