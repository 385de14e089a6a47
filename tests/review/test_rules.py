"""Rules of review on plain values."""

from datetime import UTC, datetime

import pytest

from services.review.domain import RatingRef, Task
from services.review.domain.ratings import MOST_WRITTEN
from services.review.domain.tasks import add_rating
from shared.core.errors import Conflict

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def test_the_versions_of_a_rating_are_bounded() -> None:
    task = Task("t", "c", "2026", "kota-a", "desk", ("1", "2"), NOW)
    half = RatingRef("1", "r", 1, MOST_WRITTEN // 2)
    twice = add_rating(add_rating(task, half), half)
    assert [each.written for each in twice.rated] == [MOST_WRITTEN]
    with pytest.raises(Conflict) as refused:
        add_rating(twice, RatingRef("1", "r", 3, 1))
    assert refused.value.cause_code == "too-many-versions"
    assert add_rating(twice, RatingRef("2", "s", 1, 1)).rated[-1].written == 1
