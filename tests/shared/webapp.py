"""A small service of the tests' own, for what all services share over HTTP."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Barrier, BrokenBarrierError, Lock
from typing import Any

import flask
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared import web
from shared.auth.guard import ANYONE, PUBLIC, audience
from shared.core import telemetry
from shared.core.errors import AppError, Conflict, Invalid, TryLater
from shared.core.ids import utcnow
from shared.core.settings import load
from shared.storage.mongo import Store
from shared.storage.reader import Page
from shared.web import seats

URL = "/intake/api/v1/things"
ENVIRON = {
    "NILAI_MODE": "test",
    "MONGO_URI": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100",
    "NILAI_KEYS": "/nowhere",
    "OIDC_ISSUER": "http://127.0.0.1:9",
    "BODY_LIMIT": "2000",
}
SECRET = "mongodb://user:hunter2@db"

Lines = Callable[[], list[dict[str, Any]]]


class AnswerSchema(Schema):
    value = fields.Integer(required=True, validate=validate.Range(1, 5))
    note = fields.String(validate=validate.Length(max=10))


class FormSchema(Schema):
    answers = fields.Dict(fields.String(), fields.Nested(AnswerSchema), required=True)
    parts = fields.List(fields.Nested(AnswerSchema))

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        if not data["answers"]:
            raise ValidationError("Give one answer at least.")


class ItemSchema(Schema):
    id = fields.Integer(required=True)


class Building:
    """How many answers of `get_built` are made at the same time."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.met = Barrier(3)
        self.now = self.most = 0


BUILDING = Building()
things = web.Blueprint("things", __name__, url_prefix="/things", description="For tests.")
pages = flask.Blueprint("pages", __name__)


@things.route("")
@things.arguments(web.PageQuery, location="query")
@things.response(200, web.page_of(ItemSchema))
@audience(PUBLIC)
def list_things(query: dict[str, Any]) -> dict[str, Any]:
    """The things that there are."""
    after = web.parse_cursor(query["after"], int)
    rows = [{"id": n} for n in range(7) if after is None or n > int(after[0])]
    limit = query["limit"]
    return web.page(Page(rows[:limit], len(rows) > limit), lambda row: (row["id"],))


@things.route("/large")
@things.response(200)
@audience(PUBLIC)
def get_large() -> flask.Response:
    """So long an answer that it needs a seat."""
    return flask.jsonify("x" * seats.LARGE)


@things.route("/built/<int:size>")
@things.response(200)
@web.large
@audience(PUBLIC)
def get_built(size: int) -> flask.Response:
    """An answer that takes its seat before it is made; it waits for another maker of its kind, but not for long."""
    with BUILDING.lock:
        BUILDING.now += 1
        BUILDING.most = max(BUILDING.most, BUILDING.now)
    with suppress(BrokenBarrierError):
        BUILDING.met.wait(0.2)
    with BUILDING.lock:
        BUILDING.now -= 1
    return flask.jsonify("x" * size)


@things.route("", methods=["POST"])
@things.arguments(FormSchema)
@things.response(201)
@audience(PUBLIC)
def add_thing(form: dict[str, Any]) -> dict[str, Any]:
    """Add a thing.

    Its answers stand in the form.
    """
    return form


@things.route("/<int:id>", methods=["PUT"])
@things.response(200)
@web.document_headers(web.IF_MATCH, web.IDEMPOTENCY_KEY)
@audience(PUBLIC)
def change_thing(id: int) -> tuple[dict[str, Any], dict[str, str]]:
    """Change a thing."""
    rev = web.if_match()
    shown = rev if isinstance(rev, int) else [one for one in range(9) if one in rev]
    return {"rev": shown, "key": web.idempotency_key(), "id": id}, {"ETag": '"8"'}


@things.route("/versions/<int:id>")
@things.response(200)
@audience(PUBLIC)
def get_version(id: int) -> web.Tagged[dict[str, Any]]:
    """Show a version of a thing."""
    return web.tagged({"id": id}, id)


@things.route("/joined/<name>")
@things.response(200)
@audience(PUBLIC)
def get_joined(name: str) -> web.Tagged[dict[str, Any]]:
    """Show a version of a thing together with the name of another."""
    return web.tagged({"id": 7, "name": name}, 7, name)


@things.route("/closed")
@audience("ministry")
def closed() -> dict[str, str]:
    """What the ministry may see."""
    return {}


@things.route("/mine")
@audience(ANYONE)
def mine() -> dict[str, str]:
    """What anyone with a token may see."""
    return {}


@things.route("/raise/<kind>")
@web.document_errors(Conflict, TryLater)
@audience(PUBLIC)
def raise_(kind: str) -> None:
    """Fail in some way."""
    errors: dict[str, Exception] = {
        "conflict": Conflict("Already sealed.", code="sealed-already", extra={"rev": 7}),
        "invalid": Invalid("No.", extra={"errors": [{"pointer": "/a", "detail": "b"}], "status": 200}),
        "later": TryLater("The database is away."),
        "unsure": TryLater("Nobody knows whether it was carried out.", code="outcome-unknown"),
        "app": AppError("The key file is gone."),
        "surprise": RuntimeError(SECRET),
    }
    raise errors[kind]


@things.route("/when")
@audience(PUBLIC)
def when() -> dict[str, str]:
    """When the request arrived."""
    first = web.arrived()
    while utcnow() == first:  # the clock that an arrival is read from goes on
        pass
    return {"first": first.isoformat(), "second": web.arrived().isoformat()}


@pages.get("/page")
@audience(PUBLIC)
def page() -> str:
    return "<p>hello"


@contextmanager
def app_running(
    checks: dict[str, Callable[[], object]] | None = None,
    blueprints: tuple[flask.Blueprint, ...] = (things, pages),
    **environ: str,
) -> Iterator[flask.Flask]:
    """The small service, its database away unless the environment says where one is."""
    settings = load("intake", ENVIRON | environ)
    store = Store(settings.mongo_uri, settings.mongo_database, "intake")
    try:
        yield web.create_app("intake", settings, store, blueprints, checks)
    finally:
        store.close()


@contextmanager
def log_lines() -> Iterator[Lines]:
    """What is logged inside, as the JSON lines that a process of intake would write."""
    stream, root = io.StringIO(), logging.getLogger()
    before, level = root.handlers[:], root.level
    handler = logging.StreamHandler(stream)
    handler.setFormatter(telemetry.JsonFormatter("intake"))
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    try:
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        root.handlers = before
        root.setLevel(level)
