"""Ratings: rows that are never changed, each the value of one indicator by one author in one stage."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from services.review.domain.cases import Case
from services.review.domain.materials import Material, SubmittedAnswer
from shared.core.errors import Invalid
from shared.core.text import says_something
from shared.instrument import Edition, parse_value
from shared.instrument.exact import exact
from shared.signing.receipts import explanation_hash

NewId = Callable[[], str]


@dataclass(frozen=True)
class Pin:
    """What a rating points at: a page of a file, or a numbered paragraph of the minutes.

    `x` and `y` are a place on the page, in thousandths of its width and height from its upper left corner.
    """

    sha256: str | None = None
    page: int | None = None
    minutes: int | None = None
    x: int | None = None
    y: int | None = None


@dataclass(frozen=True)
class Explanation:
    """Why a rating is what it is."""

    facts: str
    analysis: str
    justification: str

    @property
    def sha256(self) -> str:
        """The hash by which the explanation is known outside of review."""
        return explanation_hash(asdict(self))

    @property
    def empty(self) -> tuple[str, ...]:
        """The parts that were not written yet."""
        return tuple(name for name, text in asdict(self).items() if not says_something(text))


MOST_WRITTEN = 16 * 1024 * 1024
"""Bytes of all versions of one rating within a task."""
EACH = 200
"""Bytes that a version, and each of its pins, conditions and accepted pieces of evidence, takes besides its texts."""


@dataclass(frozen=True)
class RatingRef:
    """The latest rating of one indicator within a task; `written` is how many bytes all its versions have, about.

    One that is not valued has words and pins only.
    """

    indicator: str
    rating: str
    version: int
    written: int = 0
    is_valued: bool = True


@dataclass(frozen=True)
class Rating:
    """A row; `source` names the row whose explanation a carried one stands on, `version` counts within its task.

    `author` is an assessor's id, or the agency's for its own values; None where the reader may not know it, or nobody
    gave the value: then its `origin` is external (an index of another ministry) or assumed.
    `conditions` are those of the indicator's levels that its author holds to be met, `accepted` the codes of evidence.
    """

    id: str
    case: str
    stage: str
    indicator: str
    value: str
    author: str | None
    words_sha256: str
    at: datetime
    origin: str = "own"
    explanation: Explanation | None = None
    pins: tuple[Pin, ...] = ()
    task: str | None = None
    version: int = 1
    carried_from: str | None = None
    source: str | None = None
    conditions: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()

    @property
    def ref(self) -> RatingRef:
        """How a task names it."""
        texts = [*asdict(self.explanation).values()] if self.explanation else []
        size = sum(len(text.encode()) for text in texts) + EACH * (
            1 + len(self.pins) + len(self.conditions) + len(self.accepted)
        )
        return RatingRef(self.indicator, self.id, self.version, size, self.value != "")


def read_value(edition: Edition, indicator: str, raw: object) -> str:
    """The value as exact text, as it was written; raises Invalid that says what is allowed."""
    parse_value(edition, indicator, raw)
    return str(exact(raw))


def agency_ratings(case: Case, material: Material, codes: Sequence[str], new_id: NewId) -> list[Rating]:
    """The agency's own values as the first stage's ratings, in the order of the edition's codes."""
    answers = {answer.indicator: answer for answer in material.answers}
    return [_agency_rating(new_id(), case, answers[code]) for code in codes]


def _agency_rating(id: str, case: Case, answer: SubmittedAnswer) -> Rating:
    """The agency's own value; its explanation stays with the answer."""
    return Rating(
        id=id,
        case=case.id,
        stage=case.stages[0],
        indicator=answer.indicator,
        value=answer.value,
        author=case.agency,
        words_sha256=answer.words_sha256,
        at=case.opened_at,
        origin=answer.origin or "own",
    )


def carry_over(before: Sequence[Rating], stage: str, now: datetime, new_id: NewId) -> list[Rating]:
    """The ratings of the stage before, each taken over as a row of its own."""
    return [_carried(new_id(), rating, stage, now) for rating in before]


def order_ratings(ratings: Iterable[Rating], codes: Sequence[str]) -> list[Rating]:
    """One rating for each of the edition's codes, in their order."""
    by_indicator = {rating.indicator: rating for rating in ratings}
    return [by_indicator[code] for code in codes]


def merge_ratings(
    own: Iterable[Rating], before: Sequence[Rating], stage: str, now: datetime, new_id: NewId
) -> list[Rating]:
    """A stage's ratings: its own where it has one, else that of the stage before, carried over."""
    by_indicator = {rating.indicator: rating for rating in own}
    return [by_indicator.get(rating.indicator) or _carried(new_id(), rating, stage, now) for rating in before]


def new_rows(ratings: Iterable[Rating]) -> list[Rating]:
    """Those that the end of a stage itself makes: a task's own were saved when they were given."""
    return [rating for rating in ratings if rating.task is None]


def _carried(id: str, before: Rating, stage: str, now: datetime) -> Rating:
    return replace(
        before,
        id=id,
        stage=stage,
        at=now,
        origin="carried",
        explanation=None,
        pins=(),
        conditions=(),
        accepted=(),
        task=None,
        version=1,
        carried_from=before.stage,
        source=before.source or before.id,
    )


def check_pins(pins: Sequence[Pin], material: Material) -> None:
    """Every pin points at a page of a file or a paragraph of the minutes; raises Invalid that lists the others."""
    problems = [
        {"in": "json", "pointer": f"/pins/{place}", "detail": defect}
        for place, pin in enumerate(pins)
        if (defect := _defect(pin, material))
    ]
    if problems:
        raise Invalid(
            f"Some pins point at nothing of this submission. {problems[0]['detail']}",
            "bad-pin",
            {"errors": problems},
        )


def _defect(pin: Pin, material: Material) -> str | None:
    if (pin.sha256 is None) == (pin.minutes is None):
        return "Point either at a file (sha256 and page) or at a paragraph of the minutes (minutes)."
    return _defect_in_minutes(pin, material) if pin.minutes is not None else _defect_in_file(pin, material)


def _defect_in_minutes(pin: Pin, material: Material) -> str | None:
    count = material.minutes_paragraphs
    if pin.page is not None or pin.x is not None or pin.y is not None:
        return "A paragraph of the minutes has no page, and no place on one."
    if count is not None and pin.minutes is not None and pin.minutes > count:
        paragraphs = "paragraph" if count == 1 else "paragraphs"
        return f"The minutes have {count} numbered {paragraphs}: there is no paragraph {pin.minutes}."
    return None


def _defect_in_file(pin: Pin, material: Material) -> str | None:
    file = material.readable.get(pin.sha256 or "")
    if file is None:
        return (
            f"No file {pin.sha256} that can be opened came with this submission: see `files` and `missing`."
        )
    if not pin.page:
        return "Say on which page of the file, from 1."
    if (pin.x is None) != (pin.y is None):
        return "A place on a page needs both x and y."
    if file.pages is not None and pin.page > file.pages:
        pages = "page" if file.pages == 1 else "pages"
        return f"{file.name} has {file.pages} {pages}: there is no page {pin.page}."
    return None
