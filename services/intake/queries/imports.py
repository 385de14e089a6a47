"""What one's last imports would do, or did."""

from services.intake.domain import Agency
from services.intake.domain.import_kinds import AGENCIES, PARTICIPATIONS, PEOPLE
from services.intake.domain.joining import TakingPart
from services.intake.domain.memberships import Membership
from shared.core.imports import (
    Import,
    import_id,
    shown,
)
from shared.core.people import Caller
from shared.storage import imports
from shared.storage.reader import Reader


def get_agencies_import(reader: Reader, caller: Caller, token: str) -> Import[Agency]:
    """What one's last import of agencies would do, or did; NotFound when that is another one."""
    return shown(imports.find_import(reader, Import[Agency], import_id(AGENCIES, caller)), token)


def get_participations_import(reader: Reader, caller: Caller, cycle: str, token: str) -> Import[TakingPart]:
    """What one's last import of those who take part in a cycle would do, or did; NotFound when that is another one."""
    id = import_id(f"{PARTICIPATIONS}.{cycle}", caller)
    return shown(imports.find_import(reader, Import[TakingPart], id), token)


def get_people_import(reader: Reader, caller: Caller, token: str) -> Import[Membership]:
    """What one's last import of roles would do, or did; NotFound when that is another one."""
    return shown(imports.find_import(reader, Import[Membership], import_id(PEOPLE, caller)), token)
