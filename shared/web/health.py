"""Whether a process lives, whether it can work, and its metrics."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import flask

from shared.auth.guard import PUBLIC, audience
from shared.core import telemetry
from shared.core.errors import Conflict, TryLater

log = telemetry.logger(__name__)

Checks = Mapping[str, Callable[[], object]]
CHECK_SECONDS = 2.0


Warnings = Callable[[], Mapping[str, str]]


def health(checks: Checks, warnings: Warnings = dict) -> flask.Blueprint:
    """healthz, readyz and metrics; a check that raises or takes more than two seconds means: not ready.

    What `warnings` gives stands in the answer, and whoever is ready stays so.
    """
    pages = flask.Blueprint("health", __name__)
    pool = ThreadPoolExecutor(max_workers=2 * len(checks) + 2, thread_name_prefix="check")

    @pages.get("/healthz")
    @audience(PUBLIC)
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @pages.get("/readyz")
    @audience(PUBLIC)
    def readyz() -> dict[str, object]:
        running = {name: pool.submit(check) for name, check in checks.items()}
        warned = pool.submit(warnings)
        asked: list[Future[Any]] = [*running.values(), warned]
        wait(asked, CHECK_SECONDS)
        if failed := {name: reason for name, check in running.items() if (reason := _reason(name, check))}:
            said = "; ".join(f"{name} ({reason})" for name, reason in failed.items())
            raise TryLater(f"Not ready: {said}.", code="not-ready", extra={"failed": list(failed)})
        found = warned.result() if warned.done() and not warned.exception() else {}
        return {"status": "ok", **({"warnings": found} if found else {})}

    @pages.get("/metrics")
    @audience(PUBLIC)
    def metrics() -> flask.Response:
        return flask.Response(telemetry.scrape(), content_type="text/plain; version=0.0.4; charset=utf-8")

    return pages


def _reason(name: str, check: Future[object]) -> str | None:
    """Why a check failed, in words for everybody: those of the database may name what is not for strangers."""
    problem = check.exception() if check.done() else "too slow"
    if problem is None:
        return None
    log.warning("check failed", extra={"check": name, "reason": str(problem)})
    return problem.detail if isinstance(problem, Conflict) else "no answer"
