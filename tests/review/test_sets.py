"""The hash of a set of ratings: what it covers, and that its consumer computes the same."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest

from shared.events import decode, encode
from shared.events.review import ReviewFinalised, StageRating
from shared.events.sets import FIELDS, set_hash
from tests.review.builders import Review
from tests.support.stage import LONG_AGO

ONE = StageRating(
    indicator="1",
    value="3",
    stage="interview",
    rating="r1",
    origin="carried",
    words_sha256="ab",
    carried_from="document",
)
TWO = StageRating(indicator="2", value="7/6", stage="interview", rating="r2", origin="own", words_sha256="cd")


def test_the_hash_is_of_the_rows_as_sorted_json() -> None:
    rows = [
        {
            "carried_from": "document",
            "indicator": "1",
            "origin": "carried",
            "rating": "r1",
            "stage": "interview",
            "value": "3",
            "words_sha256": "ab",
        }
    ]
    plain = json.dumps(rows, separators=(",", ":"), sort_keys=True)
    assert set_hash([ONE]) == sha256(plain.encode()).hexdigest()


@pytest.mark.parametrize("field", FIELDS)
def test_the_hash_covers_every_field(field: str) -> None:
    changed = replace(TWO, **{field: "x"})
    assert set_hash([ONE, changed]) != set_hash([ONE, TWO])


def test_the_hash_covers_order_and_number() -> None:
    assert len({set_hash(rows) for rows in ([], [ONE], [ONE, TWO], [TWO, ONE], [ONE, ONE])}) == 5


def test_a_consumer_finds_the_hash_that_was_published(review: Review) -> None:
    rows = (ONE, TWO)
    event = ReviewFinalised(
        case="c",
        submission="s",
        participation="p",
        cycle="2026",
        agency="a",
        edition="e",
        stage="interview",
        finalised_at=LONG_AGO,
        set_hash="not this one",
        ratings=rows,
    )
    received = decode(encode(review.stage.envelope("case:c", event))).event
    assert set_hash(received.ratings) == set_hash(rows)
