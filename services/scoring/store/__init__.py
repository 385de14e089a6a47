"""How scoring's values are kept: documents here, frozen values of the domain everywhere else."""

from services.scoring.store.indexes import INDEXES
from services.scoring.store.replicas import (
    find_instrument,
    require_agency_name,
    require_instrument,
    save_replica,
)
from services.scoring.store.results import find_result, list_results, save_result
from services.scoring.store.scores import add_score, find_rows, find_score, list_scores

__all__ = [
    "INDEXES",
    "add_score",
    "find_instrument",
    "find_result",
    "find_rows",
    "find_score",
    "list_results",
    "list_scores",
    "require_agency_name",
    "require_instrument",
    "save_replica",
    "save_result",
]
