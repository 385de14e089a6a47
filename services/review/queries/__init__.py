"""What can be asked of review."""

from services.review.queries.assessors import get_assessor, list_assessors
from services.review.queries.bench import Desk, Work, get_desk, get_work
from services.review.queries.cases import get_case, list_cases
from services.review.queries.queue import QueuedTask, get_queue
from services.review.queries.roster import Standing
from services.review.queries.tasks import list_expired_tasks, list_tasks
from services.review.queries.words import WordsView, get_words

__all__ = [
    "Desk",
    "QueuedTask",
    "Standing",
    "WordsView",
    "Work",
    "get_assessor",
    "get_case",
    "get_desk",
    "get_queue",
    "get_words",
    "get_work",
    "list_assessors",
    "list_cases",
    "list_expired_tasks",
    "list_tasks",
]
