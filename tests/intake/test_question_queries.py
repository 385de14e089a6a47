"""How many questions the pages about the assessors' questions ask of the database: as many for two as for thirty."""

from collections.abc import Callable, Iterator

import pytest

from services.intake.app import service
from shared.core.settings import Settings
from tests.intake.questions import ID, question
from tests.intake.rounds import A, Round, people
from tests.intake.test_clarifications import PAGE, taking_part
from tests.support.questions import Counter, check_asks_no_more, questions
from tests.support.stage import Mint, Stage, closing

PAGES = {"home": f"/intake/self-assessments/{A}", "list": PAGE, "question": f"{PAGE}/{ID}"}


@pytest.fixture(scope="module", params=[2, 30])
def asked(
    request: pytest.FixtureRequest, counter: Counter, settings_of: Callable[[str], Settings], mint: Mint
) -> Iterator[dict[str, list[str]]]:
    """What each page asks, when the agency was asked so much."""
    with closing(Stage(service, settings_of("intake"), mint)) as on:
        on.prepare()
        people(on)
        play = taking_part(Round(on))
        for number in range(request.param):
            id = ID if number == 0 else f"task-1.x{number}"
            on.consume(f"clarification:{id}", question(clarification=id))
            body = {"words": "Terlampir.", "evidence": []}
            play.put_raw("clerk-a", f"/self-assessments/{A}/clarifications/{id}/answer", body, 0)
        yield {page: questions(on, counter, place, "officer-a") for page, place in PAGES.items()}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_no_more_for_more_rows(asked: dict[str, list[str]], page: str) -> None:
    check_asks_no_more(page, asked[page], 30)
