"""What can be asked of intake."""

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
    list_people,
)
from services.intake.queries.clarifications import get_asked, get_clarification, list_clarifications
from services.intake.queries.comments import discussion_of, list_comments
from services.intake.queries.directory import get_directory, list_names_of_agencies
from services.intake.queries.evidence import (
    LinkedFile,
    get_inspecting,
    get_linked_file,
    get_own_file,
    get_upload,
    list_files,
    list_uploads,
)
from services.intake.queries.invitations import get_invitation, list_invitations, list_proposed
from services.intake.queries.overview import get_earlier, get_progress, get_readiness
from services.intake.queries.profiles import get_own_data, get_profile
from services.intake.queries.revocations import list_revocations
from services.intake.queries.search import find_all
from services.intake.queries.sessions import find_going_on, find_id
from services.intake.queries.together import check_presence, get_acts, get_team, list_present, shown_names

__all__ = [
    "LinkedFile",
    "check_presence",
    "discussion_of",
    "find_all",
    "find_going_on",
    "find_id",
    "get_acts",
    "get_asked",
    "get_clarification",
    "get_directory",
    "get_earlier",
    "get_edition",
    "get_entity",
    "get_inspecting",
    "get_invitation",
    "get_linked_file",
    "get_own_data",
    "get_own_file",
    "get_participation",
    "get_profile",
    "get_progress",
    "get_proof",
    "get_readiness",
    "get_self_assessment",
    "get_submission",
    "get_submission_view",
    "get_team",
    "get_upload",
    "get_upload_rules",
    "list_answer_versions",
    "list_clarifications",
    "list_comments",
    "list_editions",
    "list_entities",
    "list_files",
    "list_invitations",
    "list_names_of_agencies",
    "list_overdue",
    "list_participations",
    "list_people",
    "list_present",
    "list_proposed",
    "list_revocations",
    "list_uploads",
    "shown_names",
]
