"""What can be looked at in review."""

from services.review.queries.assessors import get_assessor, list_assessors
from services.review.queries.cases import get_case, list_cases
from services.review.queries.tasks import list_expired_tasks, list_tasks

__all__ = [
    "get_assessor",
    "get_case",
    "list_assessors",
    "list_cases",
    "list_expired_tasks",
    "list_tasks",
]
