"""What intake reads and writes as JSON: …Input is sent, …Query stands in an address, …Schema is answered."""

from services.intake.schemas.agencies_csv import (
    agency_rows,
)
from services.intake.schemas.answers import (
    AnswerInput,
    AnswerSchema,
    SelfAssessmentSchema,
)
from services.intake.schemas.evidence import (
    FileSchema,
)
from services.intake.schemas.registry import (
    AgencyInput,
    AgencySchema,
    EditionContentSchema,
    EditionInput,
    EditionSchema,
    ImportedSchema,
    PersonInput,
    PersonSchema,
)
from services.intake.schemas.rounds import (
    CycleInput,
    CycleSchema,
    ExtensionInput,
    ParticipationInput,
    ParticipationQuery,
    ParticipationSchema,
)
from services.intake.schemas.sealing import (
    SealedSchema,
    SealInput,
)
from services.intake.schemas.submissions import (
    ExplanationsSchema,
    LinkQuery,
    ProofQuery,
    ProofSchema,
    SubmissionSchema,
)

__all__ = [
    "AgencyInput",
    "AgencySchema",
    "AnswerInput",
    "AnswerSchema",
    "CycleInput",
    "CycleSchema",
    "EditionContentSchema",
    "EditionInput",
    "EditionSchema",
    "ExplanationsSchema",
    "ExtensionInput",
    "FileSchema",
    "ImportedSchema",
    "LinkQuery",
    "ParticipationInput",
    "ParticipationQuery",
    "ParticipationSchema",
    "PersonInput",
    "PersonSchema",
    "ProofQuery",
    "ProofSchema",
    "SealInput",
    "SealedSchema",
    "SelfAssessmentSchema",
    "SubmissionSchema",
    "agency_rows",
]
