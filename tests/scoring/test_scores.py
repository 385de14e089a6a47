"""Every set of values has one score: computed once, exactly, whatever comes twice, early or in another order."""

from dataclasses import replace
from hashlib import sha256
from itertools import permutations
from typing import Any

import pytest

from shared.core.canonical import exact
from shared.events.intake import AgencySet
from shared.events.review import StageRating
from shared.events.scoring import ResultPublished, ScoreComputed
from shared.events.sets import set_hash
from shared.instrument import shipped
from shared.signing import merkle, receipts
from shared.signing.keys import KeyRing
from tests.instrument.builders import CASES
from tests.scoring.builders import (
    EDITION,
    LEVELS,
    OnStage,
    completed,
    final,
    finalised,
    introduce,
    publish,
    published,
    ratings,
    scoring,
    sealed,
    waiting,
)
from tests.support.stage import LONG_AGO, Stage

RATED_LOWER = {**LEVELS, "1": 2}


@pytest.fixture
def on(stage: OnStage) -> Stage:
    return scoring(stage)


@pytest.fixture
def ready(on: Stage) -> Stage:
    introduce(on)
    return on


def scores(on: Stage) -> dict[str, tuple[str, str]]:
    rows = on.db["scores"].find().sort("_id", 1)
    return {row["_id"]: (row["index"], row["basis"]["set_hash"]) for row in rows}


def only_deferred(on: Stage) -> dict[str, Any]:
    (row,) = waiting(on)
    return row


def test_a_published_case_comes_out_as_published_from_each_stage(ready: Stage) -> None:
    heard = [
        ready.consume("submission:s1", sealed()),
        ready.consume("case:s1", completed()),
        ready.consume("case:s1", finalised()),
    ]
    assert heard == ["done"] * 3
    told = ready.published(ScoreComputed)
    assert [(event.score, event.stage, event.kind) for event in told] == [
        ("s1.self", "self", "provisional"),
        ("s1.document", "document", "provisional"),
        ("s1.final", "final", "final"),
    ]
    assert {(event.index, event.predicate) for event in told} == {("2.95", "Baik")}


@pytest.mark.parametrize("id", [id for id, case in CASES.items() if case["kind"] == "full"])
def test_every_published_case_has_its_nodes_from_the_frozen_set(on: Stage, id: str) -> None:
    case = CASES[id]
    introduce(on, case["edition"])
    assert on.consume("case:s1", finalised(values=case["values"], edition=case["edition"])) == "done"
    row = on.db["scores"].find_one({"_id": "s1.final"})
    assert row is not None
    nodes = {node["code"]: node["index"] for node in row["nodes"]}
    assert row["index"] == case["published"]["index"]
    assert {code: nodes[code] for code in case["published"]["nodes"]} == case["published"]["nodes"]


def test_a_final_score_carries_a_receipt_over_its_nodes(ready: Stage) -> None:
    final(ready)
    row = ready.db["scores"].find_one({"_id": "s1.final"})
    assert row is not None
    ring = KeyRing.load(ready.settings.keys, "scoring")
    receipts.verify(row["receipt"], ring.publics)
    told = {name: row["receipt"][name] for name in ("subject", "index", "set_hash", "count", "kind")}
    assert told == {
        "subject": "score:s1.final",
        "index": "2.95",
        "set_hash": finalised().set_hash,
        "count": len(list(shipped(EDITION).walk())),
        "kind": "score",
    }


def test_provisional_scores_have_no_receipt_and_no_result(ready: Stage) -> None:
    ready.consume("submission:s1", sealed())
    ready.consume("case:s1", completed())
    assert ready.db["scores"].count_documents({"receipt": None}) == 2
    assert ready.db["results"].count_documents({}) == 0


def test_the_same_set_published_twice_is_scored_once(ready: Stage) -> None:
    for event, subject in [(sealed(), "submission:s1"), (completed(), "case:s1"), (finalised(), "case:s1")]:
        assert [ready.consume(subject, event), ready.consume(subject, event)] == ["done", "superseded"]
    assert len(ready.published(ScoreComputed)) == 3
    assert ready.audited("score:s1.final") == ["score.computed"]


def test_the_same_set_published_twice_in_one_batch_is_scored_once(ready: Stage) -> None:
    twice = [ready.envelope("case:s1", finalised()) for _ in range(2)]
    assert list(ready.consume_all(*twice).values()) == ["done", "superseded"]
    assert len(ready.published(ScoreComputed)) == 1


FACTS = {
    "edition": ("edition:x", published()),
    "agency": ("agency:ekon", AgencySet(agency="ekon", name="Kemenko", group="Kementerian", since=LONG_AGO)),
    "sealed": ("submission:s1", sealed()),
    "self": ("case:s1", completed(stage="self")),
    "document": ("case:s1", completed(values=RATED_LOWER)),
    "final": ("case:s1", finalised(values=RATED_LOWER)),
}


@pytest.mark.parametrize("order", list(permutations(FACTS))[::61])
def test_any_order_gives_the_same_scores(on: Stage, order: tuple[str, ...]) -> None:
    for name in order:
        on.consume(*FACTS[name])
    for _ in range(2):
        on.wake()
    assert waiting(on) == []
    assert {id: index for id, (index, _) in scores(on).items()} == {
        "s1.self": "2.95",
        "s1.document": "2.93",  # 2.9475 less the 1.3 hundredths that one level of the first indicator weighs
        "s1.final": "2.93",
    }
    assert len(on.published(ScoreComputed)) == 3


@pytest.mark.parametrize("event", [sealed(), completed(), finalised()])
def test_a_set_waits_for_its_edition_and_then_for_its_agency(on: Stage, event: Any) -> None:
    assert on.consume("case:s1", event) == "waiting"
    assert only_deferred(on)["waits_for"] == f"edition:{EDITION}"
    on.consume("edition:x", published())
    assert list(on.wake().values()) == ["waiting"]
    assert only_deferred(on)["waits_for"] == "agency:ekon"
    on.consume("agency:ekon", AgencySet(agency="ekon", name="Kemenko", group="Kementerian", since=LONG_AGO))
    assert list(on.wake().values()) == ["done"]
    assert len(on.published(ScoreComputed)) == 1


def test_the_first_stage_waits_for_the_sealed_answers_and_adds_nothing_to_them(ready: Stage) -> None:
    assert ready.consume("case:s1", completed(stage="self")) == "waiting"
    assert only_deferred(ready)["waits_for"] == "score:s1.self"
    ready.consume("submission:s1", sealed())
    assert list(ready.wake().values()) == ["superseded"]
    assert list(scores(ready)) == ["s1.self"]


def test_a_first_stage_with_other_values_than_were_sealed_is_deferred(ready: Stage) -> None:
    ready.consume("submission:s1", sealed())
    assert ready.consume("case:s1", completed(stage="self", values=RATED_LOWER)) == "retry"
    assert only_deferred(ready)["error"] == "Contradiction: s1.self was sealed with other values for 1"


@pytest.mark.parametrize("event", [completed(), finalised()])
def test_a_set_that_is_not_what_its_hash_says_is_deferred_with_the_reason(ready: Stage, event: Any) -> None:
    before = ready.state()
    raised = (replace(event.ratings[0], value="5"), *event.ratings[1:])
    assert ready.consume("case:s1", replace(event, ratings=raised)) == "retry"
    reason = f"the set of ratings has the hash {set_hash(raised)}, not {event.set_hash} as its event says"
    assert only_deferred(ready)["error"] == f"Contradiction: {reason}"
    assert ready.state() == before | {"deferred_events": 1}


@pytest.mark.parametrize(
    "changed",
    [{"rating": "other"}, {"origin": "carried", "carried_from": "self"}, {"words_sha256": "2" * 64}],
)
def test_the_hash_covers_where_a_value_comes_from(ready: Stage, changed: dict[str, str]) -> None:
    event = finalised()
    rows = (replace(event.ratings[0], **changed), *event.ratings[1:])
    assert ready.consume("case:s1", replace(event, ratings=rows)) == "retry"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (finalised(), finalised(values=RATED_LOWER)),
        (finalised(), finalised(agency="other")),
        (completed(), completed(values=RATED_LOWER)),
        (sealed(), sealed(values=RATED_LOWER)),
    ],
)
def test_another_set_for_a_scored_stage_is_refused_loudly(ready: Stage, first: Any, second: Any) -> None:
    ready.consume("case:s1", first)
    before, told = scores(ready), len(ready.published(ScoreComputed))
    assert ready.consume("case:s1", second) == "retry"
    assert "was computed once, with another" in only_deferred(ready)["error"]
    assert (scores(ready), len(ready.published(ScoreComputed))) == (before, told)


def test_answers_sealed_under_another_content_of_the_edition_are_deferred(ready: Stage) -> None:
    assert ready.consume("submission:s1", sealed(edition_hash="f" * 64)) == "retry"
    assert "sealed under spbe-59-2020 with the hash ffff" in only_deferred(ready)["error"]


def _without(code: str) -> dict[str, object]:
    return {one: value for one, value in LEVELS.items() if one != code}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (_without("7"), "indicator 7 is missing"),
        ({**LEVELS, "7": 6}, "indicator 7: '6' is not allowed, it takes 1, 2, 3, 4 or 5"),
        ({**LEVELS, "7": "2.5"}, "indicator 7: '2.5' is not allowed"),
    ],
)
def test_values_that_the_edition_does_not_take_are_deferred(
    ready: Stage, values: dict[str, object], reason: str
) -> None:
    assert ready.consume("case:s1", finalised(values=values)) == "retry"
    assert reason in only_deferred(ready)["error"]
    assert scores(ready) == {}


def test_two_values_for_one_indicator_are_deferred(ready: Stage) -> None:
    rows = finalised().ratings
    again = (
        *rows,
        StageRating(
            indicator="1", value="5", stage="interview", rating="r-more", origin="own", words_sha256="1" * 64
        ),
    )
    assert ready.consume("case:s1", finalised(ratings=again)) == "retry"
    assert only_deferred(ready)["error"] == "Contradiction: an indicator has two values"


def test_a_stage_called_final_leaves_the_final_score_to_the_frozen_set(ready: Stage) -> None:
    assert ready.consume("case:s1", completed(stage="final")) == "superseded"
    final(ready)
    assert list(scores(ready)) == ["s1.final"]


def test_a_wrong_neighbour_in_a_batch_does_no_harm(ready: Stage) -> None:
    bad = replace(finalised("s2"), set_hash="0" * 64)
    batch = [
        ready.envelope(f"case:{event.submission}", event) for event in (finalised(), bad, finalised("s3"))
    ]
    assert list(ready.consume_all(*batch).values()) == ["done", "retry", "done"]
    assert list(scores(ready)) == ["s1.final", "s3.final"]


# copies


def test_an_edition_is_kept_once_and_its_repetition_passed_over(on: Stage) -> None:
    assert [on.consume("edition:x", published()), on.consume("edition:x", published())] == [
        "done",
        "superseded",
    ]


def test_another_edition_under_a_known_id_is_refused(on: Stage) -> None:
    on.consume("edition:x", published())
    changed = replace(published(), hash="0" * 64)
    assert on.consume("edition:x", changed) == "retry"
    assert "is known with the hash" in only_deferred(on)["error"]


def test_an_edition_that_is_not_what_its_hash_says_is_refused(on: Stage) -> None:
    event = published()
    changed = replace(event, content={**event.content, "guide_version": "another"})
    assert on.consume("edition:x", changed) == "retry"
    assert "the edition's content has the hash" in only_deferred(on)["error"]
    assert on.db["editions"].count_documents({}) == 0


def test_a_later_edition_with_a_field_that_nobody_here_knows_can_be_scored_with(on: Stage) -> None:
    event = published()
    content = {**event.content, "a_later_field": ["x"]}
    hash = sha256(exact(content)).hexdigest()
    assert on.consume("edition:x", replace(event, content=content, hash=hash)) == "done"
    on.consume("agency:ekon", AgencySet(agency="ekon", name="Kemenko", group="Kementerian", since=LONG_AGO))
    assert on.consume("submission:s1", sealed(edition_hash=hash)) == "done"


def test_an_agency_keeps_the_newest_name_and_a_score_the_one_of_its_time(ready: Stage) -> None:
    final(ready)
    newer = AgencySet(agency="ekon", name="Nama Baru", group="Kementerian", since=LONG_AGO)
    older = ready.envelope(
        "agency:ekon",
        AgencySet(agency="ekon", name="Nama Lama", group="Kementerian", since=LONG_AGO),
        sequence=1,
    )
    assert ready.consume("agency:ekon", newer) == "done"
    assert ready.consume_all(older) == {older.id: "superseded"}
    final(ready, "s2")
    names = {row["_id"]: row["agency_name"] for row in ready.db["scores"].find()}
    assert names == {"s1.final": "Kemenko Perekonomian", "s2.final": "Nama Baru"}


def test_a_value_that_nobody_gave_says_where_it_comes_from(ready: Stage) -> None:
    first, second, *others = sealed().answers
    answers = (replace(first, origin="assumed"), replace(second, origin="external"), *others)
    assert ready.consume("submission:s1", sealed(answers=answers)) == "done"
    rows = ratings(LEVELS, "interview", shipped(EDITION))
    given = (replace(rows[0], origin="assumed"), replace(rows[1], origin="external"), *rows[2:])
    frozen = finalised(ratings=given)
    assert ready.consume("case:s1", frozen) == "done"
    for id in ("s1.self", "s1.final"):
        score = ready.as_("officer").get(f"/scoring/api/v1/scores/{id}").json
        assert score is not None
        origins = {node["code"]: node["origin"] for node in score["nodes"] if node["origin"]}
        assert origins == {first.indicator: "assumed", second.indicator: "external"}
    publish(ready)
    (event,) = ready.published(ResultPublished)
    assert {node.code: node.origin for node in event.nodes if node.origin} == origins
    shown = ready.as_(None).get("/scoring/results/s1", headers={"Accept": "text/html"}).text
    assert (shown.count("diandaikan: indeksnya belum ada"), shown.count("dari indeks kementerian lain")) == (
        1,
        1,
    )


def test_a_score_without_such_values_is_attested_as_before(ready: Stage) -> None:
    assert ready.consume("case:s1", finalised()) == "done"
    score = ready.db["scores"].find_one({"_id": "s1.final"})
    assert score is not None
    leaves = [
        exact(
            {
                **{name: value for name, value in node.items() if name != "origin"},
                "kind": "node",
                "tier": node["kind"],
            }
        )
        for node in score["nodes"]
    ]
    assert score["receipt"]["root"] == merkle.root(leaves).hex()
