"""Heads that are touched, and the chains that an audit entry joins into its own."""

from collections.abc import Callable

import pytest

from shared.service import Service
from shared.storage.audit import Report
from shared.storage.joins import verify_joins
from shared.storage.transaction import Transaction
from tests.shared.toys import TOY
from tests.support.stage import Stage


@pytest.fixture
def toy(stage: Callable[[Service], Stage]) -> Stage:
    return stage(TOY)


def note(tx: Transaction, subject: str) -> None:
    tx.audit(subject, "noted")


def join(tx: Transaction, *subjects: str) -> dict[str, list[object]]:
    joins = tx.touch(subjects)
    tx.audit("root:1", "joined", joins=joins)
    return {subject: list(last) for subject, last in joins.items()}


def test_touching_a_head_changes_nothing_of_it_but_its_version(toy: Stage) -> None:
    toy.run(note, "part:a")
    before = toy.db["heads"].find_one({"_id": "part:a"}) or {}
    assert toy.run(join, "part:a", "part:a") == {"part:a": [1, before["audit_hash"]]}
    assert toy.db["heads"].find_one({"_id": "part:a"}) == before | {"rev": before["rev"] + 1}


def test_a_head_that_is_touched_and_written_at_once_makes_one_run_again(toy: Stage) -> None:
    tries = []

    def join_slowly(tx: Transaction) -> dict[str, list[object]]:
        tries.append(tx.get("heads", "part:a"))
        if len(tries) == 1:
            toy.run(note, "part:a")
        return join(tx, "part:a")

    assert toy.run(join_slowly)["part:a"][0] == 1
    assert len(tries) == 2


def test_touching_alone_needs_no_audit_entry(toy: Stage) -> None:
    assert toy.run(lambda tx: tx.touch(["part:a"])) == {"part:a": [0, ""]}


def test_a_chain_that_was_empty_when_it_was_joined_may_begin_later(toy: Stage) -> None:
    assert toy.run(join, "part:a") == {"part:a": [0, ""]}
    toy.run(note, "part:a")
    assert verify_joins(toy.db) == Report(0, 0, 0, ())


def test_a_joined_chain_may_grow(toy: Stage) -> None:
    for _ in range(2):
        toy.run(note, "part:a")
        toy.run(join, "part:a")
    assert verify_joins(toy.db).ok


def test_a_chain_that_two_entries_joined_is_broken_once(toy: Stage) -> None:
    for _ in range(2):
        toy.run(note, "part:a")
        toy.run(join, "part:a")
    toy.db["audit"].delete_many({"subject": "part:a"})
    report = verify_joins(toy.db)
    assert (report.broken, [(breach.subject, breach.what) for breach in report.breaches]) == (
        1,
        [("part:a", "unjoined")],
    )
