"""What the doors of review read and write as JSON."""

from services.review.schemas.assessors import AppointmentInput, AssessorSchema, ConflictsInput
from services.review.schemas.cases import CaseDetailSchema, CaseQuery, CaseSchema, LinkSchema
from services.review.schemas.leases import LeaseInput, LeaseSchema, ReleaseInput
from services.review.schemas.ratings import RatingInput, SavedRatingSchema
from services.review.schemas.tasks import MarkedTaskSchema, MarksInput, TaskQuery, TaskSchema

__all__ = [
    "AppointmentInput",
    "AssessorSchema",
    "CaseDetailSchema",
    "CaseQuery",
    "CaseSchema",
    "ConflictsInput",
    "LeaseInput",
    "LeaseSchema",
    "LinkSchema",
    "MarkedTaskSchema",
    "MarksInput",
    "RatingInput",
    "ReleaseInput",
    "SavedRatingSchema",
    "TaskQuery",
    "TaskSchema",
]
