"""Addresses of evidence at the bench: they lead whoever holds the task to intake, and nobody else."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from services.review.pages.queue import PLACE
from shared.core.ids import utcnow
from shared.signing.keys import KeyRing
from shared.signing.links import open_link
from tests.review.builders import FILE, GONE, OTHER, Review


@pytest.fixture
def task(review: Review) -> str:
    """The open task of a case, and two assessors."""
    review.open()
    review.appoint("ani")
    review.appoint("budi")
    return review.open_task()


def ask(review: Review, who: str, task: str, rest: str = "", sha256: str = FILE) -> TestResponse:
    answer: TestResponse = review.stage.as_(who).get(f"{PLACE}/{task}/files/{sha256}{rest}")
    return answer


def led(answer: TestResponse) -> tuple[str, dict[str, str]]:
    """Where an answer leads: the path on the same origin, and what is asked there beside the link."""
    assert answer.status_code == 302
    found = urlsplit(answer.location)
    assert (found.scheme, found.netloc) == ("", "")
    asked = {name: value for name, (value,) in parse_qs(found.query).items()}
    asked.pop("link")
    return found.path, asked


@pytest.mark.parametrize(
    ("rest", "place", "asked"),
    [
        ("", "evidence", {}),
        ("/pages/3", "page", {"page": "3"}),
        ("/pages/3?width=1800&x=1", "page", {"page": "3", "width": "1800"}),
        ("/find?q=wali+kota%26start%3D1&start=7", "find", {"q": "wali kota&start=1", "start": "7"}),
        ("/find", "find", {}),
    ],
)
def test_who_holds_the_task_is_led_to_intake(
    review: Review, task: str, rest: str, place: str, asked: dict[str, str]
) -> None:
    review.claim("ani", task)
    answer = ask(review, "ani", task, rest)
    assert led(answer) == (f"/intake/api/v1/linked/{place}", asked)
    kept, seconds = answer.headers["Cache-Control"].split("=")
    assert (kept, 235 <= int(seconds) <= 240) == ("private, max-age", True)
    assert {"Cookie", "Authorization"} <= set(answer.vary)


def test_the_link_is_of_the_one_who_asks_and_of_its_claim(review: Review, task: str) -> None:
    fence = review.claim("ani", task)
    token = parse_qs(urlsplit(ask(review, "ani", task).location).query)["link"][0]
    link = open_link(token, KeyRing.load(review.stage.settings.keys, "review").publics, utcnow())
    assert (link.subject, link.sha256, link.submission, link.task, link.fence) == (
        "ani",
        FILE,
        "s-kota-a",
        task,
        fence,
    )
    assert review.stage.audited("access:s-kota-a") == ["link.given"]


def test_a_browser_goes_on_with_a_link_for_no_longer_than_it_lasts(review: Review, task: str) -> None:
    review.claim("ani", task)
    review.stage.db["tasks"].update_one({"_id": task}, {"$set": {"until": utcnow() + timedelta(seconds=30)}})
    assert int(ask(review, "ani", task).headers["Cache-Control"].partition("=")[2]) <= 30


def test_nobody_else_is_led_anywhere_and_nothing_is_told(review: Review, task: str) -> None:
    """Nobody who holds no task, another one, or held it; nor to a file that is not of its case."""
    review.open("kota-b")
    other = review.open_task("kota-b")
    review.claim("ani", task)
    review.claim("budi", other)
    before = review.stage.state()
    refused = [
        ask(review, "budi", task),
        ask(review, "budi", task, "/pages/1"),
        ask(review, "budi", task, "/find?q=a"),
        ask(review, "ani", other),
        ask(review, "ani", "nothing"),
        ask(review, "ani", task, sha256=OTHER),
        ask(review, "ani", task, sha256=GONE),
        ask(review, "ani", task, "/pages/x"),
    ]
    assert {answer.status_code for answer in refused} == {404}
    assert review.stage.state() == before
    review.run_out(task)
    assert ask(review, "ani", task).status_code == 404
    review.stage.person("orang", "clerk", "kota-a")
    assert ask(review, "orang", task).status_code == 403


def test_a_conflict_of_interest_ends_it(review: Review, task: str) -> None:
    review.claim("ani", task)
    declared = {"agencies": [{"agency": "kota-a", "reason": "Saudara bekerja di sana."}]}
    assert review.put("ani", "/assessors/ani/conflicts", declared, '"1"').status_code == 200
    assert ask(review, "ani", task).status_code == 404
