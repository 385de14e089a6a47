"""Several changes in one request, each with an outcome of its own: what is wrong with one leaves the others alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.core.errors import AppError, Invalid

MOST_PATCHES = 100
"""Indicators of which one request may change something."""


class Patch(Protocol):
    """A change of what is kept of one indicator."""

    @property
    def indicator(self) -> str:
        """The code of the indicator."""


@dataclass(frozen=True)
class UnreadPatch:
    """A patch that is not as it should be; `errors` says where."""

    indicator: str
    errors: tuple[Mapping[str, str], ...]

    @property
    def problem(self) -> "PatchProblem":
        """Why it cannot be kept, its first error in words."""
        first = self.errors[0]
        return PatchProblem("invalid", f"`{first['pointer']}`: {first['detail']}", self.errors)


@dataclass(frozen=True)
class PatchProblem:
    """Why a patch cannot be kept."""

    code: str
    detail: str
    errors: tuple[Mapping[str, str], ...] = ()


def problem_of(why: AppError) -> PatchProblem:
    """What a refusal says of one patch."""
    return PatchProblem(why.cause_code, why.detail, tuple(why.extra.get("errors", ())))


def check_once(patches: Sequence[Patch], what: str) -> None:
    """Refuse patches of which two are for one indicator: neither says which comes first."""
    named = [patch.indicator for patch in patches]
    twice = sorted({code for code in named if named.count(code) > 1})
    if twice:
        raise Invalid(
            f"One request changes each {what} once; these stand twice: {', '.join(twice)}.",
            "indicator-twice",
            {"indicators": twice},
        )
