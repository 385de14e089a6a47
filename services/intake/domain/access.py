"""Who may do what to an agency's things."""

from shared.core.errors import Forbidden, NotFound
from shared.core.people import AGENCY_ROLES, Caller

SEALERS = ("coordinator", "officer")


def may_see(caller: Caller, agency: str | None, what: str = "participation") -> None:
    """Let the agency's own people and the ministry pass; NotFound for all others, as if nothing were there.

    `agency` is None where nothing is there.
    """
    if agency is None or not (caller.has("ministry") or caller.has(*AGENCY_ROLES, agency=agency)):
        raise NotFound(f"There is no such {what}, or none that you may know of.")


def may_answer(caller: Caller, agency: str | None) -> None:
    """Let the agency's own people pass; Forbidden for the ministry, NotFound for all others."""
    may_see(caller, agency)
    if not caller.has(*AGENCY_ROLES, agency=agency):
        raise Forbidden("Only the agency's own people may do this.", "agency-only")


def may_seal(caller: Caller, agency: str | None) -> None:
    """Let the agency's coordinator and officers pass; Forbidden for its other people and the ministry."""
    may_answer(caller, agency)
    if not caller.has(*SEALERS, agency=agency):
        raise Forbidden(
            "Only the agency's coordinator or an officer may seal: ask one of them.", "sealer-needed"
        )
