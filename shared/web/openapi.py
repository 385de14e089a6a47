"""The API as OpenAPI 3.1: who may is part of it, errors have one schema; with a page to read it offline."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any, get_args

import flask
import flask_smorest
from flask_smorest.utils import prepare_response
from marshmallow import Schema
from webargs.flaskparser import FlaskParser, is_json_request

from shared.auth.guard import ANYONE, PUBLIC, ViewFunction, annotate, audience
from shared.auth.sessions import FORM_HEADER
from shared.core.errors import (
    AppError,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    PreconditionNeeded,
    TooLarge,
    TooMany,
    Unauthenticated,
    UnsupportedMedia,
)
from shared.core.people import AGENCY_ROLES
from shared.web.bodies import TooSlow
from shared.web.components import HEADERS, IF_NONE_MATCH, Problem
from shared.web.decoding import decode
from shared.web.problems import MEDIA_TYPE

_STATUSES = frozenset(HTTPStatus)


LICENCE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
_OF_STATUS: Mapping[HTTPStatus | None, tuple[str, ...]] = {
    HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate",),
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: ("Content-Range",),
    HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After",),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After",),
}
SchemaLike = Schema | type[Schema] | dict[str, Any]


class Parser(FlaskParser):
    """Reads JSON strictly: another media type is 415, what is not JSON is 400."""

    def _raw_load_json(self, req: flask.Request) -> Any:
        body = req.get_data(cache=True)
        if body and not is_json_request(req):
            raise UnsupportedMedia("Send the content as application/json.")
        return decode(body) if body else super()._raw_load_json(req)


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask_smorest is untyped
    """A group of API routes, under `/<service>/api/v1`; documents the name, the audience and the problems of each."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(_document)

    def route(self, rule: str, **options: Any) -> Callable[[ViewFunction], ViewFunction]:
        """Answer a route; the view's name becomes its operationId, its docstring the summary and description."""
        decorate: Callable[[ViewFunction], ViewFunction] = super().route(rule, **options)

        def named(view: ViewFunction) -> ViewFunction:
            name = options.get("endpoint") or view.__name__
            return decorate(annotate(view, name=name, may_lack="<" in rule, tagged=_is_tagged(view)))

        return named

    def arguments(self, schema: SchemaLike, **options: Any) -> Callable[[ViewFunction], ViewFunction]:
        """Check a part of the request by a schema, whose `example` is shown, and hand the result to the view."""
        if example := getattr(schema, "example", None):
            options.setdefault("example", example)
        decorate: Callable[[ViewFunction], ViewFunction] = super().arguments(schema, **options)
        return decorate

    def response(
        self, status: int, schema: SchemaLike | None = None, **options: Any
    ) -> Callable[[ViewFunction], ViewFunction]:
        """Answer with this status, the result written by the schema."""
        decorate: Callable[[ViewFunction], ViewFunction] = super().response(status, schema, **options)
        return decorate


def document_headers(
    *headers: Mapping[str, Any], content: str | None = None, example: str | None = None
) -> Callable[[ViewFunction], ViewFunction]:
    """Document what a view reads by itself: headers such as IF_MATCH, and a content of another type than JSON.

    A content without an example is bytes.
    """
    return lambda view: annotate(view, headers=headers, content=content, example=example)


def document_answer(
    status: int, *names: str, content: Sequence[str] = ()
) -> Callable[[ViewFunction], ViewFunction]:
    """Document headers (of `HEADERS`) and bytes of these types that a view puts into its answer by itself."""

    def declare(view: ViewFunction) -> ViewFunction:
        before: tuple[Any, ...] = vars(view).get("_apidoc", {}).get("answers", ())
        return annotate(view, answers=(*before, (str(status), names, content)))

    return declare


def document_errors(*errors: type[AppError]) -> Callable[[ViewFunction], ViewFunction]:
    """Document the problems of a view beside those that follow from its audience, path, headers and content."""
    return lambda view: annotate(view, errors=errors)


def _is_tagged(view: ViewFunction) -> bool:
    """Whether a view says that it gives a version's ETag (`Tagged` or `Versioned`)."""
    return get_args(view.__annotations__.get("return"))[-1:] == (dict[str, str],)


def _document(
    doc: dict[str, Any], doc_info: Mapping[str, Any], *, method: str = "", **_: Any
) -> dict[str, Any]:
    who: frozenset[str] = doc_info.get("audience", frozenset())
    doc["operationId"] = doc_info["name"]
    doc["security"] = [] if PUBLIC in who else [{"bearer": []}, {"session": []}]
    doc["x-audience"] = sorted(who)
    doc["description"] = f"{doc.get('description', '')}\n\n{_audience(who)}".strip()
    if headers := doc_info.get("headers"):
        doc["parameters"] = [*doc.get("parameters", ()), *headers]
    if content := doc_info.get("content"):
        doc["requestBody"] = {"required": True, "content": {content: _body(doc_info.get("example"))}}
    if doc_info["tagged"]:
        _document_version(doc, method)
    for status, names, content in doc_info.get("answers", ()):
        if int(status) < HTTPStatus.BAD_REQUEST:
            _document_answer(doc, status, names, content)
        else:
            doc["responses"].setdefault(status, HTTPStatus(int(status)).name)
    for error in _problems(who, doc, doc_info):
        name = HTTPStatus(error.status).name if error.status in _STATUSES else None
        doc["responses"].setdefault(str(error.status), name or {"description": error.title})
    return doc


def _audience(who: frozenset[str]) -> str:
    if PUBLIC in who:
        return "Who may: anyone, without a token."
    if ANYONE in who:
        return "Who may: anyone with a token."
    of_agency = " (roles of an agency count for that agency)" if who & {*AGENCY_ROLES} else ""
    return f"Who may: {', '.join(sorted(who))}{of_agency}."


def _body(example: str | None) -> dict[str, Any]:
    if example is None:
        return {"schema": {"type": "string", "format": "binary"}, "example": ""}
    return {"schema": {"type": "string"}, "example": example}


def _document_version(doc: dict[str, Any], method: str) -> None:
    """A version's ETag stands in every good answer; who reads it may have it already, or insist on one."""
    for status, response in doc["responses"].items():
        if str(status).startswith("2"):
            response["headers"] = {"ETag": HEADERS["ETag"]}
    if method.lower() == "get":
        doc["parameters"] = [*doc.get("parameters", ()), IF_NONE_MATCH]
        _document_answer(doc, "304", ("ETag",), ())
        doc["responses"].setdefault("412", "PRECONDITION_FAILED")


def _document_answer(doc: dict[str, Any], status: str, names: Iterable[str], content: Sequence[str]) -> None:
    answer = doc["responses"].setdefault(status, {"description": HTTPStatus(int(status)).phrase})
    answer.setdefault("headers", {}).update({name: HEADERS[name] for name in names})
    if content:
        answer["content"] = {type: {"schema": {"type": "string", "format": "binary"}} for type in content}


def _problems(
    who: frozenset[str], doc: Mapping[str, Any], doc_info: Mapping[str, Any]
) -> Iterator[type[AppError]]:
    """What can go wrong with a request, as far as its declarations say."""
    yield BadRequest
    if PUBLIC not in who:
        yield from (Unauthenticated, TooMany)
    if not who & {PUBLIC, ANYONE}:
        yield Forbidden
    if doc_info["may_lack"] and PUBLIC not in who:
        yield NotFound
    if "requestBody" in doc:
        yield from (TooSlow, TooLarge, UnsupportedMedia)
    if any(header["name"] == "If-Match" for header in doc_info.get("headers", ())):
        yield from (Conflict, PreconditionNeeded)
    yield from doc_info.get("errors", ())


class Api(flask_smorest.Api):  # type: ignore[misc]  # flask_smorest is untyped
    """The API of one service; its errors are problems, which `shared.web.problems` answers with."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """Nothing: `shared.web.problems` does it for pages too."""

    def _register_pagination_header(self) -> None:
        """Nothing: lists are held together by cursors, see `shared.web.paging`."""

    def _register_responses(self) -> None:
        names = {status.name: status for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST}
        for name, status in {**names, self.DEFAULT_ERROR_RESPONSE_NAME: None}.items():
            phrase = status.phrase if status else "A problem"
            headers = {"X-Request-Id": HEADERS["X-Request-Id"]}
            headers |= {each: HEADERS[each] for each in _OF_STATUS.get(status, ())}
            response = {"description": phrase, "schema": Problem, "headers": headers}
            prepare_response(response, self.spec, MEDIA_TYPE)
            self.spec.components.response(name, response, lazy=True)


def create_api(app: flask.Flask, service: str, version: str) -> Api:
    """The API of a service, still without its blueprints."""
    app.config |= {
        "API_TITLE": f"Nilai {service}",
        "API_VERSION": version,
        "OPENAPI_VERSION": "3.1.0",
        "API_SPEC_OPTIONS": {
            # Relative to where the document is: true behind every gateway.
            "servers": [{"url": "/", "description": "Where this document is."}],
            "info": {
                "license": LICENCE,
                "description": f"What the service {service} of Nilai does. From a browser only pages of Nilai itself "
                "may use it: no answer has CORS headers.",
            },
        },
    }
    api = Api(app)
    api.spec.components.security_scheme(
        "bearer",
        {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of the ministry's identity provider.",
        },
    )
    api.spec.components.security_scheme(
        "session",
        {
            "type": "apiKey",
            "in": "cookie",
            "name": "nilai",
            "description": "The session of a page, over TLS named __Host-nilai; what changes something needs the CSRF "
            f"token of the page in {FORM_HEADER} too.",
        },
    )
    return api


def specification(api: Api) -> flask.Blueprint:
    """The routes on which the API itself can be read: openapi.json for programs, docs for people."""
    pages = flask.Blueprint("specification", __name__)
    described = cache(api.spec.to_dict)

    @cache
    def operations() -> str:
        return flask.render_template("parts/operations.html", spec=described(), anyone=ANYONE)

    @pages.get("/openapi.json")
    @audience(PUBLIC)
    def openapi_json() -> flask.Response:
        return _checked_again(flask.jsonify(described()))

    @pages.get("/docs")
    @audience(PUBLIC)
    def docs() -> flask.Response:
        title = described()["info"]["title"]
        page = flask.render_template("docs.html", title=title, operations=operations())
        answer = _checked_again(flask.make_response(page))
        answer.vary.update(("Cookie", "Accept-Language"))
        return answer

    return pages


def _checked_again(answer: flask.Response) -> flask.Response:
    """An answer that may be kept, if its reader asks each time whether it has changed."""
    answer.add_etag()
    answer.headers["Cache-Control"] = "no-cache"
    return answer
