"""How many questions a page for everybody asks of the database: as many for ten results as for a hundred."""

from collections.abc import Callable, Iterator

import pytest
from pymongo.monitoring import register

from services.scoring.app import service
from shared.core.settings import Settings
from tests.scoring.builders import copy_published, nation
from tests.support.questions import Counter, questions
from tests.support.stage import Mint, Stage, closing

PAGES = ("/scoring/results", "/scoring/results?sort=name&group=Kementerian", "/scoring/results/s1")
FOUND: dict[str, list[str]] = {}


@pytest.fixture(scope="module")
def counter() -> Counter:
    """What counts for all connections that are made from now on; the driver forgets no listener."""
    made = Counter()
    register(made)
    return made


@pytest.fixture(scope="module", params=[10, 100])
def asked(
    request: pytest.FixtureRequest, counter: Counter, settings_of: Callable[[str], Settings], mint: Mint
) -> Iterator[dict[str, list[str]]]:
    """What each page asks, with so many published results."""
    with closing(Stage(service, settings_of("scoring"), mint)) as on:
        on.prepare()
        nation(on)
        copy_published(on, request.param - 1)
        yield {page: questions(on, counter, page, None) for page in PAGES}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_no_more_for_more_results(asked: dict[str, list[str]], page: str) -> None:
    before = FOUND.setdefault(page, asked[page])
    assert sorted(asked[page]) == sorted(before)
    assert len(before) <= 8
