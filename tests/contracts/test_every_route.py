"""Every route of every service: whoever may not is refused, bad input gets a clear problem, and nothing changes."""

import importlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from marshmallow import Schema, fields
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from shared.auth.guard import ANYONE, PUBLIC, declared, routes, view_documentation
from shared.core.names import SERVICES
from shared.core.people import AGENCY_ROLES, ROLES
from shared.service import Service
from tests.support.stage import Stage

BODIES: dict[str, tuple[bytes, str]] = {
    "not JSON": (b"{", "application/json"),
    "not UTF-8": (b'{"a": "\xff"}', "application/json"),
    "a list": (b"[]", "application/json"),
    "null": (b"null", "application/json"),
    "an unknown field": (b'{"no_such_field": 1}', "application/json"),
    "a huge number": (b'{"value": ' + b"9" * 400 + b', "limit": ' + b"9" * 400 + b"}", "application/json"),
    "a deep nest": (b"[" * 5000 + b"]" * 5000, "application/json"),
    "another type": (b"<a/>", "application/xml"),
    "a form": (b"a=b", "application/x-www-form-urlencoded"),
    "operators": (b'{"$where": "1", "id": {"$gt": ""}, "value": {"$ne": null}}', "application/json"),
}
IDS = ("no-such-thing", "2026.no-such-thing", "%00", "..%2f..", "a" * 300, "%ff", "$where", "'")
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"If-Match": '"1"', "Idempotency-Key": "k"},
    {"If-Match": "*", "Idempotency-Key": "\x7f"},
)
QUERIES = (
    "",
    "?limit=0",
    "?limit=99999999999999999999",
    "?after=%00",
    "?after=eyJ9",
    "?state[$ne]=x",
    "?limit=a&limit=b",
)


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest, stage: Callable[[Service], Stage]) -> Stage:
    """Each service in turn, with one person in every role."""
    found = stage(importlib.import_module(f"services.{request.param}.app").service)
    for role in ROLES:
        found.person(role, role, "kota-contoh" if role in AGENCY_ROLES else None)
    return found


def path(rule: Rule, id: str) -> str:
    """The path of a rule with every parameter filled in."""
    parts = ["".join(id if dynamic else text for dynamic, text in rule._trace if text != "|")]
    return parts[0]


def blueprints(found: Stage) -> Iterator[tuple[Rule, str, frozenset[str]]]:
    """Every route that is not public, with its audience."""
    for rule, method in routes(found.app):
        audience = declared(found.app, rule, method) or frozenset()
        if PUBLIC not in audience:
            yield rule, method, audience


def send(found: Stage, name: str | None, method: str, where: str, **options: Any) -> TestResponse:
    answer: TestResponse = found.as_(name).open(where, method=method, **options)
    return answer


def assert_a_clear_problem(answer: TestResponse, method: str, what: str) -> None:
    assert 400 <= answer.status_code < 500, (
        f"{what}: {answer.status_code} {answer.get_data(as_text=True)[:300]}"
    )
    is_page = "/api/" not in answer.request.path and answer.content_type.startswith("text/html")
    if method != "HEAD" and not is_page:
        assert answer.content_type.startswith("application/problem+json"), what
        problem = json.loads(answer.get_data())
        assert {"type", "title", "status", "detail", "code", "correlation"} <= problem.keys(), what
        assert problem["status"] == answer.status_code, what
        assert "Traceback" not in problem["detail"], what
        assert not (unclear := list(unclear_texts(problem))), f"{what}: {unclear}"


NO_SENTENCE = (
    r"^(Invalid|Not a valid|Bad|Wrong|Error)\b",  # says nothing of what would be right
    r"\[[^\]]*\w-\w[^\]]*\][{*+]|\\\\?[Zdws]\b|\(\?[:=!]|\{\d+,\d*\}",  # a regular expression
    r"\bNone\b|NoneType|<class|object at 0x|\b(str|int|dict)\b",  # Python
    r"[^.?!)]$",
    r"^\S+(\s\S+)?$",
)


def unclear_texts(problem: dict[str, Any]) -> Iterator[str]:
    """The sentences of a problem that do not say what is wrong or what to do."""
    errors = problem.get("errors", [])
    if re.search(r"\berrors\b", problem["detail"]) and not errors:
        yield f"no errors: {problem['detail']}"
    for text in (problem["detail"], *(error.get("detail") or error["message"] for error in errors)):
        # What the sender wrote may be anything.
        said = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`", "this", text)
        if any(re.search(pattern, said) for pattern in NO_SENTENCE):
            yield text


@pytest.mark.parametrize(
    ("detail", "errors"),
    [
        ("Invalid input type.", []),
        ("Must look like [a-z0-9][a-z0-9-]{1,62}.", []),
        ("Some fields are not as they should be: see errors.", []),
        ("The content: Must be an object.", [{"detail": "Not a valid string."}]),
        ("Expected an object, got NoneType.", []),
        ("It is wrong here", []),
        ("Wrong.", []),
    ],
)
def test_an_unclear_sentence_is_seen(detail: str, errors: list[dict[str, str]]) -> None:
    assert len(list(unclear_texts({"detail": detail, "errors": errors}))) == 1


JUNK: tuple[Any, ...] = (
    *(None, True, -1, 0.5, 10**30, "", " ", "\0", "x" * 30_000, "A_b c", "2,5", "2026-13-41T25:00:00"),
    *([], {}, [{}], ["x"], [[]], [None], {"x": 1}, [{"sha256": "x", "indicator": 1, "name": 2, "size": "3"}]),
)


def bodies(schema: Schema) -> Iterator[dict[str, Any]]:
    """For each kind of junk an object that has it in every field, and in every field of what is nested."""
    for junk in JUNK:
        yield {field.data_key or name: junk for name, field in schema.load_fields.items()}
    for name, field in schema.load_fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            for body in bodies(inner.schema):
                yield {field.data_key or name: [body] if isinstance(field, fields.List) else body}


def arguments(found: Stage, rule: Rule, method: str, place: str) -> Iterator[Schema]:
    """The schemas of what a route takes in its body ("json") or its address ("query")."""
    declared = view_documentation(found.app, rule, method).get("arguments", {})
    for parameter in declared.get("parameters", ()):
        if parameter["in"] == place:
            schema = parameter["schema"]
            yield schema() if isinstance(schema, type) else schema


def test_every_refusal_of_a_field_says_what_is_wrong_and_what_is_allowed(service: Stage) -> None:
    before, tried = service.state(), 0
    for rule, method, audience in blueprints(service):
        role = sorted(audience - {ANYONE} or {"ministry"})[0]
        where = path(rule, "no-such-thing")
        for schema in arguments(service, rule, method, "json"):
            for body in bodies(schema):
                headers = {"If-Match": '"1"', "Idempotency-Key": "k"}
                answer = send(service, role, method, where, json=body, headers=headers)
                assert_a_clear_problem(answer, method, f"{method} {rule} with {str(body)[:300]}")
                tried += 1
        for schema in arguments(service, rule, method, "query"):
            for junk in ("", "x" * 3000, "[", "-1", "\0", "A b", "$ne"):
                query = {field.data_key or name: junk for name, field in schema.load_fields.items()}
                answer = send(service, role, method, where, query_string=query)
                if answer.status_code >= 400:
                    assert_a_clear_problem(answer, method, f"{method} {rule} with {query}")
                tried += 1
    assert tried > 30
    assert service.state() == before


def test_nobody_gets_in_without_a_token(service: Stage) -> None:
    before = service.state()
    for rule, method, _ in blueprints(service):
        answer = send(service, None, method, path(rule, "no-such-thing"))
        assert answer.status_code == 401, f"{method} {rule}"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer"), f"{method} {rule}"
    assert service.state() == before


def test_every_other_role_is_refused(service: Stage) -> None:
    before = service.state()
    tried = 0
    for rule, method, audience in blueprints(service):
        for role in ("stranger", *ROLES):
            if ANYONE in audience or role in audience:
                continue
            answer = send(service, role, method, path(rule, "no-such-thing"))
            assert answer.status_code == 403, f"{role}: {method} {rule}"
            assert_a_clear_problem(answer, method, f"{role}: {method} {rule}")
            tried += 1
    assert tried > 10
    assert service.state() == before


def test_bad_bodies_get_a_clear_problem_and_change_nothing(service: Stage) -> None:
    before = service.state()
    for rule, method, audience in blueprints(service):
        if method not in {"POST", "PUT", "PATCH"}:
            continue
        first, *others = sorted(audience - {ANYONE}) or ["ministry"]
        # What a body is, and what stands in the headers, is read in the same way for every role.
        tries = [(first, name, HEADERS[1]) for name in BODIES]
        tries += [(first, name, headers) for name, headers in zip(BODIES, HEADERS * 2, strict=False)]
        tries += [(role, name, HEADERS[1]) for role, name in zip(others, BODIES, strict=False)]
        for role, name, headers in tries:
            what = f"{role}: {method} {rule} with {name} and {headers}"
            body, kind = BODIES[name]
            where = path(rule, "no-such-thing")
            answer = send(service, role, method, where, data=body, content_type=kind, headers=headers)
            assert_a_clear_problem(answer, method, what)
        assert service.state() == before, f"{method} {rule}"


def test_bad_ids_and_queries_never_break_a_route(service: Stage) -> None:
    before = service.state()
    for rule, method, audience in blueprints(service):
        role = sorted(audience - {ANYONE} or {"ministry"})[0]
        queries = QUERIES if method == "GET" else ()
        # A rule without a parameter has one path, whatever the id is.
        for where in {*(path(rule, id) for id in IDS), *(path(rule, IDS[0]) + query for query in queries)}:
            answer = send(service, role, method, where)
            assert answer.status_code < 500, f"{role}: {method} {where}: {answer.text[:300]}"
            if answer.status_code >= 400:
                assert_a_clear_problem(answer, method, f"{role}: {method} {where}")
    assert service.state() == before
