"""Clients that others' generators make of our descriptions: for all services, and used on one."""

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local import npm
from deploy.local.config import CHECKOUT
from services.intake.app import service
from shared.core.names import SERVICES
from shared.service import Service
from tests.serving import Server, serving
from tests.support.described import described
from tests.support.stage import Stage

HERE = Path(__file__).parent
USED = {
    "made": [201, "Kota Tiga"],
    "changed": [200, 2],
    "stale": [409, "stale", 2],
    "listed": True,
}
CONFIG = {
    "post_hooks": [],
    "content_type_overrides": {
        "text/csv": "application/octet-stream",
        "application/offset+octet-stream": "application/octet-stream",
        "image/png": "application/octet-stream",
        "image/webp": "application/octet-stream",
    },
}


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(service)
    on.person("minister", "ministry")
    return on


@pytest.fixture
def server(intake: Stage) -> Iterator[Server]:
    with serving("services.intake.app:create_app()", intake.settings) as running:
        yield running


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def write(name: str, folder: Path) -> Path:
    """The description of a service as a file."""
    file = folder / f"{name}.json"
    file.write_text(json.dumps(described(name)))
    return file


def python_client(name: str, folder: Path) -> None:
    """A package of that name in the folder; a warning of the generator is a failure."""
    config = folder / "config.json"
    config.write_text(json.dumps(CONFIG))
    options: list[str | Path] = [
        "--meta",
        "none",
        "--config",
        config,
        "--output-path",
        folder / name,
        "--fail-on-warning",
    ]
    program = Path(sys.executable).with_name("openapi-python-client")
    run(program, "generate", "--path", write(name, folder), *options, cwd=folder)


def typescript_types(name: str, folder: Path) -> None:
    """NAME.ts in the folder, beside a way to the packages."""
    cli = CHECKOUT / "node_modules/openapi-typescript/bin/cli.js"
    # What has a default may be left out of a request: the generator says so only when it is asked to.
    optional = ("--default-non-nullable", "false")
    run(npm.NODE, cli, write(name, folder), "-o", folder / f"{name}.ts", *optional, cwd=HERE)


def check_types(folder: Path, *files: str) -> None:
    """Have TypeScript look at these files, as strictly as it can."""
    options = {
        "noEmit": True,
        "strict": True,
        "skipLibCheck": True,
        "target": "es2022",
        "module": "nodenext",
        "lib": ["es2022", "dom"],
        "types": [],
        "allowImportingTsExtensions": True,
    }
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": files}))
    run(npm.NODE, CHECKOUT / "node_modules/typescript/bin/tsc", "-p", folder, cwd=HERE)


@pytest.mark.parametrize("name", SERVICES)
def test_a_python_client_of_every_operation_is_made(name: str, tmp_path: Path) -> None:
    python_client(name, tmp_path)
    made = {path.stem for path in (tmp_path / name / "api").rglob("*.py")} - {"__init__"}
    methods = (one for path in described(name)["paths"].values() for one in path.items())
    assert made == {one["operationId"] for method, one in methods if method not in ("parameters",)}


def test_a_python_client_works(
    intake: Stage, server: Server, tmp_path: Path, mint: Callable[..., str]
) -> None:
    python_client("intake", tmp_path)
    sys.path.insert(0, str(tmp_path))
    try:
        assert used(importlib.import_module, server.url, mint("minister")) == USED
    finally:
        sys.path.remove(str(tmp_path))
        for name in [name for name in sys.modules if name.partition(".")[0] == "intake"]:
            del sys.modules[name]


def used(module: Callable[[str], Any], url: str, token: str) -> dict[str, Any]:
    """What the generated package gives when an agency is set, changed, changed blindly, and listed."""
    set_agency, list_agencies = (
        module(f"intake.api.agencies.{name}") for name in ("set_agency", "list_agencies")
    )
    client = module("intake.client").AuthenticatedClient(base_url=url, token=token)
    given = {"name": "Kota Tiga", "group": "Kota", "since": "2026-01-01T00:00:00Z"}
    body = module("intake.models.agency_input").AgencyInput.from_dict(given)
    with client:
        made = set_agency.sync_detailed("kota-tiga", client=client, body=body)
        body.name = "Kota Empat"
        changed = set_agency.sync_detailed(
            "kota-tiga", client=client, body=body, if_match=made.headers["ETag"]
        )
        body.name = "Kota Lima"
        stale = set_agency.sync("kota-tiga", client=client, body=body, if_match='"1"')
        listed = list_agencies.sync(client=client, limit=200)
    return {
        "made": [made.status_code, made.parsed.name],
        "changed": [changed.status_code, changed.parsed.rev],
        "stale": [stale.status, stale.code, stale.rev],
        "listed": any(one.id == "kota-tiga" for one in listed.items),
    }


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "intake"])
def test_types_for_typescript_are_made(name: str, tmp_path: Path) -> None:
    typescript_types(name, tmp_path)
    check_types(tmp_path, f"{name}.ts")


def test_a_typescript_client_is_sound_and_works(
    intake: Stage, server: Server, tmp_path: Path, mint: Callable[..., str]
) -> None:
    typescript_types("intake", tmp_path)
    (tmp_path / "agencies.ts").write_text((HERE / "agencies.ts").read_text())
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "node_modules").symlink_to(CHECKOUT / "node_modules")
    (tmp_path / "process.d.ts").write_text("declare const process: { argv: string[] }\n")
    check_types(tmp_path, "process.d.ts", "agencies.ts")
    said = run(npm.NODE, tmp_path / "agencies.ts", server.url, mint("minister"), cwd=tmp_path)
    assert json.loads(said) == USED
