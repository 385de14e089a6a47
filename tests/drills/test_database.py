"""The database is killed and started again: nothing acknowledged is lost, and everything comes to its end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from deploy.local import servers as local
from shared.core.errors import TryLater
from shared.events.review import AssessorSet
from shared.storage.transaction import Transaction
from tests.drills.conftest import Drill, agencies
from tests.support.stage import LONG_AGO
from tests.waiting import until

COMMANDS = 200


def register(tx: Transaction, name: str) -> None:
    """Tell of an assessor, once."""
    if tx.get("agencies", name) is None:
        tx.put("agencies", {"_id": name, "count": 1})
        tx.audit(f"agency:{name}", "agency.counted")
        tx.emit(f"agency:{name}", AssessorSet(assessor=name, issuer="toy", subject=name, since=LONG_AGO))


def insisting(drill: Drill, acknowledged: list[str]) -> Callable[[str], None]:
    """Runs a command as a client does that sends it again until it gets an answer."""

    def send(name: str) -> None:
        while True:
            try:
                drill.stage.run(register, name)
            except TryLater:
                continue
            acknowledged.append(name)
            return

    return send


def test_a_database_killed_under_load_loses_nothing_acknowledged_and_everything_comes_to_its_end(
    drill: Drill,
) -> None:
    events = agencies(drill, 400)
    names = [f"w{number}" for number in range(COMMANDS)]
    acknowledged: list[str] = []
    drill.publish(events)
    worker = drill.worker()
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(insisting(drill, acknowledged), name) for name in names]
        until(lambda: len(acknowledged) > 40)
        local.kill_database(drill.servers.home)
        kept = list(acknowledged)
        assert len(kept) < COMMANDS
        local.start_database(drill.servers.home)
        assert set(kept) <= set(drill.counts())
    for sending in sent:
        sending.result()
    db = drill.stage.db
    until(lambda: db["inbox"].count_documents({}) == len(events) and drill.unpublished() == 0)
    assert drill.counts() == dict.fromkeys([*names, *(event.event.agency for event in events)], 1)
    assert db["outbox"].count_documents({}) == db["audit"].count_documents({}) == 600
    assert worker.poll() is None
    until(lambda: drill.in_queue() == 0)


def test_a_worker_outlives_a_database_that_is_away_for_longer_than_a_server_is_looked_for(
    drill: Drill,
) -> None:
    events = agencies(drill, 50)
    worker = drill.worker()
    until(lambda: drill.stage.db["leases"].count_documents({"_id": "relay"}) == 1)
    local.kill_database(drill.servers.home)
    try:
        drill.publish(events)
        until(lambda: said(drill, "publishing failed") > 1)
        assert worker.poll() is None
    finally:
        local.start_database(drill.servers.home)
    until(lambda: len(drill.counts()) == 50)
    assert worker.poll() is None


def test_a_worker_told_to_stop_while_the_database_is_away_leaves_in_good_order(drill: Drill) -> None:
    worker = drill.worker()
    until(lambda: drill.stage.db["leases"].count_documents({"_id": "relay"}) == 1)
    local.kill_database(drill.servers.home)
    try:
        until(lambda: said(drill, "unavailable") + said(drill, "failed") > 0)
        worker.terminate()
        assert worker.wait(25) == 0
    finally:
        local.start_database(drill.servers.home)


def said(drill: Drill, words: str) -> int:
    """How many lines of the first worker's log have these words."""
    return (drill.logs / "0.log").read_text().count(words)
