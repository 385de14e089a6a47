"""The round that tests of intake play in."""

from collections.abc import Callable

import pytest

from services.intake.app import service
from shared.service import Service
from tests.intake.rounds import SECOND, A, Round, exhibit, people
from tests.support.stage import Stage


@pytest.fixture
def play(stage: Callable[[Service], Stage]) -> Round:
    """Intake with its people, and nothing else yet."""
    on = stage(service)
    people(on)
    return Round(on)


@pytest.fixture
def open_round(play: Round) -> Round:
    """A round in which both agencies may answer."""
    play.open()
    return play


@pytest.fixture
def ready(open_round: Round) -> Round:
    """Every indicator of the first agency answered, two with evidence."""
    open_round.answer_all(A, {"1": [exhibit()], "3": [exhibit(), exhibit(SECOND, "laporan.pdf")]})
    return open_round
