"""Checking a receipt on a page: what holds, what does not and why, in words."""

import json
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.scoring.app import service
from services.scoring.pages.checking import REASONS
from shared.signing import receipts
from shared.signing.keys import KeyRing
from tests.scoring.builders import OnStage, nation
from tests.support.questions import PAGE
from tests.support.stage import Stage

CHECK = "/scoring/check"
CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "not-a-receipt": lambda receipt: receipt | {"kind": []},
    "key-unknown": lambda receipt: receipt | {"kid": "scoring-receipts-000000000000"},
    "malformed": lambda receipt: receipt | {"at": None},
    "changed": lambda receipt: receipt | {"index": "4.95"},
    "key-of-another": lambda receipt: receipt | {"kind": "submission"},
    "key-not-in-force": lambda receipt: receipt | {"at": "2001-01-01T00:00:00.000Z"},
}


@pytest.fixture
def on(stage: OnStage) -> Stage:
    """A published result, and one that waits."""
    return nation(stage(service))


@pytest.fixture
def receipt(on: Stage) -> dict[str, Any]:
    """The receipt of what is published."""
    return dict(on.as_(None).get("/scoring/results/s1/receipt").json or {})


def check(on: Stage, **sent: Any) -> TestResponse:
    answer: TestResponse = on.as_(None).post(f"{CHECK}?lang=en", data=sent, headers=PAGE)
    return answer


def said_of(answer: TestResponse) -> str:
    """What a page says, without what its script might say of another receipt."""
    return re.sub(r"<template.*?</template>|data-said='[^']*'", "", answer.text, flags=re.DOTALL)


def test_a_genuine_receipt_holds_pasted_and_as_a_file(on: Stage, receipt: dict[str, Any]) -> None:
    text = json.dumps(receipt, indent=2)
    for sent in ({"receipt": text}, {"file": (BytesIO(b"\xef\xbb\xbf" + text.encode()), "a.json")}):
        answer = check(on, **sent)
        assert answer.status_code == 200
        for said in ("Genuine and unchanged", "a published result", "ekon", "2.95", "result:s1"):
            assert said in said_of(answer)


@pytest.mark.parametrize("reason", CHANGES)
def test_what_does_not_hold_is_said_with_its_reason(on: Stage, receipt: dict[str, Any], reason: str) -> None:
    answer = check(on, receipt=json.dumps(CHANGES[reason](receipt)))
    assert answer.status_code == 200
    with on.app.test_request_context(f"{CHECK}?lang=en"):
        assert str(REASONS[reason]) in said_of(answer)
    assert "Not valid" in said_of(answer)
    assert "Genuine" not in said_of(answer)


@pytest.mark.parametrize("text", ["", "praise", "{", '{"kind": "result", "kind": "result"}', "[" * 9000])
def test_what_cannot_be_read_is_said_so_and_stays_typed(on: Stage, text: str) -> None:
    answer = check(on, receipt=text)
    assert (answer.status_code, "Nothing was checked" in said_of(answer)) == (422, True)
    assert text.replace('"', "&#34;") in answer.text


@pytest.mark.parametrize("text", ["[]", "1", "null", "{}", '{"type": "nilai.receipt.v1", "kind": "result"}'])
def test_json_that_is_no_receipt_is_none(on: Stage, text: str) -> None:
    assert "Not valid" in said_of(check(on, receipt=text))


def test_a_receipt_says_nothing_but_what_stands_in_it(on: Stage) -> None:
    unpublished = on.db["scores"].find_one({"_id": "s2.final"})
    assert unpublished
    assert "a computed index" in said_of(check(on, receipt=json.dumps(unpublished["receipt"])))
    key = KeyRing.load(on.settings.keys, "scoring").signing("receipts", unpublished["computed_at"])
    edition = receipts.Edition("e", "h", "g")
    made = receipts.document(
        receipts.Title("score", "score:s2.final", unpublished["computed_at"]), [b"{}"], edition
    )
    assert "Lain" not in check(on, receipt=json.dumps(receipts.sign(made, key))).text
