"""What holds for every file of the house: who reads the environment, what a lock may say."""

import ast
import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.licences import NPM_LOCKS

CHECKOUT = Path(__file__).parents[2]
ONLY_TO_TEST = {"pytest"}
DAYS = "services/intake/domain/submissions.py"  # a day has no moment
LOCKS = (
    "requirements.txt",
    "requirements-demo.txt",
    "requirements-dev.txt",
    "deploy/local/mongod.txt",
    "deploy/local/node.txt",
)


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((CHECKOUT / folder).rglob("*.py"))


def reads_environment(source: str) -> bool:
    names = {"environ", "environb", "getenv", "getenvb"}
    return any(
        (isinstance(node, ast.Attribute) and node.attr in names and not of_request(node.value))
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and names & {one.name for one in node.names}
        )
        for node in ast.walk(ast.parse(source))
    )


def of_request(value: ast.expr) -> bool:
    """Whether this is a request, whose own environment WSGI calls the same."""
    return ast.unparse(value).rpartition(".")[2] == "request"


def imports(source: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(source)))
    plain = {one.name for node in nodes if isinstance(node, ast.Import) for one in node.names}
    named = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.partition(".")[0] for name in plain | named}


def plain(distribution: str) -> str:
    return distribution.lower().replace("_", "-")


def names_an_address(lock: str) -> bool:
    words = ("://", "--index-url", "--extra-index-url", "--find-links", "--trusted-host", " @ ")
    return any(word in lock for word in words)


def test_only_the_settings_read_the_environment() -> None:
    readers = [path for path in sources("shared", "services") if reads_environment(path.read_text())]
    assert [str(path.relative_to(CHECKOUT)) for path in readers] == ["shared/core/settings.py"]


@pytest.mark.parametrize(
    "source", ["import os\nos.environ['A']", "from os import getenv", "import os\nos.getenv('A')"]
)
def test_a_reader_of_the_environment_is_seen(source: str) -> None:
    assert reads_environment(source)


@pytest.mark.parametrize("name", LOCKS)
def test_locks_carry_hashes_and_no_address(name: str) -> None:
    lock = (CHECKOUT / name).read_text()
    pinned = [line for line in lock.splitlines() if "==" in line and not line.startswith("#")]
    assert pinned
    assert lock.count("--hash=sha256:") >= len(pinned)
    assert not names_an_address(lock)


@pytest.mark.parametrize("name", NPM_LOCKS)
def test_npm_locks_carry_hashes_and_no_address(name: str) -> None:
    packages = json.loads((CHECKOUT / name).read_text())["packages"]
    assert set(packages.pop("")) <= {"name", "license", "dependencies", "devDependencies"}
    assert packages
    for path, locked in packages.items():
        assert locked["integrity"].startswith("sha512-"), path
        assert "resolved" not in locked, path


@pytest.mark.parametrize("line", ["--find-links /x", "a @ file:///x", "--extra-index-url https://x"])
def test_an_address_in_a_lock_is_seen(line: str) -> None:
    assert names_an_address(line)


@pytest.mark.parametrize(
    ("lock", "folders"),
    [
        ("requirements.txt", ("shared", "services", "deploy/local", "deploy/compose")),
        ("requirements-demo.txt", ("deploy/demo",)),
    ],
)
def test_what_runs_imports_only_what_its_lock_names(lock: str, folders: tuple[str, ...]) -> None:
    lines = (CHECKOUT / lock).read_text().splitlines()
    locked = {plain(line.split("==")[0]) for line in lines if "==" in line}
    owners = packages_distributions()
    imported = {name for path in sources(*folders) for name in imports(path.read_text())}
    foreign = imported - sys.stdlib_module_names - {"shared", "services", "deploy", "tests"}
    unknown = {name for name in foreign if not {plain(one) for one in owners.get(name, [])} & locked}
    assert unknown <= ONLY_TO_TEST


def test_moments_are_written_in_one_way() -> None:
    """Flask and marshmallow each have their own; ours is `shared.web.fields.UTCDateTime`."""
    others = re.compile(r"fields\.(Aware|Naive)?DateTime\(|\.isoformat\(")
    found = [path for path in sources("services") if others.search(path.read_text())]
    assert [str(path.relative_to(CHECKOUT)) for path in found] == [DAYS]


def test_an_import_inside_a_function_is_seen() -> None:
    assert imports("def f():\n    from a.b import c\n    import d.e\n") == {"a", "d"}
