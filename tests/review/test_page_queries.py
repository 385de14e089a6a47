"""How many questions an assessor's pages ask of the database: as many for a few rows as for many."""

from collections.abc import Callable, Iterator

import pytest

from services.review.app import service
from services.review.pages.queue import PLACE
from shared.core.settings import Settings
from tests.review.builders import Review
from tests.support.questions import Counter, check_asks_no_more, questions
from tests.support.stage import Mint, Stage, closing

PAGES = ("queue", "bench", "end")


@pytest.fixture(scope="module", params=[1, 20])
def asked(
    request: pytest.FixtureRequest, counter: Counter, settings_of: Callable[[str], Settings], mint: Mint
) -> Iterator[dict[str, list[str]]]:
    """What each page asks with so many open tasks and held ones, and so many indicators rated."""
    with closing(Stage(service, settings_of("review"), mint)) as on:
        on.prepare()
        review = Review(on)
        review.appoint("ani")
        for number in range(2 * request.param):
            review.open(f"kota-{number:02}")
        tasks = [review.open_task(f"kota-{number:02}") for number in range(request.param)]
        fences = [review.claim("ani", task) for task in tasks]
        for code in ("1", "2", "3")[: request.param]:
            review.rate("ani", tasks[0], fences[0], code, 2)
        places = {
            "queue": PLACE,
            "bench": f"{PLACE}/{tasks[0]}/indicators/1",
            "end": f"{PLACE}/{tasks[0]}/end",
        }
        yield {page: questions(on, counter, places[page], "ani") for page in PAGES}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_no_more_for_more_rows(asked: dict[str, list[str]], page: str) -> None:
    check_asks_no_more(page, asked[page], 14)
