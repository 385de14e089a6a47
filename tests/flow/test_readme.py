"""README's walk through the API, run as it stands, with the addresses of the system under test."""

import re
import subprocess
from pathlib import Path

from deploy.demo.world import Addresses
from tests.flow.conftest import Played

ROOT = Path(__file__).parents[2]


def test_the_walk_in_the_readme_works_as_it_stands(played: Played, system: tuple[Path, Addresses]) -> None:
    home, addresses = system
    text = (ROOT / "README.md").read_text()
    found = re.search(r"<!-- walk.*?-->\n```sh\n(.*?)```", text, re.DOTALL)
    assert found
    places = {
        "INTAKE": f"{addresses.intake}/intake/api/v1",
        "SCORING": f"{addresses.scoring}/scoring/api/v1",
        "NOTIFY": f"{addresses.notify}/notify/api/v1",
        "ISSUER": addresses.issuer,
        "KEYS": str(home / "keys/keys.json"),
    }
    script = "".join(f"{name}={value}\n" for name, value in places.items()) + found[1]
    done = subprocess.run(
        ["bash", "-euc", script], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"code": "stale"' in done.stdout
    assert '"code": "second-officer-needed"' in done.stdout
    assert "GOOD. The receipt is genuine and unchanged." in done.stdout
    assert set(places) <= set(re.findall(r"^([A-Z]+)=", text, re.MULTILINE))
