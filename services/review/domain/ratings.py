"""Ratings: rows that are never changed, each the value of one indicator by one author in one stage."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from services.review.domain.cases import Case, Material
from shared.core.errors import Invalid
from shared.instrument import Edition, parse_value
from shared.instrument.exact import exact
from shared.signing.receipts import explanation_hash


@dataclass(frozen=True)
class Pin:
    """What a rating points at: a page of a file, or a numbered paragraph of the minutes."""

    sha256: str | None = None
    page: int | None = None
    minutes: int | None = None


@dataclass(frozen=True)
class Words:
    """Why a rating is what it is."""

    facts: str
    analysis: str
    justification: str

    @property
    def sha256(self) -> str:
        """The hash by which the words are known outside of review."""
        return explanation_hash(asdict(self))

    @property
    def empty(self) -> tuple[str, ...]:
        """The parts that were not written yet."""
        return tuple(name for name, text in asdict(self).items() if not text.strip())


@dataclass(frozen=True)
class Rating:
    """One row; `source` names the row whose words a carried one stands on, `version` counts within its task."""

    id: str
    case: str
    stage: str
    indicator: str
    value: str
    author: str
    words_sha256: str
    at: datetime
    origin: str = "own"
    words: Words | None = None
    pins: tuple[Pin, ...] = ()
    task: str | None = None
    version: int = 1
    carried_from: str | None = None
    source: str | None = None


def read_value(edition: Edition, indicator: str, raw: object) -> str:
    """The value as exact text, as it was written; raises Invalid that says what is allowed."""
    parse_value(edition, indicator, raw)
    return str(exact(raw))


def from_agency(id: str, case: Case, answer: Mapping[str, Any]) -> Rating:
    """The agency's own value, as the first stage's rating; its words stay with the answer."""
    return Rating(
        id=id,
        case=case.id,
        stage=case.stages[0],
        indicator=answer["indicator"],
        value=answer["value"],
        author=case.agency,
        words_sha256=answer["words_sha256"],
        at=case.opened_at,
    )


def carried(id: str, before: Rating, stage: str, now: datetime) -> Rating:
    """The rating of the stage before, taken over as a row of its own."""
    return replace(
        before,
        id=id,
        stage=stage,
        at=now,
        origin="carried",
        words=None,
        pins=(),
        task=None,
        version=1,
        carried_from=before.stage,
        source=before.source or before.id,
    )


def check_pins(pins: Sequence[Pin], material: Material) -> None:
    """Every pin points at a page of a file that came, or at the minutes; raises Invalid that lists the others."""
    problems = [
        {"in": "json", "pointer": f"/pins/{place}", "detail": said}
        for place, pin in enumerate(pins)
        if (said := _wrong(pin, material))
    ]
    if problems:
        raise Invalid(
            "Some pins point at nothing of this submission: see errors.", "bad-pin", {"errors": problems}
        )


def _wrong(pin: Pin, material: Material) -> str | None:
    if (pin.sha256 is None) == (pin.minutes is None):
        return "Point either at a file (sha256 and page) or at a paragraph of the minutes (minutes)."
    if pin.minutes is not None:
        return None if pin.page is None else "A paragraph of the minutes has no page."
    if pin.sha256 not in material.readable:
        return (
            f"No file {pin.sha256} that can be opened came with this submission: see `files` and `missing`."
        )
    return None if pin.page else "Say on which page of the file, from 1."
