"""Who may see and change what is an agency's."""

from typing import Protocol, TypeVar

from shared.core.errors import Forbidden, NotFound
from shared.core.people import AGENCY_ROLES, Caller

T = TypeVar("T")

SEALERS = ("coordinator", "officer")


def existing(value: T | None, name: str) -> T:
    """The value; NotFound, saying its name, where there is none."""
    if value is None:
        raise NotFound(f"There is no {name}.")
    return value


class OfAgency(Protocol):
    """What belongs to an agency."""

    @property
    def agency(self) -> str: ...


V = TypeVar("V", bound=OfAgency)


def may_see(caller: Caller, value: V | None, name: str = "participation") -> V:
    """The value, for the agency's own people and the ministry; NotFound for all others, as if nothing were there."""
    if value is None or not (caller.has("ministry") or caller.has(*AGENCY_ROLES, agency=value.agency)):
        raise NotFound(f"There is no such {name}, or none that you may know of.")
    return value


def may_answer(caller: Caller, value: V | None) -> V:
    """The value, for the agency's own people; Forbidden for the ministry, NotFound for all others."""
    seen = may_see(caller, value)
    if not caller.has(*AGENCY_ROLES, agency=seen.agency):
        raise Forbidden("Only the agency's own people may do this.", "agency-only")
    return seen


def may_seal(caller: Caller, value: V | None) -> V:
    """The value, for the agency's coordinator and officers; Forbidden for its other people and the ministry."""
    seen = may_answer(caller, value)
    if not caller.has(*SEALERS, agency=seen.agency):
        raise Forbidden(
            "Only the agency's coordinator or an officer may seal: ask one of them.", "sealer-needed"
        )
    return seen
