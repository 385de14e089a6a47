"""Setting many things from a file: first what that would do is kept and shown, then exactly that is done."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from services.intake import domain, store
from services.intake.commands.registry import give_roles, set_agency
from services.intake.commands.rounds import set_participation
from services.intake.domain import Agency, Cycle, EditionRecord
from services.intake.domain.import_kinds import AGENCIES, PARTICIPATIONS, PEOPLE
from services.intake.domain.joining import Joining, TakingPart
from services.intake.domain.memberships import Membership, Staff, ids_of
from services.intake.domain.registry import settled_agency
from services.intake.store.participations import load_participations
from shared.core.imports import (
    Entity,
    Import,
    ImportResult,
    ImportRow,
    ReadRow,
    Source,
    import_id,
    rows_to_set,
    shown,
    wanted_of,
    weighed,
)
from shared.storage import imports
from shared.storage.transaction import Transaction
from shared.storage.versions import EVERY

T = TypeVar("T", bound=Entity)


def preview_agencies(tx: Transaction, source: Source, read: Sequence[ReadRow[Agency]]) -> Import[Agency]:
    """Say what a list of agencies would set; nothing of it is set yet."""
    stored = store.load_agencies(tx, [one.id for one in wanted_of(read)])
    return keep_preview(tx, import_id(AGENCIES, tx.caller), source, weighed(read, stored, settled_agency))


def apply_agencies(tx: Transaction, token: str) -> ImportResult:
    """Set exactly the agencies that the preview showed; again changes nothing."""
    found = shown(imports.find_import(tx, Import[Agency], import_id(AGENCIES, tx.caller)), token)
    if found.result:
        return found.result
    stored = store.load_agencies(tx, [agency.id for agency in found.wanted])
    changing = rows_to_set(found, stored)
    for agency in wanted_of(changing):
        set_agency(tx, agency, agency.rev)
    return note_applied(tx, found, len(changing))


def preview_participations(
    tx: Transaction, cycle: str, source: Source, read: Sequence[ReadRow[TakingPart]]
) -> Import[TakingPart]:
    """Say what a list of those who take part in a cycle would set; nothing of it is set yet. NotFound."""
    joining = _joining(tx, cycle, wanted_of(read))
    rows = weighed(read, joining.stored, joining.settled)
    return keep_preview(tx, import_id(f"{PARTICIPATIONS}.{cycle}", tx.caller), source, rows)


def apply_participations(tx: Transaction, cycle: str, token: str) -> ImportResult:
    """Have exactly those take part, as the preview showed it; again changes nothing."""
    id = import_id(f"{PARTICIPATIONS}.{cycle}", tx.caller)
    found = shown(imports.find_import(tx, Import[TakingPart], id), token)
    if found.result:
        return found.result
    changing = rows_to_set(found, _joining(tx, cycle, found.wanted).stored)
    for row in changing:
        assert row.wanted is not None
        # What was shown is so still; which version that is, after what others did beside it, says nothing.
        set_participation(tx, row.wanted.participation, EVERY if row.before else 0)
    return note_applied(tx, found, len(changing))


def preview_people(
    tx: Transaction, source: Source, read: Sequence[ReadRow[Membership]]
) -> Import[Membership]:
    """Say which roles at agencies a list would give; nothing of it is given yet."""
    staff = _staff(tx, wanted_of(read))
    return keep_preview(tx, import_id(PEOPLE, tx.caller), source, weighed(read, staff.stored, staff.settled))


def apply_people(tx: Transaction, token: str) -> ImportResult:
    """Give exactly the roles that the preview showed; again changes nothing."""
    found = shown(imports.find_import(tx, Import[Membership], import_id(PEOPLE, tx.caller)), token)
    if found.result:
        return found.result
    staff = _staff(tx, found.wanted)
    changing = rows_to_set(found, staff.stored)
    give_roles(tx, staff.people, wanted_of(changing))
    return note_applied(tx, found, len(changing))


def _joining(tx: Transaction, id: str, wanted: Sequence[TakingPart]) -> Joining:
    cycle = domain.existing(store.find(tx, Cycle, id), f"cycle {id}")
    edition = store.get_edition(tx, store.require(tx, EditionRecord, cycle.edition))
    taking_part = load_participations(tx, [one.id for one in wanted])
    return Joining(
        cycle, edition, taking_part, store.load_agencies(tx, [one.agency for one in wanted]), tx.now
    )


def _staff(tx: Transaction, wanted: Sequence[Membership]) -> Staff:
    subjects = {one.subject for one in wanted}
    people = store.find_people(tx, tx.caller.issuer, subjects)
    ids = ids_of(subjects, people, tx.caller.issuer)
    tx.load("people", ids)
    tx.load("heads", [f"person:{id}" for id in ids])
    agencies = store.load_agencies(tx, [one.agency for one in wanted])
    return Staff(people, agencies.keys(), tx.caller)


def keep_preview(tx: Transaction, id: str, source: Source, rows: tuple[ImportRow[T], ...]) -> Import[T]:
    """Keep what an import would do, in the place of the last one of its kind."""
    made = Import(id, tx.new_id(), source, tx.now, rows)
    tx.audit(f"import:{id}", "import.previewed", token=made.token, rows=len(rows))
    return imports.save_import(tx, made)


def note_applied(tx: Transaction, found: Import[T], set: int) -> ImportResult:
    """Note that an import set so many of its rows."""
    result = ImportResult(set, len(found.rows) - set)
    tx.audit(f"import:{found.id}", "import.applied", token=found.token, set=set)
    imports.save_import(tx, replace(found, result=result))
    return result
