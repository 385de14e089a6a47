"""The queue of an assessor through the blueprints: what it shows, and what its forms do."""

import pytest
from werkzeug.test import TestResponse

from services.review.pages.queue import PLACE
from tests.review.builders import Review


@pytest.fixture
def task(review: Review) -> str:
    """The open task of a case, and two assessors."""
    review.open()
    review.appoint("ani")
    review.appoint("budi")
    return review.open_task()


def shown(review: Review, who: str, query: str = "") -> str:
    answer = review.stage.as_(who).get(f"{PLACE}?lang=en{query}")
    assert answer.status_code == 200
    return str(answer.text)


def send(review: Review, who: str, task: str, deed: str, **form: int) -> TestResponse:
    answer: TestResponse = review.stage.as_(who).post(f"{PLACE}/{task}/{deed}?lang=en", data=form)
    return answer


def test_a_claim_leads_to_the_bench_and_a_release_back_to_the_queue(review: Review, task: str) -> None:
    assert "3 indicators of the submission are to be rated" in shown(review, "ani")
    for deed, state, place in (("claim", "claimed", f"{PLACE}/{task}"), ("release", "open", PLACE)):
        answer = send(review, "ani", task, deed, fence=1)
        assert (answer.status_code, answer.location) == (303, place)
        assert [one["state"] for one in review.stage.db["tasks"].find()] == [state]


def test_a_refusal_changes_nothing_and_says_why(review: Review, task: str) -> None:
    fence = review.claim("budi", task)
    before = review.stage.state()
    taken, none = send(review, "ani", task, "claim"), send(review, "ani", "nothing", "claim")
    never, late = send(review, "ani", task, "release"), send(review, "budi", task, "release", fence=fence + 1)
    assert [one.status_code for one in (taken, none, never, late)] == [409, 404, 404, 409]
    assert "Somebody else holds this task now" in taken.text
    assert "There is no such task" in none.text
    assert "There is no such task" in never.text
    assert "You do not hold this task any more" in late.text
    assert review.stage.state() == before


def test_more_tasks_cost_no_more_queries(review: Review, task: str) -> None:
    db = review.stage.db

    def queries() -> int:
        db.command("profile", 2)
        try:
            shown(review, "ani")
            return db["system.profile"].count_documents({"op": "query"})
        finally:
            db.command("profile", 0)
            db["system.profile"].drop()

    shown(review, "ani")
    of_one = queries()
    for number in range(30):
        review.open(f"kota-{number:02}")
    assert 0 < queries() <= of_one
    last = sorted(one["_id"] for one in db["tasks"].find())[24]
    assert f"after={last}" in shown(review, "ani")
    assert "To the beginning" in shown(review, "ani", f"&after={last}")
