"""What the assessors wrote: for the people of the agency, from the publication on, and without anybody's name."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from shared.events.scoring import ResultPublished
from tests.review.builders import EXPLANATION, Review
from tests.support.questions import PAGE

AT = datetime(2026, 11, 12, tzinfo=UTC)
WORDS = "/review/words"


def published(agency: str = "kota-a") -> ResultPublished:
    return ResultPublished(
        result=f"s-{agency}",
        submission=f"s-{agency}",
        participation=f"2026.{agency}",
        cycle="2026",
        agency=agency,
        edition="small-1",
        version=1,
        published_at=AT,
        index="2.00",
        exact="2",
        predicate="Rendah",
        nodes=(),
        receipt={},
    )


def read(review: Review, who: str | None, submission: str = "s-kota-a") -> TestResponse:
    answer: TestResponse = review.stage.as_(who).get(f"{WORDS}/{submission}?lang=en", headers=PAGE)
    return answer


@pytest.fixture
def done(review: Review) -> Review:
    """A case that ani rated in the document stage and whose indicator 2 budi rated again in the interview."""
    return finished(review)


def finished(review: Review, **of_cycle: Any) -> Review:
    """Such a case in a cycle with these changes."""
    review.appoint("ani")
    review.appoint("budi")
    for role, agency in (("coordinator", "kota-a"), ("clerk", "kota-b")):
        review.stage.person(f"{role}-{agency}", role, agency)
    review.open(**of_cycle)
    assert review.finish("ani", {"1": 2, "2": 2, "3": "2.75"}, marks={"2": "Since when?"}).status_code == 200
    task = review.open_task()
    fence = review.claim("budi", task)
    words = {name: f"Interview {name}" for name in EXPLANATION}
    assert review.rate("budi", task, fence, "2", 3, **words).status_code == 200
    assert review.post("budi", f"/tasks/{task}/finish", {"fence": fence}).status_code == 200
    return review


def test_before_the_publication_nobody_reads_them(done: Review) -> None:
    assert read(done, "coordinator-kota-a").status_code == 404


def test_the_agency_s_people_read_why_each_value_is_what_it_is(done: Review) -> None:
    assert done.stage.consume("result:s-kota-a", published()) == "done"
    answer = read(done, "coordinator-kota-a")
    text = " ".join(answer.text.split())
    assert answer.status_code == 200
    by_code = {
        code: " ".join(said.split())
        for code, said in re.findall(r'id="words-(\d)"(.*?)</details>', answer.text, re.DOTALL)
    }
    assert set(by_code) == {"1", "2", "3"}
    assert EXPLANATION["analysis"] in by_code["1"]
    assert "Document" in by_code["1"]
    assert "Interview justification" in by_code["2"]
    assert EXPLANATION["facts"] not in by_code["2"]
    for name in ("ani", "budi", "Ani", "Budi"):
        assert not re.search(rf"\b{name}\b", text)


@pytest.mark.parametrize(
    ("who", "status"),
    [("clerk-kota-b", 404), ("officer", 403), ("ani", 403), ("budi", 403), ("nobody", 403), (None, 401)],
)
def test_nobody_else_reads_them(done: Review, who: str | None, status: int) -> None:
    done.stage.consume("result:s-kota-a", published())
    answer = read(done, who) if who else done.stage.as_(None).get(f"{WORDS}/s-kota-a")
    assert answer.status_code == status
    assert EXPLANATION["analysis"] not in answer.text


def test_a_case_of_another_agency_is_as_one_that_is_not_there(done: Review) -> None:
    done.stage.consume("result:s-kota-a", published())
    other, none = read(done, "clerk-kota-b").text, read(done, "clerk-kota-b", "nothing").text
    assert _plain(other.replace("s-kota-a", "x")) == _plain(none.replace("nothing", "x"))


def _plain(text: str) -> str:
    """A page without the number of its request."""
    return re.sub("[0-9a-f]{32}", "", text)


def test_a_cycle_may_keep_them_from_the_agency(review: Review) -> None:
    finished(review, shows_words=False)
    assert review.stage.consume("result:s-kota-a", published()) == "done"
    kept, none = read(review, "coordinator-kota-a"), read(review, "coordinator-kota-a", "nothing")
    assert kept.status_code == none.status_code == 404
    assert _plain(kept.text.replace("s-kota-a", "x")) == _plain(none.text.replace("nothing", "x"))


def test_who_left_the_agency_reads_them_no_more(done: Review) -> None:
    done.stage.consume("result:s-kota-a", published())
    gone = {"$set": {"grants.0.until": AT.replace(year=2020)}}
    done.stage.db["people"].update_one({"_id": "p-coordinator-kota-a"}, gone)
    assert read(done, "coordinator-kota-a").status_code == 403


def test_a_publication_that_comes_again_or_too_early_has_one_effect(done: Review) -> None:
    event = published()
    assert done.stage.consume("result:s-kota-a", event) == "done"
    assert done.stage.consume("result:s-kota-a", replace(event, version=2)) == "superseded"
    (case,) = done.stage.db["cases"].find()
    assert case["published_at"] == AT
    assert done.stage.audited("case:s-kota-a").count("result.noted") == 1
    assert done.stage.consume("result:s-kota-b", published("kota-b")) == "waiting"


def test_an_open_case_shows_nothing_whatever_is_published(review: Review) -> None:
    review.stage.person("coordinator", "coordinator", "kota-a")
    review.open()
    assert review.stage.consume("result:s-kota-a", published()) == "done"
    assert read(review, "coordinator").status_code == 404


def test_a_value_that_was_taken_over_has_no_words(done: Review) -> None:
    done.stage.consume("result:s-kota-a", published())
    done.stage.db["ratings"].update_many({"indicator": "3"}, {"$set": {"explanation": None}})
    text = read(done, "coordinator-kota-a").text
    assert "Your own value was taken over" in text
    assert 'id="words-3"' not in text
