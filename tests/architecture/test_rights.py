"""What the code does to a collection is what its service's database user may do to it: no more, no less."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest

from deploy.local.config import CHECKOUT
from shared.core.names import SERVICES
from shared.service import Service
from shared.storage.counters import COUNTERS
from shared.storage.preparation import SHARED_INDEXES, SHARED_RIGHTS
from shared.storage.rights import APPEND, CHANGE, REPLICA, Right
from tests.architecture.writes import writes

SHARED = sorted((CHECKOUT / "shared").rglob("*.py"))


def service_of(name: str) -> Service:
    found: Service = import_module(f"services.{name}.app").service
    return found


def needed(done: set[str]) -> Right:
    return ("find", *(kind for kind in ("insert", "update", "remove") if kind in done))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_to_its_collections_what_its_code_does(name: str) -> None:
    service = service_of(name)
    done = writes([*SHARED, *(CHECKOUT / "services" / name).rglob("*.py")])
    replicas = {one for one, right in service.rights.items() if right == REPLICA}
    own = (service.indexes.keys() - SHARED_INDEXES.keys()) | replicas
    assert service.rights.keys() <= own
    for one in replicas:  # a rebuilding takes away what it finds there, by a name that it is given
        done.setdefault(one, set()).update({"insert", "update", "remove"})
    assert {one: service.rights.get(one, CHANGE) for one in own} == {
        one: needed(done.get(one, set())) for one in own
    }


def test_what_is_shared_may_be_done_as_the_shared_code_does() -> None:
    done = writes([*SHARED, *(CHECKOUT / "services/intake").rglob("*.py")])  # intake writes `people` itself
    done[COUNTERS] = {"insert", "update"}  # by the library `limits`, which upserts
    assert {one: SHARED_RIGHTS.get(one, CHANGE) for one in SHARED_INDEXES} == {
        one: needed(done[one]) for one in SHARED_INDEXES
    }


def test_every_call_that_writes_names_a_declared_collection() -> None:
    for name in SERVICES:
        declared = {*SHARED_INDEXES, *service_of(name).indexes}
        assert writes((CHECKOUT / "services" / name).rglob("*.py")).keys() <= declared


def test_what_stands_for_ever_is_append_only() -> None:
    rights: Mapping[str, Right] = {**SHARED_RIGHTS}
    for name in SERVICES:
        rights = {**rights, **service_of(name).rights}
    kept = {
        "audit",
        "ratings",
        "answer_versions",
        "submissions",
        "scores",
        "sets",
        "completed_stages",
        "entries",
    }
    assert {one for one in kept if rights[one] == APPEND} == kept


def test_the_calls_of_a_source_are_read_as_what_they_do(tmp_path: Path) -> None:
    (tmp_path / "source.py").write_text(SOURCE)
    assert writes([tmp_path / "source.py"]) == {
        "things": {"insert", "update"},
        "log": {"insert"},
        "rows": {"remove"},
        "numbers": {"insert", "update"},
        "texts": {"insert", "update"},
        "raw": {"remove"},
        "held": {"insert", "update"},
    }


SOURCE = """
TABLE = {int: "numbers", str: "texts"}
NAME = "rows"

def work(tx, db, self, lines):
    tx.put("things", {})
    tx.append("log", {})
    tx.delete(NAME, "a")
    tx.find("seen", {})
    save(tx, TABLE[int], 1)
    lines.append("a line")
    db["raw"].delete_many({})
    self._held = db["held"]
    self._held.replace_one({}, {}, upsert=True)
"""
