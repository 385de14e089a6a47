"""What can be asked of intake; what is another agency's is never there."""

from services.intake.queries.assessments import (
    answer_versions,
    edition,
    editions,
    many,
    one,
    overdue,
    participation,
    participations,
    proof,
    self_assessment,
    submission,
    submission_words,
    upload_rules,
    with_words,
)
from services.intake.queries.evidence import (
    File,
    get_linked_file,
    get_own_file,
    get_upload,
    list_files,
)

__all__ = [
    "File",
    "answer_versions",
    "edition",
    "editions",
    "get_linked_file",
    "get_own_file",
    "get_upload",
    "list_files",
    "many",
    "one",
    "overdue",
    "participation",
    "participations",
    "proof",
    "self_assessment",
    "submission",
    "submission_words",
    "upload_rules",
    "with_words",
]
