"""How scoring's values are kept: documents here, frozen values of the domain everywhere else."""

from services.scoring.store.cases import find_scores, list_cases
from services.scoring.store.indexes import INDEXES, RIGHTS
from services.scoring.store.publications import (
    find_cycles,
    list_publications,
    list_published_cycles,
    list_scored_cycles,
    list_years,
)
from services.scoring.store.replicas import (
    find_agency_name,
    find_cycle_opening,
    find_instrument,
    find_officer_names,
    list_held_roles,
    require_agency_name,
    require_assessor,
    require_instrument,
)
from services.scoring.store.results import find_result, find_results, list_results, save_result
from services.scoring.store.scores import add_score, find_rows, find_score, list_scores

__all__ = [
    "INDEXES",
    "RIGHTS",
    "add_score",
    "find_agency_name",
    "find_cycle_opening",
    "find_cycles",
    "find_instrument",
    "find_officer_names",
    "find_result",
    "find_results",
    "find_rows",
    "find_score",
    "find_scores",
    "list_cases",
    "list_held_roles",
    "list_publications",
    "list_published_cycles",
    "list_results",
    "list_scored_cycles",
    "list_scores",
    "list_years",
    "require_agency_name",
    "require_assessor",
    "require_instrument",
    "save_result",
]
