"""What intake does: each function is one command, run in one transaction by its caller."""

from services.intake.commands.answers import (
    patch_answers,
    save_answer,
)
from services.intake.commands.clarifications import (
    note_asked,
    note_withdrawn,
    save_clarification_answer,
    send_clarification_answer,
)
from services.intake.commands.comments import add_comment, mark_comment, withdraw_comment
from services.intake.commands.completing import (
    complete_overdue,
    file_arrived,
    open_explanations,
)
from services.intake.commands.editions import (
    load_edition,
    publish_edition,
)
from services.intake.commands.evidence import (
    begin_upload,
    end_upload,
    expire_upload,
    finish_upload,
    receive_upload,
    record_opening,
)
from services.intake.commands.imports import (
    apply_agencies,
    apply_participations,
    apply_people,
    preview_agencies,
    preview_participations,
    preview_people,
)
from services.intake.commands.indices import apply_indices, preview_indices, set_index
from services.intake.commands.invitations import accept_invitation, invite, revoke_invitation
from services.intake.commands.presence import (
    note_presence,
)
from services.intake.commands.profiles import set_profile
from services.intake.commands.progress import (
    note_approval,
    note_claimed_task,
    note_ended_claim,
    note_result,
    note_review_end,
    note_score,
    note_stage,
)
from services.intake.commands.registry import (
    confirm_person,
    grant,
    import_agencies,
    set_agency,
    set_person,
)
from services.intake.commands.revocations import confirm_revocation, propose_revocation
from services.intake.commands.rounds import (
    extend,
    extend_several,
    open_cycle,
    set_cycle,
    set_participation,
)
from services.intake.commands.sealing import (
    seal,
)
from services.intake.commands.sessions import (
    begin_session,
    end_over_session,
    end_session,
    note_deed,
)
from services.intake.commands.ticks import (
    set_ticks,
)
from services.intake.commands.unlinking import (
    delete_blob,
    delete_orphan,
    discount_orphan,
    release_file,
    take_file_back,
    unlink_file,
)

__all__ = [
    "accept_invitation",
    "add_comment",
    "apply_agencies",
    "apply_indices",
    "apply_participations",
    "apply_people",
    "begin_session",
    "begin_upload",
    "complete_overdue",
    "confirm_person",
    "confirm_revocation",
    "delete_blob",
    "delete_orphan",
    "discount_orphan",
    "end_over_session",
    "end_session",
    "end_upload",
    "expire_upload",
    "extend",
    "extend_several",
    "file_arrived",
    "finish_upload",
    "grant",
    "import_agencies",
    "invite",
    "load_edition",
    "mark_comment",
    "note_approval",
    "note_asked",
    "note_claimed_task",
    "note_deed",
    "note_ended_claim",
    "note_presence",
    "note_result",
    "note_review_end",
    "note_score",
    "note_stage",
    "note_withdrawn",
    "open_cycle",
    "open_explanations",
    "patch_answers",
    "preview_agencies",
    "preview_indices",
    "preview_participations",
    "preview_people",
    "propose_revocation",
    "publish_edition",
    "receive_upload",
    "record_opening",
    "release_file",
    "revoke_invitation",
    "save_answer",
    "save_clarification_answer",
    "seal",
    "send_clarification_answer",
    "set_agency",
    "set_cycle",
    "set_index",
    "set_participation",
    "set_person",
    "set_profile",
    "set_ticks",
    "take_file_back",
    "unlink_file",
    "withdraw_comment",
]
