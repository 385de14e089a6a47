"""What intake does: one function, one transaction."""

from services.intake.commands.answers import (
    save_answer,
)
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
    delete_blob,
    delete_orphan,
    end_upload,
    expire_upload,
    finish_upload,
    record_opening,
    unlink_file,
)
from services.intake.commands.progress import (
    note_result,
    note_stage,
)
from services.intake.commands.registry import (
    grant,
    import_agencies,
    set_agency,
    set_person,
)
from services.intake.commands.rounds import (
    extend,
    open_cycle,
    set_cycle,
    set_participation,
)
from services.intake.commands.sealing import (
    seal,
)

__all__ = [
    "begin_upload",
    "complete_overdue",
    "delete_blob",
    "delete_orphan",
    "end_upload",
    "expire_upload",
    "extend",
    "file_arrived",
    "finish_upload",
    "grant",
    "import_agencies",
    "load_edition",
    "note_result",
    "note_stage",
    "open_cycle",
    "open_explanations",
    "publish_edition",
    "record_opening",
    "save_answer",
    "seal",
    "set_agency",
    "set_cycle",
    "set_participation",
    "set_person",
    "unlink_file",
]
