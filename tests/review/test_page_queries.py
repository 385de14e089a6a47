"""How many questions pages of assessors and the ministry ask of the database: as many for few rows as for many."""

from collections.abc import Callable, Iterator

import pytest

from services.review.app import service
from services.review.pages.queue import PLACE
from shared.core.settings import Settings
from tests.review import builders
from tests.review.builders import Review
from tests.review.ministry import ASSESSORS, CASES, ME, NEW
from tests.support.questions import Counter, check_asks_no_more, questions
from tests.support.stage import Mint, Stage, closing

PAGES = {
    "queue": "ani",
    "bench": "ani",
    "end": "ani",
    "me": "ani",
    "assessors": "officer",
    "assessor": "officer",
    "new-assessor": "officer",
    "cases": "officer",
    "case": "officer",
}
"""Pages, and who opens them."""


@pytest.fixture(scope="module", params=[1, 20])
def asked(
    request: pytest.FixtureRequest, counter: Counter, settings_of: Callable[[str], Settings], mint: Mint
) -> Iterator[dict[str, list[str]]]:
    """What each page asks with so many open tasks and held ones, and so many indicators rated."""
    with closing(Stage(service, settings_of("review"), mint)) as on:
        on.prepare()
        review = Review(on)
        for id in ("ani", *(f"a-{number:02}" for number in range(request.param))):
            review.appoint(id)
        for number in range(2 * request.param):
            review.open(f"kota-{number:02}")
        tasks = [review.open_task(f"kota-{number:02}") for number in range(request.param)]
        fences = [review.claim("ani", task) for task in tasks]
        for code in ("1", "2", "3")[: request.param]:
            review.rate("ani", tasks[0], fences[0], code, 2)
        for number in range(request.param):
            agency = f"kab-{number:02}"
            conflict = {"agencies": [{"agency": agency, "reason": "Saudara."}]}
            review.stage.consume(f"agency:{agency}", builders.agency(agency))
            rev = review.get("officer", "/assessors/ani").headers["ETag"]
            review.put("ani", "/assessors/ani/conflicts", conflict, rev)
        review.stage.consume("cycle:2026", builders.cycle())
        places = {
            "me": ME,
            "assessors": ASSESSORS,
            "assessor": f"{ASSESSORS}/ani",
            "new-assessor": NEW,
            "cases": CASES,
            "case": f"{CASES}/s-kota-00",
            "queue": PLACE,
            "bench": f"{PLACE}/{tasks[0]}/indicators/1",
            "end": f"{PLACE}/{tasks[0]}/end",
        }
        yield {page: questions(on, counter, places[page], who) for page, who in PAGES.items()}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_no_more_for_more_rows(asked: dict[str, list[str]], page: str) -> None:
    check_asks_no_more(page, asked[page], 14)
