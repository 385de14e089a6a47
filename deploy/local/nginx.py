"""The gateway of an instance: the distribution's nginx on a port and in a folder of its own (standard library only)."""

import os
import shutil
from pathlib import Path

from deploy.local.config import CHECKOUT, Ports
from shared.core.names import SERVICES

ROLE = "gateway"
START = ("sh", str(CHECKOUT / "deploy/gateway/start.sh"))
_SYSTEM = "/usr/sbin"  # not on everybody's PATH


def program() -> str | None:
    """Where nginx is, or None on a machine that has none."""
    return shutil.which("nginx") or shutil.which("nginx", path=_SYSTEM)


def environment(home: Path, ports: Ports) -> dict[str, str]:
    """What start.sh reads, around what this process has; only NILAI_TRUSTED_PROXIES is left to whoever starts it."""
    services = {f"GATEWAY_{name.upper()}": f"127.0.0.1:{getattr(ports, name)}" for name in SERVICES}
    return {
        **os.environ,
        **services,
        "GATEWAY_NGINX": program() or "nginx",
        "GATEWAY_RUN": str(home / "gateway"),
        "GATEWAY_LISTEN": f"127.0.0.1:{ports.gateway}",
        "GATEWAY_KEYS": "../keys",
    }
