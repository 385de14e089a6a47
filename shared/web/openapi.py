"""The API as OpenAPI 3.1: who may is part of it, errors have one schema; with a page to read it offline."""

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, get_args

import flask
import flask_smorest
from flask_smorest.utils import prepare_response
from marshmallow import INCLUDE, Schema, fields
from webargs.flaskparser import FlaskParser, is_json_request

from shared.auth.guard import ANYONE, PUBLIC, ViewFunction, annotate, audience
from shared.core.errors import (
    AppError,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    PreconditionNeeded,
    TooLarge,
    Unauthenticated,
    UnsupportedMedia,
)
from shared.web.bodies import TooSlow
from shared.web.decoding import decode
from shared.web.problems import MEDIA_TYPE

_STATUSES = frozenset(HTTPStatus)
ETAG = {"description": "The version, for If-Match.", "required": True, "schema": {"type": "string"}}
SchemaLike = Schema | type[Schema] | dict[str, Any]


class FieldProblem(Schema):
    """What is wrong with one part of the input."""

    place = fields.String(data_key="in", metadata={"description": "json, query, path, headers or form."})
    pointer = fields.String(required=True, metadata={"description": "Where (JSON pointer, RFC 6901)."})
    detail = fields.String(required=True)


class Problem(Schema):
    """Why a request was not carried out (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "What happened and what to do."})
    instance = fields.String(required=True, metadata={"description": "The path that was asked for."})
    code = fields.String(required=True, metadata={"description": "One word per cause, for programs."})
    correlation = fields.String(required=True, metadata={"description": "Finds the request in all logs."})
    errors = fields.List(fields.Nested(FieldProblem))
    rev = fields.Integer(metadata={"description": "Of `stale`: the version that is stored."})
    stored = fields.Dict(metadata={"description": "Of `stale`: what is stored."})
    yours = fields.Dict(metadata={"description": "Of `stale`: what the request would have set."})

    class Meta:
        """Some codes have further members: the table of codes names them."""

        unknown = INCLUDE


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
        """Check a part of the request by a schema and hand the result to the view."""
        decorate: Callable[[ViewFunction], ViewFunction] = super().arguments(schema, **options)
        return decorate

    def response(
        self, status: int, schema: SchemaLike | None = None, **options: Any
    ) -> Callable[[ViewFunction], ViewFunction]:
        """Answer with this status, the result written by the schema."""
        decorate: Callable[[ViewFunction], ViewFunction] = super().response(status, schema, **options)
        return decorate


def document_headers(
    *headers: Mapping[str, Any], content: str | None = None
) -> Callable[[ViewFunction], ViewFunction]:
    """Document what a view reads by itself: headers such as IF_MATCH, and a content of another type than JSON."""
    return lambda view: annotate(view, headers=headers, content=content)


def document_errors(*errors: type[AppError]) -> Callable[[ViewFunction], ViewFunction]:
    """Document the problems of a view beside those that follow from its audience, path, headers and content."""
    return lambda view: annotate(view, errors=errors)


def _is_tagged(view: ViewFunction) -> bool:
    """Whether a view says that it gives a version's ETag (`Tagged` or `Versioned`)."""
    return get_args(view.__annotations__.get("return"))[-1:] == (dict[str, str],)


def _document(doc: dict[str, Any], doc_info: Mapping[str, Any], **_: Any) -> dict[str, Any]:
    who: frozenset[str] = doc_info.get("audience", frozenset())
    doc["operationId"] = doc_info["name"]
    doc["security"] = [] if PUBLIC in who else [{"bearer": []}]
    doc["x-audience"] = sorted(who)
    if headers := doc_info.get("headers"):
        doc["parameters"] = [*doc.get("parameters", ()), *headers]
    if content := doc_info.get("content"):
        doc["requestBody"] = {"required": True, "content": {content: {"schema": {"type": "string"}}}}
    if doc_info["tagged"]:
        for status, response in doc["responses"].items():
            if str(status).startswith("2"):
                response["headers"] = {"ETag": ETAG}
    for error in _problems(who, doc, doc_info):
        name = HTTPStatus(error.status).name if error.status in _STATUSES else None
        doc["responses"].setdefault(str(error.status), name or {"description": error.title})
    return doc


def _problems(
    who: frozenset[str], doc: Mapping[str, Any], doc_info: Mapping[str, Any]
) -> Iterator[type[AppError]]:
    """What can go wrong with a request, as far as its declarations say."""
    yield BadRequest
    if PUBLIC not in who:
        yield Unauthenticated
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
        names = {status.name: status.phrase for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST}
        for name, phrase in {**names, self.DEFAULT_ERROR_RESPONSE_NAME: "A problem"}.items():
            response = {"description": phrase, "schema": Problem}
            prepare_response(response, self.spec, MEDIA_TYPE)
            self.spec.components.response(name, response, lazy=True)


def create_api(app: flask.Flask, service: str, version: str) -> Api:
    """The API of a service, still without its blueprints."""
    app.config |= {
        "API_TITLE": f"Nilai {service}",
        "API_VERSION": version,
        "OPENAPI_VERSION": "3.1.0",
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
    return api


def specification(api: Api) -> flask.Blueprint:
    """The routes on which the API itself can be read: openapi.json for programs, docs for people."""
    pages = flask.Blueprint("specification", __name__)

    @pages.get("/openapi.json")
    @audience(PUBLIC)
    def openapi_json() -> Any:
        return api.spec.to_dict()

    @pages.get("/docs")
    @audience(PUBLIC)
    def docs() -> str:
        return flask.render_template("docs.html", spec=api.spec.to_dict(), anyone=ANYONE)

    return pages
