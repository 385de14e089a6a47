"""What every request gets: an arrival time, a correlation id, security headers, a log line, metrics."""

import re
import secrets
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from http import HTTPStatus

import flask

from shared.auth import guard
from shared.core import telemetry, tracing

log = telemetry.logger("shared.web.access")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


def init_app(app: flask.Flask, secure: bool) -> None:
    """Do this for every request of the application; `secure` promises that it is reached by https only."""
    if secure:
        app.config["SECURITY_HEADERS"] = SECURITY_HEADERS | {
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains"
        }
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_leave)


def arrived() -> datetime:
    """When the present request had arrived with its whole body, in UTC, to the millisecond."""
    moment: datetime = flask.g.arrived
    return moment


def mark_received() -> None:
    """Note that the present request has arrived now."""
    now = datetime.now(UTC)
    flask.g.arrived = now.replace(microsecond=now.microsecond // 1000 * 1000)


def correlation() -> str:
    """The correlation id of the present request."""
    found: str = flask.g.correlation
    return found


def trace() -> str | None:
    """The W3C traceparent of the present request's own span."""
    return telemetry.traceparent.get()


def _begin() -> None:
    g, given = flask.g, flask.request.headers
    mark_received()
    g.clock = time.perf_counter()
    wished = given.get("X-Request-Id", "")
    g.correlation = wished if _REQUEST_ID.fullmatch(wished) else secrets.token_hex(16)
    with ExitStack() as stack:
        span = tracing.span(_name(), given.get("traceparent"), tracing.SERVER, _attributes())
        trace = stack.enter_context(span)
        stack.enter_context(telemetry.about(g.correlation, trace))
        g.left = stack.pop_all()


def _name() -> str:
    request = flask.request
    method = request.method if request.method in METHODS else "(other)"
    return f"{method} {request.url_rule.rule if request.url_rule else '(none)'}"


def _attributes() -> tracing.Attributes:
    request = flask.request
    method = request.method if request.method in METHODS else "_OTHER"
    found = {
        "http.request.method": method,
        "url.scheme": request.scheme,
        "nilai.correlation_id": correlation(),
    }
    return {**found, "http.route": request.url_rule.rule} if request.url_rule else found


def _end(response: flask.Response) -> flask.Response:
    response.headers["X-Request-Id"] = correlation()
    for name, value in flask.current_app.config.get("SECURITY_HEADERS", SECURITY_HEADERS).items():
        response.headers.setdefault(name, value)
    _account(response)
    return response


def _account(response: flask.Response) -> None:
    """One log line and one measurement; the route's template stands for the path, which may carry secrets."""
    seconds = time.perf_counter() - flask.g.clock
    method, _, route = _name().partition(" ")
    failed = str(response.status_code) if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR else None
    tracing.note({"http.response.status_code": response.status_code}, failed)
    telemetry.REQUESTS.labels(method, route, str(response.status_code)).inc()
    telemetry.REQUEST_SECONDS.labels(method, route).observe(seconds)
    log.info(
        "request",
        extra={
            "method": method,
            "route": route,
            "status": response.status_code,
            "milliseconds": round(seconds * 1000, 1),
            "caller": guard.caller().id,
        },
    )


def _leave(_: BaseException | None) -> None:
    if left := flask.g.pop("left", None):
        left.close()
