"""A private RabbitMQ node with an epmd, a cookie and folders of its own, and one user for each service."""

import json
import os
import shutil
from base64 import b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Any

import amqp

from deploy.local import process
from deploy.local.config import Ports, SetupError, answers, held, listens, write
from shared.core.names import SERVICES
from shared.messaging import broker
from shared.messaging.broker.rights import Rights

ROLE, NAMES = "rabbitmq", "epmd"
_DEBIAN = Path(
    "/usr/lib/rabbitmq/bin/rabbitmq-server"
)  # the wrapper on PATH insists on the system's own user
LARGEST_MESSAGE = 32 * 1024 * 1024
"""What the broker takes at all, in bytes: far more than any event, so that what is too large is seen by somebody."""
_LOOPBACK = "{127,0,0,1}"


def uri(port: int, user: str, password: str) -> str:
    """The address of the embedded broker for one user."""
    return f"amqp://{user}:{password}@127.0.0.1:{port}//"


def start(
    home: Path, ports: Ports, passwords: Mapping[str, str], any_prefix: bool, supervisor: str | None = None
) -> None:
    """Start the node unless it runs or a living supervisor does that; returns when its users can work.

    The users are made before it listens.
    """
    if supervisor:
        return _wait(home, ports, passwords, supervisor)
    if process.find(home, ROLE) and answers(ports.amqp):
        with suppress(SetupError):  # what runs may be dying
            return _wait(home, ports, passwords)
    process.end(home, ROLE)  # a helper that outlived its node is no node
    held(ports.amqp)
    write_folder(home, ports, definitions(passwords, any_prefix))
    launch(home, ports)
    return _wait(home, ports, passwords)


def _wait(home: Path, ports: Ports, passwords: Mapping[str, str], supervisor: str | None = None) -> None:
    opens = partial(_opens, ports.amqp, "admin", passwords["admin"])
    process.wait(opens, 90, home, ROLE, supervisor)


def stop(home: Path) -> None:
    """Stop the node and its epmd; its data stay."""
    process.end(home, ROLE)
    process.end(home, NAMES)


def kill(home: Path) -> None:
    """Kill -9 the node, as a crash would."""
    process.kill(home, ROLE)


def definitions(passwords: Mapping[str, str], any_prefix: bool) -> dict[str, Any]:
    """Users with the least rights that they can work with; `any_prefix` also opens prefixed names, for tests.

    A service may read its own queues and publish only the types that are its own.
    """
    admin = {"user": "admin", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
    found = {name: broker.rights("", name, any_prefix) for name in SERVICES}
    return {
        "vhosts": [{"name": "/"}],
        "users": [_user("admin", passwords["admin"], "administrator")]
        + [_user(f"nilai_{name}", passwords[name]) for name in SERVICES],
        "permissions": [admin, *(_permission(name, rights) for name, rights in found.items())],
        "topic_permissions": [
            {"user": f"nilai_{name}", "vhost": "/", "exchange": exchange, "write": rights.types, "read": "^$"}
            for name, rights in found.items()
            for exchange in rights.exchanges
        ],
    }


def _permission(service: str, rights: Rights) -> dict[str, str]:
    may = {"configure": "^$", "write": rights.write, "read": rights.read}
    return {"user": f"nilai_{service}", "vhost": "/", **may}


def _user(name: str, password: str, *tags: str) -> dict[str, Any]:
    salt = token_bytes(4)
    digest = b64encode(salt + sha256(salt + password.encode()).digest()).decode()
    algorithm = "rabbit_password_hashing_sha256"
    return {"name": name, "password_hash": digest, "hashing_algorithm": algorithm, "tags": ",".join(tags)}


def launch(home: Path, ports: Ports) -> None:
    """Start the node, and the epmd that it is known to."""
    _start_names(home, ports)
    process.spawn(home, ROLE, command(), environment(home, ports))


def write_folder(home: Path, ports: Ports, rights: Mapping[str, Any], management_port: int = 0) -> None:
    """Write what the node reads when it starts; with a `management_port` its management API answers there."""
    folder = home / "rabbitmq"
    write(folder / "definitions.json", json.dumps(rights, indent=1))
    write(folder / "enabled_plugins", "[rabbitmq_management].\n" if management_port else "[].\n")
    settings = [*_settings(home, ports.amqp), *(_management(management_port) if management_port else ())]
    write(folder / "rabbitmq.conf", "\n".join(settings) + "\n")
    cookie = folder / ".erlang.cookie"
    if not cookie.exists() or not cookie.stat().st_size:
        write(cookie, token_hex(32), 0o400)


def _settings(home: Path, port: int) -> Iterable[str]:
    yield f"listeners.tcp.1 = 127.0.0.1:{port}"
    yield f"load_definitions = {home / 'rabbitmq/definitions.json'}"
    yield "log.console = false"
    yield f"log.file = {process.log_of(home, ROLE)}"
    yield "log.connection.level = warning"
    yield f"max_message_size = {LARGEST_MESSAGE}"
    yield "vm_memory_high_watermark.absolute = 1GB"
    yield "disk_free_limit.absolute = 200MB"
    yield "raft.wal_max_size_bytes = 64000000"


def _management(port: int) -> Iterable[str]:
    yield "management.tcp.ip = 127.0.0.1"
    yield f"management.tcp.port = {port}"


def environment(home: Path, ports: Ports) -> dict[str, str]:
    """What the node reads from its environment, around what this process has."""
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


def _start_names(home: Path, ports: Ports) -> None:
    """Start the node's epmd as a process of ours: the one that Erlang would start outlives everything."""
    if not process.find(home, NAMES):
        process.spawn(home, NAMES, names_command(ports))
    process.wait(lambda: listens(ports.epmd), 10, home, NAMES)


def names_command(ports: Ports) -> list[str | Path]:
    """The command line of the node's epmd."""
    program = shutil.which("epmd")
    if not program:
        raise SetupError("Erlang's epmd is not installed; run `make setup`.")
    return [program, "-port", str(ports.epmd), "-address", "127.0.0.1"]


def command() -> list[str | Path]:
    """The command line of the node."""
    found = _DEBIAN if _DEBIAN.exists() else shutil.which("rabbitmq-server")
    if not found:
        raise SetupError("rabbitmq-server is not installed; run `make setup`, or use `docker compose up`.")
    return [found]


def _opens(port: int, user: str, password: str) -> bool:
    try:
        with amqp.Connection(f"127.0.0.1:{port}", user, password, connect_timeout=2) as connection:
            connection.channel()
            return True
    except (OSError, amqp.AMQPError):
        return False


def has_lost_its_queues(port: int, password: str) -> bool:
    """Whether the node knows the services' queues and none of them answers."""
    return all(_is_lost(port, password, f"{service}.dead") for service in SERVICES)


def _is_lost(port: int, password: str, queue: str) -> bool:
    try:
        with amqp.Connection(
            f"127.0.0.1:{port}", "admin", password, connect_timeout=2, read_timeout=5
        ) as line:
            channel = line.channel()
            if not channel.queue_declare(queue, passive=True).message_count:  # what is got once more counts
                channel.basic_get(queue)
    except amqp.InternalError:
        return True
    except (OSError, amqp.AMQPError):
        return False
    return False
