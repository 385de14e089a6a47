"""What can be asked of scoring."""

from services.scoring.queries.cases import (
    CaseView,
    DecisionView,
    ScoredRound,
    find_scored_round,
    get_case,
    look_ahead,
)
from services.scoring.queries.own import OwnResult, get_own_result, list_own_years
from services.scoring.queries.publications import (
    PublishedResult,
    PublishedRound,
    PublishedYears,
    find_published_round,
    get_published_receipt,
    get_published_result,
    get_published_years,
)
from services.scoring.queries.results import get_receipt, get_result, list_results
from services.scoring.queries.scores import get_score, list_score_ids, list_scores, recheck

__all__ = [
    "CaseView",
    "DecisionView",
    "OwnResult",
    "PublishedResult",
    "PublishedRound",
    "PublishedYears",
    "ScoredRound",
    "find_published_round",
    "find_scored_round",
    "get_case",
    "get_own_result",
    "get_published_receipt",
    "get_published_result",
    "get_published_years",
    "get_receipt",
    "get_result",
    "get_score",
    "list_own_years",
    "list_results",
    "list_score_ids",
    "list_scores",
    "look_ahead",
    "recheck",
]
