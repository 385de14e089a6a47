"""Which programs the system consists of, and the environment that each of them needs."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.config import Ports
from deploy.local.servers import Servers
from shared.core.names import SERVICES

ISSUER = "issuer"


@dataclass(frozen=True)
class Program:
    """One process: its role (also the name of its log), its command line, its environment."""

    role: str
    argv: tuple[str, ...]
    env: Mapping[str, str]


def programs(servers: Servers) -> list[Program]:
    """The issuer, and web and worker of each service."""
    found = [
        Program(ISSUER, _python("deploy.local.issuer", "--folder", str(_keys(servers))), _issuer_env(servers))
    ]
    for service in SERVICES:
        env = environment(servers, service)
        found.append(Program(f"{service}-web", _python(f"services.{service}", "web"), env))
        port = str(getattr(servers.ports, f"{service}_worker"))
        worker = {**env, "PORT": port, "METRICS_PORT": port}
        found.append(Program(f"{service}-worker", _python(f"services.{service}", "worker"), worker))
    return found


def environment(servers: Servers, service: str) -> dict[str, str]:
    """Everything that a process of one service reads from its environment, around what this process has."""
    ports = servers.ports
    addresses = {f"NILAI_URL_{name.upper()}": address(ports, name) for name in SERVICES}
    return {
        **os.environ,
        **servers.service_env(service),
        **addresses,
        "NILAI_MODE": "local",
        "NILAI_KEYS": str(_keys(servers)),
        "OIDC_ISSUER": address(ports, ISSUER),
        "ALLOW_PRIVATE_TARGETS": "yes",
        "HOST": "127.0.0.1",
        "PORT": str(getattr(ports, service)),
        "TMPDIR": str(servers.home / "tmp"),
    }


def address(ports: Ports, name: str) -> str:
    """Where a service or the issuer answers, without a path."""
    return f"http://127.0.0.1:{getattr(ports, name)}"


def _issuer_env(servers: Servers) -> dict[str, str]:
    ports = servers.ports
    names = {"NILAI_MODE": "local", "HOST": "127.0.0.1", "PORT": str(ports.issuer)}
    return {**os.environ, **names, "OIDC_ISSUER": address(ports, ISSUER)}


def _keys(servers: Servers) -> Path:
    return servers.home / "keys"


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)
