"""Several ratings in one request, field by field: nothing acknowledged is lost, and every conflict is told."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from services.review.domain.ratings import MOST_WRITTEN
from shared.core.patches import MOST_PATCHES
from tests.review.builders import EXPLANATION, FILE, OTHER, Response, Review
from tests.support.patches import Step, check_outcome, count_queries, steps


@dataclass
class Window:
    """A window of the holder, what it read last, and what was typed in it since."""

    review: Review
    task: str
    fence: int
    read: dict[str, dict[str, Any]] = field(default_factory=dict)
    typed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def send(self, *items: dict[str, Any], who: str = "ani") -> Response:
        body = {"fence": self.fence, "ratings": list(items)}
        return self.review.patch(who, f"/tasks/{self.task}/ratings", body)

    def outcomes(self, *items: dict[str, Any]) -> list[dict[str, Any]]:
        answer = self.send(*items)
        assert answer.status_code == 200, answer.json
        return list(answer.json["ratings"])

    def one(self, **item: Any) -> dict[str, Any]:
        (found,) = self.outcomes({"indicator": "1", **item})
        return found

    def shown(self) -> dict[str, dict[str, Any]]:
        task = self.review.get("ani", "/cases/s-kota-a").json["task"]
        return {each["indicator"]: each for each in task["ratings"]}


@pytest.fixture
def window(review: Review) -> Window:
    """The holder of an open case's task, and somebody else who may assess."""
    review.open()
    review.appoint("ani")
    review.appoint("budi")
    task = review.open_task()
    return Window(review, task, review.claim("ani", task))


def test_each_item_has_an_outcome_of_its_own_and_the_good_ones_are_kept(window: Window) -> None:
    window.review.rate("ani", window.task, window.fence, "2", 1)
    found = window.outcomes(
        {"indicator": "1", "version": 0, "value": "2", "pins": [{"sha256": FILE, "page": 3}]},
        {"indicator": "2", "version": 0, "value": 3, "pins": [{"minutes": 1}]},
        {"indicator": "3", "version": 0, "value": 9},
        {"indicator": "99", "version": 0, "value": 1},
        {"indicator": "98", "version": 0, "value": 1, "facts": "x" * 20_001, "more": 1},
    )
    told = [(each["outcome"], each["version"], (each["problem"] or {}).get("code")) for each in found]
    assert told == [
        ("saved", 1, None),
        ("stale", 1, None),
        ("invalid", 0, "value-not-allowed"),
        ("invalid", 0, "not-in-task"),
        ("invalid", 0, "invalid"),
    ]
    assert (found[0]["stored"]["value"], found[0]["stored"]["author"]) == ("2", None)
    assert (found[1]["differing"], found[1]["stored"]["value"]) == (["value", "pins"], "1")
    assert found[1]["yours"] == {"version": 0, "value": 3, "pins": [{"minutes": 1}]}
    assert [error["pointer"] for error in found[2]["problem"]["errors"]] == ["/value"]
    assert {error["pointer"] for error in found[4]["problem"]["errors"]} == {"/facts", "/more"}
    assert {code: each["value"] for code, each in window.shown().items()} == {"1": "2", "2": "1"}
    assert window.review.stage.audited("case:s-kota-a").count("rating.saved") == 2


def test_words_are_kept_before_a_value_and_count_as_no_rating(window: Window) -> None:
    assert window.one(version=0, facts="Fakta")["stored"]["value"] == ""
    task = window.review.get("ani", "/cases/s-kota-a").json["task"]
    assert (task["done"], task["ratings"][0]["facts"]) == (0, "Fakta")
    refused = window.review.post("ani", f"/tasks/{window.task}/finish", {"fence": window.fence})
    assert refused.json["missing"]["1"] == ["value", "analysis", "justification"]
    assert window.one(version=1, value="")["outcome"] == "unchanged"
    assert window.one(version=1, value=2)["outcome"] == "saved"
    assert window.one(version=2, value="")["problem"]["code"] == "value-not-allowed"
    assert window.review.get("ani", "/cases/s-kota-a").json["task"]["done"] == 1


def test_two_windows_at_different_fields_of_one_rating_both_keep_their_text(window: Window) -> None:
    window.one(version=0, value=1)
    assert window.one(version=1, facts="Fakta")["merged"] is False
    merged = window.one(version=1, analysis="Analisis")
    assert (merged["outcome"], merged["merged"], merged["version"]) == ("saved", True, 3)
    assert (merged["stored"]["facts"], merged["stored"]["analysis"]) == ("Fakta", "Analisis")


def test_a_patch_that_is_sent_again_changes_nothing(window: Window) -> None:
    item = {"version": 0, "value": "2.0", **EXPLANATION, "pins": [{"minutes": 2}]}
    window.one(**item)
    before = window.review.stage.state()
    again = window.one(**item)
    assert (again["outcome"], again["version"], again["merged"]) == ("unchanged", 1, False)
    assert window.one(version=1)["outcome"] == "unchanged"
    assert window.review.stage.state() == before


def test_a_version_that_never_was_is_no_base_for_anything(window: Window) -> None:
    window.one(version=0, value=1, facts="Fakta")
    found = window.one(version=7, analysis="Analisis")
    assert (found["outcome"], found["differing"]) == ("stale", ["analysis"])
    (first,) = window.outcomes({"indicator": "2", "version": 3, "value": 1})
    assert (first["outcome"], first["stored"], first["version"]) == ("stale", None, 0)


def test_another_holders_version_is_no_base_either(window: Window) -> None:
    window.one(version=0, value=1, facts="Milik Ani")
    window.review.run_out(window.task)
    window.fence = window.review.claim("budi", window.task)
    answer = window.send({"indicator": "1", "version": 1, "analysis": "Milik Budi"}, who="budi")
    assert [each["outcome"] for each in answer.json["ratings"]] == ["stale"]
    assert "Ani" not in answer.text


def test_the_limits_of_one_save_hold_for_each_item(window: Window) -> None:
    window.one(version=0, value=1)
    assert window.one(version=1, pins=[{"sha256": OTHER, "page": 1}])["problem"]["code"] == "bad-pin"
    full = {"$set": {"rated.0.written": MOST_WRITTEN}}
    window.review.stage.db["tasks"].update_one({"_id": window.task}, full)
    assert window.one(version=1, facts="Lagi")["problem"]["code"] == "too-many-versions"


@pytest.mark.parametrize(
    ("items", "cause"),
    [
        ([], "invalid"),
        ([{"indicator": "1", "version": 0}] * (MOST_PATCHES + 1), "invalid"),
        ([{"indicator": "1", "version": 0, "value": 1}] * 2, "indicator-twice"),
        ([{"version": 0, "value": 1}], "invalid"),
        (["1"], "invalid"),
    ],
)
def test_a_request_that_says_nothing_clear_is_refused_whole(
    window: Window, items: list[Any], cause: str
) -> None:
    before = window.review.stage.state()
    answer = window.send(*items)
    assert (answer.status_code, answer.json["code"]) == (422, cause)
    assert window.review.stage.state() == before


def test_more_items_cost_no_more_queries(window: Window) -> None:
    db = window.review.stage.db

    def queries(*items: dict[str, Any]) -> int:
        return count_queries(db, lambda: window.outcomes(*items))

    pins = [{"sha256": FILE, "page": 1}]
    for version, words in enumerate(("Satu", "Dua")):
        window.outcomes(*({"indicator": c, "version": version, "facts": words} for c in ("1", "2")))
    of_one = queries({"indicator": "1", "version": 1, "value": 1, "pins": pins})
    many = ({"indicator": code, "version": 1 if code == "2" else 0, "value": 1} for code in ("2", "3"))
    assert queries(*({**item, "pins": pins} for item in many)) <= of_one


# whatever two windows do


FIELDS = ("value", *EXPLANATION)
BLANK = {"version": 0, **dict.fromkeys(FIELDS, "")}


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(done=steps(2, ("1", "2"), FIELDS))
def test_nothing_acknowledged_is_overwritten_unseen_and_every_conflict_is_told(
    window: Window, done: list[Step]
) -> None:
    fresh = count()
    windows = [Window(window.review, window.task, window.fence, window.shown()) for _ in range(2)]
    for number, deed, code, name in done:
        mine = windows[number]
        if deed == "look" and not mine.typed:
            mine.read = mine.shown()
        elif deed == "type":
            said = str(1 + next(fresh) % 3) if name == "value" else f"Teks {next(fresh)}"
            mine.typed.setdefault(code, {})[name] = said
        elif deed == "send" and mine.typed:
            judge(mine)


def judge(window: Window) -> None:
    """Send what was typed, and hold each outcome against what was there before and what its sender had seen."""
    before = window.shown()
    items = [
        {"indicator": code, "version": window.read.get(code, BLANK)["version"], **new}
        for code, new in window.typed.items()
    ]
    for found in window.outcomes(*items):
        code = found["indicator"]
        typed, seen, was = (each.get(code, BLANK) for each in (window.typed, window.read, before))
        stored = found["stored"] or BLANK
        check_outcome(found, typed, seen, was, stored, FIELDS)
        window.read[code] = stored
    window.typed.clear()


def test_conditions_are_kept_in_the_editions_order_like_any_other_field(window: Window) -> None:
    found = window.one(version=0, conditions=["1.2.b", "1.1.a", "1.1.a"])
    assert (found["outcome"], found["stored"]["conditions"]) == ("saved", ["1.1.a", "1.2.b"])
    assert window.one(version=1, conditions=["1.2.b", "1.1.a"])["outcome"] == "unchanged"
    assert window.one(version=1, value=2)["stored"]["conditions"] == ["1.1.a", "1.2.b"]
    stale = window.one(version=0, conditions=[])
    assert (stale["outcome"], stale["differing"]) == ("stale", ["conditions"])
    assert stale["yours"] == {"version": 0, "conditions": []}
    refused = window.one(version=2, conditions=["2.1.a"])
    assert refused["problem"]["code"] == "unknown-condition"
    said = window.review.rate("ani", window.task, window.fence, "1", 2, conditions=["2.1.a"])
    assert (said.status_code, said.json["code"]) == (422, "unknown-condition")
    assert (
        window.review.rate("ani", window.task, window.fence, "1", 2, conditions=["1.3.a"]).status_code == 200
    )
    assert window.shown()["1"]["conditions"] == ["1.3.a"]


def test_accepted_evidence_is_kept_in_the_editions_order_like_any_other_field(window: Window) -> None:
    def one(**fields: Any) -> dict[str, Any]:
        (found,) = window.outcomes({"indicator": "3", **fields})
        return found

    found = one(version=0, accepted=["I3-L2-01", "I3-L1-01", "I3-L1-01"])
    assert (found["outcome"], found["stored"]["accepted"]) == ("saved", ["I3-L1-01", "I3-L2-01"])
    assert one(version=1, accepted=["I3-L2-01", "I3-L1-01"])["outcome"] == "unchanged"
    assert one(version=1, value="1.5")["stored"]["accepted"] == ["I3-L1-01", "I3-L2-01"]
    stale = one(version=0, accepted=[])
    assert (stale["outcome"], stale["differing"]) == ("stale", ["accepted"])
    assert stale["yours"] == {"version": 0, "accepted": []}
    assert one(version=2, accepted=["I1-L1-01"])["problem"]["code"] == "unknown-evidence"
    said = window.review.rate("ani", window.task, window.fence, "3", 2, accepted=["x"])
    assert (said.status_code, said.json["code"]) == (422, "unknown-evidence")


def test_what_is_carried_over_holds_nothing_ticked_of_its_own(window: Window) -> None:
    window.one(version=0, value=2, conditions=["1.1.a"], **EXPLANATION)
    window.review.rate("ani", window.task, window.fence, "2", 1)
    window.review.rate("ani", window.task, window.fence, "3", 1, accepted=["I3-L1-01"])
    marks = {"fence": window.fence, "indicators": [{"indicator": "2", "question": "Mengapa?"}]}
    window.review.put("ani", f"/tasks/{window.task}/clarifications", marks)
    window.review.post("ani", f"/tasks/{window.task}/finish", {"fence": window.fence})
    window.review.finish("budi", {"2": 2})
    first, second, third = window.review.get("officer", "/cases/s-kota-a").json["completed"]
    assert [each["conditions"] for each in second["ratings"]] == [["1.1.a"], [], []]
    assert (third["ratings"][0]["origin"], third["ratings"][0]["conditions"]) == ("carried", [])
    assert all(each["conditions"] == [] for each in first["ratings"])
    assert [each["accepted"] for each in second["ratings"]] == [[], [], ["I3-L1-01"]]
    assert (third["ratings"][2]["origin"], third["ratings"][2]["accepted"]) == ("carried", [])
