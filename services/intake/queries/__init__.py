"""What can be asked of intake; what is another agency's is never there."""

from services.intake.queries.assessments import (
    get_edition,
    get_entity,
    get_participation,
    get_proof,
    get_self_assessment,
    get_submission,
    get_submission_view,
    get_upload_rules,
    list_answer_versions,
    list_editions,
    list_entities,
    list_overdue,
    list_participations,
)
from services.intake.queries.evidence import (
    get_linked_file,
    get_own_file,
    get_upload,
    list_files,
)

__all__ = [
    "get_edition",
    "get_entity",
    "get_linked_file",
    "get_own_file",
    "get_participation",
    "get_proof",
    "get_self_assessment",
    "get_submission",
    "get_submission_view",
    "get_upload",
    "get_upload_rules",
    "list_answer_versions",
    "list_editions",
    "list_entities",
    "list_files",
    "list_overdue",
    "list_participations",
]
