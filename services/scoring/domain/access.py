"""Who may see which scores and results: of another agency nobody learns even that there is something."""

from dataclasses import dataclass, replace
from typing import Self

from services.scoring.domain.publications import require_published
from services.scoring.domain.results import Result
from services.scoring.domain.scores import SELF, Score
from shared.core.errors import NotFound
from shared.core.people import AGENCY_ROLES, Caller


@dataclass(frozen=True)
class ScoreFilter:
    """Which scores of a list: those of some agencies, of a cycle, of a stage; None stands for all."""

    agencies: frozenset[str] | None = None
    cycle: str | None = None
    stage: str | None = None

    @classmethod
    def of(cls, agency: str | None, cycle: str | None, stage: str | None) -> Self:
        """The filter for one agency, or for all when None."""
        return cls(_agencies(agency), cycle, stage)


@dataclass(frozen=True)
class ResultFilter:
    """Which results of a list: those of some agencies, of a cycle (None: of all), and only published ones, or not."""

    agencies: frozenset[str] | None = None
    cycle: str | None = None
    published: bool = False

    @classmethod
    def of(cls, agency: str | None, cycle: str | None) -> Self:
        """The filter for one agency, or for all when None."""
        return cls(_agencies(agency), cycle)


def require_visible_score(score: Score | None, caller: Caller) -> Score:
    """The score, for the ministry, and that of its own self-assessment for an agency; raises NotFound."""
    if score and (caller.has("ministry") or (score.basis.stage == SELF and _is_own(score, caller))):
        return score
    raise NotFound("There is no such score, or none that you may know of.")


def require_visible_result(result: Result | None, caller: Caller) -> Result:
    """The result, for the ministry, and its own published one for an agency; raises NotFound.

    Who decided stands in its receipt; the notes that went with it are for the ministry only.
    """
    if result and caller.has("ministry"):
        return result
    if result and result.published_at and _is_own(result.score, caller):
        return replace(result, decisions=tuple(replace(taken, note=None) for taken in result.decisions))
    raise NotFound("There is no such result, or none that you may know of.")


def require_own_result(result: Result | None, caller: Caller) -> Result:
    """The published result of the caller's own agency, as everybody may see it; raises NotFound, for officers too."""
    if result and result.published_at and _is_own(result.score, caller):
        return require_published(result)
    raise NotFound("There is no such result of your agency, or it is not published yet.")


def visible_scores(wanted: ScoreFilter, caller: Caller) -> ScoreFilter:
    """The part of a list of scores that the caller may see."""
    if caller.has("ministry"):
        return wanted
    if wanted.stage not in (None, SELF):
        return replace(wanted, agencies=frozenset())
    return replace(wanted, stage=SELF, agencies=_visible_agencies(wanted.agencies, caller))


def visible_results(wanted: ResultFilter, caller: Caller) -> ResultFilter:
    """The part of a list of results that the caller may see."""
    if caller.has("ministry"):
        return wanted
    return replace(wanted, published=True, agencies=_visible_agencies(wanted.agencies, caller))


def _agencies(agency: str | None) -> frozenset[str] | None:
    return None if agency is None else frozenset([agency])


def _visible_agencies(wanted: frozenset[str] | None, caller: Caller) -> frozenset[str]:
    own = caller.agencies(*AGENCY_ROLES)
    return own if wanted is None else own & wanted


def _is_own(score: Score, caller: Caller) -> bool:
    return caller.has(*AGENCY_ROLES, agency=score.basis.agency)
