"""An agency's people at one work: ticks, who is there, who did what last."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from services.intake.domain.acts import MOST_ACTS, TOGETHER, Act, repeated
from services.intake.domain.presence import LASTS
from services.intake.domain.registry import Grant, Person
from services.intake.domain.team import team_of
from shared.core.ids import utcnow
from tests.intake.files import digest
from tests.intake.forms import Forms
from tests.intake.rounds import FILE, SECOND, A, Round, answer, exhibit, good, problem
from tests.intake.tus import ROOT

HERE = f"{ROOT}/self-assessments/{A}"


def tick(play: Round, who: str, indicator: str = "1", **change: list[str]) -> Any:
    return play.as_(who).patch(f"{HERE}/ticks/{indicator}", json=change)


# ticks


def test_ticks_are_kept_for_the_agency_and_sealed_nowhere(open_round: Round) -> None:
    assert good(tick(open_round, "clerk-a", tick=["1.3.a", "1.1.a"]))["conditions"] == ["1.1.a", "1.3.a"]
    assert good(tick(open_round, "member-a", tick=["1.2.a"], untick=["1.3.a"])) == {
        "indicator": "1",
        "conditions": ["1.1.a", "1.2.a"],
    }
    shown = open_round.get("officer-a", f"/self-assessments/{A}")
    assert shown["ticks"] == {"1": ["1.1.a", "1.2.a"]}
    assert "ticks" not in open_round.get("minister", f"/self-assessments/{A}")
    open_round.answer_all(A)
    sealed = open_round.seal()
    submission = open_round.stage.db["submissions"].find_one({"_id": sealed["submission"]})
    said = open_round.stage.db["outbox"].find({"type": {"$regex": "^submission"}})
    told = [bytes(row["body"]) for row in said]
    assert told
    assert "1.1.a" not in f"{submission}{told}"
    assert problem(tick(open_round, "clerk-a", untick=["1.1.a"])) == (409, "already-sealed")


def test_ticks_that_two_set_at_once_are_both_there(open_round: Round) -> None:
    def set_one(pair: tuple[str, str]) -> None:
        good(tick(open_round, pair[0], tick=[pair[1]]))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(set_one, [("clerk-a", "1.1.a"), ("officer-a", "1.2.a"), ("member-a", "1.3.a")]))
    assert open_round.get("clerk-a", f"/self-assessments/{A}")["ticks"] == {"1": ["1.1.a", "1.2.a", "1.3.a"]}


def test_the_same_tick_again_changes_nothing(open_round: Round) -> None:
    good(tick(open_round, "clerk-a", tick=["1.1.a"]))
    before = open_round.stage.state()
    good(tick(open_round, "clerk-a", tick=["1.1.a"], untick=["1.2.a"]))
    assert open_round.stage.state() == before
    good(tick(open_round, "clerk-a", untick=["1.1.a"]))
    assert open_round.get("clerk-a", f"/self-assessments/{A}")["ticks"] == {}


@pytest.mark.parametrize(
    ("indicator", "change", "code"),
    [
        ("1", {"tick": ["2.2.a"]}, "unknown-condition"),
        ("99", {"tick": ["2.2.a"]}, "unknown-indicator"),
        ("1", {"tick": ["1.1.a"], "untick": ["1.1.a"]}, "unclear-tick"),
        ("1", {"tick": ["x"] * 201}, "invalid"),
    ],
)
def test_a_tick_that_cannot_be_is_refused(
    open_round: Round, indicator: str, change: dict[str, list[str]], code: str
) -> None:
    before = open_round.stage.state()
    assert problem(tick(open_round, "clerk-a", indicator, **change)) == (422, code)
    assert open_round.stage.state() == before


# who is there


def be(play: Round, who: str, indicator: str | None = None) -> Any:
    return play.as_(who).put(f"{HERE}/presence", json={"indicator": indicator})


def test_who_else_is_there_is_shown_with_where(open_round: Round) -> None:
    assert good(be(open_round, "clerk-a", "1")) == {"others": []}
    (other,) = good(be(open_round, "officer-a", "2"))["others"]
    assert (other["person"], other["name"], other["indicator"]) == ("p-clerk-a", "p-clerk-a", "1")
    good(be(open_round, "clerk-a"))
    (other,) = open_round.get("officer-a", f"/self-assessments/{A}/presence")["others"]
    assert (other["person"], other["indicator"]) == ("p-clerk-a", None)
    assert open_round.get("officer-b", "/self-assessments/2026.kota-b/presence") == {"others": []}


def test_who_says_nothing_for_a_while_is_not_there_any_more(open_round: Round) -> None:
    good(be(open_round, "clerk-a"))
    before = {"at": utcnow() - LASTS - timedelta(seconds=1)}
    open_round.stage.db["presences"].update_many({}, {"$set": before})
    assert good(be(open_round, "officer-a")) == {"others": []}
    ttl = [index.get("expireAfterSeconds") for index in open_round.stage.db["presences"].list_indexes()]
    assert LASTS.total_seconds() in ttl


def test_being_there_is_no_deed_and_only_for_the_agencys_own(open_round: Round) -> None:
    before = open_round.stage.state()
    assert problem(be(open_round, "clerk-b")) == (404, "not-found")
    assert problem(be(open_round, "clerk-a", "99")) == (422, "unknown-indicator")
    assert open_round.stage.state() == before
    good(be(open_round, "clerk-a"))
    after = open_round.stage.state()
    after.pop("presences", None)
    assert after == before


# who did what last


def acts(play: Round, who: str = "clerk-a") -> Any:
    return play.get(who, f"/self-assessments/{A}/acts")


def test_what_was_done_last_is_shown_with_who_did_it(open_round: Round) -> None:
    assert acts(open_round) == {"acts": [], "mine": []}
    open_round.put("officer-a", f"/self-assessments/{A}/answers/2", answer(1), 0)
    open_round.upload(FILE)
    open_round.upload(SECOND, "laporan.pdf")
    open_round.as_("member-a").delete(f"{ROOT}/evidence/{A}/{digest(SECOND)}")
    open_round.put("clerk-a", f"/self-assessments/{A}/answers/1", answer(1, evidence=[exhibit()]), 0)
    found = [(act["what"], act["person"], act["indicator"], act["file"]) for act in acts(open_round)["acts"]]
    assert found == [
        ("answer-saved", "p-clerk-a", "1", None),
        ("file-unlinked", "p-member-a", None, None),
        ("file-uploaded", "p-clerk-a", None, "laporan.pdf"),
        ("file-uploaded", "p-clerk-a", None, "peraturan.pdf"),
        ("answer-saved", "p-officer-a", "2", None),
    ]
    assert acts(open_round)["acts"][0]["rev"] == 1


def test_mine_are_the_indicators_that_i_edited_the_last_one_first(open_round: Round) -> None:
    for code in ("1", "2", "3"):
        open_round.put("clerk-a", f"/self-assessments/{A}/answers/{code}", answer(1), 0)
    open_round.put("clerk-a", f"/self-assessments/{A}/answers/1", answer(2), 1)
    open_round.put("officer-a", f"/self-assessments/{A}/answers/2", answer(2), 1)
    assert [one["indicator"] for one in acts(open_round)["mine"]] == ["1", "3", "2"]
    assert [one["indicator"] for one in acts(open_round, "officer-a")["mine"]] == ["2"]
    assert acts(open_round, "member-a")["mine"] == []


def test_no_more_acts_are_shown_than_one_looks_at(open_round: Round) -> None:
    for rev in range(MOST_ACTS + 3):
        open_round.put("clerk-a", f"/self-assessments/{A}/answers/1", answer(1, facts=str(rev)), rev)
    found = acts(open_round)["acts"]
    assert [act["rev"] for act in found] == list(range(MOST_ACTS + 3, 3, -1))


def test_the_same_act_again_is_one_with_how_often_and_when_last() -> None:
    now = utcnow()

    def act(minutes: float, person: str = "sari", what: str = "answer-saved", code: str | None = "17") -> Act:
        return Act(now - timedelta(minutes=minutes), person, what, code)

    apart = TOGETHER.total_seconds() / 60
    found = repeated(
        [
            act(0),
            act(1, "budi"),
            act(2),
            act(3, code="18"),
            act(4, what="commented"),
            act(5, what="file-uploaded", code=None),
            act(6, what="file-uploaded", code=None),
            act(apart),
            act(apart + 1),
            act(apart + 2),
        ]
    )
    assert [
        (each.act.at, each.act.person, each.act.what, each.act.indicator, each.times) for each in found
    ] == [
        (now, "sari", "answer-saved", "17", 3),
        (act(1).at, "budi", "answer-saved", "17", 1),
        (act(3).at, "sari", "answer-saved", "18", 1),
        (act(4).at, "sari", "commented", "17", 1),
        (act(5).at, "sari", "file-uploaded", None, 2),
        (act(apart + 1).at, "sari", "answer-saved", "17", 2),
    ]


def test_the_home_of_an_agency_shows_repeated_acts_once(open_round: Round) -> None:
    for rev in range(3):
        open_round.put("clerk-a", f"/self-assessments/{A}/answers/1", answer(1, facts=str(rev)), rev)
    for data, name in ((FILE, "peraturan.pdf"), (SECOND, "laporan.pdf")):
        open_round.upload(data, name)
    page = Forms(open_round, "member-a").get("").text
    assert page.count("p-clerk-a mengubah indikator") == 1
    assert "3 kali, terakhir" in page
    assert "p-clerk-a mengirim 2 berkas, terakhir laporan.pdf" in page


# the team


def test_the_team_is_who_holds_a_role_now_by_role_and_name() -> None:
    now = utcnow()
    long, soon = now - timedelta(days=9), now + timedelta(days=1)

    def person(id: str, *roles: str, name: str = "", agency: str = "kota", **times: Any) -> Person:
        since = {"since": long, **times}
        return Person(id, "i", id, tuple(Grant(role, agency, **since) for role in roles), name=name)

    people = [
        person("p-1", "clerk", name="ani"),
        person("p-2", "member", "coordinator", name="Budi"),
        person("p-3", "clerk", name="Aan"),
        person("p-4", "clerk", agency="lain"),
        person("p-5", "clerk", until=now),
        person("p-6", "clerk", since=soon),
        person("p-7", "officer", until=soon),
    ]
    assert [(one.person, one.name, one.roles) for one in team_of(people, "kota", now)] == [
        ("p-2", "Budi", ("coordinator", "member")),
        ("p-7", "p-7", ("officer",)),
        ("p-3", "Aan", ("clerk",)),
        ("p-1", "ani", ("clerk",)),
    ]


def test_the_team_is_seen_by_itself_alone(open_round: Round) -> None:
    team = good(open_round.as_("member-a").get(f"{HERE}/team"))["team"]
    roles = [("p-coordinator-a", "coordinator"), ("p-officer-a", "officer"), ("p-clerk-a", "clerk")]
    assert [(one["person"], one["roles"]) for one in team] == [
        (person, [role]) for person, role in (*roles, ("p-member-a", "member"))
    ]
    assert problem(open_round.as_("clerk-b").get(f"{HERE}/team")) == (404, "not-found")
    assert open_round.as_("minister").get(f"{HERE}/team").status_code == 403
    assert "Undang seseorang" in Forms(open_round, "coordinator-a").get("").text
    assert "Undang seseorang" not in Forms(open_round, "clerk-a").get("").text
