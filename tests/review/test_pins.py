"""What a rating points at is there: a page that the file has, a paragraph that the minutes have."""

from dataclasses import replace

import pytest

from services.review.domain import Material, Pin, check_pins
from services.review.domain.materials import SubmittedFile
from shared.core.errors import Invalid
from shared.events.files import EvidenceFile, MissingFile
from tests.review.builders import FILE, GONE, OTHER, Review, agency, cycle, edition, participation, submission

COUNTED = SubmittedFile(FILE, "SK.pdf", 1000, "pdf", pages=3)
UNCOUNTED = SubmittedFile(OTHER, "notulen.docx", 1000, "docx")


def material(paragraphs: int | None) -> Material:
    return Material((), (COUNTED, UNCOUNTED), (), True, paragraphs)


@pytest.mark.parametrize(
    ("pin", "paragraphs"),
    [
        (Pin(FILE, page=1), None),
        (Pin(FILE, page=3), None),
        (Pin(OTHER, page=100_000), None),
        (Pin(FILE, page=3, x=0, y=1000), None),
        (Pin(minutes=4), 4),
        (Pin(minutes=100_000), None),
    ],
)
def test_a_pin_on_what_is_there_or_cannot_be_counted_is_taken(pin: Pin, paragraphs: int | None) -> None:
    check_pins([pin], material(paragraphs))


@pytest.mark.parametrize(
    ("pin", "paragraphs", "said"),
    [
        (Pin(FILE, page=4), None, "SK.pdf has 3 pages: there is no page 4."),
        (Pin(FILE, page=100_000), 9, "SK.pdf has 3 pages: there is no page 100000."),
        (Pin(minutes=5), 4, "The minutes have 4 numbered paragraphs: there is no paragraph 5."),
        (Pin(FILE, page=1, x=5), None, "A place on a page needs both x and y."),
        (Pin(FILE, page=1, y=5), None, "A place on a page needs both x and y."),
        (Pin(minutes=1, x=1, y=1), 1, "A paragraph of the minutes has no page, and no place on one."),
        (Pin(minutes=2), 1, "The minutes have 1 numbered paragraph: there is no paragraph 2."),
    ],
)
def test_a_pin_beyond_the_last_page_or_paragraph_is_refused(
    pin: Pin, paragraphs: int | None, said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_pins([Pin(FILE, page=1), pin], material(paragraphs))
    assert refused.value.cause_code == "bad-pin"
    assert refused.value.extra["errors"] == [{"in": "json", "pointer": "/pins/1", "detail": said}]


def test_a_file_of_one_page_has_no_second(review: Review) -> None:
    """The number comes with the event that completes the submission."""
    review.stage.consume("edition:small-1", edition())
    review.stage.consume("agency:kota-a", agency())
    review.stage.consume("participation:2026.kota-a", participation())
    review.stage.consume("cycle:2026", cycle())
    event = submission()
    counted = replace(event, files=(replace(event.files[0], pages=1), event.files[1]), minutes_paragraphs=2)
    assert review.stage.consume(f"submission:{event.submission}", counted) == "done"
    review.appoint("ani")
    task = review.open_task()
    fence = review.claim("ani", task)
    before = review.stage.state()
    for pin in ({"sha256": FILE, "page": 2}, {"minutes": 3}):
        refused = review.rate("ani", task, fence, "1", 1, pins=[pin])
        assert (refused.status_code, refused.json["code"]) == (422, "bad-pin")
    assert review.stage.state() == before
    pins = [{"sha256": FILE, "page": 1}, {"minutes": 2}]
    assert review.rate("ani", task, fence, "1", 1, pins=pins).status_code == 200


def test_a_case_shows_what_took_the_place_of_a_refused_file_and_a_pin_may_point_at_it(review: Review) -> None:
    review.stage.consume("edition:small-1", edition())
    review.stage.consume("agency:kota-a", agency())
    review.stage.consume("participation:2026.kota-a", participation())
    review.stage.consume("cycle:2026", cycle())
    event = submission()
    instead = EvidenceFile(sha256=OTHER, name="baru.pdf", size=9, type="pdf", pages=1, replaces=GONE)
    gone = MissingFile(sha256=GONE, name="b.pdf", reason="wrong-type", replaced_by=OTHER)
    replaced = replace(event, files=(*event.files, instead), missing=(gone,))
    assert review.stage.consume(f"submission:{event.submission}", replaced) == "done"
    review.appoint("ani")
    task = review.open_task()
    fence = review.claim("ani", task)
    case = review.get("ani", f"/cases/{event.submission}").json
    assert {file["sha256"]: file["replaces"] for file in case["files"]} == {
        FILE: None,
        GONE: None,
        OTHER: GONE,
    }
    assert [(file["sha256"], file["replaced_by"]) for file in case["missing"]] == [(GONE, OTHER)]
    assert review.rate("ani", task, fence, "1", 1, pins=[{"sha256": OTHER, "page": 1}]).status_code == 200
    assert review.rate("ani", task, fence, "1", 1, pins=[{"sha256": GONE, "page": 1}]).status_code == 422
