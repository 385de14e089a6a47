"""Setting up installs what the lock files say, whatever is published after them."""

import subprocess
import sys
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path
from zipfile import ZipFile

import pytest

from deploy.local.config import CHECKOUT
from deploy.local.setup import locked


def wheel(folder: Path, name: str, version: str, metadata: str = "") -> str:
    """A package with nothing in it; gives its line for a lock file."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with ZipFile(path, "w") as file:
        file.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}"
        )
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")
    return f"{name}=={version} --hash=sha256:{sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A folder of packages; a newer release of one came after the lock file beside it."""
    wanting = wheel(tmp_path, "wanting", "1.0", "Requires-Dist: wanted[extra]>=1.0\n")
    extra = "Provides-Extra: extra\n"
    (tmp_path / "lock.txt").write_text(wanting + wheel(tmp_path, "wanted", "1.0", extra))
    wheel(tmp_path, "wanted", "2.0", extra)
    return tmp_path


def test_a_release_after_the_lock_file_changes_nothing(index: Path) -> None:
    target = index / "installed"
    offline: list[str | Path] = ["--isolated", "--no-index", "--find-links", index, "--target", target]
    pip = [sys.executable, "-m", "pip", "install", "-qq", *offline, *locked(index / "lock.txt")]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    found = {one.name: one.version for one in distributions(path=[str(target)])}
    assert found == {"wanting": "1.0", "wanted": "1.0"}


def test_the_lock_file_lacks_nothing_that_its_packages_require() -> None:
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_setting_up_and_making_passwords_need_no_library() -> None:
    line = [sys.executable, "-S", "-c", "import deploy.local.setup, deploy.compose.passwords"]
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=CHECKOUT)
    assert done.returncode == 0, done.stderr
