"""The tables of roles and rights, held against what the routes of all services declare."""

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.auth.guard import ANYONE, PUBLIC
from shared.core.names import SERVICES
from shared.core.people import ROLES
from shared.service import Service
from shared.web.catalogues import folders, read
from shared.web.markdown import DOCS
from shared.web.roles import ROLES as NAMES
from tests.guides.texts import LANGUAGES, tables
from tests.support.routes import Route, routes
from tests.support.stage import Stage

MARKS = {"en": {"yes": True, "": False}, "id": {"ya": True, "": False}}
ASKED_BY_THE_GATEWAY = "/token"


@dataclass(frozen=True)
class Row:
    """One row of a table: who may use the addresses that fit one of its patterns."""

    roles: frozenset[str]
    patterns: tuple[str, ...]


def named(lang: str) -> dict[str, str]:
    """Each role by its name in a language."""
    catalogue = read(folders()["shared"])
    names = {role: str(text._args[0]) for role, text in NAMES.items()}
    said = {role: str(catalogue[name].string) if lang == "id" else name for role, name in names.items()}
    return {name: role for role, name in said.items()}


def rows(path: Path) -> list[Row]:
    """The rows of the tables that have a column for each role."""
    lang = path.parent.name
    found = []
    for head, *lines in tables(path):
        columns = [named(lang).get(cell) for cell in head[1:-1]]
        if set(columns) != set(ROLES):
            continue
        for line in lines:
            marks = zip(columns, line[1:-1], strict=True)
            roles = frozenset(role for role, mark in marks if role and MARKS[lang][mark])
            found.append(Row(roles, tuple(re.findall(r"`([^`]+)`", line[-1]))))
    return found


def fits(pattern: str, route: Route) -> bool:
    """Whether a pattern (`*` any one name, `…` all that begins so, a method in front or not) is of this route."""
    method, _, path = pattern.rpartition(" ")
    asked = re.sub(r"<[^>]+>", "ID", route.path)
    wanted = re.escape(path).replace(r"\*", "[^/]+").replace("…", ".*")
    return method in ("", route.method) and re.fullmatch(wanted, asked) is not None


def length(pattern: str) -> int:
    """How much a pattern says: its letters that stand for themselves."""
    return len(re.sub(r"[*…]", "", pattern))


def told(table: list[Row], route: Route) -> frozenset[str] | None:
    """Who may use a route, by the longest pattern of the table that fits."""
    fitting = [
        (length(pattern), row.roles) for row in table for pattern in row.patterns if fits(pattern, route)
    ]
    return max(fitting, key=lambda one: one[0])[1] if fitting else None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_tables_say_of_every_route_who_may_use_it(stage: Callable[[Service], Stage], lang: str) -> None:
    table = rows(DOCS / lang / "roles.md")
    used: set[str] = set()
    for name in SERVICES:
        for route in routes(stage(importlib.import_module(f"services.{name}.app").service).app):
            audience = route.audience or frozenset()
            if PUBLIC in audience or route.path.endswith(ASKED_BY_THE_GATEWAY):
                continue
            used |= {pattern for row in table for pattern in row.patterns if fits(pattern, route)}
            wanted = frozenset(ROLES) if ANYONE in audience else audience
            assert told(table, route) == wanted, f"{route.method} {route.path} in {lang}/roles.md"
    assert {pattern for row in table for pattern in row.patterns} - used == set()


def test_the_languages_say_the_same_of_every_address() -> None:
    assert rows(DOCS / "en/roles.md") == rows(DOCS / "id/roles.md")


def test_a_table_that_lies_is_seen() -> None:
    table = [Row(frozenset({"clerk"}), ("/x/…",)), Row(frozenset({"ministry"}), ("POST /x/*/seal",))]
    assert told(table, Route("POST", "/x/<id>/seal", "", None)) == frozenset({"ministry"})
    assert told(table, Route("GET", "/x/<id>/seal", "", None)) == frozenset({"clerk"})
    assert told(table, Route("GET", "/y", "", None)) is None
