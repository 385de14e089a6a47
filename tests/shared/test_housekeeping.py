"""The commands of every service, run as an operator runs them."""

from collections.abc import Callable
from hashlib import sha256

import click
import pytest
from click.testing import CliRunner, Result

from shared.cli.operations import COMMANDS
from shared.core import settings
from shared.core.settings import Settings
from shared.messaging.deferred import bury
from shared.service import Service
from tests.shared.toys import BAD, TOY, agency
from tests.support.stage import Stage


@pytest.fixture
def toy(stage: Callable[[Service], Stage], settings_of: Callable[..., Settings]) -> Stage:
    return stage(TOY)


@pytest.fixture
def nilai(toy: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command of the toy service in the environment that a process of it would have."""
    for name, value in _environment(toy.settings).items():
        monkeypatch.setenv(name, value)
    group = click.Group(commands=list(COMMANDS))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(group, arguments, obj=TOY)

    return run


def _environment(found: Settings) -> dict[str, str]:
    return {
        "NILAI_MODE": found.mode,
        "MONGO_URI": found.mongo_uri,
        "MONGO_DATABASE": found.mongo_database,
        "AMQP_URI": found.amqp_uri,
        "AMQP_ADMIN_URI": found.amqp_admin_uri,
        "NILAI_PREFIX": found.prefix,
        "NILAI_KEYS": str(found.keys),
        "OIDC_ISSUER": found.oidc_issuer,
    }


def dead_fact(toy: Stage) -> str:
    event = toy.envelope("agency:b", agency("b", BAD))
    toy.hear_all(event)
    toy.store.db["waiting"].update_one({}, {"$set": {"state": "dead", "next_at": None}})
    return event.id


def test_the_environment_of_a_process_gives_its_settings(toy: Stage) -> None:
    assert settings.load("review", _environment(toy.settings)) == toy.settings


def test_dead_events_are_listed_with_their_reason(toy: Stage, nilai: Callable[..., Result]) -> None:
    id = dead_fact(toy)
    shown = nilai("dead", "list")
    assert shown.exit_code == 0
    assert (
        f"{id}  dead  1 tries  agency.set.v1  agency:b  ValueError: this event cannot be handled"
        in shown.output
    )
    assert '"group":"bad"' in nilai("dead", "show", id).output


def test_a_dead_event_is_replayed(toy: Stage, nilai: Callable[..., Result]) -> None:
    id = dead_fact(toy)
    assert nilai("dead", "replay", id).exit_code == 0
    row = toy.store.db["waiting"].find_one({"_id": id})
    assert row is not None
    assert (row["state"], row["tries"]) == ("retry", 0)
    assert toy.audited("agency:b") == ["dead.replayed"]


def test_a_dropped_event_leaves_a_reason_in_the_audit_trail(toy: Stage, nilai: Callable[..., Result]) -> None:
    dead_fact(toy)
    assert nilai("dead", "drop", "--all", "--reason", "sent twice by hand").exit_code == 0
    assert toy.store.db["waiting"].count_documents({}) == 0
    entry = toy.store.db["audit"].find_one({"action": "dead.dropped"})
    assert entry is not None
    assert (entry["detail"]["reason"], entry["actor"]) == ("sent twice by hand", "operator")


def test_an_unreadable_event_cannot_be_replayed(toy: Stage, nilai: Callable[..., Result]) -> None:
    bury(toy.store, b"\xff", "not JSON")
    id = "bytes:" + sha256(b"\xff").hexdigest()
    before = toy.state()
    answer = nilai("dead", "replay", id)
    assert answer.exit_code == 1
    assert "can only be dropped" in answer.output
    assert toy.state() == before
    assert nilai("dead", "drop", id, "--reason", "noise").exit_code == 0
    assert toy.store.db["waiting"].count_documents({}) == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("dead", "show", "none"), 1, "There is none called none here"),
        (("dead", "replay"), 2, "Name some ids"),
        (("dead", "drop", "--all"), 2, "--reason"),
        (("retell", "--to", "review"), 1, "hears nothing"),
    ],
)
def test_a_command_that_cannot_be_carried_out_says_why(
    nilai: Callable[..., Result], arguments: tuple[str, ...], code: int, words: str
) -> None:
    answer = nilai(*arguments)
    assert (answer.exit_code, words in answer.output) == (code, True)


def test_an_audit_trail_holds_until_somebody_changes_it(toy: Stage, nilai: Callable[..., Result]) -> None:
    for name in ("x", "y", "z"):
        toy.hear("agency:a", agency("a", name=name))
    assert nilai("audit", "verify").exit_code == 0
    toy.store.db["audit"].update_one({"seq": 2}, {"$set": {"detail.name": "forged"}})
    answer = nilai("audit", "verify")
    assert answer.exit_code == 1
    assert "agency:a #2: changed" in answer.output


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda db: db["audit"].delete_one({"seq": 2}), "agency:a #2: missing"),
        (lambda db: db["audit"].delete_one({"seq": 3}), "cut-off"),
        (lambda db: db["audit"].delete_many({}), "cut-off"),
        (lambda db: db["heads"].delete_many({}), "unheaded"),
    ],
    ids=["deleted", "truncated", "emptied", "beheaded"],
)
def test_what_is_taken_from_an_audit_trail_is_missed(
    toy: Stage, nilai: Callable[..., Result], change: Callable[..., object], words: str
) -> None:
    for name in ("x", "y", "z"):
        toy.hear("agency:a", agency("a", name=name))
    change(toy.store.db)
    answer = nilai("audit", "verify")
    assert answer.exit_code == 1
    assert words in answer.output
    assert "checkpoints held elsewhere" in answer.output
