"""What can be looked at in scoring."""

from services.scoring.queries.results import get_receipt, get_result, list_results
from services.scoring.queries.scores import get_score, list_score_ids, list_scores, recheck

__all__ = [
    "get_receipt",
    "get_result",
    "get_score",
    "list_results",
    "list_score_ids",
    "list_scores",
    "recheck",
]
