"""What the doors of intake read and write as JSON."""

from services.intake.schemas.agencies_csv import agency_rows
from services.intake.schemas.answers import AnswerBody, AnswerSchema, SelfAssessmentSchema
from services.intake.schemas.evidence import FileSchema
from services.intake.schemas.registry import (
    AgencyBody,
    AgencySchema,
    EditionDetail,
    EditionSchema,
    EditionText,
    ImportedSchema,
    PersonBody,
    PersonSchema,
)
from services.intake.schemas.rounds import (
    CycleBody,
    CycleSchema,
    ExtensionBody,
    ParticipationBody,
    ParticipationQuery,
    ParticipationSchema,
)
from services.intake.schemas.sealing import SealedSchema, SealSchema
from services.intake.schemas.submissions import (
    LinkQuery,
    ProofQuery,
    ProofSchema,
    SubmissionSchema,
    WordsSchema,
)

__all__ = [
    "AgencyBody",
    "AgencySchema",
    "AnswerBody",
    "AnswerSchema",
    "CycleBody",
    "CycleSchema",
    "EditionDetail",
    "EditionSchema",
    "EditionText",
    "ExtensionBody",
    "FileSchema",
    "ImportedSchema",
    "LinkQuery",
    "ParticipationBody",
    "ParticipationQuery",
    "ParticipationSchema",
    "PersonBody",
    "PersonSchema",
    "ProofQuery",
    "ProofSchema",
    "SealSchema",
    "SealedSchema",
    "SelfAssessmentSchema",
    "SubmissionSchema",
    "WordsSchema",
    "agency_rows",
]
