"""How the ministry sees its cycles and editions: numbers that add up, and only what there is."""

from datetime import timedelta
from typing import Any

import pytest

from services.intake.domain import Participation
from services.intake.domain.counts import Tally, counts_of
from services.intake.domain.participations import Published
from shared.core.ids import utcnow
from tests.intake.forms import PAGE, Forms
from tests.intake.rounds import A, B, Round, cycle, problem
from tests.intake.tus import ROOT
from tests.support.stage import LONG_AGO

DONE = {"submission": "s", "completed_at": LONG_AGO}
RESULT = Published("2.50", "Cukup", 1, LONG_AGO, 1)
PARTS: list[dict[str, Any]] = [
    {},
    {"submission": "s"},
    DONE,
    {**DONE, "result": RESULT},
    {"result": RESULT},
    {"completed_at": LONG_AGO},
]


@pytest.mark.parametrize("parts", PARTS)
def test_what_is_counted_is_what_a_participation_says_of_itself(parts: dict[str, Any]) -> None:
    one = Participation(A, "2026", "kota-a", "monitoring", visit=False, **parts)
    tally = Tally(3, "monitoring", bool(one.submission), bool(one.completed_at), bool(one.result), over=True)
    counts = counts_of([tally])
    assert {state: count for state, count in counts.states.items() if count} == {one.state: 3}
    assert (counts.late, counts.all) == (3 if one.state == "answering" else 0, 3)


def test_the_numbers_of_a_cycle(open_round: Round) -> None:
    def counts() -> Any:
        return open_round.get("minister", "/cycles/2026/counts")

    states = {"answering": 2, "late": 0, "sealed": 0, "completed": 0, "published": 0}
    assert counts() == {**states, "activities": {"monitoring": 2}}
    open_round.answer_all(A)
    open_round.seal(A)
    over = {"$set": {"deadline": utcnow() - timedelta(minutes=1)}}
    open_round.stage.db["participations"].update_many({}, over)
    states |= {"answering": 1, "late": 1, "completed": 1}
    assert counts() == {**states, "activities": {"monitoring": 2}}
    assert problem(open_round.as_("minister").get(f"{ROOT}/cycles/1999/counts")) == (404, "not-found")
    assert problem(open_round.as_("clerk-a").get(f"{ROOT}/cycles/2026/counts")) == (403, "role-needed")


def test_a_deadline_of_the_cycle_counts_where_an_agency_has_none_of_its_own(open_round: Round) -> None:
    before = {"$set": {"deadline": utcnow() - timedelta(minutes=1)}}
    open_round.stage.db["cycles"].update_one({"_id": "2026"}, before)
    later = {"$set": {"deadline": utcnow() + timedelta(minutes=1)}}
    open_round.stage.db["participations"].update_one({"_id": B}, later)
    assert open_round.get("minister", "/cycles/2026/counts")["late"] == 1


def page(round: Round, path: str, who: str = "minister", status: int = 200) -> str:
    answer = round.as_(who).get(path, headers=PAGE)
    assert answer.status_code == status, answer.text
    return answer.text


def test_the_pages_say_what_there_is(play: Round) -> None:
    assert "Belum ada siklus" in page(play, "/intake/cycles")
    assert "Belum ada edisi" in page(play, "/intake/editions")
    play.open()
    play.put("minister", "/cycles/2027", cycle(title="Putaran <2027>"), status=201)
    cycles = page(play, "/intake/cycles")
    assert 'href="/intake/cycles/2026"' in cycles
    assert "Putaran &lt;2027&gt;" in cycles
    assert "Ke awal" in page(play, "/intake/cycles?after=2026")
    assert "Putaran 2026" in page(play, "/intake/cycles/2026")
    assert 'href="/intake/editions/small-1"' in page(play, "/intake/editions")
    edition = page(play, "/intake/editions/small-1")
    assert 'href="/intake/cycles/2027"' in edition
    assert play.get("minister", "/editions/small-1")["edition"]["hash"] in edition
    page(play, "/intake/cycles/1999", status=404)
    page(play, "/intake/editions/none", status=404)
    page(play, "/intake/cycles", who="clerk-a", status=403)


def test_a_planned_cycle_is_opened_on_its_page_once(play: Round) -> None:
    play.load_edition()
    play.put("minister", "/cycles/2026", cycle(), status=201)
    officer = Forms(play, "minister")
    assert "Buka siklus ini" in page(play, "/intake/cycles/2026")
    for _ in range(2):
        done = officer.client.post(
            "/intake/cycles/2026/open", data={"csrf_token": officer.csrf}, headers=PAGE
        )
        assert (done.status_code, done.location) == (303, "/intake/cycles/2026")
    assert "Buka siklus ini" not in page(play, "/intake/cycles/2026")
    assert play.stage.audited("cycle:2026") == ["cycle.set", "cycle.opened"]
