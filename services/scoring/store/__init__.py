"""How scoring's values are kept: documents here, frozen values of the domain everywhere else."""

from services.scoring.store.indexes import INDEXES, RIGHTS
from services.scoring.store.publications import list_publications, list_published_cycles
from services.scoring.store.replicas import (
    find_cycle_opening,
    find_instrument,
    list_held_roles,
    require_agency_name,
    require_assessor,
    require_instrument,
)
from services.scoring.store.results import find_result, list_results, save_result
from services.scoring.store.scores import add_score, find_rows, find_score, list_scores

__all__ = [
    "INDEXES",
    "RIGHTS",
    "add_score",
    "find_cycle_opening",
    "find_instrument",
    "find_result",
    "find_rows",
    "find_score",
    "list_held_roles",
    "list_publications",
    "list_published_cycles",
    "list_results",
    "list_scores",
    "require_agency_name",
    "require_assessor",
    "require_instrument",
    "save_result",
]
