"""Whether a process lives, whether it can work, and its metrics."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

import flask

from shared.auth.guard import PUBLIC, audience
from shared.core import telemetry
from shared.core.errors import TryLater

log = telemetry.logger(__name__)

Checks = Mapping[str, Callable[[], object]]
CHECK_SECONDS = 2.0


def health(checks: Checks) -> flask.Blueprint:
    """healthz, readyz and metrics; a check that raises or takes more than two seconds means: not ready."""
    pages = flask.Blueprint("health", __name__)
    pool = ThreadPoolExecutor(max_workers=2 * len(checks) or 1, thread_name_prefix="check")

    @pages.get("/healthz")
    @audience(PUBLIC)
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @pages.get("/readyz")
    @audience(PUBLIC)
    def readyz() -> dict[str, str]:
        running = {name: pool.submit(check) for name, check in checks.items()}
        wait(running.values(), CHECK_SECONDS)
        if failed := [name for name, check in running.items() if _failed(name, check)]:
            raise TryLater(f"Not ready: {', '.join(failed)}.", code="not-ready", extra={"failed": failed})
        return {"status": "ok"}

    @pages.get("/metrics")
    @audience(PUBLIC)
    def metrics() -> flask.Response:
        return flask.Response(telemetry.scrape(), content_type="text/plain; version=0.0.4; charset=utf-8")

    return pages


def _failed(name: str, check: Future[object]) -> bool:
    reason = check.exception() if check.done() else "too slow"
    if reason is not None:
        log.warning("check failed", extra={"check": name, "reason": str(reason)})
    return reason is not None
