"""The only reader of the environment: a frozen dataclass that says every problem at once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.core.errors import AppError
from shared.core.names import SERVICES

MODES = ("production", "try", "local", "test")


class SettingsInvalid(AppError):
    """The environment does not describe a service that could run."""

    code, title = "settings-invalid", "Settings missing or malformed"


@dataclass(frozen=True)
class Settings:
    """What one service process needs to know of the world around it.

    `body_limit` is in bytes, `journal_days` in days; `port` and `metrics_port` are TCP ports of `host` (0: a free one,
    or no metrics); `web_workers` are processes, `web_threads` threads of each.
    """

    service: str
    mode: str
    mongo_uri: str
    mongo_database: str
    amqp_uri: str
    amqp_admin_uri: str
    prefix: str
    keys: Path
    oidc_issuer: str
    oidc_jwks_url: str
    oidc_audience: str
    urls: Mapping[str, str]
    host: str
    port: int
    metrics_port: int
    web_workers: int
    web_threads: int
    body_limit: int
    journal_days: int
    allow_private_targets: bool
    otlp_endpoint: str

    @property
    def exchange(self) -> str:
        """The topic exchange of all events."""
        return f"{self.prefix}nilai.events"

    def queue(self, service: str) -> str:
        """The queue of one service."""
        return f"{self.prefix}{service}"


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        path = self._environ.get(f"{name}_FILE")
        if path:
            return self._content(f"{name}_FILE", Path(path))
        value = self._environ.get(name, "") or default
        if value is None:
            self.problems.append(f"{name} is not set (nor {name}_FILE)")
            return ""
        return value

    def _content(self, name: str, path: Path) -> str:
        try:
            content = path.read_text().strip()
        except (OSError, ValueError) as problem:
            self.problems.append(f"{name}: {getattr(problem, 'strerror', None) or 'this is no text'}: {path}")
            return ""
        if not content:
            self.problems.append(f"{name}: there is nothing in {path}")
        return content

    def number(self, name: str, default: int, low: int, high: int) -> int:
        raw = self.text(name, str(default))
        if raw.isdecimal() and low <= int(raw) <= high:
            return int(raw)
        self.problems.append(f"{name} must be a whole number from {low} to {high}, not {raw!r}")
        return default

    def one_of(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str:
        raw = self.text(name, default)
        if raw and raw not in choices:
            self.problems.append(f"{name} must be one of {', '.join(choices)}, not {raw!r}")
        return raw

    def uri(self, name: str, schemes: tuple[str, ...], default: str | None = None) -> str:
        raw = self.text(name, default)
        if raw and not raw.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            self.problems.append(
                f"{name} must start with {' or '.join(f'{scheme}://' for scheme in schemes)}"
            )
        return raw


def _urls(read: _Reader) -> Mapping[str, str]:
    base = read.uri("NILAI_URL", ("http", "https"), "http://127.0.0.1:8100")
    return {
        service: read.uri(f"NILAI_URL_{service.upper()}", ("http", "https"), base).rstrip("/")
        for service in SERVICES
    }


def _settings(read: _Reader, service: str) -> Settings:
    return Settings(
        service=service,
        mode=read.one_of("NILAI_MODE", MODES, "production"),
        mongo_uri=read.uri("MONGO_URI", ("mongodb", "mongodb+srv")),
        mongo_database=read.text("MONGO_DATABASE", f"nilai_{service}"),
        amqp_uri=read.uri("AMQP_URI", ("amqp", "amqps"), "amqp://127.0.0.1:5672//"),
        amqp_admin_uri=read.uri("AMQP_ADMIN_URI", ("amqp", "amqps"), ""),
        prefix=read.text("NILAI_PREFIX", ""),
        keys=Path(read.text("NILAI_KEYS")),
        oidc_issuer=read.uri("OIDC_ISSUER", ("http", "https")),
        oidc_jwks_url=read.uri("OIDC_JWKS_URL", ("http", "https"), ""),
        oidc_audience=read.text("OIDC_AUDIENCE", "nilai"),
        urls=_urls(read),
        host=read.text("HOST", "127.0.0.1"),
        port=read.number("PORT", 8080, 0, 65535),
        metrics_port=read.number("METRICS_PORT", 0, 0, 65535),
        web_workers=read.number("WEB_WORKERS", 2, 1, 64),
        web_threads=read.number("WEB_THREADS", 8, 1, 128),
        body_limit=read.number("BODY_LIMIT", 2 * 1024 * 1024, 1024, 64 * 1024 * 1024),
        journal_days=read.number("JOURNAL_DAYS", 400, 1, 36500),
        allow_private_targets=read.one_of("ALLOW_PRIVATE_TARGETS", ("yes", "no"), "no") == "yes",
        otlp_endpoint=read.uri("OTEL_EXPORTER_OTLP_ENDPOINT", ("http", "https"), ""),
    )


def load(service: str, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of one service; SettingsInvalid lists everything that is missing or malformed."""
    read = _Reader(environ)
    settings = _settings(read, service)
    if settings.allow_private_targets and settings.mode == "production":
        read.problems.append(
            "ALLOW_PRIVATE_TARGETS=yes is refused in production: webhooks must not reach inside"
        )
    if read.problems:
        raise SettingsInvalid(f"The {service} service cannot start:\n  " + "\n  ".join(read.problems))
    return settings


def environment(**defaults: str) -> dict[str, str]:
    """This process's environment for a child, with defaults for what it lacks."""
    return {**defaults, **os.environ}
