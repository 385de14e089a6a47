"""Whether a process lives, whether it can work, and its metrics."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow

import flask

from shared import telemetry
from shared.auth import PUBLIC, audience
from shared.errors import TryLater

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
        failed = []
        for name, one in running.items():
            try:
                one.result(CHECK_SECONDS)
            except TooSlow:
                failed.append(name)
                log.warning("check too slow", extra={"check": name})
            except Exception as error:
                failed.append(name)
                log.warning("check failed", extra={"check": name, "error": str(error)})
        if failed:
            raise TryLater(f"Not ready: {', '.join(failed)}.", code="not-ready", extra={"failed": failed})
        return {"status": "ok"}

    @pages.get("/metrics")
    @audience(PUBLIC)
    def metrics() -> flask.Response:
        return flask.Response(telemetry.scrape(), content_type="text/plain; version=0.0.4; charset=utf-8")

    return pages
