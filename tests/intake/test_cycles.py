"""Cycles are planned, then opened; agencies take part in them."""

from datetime import timedelta
from typing import Any

from werkzeug.test import TestResponse

from shared.core.ids import utcnow
from shared.events.intake import CycleOpened, ParticipationSet
from shared.events.review import StageCompleted
from shared.events.scoring import ResultPublished
from tests.instrument.builders import changed
from tests.intake.rounds import (
    BYTES_UNTIL,
    DEADLINE,
    OPENS,
    A,
    B,
    Round,
    agency,
    cycle,
    good,
    problem,
)
from tests.intake.tus import ROOT
from tests.support.questions import PAGE

LATER = {"deadline": "2100-02-01T00:00:00Z", "reason": "Gempa bumi"}


def taking(**changes: Any) -> dict[str, Any]:
    return {"activity": "monitoring", "visit": False, **changes}


# cycles


def test_a_cycle_is_planned_changed_and_opened_once(play: Round) -> None:
    play.load_edition()
    planned = play.put("minister", "/cycles/2026", cycle(), status=201)
    assert (planned["state"], planned["evidence"]["types"]) == ("planned", ["image", "pdf"])
    assert (planned["clarification_days"], planned["shows_words"]) == (7, True)
    play.put("minister", "/cycles/2026", cycle(title="Baru", clarification_days=3, shows_words=False), 1)
    opened = play.post("minister", "/cycles/2026/open")
    assert opened["state"] == "open"
    assert play.post("minister", "/cycles/2026/open") == opened
    assert play.stage.published(CycleOpened) == [
        CycleOpened(
            cycle="2026",
            title="Baru",
            edition="small-1",
            opens=OPENS,
            deadline=DEADLINE,
            bytes_until=BYTES_UNTIL,
            clarification_days=3,
            shows_words=False,
        )
    ]
    assert play.stage.audited("cycle:2026") == ["cycle.set", "cycle.set", "cycle.opened"]
    assert play.get("stranger", "/cycles/2026") == opened
    assert play.get("stranger", "/cycles")["items"] == [opened]


def test_a_participation_is_sent_again_when_only_its_cycle_changed(play: Round) -> None:
    play.load_edition()
    play.put("minister", "/cycles/2026", cycle(), status=201)
    play.put("minister", "/agencies/kota-a", agency(), status=201)
    play.put("minister", f"/participations/{A}", taking(), status=201)
    minister, where = play.as_("minister"), f"{ROOT}/participations/{A}"
    known = minister.get(where).headers["ETag"]
    assert minister.get(where, headers={"If-None-Match": known}).status_code == 304
    later = BYTES_UNTIL + timedelta(days=1)
    play.put("minister", "/cycles/2026", cycle(bytes_until=later.isoformat()), 1)
    answer = minister.get(where, headers={"If-None-Match": known})
    assert good(answer)["rev"] == 1
    changed = minister.put(where, json=taking(activity="evaluation"), headers={"If-Match": known})
    assert good(changed)["rev"] == 2


def test_an_open_cycle_does_not_change(open_round: Round) -> None:
    before = open_round.stage.state()
    rev = open_round.get("minister", "/cycles/2026")["rev"]
    refused = open_round.put_raw("minister", "/cycles/2026", cycle(title="Baru"), rev)
    assert problem(refused) == (409, "cycle-open")
    assert good(open_round.put_raw("minister", "/cycles/2026", cycle()), 201 if rev == 1 else 200)
    assert open_round.stage.state() == before


def test_a_cycle_needs_a_published_edition(play: Round) -> None:
    assert problem(play.put_raw("minister", "/cycles/2026", cycle())) == (422, "unknown-edition")
    play.post("minister", "/editions", {"yaml": changed()}, 201)
    assert problem(play.put_raw("minister", "/cycles/2026", cycle())) == (409, "edition-not-published")


def test_a_cycle_that_does_not_fit_is_refused(play: Round) -> None:
    play.load_edition()
    before = play.stage.state()
    rules = cycle()["evidence"]
    bad: list[tuple[dict[str, Any], str]] = [
        ({"opens": DEADLINE.isoformat()}, "bad-windows"),
        ({"bytes_until": OPENS.isoformat()}, "bad-windows"),
        ({"evidence": rules | {"quota_bytes": 1}}, "bad-sizes"),
        ({"evidence": rules | {"max_file_bytes": 0}}, "invalid"),
        ({"evidence": rules | {"types": ["exe"]}}, "invalid"),
        ({"evidence": rules | {"types": []}}, "invalid"),
        ({"deadline": "soon"}, "invalid"),
        ({"clarification_days": 0}, "invalid"),
        ({"clarification_days": 91}, "invalid"),
        ({"clarification_days": "7"}, "invalid"),
        ({"shows_words": "yes"}, "invalid"),
        ({"title": ""}, "invalid"),
    ]
    for change, code in bad:
        assert problem(play.put_raw("minister", "/cycles/2026", cycle(**change))) == (422, code), change
    assert problem(play.put_raw("minister", "/cycles/2026.1", cycle())) == (422, "bad-id")
    for refused in (
        play.as_("minister").post(f"{ROOT}/cycles/1999/open"),
        play.as_("minister").get(f"{ROOT}/cycles/1999"),
    ):
        assert problem(refused) == (404, "not-found")
    assert play.stage.state() == before


def test_the_edition_of_a_cycle_with_participants_stays(play: Round) -> None:
    play.load_edition()
    play.load_edition(changed(("id: small-1", "id: small-2")))
    play.put("minister", "/agencies/kota-a", agency(), status=201)
    play.put("minister", "/cycles/2026", cycle(), status=201)
    play.put("minister", f"/participations/{A}", taking(), status=201)
    other = play.put_raw("minister", "/cycles/2026", cycle(edition="small-2"), 1)
    assert problem(other) == (409, "cycle-in-use")
    assert play.put("minister", "/cycles/2026", cycle(title="Baru"), 1)["edition"] == "small-1"


# participations


def test_an_agency_takes_part_and_may_be_changed_until_its_seal(open_round: Round) -> None:
    changed = open_round.put("minister", f"/participations/{A}", taking(activity="evaluation", visit=True), 1)
    assert (changed["activity"], changed["visit"], changed["state"]) == ("evaluation", True, "answering")
    event = open_round.stage.published(ParticipationSet)[-1]
    assert event == ParticipationSet(
        participation=A, cycle="2026", agency="kota-a", activity="evaluation", visit=True, deadline=DEADLINE
    )
    open_round.answer_all(A)
    open_round.seal()
    sealed = open_round.get("officer-a", f"/participations/{A}")
    later = {"deadline": "2100-02-01T00:00:00Z"}
    for change in (taking(), taking(activity="evaluation", visit=True, **later)):
        back = open_round.put_raw("minister", f"/participations/{A}", change, sealed["rev"])
        assert problem(back) == (409, "already-sealed"), change


def visited(play: Round, visit: bool = True) -> TestResponse:
    """The ministry decides on the visit, seeing what is there now."""
    rev = play.get("minister", f"/participations/{A}")["rev"]
    body = taking(activity="evaluation", visit=visit)
    return play.put_raw("minister", f"/participations/{A}", body, rev)


def test_the_ministry_decides_on_the_visit_also_after_the_seal(open_round: Round) -> None:
    """The visit is decided when documents have been read, which is after the seal."""
    good(visited(open_round, False))
    open_round.answer_all(A)
    submission = open_round.seal()["submission"]
    assert good(visited(open_round))["visit"] is True
    assert open_round.stage.published(ParticipationSet)[-1].visit is True
    assert open_round.get("officer-a", f"/submissions/{submission}")["state"] == "completed"


def test_a_visit_whose_turn_has_come_is_decided(open_round: Round) -> None:
    good(visited(open_round, False))
    open_round.answer_all(A)
    open_round.seal()
    open_round.stage.consume("case:1", stage_over("self"))
    before = open_round.stage.state()
    assert problem(visited(open_round)) == (409, "visit-decided")
    assert open_round.stage.state() == before


def test_a_visit_is_decided_once_the_result_is_published(open_round: Round) -> None:
    good(visited(open_round, False))
    open_round.answer_all(A)
    open_round.seal()
    open_round.stage.consume("result:1", published())
    assert problem(visited(open_round)) == (409, "visit-decided")


def test_an_equal_put_of_a_participation_changes_nothing(open_round: Round) -> None:
    before = open_round.stage.state()
    assert open_round.put("minister", f"/participations/{A}", taking(), status=201)["rev"] == 1
    assert open_round.stage.state() == before


def test_an_own_deadline_stands_before_the_cycles_and_stays(open_round: Round) -> None:
    own = open_round.put("minister", f"/participations/{A}", taking(deadline="2099-06-01T00:00:00Z"), 1)
    assert own["deadline"] == "2099-06-01T00:00:00.000Z"
    after = open_round.put("minister", f"/participations/{A}", taking(activity="evaluation"), 2)
    assert after["deadline"] == "2099-06-01T00:00:00.000Z"
    assert open_round.get("officer-b", f"/participations/{B}")["deadline"] == "2100-01-01T00:00:00.000Z"


def test_a_participation_that_does_not_fit_is_refused(open_round: Round) -> None:
    over = agency(until="2005-01-01T00:00:00Z")
    open_round.put("minister", "/agencies/kota-old", over, status=201)
    before = open_round.stage.state()
    other = taking(activity="evaluation")
    assert problem(open_round.put_raw("minister", f"/participations/{A}", other, 7)) == (409, "stale")
    assert problem(open_round.put_raw("minister", f"/participations/{A}", other)) == (
        428,
        "precondition-needed",
    )
    bad: list[tuple[str, dict[str, Any], tuple[int, str]]] = [
        (A, {"activity": "audit"}, (422, "unknown-activity")),
        (A, {"visit": True}, (422, "no-visit")),
        (A, {"deadline": OPENS.isoformat()}, (422, "bad-windows")),
        (A, {"visit": "no"}, (422, "invalid")),
        (A, {"more": 1}, (422, "invalid")),
        ("2026.nowhere", {}, (404, "not-found")),
        ("1999.kota-a", {}, (404, "not-found")),
        ("2026.kota-old", {}, (422, "agency-over")),
        ("2026", {}, (422, "bad-id")),
    ]
    for id, change, refusal in bad:
        rev = 1 if id == A else None
        assert (
            problem(open_round.put_raw("minister", f"/participations/{id}", taking(**change), rev)) == refusal
        )
    assert open_round.stage.state() == before


def test_an_agency_sees_its_own_participation_and_no_other(open_round: Round) -> None:
    listed = open_round.get("member-a", "/participations")
    assert [item["id"] for item in listed["items"]] == [A]
    assert open_round.get("member-a", "/participations?agency=kota-b")["items"] == []
    everybody = open_round.get("minister", "/participations?cycle=2026&limit=1")
    rest = open_round.get("minister", f"/participations?cycle=2026&after={everybody['next']}")
    assert [item["id"] for item in everybody["items"] + rest["items"]] == [A, B]
    assert open_round.get("minister", "/participations?cycle=1999")["items"] == []
    others = open_round.as_("member-a").get(f"{ROOT}/participations/{B}")
    nothing = open_round.as_("member-a").get(f"{ROOT}/participations/2026.nowhere")
    assert problem(others) == problem(nothing) == (404, "not-found")
    assert (others.json or {})["detail"] == (nothing.json or {})["detail"]


# extensions


def test_an_extension_is_published_and_keeps_the_time_for_bytes_as_long(open_round: Round) -> None:
    longer = open_round.post("minister", f"/participations/{A}/extension", LATER)
    assert (longer["deadline"], longer["bytes_until"]) == (
        "2100-02-01T00:00:00.000Z",
        "2100-02-15T00:00:00.000Z",
    )
    assert open_round.stage.published(ParticipationSet)[-1].deadline.month == 2
    row = open_round.stage.db["audit"].find_one({"action": "participation.extended"})
    assert row is not None
    assert row["detail"]["reason"] == "Gempa bumi"


def test_a_deadline_behind_the_extended_end_for_bytes_takes_that_end_along(open_round: Round) -> None:
    open_round.put("minister", "/cycles/2027", cycle(), status=201)
    place = "/participations/2027.kota-a"
    open_round.put("minister", place, taking(), status=201)
    longer = LATER | {"bytes_until": "2100-02-10T00:00:00Z"}
    extended = open_round.post("minister", f"{place}/extension", longer)
    for deadline, until in (
        ("2100-02-10T00:00:00.000Z", "2100-02-10T00:00:00.000Z"),
        ("2100-06-01T00:00:00.000Z", "2100-06-15T00:00:00.000Z"),
    ):
        extended = open_round.put("minister", place, taking(deadline=deadline), extended["rev"])
        assert (extended["deadline"], extended["bytes_until"]) == (deadline, until)


def test_more_time_in_an_open_cycle_is_an_extension_which_has_a_reason(open_round: Round) -> None:
    open_round.put("minister", "/agencies/kota-c", agency("Kota C"), status=201)
    before = open_round.stage.state()
    later = taking(deadline="2100-01-01T00:00:01Z")
    refused = [
        open_round.put_raw("minister", f"/participations/{A}", later, 1),
        open_round.put_raw("minister", "/participations/2026.kota-c", later),
    ]
    assert [problem(each) for each in refused] == [(409, "extension-needed")] * 2
    assert open_round.stage.state() == before
    earlier = open_round.put("minister", f"/participations/{A}", taking(deadline="2099-06-01T00:00:00Z"), 1)
    back = taking(deadline=DEADLINE.isoformat())
    assert problem(open_round.put_raw("minister", f"/participations/{A}", back, earlier["rev"]))[0] == 409
    reasoned = {"deadline": DEADLINE.isoformat(), "reason": "Gempa bumi"}
    assert open_round.post("minister", f"/participations/{A}/extension", reasoned)["deadline"][:4] == "2100"


def test_an_extension_never_takes_time_away(open_round: Round) -> None:
    before = open_round.stage.state()
    bad: list[tuple[dict[str, Any], str]] = [
        ({"deadline": "2099-12-31T00:00:00Z"}, "bad-extension"),
        ({"deadline": DEADLINE.isoformat()}, "bad-extension"),
        ({"bytes_until": "2100-01-20T00:00:00Z"}, "bad-extension"),
        ({"bytes_until": "2100-01-02T00:00:00Z"}, "bad-extension"),
        ({"reason": ""}, "invalid"),
        ({"deadline": None}, "invalid"),
    ]
    for change, code in bad:
        refused = open_round.as_("minister").post(f"{ROOT}/participations/{A}/extension", json=LATER | change)
        assert problem(refused) == (422, code), change
    refused = open_round.as_("minister").post(f"{ROOT}/participations/2026.nowhere/extension", json=LATER)
    assert problem(refused) == (404, "not-found")
    assert open_round.stage.state() == before


# how far the case is


def stage_over(code: str = "document") -> StageCompleted:
    return StageCompleted(
        case="case",
        submission="s",
        participation=A,
        cycle="2026",
        agency="kota-a",
        edition="small-1",
        stage=code,
        completed_at=utcnow(),
        set_hash="0" * 64,
        ratings=(),
    )


def published(index: str = "2.95") -> ResultPublished:
    return ResultPublished(
        result="result",
        submission="s",
        participation=A,
        cycle="2026",
        agency="kota-a",
        edition="small-1",
        version=1,
        published_at=utcnow(),
        index=index,
        exact="59/20",
        predicate="Baik",
        nodes=(),
        receipt={},
    )


def test_an_agency_sees_how_far_its_case_is(open_round: Round) -> None:
    assert open_round.stage.consume("case:1", stage_over()) == "done"
    shown = open_round.get("member-a", f"/participations/{A}")
    assert (shown["stage"]["code"], shown["result"]) == ("document", None)
    assert open_round.stage.consume("result:1", published()) == "done"
    shown = open_round.get("member-a", f"/participations/{A}")
    assert (shown["state"], shown["result"]["index"], shown["result"]["predicate"]) == (
        "published",
        "2.95",
        "Baik",
    )
    assert good(open_round.as_("member-b").get(f"{ROOT}/participations/{B}"))["stage"] is None


def test_news_that_was_overtaken_changes_nothing(open_round: Round) -> None:
    early, late = (
        open_round.stage.envelope("case:1", stage_over(code)) for code in ("document", "interview")
    )
    assert open_round.stage.consume_all(late, early) == {late.id: "done", early.id: "superseded"}
    assert open_round.get("member-a", f"/participations/{A}")["stage"]["code"] == "interview"
    first, second = (open_round.stage.envelope("result:1", published(index)) for index in ("2.95", "3.00"))
    assert open_round.stage.consume_all(second, first) == {second.id: "done", first.id: "superseded"}
    assert open_round.get("member-a", f"/participations/{A}")["result"]["index"] == "3.00"


def test_news_of_a_participation_that_is_not_there_yet_waits(play: Round) -> None:
    event = play.stage.envelope("case:1", stage_over())
    assert play.stage.consume_all(event) == {event.id: "waiting"}
    play.open()
    assert play.stage.wake() == {event.id: "done"}


def test_its_home_leads_to_the_result_from_the_publication_on(open_round: Round) -> None:
    def home() -> str:
        text: str = open_round.as_("member-a").get(f"/intake/self-assessments/{A}", headers=PAGE).text
        return text

    open_round.answer_all()
    submission = open_round.seal()["submission"]
    assert "/scoring/own" not in home()
    assert open_round.stage.consume("result:1", published()) == "done"
    assert f'href="/scoring/own/{submission}"' in home()
