"""Every route of every service: whoever may not is refused, bad input gets a clear problem, and nothing changes."""

import importlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from shared.auth.guard import ANYONE, PUBLIC, declared, routes
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
    if method != "HEAD":
        assert answer.content_type.startswith("application/problem+json"), what
        problem = json.loads(answer.get_data())
        assert {"type", "title", "status", "detail", "code", "correlation"} <= problem.keys(), what
        assert problem["status"] == answer.status_code, what
        assert "Traceback" not in problem["detail"], what


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
        for role in sorted(audience - {ANYONE}) or ["ministry"]:
            for name, (body, kind) in BODIES.items():
                for headers in HEADERS:
                    what = f"{role}: {method} {rule} with {name} and {headers}"
                    where = path(rule, "no-such-thing")
                    answer = send(service, role, method, where, data=body, content_type=kind, headers=headers)
                    assert_a_clear_problem(answer, method, what)
        assert service.state() == before, f"{method} {rule}"


def test_bad_ids_and_queries_never_break_a_route(service: Stage) -> None:
    before = service.state()
    for rule, method, audience in blueprints(service):
        role = sorted(audience - {ANYONE} or {"ministry"})[0]
        for id in IDS:
            for query in QUERIES if method == "GET" else ("",):
                answer = send(service, role, method, path(rule, id) + query)
                assert answer.status_code < 500, (
                    f"{role}: {method} {path(rule, id)}{query}: {answer.text[:300]}"
                )
                if answer.status_code >= 400:
                    assert_a_clear_problem(answer, method, f"{role}: {method} {path(rule, id)}{query}")
    assert service.state() == before
