"""What intake reads and writes as JSON: …Input is sent, …Query stands in an address, …Schema is answered."""

from services.intake.schemas.agencies_csv import (
    agency_rows,
)
from services.intake.schemas.answers import (
    AnswerInput,
    AnswerSchema,
    SelfAssessmentSchema,
)
from services.intake.schemas.clarifications import (
    ClarificationAnswerInput,
    ClarificationAnswerSchema,
    ClarificationSchema,
)
from services.intake.schemas.comments import CommentInput, CommentMarkInput, CommentSchema, CommentsQuery
from services.intake.schemas.evidence import (
    FileSchema,
    UploadSchema,
)
from services.intake.schemas.failures import UploadFailureInput
from services.intake.schemas.invitations import (
    AcceptInput,
    InvitationInput,
    InvitationSchema,
    InvitationsQuery,
    NewInvitationSchema,
)
from services.intake.schemas.overview import (
    EarlierOrNoneSchema,
    ProgressSchema,
    ReadinessSchema,
)
from services.intake.schemas.page_images import FoundTextSchema, PageImageQuery, TextQuery
from services.intake.schemas.patches import (
    PatchesInput,
    PatchOutcomesSchema,
)
from services.intake.schemas.profiles import OwnDataSchema, ProfileInput, ProfileSchema
from services.intake.schemas.registry import (
    AgenciesQuery,
    AgencyInput,
    AgencyRowInput,
    AgencySchema,
    EditionContentSchema,
    EditionInput,
    EditionSchema,
    PeopleQuery,
    PersonInput,
    PersonSchema,
)
from services.intake.schemas.rounds import (
    CountsSchema,
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
from services.intake.schemas.search import FoundSchema, SearchQuery
from services.intake.schemas.session import RenewalInput, SessionSchema
from services.intake.schemas.submissions import (
    ExplanationsSchema,
    LinkQuery,
    ProofQuery,
    ProofSchema,
    SubmissionSchema,
)
from services.intake.schemas.together import (
    ActsSchema,
    PresenceInput,
    PresentSchema,
    TeamSchema,
    TicksInput,
    TicksSchema,
)

__all__ = [
    "AcceptInput",
    "ActsSchema",
    "AgenciesQuery",
    "AgencyInput",
    "AgencyRowInput",
    "AgencySchema",
    "AnswerInput",
    "AnswerSchema",
    "ClarificationAnswerInput",
    "ClarificationAnswerSchema",
    "ClarificationSchema",
    "CommentInput",
    "CommentMarkInput",
    "CommentSchema",
    "CommentsQuery",
    "CountsSchema",
    "CycleInput",
    "CycleSchema",
    "EarlierOrNoneSchema",
    "EditionContentSchema",
    "EditionInput",
    "EditionSchema",
    "ExplanationsSchema",
    "ExtensionInput",
    "FileSchema",
    "FoundSchema",
    "FoundTextSchema",
    "InvitationInput",
    "InvitationSchema",
    "InvitationsQuery",
    "LinkQuery",
    "NewInvitationSchema",
    "OwnDataSchema",
    "PageImageQuery",
    "ParticipationInput",
    "ParticipationQuery",
    "ParticipationSchema",
    "PatchOutcomesSchema",
    "PatchesInput",
    "PeopleQuery",
    "PersonInput",
    "PersonSchema",
    "PresenceInput",
    "PresentSchema",
    "ProfileInput",
    "ProfileSchema",
    "ProgressSchema",
    "ProofQuery",
    "ProofSchema",
    "ReadinessSchema",
    "RenewalInput",
    "SealInput",
    "SealedSchema",
    "SearchQuery",
    "SelfAssessmentSchema",
    "SessionSchema",
    "SubmissionSchema",
    "TeamSchema",
    "TextQuery",
    "TicksInput",
    "TicksSchema",
    "UploadFailureInput",
    "UploadSchema",
    "agency_rows",
]
