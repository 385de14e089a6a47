"""How review's values are kept: documents here, frozen values of the domain everywhere else."""

from services.review.store.assessors import (
    find_assessor,
    find_assessor_by_token,
    find_caller_assessor,
    list_assessors,
    save_assessor,
    save_person,
)
from services.review.store.cases import (
    add_completed_stage,
    add_material,
    find_case,
    find_cases,
    find_last_stage,
    list_cases,
    list_completed_stages,
    require_case,
    require_material,
    save_case,
)
from services.review.store.clarifications import (
    find_clarification,
    list_clarifications,
    save_clarification,
)
from services.review.store.indexes import INDEXES, RIGHTS
from services.review.store.ratings import (
    add_ratings,
    find_versions,
    list_drafts,
    list_ratings,
)
from services.review.store.replicas import (
    agency_names,
    known_agencies,
    require_agency,
    require_edition,
    require_participation,
)
from services.review.store.tasks import (
    find_held_task,
    find_marks,
    find_task,
    list_claimed_tasks,
    list_expired_tasks,
    list_tasks,
    save_marks,
    save_task,
)

__all__ = [
    "INDEXES",
    "RIGHTS",
    "add_completed_stage",
    "add_material",
    "add_ratings",
    "agency_names",
    "find_assessor",
    "find_assessor_by_token",
    "find_caller_assessor",
    "find_case",
    "find_cases",
    "find_clarification",
    "find_held_task",
    "find_last_stage",
    "find_marks",
    "find_task",
    "find_versions",
    "known_agencies",
    "list_assessors",
    "list_cases",
    "list_claimed_tasks",
    "list_clarifications",
    "list_completed_stages",
    "list_drafts",
    "list_expired_tasks",
    "list_ratings",
    "list_tasks",
    "require_agency",
    "require_case",
    "require_edition",
    "require_material",
    "require_participation",
    "save_assessor",
    "save_case",
    "save_clarification",
    "save_marks",
    "save_person",
    "save_task",
]
