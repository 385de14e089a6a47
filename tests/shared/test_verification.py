"""Checking every audit chain: asked for once, done in slices by a worker, and said in a report that stays."""

from collections.abc import Callable

import pytest

from shared.core.ids import utcnow
from shared.jobs import queue, verification
from shared.service import Service
from shared.storage.audit import Report
from shared.storage.reader import Doc
from shared.storage.transaction import Transaction
from tests.shared.toys import SOMEBODY, TOY
from tests.support.stage import Stage


@pytest.fixture
def toy(stage: Callable[[Service], Stage]) -> Stage:
    return stage(TOY)


def note(toy: Stage, subject: str, times: int = 1) -> None:
    for _ in range(times):
        toy.run(lambda tx: tx.audit(subject, "noted"), caller=SOMEBODY)


def ask(toy: Stage) -> str:
    id: str = toy.run(verification.ask, caller=SOMEBODY)
    return id


def latest(toy: Stage) -> Doc:
    (found, *_) = toy.store.query(verification.find_latest, 1)
    return found


def counts(doc: Doc) -> tuple[str, int, int, int]:
    return doc["state"], doc["chains"], doc["entries"], doc["broken"]


def test_all_chains_are_read_and_hold(toy: Stage) -> None:
    note(toy, "thing:a", 3)
    note(toy, "thing:b")
    ask(toy)
    assert counts(latest(toy)) == ("asked", 0, 0, 0)
    toy.run_jobs()
    # The asking itself is an entry of a chain, too.
    assert counts(latest(toy)) == ("done", 3, 5, 0)
    assert latest(toy)["asked_by"] == "p-somebody"
    assert toy.audited(verification.SUBJECT) == ["verification.asked", "verification.done"]


def test_it_is_asked_for_once_until_it_is_done(toy: Stage) -> None:
    first = ask(toy)
    assert ask(toy) == first
    toy.run_jobs()
    assert ask(toy) != first


def test_what_is_broken_is_named(toy: Stage) -> None:
    note(toy, "thing:a", 3)
    toy.db["audit"].delete_one({"_id": "thing:a#00000002"})
    ask(toy)
    toy.run_jobs()
    assert counts(latest(toy))[3] == 1
    assert [(one["subject"], one["what"]) for one in latest(toy)["breaches"]] == [("thing:a", "missing")]
    (breach,) = verification.report_of(latest(toy)).breaches
    assert (breach.subject, breach.seq) == ("thing:a", 2)


def test_a_joined_chain_that_was_cut_off_with_its_head_is_named(toy: Stage) -> None:
    note(toy, "part:a")

    def join(tx: Transaction) -> None:
        tx.audit("root:1", "joined", joins=tx.touch(["part:a"]))

    toy.run(join)
    toy.db["audit"].delete_many({"subject": "part:a"})
    toy.db["heads"].delete_one({"_id": "part:a"})
    ask(toy)
    toy.run_jobs()
    assert [one["what"] for one in latest(toy)["breaches"]] == ["unjoined"]


def test_it_goes_on_where_a_slice_ended_and_counts_every_chain_once(
    toy: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abcde":
        note(toy, f"thing:{name}", 2)
    toy.db["audit"].delete_one({"_id": "thing:b#00000002"})
    ask(toy)
    monkeypatch.setattr(verification, "SLICE_SECONDS", 0.0)
    seen = []
    for _ in range(5):
        toy.db["jobs"].update_many({"state": {"$ne": "done"}}, {"$set": {"due": utcnow()}})
        row = toy.db["jobs"].find_one() or {}
        with pytest.raises(queue.Defer):
            verification.VERIFYING.work(toy.store, row)
        seen.append((latest(toy)["after"], latest(toy)["chains"]))
    assert seen[0] == ("audit:verification", 1)
    assert seen[-1] == ("thing:d", 5)
    monkeypatch.undo()
    toy.run_jobs()
    assert counts(latest(toy)) == ("done", 6, 10, 1)


def test_a_check_that_was_given_up_is_ended_and_may_be_taken_up_again(toy: Stage) -> None:
    note(toy, "thing:a")
    id = ask(toy)
    job = toy.db["jobs"].find_one() or {}
    assert verification.VERIFYING.on_dead
    verification.VERIFYING.on_dead(toy.store, {**job, "error": "the disk is full"})
    assert (latest(toy)["state"], latest(toy)["error"]) == ("ended", "the disk is full")
    toy.run(queue.retry, job["_id"], toy.jobs)
    assert (latest(toy)["state"], latest(toy)["error"]) == ("asked", None)
    toy.run(queue.retry, job["_id"], toy.jobs)
    assert latest(toy)["state"] == "asked"
    toy.run(queue.drop, job["_id"], toy.jobs, "not now")
    assert (latest(toy)["state"], latest(toy)["error"]) == ("ended", "not now")
    assert ask(toy) != id


def test_nothing_is_done_of_a_check_that_is_gone_or_over(toy: Stage) -> None:
    ask(toy)
    toy.db["verifications"].update_many({}, {"$set": {"state": "ended"}})
    toy.run_jobs()
    assert latest(toy)["state"] == "ended"
    toy.db["verifications"].delete_many({})
    job = toy.db["jobs"].find_one() or {}
    with pytest.raises(queue.Skip):
        verification.VERIFYING.work(toy.store, job)
    assert verification.VERIFYING.on_retry
    assert verification.VERIFYING.on_drop
    toy.run(lambda tx: verification.VERIFYING.on_retry(tx, job))  # type: ignore[misc]  # just asserted
    toy.run(lambda tx: verification.VERIFYING.on_drop(tx, job, "x"))  # type: ignore[misc]
    assert toy.db["verifications"].count_documents({}) == 0


def check(toy: Stage, subject: str) -> Report:
    report: Report | None = toy.run(verification.check_chain, subject)
    assert report is not None
    return report


def test_one_chain_is_checked_at_once_unless_it_is_too_long(
    toy: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(toy, "thing:a", 3)
    assert check(toy, "thing:a") == Report(1, 3, 0, ())
    assert check(toy, "thing:zz") == Report(0, 0, 0, ())
    toy.db["audit"].update_one({"_id": "thing:a#00000002"}, {"$set": {"action": "forged"}})
    assert [one.seq for one in check(toy, "thing:a").breaches] == [2]
    monkeypatch.setattr(verification, "LONGEST_CHAIN", 2)
    assert toy.run(verification.check_chain, "thing:a") is None
