"""A sealed submission: seen by its agency and the ministry, proven part by part, never changed."""

import pytest

from tests.intake.files import digest
from tests.intake.rounds import CODES, CONSENT, FILE, MINUTES, A, Json, Round, answer, exhibit, good, problem
from tests.intake.tus import ROOT


@pytest.fixture
def sealed(open_round: Round) -> tuple[Round, Json]:
    """A sealed submission with one file that has not come yet."""
    open_round.answer_all(A, {"2": [exhibit()]})
    return open_round, open_round.seal()


@pytest.mark.parametrize("who", ["member-a", "minister"])
def test_a_submission_shows_what_was_sealed(sealed: tuple[Round, Json], who: str) -> None:
    play, said = sealed
    shown = play.get(who, f"/submissions/{said['submission']}")
    assert (shown["state"], shown["agency"], shown["version"], shown["missing"]) == (
        "sealed",
        "kota-a",
        1,
        [],
    )
    assert [answer["indicator"] for answer in shown["answers"]] == list(CODES)
    assert shown["answers"][0]["facts"] == answer()["facts"]
    assert shown["files"] == [exhibit()]
    assert (shown["minutes"], shown["consent"]) == (MINUTES | {"paragraphs": None}, CONSENT)
    assert play.get(who, f"/participations/{A}")["submission"] == said["submission"]


def test_proofs_are_given_for_answers_and_files_that_were_sealed(sealed: tuple[Round, Json]) -> None:
    play, said = sealed
    path = f"/submissions/{said['submission']}/proof"
    indices = [play.get("minister", f"{path}?answer={code}")["index"] for code in CODES]
    assert indices == [0, 1, 2, 3]
    shown = play.get("minister", f"{path}?file={digest(FILE)}")
    assert (shown["index"], shown["leaf"]["name"], "explanation" in shown) == (4, "peraturan.pdf", False)
    for query, refusal in (
        ("?answer=99", (404, "not-found")),
        (f"?file={'0' * 64}", (404, "not-found")),
        ("", (422, "invalid")),
        (f"?answer=1&file={'0' * 64}", (422, "invalid")),
        ("?file=xyz", (422, "invalid")),
    ):
        assert problem(play.as_("minister").get(f"{ROOT}{path}{query}")) == refusal, query


def test_another_agencys_submission_is_not_there(sealed: tuple[Round, Json]) -> None:
    play, said = sealed
    for rest in ("", "/receipt", "/proof?answer=1"):
        answers = [
            play.as_("officer-b").get(f"{ROOT}/submissions/{id}{rest}")
            for id in (said["submission"], "0" * 32)
        ]
        assert [problem(response) for response in answers] == [(404, "not-found")] * 2
        assert len({(response.json or {})["detail"] for response in answers}) == 1


def test_what_the_agency_may_not_change_any_more_stays(sealed: tuple[Round, Json]) -> None:
    play, said = sealed
    before = good(play.as_("minister").get(f"{ROOT}/submissions/{said['submission']}"))
    assert problem(play.put_raw("clerk-a", f"/self-assessments/{A}/answers/1", answer(3), 1))[0] == 409
    assert play.get("minister", f"/submissions/{said['submission']}") == before
