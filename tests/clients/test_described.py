"""What our OpenAPI documents say is what other people's tools can read: ajv, Redocly."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.local import npm
from deploy.local.config import CHECKOUT
from shared.core.names import SERVICES
from tests.support.described import described

HERE = Path(__file__).parent


def node(*command: str | Path, given: str = "") -> str:
    """What a program of npm's packages says; it must end well."""
    env = os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    line = [npm.NODE, *command]
    done = subprocess.run(line, input=given, capture_output=True, text=True, check=False, cwd=HERE, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_schema_compiles_and_every_body_has_an_example_that_fits() -> None:
    documents = {name: described(name) for name in SERVICES}
    found = json.loads(node("compile.mjs", given=json.dumps(documents)))
    assert found["problems"] == []
    assert (found["compiled"] > 200, found["held"] > 20) == (True, True)


@pytest.mark.parametrize("name", SERVICES)
def test_redocly_finds_nothing_to_mend(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.json"
    file.write_text(json.dumps(described(name)))
    cli = CHECKOUT / "node_modules/@redocly/cli/bin/cli.js"
    said: Any = json.loads(node(cli, "lint", "--format=json", "--extends=recommended-strict", file))
    assert said["totals"] == {"errors": 0, "warnings": 0, "ignored": 0}, said["problems"]
