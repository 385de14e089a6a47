"""Who may see which scores and results: of another agency nobody learns even that there is something."""

from dataclasses import dataclass, replace

from services.scoring.domain.results import Result
from services.scoring.domain.scores import SELF, Score
from shared.core.errors import NotFound
from shared.core.people import AGENCY_ROLES, Caller


@dataclass(frozen=True)
class Wanted:
    """Which rows of a list: those of some agencies (None: of all), of a cycle, …, so many after an id."""

    agencies: frozenset[str] | None
    cycle: str | None
    after: str | None
    limit: int
    stage: str | None = None
    published: bool = False


def seen_score(one: Score | None, caller: Caller) -> Score:
    """The score, for the ministry, and that of its own self-assessment for an agency; raises NotFound."""
    if one and (caller.has("ministry") or (one.basis.stage == SELF and _own(one, caller))):
        return one
    raise NotFound("There is no such score, or none that you may know of.")


def seen_result(one: Result | None, caller: Caller) -> Result:
    """The result, for the ministry, and its own published one for an agency; raises NotFound.

    Who decided is for the ministry only.
    """
    if one and caller.has("ministry"):
        return one
    if one and one.published_at and _own(one.score, caller):
        return replace(one, decisions=())
    raise NotFound("There is no such result, or none that you may know of.")


def seen_scores(wanted: Wanted, caller: Caller) -> Wanted:
    """The part of a list of scores that the caller may see."""
    if caller.has("ministry"):
        return wanted
    seen = replace(wanted, stage=SELF, agencies=_agencies(wanted, caller))
    return seen if wanted.stage in (None, SELF) else replace(seen, agencies=frozenset())


def seen_results(wanted: Wanted, caller: Caller) -> Wanted:
    """The part of a list of results that the caller may see."""
    if caller.has("ministry"):
        return wanted
    return replace(wanted, published=True, agencies=_agencies(wanted, caller))


def _agencies(wanted: Wanted, caller: Caller) -> frozenset[str]:
    own = caller.agencies(*AGENCY_ROLES)
    return own if wanted.agencies is None else own & wanted.agencies


def _own(one: Score, caller: Caller) -> bool:
    return caller.has(*AGENCY_ROLES, agency=one.basis.agency)
