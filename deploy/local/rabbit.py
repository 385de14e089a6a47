"""A private RabbitMQ node with an epmd, a cookie and folders of its own, and one user for each service."""

import json
import os
import shutil
from base64 import b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from re import escape
from secrets import token_bytes, token_hex
from typing import Any

import amqp

from deploy.local import process
from deploy.local.config import Ports, SetupError, answers, held, listens, write
from shared.core.names import SERVICES
from shared.events import contracts

ROLE, NAMES = "rabbitmq", "epmd"
_DEBIAN = Path(
    "/usr/lib/rabbitmq/bin/rabbitmq-server"
)  # the wrapper on PATH insists on the system's own user
_LOOPBACK = "{127,0,0,1}"


def uri(port: int, user: str, password: str) -> str:
    """The address of the embedded broker for one user."""
    return f"amqp://{user}:{password}@127.0.0.1:{port}//"


def start(home: Path, ports: Ports, passwords: Mapping[str, str], any_prefix: bool) -> None:
    """Start the node unless it runs, and return when its users, made before it listens, can work."""
    if process.find(home, ROLE) and answers(ports.amqp):
        with suppress(SetupError):  # what runs may be dying
            return _wait(home, ports, passwords)
    process.end(home, ROLE)  # a helper that outlived its node is no node
    held(ports.amqp)
    _write_folder(home, ports, definitions(passwords, any_prefix))
    _start_names(home, ports.epmd)
    process.spawn(home, ROLE, [_program()], _environment(home, ports))
    return _wait(home, ports, passwords)


def _wait(home: Path, ports: Ports, passwords: Mapping[str, str]) -> None:
    process.wait(lambda: _opens(ports.amqp, "admin", passwords["admin"]), 90, home, ROLE)


def stop(home: Path) -> None:
    """Stop the node and its epmd; its data stay."""
    process.end(home, ROLE)
    process.end(home, NAMES)


def kill(home: Path) -> None:
    """Kill -9 the node, as a crash would."""
    process.kill(home, ROLE)


def definitions(passwords: Mapping[str, str], any_prefix: bool) -> dict[str, Any]:
    """Users with the least rights that they can work with; `any_prefix` also opens prefixed names, for tests.

    A service may write to the exchange, read its own queues, and publish only the types that are its own.
    """
    prefix = ".*" if any_prefix else ""
    admin = {"user": "admin", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
    rights = [_rights(name, prefix) for name in SERVICES]
    return {
        "vhosts": [{"name": "/"}],
        "users": [_user("admin", passwords["admin"], "administrator")]
        + [_user(f"nilai_{name}", passwords[name]) for name in SERVICES],
        "permissions": [admin, *rights],
        "topic_permissions": [_own_types(name) for name in SERVICES],
    }


def _rights(service: str, prefix: str) -> dict[str, str]:
    write_to, read_from = rf"^{prefix}nilai\.events$", rf"^{prefix}{service}(\.dead)?$"
    return {"user": f"nilai_{service}", "vhost": "/", "configure": "^$", "write": write_to, "read": read_from}


def _own_types(service: str) -> dict[str, str]:
    types = "|".join(escape(contract.type) for contract in contracts() if contract.producer == service)
    user, exchange = f"nilai_{service}", "nilai.events"
    return {"user": user, "vhost": "/", "exchange": exchange, "write": f"^({types})$", "read": "^$"}


def _user(name: str, password: str, *tags: str) -> dict[str, Any]:
    salt = token_bytes(4)
    digest = b64encode(salt + sha256(salt + password.encode()).digest()).decode()
    algorithm = "rabbit_password_hashing_sha256"
    return {"name": name, "password_hash": digest, "hashing_algorithm": algorithm, "tags": ",".join(tags)}


def _write_folder(home: Path, ports: Ports, rights: Mapping[str, Any]) -> None:
    folder = home / "rabbitmq"
    write(folder / "definitions.json", json.dumps(rights, indent=1))
    write(folder / "enabled_plugins", "[].\n")
    write(folder / "rabbitmq.conf", "\n".join(_settings(home, ports.amqp)) + "\n")
    if not (folder / ".erlang.cookie").exists():
        write(folder / ".erlang.cookie", token_hex(32), 0o400)


def _settings(home: Path, port: int) -> Iterable[str]:
    yield f"listeners.tcp.1 = 127.0.0.1:{port}"
    yield f"load_definitions = {home / 'rabbitmq/definitions.json'}"
    yield "log.console = false"
    yield f"log.file = {process.log_of(home, ROLE)}"
    yield "log.connection.level = warning"
    yield "vm_memory_high_watermark.absolute = 1GB"
    yield "disk_free_limit.absolute = 200MB"
    yield "raft.wal_max_size_bytes = 64000000"


def _environment(home: Path, ports: Ports) -> dict[str, str]:
    folder = home / "rabbitmq"
    interface = f"-kernel inet_dist_use_interface {_LOOPBACK}"
    inherited = {
        name: text for name, text in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))
    }
    return inherited | {
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(ports.epmd),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": "nilai@localhost",
        "RABBITMQ_DIST_PORT": str(ports.dist),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONFIG_FILES": str(folder / "none"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_ALLOW_INPUT": "1",  # the node takes the shell's place, so that a signal reaches it
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-noinput {interface}",
    }


def _start_names(home: Path, port: int) -> None:
    """Start the node's epmd as a process of ours: the one that Erlang would start outlives everything."""
    program = shutil.which("epmd")
    if not program:
        raise SetupError("Erlang's epmd is not installed; run `make setup`.")
    if not process.find(home, NAMES):
        process.spawn(home, NAMES, [program, "-port", str(port), "-address", "127.0.0.1"])
    process.wait(lambda: listens(port), 10, home, NAMES)


def _program() -> str | Path:
    found = _DEBIAN if _DEBIAN.exists() else shutil.which("rabbitmq-server")
    if not found:
        raise SetupError("rabbitmq-server is not installed; run `make setup`, or use `docker compose up`.")
    return found


def _opens(port: int, user: str, password: str) -> bool:
    try:
        with amqp.Connection(f"127.0.0.1:{port}", user, password, connect_timeout=2) as connection:
            connection.channel()
            return True
    except (OSError, amqp.AMQPError):
        return False
