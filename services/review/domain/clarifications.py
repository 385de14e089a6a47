"""What a stage asks the next one to clarify."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.core.errors import Invalid


@dataclass(frozen=True)
class ClarificationMark:
    """An indicator to be clarified in the next stage, and the question to the agency."""

    indicator: str
    question: str


def check_marks(
    marks: Sequence[ClarificationMark], codes: Sequence[str], stage: str, next_stage: str | None
) -> tuple[ClarificationMark, ...]:
    """The marks that `stage` makes for the next one, in the order of the edition's codes.

    Raises Invalid when no stage comes next, for an indicator that the edition lacks, and for one marked twice.
    """
    if marks and next_stage is None:
        raise Invalid(
            f"No stage comes after {stage} in this case, so nothing can be clarified.", "no-next-stage"
        )
    by_indicator = {mark.indicator: mark for mark in marks}
    unknown = [code for code in by_indicator if code not in codes]
    if unknown:
        raise Invalid(
            f"The edition has no indicator {', '.join(unknown)}.",
            "unknown-indicator",
            {"indicators": unknown},
        )
    if len(by_indicator) < len(marks):
        raise Invalid("Mark each indicator once, with all that you want to ask.", "marked-twice")
    return tuple(by_indicator[code] for code in codes if code in by_indicator)
