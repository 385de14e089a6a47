"""Last cycle's answer beside this one's."""

from datetime import timedelta
from typing import Any

import pytest

from services.intake.domain.earlier import codes_then
from tests.instrument.builders import small
from tests.intake.rounds import OPENS, A, Round, answer, cycle, exhibit


def next_cycle(play: Round, **changes: Any) -> str:
    opens = (OPENS + timedelta(days=365)).isoformat()
    play.put("minister", "/cycles/2027", cycle(opens=opens, **changes), status=201)
    play.post("minister", "/cycles/2027/open")
    taking = {"activity": "monitoring", "visit": False}
    return str(play.put("minister", "/participations/2027.kota-a", taking, status=201)["id"])


def earlier(play: Round, id: str, code: str = "1", who: str = "clerk-a") -> Any:
    return play.get(who, f"/self-assessments/{id}/answers/{code}/earlier")["earlier"]


def test_what_was_sealed_last_is_shown_beside_what_is_answered_now(open_round: Round) -> None:
    open_round.answer_all(A, {"1": [exhibit()]})
    id = next_cycle(open_round)
    assert earlier(open_round, id) is None
    sealed = open_round.seal()
    open_round.put("clerk-a", f"/self-assessments/{id}/answers/1", answer(3, facts="Tahun ini"), 0)
    found = earlier(open_round, id)
    assert (found["cycle"], found["edition"], found["submission"]) == (
        "2026",
        "small-1",
        sealed["submission"],
    )
    assert (found["index"], found["final_value"]) == (None, None)
    assert found["answers"] == [
        {
            "indicator": "1",
            "value": "2",
            "facts": "Peraturan 1/2020, pasal 3",
            "analysis": "Sesuai",
            "subject": None,
            "evidence": [{"sha256": exhibit()["sha256"], "name": "peraturan.pdf"}],
        }
    ]
    assert earlier(open_round, A) is None
    assert earlier(open_round, id, "99")["answers"] == []


def test_codes_are_compared_by_edition_or_crosswalk_only() -> None:
    edition = small()
    assert codes_then(edition, "1", "small-1") == ("1",)
    assert codes_then(edition, "1", "small-0") == ("7",)
    assert codes_then(edition, "2", "small-0") == ()
    assert codes_then(edition, "1", "other") == ()


@pytest.mark.parametrize("who", ["clerk-b", "coordinator-b"])
def test_another_agencys_earlier_answers_are_not_there(open_round: Round, who: str) -> None:
    answered = open_round.as_(who).get(f"/intake/api/v1/self-assessments/{A}/answers/1/earlier")
    assert answered.status_code == 404
