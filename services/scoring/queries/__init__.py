"""What can be asked of scoring."""

from services.scoring.queries.publications import (
    PublishedResult,
    PublishedRound,
    find_published_round,
    get_published_receipt,
    get_published_result,
)
from services.scoring.queries.results import get_receipt, get_result, list_results
from services.scoring.queries.scores import get_score, list_score_ids, list_scores, recheck

__all__ = [
    "PublishedResult",
    "PublishedRound",
    "find_published_round",
    "get_published_receipt",
    "get_published_result",
    "get_receipt",
    "get_result",
    "get_score",
    "list_results",
    "list_score_ids",
    "list_scores",
    "recheck",
]
