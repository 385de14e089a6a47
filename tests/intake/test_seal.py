"""The seal: what is handed in is exactly what is saved, in time, once, and proven by a receipt."""

import json
import subprocess
import sys
import unicodedata
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.intake import commands
from services.intake.schemas import SealInput
from shared.core.errors import Conflict
from shared.events.intake import SubmissionSealed
from shared.replicas.members import person_doc
from shared.signing.keys import KeyRing
from shared.signing.receipts import verify, verify_proof
from tests.intake.files import digest
from tests.intake.rounds import (
    CODES,
    DEADLINE,
    FILE,
    OPENS,
    A,
    B,
    Json,
    Round,
    answer,
    exhibit,
    good,
    problem,
)
from tests.intake.tus import ROOT
from tests.support.stage import LONG_AGO

VERIFIER = Path(__file__).parents[2] / "deploy" / "verify_receipt.py"
SEAL = f"{ROOT}/self-assessments/{A}/seal"


def test_a_seal_gives_a_receipt_that_the_public_keys_verify(ready: Round) -> None:
    sealed = ready.seal()
    receipt = sealed["receipt"]
    verify(receipt, KeyRing.load(ready.stage.settings.keys, "intake").publics)
    assert (receipt["kind"], receipt["subject"], receipt["agency"]) == (
        "submission",
        sealed["submission"],
        "kota-a",
    )
    assert receipt["count"] == len(CODES) + 2
    assert receipt["edition"]["id"] == "small-1"
    (told,) = ready.stage.published(SubmissionSealed)
    assert (told.root, told.participation, told.version) == (receipt["root"], A, 1)
    assert [answer.indicator for answer in told.answers] == list(CODES)
    assert ready.get("officer-a", f"/submissions/{sealed['submission']}/receipt") == receipt
    assert ready.stage.audited(f"submission:{sealed['submission']}") == ["submission.sealed"]


def test_the_coordinator_may_seal_too(ready: Round) -> None:
    assert ready.seal_raw(ready.order(), who="coordinator").status_code == 201


def test_the_same_call_again_gives_the_same_bytes_and_has_one_effect(ready: Round) -> None:
    order = ready.order()
    first = ready.seal_raw(order)
    before = ready.stage.state()
    second = ready.seal_raw(json.loads(json.dumps(order)))
    assert (second.status_code, second.data) == (201, first.data)
    assert ready.stage.state() == before


def test_another_body_under_the_same_key_is_refused(ready: Round) -> None:
    order = ready.order()
    ready.seal_raw(order)
    before = ready.stage.state()
    other = order | {"minutes": order["minutes"] | {"number": "BA-8/2026"}}
    assert problem(ready.seal_raw(other)) == (422, "idempotency-key-reused")
    assert ready.stage.state() == before


def test_two_people_may_use_the_same_key(ready: Round) -> None:
    ready.seal_raw(ready.order())
    ready.answer_all(B)
    assert ready.seal_raw(ready.order(B), B).status_code == 201


def test_a_second_seal_with_another_key_is_refused(ready: Round) -> None:
    order = ready.order()
    sealed = good(ready.seal_raw(order), 201)
    again = ready.seal_raw(order, key="key-2")
    assert problem(again) == (409, "already-sealed")
    assert again.json is not None
    assert again.json["submission"] == sealed["submission"]


def change(order: Json, *path: str | int, to: Any) -> Json:
    changed = json.loads(json.dumps(order))
    inside = changed
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = to
    return dict(changed)


def written(body: Json, number: str) -> dict[str, Any]:
    """A request whose only -98765 is written so, as a number."""
    return {"data": json.dumps(body).replace("-98765", number), "content_type": "application/json"}


@pytest.mark.parametrize(
    ("sealed", "status"), [("2.33333333333333333333", 201), ("2.33333333333333333334", 409)]
)
def test_a_number_that_no_double_carries_is_sealed_as_it_was_saved(
    open_round: Round, sealed: str, status: int
) -> None:
    open_round.answer_all()
    saved = open_round.as_("clerk-a").put(
        f"{ROOT}/self-assessments/{A}/answers/3",
        headers={"If-Match": '"1"'},
        **written(answer(-98765), "2.33333333333333333333"),
    )
    assert good(saved)["value"] == "2.33333333333333333333"
    order = change(open_round.order(), "manifest", "answers", CODES.index("3"), "value", to=-98765)
    answered = open_round.as_("officer-a").post(
        SEAL, headers={"Idempotency-Key": "k"}, **written(order, sealed)
    )
    assert answered.status_code == status


UNFIT: list[tuple[tuple[str | int, ...], Any, tuple[int, str]]] = [
    (("manifest", "answers", 0, "value"), "3", (409, "changed-meanwhile")),
    (("manifest", "answers", 0, "value"), "two", (409, "changed-meanwhile")),
    (("manifest", "answers", 0, "evidence"), [], (409, "changed-meanwhile")),
    (("manifest", "answers"), [], (409, "changed-meanwhile")),
    (("manifest", "files"), [], (422, "files-differ")),
    (("manifest", "files", 0, "size"), 1, (422, "files-differ")),
    (("manifest", "files", 0, "size"), 0, (422, "invalid")),
    (("manifest", "files", 0, "size"), -1, (422, "invalid")),
    (("manifest", "files", 0, "sha256"), "A" * 64, (422, "invalid")),
    (("manifest", "files", 0, "sha256"), "a" * 64, (422, "files-differ")),
    (("manifest", "files", 0, "name"), "a\nb", (422, "invalid")),
    (("manifest", "files", 0, "name"), "../peraturan.pdf", (422, "invalid")),
    (("manifest", "files", 0, "name"), "lain.exe", (422, "files-differ")),
    (("manifest", "more"), 1, (422, "invalid")),
    (("minutes", "number"), "", (422, "invalid")),
    (("minutes", "date"), "yesterday", (422, "invalid")),
    (("minutes", "date"), "0026-11-28", (422, "bad-date")),
    (("minutes", "date"), "2020-12-31", (422, "bad-date")),
    (("minutes", "date"), "2101-01-01", (422, "bad-date")),
    (("minutes", "date"), "9999-12-31", (422, "bad-date")),
    (("minutes", "date"), "2026-W48-6", (422, "invalid")),
    (("minutes", "date"), "20261128", (422, "invalid")),
    (("minutes", "date"), "2026-11-28T00:00", (422, "invalid")),
    (("minutes", "date"), "\uff12026-11-28", (422, "invalid")),
    (("minutes", "date"), "2026-02-29", (422, "invalid")),
    (("minutes", "number"), "\u200b", (422, "invalid")),
    (("minutes", "place"), "\u2800", (422, "invalid")),
    (("minutes", "coordinator_name"), "\u3164\u115f", (422, "invalid")),
    (("minutes", "coordinator_position"), "--", (422, "invalid")),
    (("minutes",), None, (422, "invalid")),
    (("consent", "publication"), False, (422, "consent-needed")),
    (("consent", "publication"), "yes", (422, "invalid")),
    (("consent", "publication"), 1, (422, "invalid")),
    (("consent", "publication"), 1.0, (422, "invalid")),
    (("consent", "publication"), "true", (422, "invalid")),
    (("consent", "position"), "\u00ad\ufeff", (422, "invalid")),
    (("consent", "name"), " ", (422, "invalid")),
]


def test_a_seal_that_does_not_fit_changes_nothing(ready: Round) -> None:
    order, before = ready.order(), ready.stage.state()
    for path, to, refusal in UNFIT:
        assert problem(ready.seal_raw(change(order, *path, to=to))) == refusal, path
    assert ready.stage.state() == before


def test_a_manifest_that_lists_something_twice_is_refused(ready: Round) -> None:
    order = ready.order()
    twice = change(order, "manifest", "files", to=order["manifest"]["files"] * 2)
    assert problem(ready.seal_raw(twice)) == (422, "files-differ")
    twice = change(order, "manifest", "answers", to=order["manifest"]["answers"] * 2)
    assert problem(ready.seal_raw(twice)) == (409, "changed-meanwhile")


def test_equal_numbers_written_differently_are_the_same_value(ready: Round) -> None:
    order = change(ready.order(), "manifest", "answers", 0, "value", to=2.0)
    assert ready.seal_raw(order).status_code == 201
    (told,) = ready.stage.published(SubmissionSealed)
    assert told.answers[0].value == "2"


def test_a_name_that_was_saved_before_names_were_in_nfc_is_the_same_name(open_round: Round) -> None:
    open_round.answer_all(A, {"1": [exhibit(name="édisi.pdf")]})
    older = {"$set": {"evidence.0.name": unicodedata.normalize("NFD", "édisi.pdf")}}
    open_round.stage.db["answers"].update_one({"_id": f"{A}.1"}, older)
    open_round.seal()
    submission = open_round.stage.db["submissions"].find_one({})
    assert submission is not None
    assert [file["name"] for file in submission["files"]] == ["édisi.pdf"]


def test_what_was_changed_meanwhile_is_named(ready: Round) -> None:
    order = ready.order()
    ready.put("clerk-a", f"/self-assessments/{A}/answers/2", answer(3), 1)
    answered = ready.seal_raw(order)
    assert problem(answered) == (409, "changed-meanwhile")
    assert answered.json is not None
    assert answered.json["differing"] == ["2"]


@pytest.mark.parametrize(
    "change_of_words",
    [
        {"facts": "Peraturan 9/2024, pasal 1"},
        {"analysis": "Sebagian"},
        {"evidence": [exhibit(name="nama-lain.pdf")]},
    ],
)
def test_words_that_the_sealer_did_not_see_are_not_sealed(open_round: Round, change_of_words: Json) -> None:
    open_round.answer_all(A, {"1": [exhibit()]})
    order, before = open_round.order(), open_round.stage.state()
    seen = answer(evidence=[exhibit()])
    open_round.put("clerk-a", f"/self-assessments/{A}/answers/1", seen | change_of_words, 1)
    answered = open_round.seal_raw(order)
    assert problem(answered) == (409, "changed-meanwhile")
    assert answered.json is not None
    assert answered.json["differing"] == ["1"]
    assert "submissions" not in before.keys() | open_round.stage.state().keys()
    assert open_round.seal()["submission"]


def test_each_answer_of_a_manifest_says_which_version_was_seen(ready: Round) -> None:
    order = ready.order()
    del order["manifest"]["answers"][1]["rev"]
    answered = ready.seal_raw(order)
    assert problem(answered)[0] == 422
    assert "rev" in json.dumps(answered.json)


def test_missing_answers_are_listed(open_round: Round) -> None:
    open_round.put("clerk-a", f"/self-assessments/{A}/answers/2", answer(), 0)
    answered = open_round.seal_raw(open_round.order())
    assert problem(answered) == (422, "answers-missing")
    assert answered.json is not None
    assert answered.json["missing"] == ["1", "3", "4-1"]


def test_a_seal_needs_a_usable_key(ready: Round) -> None:
    order, before = ready.order(), ready.stage.state()
    for headers, refusal in (
        ({}, (428, "idempotency-key-needed")),
        ({"Idempotency-Key": "two words"}, (400, "bad-idempotency-key")),
    ):
        answered = ready.as_("officer-a").post(SEAL, json=order, headers=headers)
        assert problem(answered) == refusal
    assert ready.stage.state() == before


STRANGERS: list[tuple[str | None, tuple[int, str]]] = [
    ("clerk-a", (403, "role-needed")),
    ("member-a", (403, "role-needed")),
    ("clerk-a-officer-b", (403, "sealer-needed")),
    ("officer-b", (404, "not-found")),
    ("minister", (403, "role-needed")),
    ("robot", (403, "role-needed")),
    ("stranger", (403, "role-needed")),
    (None, (401, "unauthenticated")),
]


def test_nobody_else_may_seal(ready: Round) -> None:
    both = [("clerk", "kota-a"), ("officer", "kota-b")]
    grants = [{"role": role, "agency": agency, "since": LONG_AGO, "until": None} for role, agency in both]
    doc = person_doc("p-both", ready.stage.settings.oidc_issuer, "clerk-a-officer-b", grants)
    ready.stage.db["people"].insert_one({**doc, "sequence": 0, "rev": 1})
    order, before = ready.order(), ready.stage.state()
    for who, refusal in STRANGERS:
        answered = ready.as_(who).post(SEAL, json=order, headers={"Idempotency-Key": "k"})
        assert problem(answered) == refusal, who
    assert ready.stage.state() == before


def test_another_agencys_seal_is_answered_as_if_nothing_were_there(ready: Round) -> None:
    order, officer = ready.order(), ready.as_("officer-b")
    details = [
        (
            officer.post(
                f"{ROOT}/self-assessments/{id}/seal", json=order, headers={"Idempotency-Key": "k"}
            ).json
            or {}
        )
        for id in (A, "2026.nowhere")
    ]
    assert details[0]["detail"] == details[1]["detail"]
    assert details[0].keys() == details[1].keys()


def seal_at(ready: Round, moment: datetime, key: str = "k") -> Json:
    """Seal as if the request had arrived at that moment."""
    order = SealInput().load(ready.order())
    signing = KeyRing.load(ready.stage.settings.keys, "intake").signing("receipts", moment)
    officer = ready.stage.person("officer-a", "officer", "kota-a")
    body = ready.stage.run(commands.seal, A, order, signing, key, at=moment, caller=officer)
    return dict(json.loads(body))


def test_the_very_second_of_the_deadline_is_in_time(ready: Round) -> None:
    with pytest.raises(Conflict) as refused:
        seal_at(ready, DEADLINE + timedelta(seconds=1))
    assert refused.value.cause_code == "deadline-passed"
    sealed = seal_at(ready, DEADLINE + timedelta(milliseconds=999))
    assert sealed["receipt"]["at"] == "2100-01-01T00:00:00.999Z"


def test_the_answer_to_a_seal_can_be_had_again_after_the_deadline(ready: Round) -> None:
    first = seal_at(ready, DEADLINE)
    assert seal_at(ready, DEADLINE + timedelta(days=1)) == first


def test_a_seal_before_the_cycle_opens_is_refused(ready: Round) -> None:
    with pytest.raises(Conflict) as refused:
        seal_at(ready, OPENS - timedelta(milliseconds=1))
    assert refused.value.cause_code == "not-open-yet"


def test_an_extension_moves_the_deadline_of_one_agency(ready: Round) -> None:
    later = DEADLINE + timedelta(days=2)
    body = {"deadline": later.isoformat(), "reason": "Gempa bumi"}
    ready.post("minister", f"/participations/{A}/extension", body)
    with pytest.raises(Conflict):
        seal_at(ready, later + timedelta(seconds=1))
    assert seal_at(ready, later)["receipt"]["at"] == "2100-01-03T00:00:00.000Z"
    assert ready.get("minister", f"/participations/{B}")["deadline"] == "2100-01-01T00:00:00.000Z"


def verifier(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the offline checker as anybody would."""
    command = [sys.executable, str(VERIFIER), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_offline_checker_accepts_receipt_and_proofs_and_sees_a_change(
    ready: Round, tmp_path: Path
) -> None:
    sealed = ready.seal()
    keys = ready.stage.settings.keys / "keys.json"
    receipt, proof, file = tmp_path / "receipt.json", tmp_path / "proof.json", tmp_path / "peraturan.pdf"
    receipt.write_text(json.dumps(sealed["receipt"]))
    assert verifier("receipt", receipt, "--keys", keys).returncode == 0
    path = sealed["proofs_url"].removeprefix(ROOT)
    shown = ready.get("officer-a", f"{path}?answer=3")
    assert shown["explanation"]["facts"] == "Peraturan 1/2020, pasal 3"
    verify_proof(shown, sealed["receipt"])
    proof.write_text(json.dumps(shown))
    assert verifier("inclusion", receipt, proof, "--keys", keys).returncode == 0
    file.write_bytes(FILE)
    proof.write_text(json.dumps(ready.get("officer-a", f"{path}?file={digest(FILE)}")))
    good_file = verifier("inclusion", receipt, proof, "--keys", keys, "--file", file)
    assert good_file.returncode == 0, good_file.stderr
    file.write_bytes(FILE + b"x")
    assert verifier("inclusion", receipt, proof, "--keys", keys, "--file", file).returncode == 1
    receipt.write_text(json.dumps(sealed["receipt"] | {"agency": "kota-b"}))
    assert verifier("receipt", receipt, "--keys", keys).returncode == 1
