"""One request: to exactly the address that was checked, and in words whatever comes of it."""

import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from services.notify import domain
from services.notify.domain import TargetRules, WebhookResponse
from services.notify.webhooks.exchange import AnswerBroken, Line, exchange
from services.notify.webhooks.targets import TargetRefused, resolve
from shared.core import telemetry
from shared.core.ids import utcnow

USUAL_HEADERS = {"Content-Type": "application/json", "User-Agent": "Nilai-Webhooks/1"}

log = telemetry.logger(__name__)


@dataclass(frozen=True)
class Limits:
    """Seconds to connect, to have the whole answer after the name was resolved, and to resolve it."""

    connect: float = 5.0
    total: float = 15.0
    resolve: float = 5.0


USUAL = Limits()


def post(
    url: str, body: bytes, headers: Mapping[str, str], rules: TargetRules, limits: Limits = USUAL
) -> WebhookResponse:
    """Send the body once and say what came of it; redirects are failures, and no proxy stands between.

    Whatever happens is a response: a request that was made must be recorded.
    """
    began = time.monotonic()
    try:
        parts, port, addresses = resolve(url, rules, limits.resolve)
        end = time.monotonic() + limits.total
        with closing(Line(addresses, port, limits.connect, end)) as line:
            if parts.scheme == "https":
                line.secure(parts.hostname or "")
            answer = exchange(line, parts, body, {**USUAL_HEADERS, **headers})
    except (OSError, AnswerBroken, TargetRefused, UnicodeError) as problem:
        return WebhookResponse(None, _error_text(problem, limits), milliseconds=_since(began))
    except Exception as problem:
        log.exception("webhook broken off")
        error = f"broken off: {type(problem).__name__}: {problem}"
        return WebhookResponse(None, error, milliseconds=_since(began))
    rest = domain.rest_asked_for(answer.status, answer.retry_after, utcnow())
    return WebhookResponse(answer.status, domain.error_of(answer.status), answer.excerpt, _since(began), rest)


def _error_text(problem: Exception, limits: Limits) -> str:
    match problem:
        case TargetRefused() | AnswerBroken():
            return str(problem)
        case socket.gaierror() | UnicodeError():
            return f"the name cannot be resolved: {problem}"
        case TimeoutError():
            return f"no complete answer within {limits.connect:g} s to connect and {limits.total:g} s in all"
        case ssl.SSLError():
            return f"no secure connection: {problem}"
        case _:
            return f"no connection: {getattr(problem, 'strerror', None) or problem}"


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
