"""npm packages come in by their lock files alone, with the npm that a Python package carries."""

import json
import subprocess
import sys
from pathlib import Path

from deploy.local import npm
from deploy.local.config import CHECKOUT


def test_what_is_installed_is_what_the_lock_file_says() -> None:
    locked = json.loads((CHECKOUT / npm.PACKAGES).read_text())["packages"]
    installed = json.loads(npm.made().read_text())["packages"]
    assert installed
    said = ("version", "integrity")
    for path, package in installed.items():
        assert {key: package[key] for key in said} == {key: locked[path][key] for key in said}


def test_a_package_of_another_content_than_the_lock_file_says_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (tmp_path / "one").mkdir()
    folder.mkdir()
    (tmp_path / "one/package.json").write_text('{"name": "one", "version": "1.0.0"}')
    npm_in(tmp_path, "pack", "./one")
    (folder / "package.json").write_text('{"dependencies": {"one": "file:../one-1.0.0.tgz"}}')
    npm_in(folder, "install")
    lock = folder / "package-lock.json"
    assert run(npm.ci(folder=folder)).returncode == 0
    content = json.loads(lock.read_text())
    content["packages"]["node_modules/one"]["integrity"] = "sha512-" + "A" * 86 + "=="
    lock.write_text(json.dumps(content))
    refused = run(npm.ci(folder=folder))
    assert "EINTEGRITY" in refused.stderr
    assert refused.returncode != 0


def test_a_script_of_a_package_does_not_run(tmp_path: Path) -> None:
    assert "--ignore-scripts" in npm.ci()
    (tmp_path / "package.json").write_text('{"scripts": {"postinstall": "touch ran"}}')
    npm_in(tmp_path, "install", "--ignore-scripts")
    assert run(npm.ci(folder=tmp_path)).returncode == 0
    assert not (tmp_path / "ran").exists()


def test_the_command_says_how_it_is_called() -> None:
    done = run([sys.executable, "-m", "deploy.local.npm", "install"])
    assert (done.returncode, done.stderr) == (1, "npm: Say `ci` or `lock`.\n")


def run(command: list[str | Path]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=CHECKOUT)


def npm_in(folder: Path, *words: str) -> None:
    command: list[str | Path] = [npm.NODE, npm.NPM, *words, "--offline", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
