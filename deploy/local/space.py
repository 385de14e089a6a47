"""Room on the disk of an instance."""

import shutil
from pathlib import Path

from deploy.local.config import SetupError

FULL_MB = 20


def free_mb(folder: Path) -> int:
    """The megabytes that are free on the disk of a folder."""
    return shutil.disk_usage(folder).free // 2**20


def require_mb(home: Path, megabytes: int) -> None:
    """SetupError, with the disk's folder, when less than that is free there."""
    home.mkdir(parents=True, exist_ok=True)
    if (free := free_mb(home)) < megabytes:
        raise SetupError(
            f"The disk of {home} is full: {free} MB are free, and {megabytes} MB are needed. "
            "Make room, then start again."
        )
