"""Setting many things from a file: first what that would do is kept and shown, then exactly that is done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from services.intake import store
from services.intake.commands.registry import set_agency
from services.intake.domain import Agency
from services.intake.domain.imports import (
    AGENCIES,
    Entity,
    Import,
    ImportResult,
    ImportRow,
    ReadRow,
    Source,
    import_id,
    rows_to_set,
    shown,
    weighed,
)
from services.intake.domain.registry import settled_agency
from services.intake.store import imports
from shared.storage.transaction import Transaction

T = TypeVar("T", bound=Entity)


def preview_agencies(tx: Transaction, source: Source, read: Sequence[ReadRow[Agency]]) -> Import[Agency]:
    """Say what a list of agencies would set; nothing of it is set yet."""
    stored = store.load_agencies(tx, [row.wanted.id for row in read if row.wanted])
    return _keep(tx, import_id(AGENCIES, tx.caller), source, weighed(read, stored, settled_agency))


def apply_agencies(tx: Transaction, token: str) -> ImportResult:
    """Set exactly the agencies that the preview showed; again changes nothing."""

    def load(found: Import[Agency]) -> Mapping[str, Agency]:
        return store.load_agencies(tx, [agency.id for agency in found.wanted])

    found = shown(imports.find_import(tx, Import[Agency], import_id(AGENCIES, tx.caller)), token)
    return _apply(tx, found, load, lambda row, wanted: set_agency(tx, wanted, wanted.rev))


def _keep(tx: Transaction, id: str, source: Source, rows: tuple[ImportRow[T], ...]) -> Import[T]:
    made = Import(id, tx.new_id(), source, tx.now, rows)
    tx.audit(f"import:{id}", "import.previewed", token=made.token, rows=len(rows))
    return imports.save_import(tx, made)


def _apply(
    tx: Transaction,
    found: Import[T],
    load: Callable[[Import[T]], Mapping[str, T]],
    set_one: Callable[[ImportRow[T], T], object],
) -> ImportResult:
    if found.result:
        return found.result
    changing = rows_to_set(found, load(found))
    for row in changing:
        assert row.wanted is not None
        set_one(row, row.wanted)
    result = ImportResult(len(changing), len(found.rows) - len(changing))
    tx.audit(f"import:{found.id}", "import.applied", token=found.token, set=result.set)
    imports.save_import(tx, replace(found, result=result))
    return result
