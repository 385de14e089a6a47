"""Assessors in browsers: signed in at intake, behind the real gateway, which leads to review."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.intake.app import service as intake
from shared.core.settings import Settings
from shared.service import Service
from tests.pages.browser import Browser
from tests.pages.door import Door, before
from tests.review.builders import Review, new
from tests.support.gateway import Gateway
from tests.support.stage import Stage

QUEUE = "/review/tasks"
LONG_AGENCY = (
    "Kementerian Koordinator Bidang Contoh Pembangunan Daerah Tertinggal, Perbatasan, dan Kepulauan Terluar"
)


@dataclass(frozen=True)
class Bench(Door):
    """The browsers of assessors, and what they review."""

    review: Review


@pytest.fixture(scope="module")
def review_front(
    settings_of: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """The gateway before review, and before intake, at which people sign in."""
    home: Path = tmp_path_factory.mktemp("review")
    with before(("intake", "review"), settings_of, home) as running:
        yield running


@pytest.fixture
def bench(chromium: Browser, stage: Callable[[Service], Stage], review_front: Gateway) -> Bench:
    """Two assessors, and nothing to review yet."""
    stage(intake)
    review = new(stage)
    review.appoint("ani")
    review.appoint("budi")
    return Bench(chromium, review_front, review)
