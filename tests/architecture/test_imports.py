"""The import contracts hold, and each of them sees a breach."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from shared.core.names import SERVICES

CHECKOUT = Path(__file__).parents[2]
PARTS = ("shared", "services", "deploy", "tests/architecture")
NAMES = ("__init__", "app", "api", "pages", "handlers", "commands", "queries", "schemas", "store", "domain")

BREACHES = {
    "services-apart": ("services/intake/commands.py", "import services.review"),
    "shared-below": ("shared/core/errors.py", "import services.scoring"),
    "deploy-outside": ("services/notify/queries.py", "import deploy.local.config"),
    "floors": ("shared/storage/mongo.py", "import shared.messaging.inbox"),
    "down-only": ("services/review/store.py", "import services.review.commands"),
    "schemas-at-the-doors": ("services/scoring/commands.py", "import services.scoring.schemas"),
    "pure-domain": ("services/intake/domain.py", "import shared.storage.mongo"),
    "database-in-the-store": ("services/notify/commands.py", "import pymongo"),
    "broker-in-one-place": ("services/review/handlers.py", "import kombu"),
    "flask-at-the-doors": ("services/scoring/queries.py", "import flask"),
}
MORE_BREACHES = [
    ("pure-domain", "services/scoring/domain.py", "import msgspec"),
    ("pure-domain", "services/review/domain.py", "import services.review.store"),
    ("down-only", "services/intake/api.py", "import services.intake.handlers"),
    ("down-only", "services/notify/domain.py", "import services.notify.queries"),
    ("database-in-the-store", "services/intake/domain.py", "from bson import ObjectId"),
    ("shared-below", "deploy/local/config.py", "import services.intake"),
    ("schemas-at-the-doors", "services/intake/commands/evidence.py", "import services.intake.schemas"),
    ("schemas-at-the-doors", "services/intake/blobs/receiving.py", "import services.intake.schemas"),
    ("database-in-the-store", "services/intake/commands/evidence.py", "import pymongo"),
    ("flask-at-the-doors", "services/intake/domain/evidence.py", "import flask"),
    ("flask-at-the-doors", "services/review/app.py", "import flask"),
    ("down-only", "services/intake/blobs/chunks.py", "import services.intake.commands"),
    ("down-only", "services/notify/webhooks/sending.py", "import services.notify.commands"),
    ("down-only", "services/intake/store/evidence.py", "import services.intake.queries"),
    ("pure-domain", "services/intake/domain/evidence.py", "import shared.storage.mongo"),
    ("database-in-the-store", "services/intake/domain/uploads.py", "import pymongo"),
    ("database-in-the-store", "shared/web/views.py", "import pymongo"),
    ("broker-in-one-place", "shared/messaging/outbox.py", "import kombu"),
    ("floors", "shared/core/errors.py", "import shared.web.app"),
    ("floors", "shared/signing/keys.py", "import shared.events.envelope"),
]
ROUNDS = [
    {contract: breach for contract, breach in turn if contract}
    for turn in zip_longest(
        *(
            [
                (contract, first),
                *((name, tuple(breach)) for name, *breach in MORE_BREACHES if name == contract),
            ]
            for contract, first in BREACHES.items()
        ),
        fillvalue=("", ("", "")),
    )
]
"""The first breach of every contract, the second of all that have one, and so on: one look at the house for each."""
UNPLACED = {"floors": "shared/attic.py", "down-only": "services/scoring/attic.py"}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the source tree with the same contracts, to do harm to."""
    for part in PARTS:
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(CHECKOUT / part, tmp_path / part, ignore=ignored)
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    (tmp_path / "tests/__init__.py").touch()
    _complete(tmp_path)
    return tmp_path


def _complete(house: Path) -> None:
    """Put an empty module wherever a service has no use for one of the usual names."""
    for service in SERVICES:
        (house / "services" / service).mkdir(exist_ok=True)
        for name in NAMES:
            if not (house / "services" / service / name).is_dir():
                (house / "services" / service / f"{name}.py").touch()


def source(house: Path, path: str) -> Path:
    """The file of a module, which may have grown into a package."""
    package = (house / path).with_suffix("")
    return package / "__init__.py" if package.is_dir() else house / path


def lint(house: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What import-linter says of the tree under `house`, seen from there."""
    program = (
        f"import sys; sys.path.insert(0, {str(house)!r}); from importlinter.cli import lint_imports_command"
    )
    command = [sys.executable, "-c", f"{program}; lint_imports_command()", "--no-cache", *arguments]
    env = os.environ | {"COLUMNS": "300"}  # so that no name is broken over two lines
    return subprocess.run(command, cwd=house, capture_output=True, text=True, check=False, env=env)


def contracts(house: Path) -> list[dict[str, Any]]:
    """The contracts that are to be kept."""
    found: list[dict[str, Any]] = tomllib.loads((house / "pyproject.toml").read_text())["tool"][
        "importlinter"
    ]["contracts"]
    return found


def broken(house: Path, said: str) -> dict[str, str]:
    """What import-linter says of each contract that is broken."""
    _, _, details = said.partition("Broken contracts")
    ids = {contract["name"]: contract["id"] for contract in contracts(house)}
    heads = "|".join(re.escape(name) for name in ids)
    _, *parts = re.split(rf"^({heads})\n-+\n", details, flags=re.MULTILINE)
    return {ids[name]: text for name, text in zip(parts[::2], parts[1::2], strict=True)}


def test_the_house_keeps_its_contracts(house: Path) -> None:
    said = lint(house)
    assert said.returncode == 0, said.stdout


def test_every_contract_has_a_breach_that_it_sees(house: Path) -> None:
    assert {contract["id"] for contract in contracts(house)} == set(BREACHES)


@pytest.mark.parametrize("breaches", ROUNDS, ids=range(len(ROUNDS)))
def test_breaches_are_seen(house: Path, breaches: dict[str, tuple[str, str]]) -> None:
    for path, line in breaches.values():
        with source(house, path).open("a") as module:
            module.write(f"\n{line}\n")
    said = lint(house)
    assert said.returncode == 1, said.stdout + said.stderr
    found = broken(house, said.stdout)
    for contract, (path, line) in breaches.items():
        assert line.split()[1] in found.get(contract, ""), f"{contract}: {path}\n{said.stdout}"


@pytest.mark.parametrize(("contract", "path"), UNPLACED.items())
def test_a_module_without_a_floor_is_seen(house: Path, contract: str, path: str) -> None:
    (house / path).write_text("")
    said = lint(house, "--contract", contract)
    assert said.returncode == 1, said.stdout + said.stderr
    assert "attic" in said.stdout
