"""Who may call which route of an application: for tests that walk through all of them."""

from dataclasses import dataclass

import flask

from shared.auth import guard


@dataclass(frozen=True)
class Route:
    """One method of one route, and the audience that its view declares (None: it declares none)."""

    method: str
    path: str
    endpoint: str
    audience: frozenset[str] | None


def routes(app: flask.Flask) -> list[Route]:
    """Every route of the application with each of its methods, sorted by path."""
    found = [
        Route(method, rule.rule, rule.endpoint, guard.declared(app, rule, method))
        for rule, method in guard.routes(app)
    ]
    return sorted(found, key=lambda one: (one.path, one.method))


def operation_pages(service: str) -> set[tuple[str, str]]:
    """Method and path of the pages by which the ministry looks after a service: every service has them."""
    place, audit = f"/{service}/operations", f"/{service}/audit"
    return {
        ("GET", place),
        ("GET", f"{place}/summary"),
        ("GET", f"{place}/<shelf>"),
        ("GET", f"{place}/<shelf>/one"),
        ("POST", f"{place}/<shelf>/retry"),
        ("POST", f"{place}/<shelf>/retry-all"),
        ("GET", f"{place}/<shelf>/drop"),
        ("POST", f"{place}/<shelf>/drop"),
        ("GET", audit),
        ("GET", f"{audit}/chain"),
        ("GET", f"{audit}/verification"),
        ("POST", f"{audit}/verification"),
    }


def undeclared(app: flask.Flask) -> list[str]:
    """The routes whose views declare no audience, as "METHOD /path"."""
    return guard.undeclared(app)
