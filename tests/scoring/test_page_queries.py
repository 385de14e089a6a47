"""How many questions a page asks of the database: as many for ten results as for a hundred."""

from collections.abc import Callable, Iterator

import pytest

from services.scoring.app import service
from shared.core.settings import Settings
from tests.scoring.builders import copy_published, nation
from tests.support.questions import Counter, check_asks_no_more, questions
from tests.support.stage import Mint, Stage, closing

PAGES = {
    "/scoring/results": None,
    "/scoring/results?sort=name&group=Kementerian": None,
    "/scoring/results/s1": None,
    "/scoring/agencies/ekon": None,
    "/scoring/own": "ekon",
    "/scoring/own/s1": "ekon",
    "/scoring/scores": "officer",
    "/scoring/scores/s1": "officer",
    "/scoring/decisions?what=publish&submission=s1&submission=kota-000": "officer",
}


@pytest.fixture(scope="module", params=[10, 100])
def asked(
    request: pytest.FixtureRequest, counter: Counter, settings_of: Callable[[str], Settings], mint: Mint
) -> Iterator[dict[str, list[str]]]:
    """What each page asks, with so many published results."""
    with closing(Stage(service, settings_of("scoring"), mint)) as on:
        on.prepare()
        nation(on)
        copy_published(on, request.param - 1)
        yield {page: questions(on, counter, page, who) for page, who in PAGES.items()}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_no_more_for_more_results(asked: dict[str, list[str]], page: str) -> None:
    check_asks_no_more(page, asked[page], 12)
