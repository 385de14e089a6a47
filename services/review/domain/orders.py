"""What the holder of a task orders under its lease: each order names the fence that the claim gave."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.review.domain.clarifications import ClarificationMark
from services.review.domain.ratings import Explanation, Pin


def sent_pins(pins: Sequence[Pin]) -> list[dict[str, Any]]:
    """Pins as they were sent: without what they do not say."""
    return [{name: part for name, part in asdict(pin).items() if part is not None} for pin in pins]


@dataclass(frozen=True)
class LeaseOrder:
    """An order that says nothing but its fence: to renew the lease, to finish the task."""

    fence: int

    @property
    def yours(self) -> dict[str, Any]:
        """What its sender gets back when the lease is lost: the body as it was sent, without the fence."""
        return {}


@dataclass(frozen=True)
class ReleaseOrder(LeaseOrder):
    """To give the task back."""

    reason: str | None

    @property
    def yours(self) -> dict[str, Any]:
        """The reason."""
        return {"reason": self.reason}


@dataclass(frozen=True)
class RatingOrder(LeaseOrder):
    """To save a rating; its value is as it was written, not checked against the edition yet."""

    value: str | int | float
    explanation: Explanation
    pins: tuple[Pin, ...]
    conditions: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()

    @property
    def yours(self) -> dict[str, Any]:
        """Value, facts, analysis, justification, the pins without what they do not say, what is ticked if any."""
        ticked = {"conditions": list(self.conditions), "accepted": list(self.accepted)}
        met = {name: codes for name, codes in ticked.items() if codes}
        return {"value": self.value, **asdict(self.explanation), "pins": sent_pins(self.pins), **met}


@dataclass(frozen=True)
class QuestionOrder(LeaseOrder):
    """To mark one indicator for the next stage with a question, or with an empty one to take its mark back."""

    question: str

    @property
    def yours(self) -> dict[str, Any]:
        """The question."""
        return {"question": self.question}


@dataclass(frozen=True)
class MarkOrder(LeaseOrder):
    """To mark what the next stage has to clarify."""

    marks: tuple[ClarificationMark, ...]

    @property
    def yours(self) -> dict[str, Any]:
        """The marks, as `indicators`."""
        return {"indicators": [asdict(mark) for mark in self.marks]}
