"""What review reads and writes as JSON: …Input is sent, …Query stands in an address, …Schema is answered."""

from services.review.schemas.assessors import (
    AppointmentForm,
    AppointmentInput,
    AssessorSchema,
    ConflictsInput,
    DeclarationInput,
    TakeBackInput,
)
from services.review.schemas.cases import CaseDetailSchema, CaseQuery, CaseSchema, LinkSchema
from services.review.schemas.clarifications import ClarificationSchema
from services.review.schemas.leases import LeaseInput, LeaseSchema, ReleaseInput
from services.review.schemas.patches import RatingOutcomesSchema, RatingPatchesInput
from services.review.schemas.ratings import RatingInput, SavedRatingSchema
from services.review.schemas.tasks import MarkedTaskSchema, MarksInput, QuestionInput, TaskQuery, TaskSchema

__all__ = [
    "AppointmentForm",
    "AppointmentInput",
    "AssessorSchema",
    "CaseDetailSchema",
    "CaseQuery",
    "CaseSchema",
    "ClarificationSchema",
    "ConflictsInput",
    "DeclarationInput",
    "LeaseInput",
    "LeaseSchema",
    "LinkSchema",
    "MarkedTaskSchema",
    "MarksInput",
    "QuestionInput",
    "RatingInput",
    "RatingOutcomesSchema",
    "RatingPatchesInput",
    "ReleaseInput",
    "SavedRatingSchema",
    "TakeBackInput",
    "TaskQuery",
    "TaskSchema",
]
