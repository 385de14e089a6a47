"""How many questions a page asks of the database: as many for ten rows as for forty."""

from collections.abc import Callable, Iterator

import pytest

from services.intake.app import service
from shared.core.settings import Settings
from tests.support.nation import CYCLE, EDITION, FIRST, settle
from tests.support.questions import Counter, check_asks_no_more, questions
from tests.support.stage import Mint, Stage, closing

DESK = f"/intake/self-assessments/{CYCLE}.{FIRST}"
PAGES = {
    "/intake/people": "minister",
    "/intake/cycles": "minister",
    f"/intake/cycles/{CYCLE}": "minister",
    f"/intake/cycles/{CYCLE}/control": "minister",
    f"/intake/cycles/{CYCLE}/participations": "minister",
    f"/intake/cycles/{CYCLE}/participations?state=answering&q=kota": "minister",
    "/intake/editions": "minister",
    "/intake/agencies": "minister",
    "/intake/agencies?q=kota&group=Kota": "minister",
    f"/intake/agencies/{FIRST}": "minister",
    f"/intake/editions/{EDITION}": "minister",
    "/intake/search?q=kota": "minister",
    "/intake/profile": "minister",
    DESK: f"officer-0-{FIRST}",
    f"{DESK}/indicators": f"officer-0-{FIRST}",
    f"{DESK}/indicators/1": f"officer-0-{FIRST}",
    f"{DESK}/seal": f"officer-0-{FIRST}",
    "/intake/search?q=lampiran": f"officer-0-{FIRST}",
}


@pytest.fixture(scope="module", params=[10, 40])
def asked(
    request: pytest.FixtureRequest, counter: Counter, settings_of: Callable[[str], Settings], mint: Mint
) -> Iterator[dict[str, list[str]]]:
    """What each page asks, in a nation with so many rows of everything."""
    rows: int = request.param
    with closing(Stage(service, settings_of("intake"), mint)) as on:
        on.prepare()
        settle(on, agencies=rows, files=rows, comments=rows // 10, people=rows, idle=True)
        yield {page: questions(on, counter, page, who) for page, who in PAGES.items()}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_no_more_for_more_rows(asked: dict[str, list[str]], page: str) -> None:
    check_asks_no_more(page, asked[page], 30)
