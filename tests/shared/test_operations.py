"""The commands of every service, run as an operator runs them."""

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from threading import Thread

import pytest
from click.testing import CliRunner, Result
from prometheus_client import REGISTRY

from shared.cli.service import commands_of
from shared.core import settings
from shared.core.settings import Settings
from shared.jobs.queue import Fail, Job, Retry, add
from shared.messaging import broker
from shared.messaging.dead_letters import dead_letter
from shared.service import Service
from shared.storage.mongo import Store
from shared.storage.reader import Doc
from shared.storage.transaction import Transaction
from tests.shared.toys import BAD, TOY, agency
from tests.support.publishing import message
from tests.support.stage import Stage
from tests.waiting import until

UNREADABLE_ID = "bytes:" + sha256(b"\xff").hexdigest()


@pytest.fixture
def toy(stage: Callable[[Service], Stage], settings_of: Callable[..., Settings]) -> Stage:
    return stage(TOY)


@pytest.fixture
def nilai(toy: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command of the toy service in the environment that a process of it would have."""
    for name, value in _environment(toy.settings).items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(commands_of(TOY), arguments, obj=TOY)

    return run


def _environment(found: Settings) -> dict[str, str]:
    return {
        "NILAI_MODE": found.mode,
        "MONGO_URI": found.mongo_uri,
        "MONGO_ADMIN_URI": found.mongo_admin_uri,
        "MONGO_DATABASE": found.mongo_database,
        "AMQP_URI": found.amqp_uri,
        "AMQP_ADMIN_URI": found.amqp_admin_uri,
        "NILAI_PREFIX": found.prefix,
        "NILAI_KEYS": str(found.keys),
        "OIDC_ISSUER": found.oidc_issuer,
        "OIDC_CLIENT_ID": found.oidc_client_id,
        "PAGE_CACHE": str(found.page_cache),
    }


def failed_event(toy: Stage, id: str = "b", state: str = "dead") -> str:
    event = toy.envelope(f"agency:{id}", agency(id, BAD))
    toy.consume_all(event)
    toy.db["deferred_events"].update_one({"_id": event.key}, {"$set": {"state": state, "next_at": None}})
    return event.key


def states(toy: Stage) -> dict[str, str]:
    return {row["_id"]: row["state"] for row in toy.db["deferred_events"].find()}


def test_the_environment_of_a_process_gives_its_settings(toy: Stage) -> None:
    assert settings.load("review", _environment(toy.settings)) == toy.settings


def test_deferred_events_are_listed_with_their_reason(toy: Stage, nilai: Callable[..., Result]) -> None:
    id = failed_event(toy)
    shown = nilai("deferred", "list")
    assert (shown.exit_code, shown.stderr) == (0, "1 listed\n")
    assert shown.stdout == (
        f"{id}  dead     1 attempts  agency.set.v1  agency:b  ValueError: this event cannot be handled\n"
    )
    assert '"group":"bad"' in nilai("deferred", "show", id).output


def test_what_a_stranger_sent_does_nothing_to_the_operators_terminal(
    toy: Stage, nilai: Callable[..., Result]
) -> None:
    hostile = message(b'{"\x1b[2J\x07": "\xc2\x9b1m"}\n', user="\x1b]0;x\x07", routing_key="member.set.v1")
    dead_letter(toy.store, hostile, toy.settings.amqp_users, "")
    ((row, _),) = states(toy).items()
    for arguments in (("list",), ("list", "--json"), ("show", row)):
        said = nilai("deferred", *arguments).output
        assert "x1b" in said or "u001b" in said
        assert [sign for sign in said if not sign.isprintable() and sign != "\n"] == []


def test_a_list_can_be_narrowed_to_a_state_and_read_page_by_page(
    toy: Stage, nilai: Callable[..., Result]
) -> None:
    dead, first, second = failed_event(toy), failed_event(toy, "c", "retry"), failed_event(toy, "d", "retry")
    page = nilai("deferred", "list", "--state", "retry", "--limit", "1", "--json")
    assert (json.loads(page.stdout)["_id"], page.stderr) == (first, f"1 listed; go on with --after {first}\n")
    rest = nilai("deferred", "list", "--after", first, "--state", "retry", "--limit", "1", "--json")
    assert (json.loads(rest.stdout)["_id"], rest.stderr) == (second, "1 listed\n")
    every = nilai("deferred", "list", "--limit", "0").stdout.splitlines()
    assert [line.split()[0] for line in every] == [dead, first, second]


def test_a_dead_event_is_retried(toy: Stage, nilai: Callable[..., Result]) -> None:
    id = failed_event(toy)
    assert nilai("deferred", "retry", id).exit_code == 0
    row = toy.db["deferred_events"].find_one({"_id": id})
    assert row is not None
    assert (row["state"], row["attempts"]) == ("retry", 0)
    assert toy.audited("agency:b") == ["deferred.retried"]


def test_all_dead_events_that_can_be_read_are_retried_at_once(
    toy: Stage, nilai: Callable[..., Result]
) -> None:
    dead = failed_event(toy)
    dead_letter(toy.store, message(b"\xff"), toy.settings.amqp_users, "not JSON")
    answer = nilai("deferred", "retry", "--all")
    assert (answer.exit_code, answer.output) == (0, f"{dead}\n")
    assert states(toy) == {dead: "retry", UNREADABLE_ID: "dead"}


def test_a_dropped_event_leaves_a_reason_in_the_audit_trail(toy: Stage, nilai: Callable[..., Result]) -> None:
    failed_event(toy)
    assert nilai("deferred", "drop", "--all", "--reason", "sent twice by hand").exit_code == 0
    assert toy.db["deferred_events"].count_documents({}) == 0
    entry = toy.db["audit"].find_one({"action": "deferred.dropped"})
    assert entry is not None
    assert (entry["detail"]["reason"], entry["actor"]) == ("sent twice by hand", "operator")


def test_an_unreadable_event_cannot_be_retried_and_stops_no_other(
    toy: Stage, nilai: Callable[..., Result]
) -> None:
    dead_letter(toy.store, message(b"\xff"), toy.settings.amqp_users, "not JSON")
    dead = failed_event(toy)
    answer = nilai("deferred", "retry", UNREADABLE_ID, dead)
    assert (answer.exit_code, answer.stdout) == (1, f"{dead}\n")
    assert "can only be dropped" in answer.stderr
    assert states(toy) == {dead: "retry", UNREADABLE_ID: "dead"}
    assert nilai("deferred", "drop", UNREADABLE_ID, "--reason", "noise").exit_code == 0
    assert states(toy) == {dead: "retry"}


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("deferred", "show", "none"), 1, "Not found: No deferred event is called none"),
        (("deferred", "drop", "none", "--reason", "x"), 1, "none: No deferred event is called none"),
        (("deferred", "retry"), 2, "Name some ids"),
        (("deferred", "retry", "some", "--all"), 2, "not both"),
        (("deferred", "drop", "--all"), 2, "--reason"),
        (("republish", "--to", "review"), 1, "consumes nothing that review publishes"),
        (("republish", "--to", "nobody"), 2, "'intake', 'review'"),
    ],
)
def test_a_command_that_cannot_be_carried_out_says_why(
    nilai: Callable[..., Result], arguments: tuple[str, ...], code: int, text: str
) -> None:
    answer = nilai(*arguments)
    assert (answer.exit_code, text in answer.output) == (code, True)


def test_the_journal_is_republished_to_one_consumer_by_the_worker(
    queues: str, toy: Stage, nilai: Callable[..., Result]
) -> None:
    toy.consume("agency:a", agency("a"))
    worker, admin_uri = toy.worker(), toy.settings.amqp_admin_uri
    thread = Thread(target=worker.publish)
    thread.start()
    try:
        answer = nilai("republish", "--to", "notify")
        rebuilt = nilai("republish", "--to", "notify", "--rebuild")
    finally:
        worker.stop.set()
        thread.join(30)
        worker.store.close()
    assert (answer.exit_code, answer.output) == (0, "1 events republished to notify\n")
    assert (rebuilt.exit_code, rebuilt.output) == (
        0,
        "1 events republished to notify, to rebuild its replicas\n",
    )
    came: list[str] = []
    broker.drain(admin_uri, broker.queue(queues, "notify"), lambda one: came.append(one.routing_key))
    assert came.count("assessor.set.v1") == 3


def test_a_journal_that_nobody_republishes_stays_asked_for(toy: Stage, nilai: Callable[..., Result]) -> None:
    answer = nilai("republish", "--to", "notify", "--wait", "0")
    assert (answer.exit_code, "does a worker of review run?" in answer.output) == (1, True)
    assert [row["state"] for row in toy.db["replays"].find()] == ["asked"]


def test_an_audit_trail_holds_until_somebody_changes_it(toy: Stage, nilai: Callable[..., Result]) -> None:
    for name in ("x", "y", "z"):
        toy.consume("agency:a", agency("a", name=name))
    assert nilai("audit", "verify").exit_code == 0
    toy.db["audit"].update_one({"seq": 2}, {"$set": {"detail.name": "forged"}})
    answer = nilai("audit", "verify")
    assert answer.exit_code == 1
    assert "agency:a #2: changed" in answer.output


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda db: db["audit"].delete_one({"seq": 2}), "agency:a #2: missing"),
        (lambda db: db["audit"].delete_one({"seq": 3}), "cut-off"),
        (lambda db: db["audit"].delete_many({}), "cut-off"),
        (lambda db: db["heads"].delete_many({}), "unheaded"),
    ],
    ids=["deleted", "truncated", "emptied", "beheaded"],
)
def test_what_is_taken_from_an_audit_trail_is_missed(
    toy: Stage, nilai: Callable[..., Result], change: Callable[..., object], text: str
) -> None:
    for name in ("x", "y", "z"):
        toy.consume("agency:a", agency("a", name=name))
    change(toy.db)
    answer = nilai("audit", "verify")
    assert answer.exit_code == 1
    assert text in answer.output
    assert "checkpoints held elsewhere" in answer.output


def do_note(store: Store, row: Doc) -> None:
    """End as the job's payload says."""
    match row["payload"]["end"]:
        case "dead":
            raise Fail("the receiver is gone for good")
        case "retry":
            raise Retry("the receiver did not answer", 60)


def ask(tx: Transaction, **ends: str) -> None:
    for key, end in ends.items():
        add(tx, "note", key, {"end": end}, due=tx.now + timedelta(days=1) if end == "waiting" else None)
    tx.audit("agency:a", "notes.asked")


@pytest.fixture
def jobs(toy: Stage) -> Stage:
    """A job in each state."""
    toy.jobs = {"note": Job(do_note)}
    toy.run(ask, a="dead", b="retry", c="waiting", d="done")
    toy.run_jobs()
    return toy


def job_states(jobs: Stage) -> dict[str, str]:
    return {row["_id"]: row["state"] for row in jobs.store.db["jobs"].find()}


def test_jobs_are_listed_with_what_was_wrong(jobs: Stage, nilai: Callable[..., Result]) -> None:
    assert job_states(jobs) == {"note:a": "dead", "note:b": "retry", "note:c": "waiting", "note:d": "done"}
    shown = nilai("jobs", "list")
    assert (shown.exit_code, shown.stderr) == (0, "3 listed\n")
    dead, retry, waiting = shown.stdout.splitlines()
    assert dead.startswith("note:a  dead     1 attempts  due ")
    assert dead.endswith("  the receiver is gone for good")
    assert retry.endswith("  the receiver did not answer")
    assert waiting.startswith("note:c  waiting  0 attempts  due ")
    assert json.loads(nilai("jobs", "show", "note:b").stdout)["error"] == "the receiver did not answer"
    assert nilai("jobs", "list", "--state", "done").stdout.split()[0] == "note:d"
    page = nilai("jobs", "list", "--limit", "2", "--json")
    assert [json.loads(line)["_id"] for line in page.stdout.splitlines()] == ["note:a", "note:b"]
    assert page.stderr == "2 listed; go on with --after note:b\n"


def test_dead_jobs_are_retried_and_dropped_in_writing(jobs: Stage, nilai: Callable[..., Result]) -> None:
    assert nilai("jobs", "retry", "--all").output == "note:a\n"
    assert job_states(jobs)["note:a"] == "retry"
    jobs.run_jobs()
    assert nilai("jobs", "drop", "--all", "--reason", "the receiver is gone").output == "note:a\n"
    assert nilai("jobs", "drop", "note:c", "--reason", "not wanted any more").output == "note:c\n"
    assert job_states(jobs) == {"note:b": "retry", "note:d": "done"}
    assert jobs.audited("job:note:a") == ["job.retried", "job.dropped"]


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("jobs", "show", "note:x"), 1, "Not found: There is no job note:x"),
        (("jobs", "retry", "note:x", "note:b"), 1, "note:x: There is no job note:x"),
        (("jobs", "retry", "note:d"), 1, "note:d: The job note:d is done"),
        (("jobs", "drop", "note:b"), 2, "--reason"),
        (("jobs", "retry"), 2, "Name some ids"),
    ],
)
def test_a_command_on_jobs_that_cannot_be_carried_out_says_why(
    jobs: Stage, nilai: Callable[..., Result], arguments: tuple[str, ...], code: int, text: str
) -> None:
    answer = nilai(*arguments)
    assert (answer.exit_code, text in answer.output) == (code, True)


def test_jobs_are_counted_by_kind_and_state(jobs: Stage) -> None:
    worker = jobs.worker()
    worker.jobs = jobs.jobs
    thread = Thread(target=worker.run_periodic)
    thread.start()
    counts = {"waiting": 1.0, "retry": 1.0, "running": 0.0, "dead": 1.0}
    until(lambda: {state: jobs_gauge(state) for state in counts} == counts)
    worker.stop.set()
    thread.join(20)
    worker.store.close()


def jobs_gauge(state: str) -> float | None:
    return REGISTRY.get_sample_value("nilai_jobs", {"kind": "note", "state": state})
