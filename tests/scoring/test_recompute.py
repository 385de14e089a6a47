"""`recompute` finds every score that is not what its set, its edition and its receipt say."""

import subprocess
import sys
from typing import Any

import pytest

from services.scoring import queries
from shared.signing import receipts
from shared.signing.keys import KeyRing
from tests.scoring.builders import OnStage, completed, consume, finalised, introduce, publish, scoring, sealed
from tests.support.stage import Stage


@pytest.fixture
def on(stage: OnStage) -> Stage:
    """One score of each kind, the final one published."""
    on = scoring(stage)
    introduce(on)
    consume(on, {"submission:s1": sealed(), "case:s1": completed(), "case:s1 final": finalised()})
    publish(on)
    return on


def recompute(on: Stage, *options: str) -> tuple[int, list[str]]:
    found = on.settings
    environment = {
        "NILAI_MODE": "test",
        "MONGO_URI": found.mongo_uri,
        "MONGO_DATABASE": found.mongo_database,
        "NILAI_KEYS": str(found.keys),
        "OIDC_ISSUER": found.oidc_issuer,
    }
    command = [sys.executable, "-m", "services.scoring", "recompute", *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def problems(on: Stage) -> list[str]:
    publics = KeyRing.load(on.settings.keys, "scoring").publics
    ids = on.store.query(queries.list_score_ids, "", 10)
    return [f"{id}: {said}" for id in ids for said in on.store.query(queries.recheck, id, publics)]


def change(on: Stage, collection: str, id: str, **fields: Any) -> None:
    assert on.db[collection].update_one({"_id": id}, {"$set": fields}).modified_count == 1


def test_scores_that_nobody_touched_are_the_same_computed_anew(on: Stage) -> None:
    assert recompute(on, "--check") == (0, ["3 scores computed anew, 0 of them differ"])


@pytest.mark.parametrize(
    ("collection", "id", "fields", "said"),
    [
        ("scores", "s1.self", {"index": "3.95"}, "s1.self: computed anew, it differs in index"),
        (
            "scores",
            "s1.document",
            {"nodes.0.index": "5.00"},
            "s1.document: computed anew, it differs in nodes",
        ),
        ("scores", "s1.final", {"basis.agency": "other"}, "s1.final: its receipt says something else"),
        ("scores", "s1.final", {"receipt.index": "3.00"}, "s1.final: its receipt says something else"),
        ("scores", "s1.final", {"receipt.kid": "another"}, "s1.final: its receipt does not hold"),
        ("scores", "s1.final", {"receipt.more": "x"}, "s1.final: its receipt does not hold"),
        ("scores", "s1.final", {"receipt": None}, "s1.final: its receipt is gone"),
        ("sets", "s1.document", {"rows.0.value": "5"}, "s1.document: its set has the hash"),
        ("sets", "s1.self", {"rows.0.value": "9"}, "s1.self: its set cannot be scored"),
        ("results", "s1", {"receipt.index": "3.00"}, "s1.final: its result's receipt says something else"),
        ("results", "s1", {"decisions.0.by": "p-x"}, "s1.final: its result's receipt says something else"),
        ("results", "s1", {"version": 2}, "s1.final: its result's receipt says something else"),
    ],
)
def test_a_change_behind_our_back_is_found_and_named(
    on: Stage, collection: str, id: str, fields: dict[str, Any], said: str
) -> None:
    change(on, collection, id, **fields)
    found = problems(on)
    assert any(line.startswith(said) for line in found), found
    assert len({line.partition(":")[0] for line in found}) == 1


@pytest.mark.parametrize(
    ("collection", "id", "said"),
    [
        ("sets", "s1.self", "s1.self: its set cannot be scored"),
        ("results", "s1", "s1.final: its result is gone"),
    ],
)
def test_what_was_taken_away_is_missed(on: Stage, collection: str, id: str, said: str) -> None:
    on.db[collection].delete_one({"_id": id})
    found = problems(on)
    assert any(line.startswith(said) for line in found), found


def test_a_score_that_is_taken_away_meanwhile_is_missed(on: Stage) -> None:
    publics = KeyRing.load(on.settings.keys, "scoring").publics
    assert on.store.query(queries.recheck, "s9.self", publics) == ["it is gone"]


def test_a_result_that_is_not_published_has_no_receipt_to_be_checked(stage: OnStage) -> None:
    on = scoring(stage)
    introduce(on)
    consume(on, {"case:s1": finalised()})
    assert problems(on) == []


def test_without_an_edition_no_score_can_be_checked(on: Stage) -> None:
    on.db["editions"].delete_many({})
    assert problems(on) == [f"s1.{stage}: its edition is gone" for stage in ("document", "final", "self")]


def test_a_receipt_from_before_it_said_who_decided_holds(on: Stage) -> None:
    result = on.db["results"].find_one({"_id": "s1"})
    assert result is not None
    receipt = {
        name: value
        for name, value in result["receipt"].items()
        if name not in ("decided", "kid", "signature")
    }
    ring = KeyRing.load(on.settings.keys, "scoring")
    signed = receipts.sign(receipt, ring.signing(receipts.PURPOSE, result["published_at"]))
    change(on, "results", "s1", receipt=signed)
    assert problems(on) == []


def test_differences_are_said_and_with_check_they_are_a_failure(on: Stage) -> None:
    change(on, "scores", "s1.self", index="3.95")
    said = ["s1.self: computed anew, it differs in index", "3 scores computed anew, 1 of them differ"]
    assert recompute(on, "--check") == (1, said)
    assert recompute(on) == (0, said)
