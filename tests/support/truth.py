"""Whether an answer is what openapi.json says of it: every test's requests are held against it."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import flask
from jsonschema import Draft202012Validator
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests.support.described import described

_PROBLEM = "application/problem+json"


def check(app: flask.Flask, answer: TestResponse) -> None:
    """AssertionError when the answer's status, type or content is another one than its route's description says."""
    request = answer.request
    if f"/{app.name}/api/" not in request.path or request.method == "OPTIONS":
        return
    if answer.mimetype == _PROBLEM and answer.data:
        _validator(app.name, "#/components/schemas/Problem").validate(answer.json)
    if operation := _operation(app, request.path, request.method):
        _check(app.name, operation, answer)


def _operation(app: flask.Flask, path: str, method: str) -> tuple[str, str] | None:
    """Where the description has what answered, as (path, method)."""
    try:
        rule, _ = app.url_map.bind("").match(path, method, return_rule=True)
    except HTTPException:
        return None
    place = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower()
    return place if place[1] in described(app.name)["paths"].get(place[0], {}) else None


def _check(name: str, operation: tuple[str, str], answer: TestResponse) -> None:
    path, method = operation
    said: Mapping[str, Any] = described(name)["paths"][path][method]["responses"]
    where, status = f"{method} {path} {answer.status}", str(answer.status_code)
    assert status in said or answer.status_code >= 400, f"{where} is not described"
    content = said.get(status, {}).get("content", {})
    if answer.mimetype == "application/json" and answer.data:
        assert "application/json" in content, f"{where} is said to have no JSON"
        pointer = "/".join(
            part.replace("~", "~0").replace("/", "~1") for part in ("#", "paths", path, method)
        )
        pointer += f"/responses/{status}/content/application~1json/schema"
        _validator(name, pointer).validate(answer.json)


@cache
def _validator(name: str, pointer: str) -> Draft202012Validator:
    return Draft202012Validator({**described(name), "$ref": pointer.replace("{", "%7B").replace("}", "%7D")})
