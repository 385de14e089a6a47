"""More time for several agencies at once: all or none; and participations found by state and words."""

from datetime import timedelta
from typing import Any

from shared.core.ids import utcnow
from shared.events.intake import ParticipationSet
from tests.intake.forms import PAGE, Forms
from tests.intake.rounds import A, B, Round, good, problem
from tests.intake.tus import ROOT

URL = f"{ROOT}/participations/extensions"
LATER = "2100-02-01T00:00:00.000Z"
PLACE = "/intake/cycles/2026/extension"


def order(*ids: str, **changes: Any) -> dict[str, Any]:
    return {"participations": ids, "deadline": LATER, "reason": "Gempa bumi", **changes}


def found(round: Round, query: str) -> list[str]:
    return [one["agency"] for one in round.get("minister", f"/participations?{query}")["items"]]


def test_several_are_extended_together_and_it_is_told(open_round: Round) -> None:
    before = len(open_round.stage.published(ParticipationSet))
    assert good(open_round.as_("minister").post(URL, json=order(A, B, A))) == {"extended": 2}
    assert [open_round.get("minister", f"/participations/{id}")["deadline"] for id in (A, B)] == [LATER] * 2
    assert len(open_round.stage.published(ParticipationSet)) == before + 2
    (told,) = open_round.get("clerk-a", f"/participations/{A}/extensions")["extended"]
    assert (told["by"], told["deadline"], told["reason"]) == ("p-minister", LATER, "Gempa bumi")
    assert problem(open_round.as_("clerk-a").get(f"{ROOT}/participations/{B}/extensions"))[0] in (403, 404)


def test_one_that_cannot_be_extended_keeps_all_back(open_round: Round) -> None:
    minister = open_round.as_("minister")
    good(minister.post(URL, json=order(A)))
    before = open_round.stage.state()
    refused = minister.post(URL, json=order(A, B))
    assert problem(refused) == (422, "bad-extensions")
    assert refused.json is not None
    assert refused.json["participations"] == [A]
    assert problem(minister.post(URL, json=order(B, "2026.kota-x"))) == (404, "not-found")
    for wrong in (order(), order("x"), order(B, reason=" "), order(B, deadline="2100-02-01")):
        assert problem(minister.post(URL, json=wrong)) == (422, "invalid")
    assert open_round.stage.state() == before


def test_who_sealed_gets_more_time_for_files(ready: Round) -> None:
    ready.seal(A)
    assert good(ready.as_("minister").post(URL, json=order(A, B))) == {"extended": 2}
    assert "submission.extended" in ready.stage.audited(
        f"submission:{ready.get('minister', f'/participations/{A}')['submission']}"
    )


def test_participations_are_found_by_state_and_words(open_round: Round) -> None:
    assert found(open_round, "state=answering") == ["kota-a", "kota-b"]
    assert (
        found(open_round, "q=KOTA-A")
        == found(open_round, "cycle=2026&q=kota-a&state=answering")
        == ["kota-a"]
    )
    assert found(open_round, "q=.*") == found(open_round, "state=late") == []
    open_round.answer_all(A)
    open_round.seal(A)
    over = utcnow() - timedelta(minutes=1)
    open_round.stage.db["cycles"].update_one({"_id": "2026"}, {"$set": {"deadline": over}})
    assert found(open_round, "state=late") == ["kota-b"]
    assert found(open_round, "state=completed") == ["kota-a"]
    assert found(open_round, "state=published") == found(open_round, "state=sealed") == []
    own = good(open_round.as_("clerk-b").get(f"{ROOT}/participations?q=kota"))["items"]
    assert [one["agency"] for one in own] == ["kota-b"]
    later = {"$set": {"deadline": utcnow() + timedelta(minutes=1)}}
    open_round.stage.db["participations"].update_one({"_id": B}, later)
    assert found(open_round, "state=late") == []


def test_the_page_extends_those_that_were_chosen(open_round: Round) -> None:
    officer = Forms(open_round, "minister")

    def click(**fields: Any) -> Any:
        data = {"csrf_token": officer.csrf, "agency": ["kota-a", "kota-b"], **fields}
        return officer.client.post(PLACE, data=data, headers=PAGE)

    def look(path: str) -> str:
        answer = officer.client.get(path, headers=PAGE)
        assert answer.status_code == 200
        return answer.text

    assert look(f"{PLACE}?agency=kota-a&agency=kota-b").count('type="hidden" name="agency"') == 2
    nobody = look(PLACE)
    assert ("Pilih paling sedikit satu" in nobody, 'id="deadline"' in nobody) == (True, False)
    wrong = click(deadline="kemarin")
    assert (wrong.status_code, wrong.text.count("govuk-error-message")) == (422, 2)
    assert click(agency=[], deadline="2100-02-01", reason="x").status_code == 422
    earlier = click(deadline="2026-01-01", reason="Gempa")
    assert (earlier.status_code, A in earlier.text) == (422, True)
    done = click(deadline="1 Februari 2100 07.00", reason="Gempa bumi")
    assert (done.status_code, done.location) == (303, "/intake/cycles/2026/participations?extended=2")
    assert "Tenggat 2 instansi diperpanjang" in look(done.location)
    assert open_round.get("minister", f"/participations/{B}")["deadline"] == LATER
    told = look(f"/intake/participations/{A}")
    assert "Gempa bumi" in told
    assert f'href="/intake/audit?subject=participation:{A}"' in told
    assert "kota-a" not in look("/intake/cycles/2026/participations?q=kota-b")
    assert "Tidak ada instansi" in look("/intake/cycles/2026/participations?state=published")
    assert "Ke awal" in look(f"/intake/cycles/2026/participations?after={A}&state=answering")
