"""What each service says of its API: valid, complete, and in the same words as its siblings."""

import importlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from shared.auth.guard import ANYONE, PUBLIC
from shared.core.names import SERVICES
from shared.service import Service
from tests.support.stage import Stage

Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture(params=SERVICES)
def spec(request: pytest.FixtureRequest, stage: Callable[[Service], Stage]) -> dict[str, Any]:
    """The description of each service in turn."""
    found = stage(importlib.import_module(f"services.{request.param}.app").service)
    told: dict[str, Any] | None = found.as_(None).get(f"/{request.param}/api/v1/openapi.json").json
    assert told is not None
    return told


def operations(spec: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield method, path, operation


def moments(schema: Any, name: str = "") -> Iterator[str]:
    """The members of a schema whose names say that they are moments, and whose type does not."""
    if isinstance(schema, dict):
        is_moment = name.endswith(("_at", "_since", "_until")) or name in {"at", "since", "until", "deadline"}
        if is_moment and "type" in schema and schema.get("format") != "date-time":
            yield name
        for key, part in schema.items():
            yield from moments(part, key)


def test_it_is_valid(spec: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(spec).validate()


def test_every_operation_has_a_name_of_its_own_that_begins_with_a_verb(spec: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(spec)]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch("[a-z]+(_[a-z]+)*", name)] == []
    readers = {operation["operationId"] for method, _, operation in operations(spec) if method == "get"}
    assert [name for name in readers if not name.startswith(("get_", "list_"))] == []


def test_every_operation_is_explained_and_stands_in_a_group_that_is(spec: dict[str, Any]) -> None:
    groups = {tag["name"] for tag in spec["tags"] if tag["description"].endswith(".")}
    for method, path, operation in operations(spec):
        assert operation["summary"].rstrip().endswith("."), f"{method} {path}"
        assert set(operation["tags"]) <= groups, f"{method} {path}"
    assert groups == {tag for _, _, operation in operations(spec) for tag in operation["tags"]}


def test_every_operation_says_who_may_and_what_can_go_wrong(spec: dict[str, Any]) -> None:
    for method, path, operation in operations(spec):
        who, said = set(operation["x-audience"]), set(operation["responses"])
        public = PUBLIC in who
        assert operation["security"] == ([] if public else [{"bearer": []}, {"session": []}]), (
            f"{method} {path}"
        )
        wanted = {"default", "400"} | (set() if public else {"401"})
        wanted |= set() if who & {PUBLIC, ANYONE} else {"403"}
        wanted |= {"404"} if "{" in path and not public else set()
        wanted |= {"408", "413", "415"} if "requestBody" in operation else set()
        headers = {part["name"] for part in operation.get("parameters", ()) if part["in"] == "header"}
        wanted |= {"409", "428"} if "If-Match" in headers else set()
        wanted |= (
            {"422"}
            if {"application/json", "text/csv"} & operation.get("requestBody", {}).get("content", {}).keys()
            else set()
        )
        assert wanted <= said, f"{method} {path}"
        assert any(status.startswith("2") for status in said), f"{method} {path}"


def test_whoever_changes_a_version_is_told_of_the_next(spec: dict[str, Any]) -> None:
    for method, path, operation in operations(spec):
        headers = {part["name"] for part in operation.get("parameters", ()) if part["in"] == "header"}
        shown = {status for status in operation["responses"] if status in {"200", "201"}}
        tagged = {
            status
            for status, answer in operation["responses"].items()
            if "ETag" in answer.get("headers", {}) and status in {"200", "201"}
        }
        assert tagged in (shown, set()), f"{method} {path}"
        assert tagged or "If-Match" not in headers, f"{method} {path}"
    assert spec["components"]["schemas"]["Problem"]["properties"].keys() >= {"rev", "stored", "yours"}


def test_every_list_is_a_page(spec: dict[str, Any]) -> None:
    for method, path, operation in operations(spec):
        if operation["operationId"].startswith("list_"):
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
            page = spec["components"]["schemas"][schema.rpartition("/")[2]]
            assert set(page["properties"]) == set(page["required"]) == {"items", "next"}, f"{method} {path}"


def test_moments_are_moments_everywhere(spec: dict[str, Any]) -> None:
    assert list(moments(spec["components"]["schemas"])) == []
