"""Several answers in one request, field by field: nothing acknowledged is lost, and every conflict is told."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from werkzeug.test import TestResponse

from services.intake.domain import MOST_FILES
from services.intake.domain.answers import MOST_WRITTEN
from shared.core.patches import MOST_PATCHES
from tests.intake.rounds import A, Round, answer, exhibit, good, problem
from tests.intake.tus import ROOT
from tests.support.patches import Step, check_outcome, count_queries, steps

ANSWERS = f"/self-assessments/{A}/answers"
PEOPLE = ("clerk-a", "member-a", "officer-a")


def send(play: Round, *items: dict[str, Any], who: str = "clerk-a", id: str = A) -> TestResponse:
    answered: TestResponse = play.as_(who).patch(
        f"{ROOT}/self-assessments/{id}/answers", json={"answers": items}
    )
    return answered


def outcomes(play: Round, *items: dict[str, Any], who: str = "clerk-a") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = good(send(play, *items, who=who))["answers"]
    return found


def one(play: Round, who: str = "clerk-a", **item: Any) -> dict[str, Any]:
    (found,) = outcomes(play, {"indicator": "1", **item}, who=who)
    return found


def test_each_item_has_an_outcome_of_its_own_and_the_good_ones_are_kept(open_round: Round) -> None:
    open_round.put("officer-a", f"{ANSWERS}/2", answer(1, facts="Petugas"), 0)
    found = outcomes(
        open_round,
        {"indicator": "1", "rev": 0, "value": "2", "facts": "Baru"},
        {"indicator": "2", "rev": 0, "value": 1, "facts": "Operator"},
        {"indicator": "3", "rev": 0, "value": 9},
        {"indicator": "4-1", "rev": 0, "facts": "Tanpa nilai"},
        {"indicator": "99", "rev": 0, "value": 1},
        {"indicator": "98", "rev": 0, "value": 1, "facts": "x" * 20_001, "more": 1},
    )
    told = [(each["outcome"], each["rev"], (each["problem"] or {}).get("code")) for each in found]
    assert told == [
        ("saved", 1, None),
        ("stale", 1, None),
        ("invalid", 0, "value-not-allowed"),
        ("saved", 1, None),
        ("invalid", 0, "unknown-indicator"),
        ("invalid", 0, "invalid"),
    ]
    assert found[0]["stored"]["facts"] == "Baru"
    assert (found[1]["differing"], found[1]["stored"]["facts"]) == (["facts"], "Petugas")
    assert found[1]["yours"] == {"rev": 0, "value": 1, "facts": "Operator"}
    assert [error["pointer"] for error in found[2]["problem"]["errors"]] == ["/value"]
    assert {error["pointer"] for error in found[5]["problem"]["errors"]} == {"/facts", "/more"}
    shown = open_round.get("clerk-a", f"/self-assessments/{A}")["answers"]
    assert [(each["indicator"], each["facts"], each["value"]) for each in shown] == [
        ("1", "Baru", "2"),
        ("2", "Petugas", "1"),
        ("4-1", "Tanpa nilai", ""),
    ]
    assert open_round.stage.audited(f"answer:{A}.1") == ["answer.saved"]


def test_two_people_at_different_fields_of_one_answer_both_keep_their_text(open_round: Round) -> None:
    one(open_round, rev=0, value=1)
    assert one(open_round, rev=1, facts="Fakta")["merged"] is False
    merged = one(open_round, "officer-a", rev=1, analysis="Analisis", evidence=[exhibit()])
    assert (merged["outcome"], merged["merged"], merged["rev"]) == ("saved", True, 3)
    assert (merged["stored"]["facts"], merged["stored"]["analysis"]) == ("Fakta", "Analisis")
    kept = open_round.get("clerk-a", f"{ANSWERS}/1/versions")["items"]
    assert [(each["rev"], each["saved_by"]) for each in kept] == [
        (1, "p-clerk-a"),
        (2, "p-clerk-a"),
        (3, "p-officer-a"),
    ]


FIRST, SECOND, THIRD = (exhibit(name.encode(), f"{name}.pdf") for name in ("a", "b", "c"))
RENAMED = {**FIRST, "name": "baru.pdf"}


@pytest.mark.parametrize(
    ("then", "theirs", "mine", "kept"),
    [
        ([], [FIRST], [SECOND], [FIRST, SECOND]),
        ([FIRST], [FIRST, SECOND], [FIRST, THIRD], [FIRST, SECOND, THIRD]),
        ([FIRST], [FIRST, SECOND], [], [SECOND]),
        ([FIRST, SECOND], [SECOND], [FIRST, SECOND, THIRD], [SECOND, THIRD]),
        ([FIRST], [RENAMED], [FIRST, SECOND], [RENAMED, SECOND]),
        ([FIRST], [FIRST, SECOND], [RENAMED], [RENAMED, SECOND]),
        ([FIRST], [], [RENAMED], None),
        ([FIRST], [RENAMED], [], None),
        ([FIRST], [RENAMED], [{**FIRST, "name": "lain.pdf"}], None),
    ],
)
def test_two_people_who_name_and_remove_files_at_once_both_have_their_way(
    open_round: Round, then: list[Any], theirs: list[Any], mine: list[Any], kept: list[Any] | None
) -> None:
    one(open_round, rev=0, value=1, evidence=then)
    one(open_round, "officer-a", rev=1, evidence=theirs)
    found = one(open_round, rev=1, evidence=mine)
    assert found["outcome"] == ("stale" if kept is None else "saved")
    assert found["stored"]["evidence"] == (theirs if kept is None else kept)
    assert found["differing"] == (["evidence"] if kept is None else [])


def test_a_file_twice_is_refused_over_a_newer_version_too(open_round: Round) -> None:
    one(open_round, rev=0, value=1)
    one(open_round, "officer-a", rev=1, evidence=[FIRST])
    found = one(open_round, rev=1, evidence=[SECOND, SECOND])
    assert found["problem"]["code"] == "evidence-twice"
    assert found["stored"]["evidence"] == [FIRST]


def test_a_patch_that_is_sent_again_changes_nothing(open_round: Round) -> None:
    one(open_round, rev=0, value="2.0", facts="Fakta", subject="Layanan")
    before = open_round.stage.state()
    again = one(open_round, rev=0, value="2.0", facts="Fakta", subject="Layanan")
    assert (again["outcome"], again["rev"], again["merged"]) == ("unchanged", 1, False)
    assert one(open_round, rev=1)["outcome"] == "unchanged"
    assert open_round.stage.state() == before


def test_a_version_that_never_was_is_no_base_for_anything(open_round: Round) -> None:
    one(open_round, rev=0, value=1, facts="Fakta")
    found = one(open_round, rev=7, analysis="Analisis")
    assert (found["outcome"], found["differing"]) == ("stale", ["analysis"])
    (first,) = outcomes(open_round, {"indicator": "2", "rev": 3, "value": 1})
    assert (first["outcome"], first["stored"], first["rev"]) == ("stale", None, 0)


def test_the_limits_of_one_save_hold_for_each_item(open_round: Round) -> None:
    one(open_round, rev=0, value=1)
    open_round.put("clerk-a", f"{ANSWERS}/2", answer(), 0)
    named = [exhibit(str(n).encode(), "berkas.pdf") for n in range(MOST_FILES)]
    open_round.stage.db["answers"].update_one({"_id": f"{A}.2"}, {"$set": {"evidence": named}})
    assert one(open_round, rev=1, evidence=[exhibit()])["problem"]["code"] == "too-many-files"
    assert one(open_round, rev=1, evidence=named[:2])["outcome"] == "saved"
    assert one(open_round, rev=2, evidence=[named[0], named[0]])["problem"]["code"] == "evidence-twice"
    open_round.stage.db["answers"].update_one({"_id": f"{A}.1"}, {"$set": {"written": MOST_WRITTEN}})
    assert one(open_round, rev=2, facts="Lagi")["problem"]["code"] == "too-many-versions"


@pytest.mark.parametrize(
    ("items", "refusal"),
    [
        ([], (422, "invalid")),
        ([{"indicator": "1", "rev": 0}] * (MOST_PATCHES + 1), (422, "invalid")),
        ([{"indicator": "1", "rev": 0, "value": 1}] * 2, (422, "indicator-twice")),
        ([{"rev": 0, "value": 1}], (422, "invalid")),
        (["1"], (422, "invalid")),
    ],
)
def test_a_request_that_says_nothing_clear_is_refused_whole(
    open_round: Round, items: list[Any], refusal: tuple[int, str]
) -> None:
    before = open_round.stage.state()
    assert problem(send(open_round, *items)) == refusal
    assert open_round.stage.state() == before


def test_nothing_is_patched_after_the_seal_or_by_others(open_round: Round) -> None:
    open_round.answer_all(A)
    item = {"indicator": "1", "rev": 1, "facts": "Baru"}
    assert problem(send(open_round, item, who="clerk-b")) == (404, "not-found")
    open_round.seal()
    assert problem(send(open_round, item)) == (409, "already-sealed")


def test_everybody_at_once_at_fields_of_their_own_loses_nothing(open_round: Round) -> None:
    codes = ("1", "2", "3", "4-1")
    for item in outcomes(open_round, *({"indicator": code, "rev": 0, "value": 1} for code in codes)):
        assert item["outcome"] == "saved"

    def type_in(mine: tuple[str, str]) -> None:
        who, name = mine
        for turn in range(5):
            items = [{"indicator": code, "rev": revs[who][code], name: f"{name} {turn}"} for code in codes]
            for found in outcomes(open_round, *items, who=who):
                assert found["outcome"] == "saved"
                revs[who][found["indicator"]] = found["rev"]

    work = (("clerk-a", "facts"), ("officer-a", "analysis"))
    revs = {who: dict.fromkeys(codes, 1) for who, _ in work}
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(type_in, work))
    shown = open_round.get("clerk-a", f"/self-assessments/{A}")["answers"]
    assert {(each["facts"], each["analysis"], each["rev"]) for each in shown} == {
        ("facts 4", "analysis 4", 11)
    }


def test_more_items_cost_no_more_queries(open_round: Round) -> None:
    db = open_round.stage.db

    def queries(*items: dict[str, Any]) -> int:
        return count_queries(db, lambda: outcomes(open_round, *items))

    codes = ("1", "2", "3", "4-1")
    outcomes(open_round, *({"indicator": code, "rev": 0, "value": 1} for code in codes[:2]))
    open_round.put("officer-a", f"{ANSWERS}/1", answer(1, facts="Lain", analysis=""), 1)
    of_one = queries({"indicator": "1", "rev": 1, "analysis": "Satu", "evidence": [exhibit()]})
    many = [{"indicator": code, "rev": 0, "value": 1, "evidence": [exhibit()]} for code in codes[2:]]
    assert queries({"indicator": "2", "rev": 1, "evidence": [exhibit()]}, *many) <= of_one


# whatever several people do


@dataclass
class Desk:
    """One person's browser: what was read last, and what was typed since."""

    who: str
    read: dict[str, dict[str, Any]] = field(default_factory=dict)
    typed: dict[str, dict[str, str]] = field(default_factory=dict)

    def look(self, play: Round) -> None:
        shown = play.get(self.who, f"/self-assessments/{A}")["answers"]
        self.read = {each["indicator"]: each for each in shown}

    def items(self) -> list[dict[str, Any]]:
        return [{"indicator": code, "rev": self.read[code]["rev"], **new} for code, new in self.typed.items()]


FIELDS = ("value", "facts", "analysis")


def texts() -> Iterator[str]:
    return (f"Teks {number}" for number in count())


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(done=steps(len(PEOPLE), ("1", "3"), FIELDS))
def test_nothing_acknowledged_is_overwritten_unseen_and_every_conflict_is_told(
    ready: Round, done: list[Step]
) -> None:
    fresh, desks = texts(), [Desk(who) for who in PEOPLE]
    for desk in desks:
        desk.look(ready)
    for who, deed, code, name in done:
        desk = desks[who]
        if deed == "look" and not desk.typed:
            desk.look(ready)
        elif deed == "type":
            said = str(1 + int(next(fresh)[5:]) % 3) if name == "value" else next(fresh)
            desk.typed.setdefault(code, {})[name] = said
        elif deed == "send" and desk.typed:
            judge(ready, desk)


def judge(play: Round, desk: Desk) -> None:
    """Send what was typed, and hold each outcome against what was there before and what its sender had seen."""
    before = Desk(desk.who)
    before.look(play)
    for found in outcomes(play, *desk.items(), who=desk.who):
        code = found["indicator"]
        typed, seen, was = desk.typed.pop(code), desk.read[code], before.read[code]
        check_outcome(found, typed, seen, was, found["stored"], FIELDS)
        desk.read[code] = found["stored"]
