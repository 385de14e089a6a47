"""Jobs: each is done, retried or dead, run by one runner at a time, and no group holds up another."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, DuplicateKeyError, OperationFailure

from shared.core import telemetry
from shared.core.errors import AppError, Conflict, NotFound, TryLater
from shared.core.ids import utcnow
from shared.core.people import OPERATOR
from shared.jobs import queue
from shared.jobs.fairness import MAX_GROUPS, SLOW_SECONDS, FairScheduler
from shared.jobs.leases import LEASE, Leases
from shared.jobs.queue import Defer, Fail, Job, Retry, Skip
from shared.jobs.runner import Runner
from shared.jobs.slots import Slots
from shared.service import Service
from shared.storage.mongo import Store
from shared.storage.reader import Doc
from shared.storage.transaction import Transaction
from tests.shared.toys import TOY
from tests.shared.webapp import log_lines
from tests.support.stage import Stage
from tests.waiting import until

SECONDS = 20


@pytest.fixture
def toy(stage: Callable[[Service], Stage]) -> Stage:
    return stage(TOY)


def give(toy: Stage, *keys: str, kind: str = "post", group: str = "") -> None:
    def command(tx: Transaction) -> None:
        for key in keys:
            queue.add(tx, kind, key, {"key": key}, group)
        tx.audit("toy:all", "jobs.added")

    toy.run(command, correlation="journey-7")


def only(toy: Stage) -> Doc:
    (row,) = toy.db["jobs"].find()
    return row


def states(toy: Stage) -> dict[str, str]:
    return {row["payload"]["key"]: row["state"] for row in toy.db["jobs"].find()}


def make_due(toy: Stage) -> None:
    toy.db["jobs"].update_many({}, {"$set": {"due": utcnow() - timedelta(seconds=1)}})


def end_leases(toy: Stage) -> None:
    past = utcnow() - timedelta(seconds=1)
    toy.db["jobs"].update_many({"state": "running"}, {"$set": {"lease_until": past}})
    toy.db["slots"].update_many({}, {"$set": {"until": past}})


def doing(work: Callable[[Doc], None], **options: Any) -> dict[str, Job]:
    return {"post": Job(lambda _, row: work(row), **options)}


def raising(problem: Exception) -> Callable[[Doc], None]:
    def work(_: Doc) -> None:
        raise problem

    return work


@contextmanager
def running(*runners: Runner) -> Iterator[None]:
    """The runners at work inside, all they took up ended when this is left."""
    stop = threading.Event()
    with ThreadPoolExecutor(len(runners)) as pool:
        ends = [pool.submit(runner.run, stop) for runner in runners]
        try:
            yield
        finally:
            stop.set()
    for end in ends:
        end.result()


def test_a_job_is_done_once_and_says_so(toy: Stage) -> None:
    done: list[str] = []
    give(toy, "a", "b")
    runner = Runner(toy.store, doing(lambda row: done.append(row["payload"]["key"])))
    assert runner.run_due() == 2
    assert runner.run_due() == 0
    assert sorted(done) == ["a", "b"]
    assert states(toy) == {"a": "done", "b": "done"}


def test_a_job_of_a_command_that_fails_was_never_added(toy: Stage) -> None:
    def command(tx: Transaction) -> None:
        queue.add(tx, "post", "a", {})
        raise AppError("no")

    with pytest.raises(AppError):
        toy.run(command)
    assert toy.state() == {}


def test_what_a_clock_that_was_set_back_since_had_taken_is_taken_again(toy: Stage) -> None:
    done: list[str] = []
    kinds = {"post": Job(lambda _, row: done.append(row["payload"]["key"]), group_limit=1)}

    def command(tx: Transaction) -> None:
        queue.add(tx, "post", "a", {"key": "a"}, group="g")
        tx.audit("toy:1", "added")

    toy.run(command)
    tomorrow = utcnow() + timedelta(days=1)
    ahead = {"state": "running", "token": "t", "lease_until": tomorrow}
    toy.db["jobs"].update_one({}, {"$set": ahead})
    toy.db["slots"].insert_one({"_id": "post|g|0", "token": "t", "until": tomorrow})
    assert Runner(toy.store, kinds).run_due() == 1
    assert done == ["a"]


def test_one_key_is_one_job(toy: Stage) -> None:
    give(toy, "a")
    with pytest.raises(AppError, match="one already"):
        give(toy, "a")
    assert states(toy) == {"a": "waiting"}


def test_a_failing_job_is_tried_by_its_schedule_with_jitter_and_then_dead_with_its_last_error(
    toy: Stage,
) -> None:
    dead: list[str] = []
    kinds = {
        "post": Job(
            lambda _, row: raising(ValueError(f"try {row['attempts']}"))(row),
            schedule=(10, 100),
            on_dead=lambda _, row: dead.append(row["error"]),
        )
    }
    give(toy, "a")
    for seconds in (10, 100):
        began = utcnow()
        assert Runner(toy.store, kinds).run_due() == 1
        wait = (only(toy)["due"] - began).total_seconds()
        assert 0.8 * seconds <= wait <= 1.2 * seconds + 5
        assert (only(toy)["state"], dead) == ("retry", [])
        assert Runner(toy.store, kinds).run_due() == 0
        make_due(toy)
    assert Runner(toy.store, kinds).run_due() == 1
    assert dead == ["ValueError: try 3"]
    assert (only(toy)["state"], only(toy)["error"]) == ("dead", "ValueError: try 3")
    make_due(toy)
    assert Runner(toy.store, kinds).run_due() == 0


def test_a_job_that_asks_for_more_time_gets_it(toy: Stage) -> None:
    give(toy, "a")
    began = utcnow()
    Runner(toy.store, doing(raising(Retry("busy", 900)), schedule=(1,))).run_due()
    assert only(toy)["due"] >= began + timedelta(seconds=900)
    assert (only(toy)["error"], only(toy)["attempts"]) == ("busy", 1)


@pytest.mark.parametrize(
    "problem", [Defer("the receiver rests", 60), AutoReconnect("gone"), TryLater("gone")]
)
def test_no_attempt_is_counted_when_it_is_not_the_jobs_fault(toy: Stage, problem: Exception) -> None:
    give(toy, "a")
    for _ in range(5):
        make_due(toy)
        Runner(toy.store, doing(raising(problem), schedule=(1,))).run_due()
    assert (only(toy)["state"], only(toy)["attempts"]) == ("waiting", 0)
    assert only(toy)["due"] > utcnow()


def test_an_error_of_the_database_that_no_waiting_mends_is_a_failure_like_any_other(toy: Stage) -> None:
    give(toy, "a")
    Runner(toy.store, doing(raising(DuplicateKeyError("twice")), schedule=())).run_due()
    assert only(toy)["state"] == "dead"


def test_a_group_that_is_rescheduled_begins_its_schedule_anew_and_no_other_does(toy: Stage) -> None:
    give(toy, "a", "b", "done", group="mine")
    give(toy, "other", group="other")
    toy.db["jobs"].update_one({"_id": "post:done"}, {"$set": {"state": "done"}})
    Runner(toy.store, doing(raising(Retry("no", 900)), schedule=(1, 1))).run_due()

    def command(tx: Transaction) -> None:
        queue.reschedule_now(tx, "post", "mine")
        tx.audit("toy:all", "jobs.rescheduled")

    toy.run(command)
    due = {row["payload"]["key"]: row["attempts"] for row in toy.db["jobs"].find({"due": {"$lt": utcnow()}})}
    assert due == {"a": 0, "b": 0, "done": 0}
    assert Runner(toy.store, doing(lambda _: None)).run_due() == 2


def test_a_job_that_can_never_be_done_is_dead_at_once(toy: Stage) -> None:
    give(toy, "a")
    Runner(toy.store, doing(raising(Fail("no address")))).run_due()
    assert (only(toy)["state"], only(toy)["error"], only(toy)["attempts"]) == ("dead", "no address", 1)


def test_a_job_of_a_process_that_died_is_done_by_another(toy: Stage) -> None:
    give(toy, "a", group="g")
    died = subprocess.run([sys.executable, "-c", _DIES, *_address(toy)], check=False, timeout=SECONDS)
    assert died.returncode == -signal.SIGKILL
    done: list[int] = []
    kinds = doing(lambda row: done.append(row["attempts"]), group_limit=1)
    assert Runner(toy.store, kinds).run_due() == 1
    assert done == [2]
    assert toy.db["slots"].count_documents({}) == 0


def test_a_job_of_a_process_of_another_host_is_left_alone_until_its_lease_expires(toy: Stage) -> None:
    give(toy, "a", group="g")
    done: list[int] = []
    kinds = doing(lambda row: done.append(row["attempts"]), group_limit=1)
    elsewhere = {"token": "t", "runner": f"elsewhere:{os.getpid()}:1"}
    ahead = {"state": "running", "attempts": 1, "lease_until": utcnow() + LEASE}
    toy.db["jobs"].update_one({}, {"$set": ahead | elsewhere})
    toy.db["slots"].insert_one({"_id": "post|g|0", "until": utcnow() + LEASE, **elsewhere})
    assert Runner(toy.store, kinds).run_due() == 0
    end_leases(toy)
    assert Runner(toy.store, kinds).run_due() == 1
    assert done == [2]


def test_the_leases_of_what_runs_are_renewed_until_it_took_too_long_or_somebody_else_has_it(
    toy: Stage,
) -> None:
    give(toy, "mine", "late", "lost", group="g")
    leases, soon = Leases(toy.store), utcnow() + timedelta(seconds=1)
    for number, key in enumerate(("mine", "late", "lost")):
        taken = {"token": key, "lease_until": soon}
        toy.db["jobs"].update_one({"_id": f"post:{key}"}, {"$set": taken})
        toy.db["slots"].insert_one({"_id": f"post|g|{number}", "token": key, "until": soon})
        seconds = 0 if key == "late" else SECONDS
        leases.begin({"_id": f"post:{key}", "token": key}, Job(lambda _, __: None, attempt_seconds=seconds))
    toy.db["jobs"].update_one({"token": "lost"}, {"$set": {"token": "another's"}})
    toy.db["slots"].update_one({"token": "lost"}, {"$set": {"token": "another's"}})
    for _ in range(2):
        leases.renew()
    later = {"$gt": soon}
    assert [row["_id"] for row in toy.db["jobs"].find({"lease_until": later})] == ["post:mine"]
    assert [row["_id"] for row in toy.db["slots"].find({"until": later})] == ["post|g|0"]


def test_an_attempt_that_takes_longer_than_a_lease_is_made_once(toy: Stage) -> None:
    give(toy, "a", group="g")
    begun, release = threading.Event(), threading.Event()
    attempts: list[int] = []

    def work(row: Doc) -> None:
        attempts.append(row["attempts"])
        begun.set()
        release.wait(SECONDS)

    kinds = doing(work, group_limit=1)
    with running(Runner(toy.store, kinds)):
        assert begun.wait(SECONDS)
        until_lease = only(toy)["lease_until"]
        until(lambda: only(toy)["lease_until"] > until_lease)
        until(lambda: utcnow() > until_lease)
        assert Runner(toy.store, kinds).run_due() == 0
        release.set()
    assert (attempts, states(toy)) == ([1], {"a": "done"})


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 0), (3, 0), (4, 10), (5, 100), (9, 100)])
def test_a_job_that_ends_its_processes_is_done_again_at_once_at_first_and_then_by_its_schedule(
    toy: Stage, attempts: int, seconds: float
) -> None:
    give(toy, "a")
    taken = {"state": "running", "attempts": attempts, "token": "t", "runner": "", "lease_until": utcnow()}
    toy.db["jobs"].update_one({}, {"$set": taken})
    kinds, before = doing(lambda _: None, schedule=(10, 100)), utcnow()
    Leases(toy.store).reclaim(kinds.items())
    row = only(toy)
    assert (row["state"], row["token"]) == ("retry", None)
    assert 0 <= (row["due"] - before).total_seconds() - seconds < SECONDS


def _address(toy: Stage) -> list[str]:
    return [toy.settings.mongo_uri, toy.settings.mongo_database, TOY.name]


_DIES = """
import os, signal, sys
from shared.jobs.queue import Job
from shared.jobs.runner import Runner
from shared.storage.mongo import Store
kill = lambda store, row: os.kill(os.getpid(), signal.SIGKILL)
Runner(Store(*sys.argv[1:]), {"post": Job(kill, group_limit=1)}).run_due()
"""


def test_a_job_that_kills_every_process_is_dead_without_another_attempt(toy: Stage) -> None:
    give(toy, "a")
    toy.db["jobs"].update_one({}, {"$set": {"attempts": 2}})
    done: list[int] = []
    Runner(toy.store, doing(lambda row: done.append(1), schedule=(1,))).run_due()
    assert done == []
    assert only(toy)["state"] == "dead"
    assert "the process died or the lease expired" in only(toy)["error"]


def test_who_lost_the_lease_does_not_write_over_who_has_it_now(toy: Stage) -> None:
    give(toy, "a")

    def slow(_: Doc) -> None:
        end_leases(toy)
        Runner(toy.store, doing(lambda row: None)).run_due()
        raise ValueError("too late")

    Runner(toy.store, doing(slow)).run_due()
    assert (only(toy)["state"], only(toy)["error"]) == ("done", None)


def test_a_job_whose_on_dead_fails_is_left_to_its_lease_and_the_runner_goes_on(toy: Stage) -> None:
    def refuse(_: Store, __: Doc) -> None:
        raise RuntimeError("cannot tell anybody")

    kinds = doing(_fail_a, schedule=(), on_dead=refuse)
    give(toy, "a", "b")
    assert Runner(toy.store, kinds).run_due() == 2
    assert states(toy) == {"a": "running", "b": "done"}


def _fail_a(row: Doc) -> None:
    if row["payload"]["key"] == "a":
        raise ValueError("a always fails")


def test_a_group_never_has_more_running_than_its_limit_over_all_processes(toy: Stage) -> None:
    give(toy, *[f"{n}" for n in range(12)], group="slow")
    lock, now, most = threading.Lock(), 0, 0
    both = threading.Event()

    def work(_: Doc) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
            if now == 2:
                both.set()
        both.wait(SECONDS)
        with lock:
            now -= 1

    with running(*[Runner(toy.store, doing(work, group_limit=2)) for _ in range(3)]):
        until(lambda: set(states(toy).values()) == {"done"})
    assert most == 2
    assert toy.db["slots"].count_documents({}) == 0


def test_a_group_that_hangs_holds_up_no_other(toy: Stage) -> None:
    release = threading.Event()
    give(toy, *[f"slow-{n}" for n in range(20)], group="slow")
    give(toy, *[f"fast-{n}" for n in range(20)], group="fast")

    def work(row: Doc) -> None:
        if row["group"] == "slow":
            release.wait(SECONDS)

    with running(Runner(toy.store, doing(work, group_limit=2), threads=4)):
        until(lambda: [state for key, state in states(toy).items() if key[0] == "f"] == ["done"] * 20)
        slow = [state for key, state in states(toy).items() if key[0] == "s"]
        assert sorted(slow) == ["running"] * 2 + ["waiting"] * 18
        release.set()


def test_who_is_known_to_be_quick_finds_a_thread_however_many_hang(toy: Stage) -> None:
    release = threading.Event()
    give(toy, "known", group="quick")

    def work(row: Doc) -> None:
        if row["group"] != "quick":
            release.wait(SECONDS)

    runner = Runner(toy.store, doing(work, group_limit=2), threads=4)
    runner.run_due()
    for n in range(4):
        give(toy, f"{n}-a", f"{n}-b", group=f"slow-{n}")
    with running(runner):
        until(lambda: Counter(states(toy).values())["running"] == 3)
        give(toy, *[f"q-{n}" for n in range(20)], group="quick")
        until(lambda: Counter(states(toy).values())["done"] == 21)
        assert Counter(states(toy).values()) == {"done": 21, "running": 3, "waiting": 5}
        release.set()


# the fairness of groups


class Clock:
    """A time that stands still until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_slow_and_the_unknown_have_three_threads_of_four_and_the_quick_all_of_them() -> None:
    clock = Clock()
    scheduler = FairScheduler(4, clock)
    scheduler.begin("known", "quick")
    scheduler.end("known", done=True)
    for n in range(3):
        assert set(scheduler.admit(["quick", "a", "b", "c"])) == {"quick", "a", "b", "c"}
        scheduler.begin(f"{n}", "abc"[n])
    assert scheduler.admit(["quick", "a", "new"]) == ["quick"]
    clock.now = SLOW_SECONDS + 1
    scheduler.end("0", done=True)
    assert scheduler.admit(["a", "quick", "new"])[0] == "new"
    scheduler.begin("3", "new")
    assert scheduler.admit(["a", "quick", "new"]) == ["quick"]


def test_a_job_that_takes_long_makes_its_group_slow_before_it_ends_and_a_short_one_quick_again() -> None:
    clock = Clock()
    scheduler = FairScheduler(1, clock)
    scheduler.begin("1", "g")
    scheduler.end("1", done=True)
    scheduler.begin("2", "g")
    assert scheduler.admit(["g"]) == ["g"]
    clock.now = SLOW_SECONDS + 1
    assert scheduler.admit(["g"]) == []
    scheduler.end("2", done=True)
    scheduler.begin("3", "g")
    scheduler.end("3", done=True)
    scheduler.begin("4", "g")
    assert scheduler.admit(["g"]) == ["g"]


@pytest.mark.parametrize(
    ("problem", "quick"),
    [
        (None, ["slow", "new"]),
        (Retry("no connection"), ["new"]),
        (Defer("it rests", 60), []),
        (Skip(), []),
        (AutoReconnect("gone"), []),
    ],
)
def test_a_slow_group_becomes_quick_by_what_was_done_and_none_by_what_was_not_tried(
    toy: Stage, problem: Exception | None, quick: list[str]
) -> None:
    clock = Clock()

    def work(row: Doc) -> None:
        if row["payload"]["key"] == "hangs":
            clock.now += SLOW_SECONDS + 1
            raise Retry("no answer", 900)
        if problem:
            raise problem

    runner = Runner(toy.store, doing(work, group_limit=2))
    runner._scheduler = scheduler = FairScheduler(1, clock)
    give(toy, "hangs", group="slow")
    assert runner.run_due() == 1
    give(toy, "a", group="slow")
    give(toy, "b", group="new")
    assert runner.run_due() == 2
    scheduler.begin("one", "unknown")
    assert sorted(scheduler.admit(["slow", "new"])) == sorted(quick)


def test_a_job_that_is_skipped_is_done(toy: Stage) -> None:
    give(toy, "a")
    assert Runner(toy.store, doing(raising(Skip()))).run_due() == 1
    assert (only(toy)["state"], only(toy)["error"], only(toy)["attempts"]) == ("done", None, 1)


def test_the_pace_of_the_group_that_was_seen_longest_ago_is_forgotten_first() -> None:
    scheduler = FairScheduler(1)
    for n in range(MAX_GROUPS + 1):
        scheduler.begin("job", f"{n}")
        scheduler.end("job", done=True)
    assert scheduler.admit(["1", "0"]) == ["0", "1"]


def test_a_kind_with_much_to_do_does_not_starve_another(toy: Stage) -> None:
    done: list[str] = []
    many, few = Job(lambda _, row: done.append("many")), Job(lambda _, row: done.append("few"))
    give(toy, *[f"{n}" for n in range(60)], kind="many")
    give(toy, "x", kind="few")
    Runner(toy.store, {"many": many, "few": few}).run_due()
    assert done.index("few") < 60


def test_stopping_waits_for_what_is_running_and_takes_nothing_new(toy: Stage) -> None:
    give(toy, "a", "b")
    begun, release, stop = threading.Event(), threading.Event(), threading.Event()

    def work(_: Doc) -> None:
        begun.set()
        release.wait(SECONDS)

    thread = threading.Thread(target=Runner(toy.store, doing(work), threads=1).run, args=(stop,))
    thread.start()
    assert begun.wait(SECONDS)
    stop.set()
    assert sorted(states(toy).values()) == ["running", "waiting"]
    release.set()
    thread.join(SECONDS)
    assert sorted(states(toy).values()) == ["done", "waiting"]


def test_what_a_job_logs_carries_the_correlation_of_the_request_that_added_it(toy: Stage) -> None:
    give(toy, "a")
    with log_lines() as lines:
        Runner(toy.store, doing(lambda _: telemetry.logger("toy").info("at work"))).run_due()
    assert [line["correlation"] for line in lines() if line["message"] == "at work"] == ["journey-7"]


def test_done_jobs_are_forgotten_after_their_time_and_dead_ones_never(toy: Stage) -> None:
    give(toy, "a", "b", "c")
    Runner(toy.store, doing(_fail_a, schedule=())).run_due()
    old = utcnow() - timedelta(days=31)
    toy.db["jobs"].update_many({"_id": {"$ne": "post:c"}}, {"$set": {"done_at": old}})
    assert queue.purge(toy.store, days=30) == 1
    assert states(toy) == {"a": "dead", "c": "done"}


def test_the_runner_outlives_a_database_that_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    nowhere = Store(f"mongodb://127.0.0.1:{port}", "away", "review")
    with log_lines() as lines, running(Runner(nowhere, doing(lambda _: None))):
        until(lambda: "database unavailable" in [line["message"] for line in lines()])
    nowhere.close()


# what an operator does


def kill(toy: Stage, *keys: str) -> None:
    give(toy, *keys)
    Runner(toy.store, doing(raising(Fail("no address")))).run_due()


def test_a_dead_job_is_retried_at_once_with_all_its_attempts_before_it(toy: Stage) -> None:
    kill(toy, "a")
    toy.run(queue.retry, "post:a", {}, caller=OPERATOR)
    assert (only(toy)["state"], only(toy)["attempts"], only(toy)["error"]) == ("retry", 0, "no address")
    assert toy.audited("job:post:a") == ["job.retried"]
    assert Runner(toy.store, doing(lambda _: None)).run_due() == 1
    assert only(toy)["state"] == "done"


def test_a_waiting_job_is_retried_before_it_is_due(toy: Stage) -> None:
    give(toy, "a")
    toy.db["jobs"].update_one({}, {"$set": {"due": utcnow() + timedelta(days=1)}})
    toy.run(queue.retry, "post:a", {}, caller=OPERATOR)
    assert Runner(toy.store, doing(lambda _: None)).run_due() == 1


def test_a_dropped_job_is_gone_and_its_reason_is_kept(toy: Stage) -> None:
    kill(toy, "a")
    toy.run(queue.drop, "post:a", {}, "the receiver is no more", caller=OPERATOR)
    assert states(toy) == {}
    (entry,) = toy.db["audit"].find({"subject": "job:post:a"})
    assert (entry["actor"], entry["action"]) == ("operator", "job.dropped")
    assert entry["detail"] == {"state": "dead", "attempts": 1, "reason": "the receiver is no more"}


@pytest.mark.parametrize(
    "command",
    [partial(queue.retry, kinds={}), partial(queue.drop, kinds={}, reason="no")],
    ids=["retry", "drop"],
)
def test_a_job_that_is_running_or_unknown_is_refused(toy: Stage, command: Callable[..., None]) -> None:
    give(toy, "a")
    with pytest.raises(NotFound, match="no job post:b; `nilai jobs review list`"):
        toy.run(command, "post:b")
    refused: list[str] = []

    def work(row: Doc) -> None:
        with pytest.raises(Conflict, match="is running") as problem:
            toy.run(command, row["_id"])
        refused.append(problem.value.cause_code)

    assert Runner(toy.store, doing(work)).run_due() == 1
    assert (refused, states(toy)) == (["job-running"], {"a": "done"})


def test_a_done_job_is_not_retried(toy: Stage) -> None:
    give(toy, "a")
    Runner(toy.store, doing(lambda _: None)).run_due()
    with pytest.raises(Conflict, match="is done"):
        toy.run(queue.retry, "post:a", {})


def test_jobs_are_counted_by_kind_and_state_without_the_done_ones(toy: Stage) -> None:
    give(toy, "a", "b", "c", "d")
    Runner(toy.store, doing(_fail_a, schedule=())).run_due()
    give(toy, "e")
    assert toy.store.query(queue.count, ["post", "mail"]) == {
        ("post", "waiting"): 1,
        ("post", "retry"): 0,
        ("post", "running"): 0,
        ("post", "dead"): 1,
        ("mail", "waiting"): 0,
        ("mail", "retry"): 0,
        ("mail", "running"): 0,
        ("mail", "dead"): 0,
    }


def test_a_slot_that_somebody_else_took_meanwhile_is_passed_over(toy: Stage) -> None:
    job = Job(lambda _, __: None, group_limit=3)
    taken = Slots(toy.store, "runner").take("post", job, ["g", "h"])
    assert next(taken)[0] == "g"
    toy.db["slots"].insert_one({"_id": "post|g|1", "token": "t", "until": utcnow() + LEASE})
    assert next(taken)[0] == "g"
    assert {row["_id"] for row in toy.db["slots"].find()} == {"post|g|0", "post|g|1", "post|g|2"}
    assert next(taken)[0] == "h"


def test_a_runner_that_the_database_refuses_ends_instead_of_trying_for_ever(toy: Stage) -> None:
    give(toy, "a")
    refuse = {"$jsonSchema": {"required": ["nobody has this"]}}
    toy.db.command("collMod", "jobs", validator=refuse)
    try:
        with pytest.raises(OperationFailure, match="failed validation"):
            Runner(toy.store, doing(lambda _: None)).run(threading.Event())
    finally:
        toy.db.command("collMod", "jobs", validator={})
    assert states(toy) == {"a": "waiting"}


def test_a_slot_whose_job_another_runner_took_meanwhile_is_free_again(toy: Stage) -> None:
    kinds = doing(lambda _: None, group_limit=1)

    class Late(FairScheduler):
        """Says who may run when another runner has run already."""

        def admit(self, groups: Iterable[str]) -> list[str]:
            found = super().admit(groups)
            Runner(toy.store, kinds).run_due()
            return found

    give(toy, "a", group="ekon")
    runner = Runner(toy.store, kinds)
    runner._scheduler = Late(1)
    assert runner.run_due() == 0
    assert states(toy) == {"a": "done"}
    assert toy.db["slots"].count_documents({}) == 0
