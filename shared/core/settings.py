"""The only reader of the environment: a frozen dataclass that says every problem at once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from shared.core import reading
from shared.core.errors import AppError
from shared.core.names import SERVICES
from shared.core.transport import weakness

_WAYS = {
    "oidc_issuer": "issuer",
    "oidc_jwks_url": "issuer",
    "oidc_internal_url": "issuer",
    "mongo_uri": "database",
    "mongo_admin_uri": "database",
    "amqp_uri": "broker",
    "amqp_admin_uri": "broker",
    "amqp_management_url": "broker",
}
MODES = ("production", "try", "local", "test")


class SettingsInvalid(AppError):
    """The environment does not describe a service that could run."""

    code, title = "settings-invalid", "Settings missing or malformed"


@dataclass(frozen=True)
class Settings:
    """What one service process needs to know of the world around it.

    `body_limit` is in bytes, `journal_days` in days, `review_lease` in seconds; `person_requests` bounds what a person
    sends to one route within a minute in one process. `port` and `metrics_port` are TCP ports of `host` (0: a free one,
    or no metrics); `web_workers` are processes, `web_threads` threads of each. `target_ports` (none: those that
    notify's rules say) and `refused_targets` bound where webhooks go. `public_url` is where browsers find all services;
    without `oidc_client_id` nobody can sign in there. `oidc_internal_url` is where the services reach the identity
    provider whose address browsers know as `oidc_issuer`. In `page_cache` intake keeps drawn pages, where it is set.
    """

    service: str
    mode: str
    mongo_uri: str
    mongo_admin_uri: str
    mongo_database: str
    amqp_uri: str
    amqp_admin_uri: str
    amqp_management_url: str
    amqp_users: Mapping[str, str]
    prefix: str
    keys: Path
    oidc_issuer: str
    oidc_jwks_url: str
    oidc_audience: str
    oidc_token_types: frozenset[str]
    public_url: str
    urls: Mapping[str, str]
    host: str
    port: int
    metrics_port: int
    web_workers: int
    web_threads: int
    body_limit: int
    person_requests: int
    journal_days: int
    accept_new_keys: bool
    review_lease: int
    allow_private_targets: bool
    target_ports: frozenset[int]
    refused_targets: tuple[IPv4Network | IPv6Network, ...]
    otlp_endpoint: str
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_scopes: str = "openid profile"
    oidc_internal_url: str = ""
    clamd_address: str = ""
    contact: str = ""
    page_cache: Path | None = None

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
        found = reading.whole(raw)
        if found is not None and low <= found <= high:
            return found
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

    def address(self, name: str) -> str:
        raw = self.text(name, "")
        host, _, port = raw.rpartition(":")
        if raw and not raw.startswith("/") and not (host and reading.whole(port)):
            self.problems.append(f"{name} must be HOST:PORT or the path of a socket, not {raw!r}")
        return raw

    def ports(self, name: str) -> frozenset[int]:
        raw = self.text(name, "")
        found = {number for port in _parts(raw) if (number := reading.whole(port))}
        if raw == "any":
            return frozenset(range(1, 65536))
        if len(found) < len(_parts(raw)) or not found <= set(range(1, 65536)):
            self.problems.append(f"{name} must be ports like 443,8443, or any, not {raw!r}")
        return frozenset(found)

    def networks(self, name: str) -> tuple[IPv4Network | IPv6Network, ...]:
        found = []
        for part in _parts(self.text(name, "")):
            try:
                found.append(ip_network(part))
            except ValueError as problem:
                self.problems.append(f"{name} must be ranges like 198.51.100.0/24,2001:db8::/32: {problem}")
        return tuple(found)


def _parts(listed: str) -> list[str]:
    return [part.strip() for part in listed.split(",") if part.strip()]


def _urls(read: _Reader, base: str) -> Mapping[str, str]:
    return {
        service: read.uri(f"NILAI_URL_{service.upper()}", ("http", "https"), base).rstrip("/")
        for service in SERVICES
    }


def _users(read: _Reader) -> Mapping[str, str]:
    users = {name: read.text(f"AMQP_USER_{name.upper()}", f"nilai_{name}") for name in SERVICES}
    if len(set(users.values())) < len(users):
        named = ", ".join(f"AMQP_USER_{name.upper()}={user}" for name, user in users.items())
        read.problems.append(f"each service needs a broker user of its own, not {named}")
    return users


def _check_users(read: _Reader, found: Settings) -> None:
    """Nobody believes what is published under another name, so a worker refuses to start under one."""
    own, expected = _user_of(found.amqp_uri), found.amqp_users[found.service]
    if own and own != expected:
        read.problems.append(
            f"AMQP_URI enters the broker as {own!r}, and everybody expects {expected!r}: enter as that user, "
            f"or name yours in AMQP_USER_{found.service.upper()}, for all services alike"
        )
    if own and own == _user_of(found.amqp_admin_uri):
        read.problems.append(f"AMQP_URI and AMQP_ADMIN_URI both enter the broker as {own!r}: use two users")


def _user_of(uri: str) -> str:
    return unquote(urlsplit(uri).username or "")


def _check_ways(read: _Reader, found: Settings) -> None:
    """Refuse in production what others could read or change on its way, unless ALLOW_PLAIN says so."""
    allowed = {one.strip() for one in read.text("ALLOW_PLAIN", "none").split(",")}
    if unknown := sorted(allowed - {"none", *_WAYS.values()}):
        read.problems.append(
            f"ALLOW_PLAIN lists any of {', '.join(sorted(set(_WAYS.values())))}, or none; not {unknown[0]!r}"
        )
    for name, kind in _WAYS.items():
        problem = weakness(uri) if (uri := getattr(found, name)) else None
        if problem and found.mode == "production" and kind not in allowed:
            read.problems.append(
                f"{name.upper()} {problem}, and leads to another machine: use TLS, or set ALLOW_PLAIN={kind} "
                "where nobody can listen"
            )


def _token_types(read: _Reader) -> frozenset[str]:
    """The `typ` of access tokens: RFC 9068's alone in production, unless the identity provider writes another."""
    production = read.text("NILAI_MODE", "production") == "production"
    said = read.text("OIDC_TOKEN_TYPES", "at+jwt" if production else "at+jwt,JWT")
    return frozenset(filter(None, (one.strip().lower() for one in said.split(","))))


def _issuer(read: _Reader) -> dict[str, Any]:
    """How people and programs prove who they are."""
    return {
        "oidc_issuer": read.uri("OIDC_ISSUER", ("http", "https")),
        "oidc_jwks_url": read.uri("OIDC_JWKS_URL", ("http", "https"), ""),
        "oidc_audience": read.text("OIDC_AUDIENCE", "nilai"),
        "oidc_token_types": _token_types(read),
        "oidc_client_id": read.text("OIDC_CLIENT_ID", ""),
        "oidc_client_secret": read.text("OIDC_CLIENT_SECRET", ""),
        "oidc_scopes": read.text("OIDC_SCOPES", "openid profile"),
        "oidc_internal_url": read.uri("OIDC_INTERNAL_URL", ("http", "https"), ""),
    }


def _settings(read: _Reader, service: str) -> Settings:
    public_url = read.uri("NILAI_URL", ("http", "https"), "http://127.0.0.1:8080").rstrip("/")
    return Settings(
        service=service,
        mode=read.one_of("NILAI_MODE", MODES, "production"),
        mongo_uri=read.uri("MONGO_URI", ("mongodb", "mongodb+srv")),
        mongo_admin_uri=read.uri("MONGO_ADMIN_URI", ("mongodb", "mongodb+srv"), ""),
        mongo_database=read.text("MONGO_DATABASE", f"nilai_{service}"),
        amqp_uri=read.uri("AMQP_URI", ("amqp", "amqps"), "amqp://127.0.0.1:5672//"),
        amqp_admin_uri=read.uri("AMQP_ADMIN_URI", ("amqp", "amqps"), ""),
        amqp_management_url=read.uri("AMQP_MANAGEMENT_URL", ("http", "https"), ""),
        amqp_users=_users(read),
        prefix=read.text("NILAI_PREFIX", ""),
        keys=Path(read.text("NILAI_KEYS")),
        **_issuer(read),
        public_url=public_url,
        urls=_urls(read, public_url),
        host=read.text("HOST", "127.0.0.1"),
        port=read.number("PORT", 8080, 0, 65535),
        metrics_port=read.number("METRICS_PORT", 0, 0, 65535),
        web_workers=read.number("WEB_WORKERS", 2, 1, 64),
        web_threads=read.number("WEB_THREADS", 16, 1, 128),
        body_limit=read.number("BODY_LIMIT", 2 * 1024 * 1024, 1024, 64 * 1024 * 1024),
        person_requests=read.number("PERSON_REQUESTS", 1200, 10, 1_000_000),
        journal_days=read.number("JOURNAL_DAYS", 400, 1, 36500),
        accept_new_keys=read.one_of("NILAI_ACCEPT_NEW_KEYS", ("yes", "no"), "no") == "yes",
        review_lease=read.number("REVIEW_LEASE_SECONDS", 1800, 1, 86400),
        allow_private_targets=read.one_of("ALLOW_PRIVATE_TARGETS", ("yes", "no"), "no") == "yes",
        target_ports=read.ports("TARGET_PORTS"),
        refused_targets=read.networks("REFUSED_TARGETS"),
        otlp_endpoint=read.uri("OTEL_EXPORTER_OTLP_ENDPOINT", ("http", "https"), ""),
        clamd_address=read.address("CLAMD_ADDRESS"),
        contact=read.text("CONTACT", ""),
        page_cache=Path(folder) if (folder := read.text("PAGE_CACHE", "")) else None,
    )


def load(service: str, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of one service; SettingsInvalid lists everything that is missing or malformed."""
    read = _Reader(environ)
    settings = _settings(read, service)
    _check_users(read, settings)
    _check_ways(read, settings)
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
