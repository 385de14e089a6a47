"""What comes in and goes out over HTTP."""

from services.review.schemas.given import (
    AssessorSchema,
    CaseSchema,
    CaseViewSchema,
    LeaseSchema,
    LinkSchema,
    MarkedSchema,
    SavedSchema,
    TaskSchema,
)
from services.review.schemas.sent import (
    AppointmentSchema,
    CaseQuery,
    ConflictsSchema,
    FenceSchema,
    MarksSchema,
    RatingSchema,
    ReleaseSchema,
    TaskQuery,
)

__all__ = [
    "AppointmentSchema",
    "AssessorSchema",
    "CaseQuery",
    "CaseSchema",
    "CaseViewSchema",
    "ConflictsSchema",
    "FenceSchema",
    "LeaseSchema",
    "LinkSchema",
    "MarkedSchema",
    "MarksSchema",
    "RatingSchema",
    "ReleaseSchema",
    "SavedSchema",
    "TaskQuery",
    "TaskSchema",
]
