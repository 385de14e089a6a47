"""The review service, its database empty at first."""

from collections.abc import Callable

import pytest

from shared.service import Service
from tests.review import builders
from tests.review.builders import Review
from tests.support.stage import Stage


@pytest.fixture
def review(stage: Callable[[Service], Stage]) -> Review:
    """The service with the ministry's and the assessors' hands."""
    return builders.new(stage)
