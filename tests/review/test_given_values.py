"""Values that indices of other ministries give are rated by nobody; each stage ends with those known then."""

from dataclasses import replace
from typing import Any

import pytest

from shared.events.intake import EditionPublished, ExternalIndexSet, SubmittedAnswer
from shared.events.review import ReviewFinalised, StageCompleted
from shared.instrument import Edition, from_dict, to_dict
from tests.review import builders
from tests.review.builders import Review


def _with_source() -> Edition:
    content: Any = to_dict(builders.EDITION)
    content["nodes"][0]["children"][2]["source"] = {
        "name": {"id": "Indeks Data", "en": "Data index"},
        "gives": "value",
        "key": "data",
        "range": {"at_least": "0", "at_most": "100"},
        "conversion": [{"index": "0", "value": "1.00"}, {"index": "100", "value": "3.00"}],
        "until_it_comes": "1.00",
    }
    return from_dict(content)


EDITION = _with_source()


def index(value: str = "50", year: int = 2025, **changes: Any) -> ExternalIndexSet:
    event = ExternalIndexSet(agency="kota-a", source="data", year=year, index=value, provenance="Surat B-12")
    return replace(event, **changes)


def come(review: Review, event: ExternalIndexSet) -> str:
    return review.stage.consume(f"external_index:{event.agency}.{event.source}.{event.year}", event)


@pytest.fixture
def case(review: Review) -> Review:
    """A case whose third value is assumed, since its index has not come."""
    edition = EditionPublished(
        edition=EDITION.id, guide_version=EDITION.guide_version, hash=EDITION.hash, content=to_dict(EDITION)
    )
    for subject, event in (
        ("edition:small-1", edition),
        ("cycle:2026", builders.cycle()),
        ("agency:kota-a", builders.agency()),
        ("participation:2026.kota-a", builders.participation()),
    ):
        review.stage.consume(subject, event)
    whole = builders.submission()
    *typed, last = whole.answers
    assumed: SubmittedAnswer = replace(
        last, value="1.00", evidence=(), origin="assumed", facts="", analysis=""
    )
    review.stage.consume("submission:s-kota-a", replace(whole, answers=(*typed, assumed)))
    review.appoint("ani")
    return review


def third(event: StageCompleted | ReviewFinalised) -> tuple[str, str]:
    found = next(one for one in event.ratings if one.indicator == "3")
    return found.value, found.origin


def ended(review: Review) -> list[tuple[str, str]]:
    return [third(event) for event in review.stage.published(StageCompleted)]


def test_nobody_is_asked_to_rate_it(case: Review) -> None:
    (task,) = case.stage.db["tasks"].find({})
    assert task["indicators"] == ["1", "2"]
    fence = case.claim("ani", task["_id"])
    assert case.rate("ani", task["_id"], fence, "3", "2.5").status_code == 422
    marks = {"fence": fence, "indicators": [{"indicator": "3", "question": "Mengapa?"}]}
    assert case.put("ani", f"/tasks/{task['_id']}/clarifications", marks).status_code == 422


def test_until_it_comes_it_stays_assumed_to_the_end(case: Review) -> None:
    assert case.finish("ani", {"1": 2, "2": 3}).status_code == 200
    assert ended(case) == [("1.00", "assumed")] * 3
    (frozen,) = case.stage.published(ReviewFinalised)
    assert third(frozen) == ("1.00", "assumed")
    assert [one.indicator for one in frozen.ratings] == ["1", "2", "3"]


def test_what_is_known_when_a_stage_ends_is_its_value(case: Review) -> None:
    assert come(case, index("50")) == "done"
    assert case.finish("ani", {"1": 2, "2": 3}, {"1": "Mengapa?"}).status_code == 200
    assert come(case, index("75", 2026)) == "done"
    assert come(case, index("100", 2027)) == "done"
    assert come(case, index("100", 2026, agency="kota-b")) == "done"
    assert case.finish("ani", {"1": 1}).status_code == 200
    assert ended(case) == [("1.00", "assumed"), ("2", "external"), ("2.5", "external")]
    (frozen,) = case.stage.published(ReviewFinalised)
    assert third(frozen) == ("2.5", "external")
    rows = case.stage.db["ratings"].find({"indicator": "3", "origin": "external"}).sort("at", 1)
    assert [(row["explanation"]["facts"], row["explanation"]["analysis"], row["author"]) for row in rows] == [
        ("Indeks Data 2025: 50", "Surat B-12", None),
        ("Indeks Data 2026: 75", "Surat B-12", None),
    ]


def test_a_correction_takes_the_place_of_what_was_known(case: Review) -> None:
    first = case.stage.envelope("external_index:kota-a.data.2025", index("50"), sequence=1)
    second = case.stage.envelope("external_index:kota-a.data.2025", index("60", version=2), sequence=2)
    assert case.stage.consume_all(second, first) == {second.id: "done", first.id: "superseded"}
    (row,) = case.stage.db["external_indices"].find({})
    assert (row["index"], row["year"]) == ("60", 2025)


def test_the_ministry_reads_where_it_comes_from(case: Review) -> None:
    come(case, index("50"))
    assert case.finish("ani", {"1": 2, "2": 3}).status_code == 200
    answer = case.stage.as_("officer").get(
        "/review/cases/s-kota-a/indicators/3", headers={"Accept": "text/html"}
    )
    assert answer.status_code == 200
    assert "Indeks Data 2025: 50, Surat B-12" in answer.text
