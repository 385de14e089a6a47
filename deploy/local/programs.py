"""Which programs the system consists of, and the environment that each of them needs."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local import mongo, nginx, rabbit
from deploy.local.config import Ports, given, scratch
from deploy.local.servers import Servers
from shared.core.names import SERVICES

ISSUER, GATEWAY = "issuer", nginx.ROLE


@dataclass(frozen=True)
class Program:
    """One process: its role (also the name of its log), its command line, its environment."""

    role: str
    argv: tuple[str, ...]
    env: Mapping[str, str]


def programs(servers: Servers) -> list[Program]:
    """The issuer, the gateway, and web and worker of each service."""
    issuer = _python("deploy.local.issuer", "--folder", str(_keys(servers)))
    found = [
        Program(ISSUER, issuer, _issuer_env(servers)),
        Program(GATEWAY, nginx.START, nginx.environment(servers.home, servers.ports)),
    ]
    for service in SERVICES:
        env = environment(servers, service)
        found.append(Program(f"{service}-web", _python(f"services.{service}", "web"), env))
        port = str(getattr(servers.ports, f"{service}_worker"))
        worker = {**env, "PORT": port, "METRICS_PORT": port}
        found.append(Program(f"{service}-worker", _python(f"services.{service}", "worker"), worker))
    return found


def server_programs(servers: Servers) -> list[Program]:
    """The database, and the broker with its epmd, unless the user has others."""
    home, ports = servers.home, servers.ports
    found = []
    if not given("MONGO_URI"):
        found.append(Program(mongo.ROLE, _words(mongo.command(home, ports.mongo)), os.environ))
    if not given("AMQP_URI"):
        found.append(Program(rabbit.NAMES, _words(rabbit.names_command(ports)), os.environ))
        found.append(Program(rabbit.ROLE, _words(rabbit.command()), rabbit.environment(home, ports)))
    return found


def environment(servers: Servers, service: str) -> dict[str, str]:
    """Everything that a process of one service reads from its environment, around what this process has."""
    ports = servers.ports
    return {
        "NILAI_URL": address(ports, GATEWAY),
        **os.environ,
        **servers.service_env(service),
        "NILAI_MODE": "local",
        "NILAI_KEYS": str(_keys(servers)),
        "OIDC_ISSUER": address(ports, ISSUER),
        "OIDC_CLIENT_ID": "nilai",
        "ALLOW_PRIVATE_TARGETS": "yes",
        "HOST": "127.0.0.1",
        "PORT": str(getattr(ports, service)),
        "TMPDIR": str(scratch(servers.home)),
        "PAGE_CACHE": str(servers.home / "pages"),
    }


def address(ports: Ports, name: str) -> str:
    """Where the gateway, the issuer or a service behind it answers, without a path."""
    return f"http://127.0.0.1:{getattr(ports, name)}"


def _issuer_env(servers: Servers) -> dict[str, str]:
    ports = servers.ports
    names = {"NILAI_MODE": "local", "HOST": "127.0.0.1", "PORT": str(ports.issuer)}
    return {**os.environ, **names, "OIDC_ISSUER": address(ports, ISSUER)}


def _keys(servers: Servers) -> Path:
    return servers.home / "keys"


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)


def _words(command: Sequence[str | Path]) -> tuple[str, ...]:
    return tuple(map(str, command))
