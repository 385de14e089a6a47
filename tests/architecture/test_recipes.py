"""CONTRIBUTING's recipes are true: each is followed in a copy of the tree, which then passes its checks."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.servers import Servers
from shared.core.settings import environment
from tests.support.database import with_passwords_of

CHECKOUT = Path(__file__).parents[2]
TREE = ("shared", "services", "deploy", "tests", "pyproject.toml", "README.md", "CONTRIBUTING.md")
Run = Callable[..., None]

EVENT = '''

@event("agency.flagged.v1", producer="intake", consumers=("review",))
@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyFlagged:
    """The ministry flagged an agency, for a reason that reviewers should know."""

    agency: str
    reason: str
'''
COMMAND = '''

def flag_agency(tx: Transaction, agency: str, reason: str) -> None:
    """Let reviewers know of something about an agency."""
    tx.emit(f"agency:{agency}", AgencyFlagged(agency=agency, reason=reason))
    tx.audit(f"agency:{agency}", "agency.flagged", reason=reason)
'''
HANDLER = '''def on_agency_flagged(tx: Transaction, event: AgencyFlagged) -> None:
    """Write down why an agency was flagged."""
    tx.audit(f"agency:{event.agency}", "agency.flagged", reason=event.reason)


'''
ROW = """
    AgencyFlagged: Handler(on_agency_flagged, lambda event: [("heads", f"agency:{event.agency}")]),"""
EVENT_TEST = '''"""An agency is flagged in intake, and review knows."""

from collections.abc import Callable

from services.intake.app import service as intake
from services.intake.commands.registry import flag_agency
from services.review.app import service as review
from shared.events.intake import AgencyFlagged
from shared.service import Service
from tests.support.stage import Stage


def test_review_knows_why_an_agency_was_flagged(stage: Callable[[Service], Stage]) -> None:
    producer, consumer = stage(intake), stage(review)
    producer.run(flag_agency, "kota-a", "moved to another province")
    (event,) = producer.published(AgencyFlagged)
    assert consumer.consume("agency:kota-a", event) == "done"
    assert consumer.audited("agency:kota-a") == ["agency.flagged"]
'''
FIELD_TEST = '''"""An agency's website goes from the request through the store into the event, and back to who asks."""

from collections.abc import Callable

from services.intake.app import service as intake
from shared.events.intake import AgencySet
from shared.service import Service
from tests.support.stage import Stage


def test_a_website_is_kept_shown_and_published(stage: Callable[[Service], Stage]) -> None:
    on = stage(intake)
    on.person("minister", "ministry")
    body = {"name": "Kota A", "group": "Kota", "since": "2026-01-01T00:00:00Z", "website": "https://a.go.id"}
    client = on.as_("minister")
    assert client.put("/intake/api/v1/agencies/kota-a", json=body).status_code == 201
    assert client.get("/intake/api/v1/agencies/kota-a").json["website"] == "https://a.go.id"
    assert [event.website for event in on.published(AgencySet)] == ["https://a.go.id"]
'''


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the tree."""
    for name in TREE:
        source = CHECKOUT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "secrets", "node_modules")
            shutil.copytree(source, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


@pytest.fixture
def run(tree: Path, servers: Servers) -> Run:
    """Runs a module in the copy, on the servers of this test run; what it says is shown when it fails."""
    with_passwords_of(servers, tree / ".local/test")
    env = environment() | {"MONGO_URI": servers.mongo_admin_uri, "AMQP_URI": servers.amqp_admin_uri}
    env = {name: value for name, value in env.items() if not name.startswith(("COV_", "PYTEST_", "NILAI_"))}

    def module(*arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", *arguments], cwd=tree, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return module


def contents(tree: Path) -> dict[str, bytes]:
    """Every file that would be committed."""
    found = (path for name in TREE for path in [tree / name, *(tree / name).rglob("*")])
    return {
        str(path.relative_to(tree)): path.read_bytes()
        for path in found
        if path.is_file() and "__pycache__" not in path.parts
    }


def changed(tree: Path, before: dict[str, bytes]) -> list[str]:
    after = contents(tree)
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def edit(path: Path, pattern: str, replacement: str) -> None:
    """Replace the first match, which must be there."""
    text, count = re.subn(pattern, lambda found: found.expand(replacement), path.read_text(), count=1)
    assert count == 1, f"{path.name} has no {pattern!r}"
    path.write_text(text)


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def add_import(path: Path, line: str) -> None:
    """Import something more, behind the imports of the same package; ruff puts it into its place."""
    edit(path, r"(?m)^from shared\.", rf"{line}\nfrom shared.")


def add_event(tree: Path) -> None:
    """CONTRIBUTING's "A new event"."""
    contract, samples = tree / "shared/events/intake.py", tree / "tests/contracts/samples"
    append(contract, EVENT)
    sample = json.loads((samples / "agency.set.v1.json").read_text())
    sample |= {"type": "agency.flagged.v1", "data": {"agency": "kota-denpasar", "reason": "moved"}}
    (samples / "agency.flagged.v1.json").write_text(json.dumps(sample, indent=2) + "\n")
    command = tree / "services/intake/commands/registry.py"
    add_import(command, "from shared.events.intake import AgencyFlagged")
    append(command, COMMAND)
    handlers = tree / "services/review/handlers.py"
    add_import(handlers, "from shared.events.intake import AgencyFlagged")
    edit(handlers, r"(?m)^(HANDLERS\b[^\n]*\{)$", HANDLER.replace("\\", r"\\") + r"\1" + ROW)
    (tree / "tests/review/test_flagged.py").write_text(EVENT_TEST)


def add_field(tree: Path) -> None:
    """CONTRIBUTING's "A field", on an agency and on the event that says it."""
    edit(
        tree / "services/intake/domain/registry.py",
        r"(class Agency:(?:.|\n)*?)(    rev: int = 0\n)",
        r"\1    website: str | None = None\n\2",
    )
    edit(
        tree / "services/intake/domain/registry.py",
        r"(class AgencyDetails:(?:.|\n)*?    until: [^\n]*\n)",
        r"\1    website: str | None = None\n",
    )
    edit(
        tree / "services/intake/schemas/registry.py",
        r"(class _AgencyFields\(Schema\):(?:.|\n)*?    until = [^\n]*\n)",
        r"\1    website = fields.String(load_default=None, allow_none=True)\n",
    )
    edit(
        tree / "services/intake/commands/registry.py",
        r"until=agency\.until",
        "until=agency.until, website=agency.website",
    )
    edit(
        tree / "shared/events/intake.py",
        r"(class AgencySet:(?:.|\n)*?    until: [^\n]*\n)",
        r"\1    website: str | None = None\n",
    )


def tidy(run: Run) -> None:
    run("ruff", "format", "--quiet", ".")
    run("ruff", "check", "--quiet", "--fix", ".")
    run("ruff", "format", "--quiet", ".")


def test_a_new_event_with_its_consumer_and_its_test_touches_five_files(tree: Path, run: Run) -> None:
    before = contents(tree)
    add_event(tree)
    tidy(run)
    assert changed(tree, before) == [
        "services/intake/commands/registry.py",
        "services/review/handlers.py",
        "shared/events/intake.py",
        "tests/contracts/samples/agency.flagged.v1.json",
        "tests/review/test_flagged.py",
    ]
    run(
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/review/test_flagged.py",
        "tests/contracts/test_contracts.py",
    )


def test_a_field_with_its_schema_store_and_event_touches_four_files(tree: Path, run: Run) -> None:
    before = contents(tree)
    add_field(tree)
    tidy(run)
    assert changed(tree, before) == [
        "services/intake/commands/registry.py",
        "services/intake/domain/registry.py",
        "services/intake/schemas/registry.py",
        "shared/events/intake.py",
    ]
    (tree / "tests/intake/test_website.py").write_text(FIELD_TEST)
    run(
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/intake/test_website.py",
        "tests/contracts/test_contracts.py",
    )
