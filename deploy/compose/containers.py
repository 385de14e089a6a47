"""`make containers`: secrets, images, containers, and the address once all are healthy (standard library only)."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.compose import passwords
from deploy.local.config import CHECKOUT, SetupError

TRY = CHECKOUT / "deploy/compose/try.env"
SECONDS = 600.0
_HEALTH = "{{if .State.Health}}{{.State.Health.Status}}{{end}}"
_STATE = '"name":"{{.Name}}","state":"{{.State.Status}}","code":{{.State.ExitCode}}'
_FORMAT = f'{{{_STATE},"health":"{_HEALTH}"}}'


@dataclass(frozen=True)
class Container:
    """One container: how it is, and where it has a check of its health, what that says."""

    name: str
    state: str
    code: int
    health: str

    @property
    def is_well(self) -> bool:
        """Whether it runs as it should, or has done what it had to do once."""
        if self.state == "running":
            return self.health in ("", "healthy")
        return self.state == "exited" and self.code == 0

    @property
    def is_lost(self) -> bool:
        """Whether waiting is in vain."""
        return (self.state == "exited" and self.code != 0) or self.state == "dead"


def main() -> None:
    """Start everything and wait; with `.env` as that says, else to try it out."""
    try:
        up()
    except SetupError as error:
        sys.exit(f"make containers: {error}")
    except KeyboardInterrupt:
        sys.exit("make containers: interrupted; `docker compose ps` shows what runs.")


def up() -> None:
    """Make the secrets, start, and wait until every container is well."""
    file = next((file for file in (CHECKOUT / ".env",) if file.exists()), TRY)
    settings = {**read(file), **os.environ}
    command = [*compose(), "--env-file", str(file)]
    made = passwords.make()
    print(f"  settings of {file.relative_to(CHECKOUT)}, {len(made)} secrets made", flush=True)
    if subprocess.run([*command, "up", "--build", "-d"], cwd=CHECKOUT, check=False).returncode:
        raise SetupError("the containers could not be started, see above.")
    wait(project(settings))
    print(f"Running: http://127.0.0.1:{settings.get('GATEWAY_PORT') or 8080}/")
    print(f"  `{' '.join([*command, 'stop'])}` stops it; deploy/runbook.md says the rest.")


def compose() -> list[str]:
    """The command of Compose that this machine has."""
    if given := os.environ.get("COMPOSE"):
        return given.split()
    if not shutil.which("docker"):
        raise SetupError(
            "There is no docker here: install Docker with Compose, or run `make up`, which needs neither."
        )
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0:
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    raise SetupError("Docker has no Compose here: install `docker compose` or docker-compose 1.29.")


def read(file: Path) -> dict[str, str]:
    """What a file of settings says."""
    lines = [line.strip() for line in file.read_text().splitlines()]
    pairs = [line.partition("=") for line in lines if "=" in line and not line.startswith("#")]
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def project(settings: Mapping[str, str]) -> str:
    """What Compose calls the project of this checkout."""
    return settings.get("COMPOSE_PROJECT_NAME") or re.sub(r"[^a-z0-9_-]", "", CHECKOUT.name.lower())


def wait(name: str) -> None:
    """Return when all are well; SetupError with the names of those that are not."""
    began = shown = time.monotonic()
    while bad := [one for one in look(name) if not one.is_well]:
        names = ", ".join(one.name.removeprefix("/") for one in bad)
        if lost := [one.name.removeprefix("/") for one in bad if one.is_lost]:
            raise SetupError(f"{', '.join(lost)} ended with an error: `docker logs {lost[0]}` says why.")
        if time.monotonic() - began > SECONDS:
            raise SetupError(f"not healthy after {SECONDS:.0f} s: {names}. `docker logs NAME` may say why.")
        if time.monotonic() - shown > 10:
            shown = time.monotonic()
            print(f"  {shown - began:.0f} s, waiting for {names}", flush=True)
        time.sleep(1)
    print(f"  all healthy after {time.monotonic() - began:.0f} s", flush=True)


def look(name: str) -> list[Container]:
    """The containers of a project, without those of `run`."""
    labels = (f"com.docker.compose.project={name}", "com.docker.compose.oneoff=False")
    ids = _docker("ps", "-aq", *(part for label in labels for part in ("--filter", f"label={label}"))).split()
    if not ids:
        raise SetupError(f"there are no containers of the project {name}.")
    return [Container(**json.loads(line)) for line in _docker("inspect", "-f", _FORMAT, *ids).splitlines()]


def _docker(*arguments: str) -> str:
    line: Sequence[str] = ["docker", *arguments]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError(f"docker refused: {done.stderr.strip()[:300]}")
    return done.stdout


if __name__ == "__main__":
    main()
