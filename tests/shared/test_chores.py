"""Chores: each is done, tried again or parked, by one runner at a time, and no group holds up another."""

import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, DuplicateKeyError

from shared.core import telemetry
from shared.core.errors import AppError, TryLater
from shared.core.ids import utcnow
from shared.jobs import queue
from shared.jobs.fairness import MOST_KNOWN, SLOW_SECONDS, FairScheduler
from shared.jobs.queue import Defer, Job, Park, Retry, Runner, Skip
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
        tx.audit("toy:all", "queue.given")

    toy.run(command, correlation="journey-7")


def only(toy: Stage) -> Doc:
    (row,) = toy.store.db["jobs"].find()
    return row


def states(toy: Stage) -> dict[str, str]:
    return {row["payload"]["key"]: row["state"] for row in toy.store.db["jobs"].find()}


def make_due(toy: Stage) -> None:
    toy.store.db["jobs"].update_many({}, {"$set": {"due": utcnow() - timedelta(seconds=1)}})


def end_leases(toy: Stage) -> None:
    past = utcnow() - timedelta(seconds=1)
    toy.store.db["jobs"].update_many({"state": "leased"}, {"$set": {"lease_until": past}})
    toy.store.db["slots"].update_many({}, {"$set": {"until": past}})


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
        ends = [pool.submit(one.run, stop) for one in runners]
        try:
            yield
        finally:
            stop.set()
    for one in ends:
        one.result()


def test_a_chore_is_done_once_and_says_so(toy: Stage) -> None:
    done: list[str] = []
    give(toy, "a", "b")
    runner = Runner(toy.store, doing(lambda row: done.append(row["payload"]["key"])))
    assert runner.turn() == 2
    assert runner.turn() == 0
    assert sorted(done) == ["a", "b"]
    assert states(toy) == {"a": "done", "b": "done"}


def test_a_chore_of_a_command_that_fails_was_never_given(toy: Stage) -> None:
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
        tx.audit("toy:1", "given")

    toy.run(command)
    tomorrow = utcnow() + timedelta(days=1)
    ahead = {"state": "leased", "token": "t", "slot": "t", "lease_until": tomorrow}
    toy.store.db["jobs"].update_one({}, {"$set": ahead})
    toy.store.db["slots"].insert_one({"_id": "post|g|0", "token": "t", "until": tomorrow})
    assert Runner(toy.store, kinds).turn() == 1
    assert done == ["a"]


def test_one_key_is_one_chore(toy: Stage) -> None:
    give(toy, "a")
    with pytest.raises(AppError, match="one already"):
        give(toy, "a")
    assert states(toy) == {"a": "ready"}


def test_a_failing_chore_is_tried_by_its_schedule_with_jitter_and_then_parked_with_its_last_error(
    toy: Stage,
) -> None:
    parked: list[str] = []
    kinds = {
        "post": Job(
            lambda _, row: raising(ValueError(f"try {row['tries']}"))(row),
            schedule=(10, 100),
            parked=lambda _, row: parked.append(row["error"]),
        )
    }
    give(toy, "a")
    for seconds in (10, 100):
        began = utcnow()
        assert Runner(toy.store, kinds).turn() == 1
        wait = (only(toy)["due"] - began).total_seconds()
        assert 0.8 * seconds <= wait <= 1.2 * seconds + 5
        assert (only(toy)["state"], parked) == ("ready", [])
        assert Runner(toy.store, kinds).turn() == 0
        make_due(toy)
    assert Runner(toy.store, kinds).turn() == 1
    assert parked == ["ValueError: try 3"]
    assert (only(toy)["state"], only(toy)["error"]) == ("parked", "ValueError: try 3")
    make_due(toy)
    assert Runner(toy.store, kinds).turn() == 0


def test_a_chore_that_asks_for_more_time_gets_it(toy: Stage) -> None:
    give(toy, "a")
    began = utcnow()
    Runner(toy.store, doing(raising(Retry("busy", 900)), schedule=(1,))).turn()
    assert only(toy)["due"] >= began + timedelta(seconds=900)
    assert (only(toy)["error"], only(toy)["tries"]) == ("busy", 1)


@pytest.mark.parametrize(
    "problem", [Defer("the receiver rests", 60), AutoReconnect("gone"), TryLater("gone")]
)
def test_no_try_is_counted_when_it_is_not_the_chores_fault(toy: Stage, problem: Exception) -> None:
    give(toy, "a")
    for _ in range(5):
        make_due(toy)
        Runner(toy.store, doing(raising(problem), schedule=(1,))).turn()
    assert (only(toy)["state"], only(toy)["tries"]) == ("ready", 0)
    assert only(toy)["due"] > utcnow()


def test_an_error_of_the_database_that_no_waiting_mends_is_a_failure_like_any_other(toy: Stage) -> None:
    give(toy, "a")
    Runner(toy.store, doing(raising(DuplicateKeyError("twice")), schedule=())).turn()
    assert only(toy)["state"] == "parked"


def test_a_group_that_is_hastened_begins_its_schedule_anew_and_no_other_does(toy: Stage) -> None:
    give(toy, "a", "b", "done", group="mine")
    give(toy, "other", group="other")
    toy.store.db["jobs"].update_one({"_id": "post:done"}, {"$set": {"state": "done"}})
    Runner(toy.store, doing(raising(Retry("no", 900)), schedule=(1, 1))).turn()

    def command(tx: Transaction) -> None:
        queue.reschedule_now(tx, "post", "mine")
        tx.audit("toy:all", "queue.hastened")

    toy.run(command)
    due = {
        row["payload"]["key"]: row["tries"] for row in toy.store.db["jobs"].find({"due": {"$lt": utcnow()}})
    }
    assert due == {"a": 0, "b": 0, "done": 0}
    assert Runner(toy.store, doing(lambda _: None)).turn() == 2


def test_a_chore_that_can_never_be_done_is_parked_at_once(toy: Stage) -> None:
    give(toy, "a")
    Runner(toy.store, doing(raising(Park("no address")))).turn()
    assert (only(toy)["state"], only(toy)["error"], only(toy)["tries"]) == ("parked", "no address", 1)


def test_a_chore_of_a_process_that_died_is_done_by_another(toy: Stage) -> None:
    give(toy, "a", group="g")
    died = subprocess.run([sys.executable, "-c", _DIES, *_address(toy)], check=False, timeout=SECONDS)
    assert died.returncode == -signal.SIGKILL
    done: list[int] = []
    kinds = doing(lambda row: done.append(row["tries"]), group_limit=1)
    assert Runner(toy.store, kinds).turn() == 0
    end_leases(toy)
    assert Runner(toy.store, kinds).turn() == 1
    assert done == [2]
    assert toy.store.db["slots"].count_documents({}) == 0


def _address(toy: Stage) -> list[str]:
    return [toy.settings.mongo_uri, toy.settings.mongo_database, TOY.name]


_DIES = """
import os, signal, sys
from shared.jobs.queue import Job, Runner
from shared.storage.mongo import Store
kill = lambda store, row: os.kill(os.getpid(), signal.SIGKILL)
Runner(Store(*sys.argv[1:], {}), {"post": Job(kill, group_limit=1)}).turn()
"""


def test_a_chore_that_kills_every_process_is_parked_without_another_try(toy: Stage) -> None:
    give(toy, "a")
    toy.store.db["jobs"].update_one({}, {"$set": {"tries": 2}})
    done: list[int] = []
    Runner(toy.store, doing(lambda row: done.append(1), schedule=(1,))).turn()
    assert done == []
    assert only(toy)["state"] == "parked"
    assert "no try ever ended" in only(toy)["error"]


def test_who_lost_the_lease_does_not_write_over_who_has_it_now(toy: Stage) -> None:
    give(toy, "a")

    def slow(_: Doc) -> None:
        end_leases(toy)
        Runner(toy.store, doing(lambda row: None)).turn()
        raise ValueError("too late")

    Runner(toy.store, doing(slow)).turn()
    assert (only(toy)["state"], only(toy)["error"]) == ("done", None)


def test_a_chore_whose_parking_fails_is_left_to_its_lease_and_the_runner_goes_on(toy: Stage) -> None:
    def refuse(_: Store, __: Doc) -> None:
        raise RuntimeError("cannot tell anybody")

    kinds = doing(_fail_a, schedule=(), parked=refuse)
    give(toy, "a", "b")
    assert Runner(toy.store, kinds).turn() == 2
    assert states(toy) == {"a": "leased", "b": "done"}


def _fail_a(row: Doc) -> None:
    if row["payload"]["key"] == "a":
        raise ValueError("a document_errors")


def test_a_group_never_has_more_under_way_than_its_limit_over_all_processes(toy: Stage) -> None:
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
    assert toy.store.db["slots"].count_documents({}) == 0


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
        assert sorted(slow) == ["leased"] * 2 + ["ready"] * 18
        release.set()


def test_who_is_known_to_be_quick_finds_a_thread_however_many_hang(toy: Stage) -> None:
    release = threading.Event()
    give(toy, "known", group="quick")

    def work(row: Doc) -> None:
        if row["group"] != "quick":
            release.wait(SECONDS)

    runner = Runner(toy.store, doing(work, group_limit=2), threads=4)
    runner.turn()
    for n in range(4):
        give(toy, f"{n}-a", f"{n}-b", group=f"slow-{n}")
    with running(runner):
        until(lambda: Counter(states(toy).values())["leased"] == 3)
        give(toy, *[f"q-{n}" for n in range(20)], group="quick")
        until(lambda: Counter(states(toy).values())["done"] == 21)
        assert Counter(states(toy).values()) == {"done": 21, "leased": 3, "ready": 5}
        release.set()


# the pace of groups


class Clock:
    """A time that stands still until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_slow_and_the_unknown_have_three_threads_of_four_and_the_quick_all_of_them() -> None:
    clock = Clock()
    pace = FairScheduler(4, clock)
    pace.begin("known", "quick")
    pace.end("known", done=True)
    for n in range(3):
        assert set(pace.admitted(["quick", "a", "b", "c"])) == {"quick", "a", "b", "c"}
        pace.begin(f"{n}", "abc"[n])
    assert pace.admitted(["quick", "a", "new"]) == ["quick"]
    clock.now = SLOW_SECONDS + 1
    pace.end("0", done=True)
    assert pace.admitted(["a", "quick", "new"])[0] == "new"
    pace.begin("3", "new")
    assert pace.admitted(["a", "quick", "new"]) == ["quick"]


def test_a_chore_that_takes_long_makes_its_group_slow_before_it_ends_and_a_short_one_quick_again() -> None:
    clock = Clock()
    pace = FairScheduler(1, clock)
    pace.begin("1", "g")
    pace.end("1", done=True)
    pace.begin("2", "g")
    assert pace.admitted(["g"]) == ["g"]
    clock.now = SLOW_SECONDS + 1
    assert pace.admitted(["g"]) == []
    pace.end("2", done=True)
    pace.begin("3", "g")
    pace.end("3", done=True)
    pace.begin("4", "g")
    assert pace.admitted(["g"]) == ["g"]


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
    runner._pace = pace = FairScheduler(1, clock)
    give(toy, "hangs", group="slow")
    assert runner.turn() == 1
    give(toy, "a", group="slow")
    give(toy, "b", group="new")
    assert runner.turn() == 2
    pace.begin("one", "unknown")
    assert sorted(pace.admitted(["slow", "new"])) == sorted(quick)


def test_a_chore_that_was_needless_is_done(toy: Stage) -> None:
    give(toy, "a")
    assert Runner(toy.store, doing(raising(Skip()))).turn() == 1
    assert (only(toy)["state"], only(toy)["error"], only(toy)["tries"]) == ("done", None, 1)


def test_the_pace_of_the_group_that_was_seen_longest_ago_is_forgotten_first() -> None:
    pace = FairScheduler(1)
    for n in range(MOST_KNOWN + 1):
        pace.begin("job", f"{n}")
        pace.end("job", done=True)
    assert pace.admitted(["1", "0"]) == ["0", "1"]


def test_a_kind_with_much_to_do_does_not_starve_another(toy: Stage) -> None:
    done: list[str] = []
    many, few = Job(lambda _, row: done.append("many")), Job(lambda _, row: done.append("few"))
    give(toy, *[f"{n}" for n in range(60)], kind="many")
    give(toy, "x", kind="few")
    Runner(toy.store, {"many": many, "few": few}).turn()
    assert done.index("few") < 60


def test_stopping_waits_for_what_is_under_way_and_takes_nothing_new(toy: Stage) -> None:
    give(toy, "a", "b")
    begun, release, stop = threading.Event(), threading.Event(), threading.Event()

    def work(_: Doc) -> None:
        begun.set()
        release.wait(SECONDS)

    thread = threading.Thread(target=Runner(toy.store, doing(work), threads=1).run, args=(stop,))
    thread.start()
    assert begun.wait(SECONDS)
    stop.set()
    assert sorted(states(toy).values()) == ["leased", "ready"]
    release.set()
    thread.join(SECONDS)
    assert sorted(states(toy).values()) == ["done", "ready"]


def test_what_a_chore_logs_carries_the_correlation_of_the_request_that_gave_it(toy: Stage) -> None:
    give(toy, "a")
    with log_lines() as lines:
        Runner(toy.store, doing(lambda _: telemetry.logger("toy").info("at work"))).turn()
    assert [one["correlation"] for one in lines() if one["message"] == "at work"] == ["journey-7"]


def test_done_chores_are_forgotten_after_their_time_and_parked_ones_never(toy: Stage) -> None:
    give(toy, "a", "b", "c")
    Runner(toy.store, doing(_fail_a, schedule=())).turn()
    old = utcnow() - timedelta(days=31)
    toy.store.db["jobs"].update_many({"_id": {"$ne": "post:c"}}, {"$set": {"done_at": old}})
    assert queue.purge(toy.store, days=30) == 1
    assert states(toy) == {"a": "parked", "c": "done"}


def test_the_runner_outlives_a_database_that_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    nowhere = Store(f"mongodb://127.0.0.1:{port}", "away", "review", {})
    with log_lines() as lines, running(Runner(nowhere, doing(lambda _: None))):
        until(lambda: "the database is away" in [one["message"] for one in lines()])
    nowhere.close()
