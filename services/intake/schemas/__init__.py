"""What the doors of intake read and write as JSON."""

from services.intake.schemas.agencies_csv import agency_rows
from services.intake.schemas.answers import AnswerBody, AnswerSchema, SelfAssessmentSchema
from services.intake.schemas.parts import AGENCY_ID, CYCLE_ID, PERSON_ID
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
    ProofQuery,
    ProofSchema,
    SubmissionSchema,
    WordsQuery,
    WordsSchema,
)

__all__ = [
    "AGENCY_ID",
    "CYCLE_ID",
    "PERSON_ID",
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
    "ImportedSchema",
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
    "WordsQuery",
    "WordsSchema",
    "agency_rows",
]
